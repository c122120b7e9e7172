"""Compare strategies, or run one, from Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omnilab._arguments import (
    choice,
    cores,
    flag,
    known_arguments,
    python_words,
    shown,
    text,
    texts,
    whole,
)
from omnilab._arguments import progress as callback
from omnilab.api.result import Result
from omnilab.api.scenarios import assumed_in, sized_scenario
from omnilab.errors import OptionError
from omnilab.experiment.compare import compare as _compare
from omnilab.experiment.equal_volume import equal_of
from omnilab.experiment.plausible.standing import FEWEST_CUSTOMERS, Standing, standing_of
from omnilab.experiment.until import Until
from omnilab.strategy.loading import LoadedStrategy, load_strategy, loaded_object
from omnilab.strategy.maps import maps_named, under_other_maps

if TYPE_CHECKING:
    from os import PathLike

    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["check_strategies", "compare", "run", "threads_of"]

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
    equal_volume: str | None = None,
    wiring: str | Sequence[str] = (),
    quick: bool = False,
    until: str | Sequence[str] | None = None,
    most_customers: int | None = None,
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
    equal_volume
        ``"A,B"``: also compare these two when both send as many messages, on all customers;
        ``"main"`` for omnichannel, or the first other, and the reference. Not given: the main two,
        on 10,000 customers at most. `Result.equal_volume` has the outcome.
    wiring
        Silo maps under which strategies are run too, by name, or ``"all"``; one or a list. Those
        of which a map changes nothing have no further row.
    quick
        Leave out what nobody asked for: equal volume, small worlds over what is assumed, and the
        reading of split tests.
    until
        Go on, a replication after the other, until half the interval of each difference is that
        narrow: ``"1%"`` of the reference's LTV, purchase rate and orders, ``"ltv=0.5%"``, or
        ``"ltv=0.05"`` in its unit; one or a list. `Result.until` says how it ended.
    most_customers
        With ``until``: customers in all replications, at most; 1,000,000 by default.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line. A strategy that fails while it runs is left out of the result,
        and named in its ``failures``, as long as another one is left.
    """
    sized = sized_scenario(scenario, customers)
    loaded = _loaded(sized, strategies)
    if wiring:
        with python_words():
            given = (wiring,) if isinstance(wiring, str) else texts("wiring", wiring)
            maps = maps_named(given, "wiring")
        loaded += under_other_maps({s.name: s for s in loaded}, maps, sized).values()
    if against is not None:
        choice("against", against, tuple(s.name for s in loaded))
    replications = whole("replications", replications, 1, 100_000)
    seed, engine = whole("seed", seed, 0, 2**63 - 1), choice("engine", engine, ENGINES)
    rule = _until(sized, len(loaded), until, most_customers, replications)
    told, workers = callback("progress", progress), threads_of(threads)
    if equal_volume is not None:
        equal_volume = text("equal_volume", equal_volume)
    with python_words():
        names = [s.name for s in loaded]
        equal = equal_of(equal_volume, names, sized, against, quick=flag("quick", quick))
    comparison = _compare(
        sized,
        loaded,
        replications=replications,
        seed=seed,
        engine=engine,
        threads=workers,
        progress=told,
        until=rule,
        against=against,
        equal=equal,
        quick=quick,
        standing=None if quick else _standing(scenario, sized, strategies, loaded, replications),
        tests=len(loaded) > 1 and not quick,
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
    if isinstance(strategy, list | tuple):
        raise OptionError(f"strategy: {shown(strategy)} is a list: give one, or call compare()")
    check_strategy("strategy", strategy)
    return compare(
        scenario, [strategy], customers=customers, replications=replications, seed=seed,
        engine=engine, threads=threads, progress=progress,
    )  # fmt: skip


def _standing(
    given: Any, sized: Scenario, strategies: Sequence[str | Strategy] | None,
    loaded: Sequence[LoadedStrategy], replications: int,
) -> Standing | None:  # fmt: skip
    """Return the small worlds beside a comparison; of a loaded scenario, of what its file said."""
    if len(loaded) < 2 or sized.population.customers * replications < FEWEST_CUSTOMERS:
        return None
    named: list[Any] = list(sized.strategies if strategies is None else strategies)
    named += [s.name for s in loaded[len(named) :]]  # those under other silo maps
    if any("@" in s.name for s in loaded) and not all(isinstance(n, str) for n in named):
        return None
    return standing_of(sized, assumed_in(given), named, loaded, replications=replications)


def _until(
    scenario: Scenario, strategies: int, until: str | Sequence[str] | None, most: int | None,
    replications: int,
) -> Until | None:  # fmt: skip
    if until is None:
        if most is not None:
            raise OptionError("most_customers: goes with until")
        return None
    if strategies < 2:
        raise OptionError("until: waits for differences: give two strategies or more")
    if isinstance(until, int | float):
        raise OptionError(f"until: {shown(until)} is of no unit: give '1%', or 'ltv=0.05'")
    given = (until,) if isinstance(until, str) else texts("until", until)
    if not given:
        raise OptionError("until: the list is empty: give '1%', or 'ltv=0.5%'")
    if most is not None:
        most = whole("most_customers", most, 1, 10**12)
    with python_words():
        return Until.of(given, scenario.population.customers, most, replications)


def _loaded(scenario: Scenario, given: Sequence[str | Strategy] | None) -> list[LoadedStrategy]:
    named = check_strategies(scenario.strategies if given is None else given)
    loaded = [
        load_strategy(s, scenario) if isinstance(s, str) else loaded_object(s, scenario)
        for s in named
    ]
    names = [strategy.name for strategy in loaded]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"strategies: two are named {name!r}")
    return loaded


def check_strategies(given: Any) -> list[Any]:
    """Return a caller's strategies: names as text, and objects.

    Raises
    ------
    OptionError
        If it is no list, an empty one, or one of something else.
    """
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        one = isinstance(given, str) or _is_strategy(given)
        such = f", such as [{_called(given)}]" if one else f", {shown(given)} is none"
        raise OptionError(f"strategies: give a list{such}")
    named = []
    for number, strategy in enumerate(given):
        check_strategy(f"strategies[{number}]", strategy)
        named.append(os.fsdecode(strategy) if isinstance(strategy, os.PathLike) else strategy)
    if not named:
        raise OptionError("strategies: the list is empty")
    return named


def check_strategy(argument: str, given: Any) -> None:
    if not isinstance(given, str | os.PathLike) and not _is_strategy(given):
        raise OptionError(
            f"{argument}: {shown(given)} is neither a strategy's name nor an object with a name "
            "and a method plan"
        )


def loaded_strategy(argument: str, given: Any, scenario: Scenario) -> LoadedStrategy:
    """Return a strategy that was given by name, by file, or as an object.

    Raises
    ------
    OptionError
        If it is none of these; the message names the argument.
    StrategyError
        If it can't be loaded.
    """
    check_strategy(argument, given)
    if isinstance(given, str | os.PathLike):
        return load_strategy(os.fsdecode(given), scenario)
    return loaded_object(given, scenario)


def _is_strategy(given: Any) -> bool:
    """Return whether somebody meant it as a strategy, right or wrong."""
    return hasattr(given, "plan") or isinstance(given, type)


def _called(strategy: Any) -> str:
    """Return how a strategy stands in a caller's code, as far as that can be told."""
    if isinstance(strategy, str):
        return repr(strategy)
    return strategy.__name__ if isinstance(strategy, type) else f"{type(strategy).__name__}()"


def threads_of(threads: int | None) -> int:
    """Return the threads that a caller wants: one a core by default."""
    return cores() if threads is None else whole("threads", threads, 1, 1024)
