"""Silo maps in whole runs: none of them touches omnichannel, and engines agree under each."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from omnilab.experiment.compare import Comparison
from omnilab.scenario.model import Wiring
from omnilab.scenario.wiring import MAPS
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.strategy.plan import Sharing
from omnilab.strategy.plan_check import check_plan
from tests.verification.worlds import inert_world, log, run, same_rows, world

#: A map with a feed of each kind of event, a pixel, a team, and one tool told in two ways.
OWN: dict[str, Any] = {
    "teams": [["app", "messenger"]],
    "feeds": [
        {"source": ["web", "store"], "target": ["email", "sms"], "by": "email",
         "events": ["visit", "order"]},
        {"source": "web", "target": "call", "by": "cookie", "adds": True},
        {"source": "app", "target": ["web", "email"], "by": "login"},
        {"source": "email", "target": "web", "by": "email", "events": ["browse", "cart"]},
    ],
}  # fmt: skip
ALL_MAPS = (*MAPS, Wiring.model_validate(OWN))


def under(strategy: str, wiring: str | Wiring, sharing: Sharing | None, scenario: Any,
          name: str) -> LoadedStrategy:  # fmt: skip
    loaded = load_strategy(strategy, scenario)
    plan = replace(loaded.plan, wiring=wiring, sharing=sharing or loaded.plan.sharing)
    return replace(loaded, name=name, plan=check_plan(plan, scenario))


@cache
def maps_apart(engine: str = "compiled") -> Comparison:
    scenario = world(population={"customers": 24})
    runs = [under("omnichannel", "tools_apart", None, scenario, "omnichannel")]
    for n, wiring in enumerate(ALL_MAPS):
        runs += [
            under("multichannel", wiring, None, scenario, f"silo@{n}"),
            under("cross_channel", wiring, None, scenario, f"handoff@{n}"),
            under("multichannel", wiring, Sharing.every("all"), scenario, f"all@{n}"),
        ]
    return run(scenario, runs, engine=engine, pilot=20, keep=True)


@pytest.mark.parametrize("n", range(len(ALL_MAPS)))
def test_all_six_choices_are_omnichannel_under_every_map(n: int) -> None:
    same_rows(log(maps_apart(), f"all@{n}"), log(maps_apart(), "omnichannel"))


@pytest.mark.parametrize("left_out", ["contact_policy", "channel"])
def test_feeds_add_nothing_where_all_events_are_shared_anyway(left_out: str) -> None:
    """Identity, context, triggers and stop `all`: an event that a feed tells too is one event."""
    scenario = world(population={"customers": 24})
    sharing = replace(Sharing.every("all"), **{left_out: "silo"})  # type: ignore[arg-type]
    names = ("tools_apart", "typical")
    runs = [under("multichannel", name, sharing, scenario, name) for name in names]
    found = run(scenario, runs, pilot=20)
    same_rows(log(found, names[0]), log(found, names[1]))


def test_maps_differ_where_silos_are_apart() -> None:
    digests = {s.name: s.log_digest for s in maps_apart().strategies}
    for kind in ("silo", "handoff"):
        assert len({digests[f"{kind}@{n}"] for n in range(len(ALL_MAPS))}) == len(ALL_MAPS)


def test_both_engines_agree_under_every_map() -> None:
    simpy = maps_apart("simpy")
    assert [(s.name, s.log_digest) for s in simpy.strategies] == [
        (s.name, s.log_digest) for s in maps_apart().strategies
    ]


@pytest.mark.parametrize("wiring", ALL_MAPS, ids=[*MAPS, "own"])
def test_where_messages_do_nothing_a_map_does_nothing(wiring: str | Wiring) -> None:
    """Orders are those of nobody's messages, whatever tools tell each other."""
    scenario = inert_world(population={"customers": 24})
    strategies = [under(s, wiring, None, scenario, s) for s in ("no_contact", "multichannel")]
    found = run(scenario, strategies, pilot=20, keep=False)
    for measure in ("orders_per_customer", "revenue"):
        assert found.moments.difference(measure, "multichannel", "no_contact").value == 0.0
    assert found.moments.estimate("messages_per_customer", "multichannel").value > 1.0
