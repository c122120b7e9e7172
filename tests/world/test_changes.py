"""Dated changes: whom they change, from when on, and what is shut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError
from omnilab.lowering.changes import lower_changes
from omnilab.world import changes, choice
from omnilab.world.changes import CHANGES, COMES
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import APP, DAY, STORE, WEB, corner, drawn, middles, model_of, record

BEGIN = 30 * DAY  # the corner shop's burn-in


def world(*said: dict[str, Any]) -> Any:
    return model_of(corner(changes=[{"name": f"c{n}", **one} for n, one in enumerate(said)]))


def someone(n: int = 0, **values: Any) -> Any:
    first = {"reach": 63, "last_channel": -1, "spill_channel": -1, "persona": 0, "entity": 8 * n}
    return record(Person, **(first | values))


def test_whom_it_changes_and_from_when_on() -> None:
    model = world({"from_day": 3, "to_day": 20, "over": "10d", "share": 0.5, "needs": 0.3})
    first = BEGIN + 3 * DAY
    for n in range(40):
        u, v, _, _ = drawn(model, CHANGES, 8 * n, 0)
        for t in (first - 1, first, first + 4 * DAY, first + 10 * DAY, first + 18 * DAY):
            holds = u < 0.5 and first + int(v * 10 * DAY) <= t < first + 18 * DAY
            assert plain(changes.holds_for)(model, someone(n), 0, t) == holds


def test_needs_come_with_the_product_of_the_shares() -> None:
    model = world({"from_day": 0, "needs": 0.5}, {"from_day": 0, "needs": 0.4})
    for n in range(60):
        u = drawn(model, COMES, 8 * n, 7)[0]
        assert plain(changes.comes)(model, someone(n), 7, BEGIN) == (u < 0.2)
        assert plain(changes.comes)(model, someone(n), 7, BEGIN - 1)


def test_a_taste_that_changes_is_that_much_utility_and_what_is_shut_is_not_chosen() -> None:
    model = world({"from_day": 1, "channels": {"web": 1.5}}, {"from_day": 5, "closed": ["store"]})
    plainly = model_of(corner())
    weight = np.zeros(6)

    def weights(which: Any, t: int) -> Any:
        for u in middles(1):
            plain(choice.choose)(which, someone(), t, 43200, 1.0, u, weight, weight, 0)
        return weight.copy()

    usual = weights(plainly, BEGIN)
    assert weights(model, BEGIN).tolist() == usual.tolist()
    now = weights(model, BEGIN + DAY)
    assert now[WEB] == pytest.approx(usual[WEB] * np.exp(1.5))
    assert now[[APP, STORE]].tolist() == usual[[APP, STORE]].tolist()
    assert weights(model, BEGIN + 5 * DAY)[STORE] == 0.0
    assert plain(choice.can_go)(model, someone(), STORE, BEGIN + 5 * DAY - 1)
    assert not plain(choice.can_go)(model, someone(), STORE, BEGIN + 5 * DAY)


def test_without_an_end_it_holds_to_the_end() -> None:
    lowered = lower_changes(corner(changes=[{"name": "c", "from_day": 2, "needs": 0.5}]))
    assert lowered["change"].last.tolist() == [150 * DAY]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"from_day": 100, "needs": 0.5}, "100 is after the window, which has 100 days: 0 to 99"),
        ({"from_day": 5, "to_day": 4, "needs": 0.5}, "is before from_day"),
        ({"from_day": 5}, "changes nothing"),
        ({"from_day": 5, "closed": ["stor"]}, "did you mean 'store'"),
        ({"from_day": 5, "channels": {"email": 1}}, "nobody can visit 'email'"),
        ({"from_day": 5, "closed": ["web", "app", "store"]}, "nobody could buy"),
    ],
)
def test_what_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        world(change)
