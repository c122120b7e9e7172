"""The strategy that learns hours and channels: cold start, own answers, and nothing else moves."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.strategy import Brand, Events
from omnilab.testing import check_strategy, sample_decisions, sample_scenario
from omnilab_strategies.own_hours import OwnHours
from tests.strategies.test_built_in import plan

HOUR = 3600


def learnt(*answers: tuple[int, int, int], **how: bool) -> tuple[OwnHours, Any]:
    """Return the strategy after answers (profile, hour, channel), and decisions to ask it about."""
    scenario = sample_scenario()
    brand = Brand.of(scenario)
    strategy = OwnHours(**how)
    pending = sample_decisions(scenario, strategy.plan(brand))
    kinds = Events.kind_names
    rows = [
        (h * HOUR + 60, kinds.index(kind), n, c, 0, p, 0)
        for n, (p, h, c) in enumerate(answers)
        for kind in ("sent", "open")
    ]
    if rows:
        columns = np.array(rows, dtype=np.int64).T
        names = pending.journey_names, pending.channel_names
        strategy.learn(Events(*columns, *names))
    return strategy, pending


def test_before_anything_came_back_nothing_waits_and_the_default_channel_is_used() -> None:
    strategy, pending = learnt()
    said = strategy.decide(pending)
    assert said.send.all()
    assert (said.delay_s == 0).all()
    assert (said.channel == -1).all()


def test_a_message_of_the_calendar_waits_for_the_profiles_hour_and_others_go_at_once() -> None:
    strategy, pending = learnt()
    calendar = [j.name for j in Brand.of(sample_scenario()).journeys
                if j.trigger in ("weekly", "once")]  # fmt: skip
    mine = int(pending.profile[0])
    strategy, pending = learnt(*[(mine, 20, 0)] * 9, *[(-7, 8, 0)] * 40)
    delay = strategy.decide(pending).delay_s
    assert delay is not None
    due = (pending.time_s + delay) // HOUR % 24
    by_calendar = np.array([pending.journey_names[j] in calendar for j in pending.journey])
    assert by_calendar.any()
    assert (delay[~by_calendar] == 0).all()
    own = pending.profile == mine
    assert (due[by_calendar & own] == 20).all()
    others = by_calendar & ~own
    counted = np.bincount([20] * 9 + [8] * 0, minlength=24)  # a profile of -1 or less is nobody's
    assert (due[others] == counted.argmax()).all()
    assert delay.max() < 24 * HOUR


def test_the_channel_is_the_allowed_one_that_is_answered_most() -> None:
    strategy, pending = learnt(*[(1, 9, 0)] * 30)
    said = strategy.decide(pending)
    assert said.channel is not None
    usual = (strategy._answered + 1) / (strategy._sent + 4)
    for row in range(len(pending)):
        can = np.flatnonzero(pending.allowed[row])
        if len(can) == 0:
            assert said.channel[row] == -1
            continue
        share = (pending.answered[row, can] + 4 * usual[can]) / (pending.received[row, can] + 4)
        assert said.channel[row] == can[np.argmax(share)]


def test_switched_off_it_answers_as_omnichannel() -> None:
    strategy, pending = learnt(*[(1, 9, 0)] * 30, hours=False, channels=False)
    said = strategy.decide(pending)
    assert said.channel is None
    assert said.delay_s is None
    assert plan("own_hours") == plan("omnichannel")


def test_it_keeps_the_rules_of_strategies() -> None:
    check_strategy(OwnHours())
