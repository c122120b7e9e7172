"""What becomes of a message that is due: each way out, and which counts where several hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from omnilab.brand import judge as judging
from omnilab.brand.codes import E_CART, SHOW_CART
from omnilab.brand.judge import ASK, DELIVER, FINISH, HOLD
from omnilab.brand.sharing import ALL, SILO
from omnilab.cell.memory import Shape, allocate
from omnilab.log import rows
from tests.plain import plain

NOW = 1_000_000
FIRST, SECOND, AD = 3, 1, 2  # the copy's channels in their order, of silos 1, 0 and 1
SILOS = [0, 0, 1, 1]
EMAIL, PHONE = 3, 4

judge = plain(judging.judge)
ask = plain(judging.ask)
find_addresses = plain(judging.find_addresses)


def make_plan(**rules: Any) -> Any:
    """Return a plan of one journey with one message, where nothing forbids a send."""
    base = {
        "control": 0.0, "key0": 1, "key1": 2, "decides": 0, "cap_messages": 0, "cap_period": 100,
        "uncapped": 0, "contact_policy": SILO, "context": SILO, "identity": SILO, "n_silos": 2,
        "ranked": 0, "score_decided": 0,
    }  # fmt: skip
    return SimpleNamespace(
        rules=SimpleNamespace(**{**base, **rules}),
        journey=[SimpleNamespace(sequence=0, trigger=E_CART, priority=0)],
        step={
            (0, 0): SimpleNamespace(
                shows=SHOW_CART, content=0, category=-1, not_after=0, service=0, recommends=0
            )
        },
        silo=SILOS,
        sender=SILOS,
        team=[0, 1],
        mates=[0b01, 0b10],  # each silo is a team of its own
        address=[EMAIL, EMAIL, PHONE, PHONE],
    )


def make_cell(permitted: int = 0b1110, free: int = NOW, **copy: Any) -> Any:
    """Return a cell with one profile, and one copy whose message is due."""
    shape = Shape(categories=1, channels=4, silos=2, entries=1, sends=2, running=1)
    cell = allocate(shape.sizes(1))
    cell.context_of[0] = [0, 1]
    for i in range(2):
        cell.context[i].cart_t = -1
        cell.ring[i] = -1
    x = cell.copy[0]
    x.order[:3] = [FIRST, SECOND, AD]
    x.length, x.success, x.message, x.seen = 3, 3, 7, 0
    for name, value in copy.items():
        setattr(x, name, value)
    cell.facts[0].permitted, cell.facts[0].free, cell.facts[0].ads = permitted, free, 1 << AD
    return cell


def final_of(cell: Any, plan: Any) -> int:
    """Return the final status of a message that is finished."""
    verdict = judge(cell, plan, NOW, 0)
    assert verdict.act == FINISH
    return int(verdict.final)


def test_a_message_that_nothing_forbids_is_delivered_on_the_first_channel() -> None:
    cell = make_cell()
    assert judge(cell, make_plan(), NOW, 0).act == DELIVER
    assert cell.verdict[0].channel == FIRST
    assert cell.copy[0].at == 0
    assert cell.copy[0].last_silo == SILOS[FIRST]


def test_of_several_reasons_the_first_counts() -> None:
    """All hold at once; without the one that counts the next one does."""
    plan = make_plan(control=1.0, decides=1, cap_messages=1)
    cell = make_cell(permitted=0, free=NOW + 60, sends=1, status=3)
    cell.facts[0].ended = 1
    cell.profile[0].stopped = 0b11
    cell.ring[1, 0] = NOW - 1

    assert final_of(cell, plan) == rows.FINAL_OPEN
    cell.facts[0].ended = 0
    assert final_of(cell, plan) == rows.FINAL_REACHED
    cell.copy[0].status = 2
    assert final_of(cell, plan) == rows.FINAL_CONTROL
    plan.rules.control = 0.0
    assert final_of(cell, plan) == rows.FINAL_EXHAUSTED
    assert cell.copy[0].at == 3
    cell.facts[0].permitted = 1 << FIRST
    cell.copy[0].at = 0
    assert judge(cell, plan, NOW, 0).act == HOLD
    cell.facts[0].free = NOW
    assert judge(cell, plan, NOW, 0).act == ASK
    cell.copy[0].decided = 2
    assert final_of(cell, plan) == rows.FINAL_DECLINED
    cell.copy[0].decided = 1
    assert final_of(cell, plan) == rows.FINAL_SUPPRESSED
    cell.profile[0].stopped = 0b01  # known in another silo only
    assert final_of(cell, plan) == rows.FINAL_CAPPED
    cell.ring[1, 0] = NOW - 100  # the period is over
    assert judge(cell, plan, NOW, 0).act == DELIVER


def test_where_no_channel_can_be_used_a_message_never_sent_is_skipped() -> None:
    assert final_of(make_cell(permitted=0), make_plan()) == rows.FINAL_SKIPPED


def test_channels_without_permission_are_passed_over() -> None:
    cell = make_cell(permitted=1 << SECOND)
    assert judge(cell, make_plan(), NOW, 0).act == DELIVER
    assert (cell.verdict[0].channel, cell.copy[0].at) == (SECOND, 1)


def test_quiet_hours_do_not_hold_ads() -> None:
    cell = make_cell(permitted=1 << AD, free=NOW + 60)
    assert judge(cell, make_plan(), NOW, 0).act == DELIVER


@pytest.mark.parametrize(("context", "found"), [(SILO, (-1, -1)), (ALL, (2, 9))])
def test_a_message_shows_what_its_silo_can_see(context: int, found: tuple[int, int]) -> None:
    cell = make_cell()
    other = cell.context[1 - SILOS[FIRST]]
    other.cart_t, other.cart_category, other.cart_token = NOW - 5, 2, 9
    verdict = judge(cell, make_plan(context=context), NOW, 0)
    assert (verdict.category, verdict.token) == found


@pytest.mark.parametrize(("context", "own"), [(SILO, True), (SILO, False), (ALL, False)])
def test_who_is_known_to_have_bought_lately_is_left_out(context: int, own: bool) -> None:
    """An ad platform that has not learnt of the order goes on showing ads."""
    cell, plan = make_cell(), make_plan(context=context)
    silo = SILOS[FIRST] if own else 1 - SILOS[FIRST]
    plan.step[0, 0].not_after = 500
    for i in range(2):
        cell.context[i].order_t = -1
    assert judge(cell, plan, NOW, 0).act == DELIVER  # nobody has bought
    cell.context[silo].order_t = NOW - 499
    if own or context == ALL:
        assert final_of(cell, plan) == rows.FINAL_BUYER
    else:
        assert judge(cell, plan, NOW, 0).act == DELIVER
    cell.context[silo].order_t = NOW - 500
    assert judge(cell, plan, NOW, 0).act == DELIVER
    cell.context[silo].order_t = NOW
    plan.step[0, 0].not_after = 0
    assert judge(cell, plan, NOW, 0).act == DELIVER


def test_decide_is_told_which_channels_caps_and_a_stop_leave() -> None:
    cell = make_cell()
    cell.profile[0].stopped = 1 << SILOS[SECOND]
    ask(cell, make_plan(decides=1), NOW, 0)
    assert cell.copy[0].usable == (1 << FIRST) | (1 << AD)
    assert (cell.copy[0].decided, cell.meta.pending, cell.meta.now) == (-1, 1, NOW)
    cell.ring[SILOS[FIRST], 0] = NOW
    ask(cell, make_plan(decides=1, cap_messages=1), NOW, 0)
    assert cell.copy[0].usable == 0


def test_addresses_are_those_of_the_copys_channels() -> None:
    cell = make_cell(length=1)
    cell.address[:] = 5
    x = cell.node[0]
    x.code, x.type, x.silo, x.next = 77, PHONE, SILOS[FIRST], -1
    find_addresses(cell, make_plan(), 0)
    assert cell.address.tolist() == [0, 0, 0, 77]
    x.dead = 1
    find_addresses(cell, make_plan(), 0)
    assert cell.address.tolist() == [0, 0, 0, 0]
