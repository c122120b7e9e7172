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


def set_ends(cell, shares):
    """Give a person these shares of errands that matter, by end."""
    spot, total = cell.spot[0], np.cumsum(shares)
    spot.besides, spot.often = 0, total[-1]
    for end, share in enumerate(shares):
        if share > 0.0:
            beside = cell.beside[0, int(spot.besides)]
            beside.share, beside.end = total[end], end
            spot.besides += 1


def that_matter(cell, model, until, who=0):
    """Return a person's errands that matter, in order: (moment, number), one after the other."""
    number, at, found = errands.NONE_YET, 0, []
    entity, often = int(cell.person[who].entity), float(cell.spot[who].often)
    while True:
        number += 2
        when = plain(errands.course_of)(model, entity, number)[0]
        at = plain(errands.the_one_after)(model, at, often, when)
        if at >= until:
            return found
        found.append((at, number))


def others(cell, model, day, who=0):
    """Return a day's errands that do not matter: (moment, number)."""
    entity, often = int(cell.person[who].entity), float(cell.spot[who].often)
    numbers = [
        plain(errands.other)(day, i)
        for i in range(plain(errands.number_of_others)(model, entity, day, often))
    ]
    when = [plain(errands.course_of)(model, entity, number)[0] for number in numbers]
    return [
        (plain(errands.moment_of_other)(model, day, u), n)
        for u, n in zip(when, numbers, strict=True)
    ]


def all_errands(cell, model, days):
    """Return the errands of the first days, in order: (moment, number)."""
    found = that_matter(cell, model, days * DAY)
    return sorted(found + [one for day in range(days) for one in others(cell, model, day)])


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
    seen = found(works=1, home_x=-5000.0, home_y=100.0, work_x=5000.0, work_y=100.0)
    assert set(seen) < set(both)
    assert len(seen) > 10


def test_what_is_noticed_on_ways_to_work_is_as_if_each_place_were_looked_at():
    """Each place on each way is noticed with one chance, whatever happens at the others.

    Over persons and workdays, each set of places noticed on the two ways has the chance that the
    product of its places' says. The naive model draws every place; the rule only draws days that
    matter.
    """
    model = model_with(presence=0.6, notices=0.4)
    shares: dict[tuple[int, int], int] = {}
    days = 0
    for entity in range(0, 1920, 8):
        cell = one_person(
            model, entity, works=1, home_x=-5000.0, home_y=100.0, work_x=5000.0, work_y=100.0
        )
        cell.spot[0].passes = 0b101  # two places, as if a third stood elsewhere
        cell.spot[0].matters = 0.6 * (1 - 0.6**4)
        t, of_day = -1, {}
        while (way := plain(ways.next_commute)(cell, model, 0, t))[0] < 70 * DAY:
            of_day.setdefault(way[0] // DAY, [0, 0])[way[1]] = way[2]
            t = way[0]
        days += 50
        for noticed in of_day.values():
            shares[tuple(noticed)] = shares.get(tuple(noticed), 0) + 1
    sets = (0, 0b001, 0b100, 0b101)
    for out in sets:
        for back in sets:
            seen = out.bit_count() + back.bit_count()
            chance = 0.6 * 0.4**seen * 0.6 ** (4 - seen)
            if seen == 0:
                assert (out, back) not in shares
                continue
            expected = days * chance
            slack = 4.5 * math.sqrt(expected * (1 - chance))
            assert shares.get((out, back), 0) == pytest.approx(expected, abs=slack), (out, back)


def test_errands_are_a_poisson_process():
    """Of 15 of 24 hours: by the day, and each hour of a day has as many as another."""
    model, days = model_with(gap=168.0 / 30.0), 140
    counts, hours = [], []
    for entity in range(0, 160, 8):
        cell = one_person(model, entity, works=1, tells=entity % 16 // 8)
        if entity % 16 == 0:  # a third of the errands of half the persons
            set_ends(cell, np.diff(model.end_cum, prepend=0.0) / 3.0)
        found = [at for at, _ in all_errands(cell, model, days)]
        counts += np.bincount([at // DAY for at in found], minlength=days).tolist()
        hours += [at % DAY / HOUR for at in found]
    mean, n = 30.0 / 7 * 15 / 24, len(counts)
    assert np.mean(counts) == pytest.approx(mean, abs=4 * math.sqrt(mean / n))
    assert np.var(counts) == pytest.approx(mean, rel=4 * math.sqrt(2 / n))
    of = np.histogram(hours, np.arange(7, 23))[0]
    assert of.sum() == len(hours)  # nobody runs errands at night
    assert ((of - of.mean()) ** 2 / of.mean()).sum() < 14 + 4 * math.sqrt(28)


def test_gaps_between_errands_that_matter_are_exponential():
    """On the hours of errands, of which a week has 15 a day: mean, spread and no memory."""
    model = model_with(gap=168.0 / 40.0)
    gaps = []
    for entity in range(0, 240, 8):
        cell = one_person(model, entity, tells=1)
        assert cell.spot[0].often == pytest.approx(1.0)
        at = np.array([t for t, _ in that_matter(cell, model, 140 * DAY)])
        assert (np.diff(at) > 0).all()
        clock = at // DAY * 15.0 + at % DAY / HOUR - 7.0
        gaps += np.diff(clock, prepend=0.0).tolist()
    n, mean = len(gaps), 168.0 / 40.0
    assert n > 5000
    assert np.mean(gaps) == pytest.approx(mean, rel=4 / math.sqrt(n))
    assert np.std(gaps) == pytest.approx(mean, rel=4 * math.sqrt(2 / n))
    assert np.corrcoef(gaps[1:], gaps[:-1])[0, 1] == pytest.approx(0.0, abs=4 / math.sqrt(n))
    assert np.mean(np.array(gaps) > 2 * mean) == pytest.approx(
        math.exp(-2), abs=4 * math.sqrt(0.12 / n)
    )


@pytest.mark.parametrize("mean", [0.05, 0.9, 7.0])
def test_a_number_of_other_errands_is_poisson(mean):
    model = model_with(gap=15.0 / mean)
    found = np.array(
        [plain(errands.number_of_others)(model, 8 * entity, 3, 0.0) for entity in range(4000)]
    )
    assert found.mean() == pytest.approx(mean, abs=4 * math.sqrt(mean / 4000))
    assert found.var() == pytest.approx(mean, rel=4 * math.sqrt((2 + 1 / mean) / 4000))
    fewer = [plain(errands.number_of_others)(model, 8 * e, 3, 0.75) for e in range(4000)]
    assert np.mean(fewer) == pytest.approx(mean / 4, abs=4 * math.sqrt(mean / 16000))


def test_errands_lead_to_a_persons_ends_by_their_rank():
    """Home and work are the first two places: the k-th end has the weight (k + 2) ** -1.2."""
    scenario = corner(places=SHOP, world={"places": {"ends": 6}})
    weights = np.arange(3.0, 9.0) ** -1.2
    shares = weights / weights.sum()
    assert np.diff(lower_ends(scenario), prepend=0.0) == pytest.approx(shares)
    model = model_of(scenario)
    cell = one_person(model)
    some = np.array([1.0, 0.0, 0.4, 1.0, 0.0, 0.7])  # chance by end that an errand matters
    set_ends(cell, shares * some)
    us = (np.arange(4000) + 0.5) / 4000
    for number, of in ((3, shares * some), (2, shares * (1 - some))):
        found = [plain(errands.end_of)(cell, model, 0, number, u) for u in us]
        expected = of / of.sum()
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
    for kind in (0, 1):
        numbers = [2 * i + kind for i in range(1, 151)]
        stays = [plain(ways.errand_way)(cell, model, 0, n, 0)[1] for n in numbers]
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
    """Against all errands, one after the other; whichever of them was the last that was planned."""
    model = model_with(clusters=4, gap=168.0 / 60.0, presence=1.0, stay=1800.0, notices=0.5)
    model.sites[0].sight_m = 500.0
    cell = one_person(model, home_x=900.0, home_y=-400.0, work_x=2500.0, works=1)
    assert 0.1 < cell.spot[0].often < 0.9
    made, out = all_errands(cell, model, 4), {0: 0, 1: 0}
    for t in range(1, 4 * DAY, 1237):
        before = [(at, number) for at, number in made if at < t and at // DAY == t // DAY]
        away = None
        if before:
            at, number = before[-1]
            (ax, ay, bx, by), stay = plain(ways.errand_way)(cell, model, 0, number, at)
            until = at + int(300 + math.hypot(bx - ax, by - ay) * 0.18) + stay
            away = (bx, by) if t < until else None
            out[number & 1] += away is not None
        for at, number in [(0, errands.NONE_YET), *(x for x in made if x[1] & 1 and x[0] < t)]:
            cell.spot[0].errand, cell.spot[0].errand_t = number, at
            here = plain(ways.where_is)(cell, model, 0, t)
            assert here == (away or plain(ways._stands)(cell, model, 0, t))
    assert min(out.values()) > 5


def test_an_errand_notices_places_as_if_each_were_looked_at():
    """The rule against its naive model: each errand from where it begins, each place a coin.

    Errands that lead past the shop are Poisson, and each is noticed with one chance. The number of
    them over persons and days is compared, and the share from home and from work.
    """
    model = model_with(clusters=4, gap=168.0 / 40.0, presence=1.0, notices=0.4)
    model.sites[0].sight_m = 400.0
    days, noticed, passed, odd = 28, 0, 0, 0
    for entity in range(0, 480, 8):
        cell = one_person(
            model, entity, home_x=900.0, home_y=-400.0, work_x=1500.0, work_y=600.0, works=1
        )
        number, t = errands.NONE_YET, 0
        while True:
            t, number, places_noticed = plain(ways.next_errand)(cell, model, 0, number, t)
            if t >= days * DAY:
                break
            assert places_noticed == 1
            ends, _ = plain(ways.errand_way)(cell, model, 0, number, t)
            near = plain(places.passing_distance)(cell, 0, ends) <= model.sites[0].sight_m
            assert near
            noticed += 1
        set_ends(cell, [0.0])  # every errand is one of the others now
        for day in range(days):
            for at, one in others(cell, model, day):
                ends, _ = plain(ways.errand_way)(cell, model, 0, one, at)
                passed += plain(places.passing_distance)(cell, 0, ends) <= 400.0
                odd += one & 1
    assert odd == 0
    assert passed > 1000
    assert noticed == pytest.approx(0.4 * passed, abs=4 * math.sqrt(0.4 * passed * 1.4))


def test_nobody_runs_errands_that_matter_where_nothing_is_seen():
    model = model_with(gap=168.0 / 40.0)
    nothing = one_person(model, home_x=1e6)
    set_ends(nothing, [0.0])
    found = plain(ways.next_errand)(nothing, model, 0, errands.NONE_YET, 0)
    assert found[0] == model.clock.run_end


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
