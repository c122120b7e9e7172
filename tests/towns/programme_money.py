"""Random budgets, auctions, match rates, caps of ads and costs, as a patch over a scenario."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from omnilab.scenario.budget_check import most_of_one, people_of_a_town
from omnilab.scenario.model import Scenario

__all__ = ["money"]

PACING = st.sampled_from(("even", "asap"))
WAITS = st.sampled_from((0, "1h", "3h", "2d"))


@st.composite
def money(draw: st.DrawFn, scenario: Scenario) -> dict[str, Any]:
    """Return a patch for `Scenario.changed`: its channels with auctions, and budgets that bind."""
    tree = scenario.model_dump(mode="json")
    for channel in tree["channels"]:
        message, search = channel.get("message"), channel.get("search")
        if message and message.get("ad"):
            message["match"] = draw(st.sampled_from((1.0, 0.6, 0.0)))
            message["most_a_day"] = draw(st.sampled_from((None, 1, 2)))
        if (message and message.get("ad")) or search:
            (message or search)["auction"] = draw(st.one_of(st.none(), _auctions()))
        if search and search.get("auction"):
            search["brand_cost"] = None
        channel["monthly_cost"] = draw(st.sampled_from((0.0, 10.0)))
    for journey in tree["brand"]["journeys"]:
        for step in journey["steps"]:
            if step.get("message"):
                step["message"]["not_after_order"] = draw(st.sampled_from((0, "5d")))
    patch = {"channels": tree["channels"], "brand": {"journeys": tree["brand"]["journeys"]}}
    priced = scenario.changed(patch)
    patch["brand"]["budgets"] = draw(_budgets(priced))
    return patch


@st.composite
def _auctions(draw: st.DrawFn) -> dict[str, float]:
    return {
        "bid": draw(st.sampled_from((0.002, 0.01, 0.5))),
        "rivals": draw(st.sampled_from((0.004, 0.3))),
        "spread": draw(st.sampled_from((0.0, 0.5, 1.5))),
    }


@st.composite
def _budgets(draw: st.DrawFn, scenario: Scenario) -> list[dict[str, Any]]:
    """Return up to three budgets, each with money for a few of the dearest sends."""
    paid = [c for c in scenario.channels if c.message or c.search]
    names = [j.name for j in scenario.brand.journeys]
    found = []
    for number in range(draw(st.integers(1, 3)) if paid else 0):
        few = draw(st.lists(st.sampled_from(names), unique=True, max_size=2)) if names else []
        mostly = [c for c in paid if most_of_one(c) < 1.0 and (c.message or not few)]
        likely = mostly if mostly and draw(st.booleans()) else paid
        some = draw(st.lists(st.sampled_from(likely), unique_by=lambda c: c.name, max_size=3))
        some = [c for c in some if c.message or not few]  # clicks belong to no journey
        dearest = max(most_of_one(c) for c in some or paid)
        least = max(dearest * 1000 / people_of_a_town(scenario), 0.001) * 1.001
        limits = draw(st.sampled_from((("per_day",), ("total",), ("per_day", "total"))))
        found.append({
            "name": f"b{number}", "channels": [c.name for c in some], "journeys": few,
            "pacing": draw(PACING), "waits": draw(WAITS),
            **{limit: least * draw(st.sampled_from((1, 3, 20))) for limit in limits},
        })  # fmt: skip
    return found
