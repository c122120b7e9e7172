"""Random goods, variants and places for tests that hold in every world, and shorthands."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SELLS = ("web", "app", "store", "call", "marketplace")  # presets in which one can buy

SIZE: dict[str, Any] = {
    "name": "size", "personal": True, "ordered": True, "differs": 3.0,
    "popularity": {"small": 0.25, "middle": 0.5, "large": 0.25},
}  # fmt: skip
COLOUR: dict[str, Any] = {"name": "colour", "popularity": {"black": 0.7, "brown": 0.3}}


@st.composite
def stock_patch(draw: st.DrawFn, channels: list[str], categories: list[str]) -> dict[str, Any]:
    """Return what to lay over a scenario of these channels and categories: places with few units.

    The keys are ``town``, ``stock``, ``world`` and ``variants``, the last by category; `with_stock`
    lays it over.
    """
    selling = [c for c in channels if c in SELLS]
    if not selling or not draw(st.booleans()):
        return {}
    variants = {
        name: draw(st.sampled_from(([], [SIZE], [SIZE, COLOUR], [COLOUR]))) for name in categories
    }
    parts = [selling[:1], selling[1:]] if draw(st.booleans()) else [selling]
    places = [
        {
            "name": f"p{n}", "channels": part, "ships": draw(st.sampled_from((None, 0, "2d"))),
            "goods": [draw(goods(name)) for name in categories],
        }
        for n, part in enumerate(parts) if part
    ]  # fmt: skip
    if all(g.get("units") is None for p in places for g in p["goods"]):
        return {}
    return {
        "town": draw(st.sampled_from((8, 30))),
        "variants": variants,
        "stock": {"places": places, "keeps": draw(st.sampled_from(("6h", "3d"))),
                  "feed": draw(st.sampled_from((0, "1d")))},
        "world": {"annoys": draw(st.sampled_from((0.0, 0.5))), "looks_again": "2d", "way": "6h",
                  "worth": draw(st.sampled_from((1.0, 4.0)))},
    }  # fmt: skip


@st.composite
def goods(draw: st.DrawFn, category: str) -> dict[str, Any]:
    """Return how a place is supplied with a category."""
    made: dict[str, Any] = {"category": category}
    units = draw(st.sampled_from((None, 0, 3, 12)))
    if units is None:
        return made
    made |= {"units": units, "lead": draw(st.sampled_from((0, "3d")))}
    policy = draw(st.sampled_from(("none", "review", "point", "lot")))
    if policy == "review":
        made["review"] = draw(st.sampled_from(("1d", "9d")))
    if policy in ("point", "lot"):
        made["order_point"] = units // 3
    if policy == "lot":
        made["lot"] = 2
    made["life"] = draw(st.sampled_from((None, "8d")))
    return made


def with_stock(scenario: Any, patch: dict[str, Any]) -> Any:
    """Return a scenario with what `stock_patch` drew."""
    if not patch:
        return scenario
    tree = scenario.model_dump()
    categories = [
        {**c, "variants": patch["variants"].get(c["name"], [])} for c in tree["categories"]
    ]
    return scenario.changed({
        "population": {"town": patch["town"]}, "categories": categories,
        "stock": patch["stock"], "world": {"stock": patch["world"]},
    })  # fmt: skip
