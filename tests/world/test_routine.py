"""Going somewhere becomes a habit with each visit, fades, and makes a person come at a cue."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.draws import streams
from omnilab.interaction.places import what_draws
from omnilab.world import needs, routine
from omnilab.world.choice import choose, is_drawn
from tests.interaction.test_visit import PLAN, looking, model_with
from tests.plain import plain
from tests.verification.worlds import KIND, load, log, run, same_rows, world
from tests.worlds import (
    APP,
    DAY,
    STORE,
    WEB,
    WEEK,
    corner,
    due,
    eager,
    happen,
    inhabited,
    logged,
    middles,
    model_of,
)

RULES = ("world/routine.py", "interaction/routine.py")

GAIN = 1.0 - 0.05 ** (1.0 / 66.0)
ON: dict[str, Any] = {"on": 1, "cues": 7.0, "steep": 2.0, "gain": GAIN, "fades": 60.0 * DAY}
MODEL = model_of(routine=ON)


def habit(cell: Any, c: int, t: int, model: Any = MODEL) -> float:
    return plain(routine.habit_at)(cell, model, 0, c, t)


def visit(cell: Any, c: int, t: int, model: Any = MODEL) -> None:
    plain(routine.strengthen)(cell, model, 0, c, t)


@pytest.mark.parametrize(("until", "visits"), [(66, 66), (18, 18), (254, 66)])
def test_without_fading_it_is_the_asymptotic_curve(until: int, visits: int) -> None:
    """1 - .05^(n / until): after `until` visits at once it is 95% of a full habit."""
    model = model_of(corner(world={"routine": {"cues": 1.0, "until": until}}))
    cell = inhabited(model, 1)
    for _ in range(visits):
        visit(cell, APP, 5 * DAY, model)
    expected = 1.0 - 0.05 ** (visits / until)
    assert habit(cell, APP, 5 * DAY, model) == pytest.approx(expected)
    assert habit(cell, WEB, 5 * DAY, model) == 0.0


def test_daily_visits_lead_to_the_fixed_point_of_gain_and_fading() -> None:
    """Before a visit H* = (H* + (1 - H*) g) d, so H* = g d / (1 - (1 - g) d)."""
    cell, d = inhabited(MODEL, 1), math.exp(-1.0 / 60.0)
    for day in range(600):
        visit(cell, STORE, day * DAY)
    assert habit(cell, STORE, 600 * DAY) == pytest.approx(GAIN * d / (1.0 - (1.0 - GAIN) * d))


def test_any_course_is_the_naive_one_and_one_that_is_left_out_matters_little() -> None:
    rng = np.random.default_rng(7)
    cell = inhabited(MODEL, 1)
    naive, last = np.zeros(3), 0
    for t in np.sort(rng.integers(0, 300 * DAY, 120)).tolist():
        c = int(rng.integers(3))
        naive *= math.exp(-(t - last) / (60 * DAY))
        naive[c] += (1.0 - naive[c]) * GAIN
        last = t
        visit(cell, c, t)
        assert [habit(cell, k, t) for k in range(3)] == pytest.approx(naive.tolist())
    whole, less = inhabited(MODEL, 1), inhabited(MODEL, 1)
    for day in range(60):
        visit(whole, WEB, day * DAY)
        if day != 30:
            visit(less, WEB, day * DAY)
    assert habit(less, WEB, 60 * DAY) > 0.97 * habit(whole, WEB, 60 * DAY)


def test_cues_are_a_poisson_process_on_the_clock_of_activity() -> None:
    person, times = inhabited(MODEL, 1).person[0], []
    for entity in range(40):
        person.entity, person.cue = 8 * entity, 0
        t, n = 0, 0
        while (t := plain(routine.next_cue)(MODEL, person, t)) < 100 * DAY:
            n += 1
            person.cue += 1
        times.append(n)
    assert np.mean(times) == pytest.approx(100.0, abs=3.7 * math.sqrt(100.0 / 40))
    assert np.var(times) == pytest.approx(100.0, rel=0.8)


def test_a_cue_calls_up_the_strongest_habit_with_its_strength() -> None:
    cell, n = inhabited(MODEL, 1), 3000
    cell.routine[0, APP], cell.routine[0, STORE] = 0.4, 0.6
    cell.routine_t[0, :] = 9 * DAY
    found = []
    for k in range(n):
        cell.person[0].cue = k
        found.append(plain(routine.answers_cue)(cell, MODEL, 0, 9 * DAY))
    assert set(found) == {-1, STORE}
    assert np.mean(np.equal(found, STORE)) == pytest.approx(0.36, abs=3.7 * math.sqrt(0.23 / n))
    cell.routine_t[0, STORE] -= 60 * DAY  # a third of it is left: less than of the app's
    assert plain(routine.answers_cue)(cell, MODEL, 0, 9 * DAY) in (-1, APP)


def used_to(c: int, model: Any, t: int = 9 * DAY) -> Any:
    """Return a cell whose first person goes to a place at each cue."""
    cell = eager(model, 1)
    cell.routine[0, c], cell.routine_t[0, c] = 1.0, t
    return cell


def test_at_a_cue_one_goes_where_one_is_used_to_go_and_the_next_one_is_planned() -> None:
    model = model_with(routine=ON)
    cell, t = used_to(APP, model), 9 * DAY + 43200
    happen(cell, model, PLAN, t, queue.CUE, 0)
    rows = logged(cell, "by_habit", "visit")
    assert [(x["kind"], x["channel"]) for x in rows] == [("by_habit", APP), ("visit", APP)]
    assert rows[0]["strength"] == int(1e6 * math.exp(-0.5 / 60.0))
    assert rows[1]["need"] == -1
    assert cell.person[0].cue == 1
    ((at, *_),) = due(cell, queue.CUE)
    assert at == plain(routine.next_cue)(model, cell.person[0], t)


@pytest.mark.parametrize("why", ["left", "out of reach", "no habit"])
def test_who_has_left_or_cannot_go_or_is_not_used_to_it_does_not_come(why: str) -> None:
    model = model_with(routine=ON)
    cell = used_to(APP, model)
    cell.person[0].left = int(why == "left")
    if why == "out of reach":
        cell.person[0].reach = 1 << WEB
    if why == "no habit":
        cell.routine[0, APP] = 0.0
    happen(cell, model, PLAN, 9 * DAY, queue.CUE, 0)
    assert not logged(cell)
    assert len(due(cell, queue.CUE)) == int(why != "left")


@pytest.mark.parametrize(
    ("stage", "sees_to"),
    [(needs.LATENT, True), (needs.EXPLORING, True), (needs.GIVEN_UP, False)],
)
def test_there_one_sees_to_a_need_that_is_not_given_up(stage: int, sees_to: bool) -> None:
    model = model_with(routine=ON)
    cell, need = looking(model, APP)
    cell.routine[0, APP], cell.routine_t[0, APP] = 1.0, 2000
    need.stage = stage
    happen(cell, model, PLAN, 2000, queue.CUE, 0)
    (came,) = logged(cell, "visit")
    assert came["need"] == (int(need.ordinal) if sees_to else -1)
    aware = [x["cause"] for x in logged(cell, "aware")]
    assert aware == ([7] if stage == needs.LATENT else [])


def test_some_come_to_need_something_there() -> None:
    model = model_with(routine=ON | {"needs": 0.4})
    person = used_to(WEB, model).person[0]
    n, found = 400, 0
    for k in range(n):
        category = plain(routine.finds_by_habit)(model, person, k)
        found += category >= 0
        if k < 40:
            cell = used_to(WEB, model)
            cell.person[0].cue = k
            happen(cell, model, PLAN, 9 * DAY, queue.CUE, 0)
            made = logged(cell, "need")
            assert [x["category"] for x in made] == ([category] if category >= 0 else [])
            assert all(x["need"] == routine.ROUTINE_ORDINAL + k for x in made)
            assert logged(cell, "visit")[0]["need"] == (made[0]["need"] if made else -1)
    assert found / n == pytest.approx(0.4, abs=3.7 * math.sqrt(0.24 / n))


def test_all_visits_count() -> None:
    model = model_with(routine=ON)
    cell, _ = looking(model)
    for k, place in enumerate((WEB, APP, WEB)):
        cell.person[0].reach = 1 << place
        happen(cell, model, PLAN, 2000 + k, queue.REVISIT, 0, streams.VISIT_TIP << 32, k)
    expected = [1 - (1 - GAIN) ** 2, GAIN, 0.0]
    assert [habit(cell, c, 2002, model) for c in (WEB, APP, STORE)] == pytest.approx(
        expected, rel=1e-4
    )


def test_habit_draws_who_chooses_by_its_logit() -> None:
    model = model_of(routine=ON | {"pull": 1.5})
    cell = inhabited(model, 1)
    person = cell.person[0]
    person.reach, person.last_channel, person.persona = 1 << WEB | 1 << APP | 1 << STORE, -1, 0
    cell.routine[0, APP], cell.routine[0, STORE] = 0.5, 1.0
    plain(what_draws)(cell, model, 0, 0)
    chosen = [
        plain(choose)(model, person, 0, 12 * 3600, 0.0, u, cell.weight, cell.pull, 0)
        for u in middles(4000)
    ]
    weights = np.exp(np.array([0.5, 0.75, 1.5]))
    found = np.bincount(chosen, minlength=3) / 4000
    np.testing.assert_allclose(found, weights / weights.sum(), atol=1e-3)
    assert plain(is_drawn)(model)
    assert not plain(is_drawn)(MODEL)


def test_what_an_incentive_started_lasts_if_it_came_often_enough() -> None:
    """Expected visits by habit alone in the eight weeks after n visits in four, by simulation."""
    model = model_with(routine=ON | {"gain": 1.0 - 0.05 ** (1 / 18)})
    after = []
    for n in (0, 1, 8):
        came = 0
        for entity in range(30):
            cell = eager(model, 1)
            cell.person[0].entity = 8 * entity
            for k in range(n):
                plain(routine.strengthen)(cell, model, 0, STORE, k * 3 * DAY)
            t = 28 * DAY
            while (t := plain(routine.next_cue)(model, cell.person[0], t)) < 28 * DAY + 8 * WEEK:
                c = plain(routine.answers_cue)(cell, model, 0, t)
                cell.person[0].cue += 1
                if c >= 0:
                    came += 1
                    plain(routine.strengthen)(cell, model, 0, c, t)
        after.append(came / 30)
    assert after[0] == 0.0
    assert after[0] < after[1] < after[2] / 3


def test_off_its_other_keys_change_nothing() -> None:
    keys = {"needs": 0.5, "until": 5.0, "fades": "5d"}
    few = {"customers": 20}
    scenarios = world(population=few), world(population=few, world={"routine": keys})
    off, same = (run(s, load(s, "omnichannel"), pilot=10) for s in scenarios)
    same_rows(log(off, "omnichannel"), log(same, "omnichannel"))


def test_both_engines_agree_and_some_come_out_of_habit() -> None:
    scenario = world(
        population={"customers": 12},
        world={"routine": {"cues": 5.0, "pull": 1.0, "needs": 0.2, "until": 20.0}},
    )
    compiled, simpy = (
        run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=10)
        for engine in ("compiled", "simpy")
    )
    rows = log(compiled, "omnichannel")
    same_rows(rows, log(simpy, "omnichannel"))
    assert (rows["kind"] == KIND["by_habit"]).sum() > 30
