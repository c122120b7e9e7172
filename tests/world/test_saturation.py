"""Saturation over repeated sends of one theme: the rule is its formula, and weekly is the base."""

from __future__ import annotations

import math

import pytest

from omnilab.world.saturation import saturate
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import AD, DAY, WEEK, inhabited, model_of

RULES = ("world/saturation.py",)

T = 40 * DAY
MEMORY = 56 * DAY
WEEKLY = 1.0 / math.expm1(WEEK / MEMORY)
ON = {"slope": 0.3, "memory": float(MEMORY), "weekly": WEEKLY, "reference": math.log1p(WEEKLY)}


def test_a_weekly_message_is_what_it_is_measured_against() -> None:
    """A newsletter to who has had one all along changes nothing, week after week."""
    model = model_of(saturation=ON)
    cell = inhabited(model, 1)
    for week in range(30):
        assert plain(saturate)(cell, model, 0, -1, 1.0, week * WEEK) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("category", [0, 1])
def test_a_new_theme_does_better_and_wears_off_to_the_base(category: int) -> None:
    model = model_of(saturation=ON)
    cell = inhabited(model, 1)
    stock, found = 0.0, []
    for week in range(60):
        expected = 0.3 * (math.log1p(WEEKLY) - math.log1p(stock))
        found.append(plain(saturate)(cell, model, 0, category, 1.0, T + week * WEEK))
        assert found[-1] == pytest.approx(expected)
        stock = (stock + 1.0) * math.exp(-WEEK / MEMORY)
    assert found[0] == pytest.approx(0.3 * math.log1p(WEEKLY))
    assert found == sorted(found, reverse=True)
    assert abs(found[-1]) < 1e-2
    other = plain(saturate)(cell, model, 0, 1 - category, 1.0, T + 60 * WEEK)
    assert other == pytest.approx(found[0])  # themes do not wear each other out


def test_more_often_than_weekly_is_below_the_base() -> None:
    model = model_of(saturation=ON)
    cell = inhabited(model, 1)
    daily = [plain(saturate)(cell, model, 0, -1, 1.0, day * DAY) for day in range(300)]
    stock = 1.0 / math.expm1(DAY / MEMORY)
    assert daily[-1] == pytest.approx(-0.3 * (math.log1p(stock) - math.log1p(WEEKLY)), abs=0.01)
    assert daily[-1] < -0.5


def test_off_nothing_is_kept() -> None:
    cell = inhabited(model_of(), 1)
    assert plain(saturate)(cell, model_of(), 0, 0, 1.0, T) == 0.0
    assert cell.theme[0, 0].stock == 0.0


def test_members_of_a_cohort_enter_without_newsletters_behind_them() -> None:
    fresh = inhabited(model_of(saturation=ON, birth={"entry_over": DAY}), 1)
    there = inhabited(model_of(saturation=ON), 1)
    assert [float(x.theme[0, 2].stock) for x in (fresh, there)] == [0.0, pytest.approx(WEEKLY)]


@pytest.mark.parametrize(("stock", "sees"), [(0.0, True), (1e30, False)])
def test_it_moves_seeing_of_messages_and_not_of_ads(stock: float, sees: bool) -> None:
    for channels in (("email",), ("ad",)):
        post = Post(*channels, saturation=ON | {"slope": 1.0})
        for channel in post.model.ch:
            channel.base_open, channel.open_logit = 0.5, 30.0
        post.cell.theme[0, 2].stock, post.cell.theme[0, 2].stock_t = stock, T
        post.person.consent |= 1 << AD
        post.send(T)
        assert bool(post.cell.meta.items) is (sees or channels == ("ad",))
