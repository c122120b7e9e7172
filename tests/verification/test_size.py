"""A scenario's size is its own, not a constant of the code: the largest runs in both engines."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError
from omnilab.log.rows import FINAL_CAPPED
from omnilab.scenario.model import (
    MAX_CATEGORIES,
    MAX_CHANNELS,
    MAX_JOURNEYS,
    MAX_SILOS,
    MOST_CAP,
    Scenario,
)
from tests.verification.worlds import build, digests, load, log, of_kinds, run, same_rows

PLACES = MAX_SILOS - 2  # silos that are visited and write; one more for e-mail, one for ads
ADDRESSES = ("email", "phone", "messenger", "social", "device")


def large(**changes: Any) -> Scenario:
    """Return a scenario with as many of everything as there may be."""
    channels: list[dict[str, Any]] = []
    for n in range(PLACES):
        shown = [{"type": "login", "share": 0.6}, {"type": "email", "share": 0.4}]
        channels.append(
            {
                "name": f"place{n}", "silo": f"silo{n}",
                "visit": {"utility": 0.1 * n, "completes": 0.6, "idle": 0.3, "identifiers": shown},
            }
        )  # fmt: skip
    for n in range(MAX_CHANNELS - PLACES):
        silo = f"silo{n}" if n < PLACES else ("mail", "ads")[n % 2]
        message = {
            "address": ADDRESSES[n % 4], "landing": f"place{n % PLACES}", "delivered": 0.97,
            "opt_out": 0.001, "open": 0.4, "click": 0.2, "opt_in": 0.9, "cost": 0.01,
        }  # fmt: skip
        channels.append({"name": f"writes{n}", "silo": silo, "message": message})
    writes = [c["name"] for c in channels if "message" in c]
    silos = sorted({c["silo"] for c in channels})
    journeys = [
        {
            "name": f"journey{n}", "trigger": ("cart", "browse", "order", "weekly")[n % 4],
            "sequence": silos,
            "steps": [{"message": {"channels": [writes[(n + k) % len(writes)] for k in range(3)]}}],
        }
        for n in range(MAX_JOURNEYS)
    ]  # fmt: skip
    tree = {
        "id": "large-v1",
        "time": {"burn_in": "10d", "window": "25d", "run_out": "5d"},
        "population": {
            "customers": 12,
            "personas": [{"name": f"kind{n}", "share": 1 / 8} for n in range(8)],
        },
        "categories": [
            {"name": f"goods{n}", "every": "60d", "spend": {"mean": 20.0 + n}}
            for n in range(MAX_CATEGORIES)
        ],
        "channels": channels,
        "brand": {"cap": {"messages": MOST_CAP, "per": "7d"}, "journeys": journeys},
    }
    return build(tree | changes)


@pytest.mark.slow
def test_the_largest_scenario_runs_alike_in_both_engines() -> None:
    scenario = large()
    assert len(scenario.silos) == MAX_SILOS
    compared = load(scenario, "multichannel", "cross_channel", "omnichannel")
    fast = run(scenario, compared)
    slow = run(scenario, compared, engine="simpy")
    for strategy in compared:
        same_rows(log(fast, strategy.name), log(slow, strategy.name))
    assert digests(fast) == digests(slow)


def test_all_of_it_is_used() -> None:
    """The last category, channel, silo, journey and persona stand in the log."""
    rows = log(run(large(), load(large(), "omnichannel")), "omnichannel")
    sent = of_kinds(rows, "sent")
    assert sent["channel"].max() == MAX_CHANNELS - 1
    assert sent["journey"].max() == MAX_JOURNEYS - 1
    assert of_kinds(rows, "need")["category"].max() == MAX_CATEGORIES - 1
    assert rows["silo"].max() == MAX_SILOS - 1
    assert set(of_kinds(rows, "person")["persona"]) <= set(range(8))


def test_a_cap_of_thirty_lets_more_through_than_one_of_eight() -> None:
    sent, capped = {}, {}
    for most in (8, MOST_CAP):
        brand = large().model_dump(mode="json")["brand"]
        scenario = large(brand=brand | {"cap": {"messages": most, "per": "7d"}})
        rows = log(run(scenario, load(scenario, "omnichannel")), "omnichannel")
        sent[most] = len(of_kinds(rows, "sent"))
        capped[most] = int((of_kinds(rows, "final")["status"] == FINAL_CAPPED).sum())
    assert sent[8] < sent[MOST_CAP]
    assert capped[8] > capped[MOST_CAP] > 0


@pytest.mark.parametrize(
    ("key", "most"),
    [("categories", MAX_CATEGORIES), ("channels", MAX_CHANNELS)],
)
def test_one_more_is_refused(key: str, most: int) -> None:
    tree = large().model_dump(mode="json")
    extra = dict(tree[key][-1], name="extra")
    with pytest.raises(ScenarioError, match=f"{key}.*{most}"):
        build(tree | {key: [*tree[key], extra]})
