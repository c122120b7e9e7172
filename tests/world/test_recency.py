"""Recency and tenure: the rule is its formula, and base rates are means over the population."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from omnilab.engine.calibrate import solve_intercepts
from omnilab.world.recency import (
    MONTH,
    PAST_ORDER,
    note_first_order,
    past_order,
    recency_effect,
)
from omnilab.world.taste import NEVER
from tests.interaction.test_message import Post, clicking
from tests.plain import plain
from tests.worlds import DAY, EMAIL, drawn, inhabited, model_of

RULES = ("world/recency.py",)

T = 100 * DAY
ON = {"on": 1, "fades": 0.3, "never": -0.7, "orders": 0.2, "young": 0.5, "settles": 60.0 * DAY}


def effect(
    last: int | None, orders: int, entry: int = 0, t: int = T, prior: int = 1, **birth: Any
) -> float:
    model = model_of(recency=ON, birth={"entry_over": 0} | birth)
    person = inhabited(model_of(), 1).person[0]
    person.purchases, person.entry, person.prior = orders, entry, prior
    person.last_order = NEVER if last is None else last
    return plain(recency_effect)(model, person, t)


@pytest.mark.parametrize("months", [0.0, 1.0, 7.5])
def test_it_fades_with_the_months_since_the_last_order(months: float) -> None:
    last = T - round(months * MONTH)
    found = -0.3 * math.log(1 + months) + 0.2 * math.log(1 + 3)
    assert effect(last, 3) == pytest.approx(found)


def test_who_never_bought_has_a_level_of_its_own() -> None:
    assert effect(None, 0) == pytest.approx(-0.7)


def test_members_of_a_cohort_are_young_for_a_while() -> None:
    old = effect(T, 1)
    assert effect(T, 1, entry=T - 60 * DAY, entry_over=DAY) - old == pytest.approx(0.5 / math.e)
    assert effect(T, 1, entry=T, entry_over=DAY) - old == pytest.approx(0.5)


@pytest.mark.parametrize("days", [0, 30, 60, 400])
def test_who_first_bought_in_the_run_is_young_for_a_while(days: int) -> None:
    first = T - days * DAY
    added = effect(T, 2, entry=first, prior=0) - effect(T, 2, entry=first, prior=1)
    assert added == pytest.approx(0.5 * math.exp(-days / 60))
    assert effect(None, 0, entry=0, prior=0, t=1) == pytest.approx(-0.7)  # not yet a customer


def test_the_first_order_alone_begins_the_tenure() -> None:
    model = model_of(recency=ON)
    person = inhabited(model, 1).person[0]
    person.purchases, person.prior, person.entry = 0, 0, 0
    for n, t in enumerate((500, 900, 1700)):
        plain(note_first_order)(model, person, t)
        person.purchases = n + 1
        assert person.entry == 500
    person.purchases, person.entry = 1, 0  # who bought before the start
    plain(note_first_order)(model, person, 300)
    assert person.entry == 0
    cohort = model_of(recency=ON, birth={"entry_over": DAY})
    person.purchases, person.entry = 0, 77
    plain(note_first_order)(cohort, person, 300)
    assert person.entry == 77


def test_off_it_is_nothing() -> None:
    person = inhabited(model_of(), 1).person[0]
    assert plain(recency_effect)(model_of(), person, T) == 0.0


def test_a_buyer_before_the_start_bought_a_gap_between_needs_ago() -> None:
    model = model_of(recency=ON)
    cell = inhabited(model, 1)
    person = cell.person[0]
    cell.rate[0, 0], cell.rate[0, 1] = 0.003, 0.001
    ages, beans = [], 0
    for n in range(300):
        person.entity, person.prior, person.last_order = 8 * n, 1, NEVER
        cell.theme[0, 0].bought_t = cell.theme[0, 1].bought_t = NEVER
        plain(past_order)(cell, model, 0)
        age, which, _, _ = drawn(model, PAST_ORDER, 8 * n, 0)
        assert person.last_order == pytest.approx(math.log(age) / 0.004 * 3600, abs=1)
        bought = [int(x.bought_t) for x in cell.theme[0, :2]]
        assert bought == [person.last_order, NEVER][:: 1 if which * 0.004 < 0.003 else -1]
        beans += bought[0] != NEVER
        ages.append(-person.last_order / 3600)
    assert stats.kstest(ages, stats.expon(scale=250).cdf).pvalue > 0.001
    assert beans / 300 == pytest.approx(0.75, abs=4 * math.sqrt(0.1875 / 300))
    person.prior, person.last_order = 0, NEVER
    plain(past_order)(cell, model, 0)
    assert person.last_order == NEVER


@pytest.mark.parametrize(("last", "sees"), [(T - 10, True), (T - 300 * DAY, False)])
def test_it_moves_seeing(last: int, sees: bool) -> None:
    post = Post(recency={"on": 1, "fades": 40.0, "never": 0.0})
    post.person.purchases, post.person.last_order = 1, last
    for channel in post.model.ch:
        channel.base_open, channel.open_logit = 0.5, 30.0
    post.send(T)
    assert bool(post.cell.meta.items) is sees


def test_an_order_makes_recent() -> None:
    post = clicking(recency={"on": 1, "fades": 0.1})
    post.need()
    post.person.threshold = -50.0
    for channel in post.model.ch:
        channel.completes, channel.completes_logit = 1.0, 50.0
    post.send()
    assert "order" in post.open()
    assert post.person.last_order == post.seen_at
    assert post.person.entry == post.seen_at


def test_the_intercepts_bring_the_mean_over_who_bought_when_to_the_base_rate() -> None:
    """Against a plain sum over persons who differ in need, recency and effect."""
    model = model_of(response={"need": 1.3, "personal": 1.1}, mailshot={"sd": 0.0})
    match = np.array([0.0, 0.0, 0.3])
    standing = np.array([-1.2, 0.4, 0.9])
    share = np.array([0.5, 0.3, 0.2])
    solve_intercepts(model, match, share, standing)
    channel = model.ch[EMAIL]
    rng = np.random.default_rng(5)
    z = rng.standard_normal(400_000)
    who = rng.choice(3, len(z), p=share)
    x = 1.3 * match[who] + standing[who] + 1.1 * z
    opens = 1 / (1 + np.exp(-(x + channel.open_logit)))
    clicks = opens / (1 + np.exp(-(x + channel.click_logit)))
    assert opens.mean() == pytest.approx(0.3, abs=0.002)
    assert clicks.mean() == pytest.approx(0.1, abs=0.002)
    before = float(channel.open_logit)
    solve_intercepts(model, match, share)  # without it the intercept is another
    assert abs(float(channel.open_logit) - before) > 0.1
