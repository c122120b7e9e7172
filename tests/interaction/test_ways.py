"""What happens on ways: boards reach who passes them, and fences find who comes near."""

import copy
import math
from statistics import NormalDist

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.interaction import ways as steps
from omnilab.log import rows
from omnilab.world import places, ways
from omnilab.world.errands import NONE_YET
from tests.plain import plain
from tests.verification.worlds import digests, load, log, run
from tests.worlds import (
    APP,
    DAY,
    STORE,
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

SHOP = {"name": "shop", "channel": "store"}
BOARD = {"name": "board", "kind": "board", "channel": "store", "sight_m": 50, "cost": 0.01}
RIVAL = {"name": "rival", "kind": "rival"}


def near(**values):
    return {
        "name": "near", "trigger": "near", "near": {"place": "shop", "radius_m": 300, **values},
        "sequence": ["app"], "steps": [{"message": {"channels": ["push"], "success": "sent"}}],
    }  # fmt: skip


def telling(**changes):
    channels = copy.deepcopy(corner().model_dump(mode="json", context={"currency": "EUR"}))
    channels = channels["channels"]
    channels[APP]["visit"]["tells_position"] = 1.0
    return corner(channels=channels, places=[SHOP], **changes)


def towns(model, plan, persons, **homes):
    """Return a cell of persons who live and work at one place; the town's places in its middle."""
    cell = eager(model, persons, plan)
    for site in cell.site:
        site.x = site.y = 0.0
    for spot in cell.spot[:persons]:
        spot.home_x = spot.home_y = spot.work_x = spot.work_y = 0.0
        spot.cluster, spot.works, spot.tells = 0, 1, 1
        for name, value in homes.items():
            spot[name] = value
    for who in range(persons):
        plain(places.find_ways)(cell, model, who)
    return cell


def test_a_board_reaches_commuters_binomially():
    """Each workday somebody goes there and back with one chance, and notices it with another."""
    scenario = corner(places=[BOARD])
    model = model_of(scenario, places={"presence": 0.6, "notices": 0.25})
    plan, persons = plan_of(scenario), 400
    cell = towns(model, plan, persons, home_x=-1000.0, work_x=1000.0, tells=0)
    for who in range(persons):
        t = -1
        while True:
            t, which, noticed = plain(ways.next_commute)(cell, model, who, t)
            if t >= WEEK:
                break
            happen(cell, model, plan, t, queue.COMMUTE, who, which, noticed)
    seen = logged(cell, "passed")
    misses = 1 - 0.6 * (1 - 0.75**2)
    reach = 1 - misses**5
    share = len({row["person"] for row in seen}) / persons
    assert share == pytest.approx(reach, abs=4 * math.sqrt(reach * (1 - reach) / persons))
    contacts = persons * 5 * 0.6 * 2 * 0.25
    assert len(seen) == pytest.approx(contacts, abs=5 * math.sqrt(contacts))
    assert {row["cost"] for row in seen} == {1000}
    assert {row["metres"] for row in seen} == {0}


def test_a_board_reaches_those_on_errands_as_poisson_says():
    """Who lives beside it passes it with each errand; 15 of 24 hours are hours for errands."""
    scenario = corner(places=[BOARD])
    model = model_of(scenario, places={"gap": 168.0 / 4.0, "notices": 0.3, "stay": 1.0})
    plan, persons = plan_of(scenario), 300
    cell = towns(model, plan, persons, works=0, tells=0)
    for who in range(persons):
        t, number = 0, NONE_YET
        while (errand := plain(ways.next_errand)(cell, model, who, number, t))[0] < WEEK:
            t, number, noticed = errand
            happen(cell, model, plan, t, queue.ERRAND, who, number, noticed)
    seen = logged(cell, "passed")
    mean = 4.0 * 15 / 24 * 0.3
    reach = 1 - math.exp(-mean)
    share = len({row["person"] for row in seen}) / persons
    assert share == pytest.approx(reach, abs=4 * math.sqrt(reach * (1 - reach) / persons))
    assert len(seen) == pytest.approx(mean * persons, abs=4 * math.sqrt(mean * persons))


def test_boards_hang_only_where_media_are_paid_for():
    scenario = corner(places=[BOARD])
    model = model_of(scenario, places={"notices": 1.0})
    cell = towns(model, plan_of(scenario), 1)
    for strategy, contacts in (("no_contact", 0), ("omnichannel", 1)):
        quiet(cell)
        happen(cell, model, plan_of(scenario, strategy), 8 * 3600, queue.COMMUTE, 0, 0, 1)
        assert len(logged(cell, "passed")) == contacts
    quiet(cell)
    end = int(model.clock.end)
    happen(cell, model, plan_of(scenario), end, queue.COMMUTE, 0, 0, 1)
    assert not logged(cell, "passed")


def errands(scenario, model, n=4000):
    """Return how many errands from far away into the town's middle the app tells of."""
    plan = plan_of(scenario)
    cell = towns(model, plan, 1, home_x=-1e6, works=0)
    told = 0
    for number in range(n):
        quiet(cell)
        cell.person[0].entity = 8 * number  # with ends of its own
        happen(cell, model, plan, 12 * 3600, queue.ERRAND, 0, 1)
        told += len(due(cell, queue.NEAR))
    return told / n


def test_a_fence_is_entered_by_who_passes_or_stays_within_its_radius():
    """Ends are normal around the place, so that a closed form says who comes within the radius.

    Who goes on beyond it passes at the distance of the end aside, others come as near as the end.
    """
    scenario = telling(brand={"journeys": [near(radius_m=600)]})
    model = model_of(scenario, places={"clusters": 1})
    z = 600.0 / 800.0
    aside = 2 * NormalDist().cdf(z) - 1
    within = 1 - math.exp(-z * z / 2)
    assert errands(scenario, model) == pytest.approx((aside + within) / 2, abs=4 * 0.5 / 4000**0.5)


def test_a_dwell_lets_only_those_in_who_stay():
    """At a pace without time passing by takes none: what counts is the stay, exponential."""
    scenario = telling(brand={"journeys": [near(radius_m=600, dwell="20min")]})
    model = model_of(scenario, places={"clusters": 1, "pace": 0.0, "stay": 1800.0})
    hits = (1 - math.exp(-((600.0 / 800.0) ** 2) / 2)) * math.exp(-1200 / 1800)
    assert errands(scenario, model) == pytest.approx(hits, abs=4 * 0.4 / 4000**0.5)


def test_the_app_tells_when_the_dwell_is_over_and_only_who_comes_in():
    scenario = telling(brand={"journeys": [near(dwell="2min")]})
    model, plan = model_of(scenario), plan_of(scenario)
    cell = towns(model, plan, 1, home_x=-5000.0)
    go = plain(steps.cross_fences)
    go(cell, model, plan, 1000, 0, (-5000.0, 0.0, 0.0, 0.0), 600)
    assert [(t, who, a) for t, _, who, a, _ in due(cell, queue.NEAR)] == [(1120, 0, 0)]
    for ends in (
        (-200.0, 0.0, 0.0, 0.0),  # was within before
        (-5000.0, 400.0, 5000.0, 400.0),  # passes too far away
        (-5000.0, 0.0, 5000.0, 0.0),  # passes too fast: 600 m take 108 s
    ):
        go(cell, model, plan, 1000, 0, ends, 600)
        assert not due(cell, queue.NEAR)
    cell.spot[0].tells = 0
    go(cell, model, plan, 1000, 0, (-5000.0, 0.0, 0.0, 0.0), 600)
    assert not due(cell, queue.NEAR)


def told(scenario, t, dwell=120, metres=40, strategy="omnichannel"):
    """Return the kinds of rows that follow where the app finds somebody near at ``t``."""
    model, plan = model_of(scenario), plan_of(scenario, strategy)
    cell = towns(model, plan, 1)
    cell.person[0].consent = 63
    happen(cell, model, plan, 0, queue.START, 0)
    quiet(cell)
    happen(cell, model, plan, t, queue.NEAR, 0, 0, (dwell << 32) | metres)
    return [row["kind"] for row in logged(cell)]


def test_a_position_starts_its_journey_while_the_place_is_open_for_long_enough():
    channels = telling().model_dump(mode="json", context={"currency": "EUR"})["channels"]
    channels[STORE]["visit"].update(opens="09:00", closes="20:00")
    hour = 3600

    def scenario(**values):
        return corner(
            places=[SHOP], channels=channels,
            brand={"journeys": [near(dwell="2min", **values)]},
        )  # fmt: skip

    for lead, at, starts in (
        (0, 12.0, True), (0, 8.9, False), (0, 20.0, False), ("2h", 18.0, True),
        ("2h", 18.1, False),
    ):  # fmt: skip
        kinds = told(scenario(lead=lead), int(at * hour))
        assert kinds == (["position", "enter"] if starts else []), (lead, at)


def test_a_fence_of_another_strategy_is_none():
    scenario = telling(brand={"journeys": [near(dwell="2min")]})
    noon = 12 * 3600
    assert told(scenario, noon) == ["position", "enter"]
    assert told(scenario, noon, dwell=121) == []
    assert told(scenario, noon, metres=301) == []
    assert told(scenario, noon, strategy="no_contact") == []


def test_who_needs_something_goes_in_and_who_passes_a_rival_may_be_lost():
    scenario = corner(places=[{**SHOP, "sight_m": 100}, {**RIVAL, "sight_m": 100}])
    sure = {"notices": 1.0, "calls_in": 1.0, "tempts": 1.0, "drops_in": 0.0}
    for site, kind in ((0, "visit"), (1, "need_lost")):
        model, plan = model_of(scenario, places=sure), plan_of(scenario)
        cell = towns(model, plan, 1)
        happen(cell, model, plan, 100, queue.NEED, 0, 0, 0)
        need = needs_of(cell, 0)[0]
        quiet(cell)
        happen(cell, model, plan, 8 * 3600, queue.COMMUTE, 0, 0, 1 << site)
        assert kind not in [row["kind"] for row in logged(cell)]  # nobody knows of the need yet
        need.stage = 1 + need.stage  # exploring
        quiet(cell)
        happen(cell, model, plan, DAY + 8 * 3600, queue.COMMUTE, 0, 0, 1 << site)
        found = [row["kind"] for row in logged(cell)]
        assert kind in found
        if site == 0:
            assert found[:4] == ["passed", "visit", "at_place", "identify"] or found[:3] == [
                "passed", "visit", "at_place",
            ]  # fmt: skip
            assert logged(cell, "at_place")[0]["place"] == 0
        else:
            assert not needs_of(cell, 0)


def shop_town(**changes):
    """Return a small scenario of towns in which everything of places happens."""
    patch = {
        "time": {"burn_in": "6d", "window": "20d", "run_out": "3d"},
        "population": {"customers": 10, "households_per_cell": 4},
        "places": [{**SHOP, "count": 2}, RIVAL, {**BOARD, "count": 3, "sight_m": 300}],
        "world": {"places": {"size_km": 2, "calls_in": 0.5, "drops_in": 0.2}},
        "brand": {"journeys": [near(dwell="2min")], "cap": None},
    }
    patch |= changes
    channels = telling().model_dump(mode="json", context={"currency": "EUR"})["channels"]
    return corner(channels=channels, **patch)


def test_the_engines_agree_where_people_are_on_their_way():
    scenario = shop_town()
    strategies = load(scenario, "no_contact", "multichannel", "omnichannel")
    fast, slow = (run(scenario, strategies, engine=e) for e in ("compiled", "simpy"))
    assert digests(fast) == digests(slow)
    kinds = set(log(fast, "omnichannel")["kind"].tolist())
    assert {rows.AT_PLACE, rows.PASSED, rows.POSITION, rows.LIVES, rows.STANDS} <= kinds


def test_places_that_nobody_notices_and_nothing_happens_at_change_nothing():
    """The null world: only rows that say where people live are new."""
    plain_town = shop_town(places=[], brand={"journeys": [], "cap": None}, world={})
    with_rivals = shop_town(
        places=[RIVAL], brand={"journeys": [], "cap": None}, world={"places": {"notices": 0.0}}
    )
    logs = []
    for scenario in (plain_town, with_rivals):
        full = log(run(scenario, load(scenario, "omnichannel")), "omnichannel")
        kept = full[full["kind"] < rows.AT_PLACE]
        logs.append([tuple(row[name] for name in kept.dtype.names if name != "seq")
                     for row in kept])  # fmt: skip
        assert (len(kept) < len(full)) == bool(scenario.places)
    assert len(logs[0]) > 100
    assert logs[0] == logs[1]


def test_one_town_more_moves_no_other():
    small, large = (
        shop_town(population={"customers": n, "households_per_cell": 4}) for n in (8, 14)
    )
    few, many = (log(run(s, load(s, "omnichannel")), "omnichannel") for s in (small, large))
    first = many[many["person"] < few["person"].max() + 1]
    town = few["person"] < 4
    assert len(few[town]) > 50
    assert np.array_equal(few[town], first[first["person"] < 4])
