"""Ask for the claims in one world, or over a set: how far what is not known moves them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from omnilab.experiment.plausible.doubts import number_over_worlds
from omnilab.experiment.plausible.each import in_each_world
from omnilab.experiment.published.running import ClaimReadings, Estimate, ask

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.scenario.model import Scenario

__all__ = ["MOST_CUSTOMERS", "MOST_WORLDS", "Asked", "Spread", "ask_claims", "customers_of"]

#: Customers of each replication and, with worlds, how many of these, where nobody says.
MOST_CUSTOMERS: Final = 1000
MOST_WORLDS: Final = 100
_SEEDS: Final = 2**63
_HALF: Final = 1.959963984540054  # standard errors of half a 95% interval


@dataclass(frozen=True)
class Spread(Estimate):
    """A number over worlds: the mean by weight, with the interval that chance leaves to it.

    Attributes
    ----------
    world_low, world_high
        Between them lie 95% of the worlds by weight, each with its own chance.
    worlds
        How many have a value.
    same_sign
        In what share of them, by weight, it has the sign of the mean, 0 to 1; chance is left out
        where all worlds have an interval.
    """

    world_low: float | None = None
    world_high: float | None = None
    worlds: int = 0
    same_sign: float | None = None


@dataclass(frozen=True)
class Asked:
    """What came of all claims.

    Attributes
    ----------
    scenario
        With the customers of each replication.
    found
        Claim by claim; readings are `Spread` where worlds were asked.
    replications, seed
        As they were asked for.
    worlds
        How many; 1 without a set.
    file
        Of the set; None without one.
    """

    scenario: Scenario
    found: tuple[ClaimReadings, ...]
    replications: int
    seed: int
    worlds: int = 1
    file: str | None = None


def ask_claims(
    scenario: Scenario,
    worlds: WorldSet | None = None,
    *,
    replications: int = 10,
    seed: int = 1,
    threads: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> Asked:
    """Return what comes of each claim in a scenario, or over a set of worlds.

    Parameters
    ----------
    scenario
        With the customers of each world and replication.
    worlds
        Each has customers of its own, by its seed: ``seed`` for the first, one more for the next.
    replications
        Populations; outcomes that all customers of one share have an interval from 10 on.
    seed
        Of customers and chance, 0 <= seed < 2**63.
    threads
        Worlds that run side by side; the results do not depend on it.
    progress
        Told what is being done, and how much of it is, 0 to 1.

    Raises
    ------
    OmnilabError
        If a strategy can't run in the scenario, or the scenario refuses a world.
    """
    if worlds is None:
        one = ask(scenario, replications=replications, seed=seed, progress=progress)
        return Asked(scenario, tuple(one), replications, seed)
    asked = partial(_in_world, replications, seed)
    each = in_each_world(scenario, worlds, asked, threads=threads, progress=progress)
    found = tuple(_together(same, worlds) for same in zip(*each, strict=True))
    name = None if worlds.path is None else worlds.path.name
    return Asked(scenario, found, replications, seed, worlds.n, name)


def _in_world(replications: int, seed: int, changed: Scenario, number: int) -> list[ClaimReadings]:
    return ask(changed, replications=replications, seed=(seed + number) % _SEEDS)


def customers_of(scenario: Scenario) -> int:
    """Return how many customers a population has where nobody says: 1,000, or one town."""
    town = scenario.population.town or 0
    return max(MOST_CUSTOMERS, town)


def _together(same: Sequence[ClaimReadings], worlds: WorldSet) -> ClaimReadings:
    first = same[0]
    names = list(dict.fromkeys(name for one in same for name in one.readings))
    return ClaimReadings(
        first.claim, first.missing,
        {name: _spread([one.readings.get(name) for one in same], worlds) for name in names},
    )  # fmt: skip


def _spread(found: Sequence[Estimate | None], worlds: WorldSet) -> Spread:
    """Return a reading over the worlds that have a value of it."""
    at = [k for k, e in enumerate(found) if e is not None and e.value is not None]
    if not at:
        reasons = [e.reason for e in found if e is not None and e.reason]
        return Spread(None, reason=reasons[0] if reasons else "no world has a value")
    kept = [e for k in at if (e := found[k]) is not None]
    x = np.array([e.value for e in kept], float)
    w = worlds.weights[at] / worlds.weights[at].sum()
    mean = float(w @ x)
    low = high = None
    same = float(w[np.sign(x) == np.sign(mean)].sum())
    if all(e.low is not None and e.high is not None for e in kept):
        errors = np.array([((e.high or 0.0) - (e.low or 0.0)) / (2 * _HALF) for e in kept])
        half = _HALF * sqrt(float(np.sum((w * errors) ** 2)))
        low, high = mean - half, mean + half
        if len(kept) > 1:  # chance within a world is no disagreement between them
            same = number_over_worlds(x, errors, worlds.places[at], w)["same_sign"]
    ends = _quantile(x, w, 0.025), _quantile(x, w, 0.975)
    return Spread(mean, low, high, "", *ends, len(kept), same)


def _quantile(x: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the smallest value that has at least a share of the weight at or below it."""
    order = np.argsort(x, kind="stable")
    reached = np.searchsorted(np.cumsum(weights[order]), share - 1e-12)
    return float(x[order][min(int(reached), len(x) - 1)])
