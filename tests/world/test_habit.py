"""What a person gets used to annoys less, and anew after a pause or in another place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.engine.loop import people
from omnilab.errors import ScenarioError
from omnilab.scenario import scenario_digest
from omnilab.world import habit
from tests.plain import plain
from tests.verification.worlds import build, digests, frame, load, run, world
from tests.worlds import APP, DAY, WEB, cell_of, inhabited, model_of

FADES = 40 * DAY
MODEL = model_of(habit={"fades": FADES})


def repeats(cell: Any, times: list[int], channel: int = WEB) -> list[float]:
    rule = plain(habit.novelty_of_repeat)
    return [rule(cell, MODEL, 0, channel, t) for t in times]


def test_each_time_is_less_new_and_a_pause_makes_it_new_again() -> None:
    times = [0, 3 * DAY, 5 * DAY, 400 * DAY]
    found = repeats(inhabited(MODEL, 1), times)
    for n, t in enumerate(times):
        used = sum(math.exp(-(t - before) / FADES) for before in times[:n])
        assert found[n] == pytest.approx(1 / (1 + used), rel=1e-12)
    assert found[0] == 1.0
    assert found[1] > found[2]
    assert found[3] > 0.999


def test_another_place_is_new() -> None:
    cell = inhabited(MODEL, 1)
    assert repeats(cell, [DAY, 2 * DAY])[1] < 0.51
    assert repeats(cell, [3 * DAY], APP) == [1.0]


def test_service_is_a_habit_of_its_own() -> None:
    cell = inhabited(MODEL, 1)
    rule = plain(habit.novelty_of_service)
    assert repeats(cell, [DAY]) == [1.0]
    assert rule(cell, MODEL, 0, DAY) == 1.0
    assert rule(cell, MODEL, 0, DAY) == 0.5


def test_a_person_begins_without_habits_whoever_had_the_slot_before() -> None:
    cell = cell_of(1, MODEL)
    cell.used_to[:] = 7.0
    cell.used_to_t[:] = 9
    plain(people)(cell, MODEL, 0, 1, np.array([1]))
    assert repeats(cell, [10 * DAY]) == [1.0]


def test_however_often_it_happens_it_annoys_about_once_in_the_time_of_fading() -> None:
    """Poisson at rate r: at most 1 / fades a second, and all of them where r is small."""
    rng = np.random.default_rng(5)
    for every, n in ((DAY, 4000), (5 * DAY, 4000), (400 * DAY, 300)):
        times = np.cumsum(rng.exponential(every, n)).astype(int).tolist()
        rate = sum(repeats(inhabited(MODEL, 1), times)) / times[-1]
        # E[1 / (1 + H)] lies between 1 / (1 + E[H]) (Jensen) and 1
        assert 1 / (every + FADES) < rate * 1.02
        assert rate < min(1 / every, 1.35 / FADES)


def test_off_nothing_is_kept_and_all_is_new() -> None:
    model = model_of()
    cell = inhabited(model, 1)
    for t in (0, 1, 2):
        assert plain(habit.novelty_of_repeat)(cell, model, 0, WEB, t) == 1.0
        assert plain(habit.novelty_of_service)(cell, model, 0, t) == 1.0
    assert not cell.used_to.any()
    assert cell.person[0].service_used == 0.0


# Logs


def grocer(every: str, fades: str) -> Any:
    """Return a shop that never knows anybody, so that each second visit repeats steps."""
    return build({
        "id": "grocer-v1",
        "time": {"burn_in": 0, "window": "365d", "run_out": 0},
        "population": {
            "customers": 400, "household_sizes": [1.0], "dropout": {"a": 0.001, "b": 1000.0},
            "personas": [{"name": "all", "share": 1.0}],
        },
        "categories": [{"name": "food", "every": every, "shape": 50.0, "regularity": 2,
                        "latent": "1h", "spend": {"mean": 40.0}}],
        "channels": [{"name": "shop", "silo": "shop", "visit": {"completes": 0.4}}],
        "world": {"habit": {"fades": fades}, "satisfaction": {"kappa": 1.0},
                  "intent": {"threshold": 0.5}},
        "brand": {"status_quo": "no_contact"},
    })  # fmt: skip


def left(every: str, fades: str) -> tuple[float, float]:
    """Return the share that leaves within the year, and orders of a customer."""
    scenario = grocer(every, fades)
    table = frame(run(scenario, load(scenario, "no_contact")), "no_contact")
    assert (table.loc[table["kind"] == "left", "why"] == 2).all()
    return (table["kind"] == "left").sum() / 400, (table["kind"] == "order").sum() / 400


def test_a_need_that_recurs_in_days_does_not_add_hazard_each_time() -> None:
    often, orders = left("4d", "0s")
    used, more = left("4d", "90d")
    assert orders > 10
    assert often > 0.2  # without habit
    assert used < 0.35 * often
    assert more > orders
    seldom, _ = left("150d", "0s")
    as_seldom, _ = left("150d", "90d")
    assert as_seldom == pytest.approx(seldom, abs=0.02)


def test_off_is_the_scenario_and_the_log_that_were_and_engines_agree() -> None:
    before, off, on = (
        world(
            population={"customers": 20},
            world={"continuity": {"annoys": 0.7}} | ({"habit": {"fades": fades}} if fades else {}),
        )
        for fades in (None, "0s", "60d")
    )
    assert scenario_digest(before) == scenario_digest(off) != scenario_digest(on)
    compiled, simpy = (
        [digests(run(s, load(s, "multichannel"), engine=e)) for s in (off, on)]
        for e in ("compiled", "simpy")
    )
    assert compiled == simpy
    assert compiled[0] == digests(run(before, load(before, "multichannel"))) != compiled[1]


def test_a_time_below_zero_is_an_error_that_names_it() -> None:
    with pytest.raises(ScenarioError, match=r"habit\.fades"):
        world(world={"habit": {"fades": "-3d"}})
