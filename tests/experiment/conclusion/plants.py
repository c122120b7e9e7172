"""Strategies for checks of conclusions: an honest one, and one with each fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omnilab.experiment.conclusion.declared import Claim, Loader, Study
from omnilab.experiment.conclusion.terms import parse_greater
from omnilab.scenario.model import Scenario
from omnilab.strategy.decisions import Choices, Decisions
from omnilab.strategy.loading import LoadedStrategy, load_strategy, loaded_object
from omnilab.strategy.plan import Plan
from omnilab.strategy.protocol import Brand
from tests.verification.worlds import world

CLAIM = "messages_per_customer(tried) > messages_per_customer(rival)"


class Planned:
    """Takes the journeys for which ``takes(brand, journey)`` is true."""

    def __init__(self, name: str, takes: Callable[[Brand, Any], bool]) -> None:
        self.name, self.takes = name, takes

    def plan(self, brand: Brand) -> Plan:
        plan = load_plan(brand)
        return replace(plan, journeys=tuple(j for j in brand.journeys if self.takes(brand, j)))


def load_plan(brand: Brand) -> Plan:
    from omnilab.strategy.plan import Sharing

    return Plan(sharing=Sharing.every("all"), journeys=brand.journeys)


class Decided(Planned):
    """Sends the rows that ``sends(pending)`` picks."""

    def __init__(self, name: str, sends: Callable[[Decisions], Any]) -> None:
        super().__init__(name, lambda _brand, _journey: True)
        self.sends = sends

    def decide(self, pending: Decisions) -> Choices:
        return Choices(send=self.sends(pending))


def named(name: str, strategy: str) -> Loader:
    """Return what loads a built-in strategy under another name."""

    def load(scenario: Scenario) -> LoadedStrategy:
        return replace(load_strategy(strategy, scenario), name=name)

    return load


def made(make: Callable[[Scenario], Any]) -> Loader:
    """Return what makes an object anew for each run."""
    return lambda scenario: loaded_object(make(scenario), scenario)


def claim(text: str = CLAIM) -> Claim:
    term, bound, below = parse_greater(text, ("tried", "rival"))
    return Claim(text, "greater", term, bound, direction="down" if below else "up")


def study(
    tried: Loader, rival: Loader | None = None, *, text: str = CLAIM, customers: int = 30,
    **more: Any,
) -> Study:  # fmt: skip
    """Return the study of one claim in the small world."""
    scenario = world(population={"customers": customers})
    return Study(
        path="study.yaml", scenarios=(scenario,), claims=(claim(text),),
        strategies={"tried": tried, "rival": rival or named("rival", "no_contact")},
        **{"exact": 20, "seeds": 2, **more},
    )  # fmt: skip
