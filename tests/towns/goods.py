"""Random goods for the tests that hold in every world, and a shop with goods for the others."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from omnilab.scenario.model import Scenario
from omnilab.strategy import Choices, Decisions
from tests.verification.worlds import world

BOOKS: list[dict[str, Any]] = [
    {"name": "blue", "price": 20.0, "group": "ann"},
    {"name": "red", "price": 30.0, "quality": 0.5, "group": "bob", "goes_with": ["lamp"]},
    {"name": "green", "price": 10.0, "quality": -0.5, "group": "ann"},
    {"name": "new", "price": 25.0, "group": "ann", "arrives": 5},
]
LAMPS: list[dict[str, Any]] = [{"name": "lamp", "price": 60.0}]
SIDE = {"open": 0.9, "click": 0.5, "delivered": 1.0, "opt_out": 0.0, "opt_in": 1.0}
JOURNEYS: list[dict[str, Any]] = [
    {"name": "seen", "trigger": "browse", "sequence": ["web", "app", "email"],
     "steps": [{"delay": "30min"},
               {"message": {"shows": "viewed", "recommends": "viewed",
                            "channels": ["email", "push"]}}]},
    {"name": "arrived", "trigger": "arrival", "sequence": ["web", "app", "email"],
     "arrival": {"group": "ann"},
     "steps": [{"message": {"shows": "books", "recommends": "arrived",
                            "channels": ["email", "push"]}}]},
    {"name": "letters", "trigger": "weekly", "sequence": ["email", "web"],
     "steps": [{"message": {"shows": "books", "channels": ["email"]}}]},
]  # fmt: skip


def shop(**changes: Any) -> Scenario:
    """Return a bookshop of eager buyers whose messages mostly arrive and are read."""
    channels = [{"preset": "web", "visit": {"completes": 0.8}},
                {"preset": "app", "visit": {"completes": 0.8}},
                {"preset": "email", "message": SIDE},
                {"preset": "push", "message": SIDE}]  # fmt: skip
    categories = changes.pop("categories", None) or [
        {"name": "books", "every": "6d", "spend": {"mean": 20.0}, "goods": BOOKS, "lines": 1.6,
         "latent": 0},
        {"name": "lamps", "every": "30d", "spend": {"mean": 60.0}, "goods": LAMPS,
         "margin": 0.2, "latent": 0},
    ]  # fmt: skip
    return world(
        population={"customers": 20, "personas": [{"name": "all", "share": 1.0}],
                    "household_sizes": [1.0], "households_per_cell": 1,
                    **changes.pop("population", {})},
        time={"burn_in": "12d", "window": "30d", "run_out": 0, **changes.pop("time", {})},
        channels=changes.pop("channels", channels), categories=categories,
        world={"identifiers": {"typo": 0.0}, "intent": {"threshold": -1.0},
               **changes.pop("world", {})},
        brand={"journeys": JOURNEYS, "loyalty": {"card": 0}, "cap": None,
               **changes.pop("brand", {})},
        **changes,
    )  # fmt: skip


class Recommends:
    """A strategy whose messages recommend goods by the row alone: not seen ones, or the last."""

    name = "recommends"

    def decide(self, pending: Decisions) -> Choices:
        """Recommend up to three goods that the profile has not looked at."""
        new = ~pending.viewed & ~pending.bought
        goods = new & (np.cumsum(new, axis=1) <= 3)
        goods[pending.message_id % 3 == 0] = False
        return Choices(np.ones(len(pending), np.bool_), goods=goods)


@st.composite
def goods(draw: st.DrawFn, prefix: str, others: list[str]) -> list[dict[str, Any]]:
    """Return the goods of one category; they may go with others, of earlier categories."""
    n = draw(st.integers(1, 6))
    named = draw(st.booleans())
    return [
        {
            "name": f"{prefix}{k}",
            "price": draw(st.sampled_from((0.01, 12.0, 30.0))),
            "quality": draw(st.sampled_from((-1.0, 0.0, 1.5))),
            "group": draw(st.sampled_from((None, "g", "h"))),
            "arrives": None if k == 0 else draw(st.sampled_from((None, 0, 7))),
            "popularity": 1.0 / n if named else None,
            "goes_with": draw(st.lists(st.sampled_from(others), max_size=2, unique=True))
            if others else [],
        }
        for k in range(n)
    ]  # fmt: skip


@st.composite
def with_goods(draw: st.DrawFn, tree: dict[str, Any]) -> dict[str, Any]:
    """Return a world's tree in which some categories have goods, and messages recommend them."""
    names: list[str] = []
    for n, category in enumerate(tree["categories"]):
        if n == 0 or draw(st.booleans()):
            category["goods"] = draw(goods(f"c{n}-", names))
            category["lines"] = draw(st.sampled_from((1.0, 2.5)))
            names += [good["name"] for good in category["goods"]]
    arrives = any(g["arrives"] is not None for c in tree["categories"] for g in c.get("goods", ()))
    for flow in tree["brand"]["journeys"]:
        if arrives and draw(st.booleans()) and flow["trigger"] != "near":
            flow["trigger"] = "arrival"
        for step in flow["steps"]:
            if "message" in step and draw(st.booleans()):
                words = ["viewed", "bought", "liked"]
                words += ["arrived"] if flow["trigger"] == "arrival" else []
                step["message"]["recommends"] = draw(st.sampled_from(words))
    tree["brand"]["pages"] = draw(st.sampled_from(("none", "viewed", "bought", "both")))
    tree["world"]["goods"] = {
        "page": draw(st.sampled_from((1, 3, 8))),
        "taste": draw(st.sampled_from((0.0, 1.0))),
        "group": draw(st.sampled_from((0.0, 1.0))),
        "price_spread": draw(st.sampled_from((0.0, 0.5))),
        "leaves": draw(st.sampled_from((0.0, 0.5))),
    }
    return tree
