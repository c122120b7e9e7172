"""When people are on their way, and where they are."""

import math

import numpy as np
import pytest

from omnilab.world import places, ways
from tests.plain import plain
from tests.worlds import DAY, WEEK, cell_of, corner, model_of

SHOP = [{"name": "shop", "channel": "store"}]
HOUR = 3600


def model_with(**values):
    return model_of(corner(places=SHOP), places=values)


def test_people_go_to_work_on_workdays_binomially():
    model = model_with(presence=0.7)
    there = np.array(
        [
            [plain(ways.commute_at)(model, entity * 8, day, ways.OUT) for day in range(70)]
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
    model = model_with(presence=0.5)
    t, found = -1, []
    while True:
        at, which = plain(ways.next_commute)(model, 8, t)
        if at >= model.clock.run_end:
            break
        assert at > t
        found.append((at // DAY, which))
        t = at
    days = [day for day in range(150) if plain(ways.commute_at)(model, 8, day, ways.OUT) >= 0]
    assert found == [(day, which) for day in days for which in (ways.OUT, ways.BACK)]


def test_errands_are_a_poisson_process():
    model = model_with(gap=168.0 / 6.0)
    counts = []
    for entity in range(0, 1600, 8):
        t = n = 0
        while (t := plain(ways.next_errand)(model, entity, n, t)) < 15 * 168.0:
            n += 1
        counts.append(n)
    assert np.mean(counts) == pytest.approx(90.0, abs=4 * math.sqrt(90 / 200))
    assert np.var(counts) == pytest.approx(90.0, rel=4 * math.sqrt(2 / 200))


def test_nobody_runs_errands_at_night():
    model = model_with()
    out = [plain(ways.goes_out)(model, hour * HOUR) for hour in range(24)]
    assert [hour for hour in range(24) if out[hour]] == list(range(7, 22))


def test_an_errand_leads_to_the_own_cluster_or_to_any():
    model = model_with(clusters=4, local=0.5, stay=600.0)
    cell = cell_of(1, model)
    cell.person[0].entity, cell.spot[0].cluster = 8, 0
    ends = [plain(ways.errand_end)(cell, model, 0, n) for n in range(3000)]
    # The first cluster is in the middle; the others' centres lie anywhere in the square.
    near = np.mean([math.hypot(x, y) < 2500.0 for x, y, _ in ends])
    assert 0.6 < near < 1.0
    stays = [stay for *_, stay in ends]
    assert np.mean(stays) == pytest.approx(600.0, rel=4 / math.sqrt(3000))
    assert np.std(stays) == pytest.approx(600.0, rel=0.1)


def test_a_person_is_out_at_work_or_at_home():
    model = model_with(presence=1.0, gap=0.0)
    cell = cell_of(1, model)
    cell.person[0].entity, spot = 8, cell.spot[0]
    spot.home_x, spot.work_x, spot.works = 1.0, 2.0, 1
    go, back = (plain(ways.commute_at)(model, 8, 1, which) for which in (ways.OUT, ways.BACK))

    def where(t):
        return plain(ways.where_is)(cell, model, 0, t)[0]

    assert [where(t) for t in (DAY, go - 1, go, back - 1, back)] == [1.0, 1.0, 2.0, 2.0, 1.0]
    assert where(5 * DAY + 12 * HOUR) == 1.0  # a Saturday
    spot.away_x, spot.away_until = 3.0, go + 100
    assert [where(t) for t in (go, go + 99, go + 100)] == [3.0, 3.0, 2.0]
    spot.works, spot.away_until = 0, 0
    assert where(go) == 1.0


def test_errands_that_pass_nothing_are_made_up_for_when_somebody_asks():
    """Found ahead, or made one after the other: the person is at the same places."""
    model = model_with(clusters=4, gap=168.0 / 12.0, presence=1.0)
    one, other = cell_of(1, model), cell_of(1, model)
    for cell in (one, other):
        cell.person[0].entity, spot = 8, cell.spot[0]
        spot.errand, spot.errand_a, spot.away_until = -1, 0.0, 0
        spot.home_x, spot.home_y, spot.work_x, spot.works = 900.0, -400.0, 2500.0, 1
        for number in range(len(cell.site)):
            cell.site[number].x, cell.site[number].y = 300.0, 100.0
    t, asked = 0, []
    while True:
        at = plain(ways.next_passing)(one, model, 0)
        if at >= 4 * WEEK:
            break
        while t < at:  # the other one is asked every hour, and makes all that is due
            asked.append(plain(ways.where_is)(other, model, 0, t))
            t += HOUR
        found, made = one.spot[0], other.spot[0]
        plain(ways.catch_up)(other, model, 0, at)
        assert made.errand == found.due - 1
        assert (made.away_x, made.away_y, made.away_until) == (
            found.before_x, found.before_y, found.before_until,
        )  # fmt: skip
        plain(ways.catch_up)(other, model, 0, at + 1)
        plain(ways.make_errand)(one, 0, True)
        for name in ("errand", "errand_a", "away_x", "away_y", "away_until"):
            assert found[name] == made[name], name
        ends = (found.from_x, found.from_y, found.to_x, found.to_y)
        assert plain(places.passes_any)(one, model, ends)
    assert len(set(asked)) > 8
