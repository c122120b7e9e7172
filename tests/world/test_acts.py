"""The rules of acts: the chance against its closed form, who can do which, what it is worth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.record import record_array
from omnilab.log.act_kinds import FOLLOW, INSTALL, JOIN, LEAVE_ADDRESS, LOG_IN, REQUEST
from omnilab.log.identifier_types import number_of
from omnilab.lowering.acts import lower_acts
from omnilab.world import acts
from omnilab.world.acts import LoweredAct
from omnilab.world.intent import logit
from omnilab.world.needs import EXPLORING, LATENT, close, start_need
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import cell_of, corner, model_of, record

LIKES = {"on": 1, "need": 1.3, "asked": 0.7, "incentive": 0.6, "trust": 0.4}
LOYALTY, LOGIN = number_of("loyalty"), number_of("login")


def act(**values: Any) -> Any:
    made = record(LoweredAct, to=-1, carries=-1)
    for name, value in values.items():
        made[name] = value
    return made


@pytest.mark.parametrize("needs", [False, True])
@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize(("worth", "trust"), [(0.0, 0.0), (5.0, 0.0), (12.5, -2.0), (0.0, 0.8)])
def test_the_chance_is_the_logit(needs: bool, asked: bool, worth: float, trust: float) -> None:
    model = model_of(acts=LIKES)
    x = math.log(0.05 / 0.95) + 1.3 * needs + 0.7 * asked
    x += 0.6 * math.log(1 + worth) + 0.4 * trust
    chance = plain(acts.act_chance)(model, act(logit=logit(0.05)), needs, asked, worth, trust)
    assert chance == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-12)


@pytest.mark.parametrize(
    ("trust", "motive"), [(-3.0, 0.0), (-1.0, 0.0), (-0.4, 0.3), (0.0, 0.5), (1.0, 1.0), (1.5, 1.0)]
)
def test_an_incentive_crowds_out_the_motive_that_one_has_by_oneself(
    trust: float, motive: float
) -> None:
    model = model_of(acts=LIKES | {"crowds": 1.2})

    def logit_of(worth: float) -> float:
        return logit(
            plain(acts.act_chance)(model, act(logit=logit(0.2)), True, False, worth, trust)
        )

    alone = logit(0.2) + 1.3 + 0.4 * trust
    assert logit_of(0.0) == pytest.approx(alone)  # nothing is taken where nothing is paid
    for worth in (0.01, 5.0):
        paid = 0.6 * math.log(1 + worth) - 1.2 * motive
        assert logit_of(worth) == pytest.approx(alone + paid, abs=1e-9)


def test_a_small_incentive_harms_and_a_large_one_pays() -> None:
    model = model_of(acts=LIKES | {"crowds": 1.2})
    even = math.exp(1.2 / (2 * 0.6)) - 1
    alone, small, same, large = (
        plain(acts.act_chance)(model, act(logit=logit(0.2)), False, False, worth, 0.0)
        for worth in (0.0, even / 2, even, even * 2)
    )
    assert small < alone < large
    assert same == pytest.approx(alone)


@pytest.mark.parametrize("chance", [0.05, 0.4])
def test_so_many_do_it_and_each_act_by_a_chance_of_its_own(chance: float) -> None:
    model, n = model_of(acts=LIKES), 3000
    does = {
        kind: [
            plain(acts.does_act)(model, record(Person, entity=k), act(kind=kind), 40, 7, chance)
            for k in range(n)
        ]
        for kind in (LEAVE_ADDRESS, LOG_IN)
    }
    for found in does.values():
        assert sum(found) / n == pytest.approx(chance, abs=3.7 * math.sqrt(chance / n))
    both = sum(a and b for a, b in zip(*does.values(), strict=True))
    assert both / n == pytest.approx(chance**2, abs=3.7 * chance / math.sqrt(n))


def can(kind: int, person: dict[str, int], **values: int) -> bool:
    person = {"first_need": -1} | person
    return bool(plain(acts.can_act)(cell_of(1), record(Person, **person), act(kind=kind, **values)))


def test_an_address_is_left_until_all_is_allowed_and_again_after_opting_out() -> None:
    for kind in (LEAVE_ADDRESS, FOLLOW):
        assert can(kind, {}, allows=0b110)
        assert can(kind, {"consent": 0b010}, allows=0b110)
        assert not can(kind, {"consent": 0b111}, allows=0b110)
        assert can(kind, {"acts": 1 << kind}, allows=0b110)


def test_the_app_is_installed_by_who_cannot_reach_it() -> None:
    assert can(INSTALL, {"reach": 0b001}, opens=0b010)
    assert not can(INSTALL, {"reach": 0b011}, opens=0b010)


def test_who_joined_does_not_do_it_again() -> None:
    for kind in (JOIN, LOG_IN):
        assert can(kind, {"acts": 0b111111 & ~(1 << kind)})
        assert not can(kind, {"acts": 1 << kind})


def asking(*stages: int) -> Any:
    """Return a cell whose one person has open needs at these stages, the latest first."""
    cell = cell_of(1)
    cell.person[0].first_need = 0 if stages else -1
    for n, stage in enumerate(stages):
        cell.need[n].stage, cell.need[n].asked = stage, 0
        cell.need[n].next = n + 1 if n + 1 < len(stages) else -1
    return cell


def may_ask(cell: Any, thing: int = 0) -> bool:
    return bool(plain(acts.can_act)(cell, cell.person[0], act(kind=REQUEST, thing=thing)))


def ask(cell: Any, thing: int = 0) -> None:
    plain(acts.asks_for)(cell, cell.person[0], thing)


def test_a_request_is_made_once_for_each_need_and_thing() -> None:
    cell = asking(EXPLORING, LATENT, EXPLORING)
    ask(cell)
    assert (cell.need[0].asked, cell.need[1].asked, cell.need[2].asked) == (1, 0, 0)
    assert may_ask(cell)  # about the other need that it has noticed
    ask(cell)
    assert cell.need[2].asked == 1
    assert not may_ask(cell)  # not about one that it does not know of
    assert may_ask(cell, thing=1)
    ask(cell, thing=1)
    assert cell.need[0].asked == 0b11
    cell.need[1].stage = EXPLORING
    assert may_ask(cell)


def test_after_the_need_has_closed_the_next_one_is_asked_about() -> None:
    cell = asking(EXPLORING)
    ask(cell)
    assert not may_ask(cell)
    plain(close)(cell, cell.person[0], 0)
    assert may_ask(cell)  # out of curiosity, once
    ask(cell)
    assert not may_ask(cell)
    plain(start_need)(cell.need[1])
    cell.need[1].stage, cell.need[1].next, cell.person[0].first_need = EXPLORING, -1, 1
    assert may_ask(cell)


@pytest.mark.parametrize("visits", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_a_need_of_so_many_visits_is_asked_about_as_the_closed_form_says(visits: int) -> None:
    model, n, p = model_of(acts=LIKES), 3000, 0.15
    things = [0, 1]
    asked = np.zeros((n, len(things)))
    for k in range(n):
        cell = asking(EXPLORING)
        cell.person[0].entity = k
        for visit in range(visits):
            for thing in things:
                one = act(kind=REQUEST, thing=thing)
                person = cell.person[0]
                if not plain(acts.can_act)(cell, person, one):
                    continue
                if plain(acts.does_act)(model, person, one, 40, visit, p):
                    ask(cell, thing)
                    asked[k, thing] += 1
    expected = 1 - (1 - p) ** visits
    assert asked.max() == 1
    error = math.sqrt(expected * (1 - expected) / n)
    assert asked.mean(axis=0) == pytest.approx([expected] * 2, abs=4 * error)
    both = float((asked[:, 0] * asked[:, 1]).mean())  # by draws of their own
    assert both == pytest.approx(expected**2, abs=4 * error)


def test_who_has_left_does_nothing_and_who_stopped_all_gives_no_address() -> None:
    for kind in range(6):
        assert not can(kind, {"left": 1}, allows=1, opens=1)
        assert not can(kind, {"stopped": 1}, allows=1, opens=1)
    assert can(JOIN, {"stopped": 1})


def test_an_incentive_is_worth_its_money_points_and_offer_once() -> None:
    shop = corner()
    channels = [c.model_dump() for c in shop.channels]
    channels[0]["acts"] = [
        {"act": "join", "base": 0.1, "incentive": 2.0, "points": 25, "offer": 0.1}
    ]
    (one,) = lower_acts(shop.changed({"channels": channels}))
    # 25 of 50 points of a card worth 5, and a tenth of a mean order of 20 and 45.
    assert plain(acts.worth_of)(record(Person), one, 200_000) == pytest.approx(2 + 2.5 + 3.25)
    assert plain(acts.worth_of)(record(Person, acts=1 << JOIN), one, 200_000) == 0
    assert one.cost == 200_000


def test_trust_is_preference_less_failures_that_are_not_forgotten() -> None:
    forget = 30 * 86400.0
    person = record(Person, failures=2.0, failures_t=1000, preference=0.5, preference_t=1000)
    off = model_of(satisfaction={"forget": forget})
    on = model_of(satisfaction={"forget": forget}, preference={"on": 1, "forget": forget})
    e = math.exp(-5 / 30)
    trust = plain(acts.trust_in_brand)
    assert trust(off, person, 1000 + 5 * 86400) == pytest.approx(-2 * e)
    assert trust(on, person, 1000 + 5 * 86400) == pytest.approx((0.5 - 2) * e)


@pytest.mark.parametrize(("stage", "noticed"), [(1, False), (2, True), (3, True), (4, False)])
def test_a_need_counts_once_noticed_and_until_given_up(stage: int, noticed: bool) -> None:
    cell = cell_of(1)
    cell.person[0].first_need = 0
    cell.need[0].stage, cell.need[0].next = stage, -1
    assert bool(plain(acts.has_noticed_need)(cell, cell.person[0])) == noticed
    cell.person[0].first_need = -1
    assert not plain(acts.has_noticed_need)(cell, cell.person[0])


def test_cards_and_accounts_are_shown_since_the_act() -> None:
    lacks = plain(acts.lacks_type)
    model = model_of(acts={"gates": 1 << LOYALTY})
    assert lacks(model, record(Person), LOYALTY)
    assert not lacks(model, record(Person, acts=1 << JOIN), LOYALTY)
    assert not lacks(model, record(Person), LOGIN)
    assert not lacks(model_of(), record(Person), LOYALTY)


def test_a_share_has_joined_before_the_start() -> None:
    model = model_of(acts={"on": 1, "gates": 1 << LOYALTY, "joined": 0.3, "logged_in": 0.9})
    people = [record(Person, entity=k) for k in range(2000)]
    for person in people:
        plain(acts.first_acts)(model, person)
    assert sum(p.acts == 1 << JOIN for p in people) / 2000 == pytest.approx(0.3, abs=0.04)
    assert {int(p.acts) for p in people} == {0, 1 << JOIN}  # nobody offers to log in
    nobody = record_array(Person, 1)[0]
    plain(acts.first_acts)(model_of(acts={"joined": 1.0, "gates": 1 << LOYALTY}), nobody)
    assert nobody.acts == 0
