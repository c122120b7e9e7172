"""Needs that messages make: how often, of what, and at whose cost."""

from __future__ import annotations

import math

import pytest

from omnilab.cell import queue
from omnilab.world.creation import (
    BORROWED,
    CREATED_ORDINAL,
    CREATION,
    borrow,
    comes_to_need,
    created_category,
    gives_back,
)
from omnilab.world.intent import logit
from tests.interaction.test_message import clicking
from tests.plain import plain
from tests.worlds import (
    DAY,
    drawn,
    due,
    eager,
    happen,
    inhabited,
    logged,
    middles,
    model_of,
    plan_of,
)

RULES = ("world/creation.py", "interaction/need.py")

T = 40 * DAY


@pytest.mark.parametrize(
    ("created", "profile", "feels", "chance"),
    [(0.2, 1.0, 0.0, 0.2), (0.2, 0.0, 3.0, 0.2), (0.2, 0.5, 2.0, 1 / (1 + 4 * math.exp(-1.0))),
     (0.0, 1.0, 30.0, 0.0), (1.0, 1.0, -30.0, 1.0)],
)  # fmt: skip
def test_the_chance_is_the_prior_moved_by_what_is_felt(
    created: float, profile: float, feels: float, chance: float
) -> None:
    model = model_of(
        response={"created": created}, creation={"created": logit(created), "profile": profile}
    )
    made = sum(plain(comes_to_need)(model, feels, u) for u in middles(2000))
    assert made / 2000 == pytest.approx(chance, abs=1 / 2000)


def test_of_a_message_about_everything_it_is_what_the_person_needs_most() -> None:
    model = model_of()
    cell = inhabited(model, 1)
    cell.rate[0, 0], cell.rate[0, 1] = 3.0, 1.0
    ask = plain(created_category)
    assert [ask(cell, model, 0, c, 7) for c in (0, 1)] == [0, 1]
    entity, n = int(cell.person[0].entity), 400
    found = [ask(cell, model, 0, -1, occasion) for occasion in range(n)]
    assert found == [int(drawn(model, CREATION, entity, k)[0] * 4.0 >= 3.0) for k in range(n)]
    assert sum(found) / n == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / n))


def test_the_row_says_where_a_need_comes_from() -> None:
    post = clicking(response={"created": 1.0}, message={"shows": "cups"})
    natural = post.need(category=0)
    rows = logged(post.cell, "need")
    post.send()
    post.open()
    (made,) = logged(post.cell, "need")
    assert (made["category"], made["origin"], made["maker"]) == (1, 1, 5 << 24)
    assert made["need"] >= CREATED_ORDINAL > int(natural.ordinal)
    happen(post.cell, post.model, post.plan, T, queue.NEED, 0, 0, 7)
    rows = [x for x in logged(post.cell, "need") if x["need"] < CREATED_ORDINAL]
    assert {(x["origin"], x["maker"]) for x in rows} == {(0, 0)}


def test_its_order_may_take_the_place_of_the_next_natural_need_and_of_no_other() -> None:
    model = model_of(creation={"borrowed": 0.5})
    cell = inhabited(model, 1)
    entity = int(cell.person[0].entity)
    owed = 0
    for k in range(40):
        plain(borrow)(cell, model, 0, 1, CREATED_ORDINAL | k)
        owed += drawn(model, BORROWED, entity, CREATED_ORDINAL | k)[0] < 0.5
    plain(borrow)(cell, model, 0, 1, 12)  # a natural need's order borrows nothing
    assert 8 < owed < 32
    assert (cell.theme[0, 1].borrowed, cell.theme[0, 0].borrowed) == (owed, 0)
    assert [plain(gives_back)(cell, 0, 1) for _ in range(owed + 2)] == [True] * owed + [False] * 2


def test_a_need_that_was_met_before_does_not_come_and_moves_nothing() -> None:
    found = []
    for owed in (0, 1):
        model, plan = model_of(), plan_of()
        cell = eager(model, 1, plan)
        cell.theme[0, 1].borrowed = owed
        happen(cell, model, plan, T, queue.NEED, 0, 1, 0)
        kinds = [x["kind"] for x in logged(cell)]
        items = due(cell)
        found.append([x for x in items if x[1] == queue.NEED])
        assert kinds == ([] if owed else ["need"])
        assert len(items) == (1 if owed else 3)
        happen(cell, model, plan, T + DAY, queue.NEED, 0, 1, 1)
        assert "need" in [x["kind"] for x in logged(cell)]
    assert found[0] == found[1]  # the one after it comes when it would have come


def test_orders_of_made_needs_borrow_in_a_run_of_steps() -> None:
    post = clicking(response={"created": 1.0}, creation={"borrowed": 1.0},
                    message={"shows": "cups"})  # fmt: skip
    post.person.threshold = -50.0
    for channel in post.model.ch:
        channel.completes, channel.completes_logit = 1.0, 50.0
    post.send()
    assert "order" in post.open()
    assert post.cell.theme[0, 1].borrowed == 1
