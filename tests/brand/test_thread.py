"""Thread: a message shows what its copy was triggered by, as far as its sender is told of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.brand.codes import E_BROWSE, E_CART, E_ORDER, ORDERED, SHOWS
from omnilab.brand.context import context_of, is_told
from omnilab.brand.judge import _choose_content
from omnilab.brand.observe import see_outcome
from omnilab.brand.sharing import NUMBERS
from omnilab.cell.memory import reset
from omnilab.experiment.comparison import Comparison
from omnilab.kernels.compiling import kernel
from omnilab.log import rows
from tests.verification.worlds import load, log, run, same_rows, world
from tests.worlds import cell_of, plan_of

RULES = ("brand/at_hand.py", "brand/context.py", "brand/judge.py", "brand/observe.py")

WEB, EMAIL, STORE, ELSEWHERE = 0, 1, 2, 3


# What compiled code does with a cell is called from compiled code.


@kernel
def told_of(plan: Any, j: int, origin: int, silo: int) -> bool:
    return is_told(plan, j, 1 << origin, silo)


@kernel
def begin(cell: Any) -> int:
    """Empty the cell; return the context of its first profile in the e-mail's silo."""
    reset(cell, 0, 0)
    cell.context_of[:] = -1
    return context_of(cell, 0, EMAIL)


@kernel
def order_in(cell: Any, plan: Any, silo: int) -> None:
    see_outcome(cell, plan, 100, 0, silo, ORDERED, 7, 1, 0)


@kernel
def choose(cell: Any, plan: Any) -> None:
    _choose_content(cell, plan, 0, cell.verdict[0])


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ("silo", {EMAIL: False, WEB: True, ELSEWHERE: False}),
        ("handoff", {EMAIL: True, WEB: True, ELSEWHERE: False}),
        ("all", {EMAIL: True, WEB: True, ELSEWHERE: True}),
    ],
)
def test_who_is_told_of_a_trigger_on_the_web(context: str, told: dict[int, bool]) -> None:
    plan = plan_of(
        rules={"context": NUMBERS[context]},
        journey={"sequence": (1 << WEB) | (1 << EMAIL) | (1 << STORE)},
    )
    assert {silo: told_of(plan, 0, WEB, silo) for silo in told} == told


def test_under_handoff_a_trigger_outside_the_sequence_is_not_handed_on() -> None:
    plan = plan_of(rules={"context": NUMBERS["handoff"]}, journey={"sequence": 1 << EMAIL})
    assert not told_of(plan, 0, WEB, EMAIL)


def shown(context: str, trigger: int, shows: str, *, ordered: int = -1) -> tuple[int, int]:
    """Return what an e-mail shows of a copy about need 7, category 1, triggered on the web."""
    plan = plan_of(
        rules={"context": NUMBERS[context], "n_silos": 3},
        journey={"sequence": (1 << WEB) | (1 << EMAIL), "trigger": trigger},
    )
    plan.step[0, 0].shows = SHOWS[shows]
    cell = cell_of()
    own = begin(cell)
    cell.entered[:] = 0  # nothing is entered anew
    cell.profile[0].first_copy = 0
    copy = cell.copy[0]
    copy.state, copy.journey, copy.step, copy.profile, copy.next = 1, 0, 0, 0, -1
    copy.silo, copy.last_silo = -1, EMAIL
    copy.category, copy.token, copy.seen = 1, 7, 1 << WEB
    mine = cell.context[own]  # what e-mail saw itself
    mine.cart_t, mine.cart_category, mine.cart_token = 50, 0, 3
    if ordered >= 0:
        plan.rules.stop = NUMBERS["silo"]  # so that the order doesn't end the copy
        for j in range(len(plan.journey)):
            plan.journey[j].trigger = trigger if j == 0 else 0
            plan.journey[j].until = 0
        order_in(cell, plan, ordered)
    choose(cell, plan)
    verdict = cell.verdict[0]
    return int(verdict.category), int(verdict.token)


def test_a_message_shows_its_trigger_or_else_what_its_silo_saw_itself() -> None:
    assert shown("all", E_CART, "cart") == (1, 7)
    assert shown("handoff", E_CART, "cart") == (1, 7)
    assert shown("silo", E_CART, "cart") == (0, 3)
    assert shown("handoff", E_BROWSE, "viewed") == (1, -1)
    assert shown("silo", E_BROWSE, "viewed") == (-1, -1)
    assert shown("all", E_ORDER, "bought") == (1, -1)
    assert shown("all", E_ORDER, "cart") == (0, 3)  # an order triggers no cart
    assert shown("all", E_CART, "generic") == (-1, -1)


def test_a_cart_that_the_triggers_silo_knows_to_be_ordered_is_not_shown() -> None:
    assert shown("all", E_CART, "cart", ordered=STORE) == (0, 3)
    assert shown("handoff", E_CART, "cart", ordered=WEB) == (0, 3)
    assert shown("handoff", E_CART, "cart", ordered=STORE) == (1, 7)


FLOW = {
    "name": "after_order", "trigger": "order", "sequence": ["web", "store", "email"],
    "steps": [{"delay": "2d"}, {"message": {"shows": "bought", "channels": ["email"]}}],
}  # fmt: skip


@cache
def after_orders(engine: str = "compiled") -> Comparison:
    """Return a world where e-mail writes after orders on the web and in the store."""
    shows = [{"type": "email", "share": 1.0, "when": "order", "carries": "email"}]
    channels = [
        {"preset": "web", "visit": {"identifiers": shows}},
        {"preset": "store", "visit": {"identifiers": shows}},
        {"preset": "email", "message": {"opt_in": 1.0}},
    ]
    scenario = world(
        population={"customers": 24, "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": 0, "window": "60d", "run_out": "5d"},
        channels=channels, brand={"cap": None, "journeys": [FLOW], "wiring": "tools_apart"},
    )  # fmt: skip
    return run(scenario, load(scenario, "multichannel", "cross_channel", "omnichannel"),
               engine=engine, pilot=5)  # fmt: skip


def test_cross_channel_differs_from_multichannel_since_it_hands_the_thread_on() -> None:
    """An e-mail after an order elsewhere shows what was bought; multichannel's has no thread."""
    sent = {s: rows.of_kind(log(after_orders(), s), rows.SENT) for s in
            ("multichannel", "cross_channel", "omnichannel")}  # fmt: skip
    assert len(sent["multichannel"]) == 0  # the e-mail team saw no order: it can't even begin
    for strategy in ("cross_channel", "omnichannel"):
        assert len(sent[strategy]) > 20
        assert (sent[strategy].category >= 0).all(), strategy
    assert len(np.unique(sent["cross_channel"].category)) == 2


def test_both_engines_keep_the_thread() -> None:
    for strategy in ("cross_channel", "omnichannel"):
        same_rows(log(after_orders(), strategy), log(after_orders("simpy"), strategy))
