"""A till, a delivery, a desk, a return: each moment from the cart to what is taken home."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omnilab.cell import queue
from omnilab.draws import streams
from omnilab.lowering.model import build_model
from omnilab.world.fulfilment import MINDED, UNDER_WAY, taken_by
from omnilab.world.till import MINDS_WAIT, at_till
from tests.plain import plain
from tests.scenario.test_fulfilment import shop
from tests.worlds import (
    DAY,
    STORE,
    WEB,
    changed,
    drawn,
    due,
    eager,
    happen,
    logged,
    needs_of,
    plan_of,
    quiet,
)

PLAN = plan_of(rules={"identity": 2, "context": 2})
T = 12 * 3600
BASE: dict[str, dict[str, Any]] = {"continuity": {"service": 0.0}, "tips": {"per_order": 0.0}}
TILL = {"servers": 1, "service": "10min", "spread": 0.0, "patience": "1h", "too_long": "5min"}


def in_shop(persons: int = 3, town: int | None = 20, **channels: Any) -> tuple[Any, Any]:
    """Return a cell of eager persons, each with a need, and the model of a changed corner shop."""
    model = changed(build_model(shop(town, **channels)), **BASE)
    for c in range(3):
        model.ch[c].completes = 1.0
        model.cat[min(c, 1)].returns = 0.0
    model.ch[3].signs_up = model.ch[4].signs_up = 0.0
    cell = eager(model, persons)
    for who in range(persons):
        happen(cell, model, PLAN, T - 1000, queue.NEED, who, 0, 0)
    quiet(cell)
    return cell, model


def go(cell: Any, model: Any, who: int, place: int, t: int = T) -> None:
    """Let a person notice the need and go to a place."""
    cell.person[who].reach = 63 & ~(7 ^ (1 << place))
    happen(cell, model, PLAN, t, queue.NOTICE, who, 0)


def pass_time(cell: Any, model: Any, until: int, only: tuple[int, ...] = ()) -> None:
    """Act on all that is due, or on some kinds, in order."""
    while True:
        plain(queue.close)(cell)
        key = plain(queue.soonest)(cell)
        if key == queue.NEVER or plain(queue.time_of)(key) > until:
            return
        a, b = plain(queue.pop)(cell, key)
        if not only or plain(queue.kind_of)(key) in only:
            happen(cell, model, PLAN, plain(queue.time_of)(key), plain(queue.kind_of)(key),
                   plain(queue.who_of)(key), a, b)  # fmt: skip


LINE = (queue.JOIN, queue.SERVED_END, queue.PATIENCE_ENDS)


def test_who_buys_in_a_store_pays_after_waiting_at_the_till() -> None:
    cell, model = in_shop(store={"till": TILL})
    model.till[STORE].patience = 1e9
    for who in range(3):
        go(cell, model, who, STORE, T + who)
    assert logged(cell, "order") == []
    pass_time(cell, model, T + DAY, LINE)
    assert [(x["time"], x["person"]) for x in logged(cell, "order")] == [
        (T + 600, 0), (T + 1200, 1), (T + 1800, 2)
    ]  # fmt: skip
    assert [x["wait"] for x in logged(cell, "served")] == [0, 599, 1198]
    assert all(x["channel"] == STORE for x in logged(cell, "order"))
    assert [needs_of(cell, who) for who in range(3)] == [[], [], []]


def test_a_service_takes_and_patience_lasts_what_is_drawn_for_the_visit() -> None:
    cell, model = in_shop(store={"till": {**TILL, "spread": 1.0}})
    entity, family = int(cell.person[1].entity), streams.VISIT_NEED
    go(cell, model, 1, STORE)
    pass_time(cell, model, T, LINE)
    ticket = cell.ticket[1 * 3]
    service, patience = plain(at_till)(model, STORE, entity, family, 0)
    assert (int(ticket.service), int(ticket.patience)) == (service, patience)
    assert service != 600


def test_who_loses_patience_leaves_the_goods_and_may_mind() -> None:
    cell, model = in_shop(store={"till": {**TILL, "service": "5h", "annoys": 1.0}})
    go(cell, model, 0, STORE)
    go(cell, model, 1, STORE, T + 1)
    _, patience = plain(at_till)(model, STORE, int(cell.person[1].entity), streams.VISIT_NEED, 0)
    assert patience < 5 * 3600
    pass_time(cell, model, T + 1 + patience, LINE)
    (left,) = logged(cell, "line_left")
    assert (left["time"], left["person"], left["wait"]) == (T + 1 + patience, 1, patience)
    (cart,) = logged(cell, "cart_left")
    assert (cart["person"], cart["channel"]) == (1, STORE)
    (bad,) = logged(cell, "bad_experience")
    assert (bad["person"], bad["why"]) == (1, 6)
    assert len(needs_of(cell, 1)) == 1  # and may come again
    assert cell.stay_due[1] == -1


def test_only_a_long_wait_is_minded_and_by_the_share_that_is_said() -> None:
    minded = []
    for share in (0.0, 0.5, 1.0):
        cell, model = in_shop(store={"till": {**TILL, "annoys": share}})
        model.till[STORE].patience = 1e9
        for who in range(3):
            go(cell, model, who, STORE)
        pass_time(cell, model, T + DAY, LINE)
        minded.append([x["person"] for x in logged(cell, "bad_experience")])
    entity = (streams.VISIT_NEED << 40) | int(cell.person[1].entity)
    u = [drawn(model, MINDS_WAIT, entity + 8 * k, 0)[0] for k in range(2)]
    assert minded == [[], [1 + k for k in range(2) if u[k] < 0.5], [1, 2]]  # 0 did not wait


def test_until_the_till_a_person_is_nowhere_else() -> None:
    cell, model = in_shop(store={"till": TILL})
    go(cell, model, 0, STORE)
    happen(cell, model, PLAN, T + 5, queue.EXPIRE, 0, 0)
    assert len(needs_of(cell, 0)) == 1
    ((t, *_),) = due(cell, queue.EXPIRE)
    assert t == int(cell.stay_due[0]) + 1


HOME = {"name": "home", "promised": "2d", "late": 0.4, "fee": 5.0, "cost": 3.0}


def after_order(
    way: dict[str, Any], who: int = 0, change: Callable[[Any], None] | None = None
) -> Any:
    """Return a cell in which a person has just ordered in the web shop, and the model."""
    cell, model = in_shop(web={"delivery": [way]})
    for n in range(3):
        cell.person[n].entity = 8 * (who + n)
    if change is not None:
        change(model)
    go(cell, model, 0, WEB)
    return cell, model


def test_an_order_says_its_promise_and_its_fee_is_paid() -> None:
    cell, _ = after_order(HOME)
    plain_cell, plain_model = in_shop()
    for n in range(3):
        plain_cell.person[n].entity = 8 * n
    go(plain_cell, plain_model, 0, WEB)
    (promise,), (order,), (other,) = (
        logged(c, k) for c, k in ((cell, "promise"), (cell, "order"), (plain_cell, "order"))
    )
    assert (promise["promised"], promise["fee"], promise["fulfilment_cost"]) == (2 * DAY, 500, 300)
    assert order["paid"] == other["paid"] + 500
    assert order["margin"] == other["margin"] + 200


def test_a_delivery_comes_when_it_comes_and_a_late_one_may_be_minded() -> None:
    fates = set()
    for who in range(0, 120, 4):
        cell, model = after_order(HOME, who)
        entity = int(cell.person[0].entity)
        takes = plain(taken_by)(model, 0, entity, 0, 2 * DAY, -1)
        pass_time(cell, model, T + 90 * DAY, (queue.THERE,))
        (row,) = logged(cell, "handed_over")
        assert (row["time"], row["channel"]) == (T + takes, WEB)
        assert row["late"] == max(takes - 2 * DAY, 0)
        minds = takes > 2 * DAY and drawn(model, MINDED, entity, 0)[0] < 0.39
        assert [x["why"] for x in logged(cell, "bad_experience")] == [8] * minds
        fates.add((takes > 2 * DAY, minds))
    assert fates == {(False, False), (True, False), (True, True)}


def test_what_comes_when_the_need_is_over_is_not_ordered() -> None:
    cell, model = in_shop(web={"delivery": [{**HOME, "promised": "300d"}]})
    go(cell, model, 0, WEB)
    assert logged(cell, "order") == []
    assert len(logged(cell, "cart_left")) == 1
    model.way[0].promised = 3600
    go(cell, model, 1, WEB)
    assert [x["person"] for x in logged(cell, "order")] == [1]


def test_a_basket_that_is_filled_up_is_paid_without_a_fee() -> None:
    def threshold(model: Any) -> None:
        model.fulfilment.tops_up, model.fulfilment.tops_up_within = 1.0, 1.0

    cell, _ = after_order({**HOME, "free_from": 10_000.0}, change=threshold)
    (order,), (promise,) = logged(cell, "order"), logged(cell, "promise")
    assert (order["paid"], promise["fee"]) == (1_000_000, 0)


def test_one_slot_is_one_order_and_the_next_waits_for_the_next_window() -> None:
    slots = {"capacity": 1, "opens": "08:00", "closes": "20:00", "every": "2h", "ahead": "1d"}
    cell, model = in_shop(web={"delivery": [{"name": "slot", "promised": "1h", "slots": slots}]})
    for who in range(3):
        go(cell, model, who, WEB)
    ends = [x["time"] + x["promised"] for x in logged(cell, "promise")]
    assert ends == [16 * 3600, 18 * 3600, 20 * 3600]
    assert [int(x.booked) for x in cell.slot if x.number >= 0] == [1, 1, 1]


def test_who_collects_shows_who_it_is_and_stands_at_the_desk() -> None:
    desk = {"servers": 1, "service": "10min", "spread": 0.0, "too_long": "1h"}
    way = {"name": "collect", "promised": "2h", "late": 0.0, "at": "store", "desk": desk}
    cell, model = in_shop(web={"delivery": [way]})
    model.till[len(model.ch)].patience = 1e9
    for who in range(3):
        go(cell, model, who, WEB)
    pass_time(cell, model, T + 20 * DAY, (*LINE, queue.THERE, queue.COLLECT))
    came = {(x["person"], x["time"], x["channel"]) for x in logged(cell, "collecting")}
    shown = {(x["person"], x["time"], x["channel"]) for x in logged(cell, "identify")}
    assert {who for who, _, _ in came} == {0, 1, 2}
    assert came & shown
    rows = logged(cell, "handed_over")
    assert sorted(x["person"] for x in rows) == [0, 1, 2]
    assert {x["channel"] for x in rows} == {STORE}
    assert len(logged(cell, "served")) == len(logged(cell, "service_done")) == 3
    assert "identify" in {x["kind"] for x in logged(cell) if x["channel"] == STORE}


def test_who_gives_up_at_the_desk_comes_again_the_next_day() -> None:
    desk = {"servers": 1, "service": "20h", "spread": 0.0, "annoys": 1.0}
    way = {"name": "collect", "promised": "2h", "at": "store", "desk": desk}
    cell, model = in_shop(web={"delivery": [way]})
    model.till[len(model.ch)].patience = 60.0
    for who in range(2):
        happen(cell, model, PLAN, T, queue.COLLECT, who, 0, 0)
    pass_time(cell, model, T + DAY // 2, LINE)
    assert [x["person"] for x in logged(cell, "line_left")] == [1]
    ((t, _, who, packed, _),) = due(cell, queue.COLLECT)
    assert (who, packed) == (1, 1 << 33)
    assert T + DAY < t < T + DAY + 3600


def test_a_closed_place_is_gone_to_when_it_opens() -> None:
    cell, model = in_shop(web={"delivery": [{"name": "collect", "at": "store"}]})
    model.ch[STORE].opens, model.ch[STORE].closes = 9 * 3600, 18 * 3600
    for t, opens in ((20 * 3600, DAY + 9 * 3600), (DAY + 3600, DAY + 9 * 3600)):
        happen(cell, model, PLAN, t, queue.COLLECT, 0, 0, 0)
        assert [x[0] for x in due(cell, queue.COLLECT)] == [opens]


@pytest.mark.parametrize("fee", [0.0, 2.5])
def test_a_return_that_costs_may_be_minded_and_a_free_one_pleases(fee: float) -> None:
    def all_back(model: Any) -> None:
        model.cat[0].returns = 1.0
        model.fulfilment.return_fee_annoys = 1.0

    cell, model = after_order({**HOME, "late": 0.0, "return_fee": fee}, change=all_back)
    (order,) = logged(cell, "order")
    cell.person[0].failures, cell.person[0].failures_t = 1.0, T + 10 * DAY
    pass_time(cell, model, T + 10 * DAY, (queue.RETURN,))
    (row,) = logged(cell, "return")
    cents = round(100 * fee)
    assert row["refund"] == order["paid"] - cents
    assert row["margin"] == order["margin"] + 300 - cents  # what the way has cost is spent
    assert [x["why"] for x in logged(cell, "bad_experience")] == [5] * (fee > 0)
    assert cell.person[0].failures == (2.0 if fee > 0 else 1.0 - model.satisfaction.recovery)


def test_time_under_way_is_drawn_for_the_order_alone() -> None:
    _, model = in_shop(web={"delivery": [{**HOME, "spread": 1.0}]})
    assert len({drawn(model, UNDER_WAY, 8, k)[0] for k in range(9)}) == 9
    takes = {plain(taken_by)(model, 0, 8, k, 2 * DAY, -1) for k in range(9)}
    assert len(takes) == 9
