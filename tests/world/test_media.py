"""Media without an address: the reach curve of a flight, and what its contacts do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.log import rows
from omnilab.measure import MEASURES
from omnilab.strategy.loading import load_strategy
from omnilab.world import media
from omnilab.world.needs import LATENT
from tests.plain import plain
from tests.verification.worlds import log, run
from tests.worlds import (
    DAY,
    WEB,
    WEEK,
    corner,
    due,
    eager,
    happen,
    logged,
    model_of,
    needs_of,
    plan_of,
    quiet,
)

RULES = ("world/media.py", "interaction/media.py", "lowering/media.py")
SPOTS = {"name": "spots", "medium": "radio", "grp": 150, "lasts": "56d", "per_thousand": 8.0}
SILENT = {"stirs": 0.0, "reveals": 0.0, "searches": 0.0, "looks": 0.0, "makes": 0.0}


def scenario_of(*flights: dict[str, Any], **world: Any) -> Any:
    return corner(brand={"media": list(flights or (SPOTS,))}, world=world)


def contacts_of(model: Any, entity: int, k: int = 0) -> list[int]:
    t, found = int(model.flight[k].begins) - 1, []
    while (t := plain(media.next_contact)(model, entity, k, len(found), t)) >= 0:
        found.append(t)
    return found


@pytest.mark.parametrize("shape", [0.5, 2.0])
def test_a_flight_reaches_as_the_negative_binomial_says(shape: float) -> None:
    model, n = model_of(scenario_of(media={"shape": shape})), 500
    begins = int(model.flight[0].begins)
    found = [contacts_of(model, 8 * entity) for entity in range(n)]
    assert all(begins < t < begins + 8 * WEEK for one in found for t in one)
    for weeks in (1, 2, 4, 8):
        counts = np.array([sum(t < begins + weeks * WEEK for t in one) for one in found])
        mean = 1.5 * weeks
        reach = 1 - (1 + mean / shape) ** -shape
        spread = math.sqrt(reach * (1 - reach) / n)
        assert np.mean(counts > 0) == pytest.approx(reach, abs=4 * spread)
        variance = mean + mean * mean / shape
        assert counts.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / n))
        once = mean * (1 + mean / shape) ** (-shape - 1)
        assert np.mean(counts == 1) == pytest.approx(once, abs=4 * math.sqrt(once / n))


def test_a_person_has_one_habit_a_medium() -> None:
    flights = [{**SPOTS, "name": f"f{n}", "medium": m} for n, m in enumerate(("radio", "print"))]
    model = model_of(scenario_of(SPOTS, *flights))
    habit = plain(media.habit_of)
    for entity in range(0, 80, 8):
        same, again, other = (habit(model, entity, model.flight[k]) for k in range(3))
        assert same == again != other
    mean = np.mean([habit(model, 8 * n, model.flight[0]) for n in range(3000)])
    assert mean == pytest.approx(1.0, abs=0.08)


def test_flights_lower_to_their_days() -> None:
    model = model_of(scenario_of({**SPOTS, "begins_on": 7, "shows": "cups", "channel": "web"}))
    flight = model.flight[0]
    assert (flight.begins, flight.ends) == (37 * DAY, (37 + 56) * DAY)
    assert (flight.category, flight.channel, flight.cost) == (1, WEB, 800)


def met(persons: int = 200, strategy: str = "omnichannel", **part: float) -> tuple[Any, Any, Any]:
    scenario = scenario_of()
    model = model_of(scenario, media={**SILENT, "notices": 1.0, **part})
    plan = plan_of(scenario, strategy)
    return eager(model, persons, plan), model, plan


def test_contacts_are_paid_and_noticed_by_chance_where_media_are_paid_for() -> None:
    cell, model, plan = met(300, notices=0.3)
    for who in range(300):
        happen(cell, model, plan, 31 * DAY, queue.CONTACT, who, 0, 5)
    seen = logged(cell, "media_contact")
    assert len(seen) == 300
    assert {row["cost"] for row in seen} == {800}
    share = sum(row["noticed"] for row in seen) / 300
    assert share == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / 300))
    for strategy, t in (("no_contact", 31 * DAY), ("omnichannel", int(model.clock.end))):
        cell, model, plan = met(1, strategy)
        happen(cell, model, plan, t, queue.CONTACT, 0, 0, 5)
        assert not logged(cell)


def test_a_contact_makes_needs_at_its_chance_and_they_are_noticed_in_their_time() -> None:
    cell, model, plan = met(400, makes=0.2)
    for who in range(400):
        happen(cell, model, plan, 31 * DAY, queue.CONTACT, who, 0, 0)
    made = logged(cell, "need")
    assert len(made) / 400 == pytest.approx(0.2, abs=4 * math.sqrt(0.16 / 400))
    assert {row["origin"] for row in made} == {4}
    assert {row["maker"] for row in made} == {1 << 16}
    assert len(due(cell, queue.NOTICE)) == len(made)
    assert all(row["need"] >= 1 << 25 for row in made)  # so part of them is borrowed


def test_a_contact_stirs_and_reveals_the_need_that_it_shows() -> None:
    from omnilab.interaction.need import make_need

    cell, model, plan = met(1, stirs=0.7, reveals=1.0)
    plain(make_need)(cell, model, 31 * DAY, 0, 1, 9, 0, 0)
    (need,) = needs_of(cell, 0)
    need.stage = LATENT
    happen(cell, model, plan, 31 * DAY, queue.CONTACT, 0, 0, 0)
    assert need.stock == pytest.approx(0.7)
    assert [row["cause"] for row in logged(cell, "aware")] == [5]


def test_a_search_of_the_name_comes_at_once_and_leads_to_the_channel() -> None:
    cell, model, plan = met(150, looks=1.0, soon=87.0)
    t = 31 * DAY + 12 * 3600
    for who in range(150):
        happen(cell, model, plan, t, queue.CONTACT, who, 0, 0)
    planned = due(cell, queue.FIND)
    delays = np.array([item[0] - t for item in planned])
    assert len(delays) == 150
    within = np.mean(delays <= 121)  # three in four in two minutes, a second to begin with
    assert within == pytest.approx(0.75, abs=4 * math.sqrt(0.19 / 150))
    quiet(cell)
    happen(cell, model, plan, planned[0][0], queue.FIND, planned[0][2], *planned[0][3:])
    (visit,) = logged(cell, "visit")
    assert (visit["channel"], visit["source"], visit["need"], visit["cause"]) == (WEB, 2, -1, -1)


def test_media_that_teach_nothing_leave_all_else_as_it_was() -> None:
    time = {"burn_in": "10d", "window": "35d", "run_out": "5d"}
    flight = {**SPOTS, "lasts": "21d", "begins_on": -7}
    found = []
    for plan in ([], [flight]):
        scenario = corner(
            time=time, population={"customers": 12}, world={"media": SILENT}, brand={"media": plan}
        )
        rows_ = log(run(scenario, [load_strategy("omnichannel", scenario)]), "omnichannel")
        kept = rows_[rows_["kind"] != rows.MEDIA_CONTACT]
        found.append((len(rows_) - len(kept), kept))
    (none, before), (some, after) = found
    assert none == 0 < some
    names = [name for name in before.dtype.names if name != "seq"]
    assert np.array_equal(np.sort(before[names]), np.sort(after[names]))


def test_awareness_and_new_customers_are_counted_as_a_naive_reader_does() -> None:
    scenario = corner(
        time={"burn_in": "7d", "window": "42d", "run_out": "7d"},
        population={"customers": 30},
        world={"rivals": {"number": 2}, "preference": {"known": 0.2},
               "media": {"searches": 0.1, "looks": 0.05, "notices": 0.9},
               "awareness": {"teaches": 0.6, "half_life": "10d"}},
        brand={"media": [{**SPOTS, "lasts": "28d", "grp": 250, "begins_on": -7}]},
    )  # fmt: skip
    comparison = run(scenario, [load_strategy("omnichannel", scenario)])
    found = log(comparison, "omnichannel")
    knows = rows.of_kind(found, rows.KNOWS)
    for name, at in (("awareness_start", 7), ("awareness_middle", 28), ("awareness", 49)):
        until: dict[int, int] = {}
        for row in np.sort(knows, order="time", kind="stable"):
            if row["time"] <= at * DAY:
                until[int(row["person"])] = int(row["until"])
        share = sum(t > at * DAY for t in until.values()) / 30
        assert comparison.moments.estimate(name, "omnichannel").value == pytest.approx(share), name
    contacts = rows.of_kind(found, rows.MEDIA_CONTACT)
    inside = (contacts["time"] >= 7 * DAY) & (contacts["time"] < 49 * DAY)
    cost = contacts["cost"][inside].sum() / 1e5 / 30
    paid = comparison.moments.estimate("media_cost", "omnichannel").value
    assert paid == pytest.approx(cost)
    assert 0 < MEASURES["awareness"].value({"known_end": 3, "known_of": 4}) < 1
