"""Referral links: who gets one, what it pays, and what the brand learns of it."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.errors import ScenarioError
from omnilab.log import rows
from omnilab.world import referral
from omnilab.world.state import Person
from tests.plain import plain
from tests.verification.worlds import load, log, run, same_rows, world
from tests.worlds import corner, model_of, record

PAYS = {"on": 1, "shares": 1.0, "reward": 500, "friend": 300, "lasts": 1000}


def buyer(**values: int) -> Any:
    return record(Person, **{"own_link": 0, "link": 0, "link_of": -1, "link_until": -1, **values})


def test_a_tip_carries_the_link_to_who_has_never_bought() -> None:
    model = model_of(referral=PAYS)
    passes = plain(referral.passes_link)
    assert passes(model, buyer(own_link=9), buyer(), 3, 5)
    assert not passes(model, buyer(), buyer(), 3, 5)  # the brand didn't see who bought
    assert not passes(model, buyer(own_link=9), buyer(purchases=1), 3, 5)
    assert not passes(model_of(), buyer(own_link=9), buyer(), 3, 5)
    some = model_of(referral={**PAYS, "shares": 0.4})
    found = sum(passes(some, buyer(own_link=9), buyer(entity=k), 3, 5) for k in range(2000))
    assert found / 2000 == pytest.approx(0.4, abs=0.035)


@pytest.mark.parametrize(("t", "off"), [(2000, 300), (2001, 0)])
def test_it_takes_its_part_off_as_long_as_it_lasts(t: int, off: int) -> None:
    model, person = model_of(referral=PAYS), buyer()
    plain(referral.take_link)(model, person, buyer(own_link=9, own_silo=2), 7, 1000)
    assert (person.link, person.link_silo, person.link_of) == (9, 2, 7)
    assert plain(referral.referral_off)(model, person, t) == off
    assert plain(referral.has_link)(person, t) == (off > 0)


def test_the_giver_gets_the_reward_off_the_next_order() -> None:
    model, giver = model_of(referral=PAYS), buyer()
    plain(referral.pay_reward)(model, giver)
    plain(referral.pay_reward)(model, giver)
    assert plain(referral.referral_off)(model, giver, 50) == 1000


def shop(reward: float, friend: float, shares: float = 1.0, **brand: Any) -> Any:
    return world(
        population={"customers": 24, "town": 12, "prior_buyers": 0.2},
        time={"burn_in": "10d", "window": "40d", "run_out": 0},
        world={"tips": {"per_order": 1.0, "makes_need": 1.0}, "referral": {"shares": shares},
               "intent": {"threshold": -2.0}},
        brand={
            "referral": {"reward": reward, "friend": friend}, "loyalty": {"card": 0},
            "journeys": [], **brand,
        },
    )  # fmt: skip


def told(scenario: Any, name: str = "omnichannel") -> Any:
    return log(run(scenario, load(scenario, name), engine="simpy", pilot=2), name)


def test_links_pay_once_and_all_that_is_paid_was_earned() -> None:
    events = rows.all_named(told(shop(5.0, 3.0)))
    kinds = {k: v for v, k in rows.KIND_NAMES.items()}
    given, used, orders = (
        [e for e in events if e["kind"] == kinds[name]]
        for name in ("referral", "referred", "order")
    )
    assert len(used) >= 2
    pairs = {(e["person"], e["friend"]) for e in given}
    assert all((e["person"], e["friend"]) in pairs for e in used)
    assert len({e["person"] for e in used}) == len(used)  # a first order is one
    first = {}
    for e in sorted(orders, key=lambda e: (e["time"], e["seq"])):
        first.setdefault(e["person"], e)
    for e in used:
        mine = first[e["person"]]
        assert (mine["need"], mine["time"]) == (e["need"], e["time"])
        assert mine["discount"] >= min(300, mine["paid"] + mine["discount"])
        assert e["reward"] == 500
    for who in {e["person"] for e in orders}:
        off = sum(e["discount"] for e in orders if e["person"] == who)
        earned = 500 * sum(e["friend"] == who for e in used)
        assert off <= earned + 300 * sum(e["person"] == who for e in used)


def test_a_journey_may_thank_who_brought_a_friend() -> None:
    thanks = {"name": "thanks", "trigger": "referral", "sequence": ["web", "email"],
              "steps": [{"message": {"channels": ["email"]}}]}  # fmt: skip
    events = rows.all_named(told(shop(5.0, 0.0, journeys=[thanks])))
    entered = [e for e in events if e["kind"] == rows.ENTER]
    used = [e for e in events if e["kind"] == rows.REFERRED]
    assert entered
    assert len(entered) <= len(used)
    assert {e["time"] for e in entered} <= {e["time"] for e in used}


def test_without_money_nobody_has_links() -> None:
    one, other = told(shop(0.0, 0.0)), told(shop(0.0, 0.0, shares=0.1))
    same_rows(one, other)
    assert not (one["kind"] == rows.REFERRAL).any()


@pytest.mark.parametrize("name", ["reward", "friend"])
def test_more_off_than_an_order_comes_to_is_refused(name: str) -> None:
    corner(brand={"referral": {name: 20.0}})
    with pytest.raises(ScenarioError) as error:
        corner(brand={"referral": {name: 20.01}})
    assert f"brand.referral.{name}" in str(error.value)
    assert "categories.beans.spend.mean" in str(error.value)
    assert "\n" not in str(error.value).strip()


def test_a_journey_without_a_programme_is_refused() -> None:
    thanks = {"name": "thanks", "trigger": "referral", "sequence": ["email"],
              "steps": [{"message": {"channels": ["email"]}}]}  # fmt: skip
    with pytest.raises(ScenarioError) as error:
        corner(brand={"journeys": [thanks]})
    assert "trigger" in str(error.value)
    assert "brand.referral.reward" in str(error.value)
