"""The programme at visits and orders: promises, rewards, tiers, money on the card, failures."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.cell import queue
from omnilab.interaction import failures, programme
from omnilab.log import rows
from omnilab.lowering.model import build_model
from omnilab.world.response import Message
from tests.plain import plain
from tests.worlds import (
    APP,
    DAY,
    EMAIL,
    STORE,
    WEB,
    changed,
    corner,
    due,
    eager,
    happen,
    logged,
    needs_of,
    plan_of,
    quiet,
    record,
)

T = 31 * DAY
SHOP = corner(
    world={
        "rivals": {"number": 1},
        "preference": {"pull": 1.0},
        "goal": {"gradient": 2.0},
        "rewarding": {"loads": 1.0},
        "continuity": {"service": 0.0},
        "tips": {"per_order": 0.0},
        "identifiers": {"oracle": True},  # who is there is always shown: what a silo sees is tested
    },
    brand={
        "programme": {
            "targets": [{"name": "two", "purchases": 2, "to_day": 9, "reward": "five"}],
            "tiers": [
                {"name": "silver", "spend": 1.0, "off": 0.1, "points": 2.0},
                {"name": "gold", "spend": 100000.0},
            ],
            "balance": {"top_up": 10.0},
        },
        "offers": [{"name": "five", "amount": 5.0}],
        "notes_failures": True,
        "journeys": [
            {
                "name": "promise",
                "trigger": "once",
                "day": 99,
                "sequence": ["email"],
                "steps": [{"message": {"channels": ["email"], "promises": "two"}}],
            },
        ],
    },
)
MODEL = build_model(SHOP)
ALL = plan_of(SHOP)
SILO = plan_of(SHOP, "multichannel")


def shop(persons: int = 2) -> tuple[Any, Any]:
    """Return a cell whose persons buy at the brand whatever they need, and its model."""
    model = changed(MODEL, rivals={"utility": -40.0})
    for c in (WEB, APP, STORE):
        model.ch[c].completes = 1.0
    for c in range(2):
        model.cat[c].returns = 0.0
    return eager(model, persons), model


def buy(cell: Any, model: Any, plan: Any, who: int, place: int, number: int, t: int) -> None:
    """Let a person buy something at a place."""
    cell.person[who].reach = 63 & ~(7 ^ (1 << place))
    cell.person[who].consent = 0
    happen(cell, model, plan, t - 1000, queue.NEED, who, 0, number)
    ordinal = int(needs_of(cell, who)[0].ordinal)
    quietly(cell)
    happen(cell, model, plan, t, queue.NOTICE, who, ordinal)


def quietly(cell: Any) -> None:
    rows_so_far = int(cell.meta.rows)
    quiet(cell)
    cell.meta.rows = rows_so_far


def promise(cell: Any, model: Any, who: int, t: int) -> None:
    message = record(Message, person=who, channel=EMAIL, promises=1, id=77)
    plain(programme.see_target)(cell, model, t, message)


def test_a_target_reached_where_the_place_sees_it() -> None:
    cell, model = shop()
    cell.meta.rows = 0
    promise(cell, model, 0, T)
    (item,) = due(cell, queue.TARGET_ENDS)
    assert item == (40 * DAY, queue.TARGET_ENDS, 0, 1, 0)
    buy(cell, model, ALL, 0, WEB, 0, T + 2000)
    assert logged(cell, "target_reached") == []
    assert cell.person[0].aim_own == 1
    buy(cell, model, ALL, 0, WEB, 1, T + DAY)
    (reached,) = logged(cell, "target_reached")
    assert (reached["target"], reached["own"], reached["seen"]) == (0, 2, 2)
    (offered,) = logged(cell, "offered")
    assert (offered["message"], offered["offer"]) == (77, 0)
    assert (cell.person[0].coupon, cell.person[0].aim) == (1, 0)
    happen(cell, model, ALL, 40 * DAY, queue.TARGET_ENDS, 0, 1)
    assert logged(cell, "target_missed") == []


def test_what_no_one_place_sees_is_missed_though_it_was_done() -> None:
    cell, model = shop()
    cell.meta.rows = 0
    promise(cell, model, 0, T)
    buy(cell, model, SILO, 0, WEB, 0, T + 2000)
    buy(cell, model, SILO, 0, APP, 1, T + DAY)
    assert logged(cell, "target_reached") == []
    before = float(cell.person[0].preference)
    happen(cell, model, SILO, 40 * DAY, queue.TARGET_ENDS, 0, 1)
    (missed,) = logged(cell, "target_missed")
    assert (missed["near"], missed["own"]) == (1_000_000, 2)
    assert cell.person[0].preference < before


def test_a_target_that_nobody_was_promised_changes_nothing() -> None:
    cell, model = shop()
    cell.meta.rows = 0
    for n in range(3):
        buy(cell, model, ALL, 0, WEB, n, T + n * DAY)
    assert logged(cell, "target_set", "target_reached", "target_missed", "offered") == []
    assert cell.person[0].aim_own == 0


def test_a_tier_counts_where_it_is_seen() -> None:
    for plan, there in ((ALL, True), (SILO, False)):
        cell, model = shop()
        cell.meta.rows = 0
        buy(cell, model, plan, 0, WEB, 0, T)
        buy(cell, model, plan, 0, APP, 1, T + DAY)
        first, second = logged(cell, "order")
        assert first["discount"] == 0
        price = second["paid"] + second["discount"]
        assert second["discount"] == (int(price * 0.1 + 0.5) if there else 0)
        shown = [(x["tier"], x["before"]) for x in logged(cell, "tier_shown")]
        assert shown == ([(0, -1)] if there else [])


@pytest.mark.parametrize("plan", [ALL, SILO])
def test_no_money_on_cards_is_made_or_lost(plan: Any) -> None:
    cell, model = shop(3)
    cell.meta.rows = 0
    places = (WEB, APP, WEB, STORE, APP, WEB)
    for n, place in enumerate(places):
        for who in range(3):
            buy(cell, model, plan, who, place, n, T + n * DAY + who * 3600)
        loaded = sum(x["amount"] for x in logged(cell, "top_up"))
        paid = sum(x["amount"] for x in logged(cell, "paid_from_balance"))
        there = sum(int(x.balance) for x in cell.context[: int(cell.meta.contexts)])
        assert loaded - paid == there
        assert there >= 0
    assert logged(cell, "paid_from_balance")
    left = [x["left"] for x in logged(cell, "paid_from_balance", "top_up")]
    assert min(left) >= 0


def test_money_loaded_in_one_silo_is_not_seen_in_another() -> None:
    for plan, seen in ((ALL, 1), (SILO, 0)):
        cell, model = shop()
        cell.meta.rows = 0
        buy(cell, model, plan, 0, WEB, 0, T)
        buy(cell, model, plan, 0, APP, 1, T + DAY)
        assert len(logged(cell, "paid_from_balance")) == seen


def test_the_brand_notes_a_return_and_a_complaint_of_who_it_can_name() -> None:
    cell, model = shop()
    buy(cell, model, ALL, 0, WEB, 0, T)
    quiet(cell)
    plain(failures.note_failure)(cell, T, 0, rows.BAD_RETURN)
    plain(failures.note_failure)(cell, T, 1, rows.BAD_RETURN)  # has never shown anything
    (item,) = due(cell, queue.FAILED)
    assert item[2:] == (0, rows.BAD_RETURN, 0)
    happen(cell, model, ALL, T, queue.FAILED, 0, rows.BAD_RETURN)
    (noted,) = logged(cell, "failure_noted")
    assert noted["why"] == rows.BAD_RETURN


def test_an_apology_that_is_seen_takes_back_by_what_it_brings() -> None:
    cell, model = shop()
    found = []
    for coupon in (0, 1):
        person = cell.person[coupon]
        person.failures, person.failures_t = 1.0, T
        quiet(cell)
        message = record(Message, person=coupon, channel=EMAIL, apologises=1, id=5, coupon=coupon)
        plain(failures.see_apology)(cell, model, T, message)
        (apology,) = logged(cell, "apology")
        assert apology["worth"] == 500 * coupon
        found.append(float(person.failures))
    words, money = 0.1, 0.6 * 5.0 / (5.0 + 5.0)
    assert found == pytest.approx([1 - words, (1 - words) * (1 - money)])
