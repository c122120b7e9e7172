"""Caps and "stop all": over which silos, by the contact-policy choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.brand import policy
from omnilab.brand.context import context_of
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.kernels.compiling import kernel
from omnilab.scenario import load_scenario
from tests.plain import plain
from tests.worlds import DAY, IN_APP, IN_EMAIL, IN_STORE, IN_WEB, cell_of, plan_of

RULES = ("brand/context.py",)
CART = 0  # the journey whose sequence is web and email
MAIL, AD = 4, 3  # channels
PLANS = {v: plan_of(rules={"contact_policy": v, "cap_messages": 2, "cap_period": 7 * DAY})
         for v in (SILO, HANDOFF, ALL)}  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "silo", "mask"),
    [(SILO, IN_APP, 0b0010), (HANDOFF, IN_APP, 0b1011), (HANDOFF, IN_WEB, 0b1001),
     (ALL, IN_APP, 0b1111)],
)  # fmt: skip
def test_the_scope(choice: int, silo: int, mask: int) -> None:
    assert plain(policy.scope)(PLANS[SILO], CART, silo, choice) == mask


@pytest.mark.parametrize(
    ("choice", "known"), [(SILO, [IN_WEB]), (HANDOFF, [0, 1, 2, 3]), (ALL, [0, 1, 2, 3])]
)
def test_who_knows_of_a_stop_in_the_web(choice: int, known: list[int]) -> None:
    cell = cell_of(1)
    cell.profile[0].stopped = 1 << IN_WEB
    stopped = [s for s in range(4) if plain(policy.is_suppressed)(cell, PLANS[choice], 0, CART, s)]
    assert stopped == known
    cell.profile[0].stopped = 0
    assert not plain(policy.is_suppressed)(cell, PLANS[ALL], 0, CART, IN_WEB)


def test_who_knows_of_a_stop_outside_the_sequence() -> None:
    cell = cell_of(1)
    cell.profile[0].stopped = 1 << IN_STORE
    stopped = [s for s in range(4) if plain(policy.is_suppressed)(cell, PLANS[HANDOFF], 0, CART, s)]
    assert stopped == [IN_STORE]


def with_sends(**silos: list[int]) -> Any:
    cell = cell_of(1)
    cell.context_of[:] = -1
    for name, times in silos.items():
        for t in times:
            plain(policy.record_send)(cell, PLANS[SILO], 0, int(name[1:]), MAIL, t, True)
    return cell


def test_a_send_is_remembered() -> None:
    cell = with_sends(s1=[50, 90])
    assert cell.received[0].tolist() == [0, 0, 0, 0, 2, 0]
    assert sorted(cell.ring[plain(context_of)(cell, 0, 1)].tolist()) == [50, 90]


@pytest.mark.parametrize(("t", "may"), [(8 * DAY - 1, False), (8 * DAY, True)])
def test_the_cap_is_a_rolling_one(t: int, may: bool) -> None:
    cell = with_sends(s3=[DAY, 3 * DAY])
    assert plain(policy.may_send)(cell, PLANS[SILO], 0, CART, IN_EMAIL, MAIL, t) == may


@pytest.mark.parametrize(
    ("choice", "may"), [(SILO, [True] * 4), (HANDOFF, [False] * 4), (ALL, [False] * 4)]
)
def test_silos_share_the_cap(choice: int, may: list[bool]) -> None:
    cell = with_sends(s0=[DAY], s3=[DAY])
    found = [
        plain(policy.may_send)(cell, PLANS[choice], 0, CART, s, MAIL, 2 * DAY) for s in range(4)
    ]
    assert found == may


def test_a_silo_outside_the_sequence_does_not_count_for_it() -> None:
    cell = with_sends(s2=[DAY, DAY])
    found = [
        plain(policy.may_send)(cell, PLANS[HANDOFF], 0, CART, s, MAIL, 2 * DAY) for s in range(4)
    ]
    assert found == [True, True, False, True]


def test_without_a_cap_all_may_be_sent() -> None:
    cell = with_sends(s3=[DAY, DAY])
    free = plan_of(rules={"contact_policy": ALL, "cap_messages": 0})
    assert plain(policy.may_send)(cell, free, 0, CART, IN_EMAIL, MAIL, DAY)
    one = plan_of(rules={"contact_policy": ALL, "cap_messages": 1, "cap_period": 100})
    assert plain(policy.may_send)(cell, one, 0, CART, IN_EMAIL, MAIL, DAY + 100)
    assert not plain(policy.may_send)(cell, one, 0, CART, IN_EMAIL, MAIL, DAY + 99)


ADS_APART = plan_of(rules={"contact_policy": ALL, "cap_messages": 1, "uncapped": 1 << AD})


def test_an_ad_apart_takes_no_place_and_needs_none() -> None:
    cell = cell_of(1)
    cell.context_of[:] = -1

    def may(channel: int) -> bool:
        return bool(plain(policy.may_send)(cell, ADS_APART, 0, CART, IN_WEB, channel, DAY))

    plain(policy.record_send)(cell, ADS_APART, 0, IN_WEB, AD, DAY, True)
    assert may(MAIL)
    plain(policy.record_send)(cell, ADS_APART, 0, IN_WEB, MAIL, DAY, True)
    assert not may(MAIL)
    assert may(AD)
    assert cell.received[0, [AD, MAIL]].tolist() == [1, 1]


@pytest.mark.parametrize("counted", [True, False])
def test_the_scenario_says_whether_ads_count(counted: bool) -> None:
    scenario = load_scenario("mapples-coffee-v1").changed({"brand": {"cap_counts_ads": counted}})
    names = [c.name for c in scenario.channels]
    ads = 0 if counted else 1 << names.index("social_ad")
    assert plan_of(scenario).rules.uncapped == ads


@kernel
def count(cell: Any, plan: Any, out: Any) -> None:
    for k in range(len(out)):
        out[k] = int(policy.may_send(cell, plan, 0, 0, k, MAIL, 172800))


def test_compiled() -> None:
    out = np.zeros(4, np.int64)
    count(with_sends(s2=[DAY, DAY]), PLANS[HANDOFF], out)
    assert out.tolist() == [1, 1, 0, 1]
