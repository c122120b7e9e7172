"""What persons remember of messages: both engines write it alike, and what is off leaves no trace.

The world is small and loud: mail that lies about, four teams, themes that change every nine days.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.scenario.model import Scenario
from tests.verification.worlds import THEMES, digests, load, log, run, same_rows, values, world

#: Each mechanism alone, as a patch of the world that has none.
ALONE: dict[str, dict[str, Any]] = {
    "months": {"fatigue": {"slow": 2.0, "slow_memory": "90d"}},
    "reading": {"opt_out": {"need": -2.0}},
    "creatives": {"creatives": {"novelty": 0.5, "wear": 0.6}},
    "themes": {"consistency": {"echo": 0.8, "clash": 0.8}},
    "waking": {"waking": {"leaves": 0.5, "sleeps": "6d"}},
    "attrition": {"attrition": {"yearly": 0.8, "before": "90d"}},
    "stage": {"stage": {"fits": 0.8}},
    "ads": {"repetition": {"half": 1.0}},
    "spacing": {"repetition": {"massed": 1.0, "apart": "20d"}},
    "hurry": {"interruption": {"takes": 5.0, "calm": "20d"}},
}


def small(*, themes: bool = False, again: float = 0.0, **world_: Any) -> Scenario:
    scenario = world(
        population={"customers": 16, "households_per_cell": 4},
        time={"burn_in": "20d", "window": "60d", "run_out": "10d"},
        world=world_,
    )
    tree = scenario.model_dump()
    for channel in tree["channels"]:
        if channel["message"]:
            channel["message"]["opt_out"] *= 8
            if not channel["message"]["ad"]:
                channel["message"]["looks_again"] = again
    brand = {"themes": THEMES} if themes else {}
    return scenario.changed({"channels": tree["channels"], "brand": brand})


@cache
def base() -> Any:
    return digests(run(small(), load(small(), "multichannel")))


def everything() -> Scenario:
    on: dict[str, Any] = {}
    for part in ALONE.values():
        on |= part
    return small(themes=True, again=2.0, **on)


def test_both_engines_write_the_same_log_with_all_of_it() -> None:
    scenario = everything()
    strategies = load(scenario, "multichannel", "omnichannel")
    fast = run(scenario, strategies, chunk=1)
    slow = run(scenario, strategies, engine="simpy")
    for strategy in strategies:
        same_rows(log(fast, strategy.name), log(slow, strategy.name))
        assert values(fast, strategy.name) == values(slow, strategy.name)
    assert digests(fast) == digests(slow)
    looks = rows.of_kind(log(fast, "multichannel"), rows.LOOK_AGAIN)
    assert len(looks) > 10
    assert looks["look"].max() > 1


@pytest.mark.parametrize("name", sorted(ALONE))
def test_each_is_felt_and_has_its_off_value(name: str) -> None:
    scenario = small(themes=name == "themes", **ALONE[name])
    assert digests(run(scenario, load(scenario, "multichannel"))) != base()


def test_themes_that_nobody_compares_leave_no_trace() -> None:
    scenario = small(themes=True, creatives={"memory": "9d"})
    assert digests(run(scenario, load(scenario, "multichannel"))) == base()


def test_a_life_of_messages_without_looks_leaves_no_trace() -> None:
    tree = small().model_dump()
    for channel in tree["channels"]:
        if channel["message"]:
            channel["message"]["half_life"] = 3600
    scenario = small().changed({"channels": tree["channels"]})
    assert digests(run(scenario, load(scenario, "multichannel"))) == base()


def test_looks_come_after_the_opening_and_before_or_at_the_click() -> None:
    scenario = small(again=3.0)
    found = log(run(scenario, load(scenario, "multichannel")), "multichannel")
    opened = {int(r.message): int(r.time) for r in rows.of_kind(found, rows.OPEN)}
    clicked = {int(r.message): int(r.time) for r in rows.of_kind(found, rows.CLICK)}
    looks = rows.of_kind(found, rows.LOOK_AGAIN)
    assert np.median([int(x.time) - opened[int(x.message)] for x in looks]) > 86400  # of 5 days
    count: dict[int, int] = {}
    for look in looks[np.argsort(looks["time"], kind="stable")]:
        message = int(look.message)
        assert opened[message] < look.time <= clicked.get(message, int(look.time))
        count[message] = count.get(message, 0) + 1
        assert look.look == count[message]
    assert len(clicked) == len(rows.of_kind(found, rows.CLICK))  # a message is clicked once


@pytest.mark.parametrize("service", [False, True])
def test_nobody_who_reads_a_message_of_service_signs_off_by_it(service: bool) -> None:
    scenario = small(opt_out={"need": -2.0})
    tree = scenario.model_dump()
    for channel in tree["channels"]:
        if channel["message"]:
            channel["message"] |= {"open": 0.9, "opt_in": 1.0, "opt_out": 0.4}
    message = {"message": {"channels": ["email"], "service": service, "success": "sent"}}
    news = {"name": "news", "trigger": "weekly", "sequence": ["email"], "steps": [message]}
    scenario = scenario.changed({"channels": tree["channels"], "brand": {"journeys": [news]}})
    events = log(run(scenario, load(scenario, "omnichannel")), "omnichannel")
    assert len(rows.of_kind(events, rows.OPEN)) > 20
    assert (len(rows.of_kind(events, rows.UNSUBSCRIBE)) == 0) == service
