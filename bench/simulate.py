"""Run one strategy on one core, as the simulation benchmarks do."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from omnilab.experiment.compare import Comparison, compare
from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy

__all__ = ["Case", "prepare"]


class Case(NamedTuple):
    """A scenario of some size and the strategy that is run in it."""

    scenario: Scenario
    strategy: str

    def run(self, engine: str, *, keep_events: bool = False) -> Comparison:
        """Return the result of the whole way from scenario to measures."""
        loaded = load_strategy(self.strategy, self.scenario)
        return compare(self.scenario, [loaded], engine=engine, keep_events=keep_events)

    def of_size(self, customers: int) -> Case:
        """Return the same with another number of customers."""
        return self._replace(scenario=self.scenario.with_customers(customers))


def prepare(scenario: str | Path, strategy: str, customers: int) -> Case:
    """Load a scenario and compile what runs it, on customers too few to take time."""
    case = Case(load_scenario(scenario), strategy)
    case.of_size(50).run("compiled")
    case.of_size(50).run("simpy")
    return case.of_size(customers)
