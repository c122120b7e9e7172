"""Meet a control arm's published base rate by moving one parameter, and no other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OmnilabError
from omnilab.experiment.evidence.effects import EVERYBODY, Value
from omnilab.experiment.evidence.sample import take_sample
from omnilab.experiment.evidence.solving import solve
from omnilab.experiment.paths import changed_at, number_at

if TYPE_CHECKING:
    from omnilab.experiment.evidence.arms import ReadyArm
    from omnilab.experiment.evidence.model import Arm, BaseRate
    from omnilab.experiment.evidence.study import Study, World
    from omnilab.experiment.sweep.vary import Given
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.tree import Node

__all__ = ["MetRate", "jumps_over", "meet_arm", "meet_base_rate"]

#: A range whose ends are so far apart is looked at on the scale of logarithms.
_WIDE: Final = 10.0


@dataclass(frozen=True)
class MetRate:
    """How a base rate was met.

    Attributes
    ----------
    world, arm
        In which, and of which arm.
    outcome, published, simulated
        The arm's figure, and what came out; what the scenario has by itself is ``unmoved``.
    move, before, after
        The parameter, and its value before and after, as a file writes them.
    moved
        How far it went, as a share of the way to that end of its range: 0 (it stayed) to 1.
    steps
        Simulations that it took.
    """

    world: str
    arm: str
    outcome: str
    published: float
    unmoved: float
    simulated: float
    move: str
    before: str
    after: str
    moved: float
    steps: int


def meet_base_rate(
    study: Study, world: World, *, seed: int, say: Callable[[float], None] | None = None
) -> tuple[World, MetRate]:
    """Return the world in which the control arm has the published figure.

    Raises
    ------
    ScenarioError
        If no value in the range meets it, with the file's line.
    """
    rate = world.base_rate
    assert rate is not None
    node = study.rate_node(world.name)

    def at(given: Given | None) -> tuple[World, Sequence[ReadyArm]]:
        moved = world
        if given is not None:
            scenario = _moved(world.scenario, rate.move, given, node)
            moved = replace(world, scenario=scenario)
        return moved, [study.arm(study.control, moved.scenario)]

    met, given = _met(study, world, study.control.name, rate, node, at, seed, say)
    return at(given)[0], met


def meet_arm(
    study: Study, world: World, arm: Arm, *, seed: int,
    say: Callable[[float], None] | None = None,
) -> tuple[dict[str, Any], MetRate]:  # fmt: skip
    """Return the value by dotted key with which an arm has the published figure that it meets.

    Raises
    ------
    ScenarioError
        If no value in the range meets it, with the file's line.
    """
    rate = arm.meets
    assert rate is not None
    node = study.node("arms", arm.name, "meets")
    control = study.arm(study.control, world.scenario)

    def at(given: Given | None) -> tuple[World, Sequence[ReadyArm]]:
        changes = {} if given is None else {rate.move: given.value}
        try:
            return world, [control, study.arm(arm, world.scenario, changes)]
        except OmnilabError as error:
            text = "" if given is None else given.text
            raise node.error(f"{rate.move} can't be {text}: {error}", "meets.range") from None

    met, given = _met(study, world, arm.name, rate, node, at, seed, say)
    return {} if given is None else {rate.move: given.value}, met


def _met(
    study: Study, world: World, arm: str, rate: BaseRate, node: Node,
    at: Callable[[Given | None], tuple[World, Sequence[ReadyArm]]], seed: int,
    say: Callable[[float], None] | None,
) -> tuple[MetRate, Given | None]:  # fmt: skip
    """Return how an arm's figure is met, and the value that meets it.

    The same customers are simulated at each step, so chance does not move the answer about.
    """
    scenario = next(a for a in at(None)[1] if a.name == arm).scenario
    vary = study.vary(rate, node, scenario)
    if vary.low > 0 and vary.high / vary.low >= _WIDE:
        vary = replace(vary, log=True)
    value = Value(rate.outcome, arm, rate.group or EVERYBODY, world.name)
    steps = 0

    errors: list[float] = []  # standard error of each sample's figure, as a share of the published

    def simulated(given: Given | None) -> float:
        nonlocal steps
        steps += 1
        if say is not None:
            say(min(0.95, steps / 12))
        moved, arms = at(given)
        sample = take_sample(study, moved, arms, seed=seed)
        try:
            found = sample.value(value, sample.clusters(whole=False))
            errors.append(math.sqrt(float(found.by @ found.by)) / rate.published)
            return found.value
        except ZeroDivisionError as error:
            where = "" if given is None else f" at {rate.move} {given.text}"
            raise node.error(f"{arm} has no {rate.outcome}{where}: {error}", "base_rate") from None

    unmoved = simulated(None)
    tried: dict[float, float] = {}

    def miss(u: float) -> float:
        tried[u] = simulated(vary.at(u))
        return tried[u] / rate.published - 1.0

    now = number_at(scenario, rate.move)
    assert now is not None
    u = vary.place_of(now)
    start = (u, unmoved / rate.published - 1.0) if 0.0 <= u <= 1.0 else None
    met = solve(miss, rate.within, start)
    place = met.place
    if place is None:
        place = jumps_over(tried, rate.published, min(errors))
    if place is None:
        low, high = vary.ends()
        a, b = (rate.published * (1.0 + off) for off in met.nearest)
        raise node.error(
            f"no {rate.move} from {low.text} to {high.text} gives {arm} a {rate.outcome} of"
            f" {rate.published:.4g}: the nearest that were tried gave {a:.4g} and {b:.4g}; widen"
            " the range, if its source allows, or move another parameter", "base_rate",
        )  # fmt: skip

    def result(given: Given | None, simulated: float, moved: float) -> MetRate:
        before = vary.said(now)
        return MetRate(
            world.name, arm, rate.outcome, rate.published, unmoved, simulated, rate.move, before,
            before if given is None else given.text, moved, steps,
        )  # fmt: skip

    if place not in tried:  # where it was, nothing has to move
        return result(None, unmoved, 0.0), None
    given = vary.at(place)
    way = (1.0 if place > u else 0.0) - u
    return result(given, tried[place], min(1.0, abs((place - u) / way))), given


def jumps_over(tried: Mapping[float, float], published: float, error: float) -> float | None:
    """Return the place with the nearest figure, where figures jump over the published one.

    Few customers make a figure move in steps. A step that is within a standard error of the sample
    says no more of the parameter than the figure itself does, so the place counts as met.

    Parameters
    ----------
    tried
        Place -> figure.
    published
        The figure that is to be met, > 0.
    error
        Standard error of a figure, as a share of the published one.
    """
    off = {place: figure / published - 1.0 for place, figure in tried.items()}
    if not off or min(off.values()) > 0.0 or max(off.values()) < 0.0:
        return None
    nearest = min(off, key=lambda place: abs(off[place]))
    return nearest if abs(off[nearest]) <= error else None


def _moved(scenario: Scenario, key: str, given: Given, node: Node) -> Scenario:
    try:
        return changed_at(
            scenario, {key: given.value}, currency=scenario.currency, seconds=False
        )  # fmt: skip
    except OmnilabError as error:
        raise (node.get("range") or node).error(
            f"{key} can't be {given.text}: {error}", "base_rate.range"
        ) from None
