"""A split test as the brand's tool reads it, beside what its arms truly do.

One strategy runs, and its log is read as an A/B tool does: by profile, with the interval that such
a tool gives. Beside it stand the persons behind the profiles, of whom some are in both arms. The
same customers then live in a world where all of them are in one arm, one after the other: that
difference, on twins, is the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.attribution.arm_units import OUTCOMES, ArmSums, Unit, arm_sums, units_of
from omnilab.attribution.log_facts import facts_of
from omnilab.attribution.shop import shop_of
from omnilab.engine.calibrate import calibrated_model
from omnilab.errors import OptionError, nearest
from omnilab.experiment.job import Job, step_of
from omnilab.experiment.kept_census import kept_census
from omnilab.experiment.request import Request, Say, silent
from omnilab.experiment.statistics import Estimate
from omnilab.experiment.together import World, run_together
from omnilab.lowering.model import with_key
from omnilab.measure.catalogue import MEASURES
from omnilab.parameters.quantity import parse_duration
from omnilab.scenario.journeys import Journey, Step
from omnilab.strategy.plan_check import check_plan

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.split_tests import SplitTest
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["TRUTH", "WITHIN", "ArmTest", "Compared", "all_in", "chosen_test", "difference_of",
           "run_test", "used_tests", "within_of"]  # fmt: skip

#: A: an assumption, the window in which ad platforms count a click.
WITHIN: Final = "7d"
#: What the twins are compared by, a customer.
TRUTH: Final = ("orders_per_customer", "revenue", "ltv")
_Z: Final = 1.959963984540054  # of a 95% interval
_CELLS: Final = 128  # of which the log is held at once, for each thread


@dataclass(frozen=True)
class Compared:
    """One arm: the sums over its units, and each outcome's difference to the first arm."""

    arm: str
    share: float
    sums: ArmSums
    differences: Mapping[str, Estimate]


@dataclass(frozen=True)
class ArmTest:
    """What came out; every number is a function of scenario, strategy, seed and what was asked.

    Attributes
    ----------
    scenario, strategy, test
        The scenario, the strategy's name, and the test.
    within
        Seconds in which orders count.
    customers, replications, seed
        Of the run.
    seen, true
        Each arm, by the brand's profiles, and by the persons that are in it alone.
    mixed, contaminated
        Profiles, and persons, that fell into two arms or more.
    profiles, persons
        How many fell into any.
    truth
        By arm but the first, then measure: all customers in this arm less all in the first, a
        customer. Empty without twins.
    digests
        Of the log of each strategy that ran beside.
    """

    scenario: Scenario
    strategy: str
    test: SplitTest
    within: int
    customers: int
    replications: int
    seed: int
    seen: tuple[Compared, ...]
    true: tuple[Compared, ...]
    mixed: int
    contaminated: int
    profiles: int
    persons: int
    truth: Mapping[str, Mapping[str, Estimate]]
    digests: Mapping[str, str]


def chosen_test(scenario: Scenario, strategy: LoadedStrategy, name: str | None) -> SplitTest:
    """Return the test that is asked for; the only one where there is one.

    Raises
    ------
    OptionError
        If there is none, there are several, or the strategy has no step of it.
    """
    tests = {test.name: test for test in scenario.brand.tests}
    if not tests:
        raise OptionError(f"{scenario.id} has no split test: declare one in brand.tests")
    if name is None and len(tests) > 1:
        raise OptionError(f"--test: which one? There are {', '.join(tests)}")
    if name is not None and name not in tests:
        more = nearest(name, list(tests)) or f"; there are {', '.join(tests)}"
        raise OptionError(f"--test: there is no test {name!r}{more}")
    test = tests[name] if name is not None else next(iter(tests.values()))
    if test not in used_tests(scenario, strategy):
        raise OptionError(f"{strategy.name} has no step of the test {test.name!r}")
    return test


def used_tests(scenario: Scenario, strategy: LoadedStrategy) -> list[SplitTest]:
    """Return the tests that a strategy has a step of, in the scenario's order."""
    used = {s.arm.test for j in strategy.plan.journeys for s in j.steps if s.arm is not None}
    return [test for test in scenario.brand.tests if test.name in used]


def within_of(text: str) -> int:
    """Return the time in which orders count, seconds.

    Raises
    ------
    OptionError
        If it is no time, or 0.
    """
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise OptionError(f"--within: {error}") from None
    if seconds <= 0:
        raise OptionError("--within: 0 counts no order; give a time such as 7d")
    return seconds


def run_test(
    scenario: Scenario, strategy: LoadedStrategy, test: SplitTest, *, within: int,
    twins: bool = True, replications: int = 1, seed: int = 1, engine: str = "auto",
    threads: int = 1, progress: Say | None = None,
) -> ArmTest:  # fmt: skip
    """Run a strategy, read its test, and let all customers live in each arm.

    Parameters
    ----------
    scenario, strategy, test
        What runs.
    within
        Seconds in which orders count, > 0.
    twins
        Whether all customers live in each arm, too; else there is no truth.
    replications, seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.

    Raises
    ------
    StrategyError
        If the strategy fails.
    """
    say: Say = progress or silent
    share = 1.0 / (1 + len(test.arms)) if twins else 1.0
    model = calibrated_model(scenario, kept_census)
    request = Request(seed=seed, engine=engine, threads=threads, keep_events=True, tables=False)
    profiles: list[Unit] = []
    persons: list[Unit] = []
    for replication in range(replications):
        keyed = with_key(model, seed, replication)
        for more, true in _read(scenario, strategy, test, within, keyed, request, replication):
            profiles += more
            persons += true
            say("simulating", share * (replication + 0.5) / replications)
    truth: dict[str, dict[str, Estimate]] = {}
    digests: Mapping[str, str] = {}
    if twins:
        truth, digests = _truth(scenario, strategy, test, replications, seed, engine, threads, say,
                                share)  # fmt: skip
    return ArmTest(
        scenario=scenario, strategy=strategy.name, test=test, within=within,
        customers=scenario.population.customers, replications=replications, seed=seed,
        seen=_compared(test, profiles), true=_compared(test, persons),
        mixed=sum(len(u.arms) > 1 for u in profiles),
        contaminated=sum(len(u.arms) > 1 for u in persons),
        profiles=len(profiles), persons=len(persons), truth=truth, digests=digests,
    )  # fmt: skip


def _read(
    scenario: Scenario, strategy: LoadedStrategy, test: SplitTest, within: int, model: Any,
    request: Request, replication: int,
) -> Any:  # fmt: skip
    """Run one replication, and yield its units chunk by chunk."""
    job = Job(scenario, [strategy], model, request)
    population = job.population(model)
    runner = job.runner(
        model, [job.setup(strategy.copy(), model, replication)], population, replication
    )
    time, shop = scenario.time, shop_of(scenario)
    window = (time.burn_in, time.burn_in + time.window)
    number = [t.name for t in scenario.brand.tests].index(test.name)
    names = list(test.arms)
    steps = {
        (j, k): names.index(step.arm.name)
        for j, journey in enumerate(strategy.plan.journeys)
        for k, step in enumerate(journey.steps)
        if step.arm is not None and step.arm.test == test.name
    }
    chunk = step_of(population, _CELLS, request.threads, learns=runner.learns)
    for result in runner.run(chunk, request.threads):
        log = np.concatenate(result.rows[0])
        cells = np.searchsorted(population.first, log["person"], side="right") - 1
        cells = cells.astype(np.int64)
        facts = facts_of(log, cells, window, shop.uploads, shop.search)
        yield units_of(log, cells, window, facts, number, steps, within)


def _truth(
    scenario: Scenario, strategy: LoadedStrategy, test: SplitTest, replications: int, seed: int,
    engine: str, threads: int, say: Say, share: float,
) -> tuple[dict[str, dict[str, Estimate]], Mapping[str, str]]:  # fmt: skip
    measures = {name: MEASURES[name] for name in TRUTH}
    twins = [all_in(strategy, scenario, test, arm) for arm in test.arms]
    found = run_together(
        [World(scenario, tuple(twins))], measures, replications=replications, seed=seed,
        engine=engine, threads=threads,
        progress=lambda what, done: say(what, share + (1.0 - share) * done),
    )  # fmt: skip
    for failure in found.failures.values():
        raise failure
    first, *others = twins
    arms = list(test.arms)[1:]
    truth = {
        arm: {m: found.moments.difference(m, twin.name, first.name) for m in TRUTH}
        for arm, twin in zip(arms, others, strict=True)
    }
    return truth, found.digests


def all_in(
    strategy: LoadedStrategy, scenario: Scenario, test: SplitTest, arm: str
) -> LoadedStrategy:
    """Return a strategy all of whose profiles are in one arm, under a name that says so."""
    name = f"{strategy.name}, all in {arm}"
    journeys = tuple(_in_arm(j, test.name, arm) for j in strategy.plan.journeys)
    plan = replace(strategy.plan, journeys=journeys)
    return replace(strategy, name=name, plan=check_plan(plan, scenario, strategy=name))


def _in_arm(journey: Journey, test: str, arm: str) -> Journey:
    """Return a journey as those in one arm walk it; steps that a split skips count as before."""
    steps = []
    for step in journey.steps:
        if step.arm is None or step.arm.test != test:
            steps.append(step)
        elif step.arm.name == arm:
            steps.append(step.model_copy(update={"arm": None}))
        else:
            steps.append(Step(cohort=1.0))
    return journey.model_copy(update={"steps": tuple(steps)})


def _compared(test: SplitTest, units: list[Unit]) -> tuple[Compared, ...]:
    sums = [arm_sums(units, n) for n in range(len(test.arms))]
    return tuple(
        Compared(
            arm, share, of,
            {} if n == 0 else {
                outcome: difference_of(of, sums[0], k) for k, outcome in enumerate(OUTCOMES)
            },
        )
        for n, ((arm, share), of) in enumerate(zip(test.arms.items(), sums, strict=True))
    )  # fmt: skip


def difference_of(arm: ArmSums, first: ArmSums, k: int) -> Estimate:
    """Return an outcome's difference of means a unit, with the interval of two samples.

    Each arm's mean varies by its own variance over its own number of units (Welch 1947), and the
    interval is that of a normal law, as tools give it.

    Parameters
    ----------
    k
        Which of `OUTCOMES`.
    """
    if arm.units == 0 or first.units == 0:
        return Estimate(None, None, None)
    value = arm.sums[k] / arm.units - first.sums[k] / first.units
    if arm.units < 2 or first.units < 2:
        return Estimate(value, None, None)
    error = sqrt(_variance(arm, k) / arm.units + _variance(first, k) / first.units)
    return Estimate(value, value - _Z * error, value + _Z * error, error)


def _variance(arm: ArmSums, k: int) -> float:
    n = arm.units
    return (n * arm.squares[k] - arm.sums[k] * arm.sums[k]) / (n * (n - 1))
