"""When people are on their way, and where they are."""

import math

import numpy as np
import pytest

from omnilab.lowering.places import lower_ends
from omnilab.world import errands, outings, places, ways
from omnilab.world.clock import local
from tests.plain import plain
from tests.worlds import DAY, cell_of, corner, model_of

SHOP = [{"name": "shop", "channel": "store"}]
HOUR = 3600


def model_with(**values):
    return model_of(corner(places=SHOP), places=values)


def one_person(model, entity=8, **spot):
    """Return a cell of one person, whose ways are found from these fields of its spot."""
    cell = cell_of(1, model)
    cell.person[0].entity = entity
    for number in range(len(cell.site)):
        cell.site[number].x, cell.site[number].y = 300.0, 100.0
    for name, value in {"cluster": 0, "works": 0, "tells": 0, **spot}.items():
        cell.spot[0][name] = value
    plain(places.find_ways)(cell, model, 0)
    return cell


def all_errands(cell, model, day, kinds=(0, 1)):
    """Return a day's errands, in order: (moment, number)."""
    found = []
    for seen in kinds:
        share = plain(errands.share_of)(cell, 0, seen)
        four = plain(errands.counts)(model, int(cell.person[0].entity), day, seen)
        u = plain(errands.quarter)(day, *four)
        for i in range(
            plain(errands.number_of_errands)(model, day, share / float(model.places.gap), u)
        ):
            number = day << 8 | i << 1 | seen
            at, _, _ = plain(errands.errand_at)(model, int(cell.person[0].entity), number)
            found.append((at, number))
    return sorted(found)


def test_people_go_to_work_on_workdays_binomially():
    model = model_with(presence=0.7)
    there = np.array(
        [
            [plain(ways.commute_at)(model, entity * 8, day, outings.OUT) for day in range(70)]
            for entity in range(60)
        ]
    )
    days = np.arange(70) % 7  # the first is a Monday
    assert (there[:, days > 4] == -1).all()
    went = (there[:, days < 5] >= 0).sum(axis=1)
    assert went.mean() / 50 == pytest.approx(0.7, abs=4 * math.sqrt(0.21 / 3000))
    assert went.var() == pytest.approx(50 * 0.7 * 0.3, rel=0.6)
    hours = (there % DAY)[there >= 0] / HOUR
    assert hours.min() >= 6
    assert hours.max() < 10
    assert hours.mean() == pytest.approx(8.0, abs=0.1)  # activity is the clock's time here


def test_ways_to_work_and_back_follow_each_other():
    """Who tells positions makes every way; others those on which something is noticed."""
    model = model_with(presence=0.5, notices=0.3)

    def found(**spot):
        cell = one_person(model, **spot)
        t, all_ = -1, []
        while (way := plain(ways.next_commute)(cell, model, 0, t))[0] < model.clock.run_end:
            assert way[0] > t
            assert (way[2] == 1) or spot.get("tells") == 1
            all_.append((way[0] // DAY, way[1]))
            t = way[0]
        return all_

    days = [day for day in range(150) if plain(ways.commute_at)(model, 8, day, outings.OUT) >= 0]
    both = [(day, which) for day in days for which in (outings.OUT, outings.BACK)]
    assert found(works=1, tells=1) == both
    assert found(works=1, home_x=-5000.0, home_y=3000.0, work_x=5000.0, work_y=3000.0) == []
    seen = [
        way for way in both
        if plain(ways.passes_on)(model, 8, plain(ways.commute_number)(*way), 0)[0] < 0.3
    ]  # fmt: skip
    assert 0 < len(seen) < len(both)
    assert found(works=1, home_x=-5000.0, home_y=100.0, work_x=5000.0, work_y=100.0) == seen


def test_errands_are_a_poisson_process():
    """Of 15 of 24 hours: by the day, and each hour of a day has as many as another."""
    model, days = model_with(gap=168.0 / 30.0), 140
    counts, hours = [], []
    for entity in range(0, 160, 8):
        cell = one_person(model, entity)
        for day in range(days):
            found = all_errands(cell, model, day)
            counts.append(len(found))
            hours += [at % DAY / HOUR for at, _ in found]
    mean, n = 30.0 / 7 * 15 / 24, len(counts)
    assert np.mean(counts) == pytest.approx(mean, abs=4 * math.sqrt(mean / n))
    assert np.var(counts) == pytest.approx(mean, rel=4 * math.sqrt(2 / n))
    of = np.histogram(hours, np.arange(7, 23))[0]
    assert of.sum() == len(hours)  # nobody runs errands at night
    assert ((of - of.mean()) ** 2 / of.mean()).sum() < 14 + 4 * math.sqrt(28)


@pytest.mark.parametrize("mean", [0.05, 0.9, 7.0])
def test_a_number_of_errands_is_poissons_quantile(mean):
    model = model_with()
    model.outing[3].errands_hours = 15.0
    us = (np.arange(2000) + 0.5) / 2000
    found = np.array([plain(errands.number_of_errands)(model, 3, mean / 15.0, u) for u in us])
    below = np.cumsum([math.exp(-mean) * mean**k / math.factorial(k) for k in range(60)])
    assert found.tolist() == np.searchsorted(below, us, side="right").tolist()


def test_errands_lead_to_a_persons_ends_by_their_rank():
    """Home and work are the first two places: the k-th end has the weight (k + 2) ** -1.2."""
    scenario = corner(places=SHOP, world={"places": {"ends": 6}})
    weights = np.arange(3.0, 9.0) ** -1.2
    shares = weights / weights.sum()
    assert np.diff(lower_ends(scenario), prepend=0.0) == pytest.approx(shares)
    model = model_of(scenario)
    cell = one_person(model)
    cell.spot[0].seen_ends, cell.spot[0].often = 0b101001, shares[0] + shares[3] + shares[5]
    us = (np.arange(4000) + 0.5) / 4000
    for seen, ends in ((1, [0, 3, 5]), (0, [1, 2, 4])):
        found = [plain(errands.end_of)(cell, model, 0, seen, u) for u in us]
        expected = np.zeros(6)
        expected[ends] = shares[ends] / shares[ends].sum()
        assert np.bincount(found, minlength=6) / 4000 == pytest.approx(expected, abs=1e-3)


def test_an_end_lies_in_the_own_cluster_or_in_any():
    """The first cluster is in the middle; the others' centres lie anywhere in the square."""
    model = model_of(
        corner(places=SHOP, world={"places": {"ends": 60}}), places={"clusters": 4, "local": 0.5}
    )
    cell, near = one_person(model), []
    for entity in range(0, 400, 8):
        cell.person[0].entity = entity
        ends = [plain(places.end_point)(cell, model, 0, h) for h in range(60)]
        near += [math.hypot(x, y) < 2500.0 for x, y in ends]
    assert 0.6 < np.mean(near) < 1.0
    stays = [plain(ways.errand_way)(cell, model, 0, day << 8)[1] for day in range(150)]
    assert np.mean(stays) == pytest.approx(2400.0, rel=4 / math.sqrt(150))


def test_a_person_is_out_at_work_or_at_home():
    model = model_with(presence=1.0, gap=0.0)
    cell = one_person(model, home_x=1.0, work_x=2.0, works=1)
    go, back = (plain(ways.commute_at)(model, 8, 1, which) for which in (outings.OUT, outings.BACK))

    def where(t):
        return plain(ways.where_is)(cell, model, 0, t)[0]

    assert [where(t) for t in (DAY, go - 1, go, back - 1, back)] == [1.0, 1.0, 2.0, 2.0, 1.0]
    assert where(5 * DAY + 12 * HOUR) == 1.0  # a Saturday
    cell.spot[0].works = 0
    assert where(go) == 1.0


def test_a_person_is_at_the_end_of_the_last_errand_while_it_lasts():
    """Against all errands of a day, one after the other."""
    model = model_with(clusters=4, gap=168.0 / 60.0, presence=1.0, stay=1800.0)
    cell = one_person(model, home_x=900.0, home_y=-400.0, work_x=2500.0, works=1)
    out = 0
    for day in range(4):
        made = all_errands(cell, model, day)
        for t in range(day * DAY, (day + 1) * DAY, 1237):
            before = [number for at, number in made if at < t]
            here = plain(ways.where_is)(cell, model, 0, t)
            away = None
            if before:
                (ax, ay, bx, by), stay = plain(ways.errand_way)(cell, model, 0, before[-1])
                left = max(at for at, _ in made if at < t)
                until = left + int(300 + math.hypot(bx - ax, by - ay) * 0.18) + stay
                away = (bx, by) if t < until else None
            out += away is not None
            model_at_home = plain(ways._stands)(cell, model, 0, t)
            assert here == (away or model_at_home)
    assert out > 20


def test_the_next_errand_is_the_first_on_which_something_is_noticed():
    model = model_with(clusters=4, gap=168.0 / 80.0, presence=1.0, notices=0.4)
    model.sites[0].sight_m = 400.0
    where = {"home_x": 900.0, "home_y": -400.0, "work_x": 1500.0, "works": 1}
    cell = one_person(model, **where)
    assert 0.0 < cell.spot[0].often < 1.0
    expected = []
    for day in range(28):
        for at, number in all_errands(cell, model, day):
            ends, _ = plain(ways.errand_way)(cell, model, 0, number)
            near = plain(places.passing_distance)(cell, 0, ends) <= model.sites[0].sight_m
            if near and plain(ways.passes_on)(model, 8, number << 1, 0)[0] < 0.4:
                expected.append((at, number, 1))
    t, found = -1, []
    while (errand := plain(ways.next_errand)(cell, model, 0, t))[0] < 28 * DAY:
        found.append(errand)
        t = errand[0]
    assert found == expected
    assert len(found) > 20
    assert len({t // DAY for t, *_ in found}) < len(found)  # some days have two
    cell = one_person(model, **where, tells=1)
    all_of = [x for day in range(28) for x in all_errands(cell, model, day)]
    assert {number & 1 for _, number in all_of} == {1}
    assert plain(ways.next_errand)(cell, model, 0, -1)[:2] == all_of[0]
    nothing = one_person(model, home_x=1e6)
    nothing.spot[0].seen_ends, nothing.spot[0].often = 0, 0.0
    assert plain(ways.next_errand)(nothing, model, 0, -1)[0] == model.clock.run_end


def test_hours_of_a_day_follow_local_time():
    """Where clocks are put forward, people go out an hour earlier; on that day an hour off."""
    scenario = corner(places=SHOP, time={"start": "2025-03-24", "zone": "Europe/Berlin"})
    model = model_of(scenario)
    for day in range(14):
        for part, first, last in (("there", 6, 10), ("back", 15.5, 19.5), ("errands", 7, 22)):
            low, hours = (model.outing[day][f"{part}_{x}"] for x in ("a", "hours"))
            assert hours == pytest.approx(last - first)
            t = int(low * HOUR) - int(model.clock.monday)
            off = HOUR if day == 6 else 0  # clocks change on the Sunday
            assert plain(local)(model, t) == day * DAY + first * HOUR + off, (day, part)
    assert plain(local)(model, 13 * DAY) == 13 * DAY + HOUR
