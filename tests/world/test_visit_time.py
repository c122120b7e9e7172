"""Visits that take time: how long, where a person is meanwhile, and that all else is as it was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from omnilab.cell import queue
from omnilab.draws.inverse import normal
from omnilab.draws.streams import VISIT_NEED
from omnilab.scenario import scenario_digest
from omnilab.world.device import COMPUTER, PHONE, TABLET
from omnilab.world.visit_time import BUYS, CHOOSES, LOOKS, STEP_TIME, pace_at, step_time
from tests.plain import plain
from tests.verification.worlds import (
    digests,
    frame,
    having,
    inert_world,
    load,
    orders,
    run,
    world,
)
from tests.worlds import (
    STORE,
    WEB,
    corner,
    drawn,
    due,
    eager,
    happen,
    logged,
    model_of,
    needs_of,
    plan_of,
)

ON: dict[str, Any] = {"looking": "2min", "choosing": "3min", "buying": "10min"}
SLOW: dict[str, Any] = {"looking": "40min", "choosing": "1h", "buying": "3h", "spread": 1.0}


def test_a_step_takes_a_lognormal_time_of_its_own() -> None:
    times = {"on": 1, "looking": 100.0, "choosing": 0.0, "buying": 3000.0, "spread": 0.7}
    model = model_of(visit_time=times)
    for occasion in range(100):
        u, _, w, _ = drawn(model, STEP_TIME, (VISIT_NEED << 40) | 24, occasion)
        for step, median, x in ((LOOKS, 100.0, u), (CHOOSES, 0.0, 0.5), (BUYS, 3000.0, w)):
            wanted = 2.8 * median * math.exp(0.7 * normal(x))
            took = plain(step_time)(model, 24, VISIT_NEED, occasion, step, 2.8)
            assert took == pytest.approx(wanted, abs=0.51)
    model.visit_time.spread = 10.0
    times = [plain(step_time)(model, 24, VISIT_NEED, k, BUYS, 1.0) for k in range(50)]
    assert max(times) == 86_400


def test_it_goes_by_the_place_and_the_device() -> None:
    model = model_of(visit_time={"phone": 0.8, "tablet": 1.1, "elsewhere": 2.8})
    pace = plain(pace_at)
    assert [pace(model, model.ch[WEB], d) for d in (COMPUTER, PHONE, TABLET)] == [1.0, 0.8, 1.1]
    assert pace(model, model.ch[STORE], COMPUTER) == 2.8


# One person


def shopping(**times: Any) -> tuple[Any, Any, Any]:
    """Return a cell whose person has just noticed a need and is on the way to buy it."""
    model = model_of(corner(world={"visit_time": ON | {"spread": 0.0} | times}))
    for channel in model.ch:
        channel.completes, channel.visits = 1.0, int(channel is model.ch[WEB] or channel.visits)
    plan = plan_of()
    cell = eager(model, 2, plan)
    happen(cell, model, plan, 1000, queue.NEED, 0, 0, 0)
    (need,) = needs_of(cell, 0)
    need.expires = 10**8
    cell.person[0].reach = 1  # of the web shop only
    happen(cell, model, plan, 2000, queue.NOTICE, 0, int(need.ordinal))
    return cell, model, plan


def pace_of(cell: Any) -> float:
    return 0.8 if logged(cell, "visit")[0]["on_device"] == PHONE else 1.0


def test_view_cart_and_order_come_one_after_the_other() -> None:
    cell, model, plan = shopping()
    pace = pace_of(cell)
    assert [x["kind"] for x in logged(cell)][-1] != "view"
    t = 2000
    for minutes, kind in ((2, "view"), (3, "cart"), (10, "order")):
        t += int(pace * minutes * 60 + 0.5)
        (step,) = (x for x in due(cell) if x[1] == queue.STAY)
        assert step[0] == t
        happen(cell, model, plan, t, queue.STAY, 0, step[3])
        assert [(x["time"], x["channel"]) for x in logged(cell, kind)] == [(t, WEB)]
    assert due(cell, queue.STAY) == []
    assert needs_of(cell, 0) == []


def test_a_step_without_a_time_is_taken_at_once() -> None:
    cell, model, plan = shopping(choosing=0)
    (step,) = due(cell, queue.STAY)
    happen(cell, model, plan, step[0], queue.STAY, 0, step[3])
    times = {x["kind"]: x["time"] for x in logged(cell)}
    assert times["view"] == times["cart"] == step[0]
    assert "order" not in times


@pytest.mark.parametrize(
    "kind",
    [queue.NOTICE, queue.REVISIT, queue.TIP, queue.SERVICE, queue.OPEN, queue.LOOK, queue.EXPIRE],
)
def test_what_falls_due_meanwhile_waits_until_a_second_after_the_step(kind: int) -> None:
    cell, model, plan = shopping()
    (step,) = due(cell, queue.STAY)
    before = len(logged(cell))
    a = step[3] if kind == queue.EXPIRE else 77
    happen(cell, model, plan, 2050, kind, 0, a, 5)
    assert due(cell) == [(step[0] + 1, kind, 0, a, 5)]
    assert len(logged(cell)) == before
    # Of another person nothing waits, and the end of another need does not.
    happen(cell, model, plan, 2050, queue.EXPIRE, 0, 999)
    assert due(cell) == []


def test_a_visit_without_a_need_is_none_of_its_own_meanwhile() -> None:
    cell, model, plan = shopping()
    visits = len(logged(cell, "visit"))
    happen(cell, model, plan, 2050, queue.IDLE, 0)
    assert len(logged(cell, "visit")) == visits
    assert len(due(cell, queue.IDLE)) == 1  # the next one is due as ever


def test_who_leaves_the_brand_meanwhile_does_not_go_on() -> None:
    from omnilab.interaction.leaving import leave

    cell, model, plan = shopping()
    (step,) = due(cell, queue.STAY)
    plain(leave)(cell, 2050, 0, 2)
    happen(cell, model, plan, step[0], queue.STAY, 0, step[3])
    assert logged(cell, "view", "cart", "order") == []
    assert cell.stay_due[0] == -1


# Logs


def timed(**times: Any) -> Any:
    return world(population={"customers": 60}, world={"visit_time": times})


def steps_of(log: pd.DataFrame) -> pd.DataFrame:
    """Return each visit with the times of its steps: the rows up to the person's next visit."""
    rows = log[log["kind"].isin(["visit", "view", "cart", "order"])].copy()
    rows["number"] = (rows["kind"] == "visit").groupby(rows["person"]).cumsum()
    rows = rows[rows["number"] > 0]
    assert not rows.duplicated(["person", "number", "kind"]).any()
    times = rows.pivot(index=["person", "number"], columns="kind", values="time")
    first = rows[rows["kind"] == "visit"].set_index(["person", "number"])
    return times.join(first[["need", "channel", "on_device"]])


def test_times_in_the_log_are_those_asked_for() -> None:
    scenario = timed(**ON)
    steps = steps_of(frame(run(scenario, load(scenario, "omnichannel")), "omnichannel"))
    devices = {n for n, c in enumerate(scenario.channels) if c.visit and c.visit.devices}
    by_device = steps["on_device"].map({COMPUTER: 1.0, PHONE: 0.8})
    pace = np.where(steps["channel"].isin(devices), by_device, 2.8)
    for first, then, median in (
        ("visit", "view", 120.0), ("view", "cart", 180.0), ("cart", "order", 600.0)
    ):  # fmt: skip
        took = np.log((steps[then] - steps[first]) / (pace * median)).dropna()
        assert len(took) > 100
        assert stats.kstest(took, stats.norm(scale=0.76).cdf).pvalue > 1e-4, then
    # A visit without an order is over earlier.
    assert (steps["order"] - steps["visit"]).median() > (steps["view"] - steps["visit"]).median()


def test_a_person_is_at_one_place_at_a_time() -> None:
    scenario = timed(**SLOW)
    log = frame(run(scenario, load(scenario, "omnichannel")), "omnichannel")
    steps_of(log)  # each step belongs to the visit before it
    during: dict[int, int] = {}
    waited = 0
    for row in log[log["kind"].isin(["visit", "view", "open", "click", "give_up"])].itertuples():
        if row.kind == "visit":
            assert during.get(row.person) is None, row
            during[row.person] = row.need
        elif row.kind in ("open", "click") and row.person in during:
            assert during[row.person] is None, row
            waited += 1
        elif row.kind in ("view", "give_up"):
            during[row.person] = None
    assert waited > 50
    persons = having(log, "left")["person"]
    stuck = {p for p, need in during.items() if need is not None} - set(persons)
    assert len(stuck) <= 3  # who is there when the run ends


def test_no_need_ends_while_somebody_is_there_for_it() -> None:
    scenario = timed(**SLOW)
    log = frame(run(scenario, load(scenario, "omnichannel")), "omnichannel")
    lost = having(log, "need_lost")
    steps = steps_of(log).reset_index()
    bought = steps[steps["order"].notna()].merge(lost, on=["person", "need"])
    assert bought.empty
    assert len(lost) > 100


def test_without_times_neither_digest_nor_log_changes() -> None:
    before = world(population={"customers": 24})
    after = world(
        population={"customers": 24},
        world={"visit_time": {"looking": 0, "choosing": 0, "buying": 0}},
    )
    on = world(population={"customers": 24}, world={"visit_time": {"buying": "5min"}})
    assert scenario_digest(before) == scenario_digest(after) != scenario_digest(on)
    results = [digests(run(s, load(s, "omnichannel"))) for s in (before, after, on)]
    assert results[0] == results[1] != results[2]


@pytest.mark.parametrize("times", [ON, SLOW])
def test_both_engines_have_the_same_log(times: dict[str, Any]) -> None:
    scenario = world(population={"customers": 16}, world={"visit_time": times})
    strategies = load(scenario, "omnichannel", "multichannel", "cross_channel")
    compiled, simple = (digests(run(scenario, strategies, engine=e)) for e in ("compiled", "simpy"))
    assert compiled == simple


def test_messages_without_effect_still_change_no_order() -> None:
    scenario = inert_world(population={"customers": 80}, world={"visit_time": SLOW})
    result = run(scenario, load(scenario, "no_contact", "omnichannel"))
    assert orders(result, "no_contact") == orders(result, "omnichannel") != []
