"""A message wakes who sleeps, and lets so many of them leave; to who is awake it does nothing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omnilab.draws.philox import draw4
from omnilab.interaction.leaving import WOKEN
from omnilab.interaction.visit import arrive, begin_visit
from omnilab.world import needs, waking
from tests.interaction.test_message import Post, T
from tests.plain import plain
from tests.worlds import AD, DAY, WEB, logged, model_of

RULES = ("world/waking.py", "interaction/leaving.py")

ON = {"on": 1, "leaves": 1.0, "sleeps": 10.0 * DAY}


def sleeper(*channels: str, message: Any = None, **on: float) -> Post:
    """Return a customer who has bought, came by 30 days ago, and needs nothing."""
    post = Post(*channels, message=message, waking=ON | on)
    post.person.purchases, post.person.thought_t = 1, T - 30 * DAY
    return post


def read(post: Post) -> list[str]:
    post.send()
    return post.open()


def test_who_sleeps_and_sees_a_message_leaves_and_the_log_says_why() -> None:
    post = sleeper()
    kinds = read(post)
    assert kinds.index("open") < kinds.index("left")
    (left,) = [x for x in logged(post.cell) if x["kind"] == "left"]
    assert left["why"] == WOKEN == 3
    assert post.person.left == 1


@pytest.mark.parametrize("days", [9, 10, 11])
def test_one_sleeps_after_so_long_without_a_visit(days: int) -> None:
    post = sleeper()
    post.person.thought_t = T - days * DAY
    asleep = plain(waking.sleeps)(post.cell, post.model, post.person, T)
    assert asleep == (days > 10)
    assert ("left" in read(post)) == (days >= 10)  # it is seen some seconds after T


@pytest.mark.parametrize(
    ("stage", "asleep"),
    [(needs.LATENT, True), (needs.EXPLORING, False), (needs.READY, False), (needs.GIVEN_UP, True)],
)
def test_a_noticed_need_keeps_awake(stage: int, asleep: bool) -> None:
    post = sleeper()
    post.need(stage=stage)
    post.person.thought_t = T - 30 * DAY
    assert ("left" in read(post)) == asleep


def test_who_has_bought_nothing_or_has_left_has_nothing_to_end() -> None:
    post = sleeper()
    post.person.purchases = 0
    assert "left" not in read(post)
    post = sleeper()
    post.person.left = 1
    assert "left" not in read(post)


def test_ads_and_messages_of_service_wake_nobody() -> None:
    ad = sleeper("ad")
    assert ad.model.ch[AD].ad == 1
    assert "left" not in read(ad)
    assert ad.person.thought_t == T - 30 * DAY
    assert "left" not in read(sleeper(message={"service": True}))


def test_a_visit_or_a_message_that_is_seen_keeps_awake() -> None:
    post = sleeper(leaves=0.0)
    post.model.waking.on = 1
    read(post)
    assert post.person.thought_t == post.seen_at
    post = sleeper()
    visit = plain(begin_visit)(post.cell, 0, 40, 1)
    visit.channel = WEB
    plain(arrive)(post.cell, post.model, post.plan, T - 3 * DAY, visit)
    assert post.person.thought_t == T - 3 * DAY
    assert "left" not in read(post)


def test_where_visits_are_the_use_of_a_contract_they_keep_nobody_awake() -> None:
    post = sleeper(by_visits=0)
    visit = plain(begin_visit)(post.cell, 0, 40, 1)
    visit.channel = WEB
    plain(arrive)(post.cell, post.model, post.plan, T - 3 * DAY, visit)
    assert post.person.thought_t == T - 30 * DAY
    assert "left" in read(post)


def test_who_has_just_entered_is_awake() -> None:
    post = sleeper()
    post.person.thought_t, post.person.entry = 0, T - 5 * DAY
    assert not plain(waking.sleeps)(post.cell, post.model, post.person, T)
    post.person.entry = T - 11 * DAY
    assert plain(waking.sleeps)(post.cell, post.model, post.person, T)


def test_so_many_leave_by_a_draw_of_the_message_and_once_awake_none() -> None:
    n, chance = 2000, 0.3
    post = sleeper(leaves=chance)
    left = 0
    for occasion in range(n):
        post.person.thought_t = 0
        left += plain(waking.wakes_to_leave)(post.cell, post.model, post.person, occasion, T)
        u, *_ = draw4(
            post.model.key.k0, post.model.key.k1, waking.WOKEN, post.person.entity, occasion
        )
        post.person.thought_t = 0
        again = plain(waking.wakes_to_leave)(post.cell, post.model, post.person, occasion, T)
        assert again == (u < chance)
        assert not plain(waking.wakes_to_leave)(post.cell, post.model, post.person, occasion, T)
    assert left / n == pytest.approx(chance, abs=3.7 * math.sqrt(chance * (1 - chance) / n))


def test_off_it_keeps_nothing() -> None:
    post = Post()
    assert model_of().waking.on == 0
    post.person.purchases = 1
    assert "left" not in read(post)
    assert post.person.thought_t == 0
