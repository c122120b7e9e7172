"""What the headlines of a report say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from omnilab.report import document
from omnilab.report.document import _spread, _volumes


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


@pytest.mark.parametrize(
    ("worth", "best"),
    [
        ({"a": 1.0, "b": 3.0, "c": 2.0}, "b"),  # not the first by name
        ({"a": 1.0, "b": 2.0, "c": 9.0}, "b"),  # the reference is best of all
        ({"a": 2.0, "b": None, "c": 1.0}, "a"),
    ],
)
def test_who_gets_more_or_less_is_said_of_the_best_strategy_but_the_reference(
    worth: dict[str, float | None], best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {"more_orders": 0.2, "fewer_orders": 0.1, "never_reached": 0.03}
    rows = [
        {"strategy": s, "reference": None if s == "c" else "c", "measure": m,
         "value": v + (0.5 if s == "a" else 0.0)}
        for s in worth for m, v in parts.items()
    ]  # fmt: skip
    monkeypatch.setattr(document, "spread_rows", lambda _: rows)
    moments = SimpleNamespace(estimate=lambda _, s: SimpleNamespace(value=worth[s]))
    comparison: Any = SimpleNamespace(moments=moments, held_against="c")
    (said,) = _spread(comparison, tuple(worth))
    assert said.startswith(f"{best} against c: {70 if best == 'a' else 20}.0% of the customers")


def test_alone_nobody_gets_more_or_less() -> None:
    moments = SimpleNamespace(estimate=lambda *_: SimpleNamespace(value=1.0))
    comparison: Any = SimpleNamespace(moments=moments, held_against="c")
    assert _spread(comparison, ("c",)) == []
