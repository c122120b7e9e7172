"""What is known at a branch, against all that a profile can be.

The naive model is a profile with a tier, an amount, a score and answers at random, which walks the
journey by its own facts. A step that any such profile gets to has to be among those reached.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from omnilab.scenario.effect.known import contradicts, walk
from omnilab.scenario.model import Journey, Split

TIERS = ("silver", "gold", "black")
MAIL = {"message": {"channels": ["email"]}}


def split(has: str, **more: Any) -> dict[str, Any]:
    return {"split": {"has": has, **more}}


def journey(*steps: dict[str, Any]) -> Journey:
    given = {"name": "mine", "trigger": "cart", "sequence": ["email"], "steps": list(steps)}
    return Journey.model_validate(given, context={"currency": "EUR"})


@pytest.mark.parametrize(
    ("before", "then", "never"),
    [
        (split("tier", tier="gold"), split("not_tier", tier="silver"), True),
        (split("tier", tier="gold"), split("not_tier", tier="gold"), True),
        (split("tier", tier="gold"), split("not_tier", tier="black"), False),
        (split("tier", tier="gold"), split("not_tier"), True),
        (split("tier"), split("not_tier", tier="silver"), True),
        (split("tier"), split("not_tier", tier="gold"), False),
        (split("not_tier", tier="silver"), split("tier", tier="gold"), True),
        (split("not_tier", tier="gold"), split("tier", tier="silver"), False),
        (split("value", at_least=50), split("not_value", at_least=20), True),
        (split("not_value", at_least=50), split("value", at_least=20), False),
        (split("score", score=5), split("not_score", score=5), True),
        (split("answered", within="7d"), split("not_answered", within="30d"), True),
        (split("answered", within="30d"), split("not_answered", within="7d"), False),
        (split("no_order"), split("order"), True),
        (split("order"), split("cart"), False),
    ],
    ids=str,
)
def test_which_branches_contradict(before: Any, then: Any, never: bool) -> None:
    one, other = (Split.model_validate(s["split"], context={"currency": "EUR"})
                  for s in (before, then))  # fmt: skip
    assert contradicts(one, other, TIERS) is never
    walked = walk(journey(before, {"cohort": 0.5}, then, MAIL), TIERS)
    assert (2 in walked.blocked) is never
    assert (3 in walked.reached) is not never


def test_who_failed_a_branch_is_known_too() -> None:
    """Who skips the gift is not silver, so it is not gold; who does not skip it leaves."""
    steps = (
        split("tier", tier="silver", otherwise="skip", skip=2), MAIL, {"exit": True},
        split("tier", tier="gold"), MAIL,
    )  # fmt: skip
    walked = walk(journey(*steps), TIERS)
    assert walked.reached == {0, 1, 2, 3}
    assert str(walked.blocked[3]) == "has failed `tier silver` (step 1)"


def test_what_a_wait_and_a_message_let_one_forget() -> None:
    gold, less = split("tier", tier="gold"), split("not_tier", tier="gold")
    assert walk(journey(gold, less, MAIL), TIERS).blocked
    for between in ({"delay": "1d"}, {"wait_for": {"event": "click", "up_to": "1d"}}, MAIL):
        assert walk(journey(gold, between, less, MAIL), TIERS).blocked == {}
    bought, never = split("order"), split("no_order")
    assert walk(journey(bought, {"delay": "1d"}, never, MAIL)).blocked
    assert walk(journey(never, {"delay": "1d"}, bought, MAIL)).blocked == {}
    assert walk(journey(bought, MAIL, never, MAIL)).blocked == {}  # another team may look then


def test_arms_exclude_each_other() -> None:
    a, b = ({"arm": {"test": "words", "name": name}} for name in "ab")
    first, then = split("cart"), split("order")
    walked = walk(journey({**first, **a}, {**split("no_order"), **a}, {**then, **b}, MAIL))
    assert walked.blocked == {}
    walked = walk(journey({**split("no_order"), **a}, {**then, **a}, MAIL))
    assert 1 in walked.blocked
    assert 2 in walked.reached  # by the other arm


def test_all_that_some_profile_gets_to_is_reached() -> None:
    asked = [
        split("tier", tier="silver", otherwise="skip"), split("not_tier", tier="gold"),
        split("tier", tier="black", otherwise="skip", skip=2), split("not_tier"), MAIL,
    ]  # fmt: skip
    choices = (asked[0], asked[1], asked[2], asked[3], {"exit": True})
    blocked = 0
    for steps in product(choices, repeat=4):
        flow = journey(*steps, MAIL)
        walked = walk(flow, TIERS)
        got_to: set[int] = set()
        passed: set[int] = set()
        for rank in range(-1, 3):
            k = 0
            while k < 5:
                got_to.add(k)
                step = flow.steps[k]
                if step.exit:
                    break
                if step.split is not None:
                    level = TIERS.index(step.split.tier) if step.split.tier else 0
                    if (rank >= level) == (step.split.has == "tier"):
                        passed.add(k)
                    elif step.split.otherwise == "exit":
                        break
                    else:
                        k += step.split.skip
                k += 1
        assert walked.reached == got_to
        branches = {k for k in got_to if flow.steps[k].split}
        assert set(walked.blocked) == branches - passed
        blocked += bool(walked.blocked)
    assert blocked > 50
