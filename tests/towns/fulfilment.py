"""Random tills, ways of delivery, slots and desks, for tests that hold in every world."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import strategies as st

from omnilab.log import rows

__all__ = ["fulfilment", "nothing_is_done_twice"]

_BUYS_AT = ("web", "app", "store", "social", "marketplace")
_COLLECTS_AT = ("store", "web", "app")


@st.composite
def tills(draw: st.DrawFn) -> dict[str, Any]:
    """Return a till at which many wait, or nobody."""
    return {
        "servers": draw(st.sampled_from((1, 1, 2, "none"))),
        "service": draw(st.sampled_from(("1s", "2min", "5h"))),
        "patience": draw(st.sampled_from(("1s", "30min", "8h"))),
        "too_long": draw(st.sampled_from((0, "10min"))),
        "annoys": draw(st.sampled_from((0.0, 1.0))),
    }


@st.composite
def ways(draw: st.DrawFn, name: str, places: list[str]) -> dict[str, Any]:
    """Return a way of delivery."""
    way: dict[str, Any] = {
        "name": name,
        "promised": draw(st.sampled_from(("20min", "5h", "2d"))),
        "late": draw(st.sampled_from((0.0, 0.3, 0.9))),
        "fee": draw(st.sampled_from((0.0, 4.5))),
        "free_from": draw(st.sampled_from((None, 22.0))),
        "cost": 3.0,
        "returns": draw(st.sampled_from((0.0, 1.0))),
        "return_fee": draw(st.sampled_from((0.0, 5.0))),
    }
    if draw(st.booleans()):
        way["slots"] = {
            "capacity": draw(st.sampled_from((1, 3))), "opens": "09:00", "closes": "21:00",
            "every": draw(st.sampled_from(("1h", "6h"))), "ahead": "2d",
        }  # fmt: skip
    if places and draw(st.booleans()):
        way["at"] = draw(st.sampled_from(places))
        if draw(st.booleans()):
            way["desk"] = draw(tills())
    return way


@st.composite
def fulfilment(draw: st.DrawFn, channels: list[str]) -> dict[str, dict[str, Any]]:
    """Return what is changed of some channels, by name; what people share asks for towns."""
    places = [c for c in channels if c in _COLLECTS_AT]
    changed: dict[str, dict[str, Any]] = {}
    for channel in channels:
        if channel in _BUYS_AT:
            own: dict[str, Any] = {}
            if draw(st.booleans()):
                own["till"] = draw(tills())
            n = draw(st.integers(0, 3))
            own["delivery"] = [draw(ways(f"way{k}", places)) for k in range(n)]
            changed[channel] = own
    return changed


def nothing_is_done_twice(log: Any) -> None:
    """Check a log: who comes to a line is served once or gives up once, an order comes once."""
    lines: dict[tuple[int, int], list[int]] = defaultdict(list)
    kinds = (rows.LINE_JOINED, rows.SERVED, rows.LINE_LEFT, rows.SERVICE_DONE)
    for fact in rows.all_named(log[log["kind"] >= rows.LATER]):
        if fact["kind"] in kinds:
            lines[fact["person"], fact["line"]].append(fact["kind"])
    served = [rows.LINE_JOINED, rows.SERVED, rows.SERVICE_DONE]
    for steps in lines.values():
        while steps:
            ends = served if steps[1:2] != [rows.LINE_LEFT] else [rows.LINE_JOINED, rows.LINE_LEFT]
            assert steps[: len(ends)] == ends[: len(steps)]
            steps = steps[len(ends) :]
    orders = {_order(x) for x in rows.all_named(rows_of(log, rows.ORDER))}
    promises = [_order(x) for x in rows.all_named(rows_of(log, rows.PROMISE))]
    came = [_order(x) for x in rows.all_named(rows_of(log, rows.HANDED_OVER))]
    assert len(set(promises)) == len(promises)
    assert set(promises) <= orders
    assert len(set(came)) == len(came)
    assert set(came) <= set(promises)


def rows_of(log: Any, kind: int) -> Any:
    """Return a log's rows of a kind."""
    return log[log["kind"] == kind]


def _order(fact: dict[str, int]) -> tuple[int, int]:
    return fact["person"], fact["need"]
