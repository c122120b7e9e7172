"""Find out strategies whose results can't be repeated, by running a small part once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnilab.errors import StrategyError

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["not_repeatable"]

#: Customers of the small part: at most, and at least where there are so many.
_MOST, _LEAST = 100, 20
#: Cells in a chunk of the second run: `decide` is asked in other batches than in the first.
_SMALL_CHUNK = 3


def not_repeatable(
    scenario: Scenario, strategies: Sequence[LoadedStrategy], *, seed: int, engine: str = "auto"
) -> dict[str, str]:
    """Return why a strategy's results can't be repeated, by the names of those that are so.

    A small part of the customers, a tenth and at most 100, is simulated twice: under a copy of
    the strategy, and under one that is made anew and asked in smaller batches. The two logs must
    be equal. Strategies without `decide` and `learn` are only asked for their plan again.

    Parameters
    ----------
    scenario
        With the customers of the whole run.
    strategies
        Those that ran without failing.
    seed, engine
        Of the whole run.
    """
    customers = scenario.population.customers
    small = scenario.with_customers(min(customers, max(_LEAST, min(_MOST, customers // 10))))
    found = {}
    for strategy in strategies:
        try:
            why = _why(small, strategy, seed, engine)
        except StrategyError as error:
            why = f"it failed when a part was run again: {error.message}"
        if why:
            found[strategy.name] = why
    return found


def _why(scenario: Scenario, strategy: LoadedStrategy, seed: int, engine: str) -> str | None:
    from omnilab.experiment.compare import compare

    if strategy.again is None:
        return None
    second = strategy.again()
    if second.plan != strategy.plan:
        return "its plan is another each time it is asked"
    if not (strategy.decides or strategy.learns):
        return None
    (first,) = compare(scenario, [strategy], seed=seed, engine=engine).strategies
    (other,) = compare(scenario, [second], seed=seed, engine=engine, chunk=_SMALL_CHUNK).strategies
    if first.log_digest == other.log_digest:
        return None
    return (
        "it answers otherwise when a part is run again: it draws from a generator of its own, or"
        " its answer for a message depends on the batch; Decisions.chance gives chances that can be"
        " repeated"
    )
