"""What a plan's journeys can't do: each rule fires on its fault, and on nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omnilab.brand.sharing import Sharing
from omnilab.experiment.linting.fixed import RULES, fixed_findings, reached
from omnilab.scenario.model import Journey, Scenario, Wiring
from omnilab.strategy import Plan
from tests.cli.laboratory import SHOP
from tests.scenario.samples import load_text

EMAIL = {"message": {"channels": ["email"]}}
DAY = {"delay": "1d"}


@pytest.fixture
def shop(tmp_path: Path) -> Scenario:
    return load_text(tmp_path, SHOP)


def journey(**more: Any) -> Journey:
    given = {"name": "mine", "trigger": "cart", "sequence": ["web", "email"],
             "steps": [EMAIL], "until": ["order"], **more}  # fmt: skip
    return Journey.model_validate(given, context={"currency": "EUR"})


def rules(shop: Scenario, plan: Plan | None = None, **more: Any) -> list[tuple[str, int]]:
    made = replace(plan or Plan(), journeys=(journey(**more),))
    return [(w.rule, w.step) for w in fixed_findings(made, shop)]


def test_a_sound_journey_has_no_finding(shop: Scenario) -> None:
    assert rules(shop) == []
    assert rules(shop, steps=[EMAIL, DAY, EMAIL]) == []


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"sequence": ["email"]}, [("never_starts", 0), ("stop_unseen", 0), ("after_purchase", 1)]),
        ({"trigger": "near"}, [("never_starts", 0)]),
        ({"steps": [EMAIL, {"exit": True}, EMAIL]}, [("never_reached", 3)]),
        ({"steps": [EMAIL, {"cohort": "0%"}, DAY, EMAIL]},
         [("never_reached", 3), ("never_reached", 4)]),
        ({"steps": [{"delay": "200d"}, EMAIL]}, [("too_late", 2)]),
        ({"steps": [DAY]}, [("no_message", 0)]),
        ({"until": [], "steps": [EMAIL, DAY, EMAIL]}, [("no_exit", 0), ("after_purchase", 1)]),
        ({"until": []}, [("after_purchase", 1)]),
        ({"until": [], "trigger": "order"}, []),
        ({"until": [], "steps": [{"message": {"channels": ["email"], "not_after_order": "3d"}}]},
         []),
        ({"until": [], "steps": [{"split": {"has": "no_order"}}, EMAIL]}, []),
        ({"until": ["visit"]}, [("after_purchase", 1)]),
        ({"steps": [{"split": {"has": "order"}}, {"cohort": "50%"},
                    {"split": {"has": "no_order"}}, EMAIL]}, [("never_passed", 3)]),
        ({"trigger": "once", "day": 50, "until": [], "steps": [{"delay": "45d"}, EMAIL]},
         [("too_late", 2)]),
    ],
)  # fmt: skip
def test_each_fault_is_found(shop: Scenario, more: dict[str, Any], found: list[Any]) -> None:
    bare = shop.model_copy(update={"brand": shop.brand.model_copy(update={"wiring": _apart(shop)})})
    assert rules(bare, **more) == found
    assert {rule for rule, _ in found} <= set(RULES)


def _apart(shop: Scenario) -> Any:
    from omnilab.scenario.wiring import wiring_of

    return wiring_of("tools_apart")


def test_what_is_shared_is_seen(shop: Scenario) -> None:
    bare = shop.model_copy(update={"brand": shop.brand.model_copy(update={"wiring": _apart(shop)})})
    shared = Plan(sharing=Sharing.every("all"))
    assert rules(bare, shared, sequence=["email"]) == []
    told = Plan(wiring=Wiring(teams=(("web", "email"),)))  # one team sees all that its silos see
    assert rules(bare, told, sequence=["email"]) == []


def test_a_journey_of_silent_silos_is_found(shop: Scenario) -> None:
    plan = Plan(silos=("email",))
    assert ("silent_silo", 0) not in rules(shop, plan)
    assert rules(shop, Plan(silos=("store",)))[0] == ("silent_silo", 0)


def test_a_step_behind_an_exit_is_reached_where_a_split_skips_it() -> None:
    split = {"split": {"has": "cart", "otherwise": "skip", "skip": 2}}
    assert reached(journey(steps=[split, EMAIL, {"exit": True}, EMAIL])) == {0, 1, 2, 3}
    assert reached(journey(steps=[EMAIL, {"exit": True}, EMAIL])) == {0, 1}


def test_sharing_of_customers_who_are_not_linked_is_found(shop: Scenario) -> None:
    alone = Plan(sharing=Sharing(stop="all", contact_policy="all", stock="all"))
    made = replace(alone, journeys=(journey(),))
    (found,) = [w for w in fixed_findings(made, shop) if w.rule == "unlinked"]
    assert str(found).startswith("sharing: sharing.stop, sharing.contact_policy: no effect while")
    for linked in (Sharing(), Sharing(stock="all"), Sharing(identity="handoff", stop="all")):
        assert "unlinked" not in [rule for rule, _ in rules(shop, Plan(sharing=linked))]
