"""Where places are, how far they are, and which of them a person goes to."""

import math

import numpy as np
import pytest

from omnilab.world import places
from tests.plain import plain
from tests.worlds import STORE, cell_of, corner, eager, middles, model_of

IN_TOWN = [
    {"name": "shop", "channel": "store", "count": 3},
    {"name": "rival", "kind": "rival", "count": 2},
    {"name": "board", "kind": "board", "count": 4, "around": "shop", "within_m": 500},
]


def town(model, persons=2):
    """Return a cell whose town is founded and settled."""
    cell = eager(model, persons)
    plain(places.found_town)(cell, model)
    return cell


def at(cell, number, x, y):
    cell.site[number].x, cell.site[number].y = x, y


def test_a_place_draws_by_a_power_of_the_time_of_the_way():
    model = model_of(corner(places=IN_TOWN))
    pull = plain(places.pull_of)
    # 15 minutes: 5 of access, and 10 of way at 3 minutes a kilometre
    assert pull(model, 1.0, 10_000 / 3) == pytest.approx(1.0)
    assert pull(model, 2.0, 10_000 / 3) == pytest.approx(2.0)
    for metres in (0.0, 700.0, 9_000.0):
        minutes = 5 + 3 * metres / 1000
        assert pull(model, 1.0, metres) == pytest.approx((15 / minutes) ** 2)


def test_two_stores_share_a_person_as_huff_says():
    """A closed form: attraction over time squared, of all there are."""
    scenario = corner(
        places=[
            {"name": "near", "channel": "store", "attraction": 1.0},
            {"name": "far", "channel": "store", "attraction": 3.0},
        ]
    )
    model = model_of(scenario)
    cell = town(model)
    at(cell, 0, 1000.0, 0.0)
    at(cell, 1, 0.0, 4000.0)
    picks = [
        plain(places.pick_site)(cell, model, STORE, 0, 0.0, 0.0, u, 0, 1.0) for u in middles(4000)
    ]
    weights = np.array([1.0 / 8.0**2, 3.0 / 17.0**2])
    assert np.bincount(picks) / 4000 == pytest.approx(weights / weights.sum(), abs=1e-3)
    plain(places.fill_pull)(cell, model, 0, 0.0, 0.0, 0, 1.0)
    assert cell.pull[STORE] == pytest.approx(15.0**2 * weights.sum())
    assert cell.pull[0] == 1.0


def test_a_store_is_there_from_its_opening_to_its_closing():
    scenario = corner(
        places=[
            {"name": "old", "channel": "store", "closes_on": 20},
            {"name": "new", "channel": "store", "opens_on": 10},
        ]
    )
    model, day = model_of(scenario), 86400
    cell = town(model)
    burn_in = 30
    for on, there in ((0, {0}), (burn_in + 9, {0}), (burn_in + 10, {0, 1}), (burn_in + 20, {1})):
        t = on * day
        picks = {
            plain(places.pick_site)(cell, model, STORE, t, 0.0, 0.0, u, 0, 1.0)
            for u in middles(200)
        }
        assert picks == there, on
    closed = model_of(corner(places=[{"name": "old", "channel": "store", "closes_on": 0}]))
    plain(places.fill_pull)(town(closed), closed, (burn_in - 1) * day, 0.0, 0.0, 0, 1.0)
    cell = town(closed)
    plain(places.fill_pull)(cell, closed, burn_in * day, 0.0, 0.0, 0, 1.0)
    assert cell.pull[STORE] == 0.0
    assert plain(places.is_nowhere)(closed, STORE, burn_in * day)
    assert not plain(places.is_nowhere)(closed, STORE, burn_in * day - 1)
    assert not plain(places.is_nowhere)(closed, 0, burn_in * day)
    assert plain(places.pick_site)(cell, closed, STORE, burn_in * day, 0.0, 0.0, 0.5, 0, 1.0) == -1


@pytest.mark.parametrize(
    ("ends", "metres"),
    [
        ((-500.0, 0.0, 500.0, 0.0), 300.0),  # beside the way
        ((400.0, 300.0, 900.0, 300.0), 400.0),  # behind its beginning
        ((-900.0, 300.0, -400.0, 300.0), 400.0),  # beyond its end
        ((0.0, 0.0, 0.0, 0.0), 300.0),  # no way at all
    ],
)
def test_a_way_comes_as_near_as_its_nearest_point(ends, metres):
    model = model_of(corner(places=IN_TOWN))
    cell = town(model)
    at(cell, 0, 0.0, 300.0)
    assert plain(places.passing_distance)(cell, 0, ends) == pytest.approx(metres)
    a, b = np.array(ends[:2]), np.array(ends[2:])
    points = a + np.linspace(0, 1, 20_001)[:, None] * (b - a)
    gaps = np.hypot(points[:, 0], points[:, 1] - 300.0)
    assert gaps.min() == pytest.approx(metres, abs=1e-3)
    radius = 450.0
    inside = plain(places.time_inside)(cell, model, 0, ends, radius)
    share = (gaps < radius).mean() * np.hypot(*(b - a))
    assert inside == pytest.approx(share * 0.18, abs=0.1)


def test_homes_lie_around_clusters():
    """Closed forms: two of a cluster are 4 sd^2 apart in mean square, two centres side^2 / 3."""
    model = model_of(corner(places=IN_TOWN), places={"clusters": 5})
    same = []
    for number in range(120):
        cell = cell_of(6, model)
        cell.meta.number = number
        for who in range(6):
            cell.person[who].entity = (number * 6 + who) * 8
            plain(places.settle_person)(cell, model, who)
        homes = [(s.cluster, s.home_x, s.home_y) for s in cell.spot[:6]]
        for i, (k, x, y) in enumerate(homes):
            same += [(x - u) ** 2 + (y - v) ** 2 for m, u, v in homes[:i] if m == k]
    assert np.mean(same) == pytest.approx(4 * 800.0**2, rel=5 / math.sqrt(len(same)))
    gaps, cell = [], cell_of(1, model)
    for number in range(1500):
        cell.meta.number = number
        middle = [plain(places.near_cluster)(cell, model, k, 0.5, 0.5) for k in range(3)]
        assert middle[0] == pytest.approx((0.0, 0.0), abs=1e-6)
        gaps.append(math.dist(middle[1], middle[2]) ** 2)
    assert np.mean(gaps) == pytest.approx(6000.0**2 / 3, rel=4 / math.sqrt(len(gaps)))


def test_boards_stand_within_their_distance_evenly():
    """Over a circle the mean square of the distance is half the square of its radius."""
    model = model_of(corner(places=IN_TOWN))
    squares = []
    for number in range(300):
        cell = cell_of(1, model)
        cell.meta.number = number
        plain(places.found_town)(cell, model)
        for n in range(4):
            board, shop = cell.site[5 + n], cell.site[n % 3]
            squares.append((board.x - shop.x) ** 2 + (board.y - shop.y) ** 2)
    assert max(squares) <= 500.0**2
    assert np.mean(squares) == pytest.approx(500.0**2 / 2, rel=0.08)


def test_a_town_is_its_own_and_stays_what_it_is():
    model = model_of(corner(places=IN_TOWN))

    def stands(number, persons):
        cell = cell_of(persons, model)
        cell.meta.number = number
        plain(places.found_town)(cell, model)
        return [(float(s.x), float(s.y), int(s.kind)) for s in cell.site]

    assert stands(3, 1) == stands(3, 9)
    assert stands(3, 1) != stands(4, 1)
    assert [kind for *_, kind in stands(3, 1)] == [0, 0, 0, 1, 1, 2, 2, 2, 2]


def test_a_household_has_one_home_and_each_person_a_workplace():
    model = model_of(corner(places=IN_TOWN), places={"works": 1.0})
    cell = cell_of(3, model)
    for who, entity in enumerate((8, 9, 16)):
        cell.person[who].entity = entity
        plain(places.settle_person)(cell, model, who)
    first, mate, other = cell.spot[:3]
    assert (first.home_x, first.home_y) == (mate.home_x, mate.home_y)
    assert (first.home_x, first.home_y) != (other.home_x, other.home_y)
    assert (first.work_x, first.work_y) != (mate.work_x, mate.work_y)
    assert first.works == 1


def test_what_is_passed_on_the_way_to_work_is_what_it_comes_near_to():
    scenario = corner(places=[{**IN_TOWN[0], "sight_m": 600}, {**IN_TOWN[1], "sight_m": 50}])
    model = model_of(scenario, places={"works": 1.0})
    seen = 0
    for entity in range(0, 400, 8):
        cell = town(model, 1)
        cell.person[0].entity = entity
        plain(places.settle_person)(cell, model, 0)
        spot = cell.spot[0]
        ends = (spot.home_x, spot.home_y, spot.work_x, spot.work_y)
        for number, sight in enumerate((600, 600, 600, 50, 50)):
            near = plain(places.passing_distance)(cell, number, ends) <= sight
            assert (int(spot.passes) >> number) & 1 == near
            seen += near
    assert 10 < seen < 240


def test_only_who_has_the_app_and_lets_it_tells():
    from tests.worlds import APP

    channels = corner().model_dump(mode="json", context={"currency": "EUR"})["channels"]
    channels[APP]["visit"]["tells_position"] = 0.3
    model = model_of(corner(places=IN_TOWN, channels=channels))
    told = []
    cell = cell_of(1, model)
    for entity in range(0, 4_000, 8):
        cell.spot[0].tells = 9  # must be written, whatever it was
        cell.person[0].entity, cell.person[0].reach = entity, 63 if entity % 16 else 63 - (1 << APP)
        plain(places.settle_person)(cell, model, 0)
        told.append((entity % 16 > 0, int(cell.spot[0].tells)))
    assert not any(tells for has, tells in told if not has)
    share = np.mean([tells for has, tells in told if has])
    assert share == pytest.approx(0.3, abs=4 * math.sqrt(0.3 * 0.7 / 250))


def test_rivals_draw_from_where_they_are():
    """The mean over their places; a town without any leaves a rival's weight as it is."""
    model = model_of(corner(places=IN_TOWN))
    cell = town(model)
    at(cell, 3, 1000.0, 0.0)
    at(cell, 4, 0.0, 4000.0)
    pull = plain(places.rivals_pull)(cell, model, 0, 0.0, 0.0)
    assert pull == pytest.approx(15.0**2 * (1 / 8.0**2 + 1 / 17.0**2) / 2)
    alone = model_of(corner(places=IN_TOWN[:1]))
    assert plain(places.rivals_pull)(town(alone), alone, 0, 0.0, 0.0) == 1.0
