"""What the headlines of a report say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from omnilab.report.document import _volumes


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ((4.0, 4.0), " at 4 messages a customer"),
        ((4.0, 4.001), " at 4 messages a customer"),
        ((0.0, 4.5), " at 0 to 4.5 messages a customer"),
    ],
)
def test_one_volume_is_not_said_as_a_range(sent: tuple[float, float], wanted: str) -> None:
    values = dict(zip("ab", sent, strict=True))

    def estimate(_measure: str, strategy: str) -> SimpleNamespace:
        return SimpleNamespace(value=values[strategy])

    comparison: Any = SimpleNamespace(moments=SimpleNamespace(estimate=estimate))
    assert _volumes(comparison, ["a", "b"]) == wanted
