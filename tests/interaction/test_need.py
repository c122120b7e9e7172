"""Needs come, are noticed, wait, are looked after again, and end; idle visits; friends' tips."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omnilab.cell import queue
from omnilab.cell.room import MOST_NEEDS, TOO_MANY_NEEDS
from omnilab.draws import streams
from omnilab.engine.loop import act
from omnilab.interaction import need as needs_
from omnilab.world import needs
from tests.plain import plain
from tests.worlds import (
    AD,
    APP,
    DAY,
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

RULES = ("interaction/leaving.py", "interaction/visit.py", "world/search.py", "world/tips.py")
PLAN = plan_of()
NEVER = {"intent": {"returns": 0.0}}  # nobody comes back by itself
MODEL = model_of()
V_NEED, V_TIP, V_MESSAGE = streams.VISIT_NEED, streams.VISIT_TIP, streams.VISIT_MESSAGE


def looker(model: Any = MODEL, persons: int = 2) -> Any:
    """Return a cell whose persons only look."""
    cell = eager(model, persons)
    cell.person.threshold[:persons] = 50.0
    return cell


def with_need(model: Any = MODEL, category: int = 0, t: int = 1000, cell: Any = None) -> Any:
    """Return a cell in which person 0 has a need, with nothing else due."""
    cell = looker(model) if cell is None else cell
    happen(cell, model, PLAN, t, queue.NEED, 0, category, 0)
    quiet(cell)
    return cell


def test_a_need_comes_and_the_next_is_due() -> None:
    cell = looker()
    happen(cell, MODEL, PLAN, 1000, queue.NEED, 0, 1, 3)
    (need,) = needs_of(cell, 0)
    ordinal = 3 * MODEL.needs.stride + 1
    assert need.ordinal == ordinal
    (row,) = logged(cell)
    assert (row["kind"], row["need"], row["category"]) == ("need", ordinal, 1)
    assert row["value"] == need.value
    items = {kind: (t, a, b) for t, kind, _, a, b in due(cell)}
    assert items[queue.EXPIRE] == (need.expires, ordinal, 0)
    assert items[queue.NOTICE][1:] == (ordinal, 0)
    assert items[queue.NOTICE][0] < need.expires
    assert items[queue.NEED][1:] == (1, 4)
    assert items[queue.NEED][0] > 1000


def test_the_latest_need_is_first() -> None:
    cell = looker()
    for number in (0, 1):
        happen(cell, MODEL, PLAN, 1000 + number, queue.NEED, 0, 0, number)
    assert [x.opened for x in needs_of(cell, 0)] == [1001, 1000]


def test_after_the_end_no_more_needs_are_due() -> None:
    cell = looker()
    cell.rate[0, 0] = 0.0
    happen(cell, MODEL, PLAN, 1000, queue.NEED, 0, 0, 0)
    assert due(cell, queue.NEED) == []


def test_who_left_needs_nothing_more_here() -> None:
    cell = looker()
    cell.person[0].left = 1
    happen(cell, MODEL, PLAN, 1000, queue.NEED, 0, 0, 0)
    happen(cell, MODEL, PLAN, 1000, queue.IDLE, 0)
    happen(cell, MODEL, PLAN, 1000, queue.TIP, 0, 1, 0)
    assert logged(cell) == []
    assert due(cell) == []


def test_more_needs_than_can_be_numbered_end_the_run() -> None:
    most = MOST_NEEDS // int(MODEL.needs.stride)
    for number, over in ((most - 2, 0), (most - 1, TOO_MANY_NEEDS)):
        cell = looker()
        cell.rate[0, 0] = 0.1
        cell.meta.grown = 0
        happen(cell, MODEL, PLAN, 1000, queue.NEED, 0, 0, number)
        assert cell.meta.over == over


def test_a_need_that_is_noticed_leads_to_a_visit() -> None:
    model = model_of(intent={"returns": 1.0})
    cell = with_need(model)
    happen(cell, model, PLAN, 2000, queue.NOTICE, 0, 0)
    aware, visit, *_ = logged(cell, "aware", "visit")
    assert (aware["kind"], aware["need"], aware["cause"]) == ("aware", 0, 0)
    assert (visit["need"], visit["cause"], visit["cost"]) == (0, -1, 0)
    assert visit["channel"] in (WEB, APP, STORE)
    (need,) = needs_of(cell, 0)
    assert (need.stage, need.visits, need.progress) == (needs.EXPLORING, 1, 1)


def test_what_is_gone_is_not_noticed_nor_looked_after_nor_ended() -> None:
    cell = with_need()
    for kind, a in ((queue.NOTICE, 9), (queue.REVISIT, 9), (queue.EXPIRE, 9)):
        happen(cell, MODEL, PLAN, 2000, kind, 0, a)
    assert logged(cell) == []


def test_a_need_known_already_is_not_noticed_again() -> None:
    cell = with_need()
    needs_of(cell, 0)[0].stage = needs.EXPLORING
    happen(cell, MODEL, PLAN, 2000, queue.NOTICE, 0, 0)
    assert [x["kind"] for x in logged(cell, "aware", "visit")] == ["visit"]


@pytest.mark.parametrize("returns", [0.0, 1.0])
def test_who_found_nothing_comes_back_or_gives_up(returns: float) -> None:
    model = model_of(intent={"returns": returns, "quick_share": 1.0, "quick": 60.0})
    cell = with_need(model)
    needs_of(cell, 0)[0].expires = 50 * DAY
    happen(cell, model, PLAN, 2000, queue.NOTICE, 0, 0)
    (need,) = needs_of(cell, 0)
    again = due(cell, queue.REVISIT)
    if returns == 0.0:
        assert need.stage == needs.GIVEN_UP
        assert again == []
        return
    entity = cell.person[0].entity
    _, gap, _, _ = drawn(model, V_NEED + streams.V_GAP, entity, 0)
    ((t, _, _, packed, occasion),) = again
    assert t == pytest.approx(2000 - math.log(gap) * 60, abs=1.5)
    assert (packed, occasion) == (V_NEED << 32, 1)
    happen(cell, model, PLAN, t, queue.REVISIT, 0, packed, occasion)
    assert due(cell, queue.REVISIT)[0][4] == 2


def test_nobody_comes_back_after_the_need_has_ended_or_too_often() -> None:
    model = model_of(intent={"returns": 1.0, "quick_share": 1.0, "quick": 60.0})
    cell = with_need(model)
    needs_of(cell, 0)[0].expires = 2001
    happen(cell, model, PLAN, 2000, queue.NOTICE, 0, 0)
    assert due(cell, queue.REVISIT) == []
    for family, last, step in ((V_NEED, 0xFFFF, 1), (V_TIP, 30 << 56, 1 << 56)):
        for occasion, comes in ((last - step, True), (last, False)):
            cell = with_need(model)
            needs_of(cell, 0)[0].expires = 50 * DAY
            happen(cell, model, PLAN, 2000, queue.REVISIT, 0, family << 32, occasion)
            found = due(cell, queue.REVISIT)
            assert [x[4] for x in found] == ([occasion + step] if comes else [])


def test_whoever_comes_back_is_aware_and_stays_ready() -> None:
    cell = with_need()
    happen(cell, MODEL, PLAN, 2000, queue.REVISIT, 0, V_MESSAGE << 32, 5)
    aware, visit = logged(cell, "aware", "visit")
    assert (aware["cause"], visit["cause"]) == (1, -1)
    (need,) = needs_of(cell, 0)
    quiet(cell)
    need.stage, need.progress, need.channel = needs.READY, 0, -1
    shut = model_of(intent={"returns": 1.0})
    for channel in shut.ch:
        channel.opens = channel.closes = 0
    happen(cell, shut, PLAN, 3000, queue.REVISIT, 0, V_MESSAGE << 32, 6)
    assert need.stage == needs.READY
    need.stage = needs.GIVEN_UP
    happen(cell, shut, PLAN, 4000, queue.REVISIT, 0, V_MESSAGE << 32, 6)
    assert need.stage == needs.EXPLORING
    assert logged(cell) == []


def test_a_visit_is_chosen_by_the_decayed_stock() -> None:
    """Only the place where all is bought draws whoever is ripe."""
    model = model_of(choice={"closing": 400.0}, intent={"decay": 0.001})
    for stock, place in ((0.5, STORE), (0.0, None)):
        places = set()
        for number in range(12):
            cell = with_need(model)
            (need,) = needs_of(cell, 0)
            need.stock, need.stock_t, need.ordinal = stock, 2000, number
            happen(cell, model, PLAN, 2000, queue.NOTICE, 0, number)
            places |= {x["channel"] for x in logged(cell, "visit")}
        assert places == {STORE} if place == STORE else len(places) > 1


SEARCH = model_of(search={"searches": 1.0, "click": 1.0, "landing": WEB, "cost": 4321})


@pytest.mark.parametrize(
    ("change", "paid", "found"),
    [
        ({}, 1, True), ({}, 0, False), ({"landing": -1}, 1, False), ({"searches": 0.0}, 1, False),
        ({"click": 0.0}, 1, False),
    ],
)  # fmt: skip
def test_a_visit_may_start_at_a_paid_search(change: Any, paid: int, found: bool) -> None:
    model = model_of(search={"searches": 1.0, "click": 1.0, "landing": WEB, "cost": 4321, **change})
    cell = with_need(model)
    happen(cell, model, plan_of(rules={"paid": paid}), 2000, queue.NOTICE, 0, 0)
    (visit,) = logged(cell, "visit")
    assert visit["cost"] == (4321 if found else 0)
    assert visit["channel"] == WEB or not found


def test_a_search_needs_time_reach_and_an_open_door() -> None:
    plan = plan_of(rules={"paid": 1})
    shut = model_of(search={"searches": 1.0, "click": 1.0, "landing": WEB, "cost": 4321})
    shut.ch[WEB].opens = 86400
    end = int(SEARCH.clock.end)
    for model, t, reach, cost in (
        (SEARCH, end - 1, 63, 4321), (SEARCH, end, 63, 0), (SEARCH, 2000, 62, 0),
        (shut, 2000, 63, 0),
    ):  # fmt: skip
        cell = with_need(model)
        cell.person[0].reach = reach
        needs_of(cell, 0)[0].expires = 1 << 40
        happen(cell, model, plan, t, queue.NOTICE, 0, 0)
        assert [x["cost"] for x in logged(cell, "visit")] == [cost]


@pytest.mark.parametrize("rival", [0.0, 1.0])
def test_a_need_ends_for_the_person_whose_it_is(rival: float) -> None:
    cell = looker()
    for who in (0, 1):
        happen(cell, MODEL, PLAN, 1000, queue.NEED, who, 0, 0)
    quiet(cell)
    free = model_of()
    free.cat[0].rival = rival
    happen(cell, free, PLAN, 9000, queue.EXPIRE, 1, 0)
    assert [x["person"] for x in logged(cell, "need_lost")] == [1]
    assert (len(needs_of(cell, 0)), len(needs_of(cell, 1))) == (1, 0)


@pytest.mark.parametrize(("rival", "fate"), [(0.0, 2), (1.0, 1)])
def test_a_need_that_waited_too_long_is_dropped_or_met_elsewhere(rival: float, fate: int) -> None:
    model = model_of()
    model.cat[0].rival = rival
    cell = with_need(model)
    happen(cell, model, PLAN, 9000, queue.EXPIRE, 0, 0)
    (row,) = logged(cell)
    assert (row["kind"], row["need"], row["fate"]) == ("need_lost", 0, fate)
    assert needs_of(cell, 0) == []


@pytest.mark.parametrize("ready", [-50.0, 50.0])
def test_a_search_may_win_a_need_back_from_a_rival(ready: float) -> None:
    model = model_of(search={"searches": 1.0, "click": 1.0, "landing": WEB, "cost": 4321})
    model.cat[0].rival, model.ch[WEB].completes = 1.0, 1.0
    cell = with_need(model)
    cell.person[0].threshold = ready
    happen(cell, model, plan_of(rules={"paid": 1}), 9000, queue.EXPIRE, 0, 0)
    kinds = [x["kind"] for x in logged(cell, "visit", "order", "need_lost")]
    assert kinds == (["visit", "order"] if ready < 0 else ["visit", "need_lost"])
    assert logged(cell, "visit")[0]["cost"] == 4321


def test_an_idle_visit_looks_at_something_and_the_next_is_due() -> None:
    cell = looker()
    person = cell.person[0]
    person.idle_rate, first = 3.0, int(person.idle)
    happen(cell, MODEL, PLAN, 1000, queue.IDLE, 0)
    visit, view = logged(cell, "visit", "view")
    assert (visit["need"], visit["cause"], visit["channel"]) == (-1, -1, view["channel"])
    assert view["category"] in (0, 1)
    assert person.last_channel == visit["channel"]
    assert person.idle == first + 1
    assert len(due(cell, queue.IDLE)) == 1
    assert cell.profile[0].last_channel == visit["channel"]


def test_the_brand_sees_what_is_looked_at_at_any_place() -> None:
    cell = looker()
    cell.person[0].reach, cell.person[0].idle_rate = 1 << WEB, 2.0
    happen(cell, MODEL, PLAN, 1000, queue.IDLE, 0)
    (view,) = logged(cell, "view")
    x = cell.context[cell.context_of[0, 0]]
    assert (x.view_t, x.view_category, x.view_token) == (1000, view["category"], -1)


def test_idle_visits_end_with_the_run_and_need_a_place() -> None:
    cell = looker()
    cell.person[0].idle_t = cell.person[0].ahead_t[:] = MODEL.clock.run_end
    cell.person[0].reach = 0
    happen(cell, MODEL, PLAN, 1000, queue.IDLE, 0)
    assert due(cell) == []
    assert logged(cell) == []


@pytest.mark.parametrize("where", [63, 1 << WEB, 1 << AD])
def test_a_cohorts_member_enters_with_an_order(where: int) -> None:
    """Whatever chance says, and where there is no place, at the first."""
    model = model_of(search={"first_visit": APP})
    cell = looker(model)
    cell.person[0].reach = where
    happen(cell, model, PLAN, 5000, queue.ENTRY, 0, 1)
    need, order = logged(cell, "need", "order")
    assert need["need"] == order["need"] == 1 << 24
    assert need["category"] == 1
    assert needs_of(cell, 0) == []
    assert where == 63 or order["channel"] == (WEB if where == 1 << WEB else APP)


def tipped(stage: int, category: int = 0) -> Any:
    model = model_of(intent={"tip_gain": 0.5, "returns": 0.0})
    cell = with_need(model, category)
    (need,) = needs_of(cell, 0)
    need.stage, need.stock, need.stock_t = stage, 1.0, 2000
    cell.meta.first = 30
    happen(cell, model, PLAN, 2000, queue.TIP, 0, 1, 7)  # in category 0, of the friend's order 7
    return cell, need


def test_a_tip_names_its_category() -> None:
    cell = with_need(model_of(intent={"tip_gain": 0.5}), 1)
    happen(cell, MODEL, PLAN, 2000, queue.TIP, 0, 1, 1 << 40 | 7)
    tip, aware = logged(cell, "tip", "aware")
    assert (tip["category"], aware["need"]) == (1, 1)


def test_a_friends_tip_makes_a_need_felt_and_leads_to_a_visit() -> None:
    cell, need = tipped(needs.LATENT)
    tip, aware, visit = logged(cell, "tip", "aware", "visit")
    assert (tip["friend"], tip["category"], aware["cause"]) == (31, 0, 2)
    assert visit["need"] == need.ordinal
    assert need.visits == 1


@pytest.mark.parametrize("stage", [needs.GIVEN_UP, needs.EXPLORING, needs.READY])
def test_a_tip_revives_what_was_given_up_and_stirs_the_rest(stage: int) -> None:
    cell, need = tipped(stage)
    visits = logged(cell, "visit")
    assert len(visits) == int(stage == needs.GIVEN_UP)
    assert logged(cell, "aware") == []
    if not visits:
        assert need.stock == pytest.approx(1.5)
        assert need.stage == stage


def test_a_tip_about_something_else_stirs_nothing() -> None:
    cell, need = tipped(needs.LATENT, category=1)
    assert [x["kind"] for x in logged(cell)] == ["tip"]
    assert need.stock == 1.0


def test_the_draws_of_a_tips_visit_are_the_orders_own() -> None:
    model = model_of(intent={"returns": 1.0, "quick_share": 1.0, "quick": 60.0})
    cell = with_need(model)
    needs_of(cell, 0)[0].expires = 50 * DAY
    happen(cell, model, PLAN, 2000, queue.TIP, 0, 1, 7)
    ((_, _, _, packed, occasion),) = due(cell, queue.REVISIT)
    assert packed == V_TIP << 32
    assert occasion == (1 << 44 | 7) + (1 << 56)


def test_compiled_and_plain_are_equal() -> None:
    """The engine's own step: of all tests of interactions this one compiles."""
    told = []
    for function in (act, plain(act)):
        cell = looker()
        for n, kind in enumerate((queue.NEED, queue.NOTICE, queue.IDLE, queue.EXPIRE)):
            function(cell, MODEL, PLAN, (1000 + 900 * n) << 33 | kind << 27, 0, 0)
        told.append(logged(cell))
    assert told[0] == told[1]
    assert len(told[0]) > 6
    assert needs_.ENTRY_ORDINAL == 1 << 24
