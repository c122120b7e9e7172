"""The order of channels by the channel choice: as declared, or where people answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.brand import channel_order
from omnilab.brand.profiles import link_visit
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.kernels.compiling import kernel
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.worlds import (
    AD,
    APP,
    DAY,
    EMAIL,
    IN_APP,
    IN_EMAIL,
    IN_WEB,
    PUSH,
    STORE,
    WEB,
    cell_of,
    corner,
    plan_of,
    shown,
)

STEP = {"message": {"channels": ["email", "push", "ad"]}}
SCENARIO = corner(brand={"journeys": [
    {"name": "j", "trigger": "cart", "sequence": ["web"], "steps": [STEP]}]})  # fmt: skip
NOW = 100 * DAY


def lined_up(
    choice: int = ALL, silo: int = -1, answered: Any = (0,) * 6, received: Any = (0,) * 6,
    last: tuple[int, int] = (-1, 0),
) -> tuple[list[int], Any]:  # fmt: skip
    plan = plan_of(SCENARIO, rules={"channel": choice})
    cell = cell_of(1, plan=plan)
    cell.answered[0], cell.received[0] = answered, received
    cell.profile[0].last_channel, cell.profile[0].last_seen = last
    copy = cell.copy[0]
    copy.silo, copy.last_silo, copy.at = silo, 9, 5
    n = plain(channel_order.line_up)(cell, plan, 0, NOW)
    assert (copy.length, copy.at) == (n, 0)
    return copy.order[:n].tolist(), copy


def test_as_declared() -> None:
    for choice in (HANDOFF, ALL):
        order, copy = lined_up(choice)
        assert order == [EMAIL, PUSH, AD]
        assert copy.last_silo == IN_EMAIL


@pytest.mark.parametrize(("silo", "own"), [(IN_EMAIL, [EMAIL]), (IN_APP, [PUSH]), (IN_WEB, [AD])])
def test_a_silos_copy_has_the_silos_own(silo: int, own: list[int]) -> None:
    order, copy = lined_up(SILO, silo)
    assert order == own
    assert copy.last_silo == silo


def test_a_silo_that_does_not_write_keeps_its_name() -> None:
    order, copy = lined_up(SILO, 2)
    assert order == []
    assert copy.last_silo == 2


def test_first_where_people_answer() -> None:
    """Answers plus one in messages plus four."""
    many = {"received": (0, 0, 0, 10, 10, 10)}
    assert lined_up(answered=(0, 0, 0, 1, 2, 3), **many)[0] == [AD, PUSH, EMAIL]
    assert lined_up(answered=(0, 0, 0, 2, 1, 2), **many)[0] == [EMAIL, AD, PUSH]
    order, copy = lined_up(answered=(0, 0, 0, 0, 3, 0), **many)
    assert order == [PUSH, EMAIL, AD]
    assert copy.last_silo == IN_APP
    # 1 in 4 before any is known: 3 of 10 answered is better, 2 of 10 is worse.
    assert lined_up(answered=(0, 0, 0, 0, 3, 0), received=(0, 0, 0, 0, 10, 0))[0][0] == PUSH
    assert lined_up(answered=(0, 0, 0, 0, 2, 0), received=(0, 0, 0, 0, 10, 0))[0][-1] == PUSH
    for choice, silo in ((HANDOFF, -1), (ALL, IN_EMAIL)):
        order, _ = lined_up(choice, silo, answered=(0, 0, 0, 0, 3, 5), **many)
        assert order[0] == EMAIL


@pytest.mark.parametrize(
    ("last", "first"),
    [((APP, NOW), PUSH), ((APP, NOW - 7 * DAY), PUSH), ((APP, NOW - 7 * DAY - 1), EMAIL),
     ((WEB, NOW - 1), AD), ((STORE, NOW - 1), EMAIL), ((-1, NOW - 1), EMAIL)],
)  # fmt: skip
def test_first_where_somebody_was_within_a_week(last: tuple[int, int], first: int) -> None:
    order, _ = lined_up(last=last)
    assert order[0] == first
    assert order[1:] == [c for c in (EMAIL, PUSH, AD) if c != first]


def test_being_near_is_worth_more_than_any_answers() -> None:
    answers = {"answered": (0, 0, 0, 9, 0, 9), "received": (0, 0, 0, 9, 9, 9)}
    assert lined_up(last=(APP, NOW), **answers)[0] == [PUSH, EMAIL, AD]


def test_who_has_an_address() -> None:
    plan = plan_of(SCENARIO, rules={"identity": SILO})
    cell = cell_of(1, plan=plan)
    mail = plain(code_of)(3, 0, 0)
    p = plain(link_visit)(cell, plan, 0, IN_EMAIL, shown(cell, mail))
    has = [plain(channel_order.has_address)(cell, plan, p, c) for c in (EMAIL, PUSH, AD)]
    assert has == [True, False, False]
    q = plain(link_visit)(cell, plan, 0, IN_WEB, shown(cell, mail))
    assert not plain(channel_order.has_address)(cell, plan, q, EMAIL)  # of another silo


@kernel
def line_all(cell: Any, plan: Any, out: Any) -> None:
    out[0] = channel_order.line_up(cell, plan, 0, 1000)


def test_compiled() -> None:
    plan = plan_of(SCENARIO, rules={"channel": ALL})
    cell = cell_of(1, plan=plan)
    cell.copy[0].silo = cell.profile[0].last_channel = -1
    cell.answered[0, PUSH] = 5
    out = np.zeros(1, np.int64)
    line_all(cell, plan, out)
    assert out[0] == 3
    assert cell.copy[0].order[:3].tolist() == [PUSH, EMAIL, AD]
