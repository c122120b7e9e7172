"""From split tests and their arms to the arrays that kernels read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from omnilab.brand.arms import BY_ADDRESS, LoweredTest
from omnilab.kernels.record import record_array

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Journey
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.split_tests import SplitTest
    from omnilab.strategy.plan import Plan

__all__ = ["lower_arm", "lower_tests"]


def lower_tests(plan: Plan, scenario: Scenario) -> Any:
    """Return the scenario's tests, with the channels that the plan's messages of each use."""
    channels = [c.name for c in scenario.channels]
    lowered = record_array(LoweredTest, len(scenario.brand.tests))
    for to, test in zip(lowered, scenario.brand.tests, strict=True):
        to.by = BY_ADDRESS if test.by == "address" else 0
        to.n = len(test.arms)
        to.upto[: to.n] = list(accumulate(test.arms.values()))
        used = dict.fromkeys(
            channels.index(name)
            for journey in plan.journeys
            for step in journey.steps
            if step.message and step.arm and step.arm.test == test.name
            for name in step.message.channels
        )
        line = list(used)[: len(to.channels)]
        to.n_channels = len(line)
        to.channels[: len(line)] = line
    return lowered


def lower_arm(steps: Any, journey: Journey, tests: Sequence[SplitTest]) -> None:
    """Write the tests and arms of a journey's steps."""
    names = [test.name for test in tests]
    for to, step in zip(steps, journey.steps, strict=False):
        if step.arm is not None:
            n = names.index(step.arm.test)
            to.test, to.arm = n + 1, list(tests[n].arms).index(step.arm.name)
