"""Compare strategies on the same customers: the way from a scenario to moments."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from omnilab.engine.calibrate import calibrated_model
from omnilab.errors import StrategyError
from omnilab.experiment.comparison import Comparison, StrategyRun
from omnilab.experiment.equal_volume import Equal, beside_of
from omnilab.experiment.job import Clock, Job
from omnilab.experiment.kept_census import kept_census
from omnilab.experiment.request import Request, silent
from omnilab.experiment.tests_beside import split_rows
from omnilab.kernels.compiling import watch_compiling
from omnilab.strategy.offers import check_given

if TYPE_CHECKING:
    from typing import Any

    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.plausible.standing import Standing
    from omnilab.experiment.request import Customers, PartWriter, Recorder
    from omnilab.experiment.until import Until
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Comparison", "StrategyRun", "compare"]


def compare(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    *,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    keep_events: bool = False,
    threads: int = 1,
    chunk: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    checkpoint: Checkpoint | None = None,
    recorder: Recorder | None = None,
    parts: PartWriter | None = None,
    until: Until | None = None,
    against: str | None = None,
    customers: Customers | None = None,
    equal: Equal | None = None,
    quick: bool = False,
    standing: Standing | None = None,
    tests: bool = False,
) -> Comparison:
    """Run strategies on the same customers.

    Parameters
    ----------
    scenario
        Validated; its ``population.customers`` is the size of each replication.
    strategies
        From `load_strategy`, names unique.
    progress
        Called with what is being done and how much of it is, 0 to 1.
    checkpoint
        Where each finished replication is kept, and found again by a run that was killed.
    replications, seed, engine, keep_events, threads, chunk
        As `omnilab.experiment.request.Request` has them.
    recorder, parts, until, against, customers, quick
        The same.
    equal
        Which two strategies are also compared at equal volume.
    standing
        The small worlds that stand beside the comparison; none where a strategy fails.
    tests
        Whether the split tests of the strategies' plans are read, too; not where one fails.

    Raises
    ------
    ScenarioError
        If it leaves an offer to strategies that none of these can give.
    StrategyError
        If every strategy failed; a failure of some is in ``Comparison.failures``.
    """
    check_given(scenario, strategies)
    started = time.perf_counter()
    say = progress or silent
    request = Request(
        replications=replications, seed=seed, engine=engine, keep_events=keep_events,
        threads=threads, chunk=chunk, say=say, recorder=recorder, until=until, against=against,
        customers=customers, quick=quick, parts=parts,
    )  # fmt: skip
    with watch_compiling(lambda: say("compiling kernels (once a version)", 0.0)) as compiling:
        model = calibrated_model(scenario, kept_census)
        beside = None
        if equal is not None:
            beside = beside_of(
                equal, scenario, strategies, model, seed=seed, threads=threads, progress=say
            )
        failures: dict[str, StrategyError] = {}
        left = list(strategies)
        while left:
            clock = Clock(started, compiling)
            job = Job(scenario, left, model, replace(request, beside=beside))
            try:
                job.run(clock, checkpoint)
            except StrategyError as error:
                name = error.strategy
                if all(s.name != name for s in (*left, *job.derived)):
                    raise
                failures[name] = error
                left = [s for s in left if s.name != name]
                if beside is not None:
                    beside = beside.without(name)
                continue
            found = job.comparison(failures, clock)
            if standing is not None and not failures:
                found.worlds = _worlds(standing, found, request)
            found.tests = split_rows(scenario, left, request, read=tests and not failures)
            found.elapsed_s = clock.elapsed_s
            return found
        raise next(iter(failures.values()))


def _worlds(standing: Standing, found: Comparison, request: Request) -> dict[str, Any] | None:
    """Return what the small worlds beside a comparison say."""
    from omnilab.experiment.plausible.standing import standing_data

    return standing_data(
        standing, found.scenario, found.moments, seed=request.seed, threads=request.threads,
        against=request.against, progress=request.say,
    )  # fmt: skip
