"""Random tills, ways of delivery, slots and desks, for tests that hold in every world."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

__all__ = ["fulfilment"]

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
