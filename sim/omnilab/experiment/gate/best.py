"""Look for better settings of a strategy's plan, under guardrails, and check the best afresh.

A search flatters what it finds: the best of many looks better than it is. So the search has its
customers and the verdict has others. Settings are spread over the ranges by a Latin hypercube.
All run on a few customers; the better quarter, and the shipped settings, run on all of them; the
best of these meets the shipped settings once more under a seed that no search has seen, and only
that last paired interval says whether it is better.

References
----------
Jamieson, K. and Talwalkar, A. (2016). Non-stochastic best arm identification and hyperparameter
optimization. AISTATS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OmnilabError, OptionError
from omnilab.experiment.compare import compare
from omnilab.experiment.gate.decide import decide
from omnilab.experiment.gate.running import Checked, check_gate
from omnilab.experiment.paths import changed_plan, number_at, value_of
from omnilab.experiment.sweep.design import spread
from omnilab.strategy.declared import DeclaredStrategy
from omnilab.strategy.loading import check_plan

if TYPE_CHECKING:
    from omnilab.experiment.gate.declared import Gate
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.request import Say
    from omnilab.experiment.sweep.vary import Vary
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Optimum", "Tried", "optimize"]

_FIRST: Final = 4  # the first round has a fourth of the customers, and keeps a fourth
_SEEDS: Final = 2_000_000_000  # from the seed to the fresh one, far from replications


@dataclass(frozen=True)
class Tried:
    """One set of settings.

    Attributes
    ----------
    name
        As a strategy; "" where it could not be tried.
    settings
        Path -> value, as a reader sees it.
    gain
        The goal's measure less that of the shipped settings in the last round it was in, in the
        good direction; None where it could not be tried.
    rounds
        How many of the search's two rounds it was in.
    breaks
        Guardrails whose bound the estimate is beyond.
    refused
        Why it could not be tried.
    """

    name: str
    settings: dict[str, str]
    gain: float | None = None
    rounds: int = 0
    breaks: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class Optimum:
    """What a search found.

    Attributes
    ----------
    strategy
        Name of the one whose plan was varied.
    tried
        All settings, the best first.
    best
        The winner; None where the search found nothing better.
    checked
        The winner against the shipped settings on fresh customers.
    """

    strategy: str
    tried: tuple[Tried, ...]
    best: Tried | None
    checked: Checked | None

    @property
    def is_better(self) -> bool:
        """Whether the winner is better than the shipped settings, by the fresh interval."""
        return self.checked is not None and self.checked.verdict.may_ship


def optimize(
    gate: Gate, scenario: Scenario, strategy: LoadedStrategy, varies: Sequence[Vary], *,
    points: int = 16, seed: int = 1, engine: str = "auto", threads: int = 1,
    assumptions: Sequence[Assumption] = (), worlds: WorldSet | None = None,
    progress: Say | None = None,
) -> Optimum:  # fmt: skip
    """Look for settings of a plan that do better by a gate's goal, under its guardrails.

    Parameters
    ----------
    gate
        From `read_gate`. A guardrail on the share harmed, or on worlds, is held against the winner
        alone.
    scenario
        With the customers of the last rounds.
    strategy
        Whose plan is varied.
    varies
        Keys of the plan, such as ``cap.messages``, with their ranges or lists.
    points
        How many settings are tried, >= 4.
    seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.
    assumptions, worlds
        As `check_gate` takes them: worlds in which the winner is checked, too, where the gate has a
        guardrail on them.

    Raises
    ------
    OptionError
        If a key is not the plan's, or no settings can be tried; or if the gate asks for worlds and
        the strategy has hooks, which other worlds would have to load anew.
    """
    if gate.of_kind("worlds") is not None and (strategy.decides or strategy.learns):
        raise OptionError(
            f"{strategy.name} has hooks, so its settings can't be tried in other worlds: take the "
            "guardrail on worlds out of the gate"
        )
    varies = [_checked(vary, strategy) for vary in varies]
    if all(len({given.text for given in vary.ends()}) < 2 for vary in varies):
        one = " ".join(f"{vary.path}={vary.ends()[0].text}" for vary in varies)
        raise OptionError(
            f"--vary {one}: one value leaves nothing to choose: give a range or a list, or hold "
            "a plan with it against the shipped one by check"
        )
    made = _candidates(scenario, strategy, varies, points, seed)
    ready = [(t, s) for t, s in made if s is not None]
    refused = [t for t, s in made if s is None]
    if not ready:
        raise OptionError(f"none of the {points} settings can be tried: {refused[0].refused}")
    options: dict[str, Any] = {"engine": engine, "threads": threads, "progress": progress}
    few = scenario.with_customers(max(1, scenario.population.customers // _FIRST))
    first = _round(gate, few, strategy, ready, seed=seed, done=1, **options)
    kept = max(1, ceil(len(ready) / _FIRST))
    finalists = {t.name for t in first[:kept]}
    left = [(t, s) for t, s in ready if t.name in finalists]
    second = _round(gate, scenario, strategy, left, seed=seed + 1, done=2, **options)
    rest = [t for t in first if t.name not in finalists]
    tried = (*second, *rest, *refused)
    best = second[0] if second else None
    if best is None or best.breaks or best.gain is None or best.gain <= 0.0:
        return Optimum(strategy.name, tried, None, None)
    winner = next(s for t, s in left if t.name == best.name)
    named = [DeclaredStrategy(s.name, s.plan) for s in (strategy, winner)]  # for other worlds
    fresh = check_gate(
        gate, scenario, winner, strategy, seed=(seed + _SEEDS) % (1 << 63),
        assumptions=assumptions, worlds=worlds, given=named, **options,
    )  # fmt: skip
    return Optimum(strategy.name, tried, best, fresh)


def _checked(vary: Vary, strategy: LoadedStrategy) -> Vary:
    """Return what varies with its kind of number; refuse a key that the plan does not have."""
    try:
        value_of(strategy.plan, vary.path)
    except OptionError as error:
        raise OptionError(f"--vary {vary.path}: {error}") from None
    number = number_at(strategy.plan, vary.path)
    if vary.is_range and number is None:
        raise OptionError(f"--vary {vary.path}: is no number: list values")
    if vary.quantity == "number" and isinstance(number, int):
        return replace(vary, quantity="whole")
    return vary


def _candidates(
    scenario: Scenario, strategy: LoadedStrategy, varies: Sequence[Vary], points: int, seed: int
) -> list[tuple[Tried, LoadedStrategy | None]]:
    """Return the settings that are tried, each once, with the strategy that has them."""
    made: dict[tuple[str, ...], tuple[Tried, LoadedStrategy | None]] = {}
    for row in spread("lhs", len(varies), points, seed % (1 << 32)).tolist():
        given = [vary.at(u) for vary, u in zip(varies, row, strict=True)]
        key = tuple(g.text for g in given)
        if key in made:
            continue
        settings = {vary.path: g.text for vary, g in zip(varies, given, strict=True)}
        name = f"{strategy.name}-{len(made) + 1}"
        changes = {vary.path: g.value for vary, g in zip(varies, given, strict=True)}
        try:
            plan = changed_plan(
                strategy.plan, changes, scenario, seconds=False, strategy=strategy.name
            )
            plan = check_plan(plan, scenario, strategy=strategy.name)
        except OmnilabError as error:
            made[key] = (Tried("", settings, refused=str(error)), None)
            continue
        made[key] = (Tried(name, settings), replace(strategy, name=name, plan=plan))
    return list(made.values())


def _round(
    gate: Gate, scenario: Scenario, shipped: LoadedStrategy,
    ready: Sequence[tuple[Tried, LoadedStrategy]], *, seed: int, done: int, engine: str,
    threads: int, progress: Say | None,
) -> list[Tried]:  # fmt: skip
    """Run settings beside the shipped ones; return them with what they gained, the best first.

    Those whose estimates are beyond a guardrail's bound come after all others.
    """
    measured = replace(gate, guardrails=tuple(g for g in gate.guardrails if g.kind == "measure"))
    found = compare(
        scenario, [shipped, *(s for _, s in ready)], seed=seed, engine=engine, threads=threads,
        progress=progress, against=shipped.name, quick=True,
    )  # fmt: skip
    if shipped.name in found.failures:
        raise found.failures[shipped.name]
    tried = []
    for one, strategy in ready:
        if strategy.name in found.failures:
            error = str(found.failures[strategy.name])
            tried.append(replace(one, rounds=done, refused=error))
            continue
        verdict = decide(measured, found.moments, strategy.name, shipped.name)
        goal, *guards = verdict.judged
        sign = 1.0 if gate.goal.higher else -1.0
        gain = None if goal.estimate.value is None else sign * goal.estimate.value
        broken = tuple(g.guard.name for g in guards if g.excess is not None and g.excess < 0)
        tried.append(replace(one, gain=gain, rounds=done, breaks=broken))
    return sorted(
        tried, key=lambda t: (t.gain is None, bool(t.breaks), -(t.gain or 0.0), t.name)
    )  # fmt: skip
