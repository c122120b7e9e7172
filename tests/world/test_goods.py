"""Goods: what is on a page, what is liked, what is chosen, and how many lines an order has."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omnilab.lowering.model import build_model
from omnilab.world import goods as rules
from omnilab.world.needs import Need
from tests.plain import plain
from tests.worlds import corner, record

page, pick, lines = (plain(f) for f in (rules.goods_page, rules.pick_good, rules.lines_wanted))
opinion, chooses = plain(rules.opinion), plain(rules.chooses)
FLAT = {"page": 8, "taste": 0.0, "group": 0.0, "price": 2.0, "price_spread": 0.0}
PRICES = (20.0, 10.0, 40.0)
WEIGHTS = [math.exp(0.3 * n - 2.0 * math.log(p / 20.0)) for n, p in enumerate(PRICES)]
N = 3000
CLOSE = 4 * math.sqrt(0.25 / N)  # four standard errors of a share, at most


def model(goods: Any = None, more: float = 1.0, **said: Any) -> Any:
    """Return a shop's model in which beans are goods, of prices around the usual 20."""
    found = goods or [
        {"name": f"g{n}", "price": p, "quality": 0.3 * n} for n, p in enumerate(PRICES)
    ]
    beans = {"name": "beans", "every": "12d", "spend": {"mean": 20.0}, "lines": more}
    cups = {"name": "cups", "every": "40d", "spend": {"mean": 45.0}, "margin": 0.1}
    cups |= {"goods": [{"name": "cup", "price": 45.0}]}
    return build_model(
        corner(categories=[beans | {"goods": found}, cups], world={"goods": FLAT | said})
    )


def someone(number: int) -> Any:
    return SimpleNamespace(entity=8 * number)


def need_of(ordinal: int, seen: int) -> Any:
    return record(Need, ordinal=ordinal, category=0, goods_seen=seen, good=-1, first_good=-1)


def test_shares_are_those_of_the_logit_where_nobody_has_a_taste() -> None:
    m = model()
    found = np.bincount([pick(m, someone(i), 5, 0b111, -1, 0)[0] for i in range(N)], minlength=3)
    assert found / N == pytest.approx(np.array(WEIGHTS) / sum(WEIGHTS), abs=CLOSE)


def test_who_has_seen_less_chooses_among_less_as_if_the_rest_were_not_there() -> None:
    m = model()
    all_three = [pick(m, someone(i), 5, 0b111, -1, 0)[0] for i in range(N)]
    two = [pick(m, someone(i), 5, 0b101, -1, 0)[0] for i in range(N)]
    assert all(b == a for a, b in zip(all_three, two, strict=True) if a != 1)  # the rest as it was
    assert two.count(0) / N == pytest.approx(WEIGHTS[0] / (WEIGHTS[0] + WEIGHTS[2]), abs=CLOSE)


def test_none_is_taken_as_often_as_the_logit_says() -> None:
    """Leaves is the share that takes none of one good of quality 0 at the usual price."""
    m = model(leaves=0.3)
    alone = sum(not chooses(m, someone(i), need_of(5, 0b001), 0, False, 0) for i in range(N))
    assert alone / N == pytest.approx(0.3, abs=CLOSE)
    several = sum(not chooses(m, someone(i), need_of(5, 0b111), 0, False, 0) for i in range(N))
    none = 0.3 / 0.7
    assert several / N == pytest.approx(none / (none + sum(WEIGHTS)), abs=CLOSE)
    assert all(chooses(m, someone(i), need_of(5, 0b001), 0, True, 0) for i in range(50))  # who must


def test_persons_differ_by_lasting_tastes_and_by_what_prices_do_to_them() -> None:
    group = [{"name": f"g{n}", "price": 40.0, "group": "ann" if n < 2 else None} for n in range(4)]
    m = model(group, taste=0.5, group=1.5, price=1.0, price_spread=0.4)
    sensitivity = plain(rules.sensitivity_to_price)
    felt = np.array([sensitivity(m, someone(i)) for i in range(N)])
    assert felt.mean() == pytest.approx(1.0, abs=0.04)
    assert np.log(felt).std() == pytest.approx(0.4, rel=0.05)
    likes = np.array([[opinion(m, someone(i), g, 0.0) for g in range(4)] for i in range(N)])
    assert likes[:, 3].std() == pytest.approx(0.5, rel=0.06)
    assert likes[:, 0].std() == pytest.approx(math.hypot(0.5, 1.5), rel=0.06)
    both = 1.5**2 / (0.5**2 + 1.5**2)  # two books of one author
    assert np.corrcoef(likes[:, 0], likes[:, 1])[0, 1] == pytest.approx(both, abs=0.03)
    assert np.corrcoef(likes[:, 0], likes[:, 3])[0, 1] == pytest.approx(0.0, abs=0.08)
    assert opinion(m, someone(1), 2, 2.0) - opinion(m, someone(1), 2, 0.0) == pytest.approx(
        -2.0 * math.log(40.0 / 20.0)
    )


def test_a_page_shows_goods_by_popularity_each_once_and_those_that_are_there() -> None:
    books = [
        {"name": f"b{n}", "price": 10.0, "popularity": p} for n, p in enumerate((0.5, 0.3, 0.2))
    ]
    one = model(books, page=1)
    shown = [page(one, someone(i), 0, 0, 40, 1 << 16, 0) for i in range(N)]
    found = np.bincount(shown, minlength=5)[[1, 2, 4]]
    assert found / N == pytest.approx([0.5, 0.3, 0.2], abs=CLOSE)
    two = model(books, page=2)
    shown = [page(two, someone(i), 0, 0, 40, 1 << 16, 0) for i in range(N)]
    assert {s.bit_count() for s in shown} == {2}
    without_last = 0.5 * 0.3 / 0.5 + 0.3 * 0.5 / 0.7  # drawn one after the other
    assert shown.count(0b011) / N == pytest.approx(without_last, abs=CLOSE)
    books[0]["arrives"] = 3
    late = model(books, page=3)
    at = int(late.good[0].arrives)
    assert page(late, someone(1), 0, at - 1, 40, 0, 0) == 0b110
    assert page(late, someone(1), 0, at, 40, 0, 0) == 0b111


def test_what_is_recommended_takes_the_first_places_and_moves_no_other() -> None:
    goods = [{"name": f"b{n}", "price": 10.0} for n in range(12)]
    m = model(goods, page=6)
    for i in range(200):
        plain_page = page(m, someone(i), 0, 0, 40, 7, 0)
        told = page(m, someone(i), 0, 0, 40, 7, 1 << 11)
        assert told.bit_count() == plain_page.bit_count() == 6
        assert told >> 11 & 1
    assert page(m, someone(1), 0, 0, 40, 7, 1 << 12) >> 12 == 1  # of another category


@pytest.mark.parametrize("mean", [1.0, 1.6, 3.0])
def test_mean_lines_are_those_asked_for(mean: float) -> None:
    m = model(more=mean)
    wanted = np.array([lines(m, someone(i), 0, 9) for i in range(N)])
    q = (mean - 1.0) / mean
    expected = sum(q**k for k in range(rules.MOST_LINES))  # 1 and a geometric number, at most 8
    assert wanted.mean() == pytest.approx(expected, rel=0.05)
    assert wanted.max() <= rules.MOST_LINES


def test_a_basket_is_worth_what_its_goods_cost_and_what_goes_together_joins_it() -> None:
    goods = [{"name": "b0", "price": 20.0, "goes_with": ["cup"]}, {"name": "b1", "price": 10.0}]
    m = model(goods, more=1.0 + 5.0, together=8.0)
    cups = 0
    for i in range(300):
        need = need_of(9, 0b011)
        assert chooses(m, someone(i), need, 0, False, 0)
        cart = int(need.goods_lines)
        prices = [20.0, 10.0, 45.0]
        assert need.value == round(100 * sum(p for g, p in enumerate(prices) if cart >> g & 1))
        assert cart >> int(need.good) & 1
        assert need.good < 2  # the first line is of the need's own category
        wanted = lines(m, someone(i), 0, 9)
        assert cart.bit_count() == min(wanted, 3 if need.good == 0 else 2)
        cups += cart >> 2 & 1
        assert (cart >> 2 & 1) == (need.good == 0 and wanted > 1)  # it goes with the first alone
    assert cups > 20
    margin = plain(rules.margin_of_lines)
    beans = float(m.cat[0].margin)
    assert margin(m, 0, 0b101) == pytest.approx((20 * beans + 45 * 0.1) / 65)
    assert margin(m, 0, 0) == beans


def test_popularity_without_a_word_falls_with_the_place() -> None:
    m = model([{"name": f"b{n}", "price": 10.0} for n in range(4)], rank=0.87)
    popular = m.good.popularity[:4]
    assert popular.sum() == pytest.approx(1.0)
    assert popular[2] / popular[0] == pytest.approx(3**-0.87)
