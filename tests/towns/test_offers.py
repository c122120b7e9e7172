"""Offers in whole worlds: what is given is logged, codes are known where they should be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import StrategyError
from omnilab.log import rows
from omnilab.strategy import Choices, Decisions
from omnilab.strategy.loading import LoadedStrategy
from omnilab.strategy.plan import Sharing
from tests.effort import random_worlds
from tests.property.random_worlds import Picky
from tests.towns.offers import handed_out, mechanism
from tests.verification.worlds import (
    DAY,
    digests,
    load,
    log,
    mixture,
    run,
    same_rows,
    values,
    world,
)

OFFERS = [
    {"name": "store-code", "share": 0.2, "channels": ["store"], "code": True, "lasts": "20d"},
    {"name": "app-code", "amount": 5.0, "minimum": 10.0, "channels": ["app", "store"],
     "code": True, "lasts": "20d"},
    {"name": "mug", "gift": {"worth": 4.0, "cost": 2.0}, "from_day": 2, "to_day": 25},
]  # fmt: skip
JOURNEYS = [
    {"name": "codes", "trigger": "weekly", "sequence": ["email", "store", "web"],
     "steps": [{"message": {"channels": ["email"], "gives": "store-code"}}]},
    {"name": "apps", "trigger": "weekly", "weekday": 4, "sequence": ["app", "store"],
     "steps": [{"message": {"channels": ["push"], "gives": "app-code"}}]},
    {"name": "gifts", "trigger": "order", "sequence": ["web", "store", "email", "app"],
     "steps": [{"message": {"channels": ["email", "push"], "gives": "mug"}}]},
]  # fmt: skip


def shop(**changes: Any) -> Any:
    """Return a shop of eager buyers whose messages mostly arrive and are read."""
    brand = {
        "offers": OFFERS, "journeys": JOURNEYS, "loyalty": {"card": 0}, "cap": None,
        "wiring": "tools_apart", **changes.pop("brand", {}),
    }  # fmt: skip
    side = {"open": 0.9, "delivered": 1.0, "opt_out": 0.0, "opt_in": 1.0}
    channels = ["web", "app", "store", {"preset": "email", "message": side},
                {"preset": "push", "message": side}]  # fmt: skip
    return world(
        population={"customers": 24, "personas": [{"name": "all", "share": 1.0}],
                    "household_sizes": [1.0], "households_per_cell": 1,
                    **changes.pop("population", {})},
        time={"burn_in": "12d", "window": "30d", "run_out": 0},
        channels=changes.pop("channels", channels),
        world={"offers": {"redeems": 0.7, "spread": 0.5, "pulls": 8.0},
               "identifiers": {"typo": 0.0},
               "intent": {"threshold": -1.0}, **changes.pop("world", {})},
        brand=brand, **changes,
    )  # fmt: skip


@cache
def life(name: str) -> Any:
    scenario = shop()
    return log(run(scenario, load(scenario, name), engine="simpy", pilot=2), name)


def facts(events: Any, kind: int) -> list[dict[str, int]]:
    return rows.all_named(events[events["kind"] == kind])


NAMES = ("multichannel", "cross_channel", "omnichannel")


@pytest.mark.parametrize("name", NAMES)
def test_what_offers_take_off_is_what_orders_log(name: str) -> None:
    events = life(name)
    used = {(r["person"], r["need"]): r for r in facts(events, rows.REDEEMED)}
    orders = facts(events, rows.ORDER)
    assert len(used) > 3
    for order in orders:  # there are neither cards nor links: all that comes off is an offer's
        use = used.get((order["person"], order["need"]))
        assert order["discount"] == (use["off"] if use else 0)
    assert set(used) <= {(o["person"], o["need"]) for o in orders}
    gifts = [r for r in used.values() if r["offer"] == 2]
    assert all((r["off"], r["gift_cost"]) == (0, 200) for r in gifts)
    if name == "omnichannel":
        assert {r["offer"] for r in used.values()} == {0, 1, 2}


@pytest.mark.parametrize("name", NAMES)
def test_an_offer_is_seen_before_it_is_used_once_and_in_time(name: str) -> None:
    events = life(name)
    seen = {(r["person"], r["message"]): r for r in facts(events, rows.OFFERED)}
    times: Counter[tuple[int, int]] = Counter()
    for use in facts(events, rows.REDEEMED):
        at = use["person"], use["message"]
        times[at] += 1
        assert seen[at]["offer"] == use["offer"]
        assert seen[at]["time"] <= use["time"] <= seen[at]["time"] + seen[at]["lasts"]
    assert max(times.values()) == 1
    first, last = (12 + 2) * DAY, (12 + 26) * DAY
    for use in facts(events, rows.REDEEMED):
        assert use["offer"] != 2 or first <= use["time"] < last
        assert use["offer"] != 0 or use["channel"] == 2  # the store


@pytest.mark.parametrize("name", NAMES)
def test_who_knows_a_code_where_by_a_naive_model(name: str) -> None:
    """A silo knows the codes of its own messages; a hand-off and one profile bring all of them."""
    events = life(name)
    sent = {r["message"]: r["silo"] for r in facts(events, rows.SENT)}
    tried = facts(events, rows.REDEEMED) + facts(events, rows.CODE_UNKNOWN)
    # The burn-in is the status quo's, multichannel; what it sent counts under each strategy.
    codes = [r for r in tried if r["offer"] in (0, 1) and r["time"] >= 12 * DAY]
    known = [r["kind"] == rows.REDEEMED for r in codes]
    if name == "multichannel":
        assert known == [sent[r["message"]] == r["silo"] for r in codes]
        assert any(known)
        assert not all(known)
    else:
        assert all(known)
        assert any(sent[r["message"]] != r["silo"] for r in codes)


def test_one_profile_alone_lets_no_silo_see_what_another_sent() -> None:
    """Whose code it is can be linked, but the context stays where it is."""
    scenario = shop()
    strategy = mixture(scenario, replace(Sharing.every("all"), context="silo"))
    events = log(run(scenario, [strategy], engine="simpy", pilot=2), strategy.name)
    sent = {r["message"]: r["silo"] for r in facts(events, rows.SENT)}
    tried = facts(events, rows.REDEEMED) + facts(events, rows.CODE_UNKNOWN)
    codes = [r for r in tried if r["offer"] in (0, 1)]
    known = [r["kind"] == rows.REDEEMED for r in codes]
    assert known == [sent[r["message"]] == r["silo"] for r in codes]
    assert not all(known)


def test_a_code_that_is_not_known_annoys_as_often_as_repeated_steps_do() -> None:
    def bad(annoys: float) -> tuple[int, int]:
        scenario = shop(world={"continuity": {"annoys": annoys}, "satisfaction": {"kappa": 0.0},
                               "intent": {"threshold": -1.0}})  # fmt: skip
        events = log(run(scenario, load(scenario, "multichannel"), engine="simpy", pilot=2),
                     "multichannel")  # fmt: skip
        gone = {(r["person"], r["time"]) for r in facts(events, rows.LEFT)}  # with the order itself
        lost = sum((r["person"], r["time"]) not in gone for r in facts(events, rows.CODE_UNKNOWN))
        return lost, sum(r["why"] == rows.BAD_CODE for r in facts(events, rows.BAD))

    lost, angry = bad(1.0)
    assert lost == angry > 3
    assert bad(0.0)[1] == 0


def test_measures_are_those_of_a_count_over_the_log() -> None:
    scenario = shop()
    result = run(scenario, load(scenario, "multichannel"), engine="simpy", pilot=2)
    events = log(result, "multichannel")
    inside = events[events["time"] >= 12 * DAY]
    n = Counter(inside["kind"].tolist())
    used = facts(inside, rows.REDEEMED)
    found = {name: one.value for name, one in values(result, "multichannel").items()}
    assert found["redemption_rate"] == pytest.approx(n[rows.REDEEMED] / n[rows.OFFERED])
    assert found["offer_order_share"] == pytest.approx(n[rows.REDEEMED] / n[rows.ORDER])
    cost = sum(r["off"] + r["gift_cost"] for r in used) / 100 / 24
    assert found["offer_cost"] == pytest.approx(cost)
    unknown = n[rows.CODE_UNKNOWN]
    assert found["code_loss_rate"] == pytest.approx(unknown / (unknown + n[rows.REDEEMED]))


@random_worlds(1, 8)
@given(st.data())
def test_both_engines_write_the_same_log(data: st.DataObject) -> None:
    flows: list[dict[str, Any]] = [
        {**journey, "steps": [{"message": {"channels": ["email", "push"]}}, {"delay": "1d"},
                              {"split": {"has": "opened", "otherwise": "skip"}},
                              {"message": {"channels": ["push", "email"]}}]}
        for journey in JOURNEYS
    ]  # fmt: skip
    offers = data.draw(handed_out(flows, ["web", "app", "store"], ["beans"]))
    scenario = shop(
        population={"customers": 10},
        world={"offers": data.draw(mechanism()), "intent": {"threshold": -1.0}},
        brand={"offers": offers, "journeys": flows},
        categories=[{"name": "beans", "every": "5d", "spend": {"mean": 20.0}}],
    )
    plan = load(scenario, "cross_channel")[0].plan
    picky = LoadedStrategy("picky", plan, Picky(), "", True, False)  # type: ignore[arg-type]
    one, other = (
        run(scenario, [picky], engine=engine, pilot=2, seed=3) for engine in ("compiled", "simpy")
    )
    same_rows(log(one, "picky"), log(other, "picky"))
    assert digests(one) == digests(other)


def test_messages_of_service_need_no_permission_and_take_no_place_under_the_cap() -> None:
    def sends(*, service: bool) -> Counter[str]:
        journeys = [
            {"name": "confirm", "trigger": "order", "sequence": ["web", "app", "email"],
             "steps": [{"message": {"channels": ["email"], "service": service}}]},
            {"name": "news", "trigger": "weekly", "sequence": ["email"],
             "steps": [{"message": {"channels": ["email"], "shows": "generic"}}]},
        ]  # fmt: skip
        side = {"opt_in": 0.5, "signs_up": 0.0, "delivered": 1.0}
        scenario = shop(
            brand={"offers": [], "journeys": journeys, "cap": {"messages": 1, "per": "7d"}},
            channels=["web", "app", "store", {"preset": "email", "message": side}],
            world={"offers": {}, "intent": {"threshold": -1.0}},
        )
        events = log(run(scenario, load(scenario, "omnichannel"), engine="simpy", pilot=2),
                     "omnichannel")  # fmt: skip
        capped = [r for r in facts(events, rows.FINAL) if r["status"] == rows.FINAL_CAPPED]
        return Counter(
            confirm=sum(r["journey"] == 0 for r in facts(events, rows.SENT)),
            news=sum(r["journey"] == 1 for r in facts(events, rows.SENT)),
            capped=sum(r["journey"] == 0 for r in capped),
            skipped=sum(
                r["journey"] == 0 and r["reason"] == 2 for r in facts(events, rows.SKIPPED)
            ),
        )

    without, exempt = sends(service=False), sends(service=True)
    assert without["capped"] > 0 < without["skipped"]
    assert (exempt["capped"], exempt["skipped"]) == (0, 0)
    assert exempt["confirm"] > without["confirm"]
    assert exempt["news"] >= without["news"]


@pytest.mark.parametrize("has", ["opened", "not_opened", "clicked", "not_clicked"])
def test_a_branch_goes_by_what_the_message_before_has_got_back_by_then(has: str) -> None:
    side = {"open": 0.5, "click": 0.3, "delivered": 1.0, "opt_in": 1.0, "machine_opens": 0.2,
            "hidden_opens": 0.3, "opt_out": 0.0}  # fmt: skip
    journeys = [
        {"name": "two", "trigger": "weekly", "sequence": ["email"],
         "steps": [{"message": {"channels": ["email"], "fallback_after": "1h"}}, {"delay": "2d"},
                   {"split": {"has": has}},
                   {"message": {"channels": ["email"], "shows": "viewed"}}]}
    ]  # fmt: skip
    scenario = shop(
        brand={"offers": [], "journeys": journeys},
        channels=["web", "store", {"preset": "email", "message": side}],
        world={"offers": {}},
    )
    events = log(run(scenario, load(scenario, "multichannel"), engine="simpy", pilot=2),
                 "multichannel")  # fmt: skip
    came = (rows.CLICK, rows.SCANNER_CLICK)
    came = came if has.endswith("clicked") else (*came, rows.OPEN, rows.MACHINE_OPEN)
    back: dict[int, int] = {}
    for r in rows.all_named(events):
        if r["kind"] in came and r["receipt"] == 0:
            back.setdefault(r["message"], r["time"])
    sent = facts(events, rows.SENT)
    second = {(r["person"], r["profile"], r["time"]) for r in sent if r["step"] == 3}
    both: Counter[bool] = Counter()
    for first in (r for r in sent if r["step"] == 0 and r["time"] >= 12 * DAY):
        who = first["person"], first["profile"]
        due = [t for *p, t in second if tuple(p) == who and 2 * DAY <= t - first["time"] < 3 * DAY]
        end = first["time"] + 2 * DAY + 3600
        if end + DAY > 42 * DAY:
            continue
        answered = back.get(first["message"], 1 << 60) <= end
        goes_on = answered != has.startswith("not_")
        both[goes_on] += 1
        assert bool(due) == goes_on
    assert min(both.values()) > 3


class Generous:
    """A strategy that hands out an offer of its choice, and waits."""

    name = "generous"

    def __init__(self, offer: int = 0, delay: int = 0) -> None:
        self.offer, self.delay = offer, delay

    def decide(self, pending: Decisions) -> Choices:
        """Answer the same for all."""
        n = len(pending)
        return Choices(np.ones(n, np.bool_), None, np.full(n, self.offer), np.full(n, self.delay))


def decided(scenario: Any, strategy: Generous) -> Any:
    plan = load(scenario, "omnichannel")[0].plan
    loaded = LoadedStrategy("generous", plan, strategy, "", True, False)  # type: ignore[arg-type]
    return run(scenario, [loaded], engine="simpy", pilot=2)


def test_a_strategy_chooses_the_offer_and_the_time() -> None:
    scenario = shop()
    now, later = (log(decided(scenario, Generous(1, d)), "generous") for d in (0, 5 * 3600))
    for events in (now, later):
        after = {r["message"] for r in facts(events, rows.SENT) if r["time"] >= 12 * DAY}
        given_by = [r for r in facts(events, rows.OFFERED) if r["message"] in after]
        assert {r["offer"] for r in given_by} == {1}
    weekly = [
        r["time"] for r in facts(now, rows.SENT) if r["journey"] == 0 and r["time"] >= 13 * DAY
    ]
    moved = {r["time"] for r in facts(later, rows.SENT) if r["journey"] == 0}
    assert weekly
    assert {t + 5 * 3600 for t in weekly} & moved
    assert not {t for t in moved if t >= 13 * DAY} & set(weekly)


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (Generous(4), "offers are 0 to 3 (store-code, app-code, mug, none), -1"),
        (Generous(0, 31 * DAY), "a message waits 0 to"),
        (Generous(0, -1), "delay_s is -1"),
    ],
)
def test_a_strategy_may_not_give_what_is_not_there(strategy: Generous, said: str) -> None:
    try:
        found: Any = next(iter(decided(shop(), strategy).failures.values()))
    except StrategyError as error:  # where no strategy is left
        found = error
    assert said in str(found)
