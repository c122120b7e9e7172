"""Compare strategies, or run one, from Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from omnilab.api.arguments import choice, known_arguments, whole
from omnilab.api.result import Result
from omnilab.api.scenarios import scenario_of
from omnilab.errors import OptionError
from omnilab.experiment.compare import compare as _compare
from omnilab.strategy.loading import LoadedStrategy, load_strategy, loaded_object

if TYPE_CHECKING:
    from os import PathLike

    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["compare", "run"]

ENGINES = ("auto", "compiled", "simpy")


@known_arguments
def compare(
    scenario: str | PathLike[str] | Scenario,
    strategies: Sequence[str | Strategy] | None = None,
    *,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    against: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Result:
    """Try strategies on the same customers.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    strategies
        Names as the command line takes them (``multichannel``, ``file.py:Class``, a YAML file),
        or objects of your own classes. Those of the scenario by default.
    customers
        1 to 10^9; the scenario's by default.
    replications
        Populations, each with draws of its own, 1 to 100,000.
    seed
        0 to 2^63 - 1. The same seed gives the same numbers.
    engine
        ``auto``, ``compiled`` or ``simpy``; the results are the same.
    threads
        Threads of the compiled engine; one a core by default.
    against
        The strategy that differences are taken against; the usual one by default.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line. A strategy that fails while it runs is left out of the result,
        and named in its ``failures``, as long as another one is left.
    """
    sized = scenario_of(scenario)
    if customers is not None:
        sized = sized.with_customers(whole("customers", customers, 1, 10**9))
    loaded = _loaded(sized, strategies)
    if against is not None:
        choice("against", against, tuple(s.name for s in loaded))
    comparison = _compare(
        sized,
        loaded,
        replications=whole("replications", replications, 1, 100_000),
        seed=whole("seed", seed, 0, 2**63 - 1),
        engine=choice("engine", engine, ENGINES),
        threads=_threads(threads),
        progress=progress,
    )
    return Result(comparison, loaded, against)


@known_arguments
def run(
    scenario: str | PathLike[str] | Scenario,
    strategy: str | Strategy = "omnichannel",
    *,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Result:
    """Try one strategy; the parameters are those of `compare`."""
    return compare(
        scenario, [strategy], customers=customers, replications=replications, seed=seed,
        engine=engine, threads=threads, progress=progress,
    )  # fmt: skip


def _loaded(scenario: Scenario, given: Sequence[str | Strategy] | None) -> list[LoadedStrategy]:
    if isinstance(given, str):
        raise OptionError(f"strategies: give a list, such as [{given!r}]")
    named = scenario.strategies if given is None else given
    loaded = [_one(scenario, strategy) for strategy in named]
    if not loaded:
        raise OptionError("strategies: the list is empty")
    names = [strategy.name for strategy in loaded]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"strategies: two are named {name!r}")
    return loaded


def _one(scenario: Scenario, strategy: Any) -> LoadedStrategy:
    if isinstance(strategy, str):
        return load_strategy(strategy, scenario)
    return loaded_object(strategy, scenario)


def _threads(threads: int | None) -> int:
    if threads is not None:
        return whole("threads", threads, 1, 1024)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
