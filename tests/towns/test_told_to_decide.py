"""What `decide` is told of the programme and of split tests, against naive models of the log."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError, StrategyError
from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing
from omnilab.strategy.apart import _columns
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.testing import sample_decisions
from tests.verification.worlds import digests, run, world

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
    if "programme" in brand:  # written to nobody: nobody is surveyed
        promises = [{"message": {"channels": ["email"], "promises": target["name"]}}
                    for target in brand["programme"]["targets"]]  # fmt: skip
        brand["journeys"] = [
            *brand.get("journeys", [flow, {**flow, "name": "more", "weekday": 4}]),
            {"name": "promises", "trigger": "bad_survey", "sequence": ["email"], "steps": promises},
        ]
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
    {"recency": 8.0, "memory": "4d"}, {"frequency": 5.0}, {"monetary": 1.5},
    {"recency": 4.0, "memory": "4d", "frequency": 3.0},
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


class Scores(Notes):
    """It gives scores by the message alone, and none to some."""

    name = "scores"

    def __init__(self, context: str = "all") -> None:
        super().__init__()
        self.context = context

    def plan(self, brand: Brand) -> Plan:
        return Plan(replace(Sharing.every("all"), context=self.context), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        self.asked.append(pending)
        score = np.where(pending.message_id % 5 < 4, pending.message_id % 5, -1.0)
        letters = pending.journey == 0
        return Choices(pending.message_id % 3 > 0, score=np.where(letters, score, -1.0))


def by_score(context: str, **weights: Any) -> tuple[Scores, Any]:
    """Return what a strategy was asked that gives scores at letters, and how it was run."""
    steps = [{"message": {"channels": ["email"], "shows": "generic"}}]
    texts = [{"message": {"channels": ["sms"], "shows": "generic"}}]
    split = {"split": {"has": "score", "score": 2.0}}
    flows = [
        {"name": name, "trigger": "weekly", "weekday": day, "sequence": [silo], "steps": steps_}
        for name, day, silo, steps_ in (
            ("letters", 0, "email", steps), ("texts", 2, "sms", texts),
            ("high", 4, "email", [split, *steps]), ("all", 4, "email", steps),
        )
    ]  # fmt: skip
    scenario = world(
        population={"customers": 8, "household_sizes": [1.0], "households_per_cell": 1,
                    "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": 0, "window": "40d", "run_out": 0},
        categories=[{"name": "beans", "every": "3d", "spend": {"mean": 12.0}}],
        channels=["web", {"preset": "email", "message": SIDE}, {"preset": "sms", "message": SIDE}],
        world={"identifiers": {"typo": 0.0, "oracle": True}, "intent": {"threshold": -1.0}},
        brand={"journeys": flows, "cap": None, "loyalty": {"card": 0},
               "wiring": "tools_apart", "score": {"decided": True, **weights}},
    )  # fmt: skip
    scores = Scores(context)
    loaded = LoadedStrategy("scores", scores.plan(scenario.brand), scores, "", True, True)
    result = run(scenario, [loaded], engine="simpy", pilot=2, keep=False)
    assert not result.failures
    return scores, (scenario, loaded, result)


@pytest.mark.parametrize("context", ["all", "silo"])
@pytest.mark.parametrize("weights", [{}, {"frequency": 2.0}], ids=str)
def test_a_score_that_a_strategy_gives_drives_branches_where_its_team_sees_it(
    context: str, weights: dict[str, float]
) -> None:
    scores, _ = by_score(context, **weights)
    given: dict[int, float] = {}
    high: dict[tuple[int, int], bool] = {}
    passed: set[tuple[int, int]] = set()
    elsewhere = 0  # texts to who had got a score from the mail tool
    for pending in sorted(scores.asked, key=lambda p: (int(p.time_s[0]), int(p.journey[0]))):
        assert pending.keeps_scores
        for row in range(len(pending)):
            who, t = int(pending.profile[row]), int(pending.time_s[row])
            journey, score = pending.journey_names[pending.journey[row]], pending.score[row]
            bought = weights.get("frequency", 0.0) * math.log(1 + pending.orders[row])
            if journey == "texts" and context == "silo":
                assert score == pytest.approx(bought)  # the text tool is told of no score
            else:
                assert score == pytest.approx(given.get(who, bought))
            elsewhere += journey == "texts" and given.get(who, bought) != bought
            if journey == "high":
                passed.add((t, who))
            elif journey == "all":
                high[t, who] = score >= 2.0
            elif journey == "letters" and pending.message_id[row] % 5 < 4:
                given[who] = float(pending.message_id[row] % 5)
    assert passed == {at for at, is_high in high.items() if is_high}
    assert len(passed) not in (0, len(high))
    assert len(given) > 3
    assert elsewhere > 3


def test_the_other_strategies_and_engines_are_as_they_were() -> None:
    _, (scenario, loaded, alone) = by_score("all")
    other = load_strategy("omnichannel", scenario)
    both = run(scenario, [other, loaded], engine="compiled", pilot=2, keep=False)
    assert digests(both)["scores"] == digests(alone)["scores"]
    told = scenario.changed({"brand": {"score": {"decided": False, "frequency": 0.5}}})
    before = run(told, [other], engine="compiled", pilot=2, keep=False)
    assert digests(before)["omnichannel"] == digests(both)["omnichannel"]


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (np.nan, "score is NaN in row 3 (journey"),
        (np.inf, "score is inf in row 3"),
        (-0.5, "a score is 0 to 100000, the nearest is 0, and -1 leaves the score as it is"),
        (2e5, "score is 200000 in row 3"),
        ("high", "give a number, or -1"),
    ],
)
def test_what_is_no_score_is_an_error(score: Any, said: str) -> None:
    scenario = shop(score={"decided": True})
    pending = sample_decisions(scenario, load_strategy("omnichannel", scenario).plan)
    column: Any = np.full(len(pending), 1.0, dtype=object if isinstance(score, str) else float)
    column[3] = score
    with pytest.raises(StrategyError) as caught:
        validate_choices(
            Choices(np.ones(len(pending), np.bool_), score=column), pending, strategy="x", time_s=0
        )
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_brand_that_keeps_no_scores_of_strategies_says_so() -> None:
    scenario = shop(score={"recency": 1.0})
    pending = sample_decisions(scenario, load_strategy("omnichannel", scenario).plan)
    nothing = Choices(np.ones(len(pending), np.bool_), score=np.full(len(pending), -1.0))
    assert validate_choices(nothing, pending, strategy="x", time_s=0)
    some = replace(nothing, score=np.arange(len(pending)) - 1.0)
    with pytest.raises(StrategyError, match=r"in row 1 .*write `decided: true` under brand\.score"):
        validate_choices(some, pending, strategy="x", time_s=0)


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
