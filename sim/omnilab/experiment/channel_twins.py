"""A strategy without one channel: what the channel truly brings, on the same customers.

The messages that would go over the channel do not: the next channel of their cascade has its turn.
A message with no other channel is not there, and a journey without messages neither. Of a channel
with paid search no clicks are bought. All draws are as before, since a message's chance goes by
channel, time and content and not by its place in a plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omnilab.errors import OptionError, nearest
from omnilab.scenario.journeys import Step
from omnilab.strategy.loading import LoadedStrategy, check_plan

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Journey
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.plan import Plan

__all__ = ["channels_in_use", "chosen_channels", "without_channel"]


def channels_in_use(plan: Plan, scenario: Scenario) -> tuple[str, ...]:
    """Return the channels that a plan writes over, and that of paid search where it buys clicks."""
    silos = scenario.silos if plan.silos is None else plan.silos
    named = {
        name
        for journey in plan.journeys
        for step in journey.steps
        if step.message is not None
        for name in step.message.channels
    }
    return tuple(
        c.name
        for c in scenario.channels
        if c.silo in silos and (c.name in named or (c.search is not None and plan.paid))
    )


def chosen_channels(
    strategy: LoadedStrategy, scenario: Scenario, asked: tuple[str, ...] = (),
    option: str = "--channel",
) -> tuple[str, ...]:  # fmt: skip
    """Return the channels of a strategy to try without: those asked for, or all.

    Raises
    ------
    OptionError
        If the strategy uses none, or not one that is asked for.
    """
    used = channels_in_use(strategy.plan, scenario)
    if not used:
        raise OptionError(
            f"{strategy.name} sends no message and buys no click in {scenario.id}: there is no "
            "channel to credit; name a strategy that does, such as omnichannel"
        )
    for name in asked:
        if name not in used:
            why = "there is no channel"
            if any(c.name == name for c in scenario.channels):
                why = f"{strategy.name} sends nothing and buys nothing over"
            hint = nearest(name, used) or f"; it uses {', '.join(used)}"
            raise OptionError(f"{option}: {why} {name!r}{hint}")
    return tuple(name for name in used if name in asked) if asked else used


def without_channel(strategy: LoadedStrategy, scenario: Scenario, channel: str) -> LoadedStrategy:
    """Return a strategy that does not use one channel, under a name that says so."""
    name = f"{strategy.name} without {channel}"
    searches = any(c.name == channel and c.search is not None for c in scenario.channels)
    plan = replace(
        strategy.plan,
        journeys=tuple(
            kept for j in strategy.plan.journeys if (kept := _without(j, channel)) is not None
        ),
        paid=strategy.plan.paid and not searches,
    )
    return replace(strategy, name=name, plan=check_plan(plan, scenario, strategy=name))


def _without(journey: Journey, channel: str) -> Journey | None:
    """Return a journey without a channel, None where no message is left."""
    steps = tuple(_step_without(step, channel) for step in journey.steps)
    if not any(step.message for step in steps):
        return None
    return journey.model_copy(update={"steps": steps})


def _step_without(step: Step, channel: str) -> Step:
    if step.message is None or channel not in step.message.channels:
        return step
    left = tuple(name for name in step.message.channels if name != channel)
    if not left:
        # A cohort of all lets everybody go on: steps that a split skips are counted as before.
        return Step(cohort=1.0)
    message = step.message.model_copy(update={"channels": left})
    return step.model_copy(update={"message": message})
