"""A visit for a need: who is seen, what is carried along or repeated, what is bought."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.brand.context import context_of
from omnilab.cell import queue
from omnilab.draws import streams
from omnilab.world import needs
from tests.plain import plain
from tests.worlds import (
    APP,
    IN_APP,
    IN_WEB,
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

RULES = ("interaction/identifiers.py", "interaction/leaving.py", "interaction/need.py")
PLAN = plan_of(rules={"identity": 2, "context": 2, "card": 50})
BASE: dict[str, Any] = {"intent": {"returns": 0.0, "visit_gain": 0.8},
                        "continuity": {"give_up": 0.0, "annoys": 0.0, "service": 0.0},
                        "tips": {"per_order": 0.0}, "identifiers": {"typo": 0.0}}  # fmt: skip


def model_with(completes: float = 0.0, **changes: Any) -> Any:
    model = model_of(**{k: BASE.get(k, {}) | changes.get(k, {}) for k in {*BASE, *changes}})
    for c in (WEB, APP, STORE):
        model.ch[c].completes = completes if completes in (0.0, 1.0) else 0.5
        model.ch[c].completes_logit = 50.0 if completes == 1.0 else -50.0
    return model


def looking(model: Any, place: int = WEB, threshold: float = 50.0) -> tuple[Any, Any]:
    """Return a cell and its person's need; the person can go to one place only."""
    cell = eager(model, 2)
    happen(cell, model, PLAN, 1000, queue.NEED, 0, 0, 0)
    quiet(cell)
    cell.person[0].reach, cell.person[0].threshold = 1 << place, threshold
    return cell, needs_of(cell, 0)[0]


def go(cell: Any, model: Any, t: int, place: int = WEB, plan: Any = PLAN, occasion: int = 0) -> Any:
    """Let the person look after the need at a place; return what is logged."""
    quiet(cell)
    cell.person[0].reach = 1 << place
    happen(cell, model, plan, t, queue.REVISIT, 0, streams.VISIT_TIP << 32, occasion)
    return logged(cell)


def test_who_only_looks() -> None:
    model = model_with()
    cell, need = looking(model)
    visit, *shown, view = go(cell, model, 2000)[1:]
    assert visit["kind"] == "visit"
    assert (visit["returning"], visit["carry_needed"], visit["carried"]) == (0, 0, 0)
    assert [x["type"] for x in shown] == [0]
    assert (view["kind"], view["need"], view["category"]) == ("view", 0, 0)
    assert (need.progress, need.channel, need.silo, need.visits) == (1, WEB, IN_WEB, 1)
    assert need.stock == 0.8
    assert cell.person[0].last_channel == WEB
    x = cell.context[cell.context_of[0, IN_WEB]]
    assert (x.view_t, x.view_token, x.view_category) == (2000, 0, 0)


def test_the_log_names_the_brands_profile_and_nobody() -> None:
    model = model_with()
    cell, _ = looking(model)
    cell.meta.profile_serial = 40
    visit, shown, _ = go(cell, model, 2000)[1:]
    assert (shown["kind"], shown["type"], shown["profile"]) == ("identify", 0, 40)
    assert shown["carried_from"] == -1
    assert shown["code"] >> 48 != cell.code[0] >> 48
    assert visit["cause"] == -1


def test_who_shows_nothing_is_nobody_and_leaves_no_trace() -> None:
    model = model_with()
    model.ch[WEB].n_shown = 0
    cell, need = looking(model)
    rows = go(cell, model, 2000)
    assert [x["kind"] for x in rows] == ["aware", "visit", "view"]
    assert cell.meta.profiles == 0
    assert need.progress == 1


@pytest.mark.parametrize("device", [0, 1])
def test_the_phone_is_used_by_the_personas_share_where_there_is_a_choice(device: int) -> None:
    on_phone = []
    for occasion in range(40):
        model = model_with()
        model.ch[WEB].devices = device
        cell, _ = looking(model)
        cell.person[0].persona = 0
        go(cell, model, 2000, occasion=occasion)
        u = drawn(model, streams.VISIT_TIP + streams.V_DEVICE, cell.person[0].entity, occasion)[0]
        assert (cell.device[0].seen == 2000) == (device == 1 and u < 0.7)
        assert (cell.device[0].seen == 2000) != (cell.device[1].seen == 2000)
        on_phone.append(cell.device[0].seen == 2000)
    assert any(on_phone) == bool(device)


def test_who_is_ready_fills_a_cart_and_leaves_it_once() -> None:
    model = model_with(completes=0.5)
    cell, need = looking(model, threshold=-50.0)
    kinds = [x["kind"] for x in go(cell, model, 2000)]
    assert kinds == ["aware", "visit", "identify", "view", "cart", "cart_left"]
    assert (need.stage, need.progress, need.cart_left) == (needs.GIVEN_UP, 2, 1)
    (left,) = logged(cell, "cart_left")
    assert (left["channel"], left["silo"], left["need"]) == (WEB, IN_WEB, 0)
    x = cell.context[cell.context_of[0, IN_WEB]]
    assert (x.cart_t, x.cart_token, x.cart_category) == (2000, 0, 0)
    assert x.cart_cents == need.value
    rows = go(cell, model, 3000, WEB)
    assert [x["kind"] for x in rows] == ["visit", "identify", "view", "cart"]
    assert rows[0]["returning"] == 1
    assert rows[-1]["amount"] == need.value


def test_a_cart_is_still_wanted_whatever_the_stock() -> None:
    model = model_with(completes=0.5)
    cell, need = looking(model, threshold=50.0)
    need.progress, need.channel = 2, WEB
    cell.context[plain(context_of)(cell, 0, IN_WEB)].cart_token = 0
    go(cell, model, 2000)
    cell.person[0].threshold = 50.0
    need.progress = 2
    assert "cart" in [x["kind"] for x in go(cell, model, 2500)]


def test_a_place_that_only_shows_sells_nothing() -> None:
    model = model_with(completes=0.0)
    cell, need = looking(model, threshold=-50.0)
    kinds = [x["kind"] for x in go(cell, model, 2000)]
    assert kinds == ["aware", "visit", "identify", "view"]
    assert need.progress == 1


def test_who_is_ready_buys() -> None:
    model = model_with(completes=1.0)
    cell, _ = looking(model, threshold=-50.0)
    kinds = [x["kind"] for x in go(cell, model, 2000)]
    assert kinds[:6] == ["aware", "visit", "identify", "view", "cart", "order"]
    assert needs_of(cell, 0) == []


def moved(plan: Any = PLAN, progress: int = 2, **continuity: float) -> tuple[list[Any], Any, Any]:
    """Put a cart into the web's basket, and go on in the app."""
    model = model_with(completes=0.5, continuity=continuity)
    cell, need = looking(model, threshold=-50.0 if progress == 2 else 50.0)
    for c in (WEB, APP):  # both show the log-in, so that it is one profile
        model.ch[c].shown_type[0] = 2
    go(cell, model, 2000, WEB, plan)
    assert need.progress == progress
    cell.person[0].threshold = 50.0
    return go(cell, model, 3000, APP, plan, 1), need, cell


def test_what_the_next_place_has_at_hand_goes_on() -> None:
    rows, need, _ = moved(give_up=1.0, annoys=1.0)
    assert (rows[0]["returning"], rows[0]["carry_needed"], rows[0]["carried"]) == (1, 1, 1)
    assert [x["kind"] for x in rows] == ["visit", "identify", "view", "cart"]
    assert (need.progress, need.channel, need.silo) == (2, APP, IN_APP)


APART = plan_of(rules={"identity": 2, "context": 0})


def test_what_it_has_not_must_be_repeated() -> None:
    rows, need, _ = moved(APART, give_up=0.0, annoys=0.0)
    assert (rows[0]["carry_needed"], rows[0]["carried"]) == (1, 0)
    assert [x["kind"] for x in rows] == ["visit", "identify", "view", "cart"]
    rows, need, _ = moved(APART, progress=1, give_up=0.0, annoys=0.0)
    assert [x["kind"] for x in rows] == ["visit", "identify", "view"]
    assert need.progress == 1


@pytest.mark.parametrize("progress", [1, 2])
def test_who_gives_up_repeating_has_nothing_left(progress: int) -> None:
    rows, need, _ = moved(APART, progress, give_up=1.0, annoys=0.0)
    assert [x["kind"] for x in rows] == ["visit", "identify", "give_up"]
    assert rows[-1]["steps"] == progress
    assert need.progress == 0
    assert need.channel == WEB


def test_repeating_annoys_and_may_end_it_all() -> None:
    rows, _, cell = moved(APART, give_up=0.0, annoys=1.0)
    (bad,) = [x for x in rows if x["kind"] == "bad_experience"]
    assert bad["why"] == 2
    assert cell.person[0].failures == 1.0
    left = model_with(completes=0.5, continuity={"annoys": 1.0},
                      satisfaction={"kappa": 1.0, "leave_base": 50.0})  # fmt: skip
    cell, _ = looking(left, threshold=-50.0)
    go(cell, left, 2000, WEB, APART)
    rows = go(cell, left, 3000, APP, APART, 1)
    assert [x["kind"] for x in rows] == [
        "visit", "identify", "bad_experience", "left", "need_lost",
    ]  # fmt: skip
    assert cell.person[0].left == 1


def test_the_same_place_that_has_forgotten_asks_again_too() -> None:
    model = model_with(completes=0.5, continuity={"give_up": 1.0})
    cell, _ = looking(model, threshold=-50.0)
    go(cell, model, 2000, WEB)
    x = cell.context[cell.context_of[0, IN_WEB]]
    x.cart_token = x.view_token = -1
    rows = go(cell, model, 3000, WEB)
    assert (rows[0]["carry_needed"], rows[0]["carried"]) == (0, 0)
    assert "give_up" in [x["kind"] for x in rows]


@pytest.mark.parametrize(("points", "off"), [(49, 0), (50, 500), (70, 500)])
def test_a_full_card_pays(points: int, off: int) -> None:
    model = model_with(completes=1.0)
    cell, need = looking(model, threshold=-50.0)
    go(cell, model_with(), 2000)
    x = cell.context[cell.context_of[0, IN_WEB]]
    x.points = points
    value = int(need.value)
    rows = go(cell, model, 3000)
    (order,) = [r for r in rows if r["kind"] == "order"]
    off = min(off, value)
    assert (order["paid"], order["discount"]) == (value - off, off)
    assert x.points == points + order["paid"] // 100 - (50 if off else 0)


def test_without_a_card_there_are_no_points() -> None:
    model = model_with(completes=1.0)
    cell, _ = looking(model, threshold=-50.0)
    go(cell, model, 2000, plan=plan_of(rules={"identity": 2, "context": 2, "card": 0}))
    assert cell.context[cell.context_of[0, IN_WEB]].points == 0


def test_an_offer_in_hand_helps_to_complete() -> None:
    """By the share of the value that it takes off, which here decides alone."""
    for offer, bought in ((0.0, False), (0.5, True)):
        model = model_with(completes=0.5, offers={"offer": 400.0})
        cell, _ = looking(model, threshold=-50.0)
        cell.person[0].offer, cell.person[0].offer_until = offer, 2000
        rows = go(cell, model, 2000)
        assert ("order" in [x["kind"] for x in rows]) == bought
        assert due(cell) is not None
        assert bool(needs_of(cell, 0)) == (not bought)
