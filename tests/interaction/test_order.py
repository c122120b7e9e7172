"""An order: its money, what the brand learns by it, permissions, and what follows from it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omnilab.cell import queue
from omnilab.draws import streams
from omnilab.world.identifiers import code_of
from omnilab.world.money import margin_cents
from tests.plain import plain
from tests.worlds import (
    AD,
    APP,
    DAY,
    EMAIL,
    IN_WEB,
    PUSH,
    STORE,
    WEB,
    drawn,
    due,
    eager,
    happen,
    logged,
    model_of,
    needs_of,
    plan_of,
    quiet,
)

RULES = (
    "interaction/visit.py", "interaction/service.py", "interaction/leaving.py",
    "interaction/identifiers.py", "world/tips.py", "world/money.py", "world/continuity.py",
    "world/choice.py",
)  # fmt: skip
PLAN = plan_of(rules={"identity": 2, "context": 2})
T = 5000


def ordered(
    place: int = WEB, persons: int = 3, who: int = 0, category: int = 0, number: int = 0,
    change: Any = None, **changes: Any,
) -> tuple[Any, Any, int]:  # fmt: skip
    """Return a cell in which a person has just ordered, the model, and the order's value."""
    base = {"continuity": {"service": 0.0}, "tips": {"per_order": 0.0}}
    model = model_of(**{k: base.get(k, {}) | changes.get(k, {}) for k in {*base, *changes}})
    for c in (WEB, APP, STORE):
        model.ch[c].completes = 1.0
    model.ch[EMAIL].signs_up = model.ch[PUSH].signs_up = 0.0
    for c in range(2):
        model.cat[c].returns = 0.0
    cell = eager(model, persons)
    cell.person[who].entity = 8 * (number + who)
    if change is not None:
        change(model, cell)
    cell.person[who].reach |= 63
    cell.person[who].reach &= ~(7 ^ (1 << place))
    happen(cell, model, PLAN, T - 1000, queue.NEED, who, category, 0)
    value = int(needs_of(cell, who)[0].value)
    quiet(cell)
    happen(cell, model, PLAN, T, queue.NOTICE, who, int(needs_of(cell, who)[0].ordinal))
    return cell, model, value


@pytest.mark.parametrize("place", [WEB, STORE])
def test_the_money(place: int) -> None:
    cell, model, value = ordered(place)
    (order,) = logged(cell, "order")
    channel = model.ch[place]
    margin = plain(margin_cents)(value, 0, model.cat[0].margin, channel.commission)
    assert (order["paid"], order["margin"], order["discount"]) == (value, margin, 0)
    assert (order["channel"], order["silo"], order["cart_left"]) == (place, channel.silo, 0)
    assert cell.person[0].purchases == 1
    assert needs_of(cell, 0) == []


def test_an_offer_is_used_up_by_an_order() -> None:
    for until, left in ((T, -1), (T - 1, T - 1)):

        def offer(_: Any, cell: Any, until: int = until) -> None:
            cell.person[0].offer, cell.person[0].offer_until = 0.1, until

        cell, _, value = ordered(change=offer)
        (order,) = logged(cell, "order")
        assert order["discount"] == (int(value * 0.1 + 0.5) if until == T else 0)
        assert order["paid"] == value - order["discount"]
        assert cell.person[0].offer_until == left


def test_an_order_of_a_cart_that_was_left_says_so() -> None:
    def leave_it(model: Any, _: Any) -> None:
        model.ch[WEB].completes, model.ch[WEB].completes_logit = 0.5, -50.0

    cell, model, _ = ordered(change=leave_it, intent={"returns": 0.0})
    assert logged(cell, "order") == []
    model.ch[WEB].completes = 1.0
    happen(cell, model, PLAN, T + 9, queue.REVISIT, 0, streams.VISIT_TIP << 32, 1)
    (order,) = logged(cell, "order")
    assert (order["cart_left"], order["discount"]) == (1, 0)


def test_the_brand_sees_the_order_and_books_points() -> None:
    cell, _, value = ordered(category=1)
    x = cell.context[cell.context_of[0, IN_WEB]]
    assert (x.order_t, x.order_category, x.orders) == (T, 1, 1)
    assert x.points == value // 100
    assert x.cart_t == -1


def test_the_address_that_an_order_asks_for_is_seen_with_the_cookie() -> None:
    def sure(model: Any, _: Any) -> None:
        model.ch[WEB].shown_share[1] = 1.0

    cell, _, _ = ordered(change=sure)
    shown = logged(cell, "identify")
    assert [x["type"] for x in shown] == [0, 3]
    assert {x["profile"] for x in shown} == {0}
    kinds = [x["kind"] for x in logged(cell)]
    assert kinds.index("order") < len(kinds) - 1 - kinds[::-1].index("identify")
    assert cell.profile[0].nodes == 2


@pytest.mark.parametrize("who", [1, 2])
def test_an_order_shows_the_orderers_address(who: int) -> None:
    def sure(model: Any, _: Any) -> None:
        model.ch[WEB].shown_share[1] = 1.0

    cell, _, _ = ordered(who=who, change=sure)
    mails = [int(x.code) for x in cell.node[: cell.meta.nodes] if x.type == 3]
    assert [code >> 32 & 0xFFFF for code in mails] == [who]


def test_who_shows_nothing_orders_as_nobody() -> None:
    def bare(model: Any, _: Any) -> None:
        model.ch[WEB].n_shown = 0
        model.ch[EMAIL].signs_up = 1.0

    cell, _, _ = ordered(change=bare)
    assert len(logged(cell, "order")) == 1
    given = logged(cell, "opt_in")[0]
    assert (given["channel"], given["visited"]) == (EMAIL, -1)
    assert cell.profile[0].nodes == 1  # the form alone is known


def signing(**values: Any) -> Any:
    def change(model: Any, cell: Any) -> None:
        model.ch[EMAIL].signs_up = model.ch[PUSH].signs_up = 1.0
        for name, value in values.items():
            cell.person[0][name] = value

    return change


@pytest.mark.parametrize(
    ("values", "gave"),
    [
        ({}, [EMAIL, PUSH]), ({"consent": 1 << EMAIL}, [PUSH]), ({"stopped": 1}, []),
        ({"reach": 63 & ~(1 << PUSH)}, [EMAIL, PUSH]),
    ],
)  # fmt: skip
def test_permissions_are_given_at_checkout(values: Any, gave: list[int]) -> None:
    cell, _, _ = ordered(change=signing(**values))
    assert [x["channel"] for x in logged(cell, "opt_in")] == gave
    assert cell.person[0].consent == values.get("consent", 0) | sum(1 << c for c in gave)


def test_a_permission_hands_the_address_to_the_channels_silo() -> None:
    cell, model, _ = ordered(change=signing())
    codes = {int(x.code) for x in cell.node[: cell.meta.nodes]}
    assert plain(code_of)(2, 0, 0) in codes  # the app's log-in
    assert cell.profile[0].nodes == 3
    seen_in = {int(x.type): int(x.seen_in) for x in cell.node[: cell.meta.nodes]}
    assert seen_in[2] >> IN_WEB & 1
    assert model.ch[AD].signs_up == 0.0


def test_a_permission_needs_reach_and_its_chance() -> None:
    gave = []
    for who in range(30):

        def some(model: Any, _: Any) -> None:
            model.ch[EMAIL].signs_up = 0.3
            model.ch[PUSH].signs_up = 1.0

        cell, model, _ = ordered(change=some, number=who, category=1)
        u = drawn(model, streams.SIGN_UP, cell.person[0].entity, (1 << 8) | EMAIL)[0]
        channels = [x["channel"] for x in logged(cell, "opt_in")]
        assert (EMAIL in channels) == (u < 0.3)
        gave.append(EMAIL in channels)
    assert 3 < sum(gave) < 16


def test_who_can_not_be_reached_gives_no_permission() -> None:
    model = model_of(continuity={"service": 0.0}, tips={"per_order": 0.0})
    for c in (WEB, EMAIL, PUSH):
        model.ch[c].completes = model.ch[c].signs_up = 1.0
    cell = eager(model, 1)
    cell.person[0].reach = 1 << WEB | 1 << PUSH
    happen(cell, model, PLAN, T, queue.NEED, 0, 0, 0)
    quiet(cell)
    happen(cell, model, PLAN, T, queue.NOTICE, 0, 0)
    assert [x["channel"] for x in logged(cell, "opt_in")] == [PUSH]


def test_an_order_may_come_back_after_ten_days() -> None:
    def back(model: Any, _: Any) -> None:
        model.cat[0].returns = 0.4

    came = []
    for who in range(20):
        cell, model, value = ordered(change=back, number=who)
        u = drawn(model, streams.AFTER_ORDER, cell.person[0].entity, 0)[1]
        margin = logged(cell, "order")[0]["margin"]
        items = due(cell, queue.RETURN)
        assert bool(items) == (u < 0.4)
        came += items
        for t, kind, whose, a, b in items:
            assert (t, whose) == (T + 10 * DAY, 0)
            cell.meta.rows = 0
            happen(cell, model, PLAN, t, kind, whose, a, b)
            (row,) = logged(cell)
            assert (row["kind"], row["need"]) == ("return", 0)
            assert (row["refund"], row["margin"]) == (value, margin)
    assert 2 < len(came) < 15


def test_an_order_may_lead_to_a_service_contact() -> None:
    asked = []
    for who in range(20):
        cell, model, _ = ordered(number=who, continuity={"service": 0.3})
        v = drawn(model, streams.AFTER_ORDER, cell.person[0].entity, 0)[2]
        items = due(cell, queue.SERVICE)
        assert bool(items) == (v < 0.3)
        asked += items
        for t, _, _, ordinal, _ in items:
            assert t == pytest.approx(T + model.continuity.service_after, abs=1.5)
            assert ordinal == 0
    assert asked
    cell, _, _ = ordered(continuity={"service": 1.0, "service_channels": 0})
    assert due(cell, queue.SERVICE) == []


@pytest.mark.parametrize("who", [0, 1, 2])
def test_an_order_may_be_told_to_a_friend(who: int) -> None:
    cell, model, _ = ordered(who=who, category=1, tips={"per_order": 1.0})
    entity = cell.person[who].entity
    _, v, x, _ = drawn(model, streams.AFTER_ORDER_2, entity, 1)
    ((t, _, friend, giver, packed),) = due(cell, queue.TIP)
    assert friend == [n for n in range(3) if n != who][int(v * 2)]
    assert giver == who
    assert packed == 1 << 40 | 1
    assert t == pytest.approx(T - math.log(x) * 2 * DAY, abs=1.5)


def test_the_cells_first_person_is_told_too() -> None:
    cell, _, _ = ordered(persons=2, who=1, tips={"per_order": 1.0})
    ((_, _, friend, giver, _),) = due(cell, queue.TIP)
    assert (friend, giver) == (0, 1)


def test_tips_need_luck_and_a_friend() -> None:
    told = []
    for who in range(20):
        cell, model, _ = ordered(number=who, tips={"per_order": 0.3})
        u = drawn(model, streams.AFTER_ORDER_2, cell.person[0].entity, 0)[0]
        told.append(bool(due(cell, queue.TIP)))
        assert told[-1] == (u < 0.3)
    assert any(told)
    cell, _, _ = ordered(persons=1, tips={"per_order": 1.0})
    assert due(cell, queue.TIP) == []


def test_after_an_order_some_leave_for_good() -> None:
    left = []
    for who in range(20):

        def mortal(_: Any, cell: Any) -> None:
            cell.person[0].dropout = 0.4

        cell, model, _ = ordered(change=mortal, number=who)
        leaves = drawn(model, streams.AFTER_ORDER, cell.person[0].entity, 0)[0]
        assert cell.person[0].left == int(leaves < 0.4)
        left += [x["why"] for x in logged(cell, "left")]
    assert set(left) == {1}


def served(known: bool, **changes: Any) -> tuple[Any, Any]:
    cell, model, _ = ordered(**changes)
    cell.person[0].reach, cell.person[0].failures = 1 << STORE, 2.0
    if known:
        model.ch[STORE].shown_type[0] = 0  # the cookie of the web
    model.ch[STORE].shown_share[0] = 1.0
    quiet(cell)
    happen(cell, model, PLAN, T + DAY, queue.SERVICE, 0, 0)
    return cell, model


@pytest.mark.parametrize("known", [True, False])
def test_the_service_makes_good_what_it_knows_of(known: bool) -> None:
    cell, _ = served(known, continuity={"unknown_annoys": 1.0, "service": 0.0},
                     satisfaction={"recovery": 0.5, "kappa": 0.0})  # fmt: skip
    (service,) = logged(cell, "service")
    assert (service["need"], service["known"], service["channel"]) == (0, int(known), STORE)
    assert [x["channel"] for x in logged(cell, "identify")] == [STORE]
    bad = [x["why"] for x in logged(cell, "bad_experience")]
    assert bad == ([] if known else [1])
    assert cell.person[0].failures == pytest.approx(1.0 if known else 1.0 + 2.0, abs=0.1)


def test_not_all_mind() -> None:
    cell, _ = served(False, continuity={"unknown_annoys": 0.0, "service": 0.0})
    assert logged(cell, "bad_experience") == []
    assert cell.person[0].failures == 2.0


def test_no_service_for_who_left_or_reaches_none() -> None:
    for field, value in (("left", 1), ("reach", 1 << WEB)):
        cell, model, _ = ordered()
        cell.person[0][field] = value
        quiet(cell)
        happen(cell, model, PLAN, T + DAY, queue.SERVICE, 0, 0)
        assert logged(cell) == []


def test_service_channels_are_as_likely_as_each_other() -> None:
    went = [0, 0, 0]
    cell, model, _ = ordered(continuity={"unknown_annoys": 0.0, "service": 0.0})
    for ordinal in range(80):
        model.ch[WEB].service = model.ch[APP].service = 1
        model.ch[STORE].service = 0
        cell.person[0].reach = 7
        quiet(cell)
        happen(cell, model, PLAN, T + DAY, queue.SERVICE, 0, ordinal)
        (row,) = logged(cell, "service")
        u = drawn(model, streams.AFTER_ORDER, cell.person[0].entity, ordinal)[3]
        assert row["channel"] == int(u >= 0.5)
        went[row["channel"]] += 1
    assert min(went[:2]) > 25
