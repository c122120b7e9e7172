"""Look for better settings of a strategy's plan, under guardrails, and check the best afresh.

A search flatters what it finds: the best of many looks better than it is. So the search has its
customers and the verdict has others. The first settings are spread over the ranges by a Latin
hypercube, the others are proposed by what the earlier ones came to. All run on a few customers
beside the shipped settings, with the same draws for all; the better quarter runs on all customers,
in other worlds where there are some; the best of these meets the shipped settings once more under
a seed, and in worlds, that no search has seen, and only that last paired interval says whether it
is better.

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

import numpy as np

from omnilab.errors import OptionError
from omnilab.experiment.gate.proposing import (
    KEPT,
    Proposer,
    at_place,
    check_optuna,
    shipped_numbers,
)
from omnilab.experiment.gate.running import Checked, check_gate
from omnilab.experiment.gate.settings import Candidates, Rounds, Tried
from omnilab.experiment.paths import number_at, value_of
from omnilab.experiment.sweep.design import spread
from omnilab.experiment.sweep.vary import refuse_twice
from omnilab.strategy.declared import DeclaredStrategy

if TYPE_CHECKING:
    from omnilab.experiment.gate.declared import Gate
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.request import Say
    from omnilab.experiment.sweep.vary import Vary
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["SEARCHES", "Optimum", "Tried", "optimize"]

#: How settings are looked for: proposed by Optuna, or spread alone.
SEARCHES: Final = ("tpe", "lhs")
_SEEDS: Final = 2_000_000_000  # from the seed to the fresh one, far from replications
_LEAST: Final = 4  # settings of a start, and of each batch of proposals
_SEARCHED: Final = 4  # worlds that the search has, of a set with twice as many at least


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
    worlds
        In how many plausible worlds the better quarter ran; the winner is checked in others.
    """

    strategy: str
    tried: tuple[Tried, ...]
    best: Tried | None
    checked: Checked | None
    worlds: int = 0

    @property
    def is_better(self) -> bool:
        """Whether the winner is better than the shipped settings, by the fresh interval."""
        verdict = None if self.checked is None else self.checked.verdict
        return verdict is not None and verdict.may_ship and not verdict.no_change


def optimize(
    gate: Gate, scenario: Scenario, strategy: LoadedStrategy, varies: Sequence[Vary], *,
    points: int = 16, search: str = "tpe", seed: int = 1, engine: str = "auto", threads: int = 1,
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
    search
        ``tpe``: half of them spread, the others proposed, by Optuna; ``lhs``: all spread.
    seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.
    assumptions, worlds
        As `check_gate` takes them: worlds in which the winner is checked, too, where the gate has a
        guardrail on them. Of eight worlds or more of a set the search has four, and the check the
        others.

    Raises
    ------
    OptionError
        If a key is not the plan's, no settings can be tried, or Optuna is not there; or if the
        gate asks for worlds and the strategy has hooks, which other worlds would have to load anew.
    """
    if search == "tpe":
        check_optuna()
    if gate.of_kind("worlds") is not None and (strategy.decides or strategy.learns):
        raise OptionError(
            f"{strategy.name} has hooks, so its settings can't be tried in other worlds: take the "
            "guardrail on worlds out of the gate"
        )
    refuse_twice(varies)
    varies = [_checked(vary, strategy) for vary in varies]
    if all(len({given.text for given in vary.ends()}) < 2 for vary in varies):
        one = " ".join(f"{vary.path}={vary.ends()[0].text}" for vary in varies)
        raise OptionError(
            f"--vary {one}: one value leaves nothing to choose: give a range or a list, or hold "
            "a plan with it against the shipped one by check"
        )
    options: dict[str, Any] = {"engine": engine, "threads": threads, "progress": progress}
    searched, fresh_worlds = _parted(worlds)
    candidates = Candidates(scenario, strategy, varies)
    rounds = Rounds(gate, scenario, strategy, searched, seed=seed, **options)
    if search == "lhs":
        _spread(candidates, rounds, points, seed)
    else:
        _proposed(candidates, rounds, points, seed)
    if not candidates.ready:
        why = candidates.tried[0].refused
        raise OptionError(f"none of the {points} settings can be tried: {why}")
    tried = candidates.sorted()
    best = tried[0]
    if best.rounds < 2 or best.breaks or best.gain is None or best.gain <= 0.0:
        return Optimum(strategy.name, tried, None, None, len(searched))
    winner = candidates.strategy(best)
    named = [DeclaredStrategy(s.name, s.plan) for s in (strategy, winner)]  # for other worlds
    fresh = check_gate(
        gate, scenario, winner, strategy, seed=(seed + _SEEDS) % (1 << 63),
        assumptions=assumptions, worlds=fresh_worlds, given=named, **options,
    )  # fmt: skip
    return Optimum(strategy.name, tried, best, fresh, len(searched))


def _spread(candidates: Candidates, rounds: Rounds, points: int, seed: int) -> None:
    """Try settings that are spread over the ranges; the better quarter goes on."""
    for row in _rows(len(candidates.varies), points, seed):
        candidates.add([at_place(v, u) for v, u in zip(candidates.varies, row, strict=True)])
    if not candidates.ready:
        return
    first = rounds.few(candidates, list(candidates.ready))
    rounds.all(candidates, first[: max(1, ceil(len(first) / KEPT))])


def _proposed(candidates: Candidates, rounds: Rounds, points: int, seed: int) -> None:
    """Try settings that are spread, and then those that are proposed, a few at a time."""
    start = max(_LEAST, points // 2)
    varies = candidates.varies
    now = [number_at(candidates.shipped.plan, vary.path) for vary in varies]
    proposer = Proposer(
        varies, _rows(len(varies), start, seed), seed, shipped_numbers(varies, now)
    )  # fmt: skip
    asked = 0
    while len(candidates.tried) < points and asked < 2 * points:
        size = start if not asked else min(_LEAST, points - len(candidates.tried))
        asked += size
        _batch(candidates, rounds, proposer, size, spread=asked == start)
    # The pruner knew the earlier ones alone: at the end the better quarter of all goes on.
    names = candidates.kept()
    late = names[: max(1, ceil(len(candidates.ready) / KEPT))]
    rounds.all(candidates, [name for name in late if candidates.one(name).rounds < 2])


def _batch(
    candidates: Candidates, rounds: Rounds, proposer: Proposer, size: int, *, spread: bool
) -> None:
    """Ask for settings, run those that are new, and say what all came to."""
    trials: list[tuple[Any, str]] = []
    new = []
    for _ in range(size):
        trial, given = proposer.ask()
        name, is_new = candidates.add(given, proposed=not spread)
        if not name:
            proposer.refuse(trial)
            continue
        trials.append((trial, name))
        if is_new:
            new.append(name)
    rounds.few(candidates, new)
    # The better first: the pruner holds each against those it has seen.
    place = {name: n for n, name in enumerate(candidates.in_order(n for _, n in trials))}
    going = []
    for trial, name in sorted(trials, key=lambda pair: (place[pair[1]], pair[0].number)):
        one = candidates.one(name)
        if one.first is None:
            proposer.refuse(trial)
        elif proposer.goes_on(trial, one.first, one.beyond):
            going.append((trial, name))
    rounds.all(candidates, list(dict.fromkeys(n for _, n in going if candidates.one(n).rounds < 2)))
    for trial, name in going:
        gain = candidates.one(name).gain
        if gain is None:
            proposer.refuse(trial)
        else:
            proposer.finish(trial, gain)


def _rows(n: int, points: int, seed: int) -> list[list[float]]:
    return spread("lhs", n, points, seed % (1 << 32)).tolist()


def _parted(worlds: WorldSet | None) -> tuple[list[tuple[WorldSet, int, float]], WorldSet | None]:
    """Return the worlds that the search has, as set, number and weight, and those of the check."""
    if worlds is None or worlds.n < 2 * _SEARCHED:
        return [], worlds
    at = (np.arange(_SEARCHED) * worlds.n) // _SEARCHED + worlds.n // (2 * _SEARCHED)
    whole = float(worlds.weights[at].sum())
    if whole <= 0.0 or whole >= 1.0:
        return [], worlds
    searched = [(worlds, int(n), float(worlds.weights[n]) / whole) for n in at]
    rest = np.delete(np.arange(worlds.n), at)
    left = replace(
        worlds, values={key: column[rest] for key, column in worlds.values.items()},
        weights=worlds.weights[rest] / (1.0 - whole),
    )  # fmt: skip
    return searched, left


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
