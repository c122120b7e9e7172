"""Customers leave without a cause: by the hazard of the formula, less what holds them."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import special

from omnilab.cell import queue
from omnilab.interaction.leaving import OF_ITSELF
from omnilab.interaction.leaving import become_customer as begin
from omnilab.world import attrition
from omnilab.world.attrition import ALL_ARE, NO_PROGRAMME, WHO_JOINED, YEAR
from tests.interaction.test_message import Post, T
from tests.interaction.test_visit import PLAN
from tests.plain import plain
from tests.verification.worlds import KIND, load, log, run, same_rows, world
from tests.worlds import DAY, corner, due, eager, happen, inhabited, logged, model_of

RULES = ("world/attrition.py", "interaction/leaving.py")


@cache
def model_with(members: int = 0, **keys: float) -> Any:
    """Return a shop whose customers leave, and in which nothing holds unless it is said."""
    of_record = {name: keys.pop(name) for name in ("before", "lasts") if name in keys}
    held = {"yearly": 0.6, "member": 0.0, "stake": 0.0, "care": 0.0} | keys
    scenario = corner(world={"attrition": held})
    return model_of(scenario, attrition={"members": members} | of_record)


def person_of(model: Any) -> Any:
    return inhabited(model, 1).person[0]


def moments(model: Any, entity: int, since: int = 0) -> list[int]:
    """Return the moments to leave of a customer who never does."""
    person = person_of(model)
    person.entity = 8 * entity
    found = [plain(attrition.begins_relation)(model, person, since)]
    while found[-1] < model.clock.run_end and len(found) < 99:
        found.append(plain(attrition.next_moment)(model, person, found[-1]))
    return found[:-1]


@pytest.mark.parametrize(
    ("shape", "ageing"),
    [
        (0.5, 1.6),
        pytest.param(0.7, 1.0, marks=pytest.mark.slow),
        pytest.param(2.0, 0.6, marks=pytest.mark.slow),
    ],
)
def test_who_is_left_is_the_share_of_the_formula(shape: float, ageing: float) -> None:
    """Of gamma differences the share (1 + rate x / shape)^-shape stays, x = (years)^ageing."""
    model = model_with(shape=shape, ageing=ageing)
    n, rate = 1500, -math.log(0.4)
    first = np.array([min([*moments(model, k), 1 << 40]) for k in range(n)])
    for days in (20, 60, 140):
        share = (1.0 + rate * (days * DAY / YEAR) ** ageing / shape) ** -shape
        bound = 3.7 * math.sqrt(share * (1.0 - share) / n)
        assert np.mean(first > days * DAY) == pytest.approx(share, abs=bound), days


def test_moments_are_the_naive_sum_of_unit_exponentials_in_the_hazard() -> None:
    model = model_with(ageing=1.4, yearly=0.95)
    part, k0, k1 = model.attrition, model.key.k0, model.key.k1
    seen = 0
    for entity in range(120):
        u = plain(attrition.draw4)(k0, k1, attrition.TENURE, 8 * entity, 0)[0]
        table = model.table[int(part.table)]
        ease = plain(attrition.from_table)(table, u) / 0.7
        total, expected = 0.0, []
        for number in range(99):
            total -= math.log(
                plain(attrition.draw4)(k0, k1, attrition.MOMENT, 8 * entity, number)[0]
            )
            at = 5 * DAY + int((total / (ease * -math.log(0.05))) ** (1 / 1.4) * YEAR)
            if at > model.clock.run_end:
                break
            expected.append(at)
        found = moments(model, entity, 5 * DAY)
        assert np.abs(np.subtract(found, expected)).max(initial=0) <= 1
        seen += len(found)
    assert seen > 50


def test_who_bought_before_is_a_survivor_and_leaves_more_rarely() -> None:
    """Given a tenure of a, G is gamma(shape) over shape + rate (a / year)^ageing."""
    model = model_with(before=2.0 * YEAR, shape=0.7)
    rate, person = -math.log(0.4), person_of(model)
    eases, ages = [], []
    for entity in range(800):
        person.entity, person.purchases, person.left = 8 * entity, 1, 0
        plain(attrition.first_tenure)(model, person)
        u, v, _, _ = plain(attrition.draw4)(
            model.key.k0, model.key.k1, attrition.TENURE, person.entity, 0
        )
        age = -math.log(v) * 2.0
        assert -int(person.customer_since) == pytest.approx(age * YEAR, abs=2)
        expected = special.gammaincinv(0.7, u) / (0.7 + rate * age)
        assert person.leave_ease == pytest.approx(expected, rel=0.01, abs=1e-4)
        eases.append(float(person.leave_ease))
        ages.append(age)
    assert np.mean(ages) == pytest.approx(2.0, rel=0.12)
    assert np.mean(eases) < 0.6  # of who is new it is 1


def test_who_has_not_bought_or_has_left_has_no_moments() -> None:
    model, off = model_with(), model_of()
    person = person_of(model)
    for purchases, left, on in ((0, 0, model), (1, 1, model), (1, 0, off)):
        person.purchases, person.left = purchases, left
        assert plain(attrition.first_tenure)(on, person) == -1


def stays(model: Any, person: Any, n: int = 3000, t: int = T) -> float:
    """Return the share of moments at which a person stays."""
    found = 0
    for number in range(n):
        person.leave_moments = number
        found += plain(attrition.stays_through)(model, person, t)
    return found / n


def test_what_holds_lowers_the_hazard_by_the_formula() -> None:
    model = model_with(ALL_ARE, member=0.4, stake=0.2, care=1.0, lasts=30 * DAY, answers=0.6)
    person, n = person_of(model), 3000
    person.entity = 8
    for points, cents, heard in ((0, 0, None), (100, 0, None), (0, 2500, 0), (40, 300, 60)):
        person.own_points, person.own_balance = points, cents
        person.retained_t = attrition.NEVER_HEARD if heard is None else T - heard * DAY
        worth = points * 5.0 / 50 + cents / 100  # 50 points are worth 5
        cared = 0.0 if heard is None else math.exp(-heard / 30)
        leaves = math.exp(-0.4 - 0.2 * math.log1p(worth)) * (1 - 0.6 * (1 - math.exp(-cared)))
        bound = 3.7 * math.sqrt(leaves * (1.0 - leaves) / n)
        assert 1.0 - stays(model, person, n) == pytest.approx(leaves, abs=bound)


def test_without_anything_that_holds_one_leaves_at_the_first_moment() -> None:
    model = model_with(NO_PROGRAMME, member=0.4)
    assert stays(model, person_of(model), 200) == 0.0


def test_a_member_is_who_has_joined_where_one_can() -> None:
    model = model_with(WHO_JOINED, member=0.4)
    person = person_of(model)
    assert plain(attrition.hold_at)(model, person) == 0.0
    person.acts |= 1 << attrition.JOIN
    assert plain(attrition.hold_at)(model, person) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("card", "channels", "members"),
    [(0, False, NO_PROGRAMME), (50, False, ALL_ARE), (50, True, WHO_JOINED)],
)
def test_the_scenario_says_who_is_a_member(card: int, channels: bool, members: int) -> None:
    scenario = corner(brand={"loyalty": {"card": card, "worth": 5.0}})
    if channels:
        tree = scenario.model_dump()
        tree["channels"][2]["acts"] = [{"act": "join", "base": 0.1}]
        scenario = scenario.changed({"channels": tree["channels"]})
    x = model_of(scenario).attrition
    assert (x.members, x.on) == (members, 0)
    assert x.point == pytest.approx(5.0 / card if card else 0.0)


def test_a_customer_leaves_at_its_moment_and_the_log_says_why() -> None:
    model = model_with()
    cell = eager(model, 1)
    plain(begin)(cell, model, 10 * DAY, 0)
    cell.person[0].leave_moments = 0
    happen(cell, model, PLAN, 50 * DAY, queue.MOMENT, 0)
    (left,) = [x for x in logged(cell) if x["kind"] == "left"]
    assert left["why"] == OF_ITSELF == 4
    assert cell.person[0].left == 1
    cell.meta.rows = 0
    happen(cell, model, PLAN, 51 * DAY, queue.MOMENT, 0)
    assert not logged(cell)  # one leaves once


def test_who_stays_has_another_moment() -> None:
    model = model_with(ALL_ARE, member=50.0, yearly=0.95)
    cell = eager(model, 1)
    cell.person[0].entity = next(8 * k for k in range(99) if len(moments(model, k)) > 3)
    plain(begin)(cell, model, 0, 0)
    times = []
    while found := due(cell, queue.MOMENT):
        times.append(found[0][0])
        happen(cell, model, PLAN, times[-1], queue.MOMENT, 0)
    assert times == moments(model, int(cell.person[0].entity) // 8)
    assert cell.person[0].left == 0


@pytest.mark.parametrize("retains", [True, False])
def test_a_message_that_retains_is_heard_when_it_is_seen(retains: bool) -> None:
    post = Post(message={"retains": retains}, attrition={"on": 1})
    post.send()
    assert post.person.retained_t == attrition.NEVER_HEARD
    post.open()
    assert post.person.retained_t == (post.seen_at if retains else attrition.NEVER_HEARD)


LEAVES: dict[str, Any] = {"attrition": {"yearly": 0.8, "shape": 2.0, "before": "90d"}}


def shop(**changes: Any) -> Any:
    return world(population={"customers": 40}, world={**LEAVES, **changes})


def test_off_its_other_keys_change_nothing() -> None:
    """All other keys of it change nothing while `yearly` is 0."""
    keys = {"yearly": 0.0, "shape": 3.0, "ageing": 2.0, "member": 2.0, "care": 2.0, "answers": 1.0}
    few = {"customers": 30}
    scenarios = world(population=few), world(population=few, world={"attrition": keys})
    off, same = (run(s, load(s, "omnichannel"), pilot=10) for s in scenarios)
    same_rows(log(off, "omnichannel"), log(same, "omnichannel"))


def test_both_engines_agree_and_some_leave_of_themselves() -> None:
    scenario = shop()
    compiled, simpy = (
        run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=10)
        for engine in ("compiled", "simpy")
    )
    rows = log(compiled, "omnichannel")
    same_rows(rows, log(simpy, "omnichannel"))
    assert ((rows["kind"] == KIND["left"]) & (rows["a"] == OF_ITSELF)).sum() > 5
