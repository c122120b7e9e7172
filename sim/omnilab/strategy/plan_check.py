"""Check a strategy's plan against the scenario that it is to run in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from pydantic import ValidationError

from omnilab.errors import StrategyError, nearest
from omnilab.parameters.quantity import format_duration
from omnilab.scenario.acts import ask_problem
from omnilab.scenario.branches import steps_problem
from omnilab.scenario.dates import journey_days_problem
from omnilab.scenario.leeway import best_quality, leeway_problems
from omnilab.scenario.model import MAX_JOURNEYS, Cap, Journey, Scenario, Wiring
from omnilab.scenario.part import SHOWN_WORDS, unknown_in, unknown_shown
from omnilab.scenario.places import near_problem
from omnilab.scenario.programme import step_problem
from omnilab.scenario.split_tests import arm_problem
from omnilab.scenario.themes import theme_problems
from omnilab.scenario.wiring import wiring_of, wiring_problem
from omnilab.strategy.money_check import money_problems
from omnilab.strategy.plan import Plan, Sharing

__all__ = ["Problem", "check_plan", "complete_plan", "plan_problems"]

Problem: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where in the plan, list items by number and journeys by name, and what is wrong there."""


def check_plan(plan: object, scenario: Scenario, *, strategy: str = "plan") -> Plan:
    """Return a complete plan, or say what is wrong with it.

    Parameters
    ----------
    plan
        What the strategy's ``plan`` returned.
    scenario
        The scenario that it is to run in.
    strategy
        The plug-in as the user named it, for the error.

    Returns
    -------
    Plan
        With the scenario's cap and silo map where the plan names none.

    Raises
    ------
    StrategyError
        If it is not a plan, names what the scenario doesn't have, raises the cap, or makes its
        messages more appealing than the scenario's own.
    """
    if not isinstance(plan, Plan):
        message = f"returned {type(plan).__name__}, not a Plan"
        raise StrategyError(message, strategy=strategy, hook="plan")
    for path, message in plan_problems(plan, scenario):
        raise StrategyError(f"{_dotted(path)}: {message}", strategy=strategy, hook="plan")
    return complete_plan(plan, scenario)


def complete_plan(plan: Plan, scenario: Scenario) -> Plan:
    """Return a plan without problems in its one form."""
    return replace(
        plan,
        journeys=tuple(_rebuilt(journey) for journey in plan.journeys),
        cap=plan.cap or scenario.brand.cap,
        silos=None if plan.silos is None else tuple(plan.silos),
        budgets=tuple(plan.budgets),
        bids=dict(plan.bids),
        wiring=scenario.brand.wiring if plan.wiring is None else wiring_of(plan.wiring),
    )


def plan_problems(plan: Plan, scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with a plan, in the order of its fields."""
    if not isinstance(plan.sharing, Sharing):
        yield ("sharing",), f"is {type(plan.sharing).__name__}, not Sharing"
    yield from _journey_problems(plan.journeys, scenario)
    yield from _cap_problems(plan.cap, scenario.brand.cap)
    if plan.silos is not None:
        yield from _silo_problems(plan.silos, scenario)
    if not isinstance(plan.paid, bool):
        yield ("paid",), f"is {plan.paid!r}, not True or False"
    yield from _wiring_problems(plan.wiring, scenario)
    yield from money_problems(plan, scenario)


def _journey_problems(journeys: object, scenario: Scenario) -> Iterator[Problem]:
    if not isinstance(journeys, tuple | list):
        yield ("journeys",), f"is {type(journeys).__name__}, not a tuple of Journey"
        return
    if len(journeys) > MAX_JOURNEYS:
        yield ("journeys",), f"at most {MAX_JOURNEYS} journeys, the plan has {len(journeys)}"
    seen: set[str] = set()
    for number, journey in enumerate(journeys):
        if not isinstance(journey, Journey):
            yield ("journeys", number), f"is {type(journey).__name__}, not a Journey"
            continue
        if journey.name in seen:
            yield ("journeys", journey.name), "a second journey of this name"
        seen.add(journey.name)
        try:
            rebuilt = _rebuilt(journey)
        except ValidationError as invalid:
            first = invalid.errors(include_url=False)[0]
            message = " ".join(str(first["msg"]).removeprefix("Value error, ").split())
            yield ("journeys", journey.name, *first["loc"]), message
        else:
            yield from _name_problems(rebuilt, scenario)


def _rebuilt(journey: Journey) -> Journey:
    """Return a journey validated anew: `model_copy(update=...)` takes anything."""
    return Journey.model_validate(journey.model_dump(warnings=False))


def _name_problems(journey: Journey, scenario: Scenario) -> Iterator[Problem]:
    """Yield what a journey names that isn't there, and messages above the scenario's quality."""
    channels = [c.name for c in scenario.channels]
    writing = [c.name for c in scenario.channels if c.message]
    here = ("journeys", journey.name)
    for silo in journey.sequence:
        if silo not in scenario.silos:
            yield (*here, "sequence"), _unknown_silo(silo, scenario)
    near = near_problem(
        journey.trigger, journey.near, scenario.places, scenario.channels, scenario.world.places
    )
    if near is not None:
        yield (*here, *near[0]), near[1]
    if never := steps_problem(journey, scenario.channels):
        yield (*here, *never[0]), never[1]
    if missing := step_problem(journey, scenario):
        yield (*here, *missing[0]), missing[1]
    if wrong_days := journey_days_problem(scenario.time, journey):
        yield (*here, wrong_days[0]), wrong_days[1]
    if wrong_arm := arm_problem(journey, scenario.brand.tests):
        yield (*here, *wrong_arm[0]), wrong_arm[1]
    offers = [offer.name for offer in scenario.brand.offers]
    for where, wrong in theme_problems(journey, scenario.brand.themes):
        yield (*here, *where), wrong
    for where, wrong in leeway_problems(journey, scenario):
        yield (*here, *where), wrong
    for number, step in enumerate(journey.steps):
        if step.message is None:
            continue
        if step.message.gives is not None and step.message.gives not in offers:
            place = (*here, "steps", number, "message", "gives")
            yield (
                place,
                f"unknown offer {step.message.gives!r}{nearest(step.message.gives, offers)}",
            )
        for name in step.message.channels:
            place = (*here, "steps", number, "message", "channels")
            if name not in channels:
                yield place, f"unknown channel {name!r}{nearest(name, writing)}"
            elif name not in writing:
                yield place, f"no message can be sent over channel {name!r}"
        if wrong := ask_problem(step.message, scenario.channels):
            yield (*here, "steps", number, "message", "asks"), wrong
        names = [c.name for c in scenario.categories]
        if wrong := unknown_in(step.message.shows, names):
            place = (*here, "steps", number, "message", "shows")
            several = not isinstance(step.message.shows, str)
            yield place, unknown_shown(wrong, names if several else (*SHOWN_WORDS, *names))
        limit = best_quality(scenario, step.message.shows)
        if step.message.quality > limit:
            message = (
                f"{step.message.quality:g} is above {limit:g}, the best of the scenario's own"
                f" messages that show {step.message.shows!r}"
            )
            yield (*here, "steps", number, "message", "quality"), message


def _cap_problems(cap: object, limit: Cap | None) -> Iterator[Problem]:
    if cap is None:
        return
    if not isinstance(cap, Cap):
        yield ("cap",), f"is {type(cap).__name__}, not a Cap"
        return
    try:
        Cap.model_validate(cap.model_dump(warnings=False))
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        yield ("cap", *first["loc"]), str(first["msg"])
        return
    if limit is None:
        return
    # The most sends that `cap` lets through in any of the scenario's periods.
    most = cap.messages * -(-limit.per // cap.per)
    if most > limit.messages:
        message = (
            f"{_written(cap)} lets {most} messages through in {format_duration(limit.per)}, the"
            f" scenario's cap is {_written(limit)}; a plan may lower the cap, not raise it"
        )
        yield ("cap",), message


def _written(cap: Cap) -> str:
    return f"{cap.messages} per {format_duration(cap.per)}"


def _silo_problems(silos: object, scenario: Scenario) -> Iterator[Problem]:
    if isinstance(silos, str) or not isinstance(silos, Iterable):
        yield ("silos",), f"is {type(silos).__name__}, not a tuple of names"
        return
    names = list(silos)
    for silo in names:
        if silo not in scenario.silos:
            yield ("silos",), _unknown_silo(silo, scenario)
    if len(set(map(str, names))) < len(names):
        yield ("silos",), "names a silo twice"


def _wiring_problems(wiring: object, scenario: Scenario) -> Iterator[Problem]:
    if wiring is None:
        return
    if not isinstance(wiring, str | Wiring):
        yield ("wiring",), f"is {type(wiring).__name__}, not a Wiring or the name of a silo map"
        return
    try:
        problem = wiring_problem(wiring_of(wiring), scenario)
    except ValueError as error:
        yield ("wiring",), str(error)
        return
    if problem is not None:
        where, message = problem
        yield ("wiring", *where), message


def _unknown_silo(name: object, scenario: Scenario) -> str:
    for channel in scenario.channels:
        if channel.name == name:
            return f"unknown silo {name!r}; channel {name!r} is in silo {channel.silo!r}"
    hint = nearest(str(name), scenario.silos) or f"; there are {', '.join(scenario.silos)}"
    return f"unknown silo {name!r}{hint}"


def _dotted(path: tuple[str | int, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
