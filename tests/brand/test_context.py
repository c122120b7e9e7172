"""Who can use which silo's carts, views, orders and points, and how they are handed on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand import at_hand, context
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.kernels.compiling import kernel
from tests.plain import plain
from tests.worlds import cell_of, plan_of

PLANS = {value: plan_of(rules={"context": value}) for value in (SILO, HANDOFF, ALL)}
P = 1  # a profile
EMPTY = {"cart_t": -1, "cart_token": -1, "cart_category": -1, "cart_cents": 0, "view_t": -1,
         "view_token": -1, "view_category": -1, "order_t": -1, "order_category": -1, "orders": 0,
         "points": 0}  # fmt: skip


def cell_with(**silos: dict[str, int]) -> Any:
    """Return a cell in which a profile has contexts in silos ``s0``, ``s1`` ..."""
    cell = cell_of(4)
    cell.context_of[:] = -1
    for name, values in silos.items():
        add(cell, P, int(name[1:]), values)
    return cell


def add(cell: Any, profile: int, silo: int, values: dict[str, int]) -> Any:
    x = cell.context[plain(context.context_of)(cell, profile, silo)]
    for field, value in values.items():
        x[field] = value
    return x


def state(cell: Any, silo: int, profile: int = P) -> dict[str, int]:
    x = cell.context[cell.context_of[profile, silo]]
    return {name: int(x[name]) for name in EMPTY}


def test_a_new_context_is_empty_and_made_once() -> None:
    cell = cell_with(s2={"points": 3, "orders": 2, "cart_t": 9})
    i = int(cell.context_of[P, 2])
    cell.ring[i] = 5
    plain(context.drop_contexts)(cell, P)
    assert cell.context_of[P].tolist() == [-1] * 4
    assert plain(context.context_of)(cell, P, 0) == i, "the slot is used again"
    assert plain(context.context_of)(cell, P, 0) == i
    assert state(cell, 0) == EMPTY
    assert cell.ring[i].tolist() == [-1, -1]
    assert cell.context[i].ring_at == 0


@pytest.mark.parametrize(("value", "others"), [(SILO, False), (HANDOFF, False), (ALL, True)])
def test_who_sees_whose(value: int, others: bool) -> None:
    assert plain(context.sees)(PLANS[value], 1, 1)
    assert plain(context.sees)(PLANS[value], 1, 2) == others


@pytest.mark.parametrize("value", [SILO, ALL])
def test_carts_orders_and_points_at_hand(value: int) -> None:
    plan, shared = PLANS[value], value == ALL
    cell = cell_with(
        s0={"cart_token": 5, "points": 3}, s2={"view_token": 6, "orders": 1, "points": 4}
    )
    looks = [(silo, token) for silo in (0, 2, 3) for token in (5, 6, 7)]
    cart = [plain(at_hand.cart_at_hand)(cell, plan, P, silo, token) for silo, token in looks]
    assert cart == [True, shared, False, shared, True, False, shared, shared, False]
    history = [plain(at_hand.history_at_hand)(cell, plan, P, s) for s in (0, 2, 3)]
    assert history == [shared, True, shared]
    points = [plain(at_hand.points_at_hand)(cell, plan, 9, P, s) for s in (0, 2, 3)]
    assert points == ([7, 7, 7] if shared else [3, 4, 0])


def test_a_context_in_the_first_slot_of_all_counts_too() -> None:
    cell = cell_with(
        s2={"cart_token": 5, "cart_t": 3, "cart_category": 1, "orders": 1, "points": 4}
    )
    assert cell.context_of[P, 2] == 0
    for value, plan in PLANS.items():
        seen = [silo == 2 or value == ALL for silo in (1, 2)]
        for silo, sees in zip((1, 2), seen, strict=True):
            assert plain(at_hand.history_at_hand)(cell, plan, P, silo) == sees
            assert plain(at_hand.cart_at_hand)(cell, plan, P, silo, 5) == sees
            assert plain(at_hand.points_at_hand)(cell, plan, 9, P, silo) == (4 if sees else 0)
            found = plain(at_hand.any_category)(cell, plan, P, silo, 1)
            assert found == ((1, 5) if sees else (-1, -1))


@pytest.mark.parametrize("both", [False, True])
def test_so_does_one_of_a_profile_that_is_merged(both: bool) -> None:
    cell = cell_with()
    add(cell, 3, 2, {"orders": 4, "points": 6})
    assert cell.context_of[3, 2] == 0
    if both:
        add(cell, P, 2, {"orders": 1})
    plain(context.merge_contexts)(cell, PLANS[ALL], P, 3)
    assert state(cell, 2) == {**EMPTY, "orders": 5 if both else 4, "points": 6}


def test_of_nobody_nothing_is_at_hand() -> None:
    cell, plan = cell_with(), PLANS[ALL]
    cell.context_of[-1] = 0
    cell.context[0].orders = cell.context[0].points = 9
    assert not plain(at_hand.cart_at_hand)(cell, plan, -1, 0, 0)
    assert not plain(at_hand.history_at_hand)(cell, plan, -1, 0)
    assert plain(at_hand.points_at_hand)(cell, plan, 9, -1, 0) == 0


def test_the_latest_cart_view_or_order_is_shown() -> None:
    cell = cell_with(
        s0={"cart_t": 5, "cart_category": 0, "cart_token": 11, "view_t": 9, "view_category": 1,
            "view_token": 12, "order_t": 4, "order_category": 1},
        s1={"cart_t": 6, "cart_category": 1, "cart_token": 21, "view_t": 8, "view_category": 0,
            "order_t": 0, "order_category": 0},
    )  # fmt: skip
    latest, cart, view, order = plain(at_hand.any_category), 1, 2, 3
    assert [latest(cell, PLANS[ALL], P, 0, what) for what in (cart, view, order)] == [
        (1, 21), (1, -1), (1, -1),
    ]  # fmt: skip
    assert [latest(cell, PLANS[SILO], P, 0, what) for what in (cart, view, order)] == [
        (0, 11), (1, -1), (1, -1),
    ]  # fmt: skip
    assert latest(cell, PLANS[SILO], P, 1, order) == (0, -1)
    assert [latest(cell, PLANS[SILO], P, 2, what) for what in (cart, view, order)] == [(-1, -1)] * 3
    cell.context[cell.context_of[P, 1]].cart_t = 5  # as late as the other: the first silo's
    assert latest(cell, PLANS[ALL], P, 1, cart) == (0, 11)


FULL = {"cart_t": 5, "cart_token": 11, "cart_category": 1, "cart_cents": 700, "view_t": 6,
        "view_token": 12, "view_category": 1, "order_t": 7, "order_category": 1, "orders": 2,
        "points": 30}  # fmt: skip
OTHER = {"cart_t": 4, "cart_token": 21, "cart_category": 0, "cart_cents": 100, "view_t": 8,
         "view_token": 22, "view_category": 0, "order_t": 9, "order_category": 0, "orders": 1,
         "points": 4}  # fmt: skip
#: The newer of each: the first's cart, the second's view and order.
NEWER = {**OTHER, **{k: v for k, v in FULL.items() if k.startswith("cart")}}


@pytest.mark.parametrize("one", [0, 1])
def test_a_hand_off_copies_what_is_newer_and_moves_points(one: int) -> None:
    source, target = (FULL, OTHER) if one == 0 else (OTHER, FULL)
    cell = cell_with(s0=source, s1=target)
    plain(context.copy_context)(cell, PLANS[HANDOFF], P, 0, 1)
    assert state(cell, 1) == {**NEWER, "orders": 2, "points": 34}
    assert state(cell, 0) == {**source, "points": 0}


def test_a_hand_off_of_as_late_changes_nothing_but_points() -> None:
    same = {**FULL, "cart_token": 8, "view_token": 9, "order_category": 0}
    cell = cell_with(s0=FULL, s1=same)
    plain(context.copy_context)(cell, PLANS[HANDOFF], P, 0, 1)
    assert state(cell, 1) == {**same, "points": 60}


def test_a_hand_off_to_a_place_that_knew_nothing_copies_all() -> None:
    cell = cell_with(s0=FULL)
    plain(context.copy_context)(cell, PLANS[HANDOFF], P, 0, 3)
    assert state(cell, 3) == FULL


@pytest.mark.parametrize(
    ("value", "profile", "source", "target"),
    [(SILO, P, 0, 1), (ALL, P, 0, 1), (HANDOFF, P, 0, 0), (HANDOFF, P, 2, 1), (HANDOFF, -1, 0, 1)],
)
def test_where_nothing_is_handed_on(value: int, profile: int, source: int, target: int) -> None:
    cell = cell_with(s0=FULL)
    cell.context_of[-1, 0] = cell.context_of[P, 0]
    plain(context.copy_context)(cell, PLANS[value], profile, source, target)
    assert cell.context_of[P, 1] == -1
    assert state(cell, 0) == FULL


@pytest.mark.parametrize("one", [0, 1])
def test_profiles_that_merge_put_their_contexts_together(one: int) -> None:
    cell = cell_with(s0=FULL if one == 0 else OTHER)
    add(cell, 2, 0, OTHER if one == 0 else FULL)
    add(cell, 2, 1, FULL)
    cell.ring[cell.context_of[P, 0]] = [10, 30]
    cell.ring[cell.context_of[2, 0]] = [20, 40]
    freed, moved = int(cell.context_of[2, 0]), int(cell.context_of[2, 1])
    plain(context.merge_contexts)(cell, PLANS[SILO], P, 2)
    assert state(cell, 0) == {**NEWER, "orders": 3, "points": 34}
    assert sorted(cell.ring[cell.context_of[P, 0]].tolist()) == [30, 40]
    assert cell.context_of[P, 1] == moved
    assert cell.meta.free_context == freed


@kernel
def remember(cell: Any, times: Any) -> None:
    for i in range(len(times)):
        context.remember_send(cell, 1, times[i])


@given(st.lists(st.integers(-1, 30), max_size=40), st.sampled_from([1, 2, 3, 7]))
def test_of_a_profiles_sends_the_latest_are_kept(sends: list[int], kept: int) -> None:
    """In whatever order they are heard of."""
    cell = cell_of()
    cell.set("ring", np.full((len(cell.context), kept), -1))
    ring = cell.ring[1]
    remember(cell, np.array(sends, dtype=np.int64))
    assert sorted(ring.tolist()) == sorted([*sends, *[-1] * kept])[-kept:]
    assert np.roll(ring, -cell.context[1].ring_at).tolist() == sorted(ring.tolist())
