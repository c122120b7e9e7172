"""Fixed blasts: every message on its team's day, the same for all, whatever the customer does."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.errors import StrategyError
from omnilab.scenario.model import Scenario
from omnilab.strategy import Journey, Plan
from omnilab.strategy.loading import load_strategy
from omnilab.testing import sample_scenario
from omnilab_strategies.fixed_blasts import blind
from tests.verification.worlds import load, log, of_kinds, run
from tests.worlds import DAY, WEEK, corner

SCENARIO = sample_scenario()


def plan(name: str = "fixed_blasts", scenario: Scenario = SCENARIO) -> Plan:
    return load_strategy(name, scenario).plan


def test_every_channel_has_one_calendar_and_nothing_else_starts() -> None:
    found = plan()
    assert {j.trigger for j in found.journeys} == {"weekly"}
    first = [next(s.message.channels[0] for s in j.steps if s.message) for j in found.journeys]
    assert sorted(first) == sorted(c.name for c in SCENARIO.channels if c.message)
    assert (found.sharing, found.cap) == (Plan().sharing, SCENARIO.brand.cap)


def test_no_step_of_it_looks_at_the_customer() -> None:
    for journey in plan("fixed_blasts(per_week=3)").journeys:
        assert journey.until == ()
        assert not any(step.split or step.wait_for for step in journey.steps)
        for message in (step.message for step in journey.steps if step.message):
            assert (message.shows, message.success, message.not_after_order) == (
                "generic", "sent", 0,
            )  # fmt: skip


def test_a_calendar_of_the_brand_stays_without_what_looks() -> None:
    journey = Journey.model_validate({
        "name": "news", "trigger": "weekly", "sequence": ["email"], "until": ["order"],
        "steps": [
            {"split": {"has": "cart"}},
            {"message": {"shows": "bought", "channels": ["email"], "not_after_order": "7d"}},
            {"wait_for": {"event": "click", "up_to": "1d"}},
            {"message": {"shows": "beans", "channels": ["email"], "offer": "10%"}},
        ],
    })  # fmt: skip
    found = blind(journey)
    assert found.until == ()
    messages = [step.message for step in found.steps if step.message]
    assert len(messages) == len(found.steps) == 2
    assert [(m.shows, m.success, m.not_after_order, m.offer) for m in messages] == [
        ("generic", "sent", 0, 0.0), ("beans", "sent", 0, 0.1),
    ]  # fmt: skip


@pytest.mark.parametrize("per_week", [0, 8])
def test_it_blasts_once_to_daily(per_week: int) -> None:
    with pytest.raises(StrategyError, match=f"per_week: 1 to 7, not {per_week}"):
        plan(f"fixed_blasts(per_week={per_week})")


def test_without_a_channel_that_writes_it_says_so() -> None:
    kept = [c.model_dump() for c in SCENARIO.channels if not c.message]
    silent = SCENARIO.changed({"channels": kept, "brand": {"journeys": []}})
    with pytest.raises(StrategyError, match="no channel here sends messages"):
        plan(scenario=silent)


@cache
def sent() -> Any:
    shop = corner()
    result = run(shop, load(shop, "fixed_blasts"))
    found = of_kinds(log(result, "fixed_blasts"), "sent")
    return found[found["time"] >= shop.time.burn_in], plan(scenario=shop)


def test_every_send_is_at_its_calendars_hour() -> None:
    found, planned = sent()
    assert len(found) > 50
    days = {(j.weekday * DAY + int(j.at)) for j in planned.journeys}
    # The shop begins on a Monday, in UTC; a message goes out on the tick, or after quiet hours.
    moments = np.unique(found["time"] % WEEK)
    assert all(min(abs(int(m) - d) for d in days) <= DAY // 24 for m in moments)
