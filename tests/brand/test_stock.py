"""Whose units a place sees is the choice `stock`, and a restock starts journeys of who waits."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.brand.sharing import ALL, HANDOFF, NUMBERS, SILO, Sharing
from omnilab.brand.stock import see_restock, sees_stock
from omnilab.interaction import tape
from omnilab.interaction.wall import replay, tell_restock, tell_visit
from omnilab.log.identifier_types import TYPES
from omnilab.lowering.plan import lower_plan
from omnilab.strategy.plan import Plan
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.worlds import STORE, WEB, cell_of, corner, model_of, plan_of, said, shown

RESTOCK: dict[str, Any] = {
    "name": "there_again", "trigger": "restock", "sequence": ["web", "store", "email"],
    "steps": [{"delay": "1h"}, {"message": {"channels": ["email"]}}],
}  # fmt: skip
SCENARIO = corner(brand={"journeys": [RESTOCK]})
COOKIE, MAIL = (
    plain(code_of)(TYPES.index("cookie"), 0, 1),
    plain(code_of)(TYPES.index("email"), 0, 1),
)


@pytest.mark.parametrize("identity", ["silo", "all"])
@pytest.mark.parametrize(("value", "number"), list(NUMBERS.items()))
def test_stock_is_seen_whatever_identity_links(identity: Any, value: Any, number: int) -> None:
    plan = lower_plan(Plan(sharing=Sharing(identity=identity, stock=value)), SCENARIO)
    assert plain(sees_stock)(plan) == number == (SILO, HANDOFF, ALL)[number]
    assert plan.rules.context == SILO


def test_the_strategies_have_it_by_column() -> None:
    for name, number in (("multichannel", SILO), ("cross_channel", HANDOFF), ("omnichannel", ALL)):
        assert plan_of(SCENARIO, name).rules.stock == number


def known_cell(plan: Any) -> Any:
    """Return a cell whose web shop knows a visitor with an address for e-mails."""
    cell = cell_of(2, model_of(SCENARIO), plan)
    n = shown(cell, COOKIE, MAIL)
    plain(tell_visit)(cell, plan, 10, WEB, n, -1)
    said(cell)
    return cell


def test_who_waits_and_is_known_enters_once() -> None:
    plan = plan_of(SCENARIO)
    cell = known_cell(plan)
    silo = int(plan.silo[WEB])
    plain(see_restock)(cell, plan, 50, silo, COOKIE, 7, 1)
    (entered,) = said(cell, "enter")
    assert entered["journey"] == 0
    assert (cell.copy[0].token, cell.copy[0].category) == (7, 1)
    plain(see_restock)(cell, plan, 60, silo, COOKIE, 8, 1)  # a copy runs
    assert said(cell, "enter") == []


def test_who_is_not_known_enters_nothing() -> None:
    plan = plan_of(SCENARIO)
    cell = known_cell(plan)
    plain(see_restock)(
        cell, plan, 50, int(plan.silo[STORE]), plain(code_of)(TYPES.index("loyalty"), 1, 1), 7, 1
    )
    assert said(cell, "enter") == []


def test_a_strategy_that_takes_over_is_told_again() -> None:
    plan = plan_of(SCENARIO)
    first, second = known_cell(plan), known_cell(plan)
    first.meta.taping = 1
    plain(tell_restock)(first, plan, 50, int(plan.silo[WEB]), COOKIE, 7, 1)
    assert first.meta.tape == 1
    assert first.tape[0].kind == tape.RESTOCK
    plain(replay)(second, first, plan, 0, -1)
    assert (second.copy[0].token, second.copy[0].category) == (7, 1)
    assert int(second.copy[0].state) != 0
