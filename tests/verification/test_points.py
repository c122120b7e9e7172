"""Points are neither made nor lost over whole lives: the log is told again by a plain account."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from omnilab.log import rows
from tests.verification.test_limits import exact_world
from tests.verification.worlds import load, log, run

CARD, WORTH = 25, 500  # points, cents


def lives(strategy: str) -> Any:
    """Return the orders of lives of one profile each under a strategy, from the first day on."""
    scenario = exact_world(population={"customers": 400}).changed(
        {"brand": {"status_quo": strategy, "loyalty": {"card": CARD, "worth": WORTH / 100}}}
    )
    return rows.of_kind(log(run(scenario, load(scenario, strategy)), strategy), rows.ORDER)


def account(orders: Any, sees: str) -> tuple[int, list[Any]]:
    """Return how many cards were paid with, and the orders at which the account says otherwise.

    An order brings a point for each unit that is paid. It is paid with a full card where, and
    only where, the place sees one: the person's, or the person's at this silo.
    """
    balance: defaultdict[Any, int] = defaultdict(int)
    used, wrong = 0, []
    for order in orders:
        whose = (int(order["person"]), int(order["silo"]) if sees == "silo" else 0)
        is_full = balance[whose] >= CARD
        off = min(WORTH, int(order["paid"]) + int(order["discount"])) if is_full else 0
        if order["discount"] != off:
            wrong.append(order)
        used += is_full
        balance[whose] += int(order["paid"]) // 100 - CARD * is_full
    assert min(balance.values()) >= 0
    return used, wrong


@pytest.mark.parametrize(("strategy", "sees"), [("omnichannel", "all"), ("multichannel", "silo")])
def test_a_card_is_full_when_the_account_of_who_sees_it_says_so(strategy: str, sees: str) -> None:
    orders = lives(strategy)
    used, wrong = account(orders, sees)
    assert used > 100
    assert wrong == []
    assert account(orders, "silo" if sees == "all" else "all")[1] != []  # it is not the other one


@pytest.mark.parametrize("strategy", ["single_channel", "cross_channel"])
def test_no_more_is_spent_than_was_earned(strategy: str) -> None:
    earned: defaultdict[int, int] = defaultdict(int)
    used = 0
    for order in lives(strategy):
        person = int(order["person"])
        if order["discount"] > 0:
            used += 1
            earned[person] -= CARD
            assert earned[person] >= 0, order
        earned[person] += int(order["paid"]) // 100
    assert used > 100
