"""An ad platform: whom it finds, what it charges, and how often it shows an ad."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from omnilab.world import advertising
from tests.plain import plain
from tests.worlds import AD, DAY, cell_of, inhabited, middles, model_of

RULES = ("world/advertising.py",)
PHI = NormalDist().cdf


@pytest.mark.parametrize("bid", [300, 900, 2_000])
def test_a_bid_decides_reach_and_price(bid: int) -> None:
    """Second price against one lognormal bid: F(b), and its mean below b."""
    median, spread = 900.0, 0.8
    rivals = [plain(advertising.lognormal)(median, spread, u) for u in middles(20_000)]
    won = np.array([r for r in rivals if r <= bid])
    z = math.log(bid / median) / spread
    assert len(won) / len(rivals) == pytest.approx(PHI(z), abs=1e-3)
    mean = median * math.exp(spread**2 / 2) * PHI(z - spread) / PHI(z)
    assert won.mean() == pytest.approx(mean, abs=1.5)  # whole milli-cents, rounded up
    assert won.max() <= bid


def test_one_price_for_everybody_is_won_by_who_bids_it() -> None:
    assert {plain(advertising.lognormal)(500.0, 0.0, u) for u in middles(9)} == {500}
    assert plain(advertising.lognormal)(500.5, 0.0, 0.5) == 501  # never below what the rival bids
    assert plain(advertising.lognormal)(1.0, 4.0, 1 - 1e-16) == math.ceil(math.exp(12.0))


def test_each_chance_has_rivals_of_its_own() -> None:
    model = model_of()
    model.ch[AD].rivals, model.ch[AD].spread = 900.0, 0.8
    person = inhabited(model).person[0]
    bid = plain(advertising.rival_bid)
    bids = [bid(model, person, AD, 900 * k, 7) for k in range(4_000)]
    assert bid(model, person, AD, 0, 7) == bids[0]
    assert bid(model, person, AD, 0, 8) != bids[0] != bid(model, person, AD - 1, 0, 7)
    logs = np.log(bids)
    assert logs.mean() == pytest.approx(math.log(900.0), abs=3 * 0.8 / 4_000**0.5)
    assert logs.std() == pytest.approx(0.8, rel=0.04)
    assert abs(np.corrcoef(logs[1:], logs[:-1])[0, 1]) < 0.05


def test_searches_have_rivals_of_their_own() -> None:
    model = model_of(advertising={"search_rivals": 900.0, "search_spread": 0.8})
    person = inhabited(model).person[0]
    bid = plain(advertising.search_rival_bid)
    bids = np.log([bid(model, person, 40, k) for k in range(2_000)])
    assert bids.mean() == pytest.approx(math.log(900.0), abs=3 * 0.8 / 2_000**0.5)
    assert bid(model, person, 40, 0) != bid(model, person, 48, 0)


@pytest.mark.parametrize("match", [0.0, 0.6, 1.0])
def test_a_platform_finds_a_share_of_the_persons_and_always_the_same(match: float) -> None:
    model = model_of()
    model.ch[AD].match = match
    person = inhabited(model).person[0]
    found = []
    for number in range(2_000):
        person.entity = 8 * number
        found.append(plain(advertising.is_matched)(model, person, AD))
        assert plain(advertising.is_matched)(model, person, AD) == found[-1]
    assert np.mean(found) == pytest.approx(match, abs=3 * (match * (1 - match) / 2_000) ** 0.5)


def test_by_another_address_or_on_another_platform_others_are_found() -> None:
    model = model_of()
    persons = inhabited(model).person
    found = {}
    for c, silo, kind in ((0, 1, 3), (1, 1, 3), (2, 1, 4), (3, 2, 3)):
        model.ch[c].match, model.ch[c].silo, model.ch[c].address = 0.5, silo, kind
        found[c] = []
        for number in range(300):
            persons[0].entity = 8 * number
            found[c].append(bool(plain(advertising.is_matched)(model, persons[0], c)))
    assert found[0] == found[1]  # one platform, one type of address
    for other in (2, 3):
        assert 0.35 < np.mean([a == b for a, b in zip(found[0], found[other], strict=True)]) < 0.65


def test_ads_are_counted_by_person_channel_and_local_day() -> None:
    cell = cell_of(2, model_of(advertising={"frequency": 1}))
    count, of_today = plain(advertising.count_shown), plain(advertising.shown_today)
    for t in (5 * DAY, 5 * DAY + 9, 6 * DAY - 1):
        count(cell, 1, AD, t)
    assert of_today(cell, 1, AD, 6 * DAY - 1) == 3
    assert of_today(cell, 1, AD, 6 * DAY) == 0
    assert of_today(cell, 0, AD, 5 * DAY) == of_today(cell, 1, AD - 1, 5 * DAY) == 0
    count(cell, 1, AD, 6 * DAY)
    assert of_today(cell, 1, AD, 6 * DAY) == 1


def test_nothing_is_kept_where_nobody_counts() -> None:
    assert len(cell_of(2).shown) == 0
