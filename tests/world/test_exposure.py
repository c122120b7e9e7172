"""Visits after messages that were not clicked: the chance, the delay, the visit and its cause."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omnilab.cell import queue
from omnilab.world import needs
from omnilab.world.exposure import BY_EXPOSURE, EXPOSED, shifted
from omnilab.world.intent import logit
from tests.interaction.test_message import Post
from tests.plain import plain
from tests.worlds import STORE, WEB, drawn, due, happen, logged, needs_of, quiet

RULES = ("world/exposure.py", "interaction/message.py")


def exposed(share: float, number: int = 0, **changes: Any) -> Post:
    """Return a person who sees all and clicks nothing, and comes by with this chance."""
    on = {"on": 1, "seen": logit(share), "delivered": logit(0.0)}
    changes = {"exposure": on, **changes}
    return Post(number=number, **changes)


def look(post: Post) -> list[str]:
    """Let the person come by; return what kinds of rows that made."""
    ((t, _, who, slot, _),) = due(post.cell, queue.CAME_BY)
    post.cell.meta.rows = 0
    happen(post.cell, post.model, post.plan, t, queue.CAME_BY, who, slot)
    return post.kinds()


def test_the_chance_is_the_share_and_moves_by_what_is_felt() -> None:
    chance = plain(shifted)
    assert chance(logit(0.2), 0.0) == pytest.approx(0.2)
    assert chance(logit(0.2), 1.0) == pytest.approx(1 / (1 + 4 * math.exp(-1.0)))
    assert chance(logit(0.0), 40.0) == 0.0
    assert chance(logit(1.0), -40.0) == 1.0


def test_some_who_saw_it_come_by_after_the_delay_of_a_next_visit() -> None:
    came = 0
    for number in range(14):
        post = exposed(0.4, number, intent={"quick_share": 0.5, "quick": 100.0, "slow": 9000.0})
        post.send()
        post.open()
        u, v, _, _ = drawn(post.model, EXPOSED, int(post.person.entity), post.address())
        items = due(post.cell, queue.CAME_BY)
        assert len(items) == int(u < 0.4)
        for t, *_ in items:
            mean = 100.0 if u < 0.2 else 9000.0
            assert t == pytest.approx(post.seen_at - math.log(v) * mean, abs=1.5)
        came += len(items)
    assert 0 < came < 14


def test_the_visit_names_the_message_and_looks_at_what_it_showed() -> None:
    post = exposed(1.0, message={"shows": "cups"})
    post.model.ch[STORE].utility = 50.0  # where the person likes to go
    post.send()
    post.open()
    kinds = look(post)
    (visit,), (view,) = logged(post.cell, "visit"), logged(post.cell, "view")
    assert (visit["need"], visit["cause"], visit["channel"]) == (-1, 5 << 24, STORE)
    assert (view["need"], view["category"]) == (-1, 1)
    assert "click" not in kinds
    assert post.cell.meta.free_message >= 0  # the message's slot is given back
    assert post.cell.message[int(post.cell.meta.free_message)].awaited == 0


def test_what_is_looked_at_is_any_category_where_all_is_shown() -> None:
    seen = set()
    for number in range(12):
        post = exposed(1.0, number)
        post.send()
        post.open()
        look(post)
        _, _, what, _ = drawn(post.model, BY_EXPOSURE, int(post.person.entity), post.address())
        (view,) = logged(post.cell, "view")
        assert view["category"] == int(what * 2)
        seen.add(view["category"])
    assert seen == {0, 1}


def test_a_message_that_is_never_seen_may_do_it_too() -> None:
    for share, comes in ((1.0, True), (0.0, False)):
        on = {"on": 1, "seen": logit(1.0), "delivered": logit(share)}
        post = Post(exposure=on)
        for channel in post.model.ch:
            channel.base_open, channel.open_logit = 0.5, -50.0
        post.send()
        assert bool(due(post.cell, queue.CAME_BY)) is comes
    post = Post(exposure={"on": 1, "delivered": logit(1.0)})
    for channel in post.model.ch:
        channel.base_open = 0.0  # where nobody ever sees a message, none brings anybody by
    post.send()
    assert due(post.cell, queue.CAME_BY) == []


def test_a_click_and_a_need_that_is_shown_go_their_own_ways() -> None:
    post = exposed(1.0)
    post.need(stage=needs.EXPLORING)
    post.send()
    post.open()
    assert due(post.cell, queue.CAME_BY) == []  # `Response.view_through` is about that
    clicks = exposed(1.0)
    for channel in clicks.model.ch:
        channel.base_click, channel.click_logit = 0.5, 50.0
    clicks.send()
    assert "click" in clicks.open()
    assert due(clicks.cell, queue.CAME_BY) == []


def test_who_has_left_or_can_go_nowhere_does_not_come() -> None:
    for left, reach in ((1, 63), (0, 0)):
        post = exposed(1.0)
        post.send()
        post.open()
        post.person.left, post.person.reach = left, reach
        assert look(post) == []
        assert post.cell.meta.free_message >= 0


def test_who_came_by_may_come_to_need_something() -> None:
    post = exposed(1.0, response={"created": 1.0}, creation={"profile": 0.0})
    post.model.ch[WEB].utility = 50.0
    post.send()
    post.open()
    assert [k for k in look(post) if k in ("need", "aware", "visit")] == ["need", "aware", "visit"]
    (need,), (visit,) = logged(post.cell, "need"), logged(post.cell, "visit")
    assert (need["origin"], need["maker"]) == (1, 5 << 24)
    assert (visit["need"], visit["cause"]) == (need["need"], 5 << 24)
    assert len(needs_of(post.cell, 0)) == 1
    quiet(post.cell)
