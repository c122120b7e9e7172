"""How a claim's number goes over the values of a key: worlds beside each other, customers paired.

The worlds of two values have the same customers in the same cells, so that a change from one to the
other has a paired interval, as a difference of strategies has. Where that can't be, the errors of
two worlds are taken as independent, which makes the interval of a change too wide and never too
narrow: for measures that are held against another strategy, for keys that change the households,
and where mailshots have one effect on all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from omnilab.errors import OptionError
from omnilab.experiment.conclusion.declared import Claim, Study
from omnilab.experiment.conclusion.judged import Seen, seen_of, seen_paired
from omnilab.experiment.paths import changed_at
from omnilab.experiment.statistics import Estimate
from omnilab.experiment.together import World, run_together
from omnilab.measure.catalogue import MEASURES
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import LoadedStrategy

__all__ = ["seen_over"]


def seen_over(
    claim: Claim, study: Study, scenario: Scenario, estimate: Callable[[Scenario], Estimate], *,
    seed: int, replications: int, engine: str, threads: int,
) -> Seen:  # fmt: skip
    """Return what the values' worlds say of a claim.

    Parameters
    ----------
    claim, study, scenario
        A claim that is ``monotone``, in one scenario of its study.
    estimate
        Runs a world by itself and returns the claim's number there.
    seed, replications, engine, threads
        Of the runs.
    """
    worlds = [
        changed_at(scenario, {claim.over: value}, currency=scenario.currency, seconds=False)
        for value in claim.values
    ]
    measure = MEASURES[claim.term.measure]
    if not measure.baseline and scenario.world.mailshot.sd == 0.0:
        made = [World(world, _strategies(claim, study, world, k)) for k, world in enumerate(worlds)]
        try:
            together = run_together(
                made, {measure.name: measure}, seed=seed, replications=replications,
                engine=engine, threads=threads,
            )  # fmt: skip
        except OptionError:  # other households
            pass
        else:
            if together.failures:
                raise next(iter(together.failures.values()))

            def change(first: int, last: int) -> Estimate:
                weights = [*_weights(claim, last, 1), *_weights(claim, first, -1)]
                return together.moments.contrast(measure.name, weights)

            steps = [change(k, k + 1) for k in range(len(worlds) - 1)]
            return seen_paired(change(0, len(worlds) - 1), steps)
    return seen_of(claim, [estimate(world) for world in worlds])


def _strategies(claim: Claim, study: Study, world: Scenario, k: int) -> tuple[LoadedStrategy, ...]:
    """Return the claim's strategies in the world of a value, under names of their own."""
    names = claim.term.strategies
    return tuple(replace(study.strategies[n](world), name=_name(n, k)) for n in names)


def _weights(claim: Claim, k: int, sign: int) -> list[tuple[str, int | Fraction]]:
    """Return the weights of the claim's number at a value."""
    found: list[tuple[str, int | Fraction]] = [(_name(claim.term.strategy, k), sign)]
    return [*found, (_name(claim.term.less, k), -sign)] if claim.term.less else found


def _name(strategy: str, k: int) -> str:
    return f"{strategy} at value {k}"
