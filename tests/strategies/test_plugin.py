"""What a plug-in raises is told in one line, with the name that was meant where that is ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omnilab.strategy import Choices, Events, Plan
from omnilab.strategy.plugin import told


def _raised(function: Callable[[], Any]) -> str:
    with pytest.raises((TypeError, AttributeError)) as caught:
        function()
    return told(caught.value)


def test_a_misspelt_argument_of_ours_is_told_with_the_right_one() -> None:
    given: Any = {"sends": [True]}
    assert "'sends' (did you mean 'send'?)" in _raised(lambda: Choices(**given))
    given = {"journies": ()}
    assert "'journies' (did you mean 'journeys'?)" in _raised(lambda: Plan(**given))


def test_a_misspelt_attribute_of_ours_is_told_with_the_right_one() -> None:
    events: Any = Events(*([0],) * 7, (), ("web",))  # type: ignore[arg-type]
    assert "'mesage_id' (did you mean 'message_id'?)" in _raised(lambda: events.mesage_id)


def test_others_are_not_looked_into() -> None:
    class Odd:
        sound = 1

        def __dir__(self) -> list[str]:
            raise SystemExit(3)

    odd: Any = Odd()
    assert "did you mean" not in _raised(lambda: odd.soun)
    given: Any = {"soun": 1}
    assert "did you mean" not in _raised(lambda: Odd(**given))
