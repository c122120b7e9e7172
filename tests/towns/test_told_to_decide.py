"""What `decide` is told of the programme and of split tests, against naive models of the log."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError
from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing
from omnilab.strategy.apart import _columns
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from tests.verification.worlds import run, world

SIDE = {"open": 0.6, "delivered": 1.0, "opt_out": 0.0, "opt_in": 1.0}
PROGRAMME = {
    "targets": [{"name": "three", "purchases": 3, "from_day": 2, "to_day": 15, "reward": "prize"},
                {"name": "much", "spend": 45.0, "to_day": 24, "reward": "prize"}],
    "tiers": [{"name": "silver", "spend": 15.0}, {"name": "gold", "spend": 60.0}],
    "period": "10d",
}  # fmt: skip
DAY = 86400


def shop(**brand: Any) -> Any:
    """Return a shop of members, known at each order, to whom it writes twice a week."""
    flow = {"name": "letters", "trigger": "weekly", "sequence": ["email"],
            "steps": [{"message": {"channels": ["email"], "shows": "generic"}}]}  # fmt: skip
    return world(
        population={"customers": 6, "household_sizes": [1.0], "households_per_cell": 1,
                    "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": 0, "window": "25d", "run_out": 0},
        categories=[{"name": "beans", "every": "2d", "spend": {"mean": 12.0}}],
        channels=["web", {"preset": "email", "message": SIDE}],
        world={"identifiers": {"typo": 0.0}, "intent": {"threshold": -1.0}},
        brand={"journeys": [flow, {**flow, "name": "more", "weekday": 4}], "cap": None,
               "loyalty": {"card": 0}, **brand},
    )  # fmt: skip


class Notes:
    """It keeps what it is told."""

    name = "notes"

    def __init__(self) -> None:
        self.asked: list[Decisions] = []
        self.orders: list[tuple[int, int]] = []  # time, cents

    def __deepcopy__(self, memo: dict[int, Any]) -> Notes:
        return self  # what the run's own copy is told is kept here

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        self.asked.append(pending)
        return Choices.default(pending)

    def learn(self, observed: Events) -> None:
        rows = observed.of_kind("order")
        self.orders += zip(observed.time_s[rows].tolist(), observed.cents[rows].tolist(),
                           strict=True)  # fmt: skip


def noted(scenario: Any) -> Notes:
    notes = Notes()
    plan = load_strategy("omnichannel", scenario).plan
    loaded = LoadedStrategy("notes", plan, notes, "", True, True)
    assert not run(scenario, [loaded], engine="simpy", pilot=2, keep=False).failures
    return notes


def test_one_set_of_orders_explains_all_that_is_told_of_a_member() -> None:
    """An order's own id of a profile is that before its visit was linked, so the set is sought."""
    notes = noted(shop(programme=PROGRAMME, offers=[{"name": "prize", "amount": 1.0}]))
    assert len({cents for _, cents in notes.orders}) == len(notes.orders) > 4
    told = set()
    for pending in notes.asked:
        assert pending.tier_names == ("silver", "gold")
        assert pending.target_names == ("three", "much")
        for row in range(len(pending)):
            t, spent = int(pending.time_s[row]), int(pending.spent_cents[row])
            before = [order for order in notes.orders if order[0] < t]
            (mine,) = (some for some in combinations(before, int(pending.orders[row]))
                       if sum(cents for _, cents in some) == spent)  # fmt: skip
            counted = sum(2 * DAY <= at < 16 * DAY for at, _ in mine)
            np.testing.assert_allclose(pending.progress[row], (counted / 3, spent / 4500))
            now, last = (sum(c for at, c in mine if at // (10 * DAY) == t // (10 * DAY) - k)
                         for k in (0, 1))  # fmt: skip
            tier = sum(max(now, last) >= least for least in (1500, 6000)) - 1
            assert pending.tier[row] == tier
            told.add((tier, counted, spent))
    assert len(told) > 4
    assert {tier for tier, _, _ in told} >= {-1, 0}


def test_without_a_programme_there_is_nothing_to_tell() -> None:
    for pending in noted(shop()).asked:
        assert (pending.tier == -1).all()
        assert pending.progress.shape == pending.arm.shape == (len(pending), 0)
        assert not pending.balance_cents.any()


def test_who_stands_at_a_step_of_an_arm_has_met_that_arm() -> None:
    tests = [{"name": "words", "arms": {"plain": 0.5, "loud": 0.5}},
             {"name": "later", "arms": {"a": 0.5, "b": 0.5}}]  # fmt: skip
    message = {"message": {"channels": ["email"], "shows": "generic"}}
    flow = {
        "name": "letters", "trigger": "weekly", "sequence": ["email"],
        "steps": [message, {**message, "arm": {"test": "words", "name": "plain"}},
                  {**message, "arm": {"test": "words", "name": "loud"}}],
    }  # fmt: skip
    notes = noted(shop(tests=tests, journeys=[flow]))
    met = {0: [], 1: [], 2: []}  # type: dict[int, list[int]]
    for pending in notes.asked:
        assert pending.test_names == ("words", "later")
        assert pending.arm_names == (("plain", "loud"), ("a", "b"))
        assert (pending.arm[:, 1] == -1).all()
        for step, arm in zip(pending.step.tolist(), pending.arm[:, 0].tolist(), strict=True):
            met[step].append(arm)
        again = Decisions(**_columns(pending))  # as a process of its own gets it
        np.testing.assert_array_equal(again.arm, pending.arm)
        assert again.arm_names == pending.arm_names
        assert pending.take([0]).arm.shape == (1, 2)
    assert set(met[0]) == {-1}
    assert set(met[1]) == {0}
    assert set(met[2]) == {1}


@pytest.mark.parametrize("weights", [
    {"recency": 8.0, "memory": "4d"}, {"frequency": 5.0},
    {"recency": 4.0, "memory": "4d", "frequency": 3.0},
    {"monetary": 1.5},
], ids=str)  # fmt: skip
def test_a_branch_on_the_score_lets_those_pass_whose_score_is_high(
    weights: dict[str, Any],
) -> None:
    """A letter to all first: it says what is known of everybody at that tick."""
    message = {"message": {"channels": ["email"], "shows": "generic"}}
    flow = {"name": "letters", "trigger": "weekly", "sequence": ["email"],
            "steps": [message]}  # fmt: skip
    high, low = (
        {**flow, "name": has, "steps": [{"split": {"has": has, "score": 3.5}}, message]}
        for has in ("score", "not_score")
    )
    more = [{**one, "name": f"{one['name']}-again", "weekday": 4} for one in (flow, high, low)]
    brand: dict[str, Any] = {"score": weights, "journeys": [flow, high, low, *more]}
    if "monetary" in weights:
        brand |= {"programme": PROGRAMME, "offers": [{"name": "prize", "amount": 1.0}]}
    notes = noted(shop(**brand))
    of: dict[tuple[int, int], set[str]] = {}
    for pending in notes.asked:
        for row in range(len(pending)):
            name = pending.journey_names[pending.journey[row]].removesuffix("-again")
            score = 0.0
            if pending.orders[row]:
                age = pending.days_since_order[row]
                score += weights.get("recency", 0.0) * math.exp(-age / 4)
                score += weights.get("frequency", 0.0) * math.log(1 + pending.orders[row])
                paid = pending.spent_cents[row] / 100
                score += weights.get("monetary", 0.0) * math.log(1 + paid)
            if name != "letters":
                assert (score >= 3.5) == (name == "score")
            of.setdefault((int(pending.time_s[row]), int(pending.profile[row])), set()).add(name)
    assert {frozenset(names) for names in of.values()} == {
        frozenset(("letters", "score")), frozenset(("letters", "not_score")),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("split", "score", "said"),
    [
        ({"has": "score", "score": 5.0}, None, "nobody keeps a score: set brand.score"),
        ({"has": "score", "score": 5.0}, {"recency": 4.0}, "this branch is never taken"),
        ({"has": "not_score", "score": 5.0}, {"recency": 4.0}, "all take this branch"),
        ({"has": "score"}, {"recency": 4.0}, "of how much? write `score`"),
        ({"has": "order", "score": 5.0}, {"recency": 4.0}, "for `has: score` alone"),
        ({"has": "order"}, {"memory": "3d"}, "every score is 0"),
        ({"has": "score", "score": 3.0}, {"monetary": 1.0}, "nobody adds up what"),
    ],
)
def test_branches_that_can_not_be(split: Any, score: Any, said: str) -> None:
    steps = [{"split": split}, {"message": {"channels": ["email"], "shows": "generic"}}]
    flow = {"name": "letters", "trigger": "weekly", "sequence": ["email"], "steps": steps}
    with pytest.raises(ScenarioError) as caught:
        shop(score=score, journeys=[flow])
    assert said in str(caught.value)
