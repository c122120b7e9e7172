"""Simulated tests: one send to all who take part, twins, and nobody moved by who is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omnilab.experiment.compare import compare
from omnilab.experiment.draws import patch_of
from omnilab.fit.experiment.arms import (
    SEND_S,
    ArmMessage,
    People,
    find_people,
    simulate,
)
from omnilab.fit.experiment.people import BURN_IN_S, Setup, set_up
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.space import Base, make_space
from omnilab.fit.experiment.table import RandomisedTest, read_test
from omnilab.log import rows
from omnilab.scenario.model import Journey, Scenario
from omnilab.strategy.loading import load_strategy
from tests.fit.experiment.tables import rows_of, write_table
from tests.worlds import corner

DAY = 86_400
WITHIN_S = 14 * DAY


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> tuple[Setup, RandomisedTest]:
    """Return a small test and its scenario, of 150 customers."""
    path = write_table(tmp_path_factory.mktemp("t") / "t.csv", rows_of())
    request = ExperimentRequest(table=path, control="control", within="14d")
    test = read_test(request)
    return set_up(request, test, "shop-v1", 150), test


@pytest.fixture(scope="module")
def busy(setup: tuple[Setup, RandomisedTest]) -> Scenario:
    """Return its scenario with customers of whom most take part."""
    base = Base(needs=8.0, idle=0.2)
    return setup[0].scenario.changed(base.patch(setup[0].scenario, "web"))


@pytest.fixture(scope="module")
def people(setup: tuple[Setup, RandomisedTest], busy: Scenario) -> People:
    """Return who could have taken part."""
    return find_people(setup[0], busy)


def with_journey(scenario: Scenario, **journey: object) -> Scenario:
    """Return a scenario with one journey by e-mail."""
    whole = {
        "name": "launch", "sequence": ["email"],
        "steps": [{"message": {"channels": ["email"]}}], **journey,
    }  # fmt: skip
    return scenario.changed({"brand": {"journeys": [whole], "cap": None}})


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_a_journey_that_runs_once_writes_to_all_on_its_day(engine: str) -> None:
    scenario = with_journey(corner(), trigger="once", day=3, at="09:30")
    strategy = load_strategy("omnichannel", scenario)
    found = compare(scenario, [strategy], seed=2, engine=engine, keep_events=True)
    log = np.concatenate(found.events["omnichannel"])
    sent = log[log["kind"] == rows.SENT]
    at = scenario.time.burn_in + 3 * DAY + 9 * 3600 + 1800
    assert len(sent) > 0
    assert set(sent["time"]) == {at}
    assert len(np.unique(sent["person"])) == len(sent)
    # As many as the first run of a weekly journey of that hour reaches.
    weekday = (scenario.time.start.weekday() + scenario.time.burn_in // DAY + 3) % 7
    weekly = with_journey(corner(), trigger="weekly", weekday=weekday, at="09:30")
    again = compare(weekly, [load_strategy("omnichannel", weekly)], seed=2, keep_events=True)
    log = np.concatenate(again.events["omnichannel"])
    first = log[(log["kind"] == rows.SENT) & (log["time"] == at)]
    assert len(first) >= len(sent) * 0.9  # earlier runs may have lost some permissions


def test_who_takes_part_bought_within_the_year(
    setup: tuple[Setup, RandomisedTest], busy: Scenario, people: People
) -> None:
    control = load_strategy(busy.brand.status_quo, busy)
    log = np.concatenate(compare(busy, [control], seed=1, keep_events=True).events[control.name])
    log = log[log["time"] < BURN_IN_S]
    orders = rows.columns(log[log["kind"] == rows.ORDER], rows.ORDER)
    recent = orders[orders.time >= BURN_IN_S - 365 * DAY]
    households = np.unique(recent.person)  # one person each, numbered alike
    np.testing.assert_array_equal(people.households[1], households)
    assert people.past.history is not None
    assert people.past.recency is not None
    for place in range(0, len(households), 7):
        mine = recent[recent.person == households[place]]
        assert people.past.history[place] == pytest.approx(mine.paid.sum() / 100)
        assert people.past.recency[place] == pytest.approx((BURN_IN_S - mine.time.max()) / DAY)


def test_nobody_is_moved_by_who_is_left_out(
    setup: tuple[Setup, RandomisedTest], busy: Scenario, people: People
) -> None:
    message = {"men": ArmMessage(quality=2.0)}
    some = people.households[1][::3]
    few = replace(people, households={1: some})
    whole = simulate(setup[0], busy, people, message, within_s=WITHIN_S, copies=2)
    part = simulate(setup[0], busy, few, message, within_s=WITHIN_S, copies=2)
    np.testing.assert_array_equal(part.control, whole.control[::3])
    np.testing.assert_array_equal(part.arms["men"], whole.arms["men"][::3])
    assert whole.arms["men"][:, 0].mean() > whole.control[:, 0].mean() + 0.05


def test_outcomes_are_those_of_the_log_within_the_window(
    setup: tuple[Setup, RandomisedTest], busy: Scenario, people: People
) -> None:
    found = simulate(setup[0], busy, people, {}, within_s=WITHIN_S)
    control = load_strategy(busy.brand.status_quo, busy)
    log = np.concatenate(compare(busy, [control], seed=1, keep_events=True).events[control.name])
    start = BURN_IN_S + SEND_S
    log = log[(log["time"] >= start) & (log["time"] < start + WITHIN_S)]
    visits = np.isin(people.households[1], log["person"][log["kind"] == rows.VISIT])
    np.testing.assert_array_equal(found.control[:, 0], visits)
    orders = rows.columns(log[log["kind"] == rows.ORDER], rows.ORDER)
    spent = [orders.paid[orders.person == p].sum() / 100 for p in people.households[1]]
    np.testing.assert_allclose(found.control[:, 2], spent)
    np.testing.assert_array_equal(found.control[:, 1], np.array(spent) > 0)


def test_copies_answer_apart_and_a_message_is_what_a_point_says(
    setup: tuple[Setup, RandomisedTest], busy: Scenario, people: People
) -> None:
    messages = {"one": ArmMessage(1.0), "same": ArmMessage(1.0), "other": ArmMessage(1.0 + 1e-7)}
    found = simulate(setup[0], busy, people, messages, within_s=WITHIN_S)
    np.testing.assert_array_equal(found.arms["one"], found.arms["same"])
    assert (found.arms["one"] != found.arms["other"]).any()
    space = make_space([setup[0]], [setup[1]])
    zero = np.zeros(space.size)
    values = space.values(zero)
    side = next(c.message for c in busy.channels if c.name == "email")
    assert side is not None
    assert values["channels.email.message.open"] == pytest.approx(side.open)
    assert values["channels.email.message.click"] == pytest.approx(side.click)
    at = space.scenario(busy, zero)
    assert at.world.response.created == pytest.approx(values["world.response.created"])
    changed = busy.changed(patch_of({"world.response.need": 0.5}, busy))
    assert changed.world.response.need == 0.5
    assert changed.channels == busy.channels
    for i, fitted in enumerate(space.fitted):
        assert fitted.value(0.0) < fitted.value(1.0)
        if fitted.arm:
            sent = space.messages(np.eye(space.size)[i], setup[0].content)[fitted.arm]
            if fitted.of == "quality":
                assert sent.quality == pytest.approx(fitted.sd)
            else:
                assert sent.quality == 0.0
                assert isinstance(sent.shows, dict)
                assert sent.shows[setup[0].content[fitted.arm]] == fitted.value(1.0)
                assert sum(sent.shows.values()) == pytest.approx(1.0)


def test_a_journey_once_has_no_weekday_and_no_cooldown() -> None:
    journey = Journey.model_validate(
        {"name": "launch", "trigger": "once", "sequence": ["email"],
         "steps": [{"message": {"channels": ["email"]}}]}
    )  # fmt: skip
    assert journey.day == 0
    assert "day" not in journey.model_dump()  # scenarios without it keep their digests
