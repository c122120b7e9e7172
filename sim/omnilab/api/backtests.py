"""Predict the later part of a log, or past tests, and judge the predictions, from Python."""

from __future__ import annotations

import warnings as python_warnings
from collections.abc import Callable, Sequence
from datetime import date as Date
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import (
    callers_level,
    choice,
    day,
    flag,
    in_python,
    known_arguments,
    path,
    python_words,
    text,
    whole,
)
from omnilab._arguments import progress as callback
from omnilab.api.backtest_report import backtest_data, backtest_document, backtest_page
from omnilab.api.experiments import threads_of
from omnilab.api.observations import frame_of
from omnilab.errors import OmnilabWarning, OptionError
from omnilab.fit.backtest.course import carry_out_backtest
from omnilab.fit.backtest.request import BacktestRequest, limits_of
from omnilab.fit.presets import PRESETS
from omnilab.fit.request import FitRequest
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.fit.backtest.course import Backtest

__all__ = ["BacktestResult", "backtest"]


class BacktestResult:
    """The result of `backtest`."""

    def __init__(self, found: Backtest, request: BacktestRequest) -> None:
        self._found, self._request = found, request

    @property
    def verdict(self) -> str:
        """``trust``, ``correct`` or ``don't``; the worse one of log and tests."""
        return self._found.verdict

    @property
    def data(self) -> dict[str, Any]:
        """All of it, as ``--json`` writes it."""
        return backtest_data(self._found, self._request.limits)

    @property
    def warnings(self) -> list[str]:
        """What a reader must know of the data."""
        return [in_python(line) for line in self._found.warnings]

    def figures(self) -> pd.DataFrame:
        """Return a row a figure of the log: actual, predicted, interval, and each simple rule."""
        rows = self._log()["figures"]
        return frame_of(
            {"figure": r["name"], **{k: r[k] for k in ("actual", "predicted", "low", "high")},
             **r["rules"]} for r in rows
        ).set_index("figure")  # fmt: skip

    def weeks(self) -> pd.DataFrame:
        """Return a row a week after the date: orders as they were, predicted, and by each rule."""
        rows = self._log()["weeks"]
        return frame_of(
            {**{k: v for k, v in r.items() if k != "rules"}, **r["rules"]} for r in rows
        )

    def classes(self) -> pd.DataFrame:
        """Return the bias by the repeats that customers had before the date."""
        return frame_of(self._log()["classes"]).set_index("repeats")

    def lifts(self) -> pd.DataFrame:
        """Return a row a lift of past tests, measured and predicted.

        Raises
        ------
        OptionError
            If no ``tests`` were given.
        """
        if self._found.tests is None:
            raise OptionError("lifts: no tests were given")
        return frame_of(self.data["tests"]["lifts"])

    def to_markdown(self, path: str | PathLike[str] | None = None) -> str:
        """Return the page, and write it where a path is given."""
        from omnilab._files.writing import write_whole

        page = backtest_page(self._found, self._request.limits, "ol.backtest(...)")
        if path is not None:
            write_whole(fsdecode(path), page)
        return page

    def __repr__(self) -> str:
        """Return the verdicts with their reasons."""
        document = backtest_document(self._found, self._request.limits)
        return f"<BacktestResult {' '.join(document.headlines)}>"

    def _log(self) -> dict[str, Any]:
        found: dict[str, Any] | None = self.data["log"]
        if found is None:
            raise OptionError("there is no log: give backtest() one, and first_day")
        return found


@known_arguments
def backtest(
    scenario: str | PathLike[str] | Scenario,
    log: str | PathLike[str] | None = None,
    *,
    first_day: Date | str | None = None,
    tests: str | PathLike[str] | None = None,
    plausible: str | PathLike[str] | None = None,
    worlds: int = 10,
    replications: int = 40,
    seed: int = 1,
    threads: int | None = None,
    max_bias: str = "10%",
    steady: str = "80%",
    worse: str = "5%",
    status_quo: str | None = None,
    until: Date | str | None = None,
    season: str | Sequence[float] | None = None,
    preset: str | None = None,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    no_amounts: bool = False,
    order: str | None = None,
    encoding: str | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> BacktestResult:
    """Predict a log's later part from what came before, as ``omnilab backtest`` does.

    Parameters
    ----------
    scenario
        Channels, calendar and status quo: a file, a shipped id, or what `load_scenario` returned.
    log
        The purchase log, as `fit` takes it.
    first_day
        Where the fit ends and the prediction begins.
    tests
        A YAML file of past tests, or a folder that has one.
    plausible, worlds
        A set of worlds of the scenario, or ``"auto"``; and how many of them are run at most.
    replications
        In each world, 5 to 1,000.
    seed
        Of the first replication.
    threads
        Of the tests; one a core by default.
    max_bias, steady, worse
        Where the verdicts part: the bias below which a prediction is trusted; the share of weeks
        off to one side from which a factor corrects them; by which part of the orders the errors
        may be larger than a simple rule's.
    status_quo
        The strategy under which the orders were made; the scenario's by default.
    until, season, preset, customer, date, amount, no_amounts, order
        As those of `fit`.
    encoding, date_format, decimal, currency
        As those of `fit`.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Warns
    -----
    OmnilabWarning
        About each kind of row that was left out. They stand in `BacktestResult.warnings` too.

    Raises
    ------
    OptionError, DataError, ScenarioError, StrategyError
        What is wrong, in one line.
    """
    base = scenario if isinstance(scenario, Scenario) else str(path("scenario", scenario))
    with python_words():
        fit = None if log is None else FitRequest(
            transactions=path("log", log), base=base, status_quo=text("status_quo", status_quo),
            until=day("until", until), season=season,
            preset=None if preset is None else choice("preset", preset, tuple(PRESETS)),
            customer=text("customer", customer), date=text("date", date),
            amount=text("amount", amount), no_amounts=flag("no_amounts", no_amounts),
            order=text("order", order), encoding=text("encoding", encoding),
            date_format=text("date_format", date_format),
            decimal=None if decimal is None else choice("decimal", decimal, (".", ",")),
            currency=text("currency", currency),
        )  # fmt: skip
        request = BacktestRequest(
            scenario=base, log=fit, first_day=day("first_day", first_day),
            tests=None if tests is None else Path(path("tests", tests)),
            plausible=None if plausible is None else fsdecode(path("plausible", plausible)),
            worlds=whole("worlds", worlds, 1, 1000),
            replications=whole("replications", replications, 5, 1000),
            seed=whole("seed", seed, 0, 2**63 - 1), limits=limits_of(max_bias, steady, worse),
        )  # fmt: skip
        told = callback("progress", progress)
        found = carry_out_backtest(
            request, threads=threads_of(threads), show=told or (lambda _what, _share: None)
        )
    result = BacktestResult(found, request)
    for warning in result.warnings:
        python_warnings.warn(warning, OmnilabWarning, stacklevel=callers_level())
    return result
