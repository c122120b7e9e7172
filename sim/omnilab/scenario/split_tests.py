"""Split tests: arms that exclude each other, and the steps that belong to one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from omnilab.brand.limits import MOST_ARMS
from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Name, Share
from omnilab.scenario.part import Frozen, adds_up

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Journey
    from omnilab.scenario.model import Scenario

__all__ = ["Arm", "SplitTest", "arm_problem", "tests_problem", "untested"]

Problem = tuple[tuple[str | int, ...], str] | None


class SplitTest(Frozen):
    """A test (A/B) whose arms exclude each other; steps of journeys name the arm they belong to."""

    name: Name = key(..., "Name of the test.")
    by: Literal["profile", "address"] = key(
        "profile",
        "Whose draw decides: the profile's, by its first-seen identifier, as tools do that know "
        "contacts; or the address's that the test's messages would go to, as tools do that know "
        "addresses and cookies. Two profiles, or two addresses, of one person may fall into two "
        "arms.",
        kind="A",
    )
    arms: Annotated[dict[Name, Share], Field(min_length=2, max_length=MOST_ARMS)] = key(
        ...,
        "The arms with their shares, which add up to 1. The first is what the others are compared "
        "with. An arm that no step names gets nothing.",
    )

    @model_validator(mode="after")
    def _is_divided(self) -> Self:
        for name, share in self.arms.items():
            if share == 0.0:
                raise ValueError(f"arms: the share of {name} is 0: leave it out")
        adds_up(list(self.arms.values()), "arms: the shares")
        return self


class Arm(Frozen):
    """Of which arm a step is."""

    test: Name = key(..., "A test of `brand.tests`.")
    name: Name = key(..., "One of its arms: whoever fell into another passes the step over.")


def arm_problem(journey: Journey, tests: Sequence[SplitTest]) -> Problem:
    """Return the place and the sentence of a step's arm that is not there, or None.

    Parameters
    ----------
    journey
        One of the scenario's, or of a plan's.
    tests
        Of the scenario.
    """
    arms = {test.name: test.arms for test in tests}
    for k, step in enumerate(journey.steps):
        if step.arm is None:
            continue
        if step.arm.test not in arms:
            more = nearest(step.arm.test, list(arms)) if arms else ": brand.tests is empty"
            return ("steps", k, "arm", "test"), f"unknown test {step.arm.test!r}{more}"
        names = list(arms[step.arm.test])
        if step.arm.name not in names:
            more = nearest(step.arm.name, names) or f"; there are {', '.join(names)}"
            return ("steps", k, "arm", "name"), (
                f"{step.arm.test} has no arm {step.arm.name!r}{more}"
            )
    return None


def tests_problem(scenario: Scenario) -> Problem:
    """Return the place in ``brand`` and the sentence of what is wrong with tests, or None."""
    names = [test.name for test in scenario.brand.tests]
    for n, name in enumerate(names):
        if name in names[:n]:
            return ("tests", n, "name"), f"a second test of the name {name!r}"
    for n, journey in enumerate(scenario.brand.journeys):
        if found := arm_problem(journey, scenario.brand.tests):
            return ("journeys", n, *found[0]), found[1]
    return None


def untested(scenario: Scenario) -> Iterator[int]:
    """Yield the numbers of tests that no journey has a step of."""
    used = {s.arm.test for j in scenario.brand.journeys for s in j.steps if s.arm is not None}
    for n, test in enumerate(scenario.brand.tests):
        if test.name not in used:
            yield n
