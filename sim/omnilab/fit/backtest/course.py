"""The course of a backtest: read, split, fit, simulate, compare; the log, the tests, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from omnilab.errors import DataError
from omnilab.fit.backtest.log import LogBacktest, backtest_log, days_after
from omnilab.fit.backtest.past_tests import TestsBacktest, backtest_tests
from omnilab.fit.backtest.prediction import Prediction, predict
from omnilab.fit.backtest.request import BacktestRequest, tests_file_in
from omnilab.fit.backtest.verdict import CORRECT, DONT, TRUST
from omnilab.fit.course import Foretold, declared_setting, foretell
from omnilab.fit.enough import check_size, not_identified
from omnilab.fit.forecast import Forecast
from omnilab.fit.holdout import split
from omnilab.fit.request import FitRequest, log_findings
from omnilab.fit.scenario import Setting, read_base
from omnilab.fit.summary import Occasions
from omnilab.scenario.load import load_scenario
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet

__all__ = ["Backtest", "carry_out_backtest"]

Say = Callable[[str], None]
Show = Callable[[str, float], None]
_WORST: Final = (TRUST, CORRECT, DONT)


@dataclass(frozen=True)
class Backtest:
    """All that a backtest has found.

    Parameters
    ----------
    scenario
        Id of the base.
    log, tests
        Of the log, and of past tests; None where not asked for.
    notes, warnings
        How things were read, and what a reader must know of them.
    """

    scenario: str
    log: LogBacktest | None
    tests: TestsBacktest | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The worse one of log and tests."""
        found = [one.verdict.verdict for one in (self.log, self.tests) if one is not None]
        return max(found, key=_WORST.index)


def carry_out_backtest(
    request: BacktestRequest, *, threads: int = 1, say: Say = lambda _line: None,
    show: Show = lambda _what, _share: None,
) -> Backtest:  # fmt: skip
    """Carry out a backtest.

    Parameters
    ----------
    request
        What is asked for.
    threads
        Of the fit to tests.
    say, show
        Told what is going on, and how much of it is done.

    Raises
    ------
    DataError, OptionError, ScenarioError, StrategyError
        What is wrong, in one line.
    """
    request.check()
    given = request.scenario
    scenario = given if isinstance(given, Scenario) else load_scenario(given)
    if request.tests is not None:
        tests_file_in(request.tests)  # said before the wait
    notes: list[str] = []
    warnings: list[str] = []
    log = None
    if request.log is not None:
        log = _of_log(request, request.log, scenario, notes, warnings, say, show)
    tests = None
    if request.tests is not None:
        tests = backtest_tests(request, threads=threads, say=say, show=show)
        warnings += tests.warnings
    return Backtest(scenario.id, log, tests, tuple(notes), tuple(warnings))


def _of_log(
    request: BacktestRequest, fit: FitRequest, scenario: Scenario, notes: list[str],
    warnings: list[str], say: Say, show: Show,
) -> LogBacktest:  # fmt: skip
    """Return the backtest of a log, and add to the notes and warnings."""
    assert request.first_day is not None
    worlds = _worlds(request, scenario)
    base = read_base(request.scenario)
    log = fit.read()
    occasions = fit.occasions_of(log)
    said, found = log_findings(fit, log, occasions)
    notes += said
    warnings += found
    setting = Setting(
        id="backtest-v1", title=f"Backtest of {log.source}",
        currency=fit.currency or log.currency or scenario.currency,
        status_quo=fit.status_quo or scenario.brand.status_quo, base=base, occasions=occasions,
    )  # fmt: skip
    load_strategy(setting.status_quo, scenario)
    try:
        days = days_after(occasions, request.first_day)
        setting, declared = declared_setting(setting, log)
        seen, later, counts = split(setting.occasions, days)
        _check_seen(seen, request)
        say(f"fitting the {seen.n_days} days before {request.first_day}")
        foretold = foretell(replace(setting, occasions=seen), fit, declared, days, say)
    except DataError as error:
        if error.file is not None:
            raise
        raise DataError(error.message, file=fit.transactions) from None
    if not foretold.likely.dropout_identified:
        notes.append(not_identified(foretold.likely, seen).partition(":")[0])
    others = _forecasts(foretold, scenario, worlds, say, show)
    prediction = _predicted(foretold, seen, others, request, say, show)
    new = occasions.n_customers - seen.n_customers
    notes.append(f"{new:,} customers who first ordered from {request.first_day} on are left out")
    return backtest_log(prediction, later, counts, log.source, request.limits)


def _check_seen(seen: Occasions, request: BacktestRequest) -> None:
    try:
        check_size(seen)
    except DataError as error:
        raise DataError(f"before {request.first_day}: {error.message}") from None


def _worlds(request: BacktestRequest, scenario: Scenario) -> WorldSet | None:
    """Return the worlds that are to be run; None where no set is given."""
    if request.plausible is None:
        return None
    from omnilab.experiment.plausible.file import find_worlds, read_worlds

    source = request.scenario if isinstance(request.scenario, str) else scenario.id
    return read_worlds(find_worlds(request.plausible, source), scenario).fewer(request.worlds)


def _forecasts(
    foretold: Foretold, scenario: Scenario, worlds: WorldSet | None, say: Say, show: Show
) -> Sequence[tuple[Forecast, float]]:
    """Return the forecast in each world: the log's laws again, in other channels and habits."""
    if worlds is None:
        return ()
    from omnilab.fit.plausible.ranges import changed_world

    found = []
    for number in range(worlds.n):
        show("forecasting in each world", number / worlds.n)
        world = changed_world(scenario, dict(worlds.values), number)
        forecast = foretold.under(read_base(world), say)
        found.append((forecast, float(worlds.weights[number])))
    return found


def _predicted(
    foretold: Foretold, seen: Occasions, worlds: Sequence[tuple[Forecast, float]],
    request: BacktestRequest, say: Say, show: Show,
) -> Prediction:  # fmt: skip
    say(f"simulating {request.replications} replications of {foretold.ahead.days} days")
    return predict(
        foretold, seen, worlds, replications=request.replications, seed=request.seed, show=show
    )
