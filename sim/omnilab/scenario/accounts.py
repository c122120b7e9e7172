"""What accounts need of the population: households of several persons, who are there all along."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["accounts_problem"]

Problem = tuple[tuple[str | int, ...], str] | None


def accounts_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong, or None.

    Parameters
    ----------
    scenario
        All of it.
    """
    part, population = scenario.world.accounts, scenario.population
    if part.share == 0:
        return None
    sizes = population.household_sizes
    largest = max(size for size, share in enumerate(sizes, 1) if share > 0)
    if largest < 2:
        return ("world", "accounts", "share"), (
            "an account is a household of two or more, and all persons live alone: set"
            " population.household_sizes, such as [0%, 50%, 50%]"
        )
    if part.deciders > largest:
        return ("world", "accounts", "deciders"), (
            f"{part.deciders} deciders, and the largest household has {largest} persons"
            f" (population.household_sizes): write at most {largest}"
        )
    if population.entry is not None:
        return ("world", "accounts", "share"), (
            "the members of a cohort enter with an order each, and an account orders as one: leave"
            " out population.entry"
        )
    return None
