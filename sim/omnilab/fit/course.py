"""The course of a fit: models of the log, needs adjusted by simulation, the days after its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from omnilab.errors import DataError
from omnilab.fit.adjust import ROUNDS, Adjusted, Misfit, adjust
from omnilab.fit.bgnbd import BgNbdFit, fit_bgnbd
from omnilab.fit.forecast import Forecast, forecast
from omnilab.fit.found import Fitted
from omnilab.fit.gamma_gamma import fit_gamma_gamma
from omnilab.fit.needs import Cohort, Needs, first_guess
from omnilab.fit.read import Transactions
from omnilab.fit.report import fit_report
from omnilab.fit.request import FitRequest
from omnilab.fit.scenario import Setting, fitted_scenario, simulated_occasions
from omnilab.fit.summary import Occasions, later_occasions, summarise
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy

__all__ = ["carry_out"]

# Customers of one simulation: enough to tell a share to half a point, few enough for memory.
_FEWEST, _MOST = 10_000, 50_000
_SEEDS = (1, 2, 3)

Say = Callable[[str], None]
Show = Callable[[str, float], None]


def carry_out(
    request: FitRequest,
    log: Transactions,
    occasions: Occasions,
    base: Mapping[str, Any],
    *,
    scenario_id: str,
    say: Say = lambda _line: None,
    show: Show = lambda _what, _share: None,
) -> Fitted:
    """Fit a log that was read.

    Parameters
    ----------
    request
        With a status quo.
    log, occasions
        What `FitRequest.read` and `FitRequest.occasions_of` gave.
    base
        From `read_base`.
    scenario_id
        Of the scenario to make.
    say
        Called with notes of what is going on.
    show
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    DataError
        If the log has too little to fit, with its file.
    StrategyError
        If the status quo can't be loaded, or fails.
    """
    assert request.status_quo is not None
    setting = Setting(
        id=scenario_id,
        title=f"Fitted on {log.source}",
        currency=request.currency or log.currency or base.get("currency", "EUR"),
        status_quo=request.status_quo,
        base=base,
        occasions=occasions,
    )
    try:
        return _fitted(setting, log, request, say, show)
    except DataError as error:
        if error.file is not None:
            raise
        raise DataError(error.message, file=request.transactions) from None  # models know no files


def _fitted(
    setting: Setting, log: Transactions, request: FitRequest, say: Say, show: Show
) -> Fitted:
    occasions = setting.occasions
    summary = summarise(occasions)
    bgnbd = fit_bgnbd(summary)
    spend = fit_gamma_gamma(summary.frequency, summary.monetary_value)
    cohort = Cohort(occasions)
    start = first_guess(cohort, spend.model)
    _, scenario = fitted_scenario(setting, start.rounded())
    load_strategy(setting.status_quo, scenario)  # a wrong name is said before the wait
    adjusted = _adjusted(setting, cohort, start, say, show)
    report = fit_report(occasions, bgnbd, spend, transactions=log)
    report = report.with_simulated(adjusted.occasions)
    data, scenario = fitted_scenario(setting, adjusted.needs)
    ahead = None
    if request.days:
        say(f"simulating the {request.days} days after the log's end")
        ahead = _ahead(setting, log, cohort, start, adjusted.needs, bgnbd, request)
    return Fitted(setting, data, scenario, report, adjusted, start, bgnbd, spend, ahead)


def _adjusted(setting: Setting, cohort: Cohort, start: Needs, say: Say, show: Show) -> Adjusted:
    """Return needs adjusted by simulation, and say how far off each round is."""
    say("simulating (kernels are compiled once a version, up to two minutes)")

    def simulate(needs: Needs) -> Occasions:
        _, scenario = fitted_scenario(setting, needs)
        return _simulated(setting, scenario, setting.occasions.n_days)

    def tell(number: int, misfit: Misfit) -> None:
        show("adjusting", number / ROUNDS)
        say(f"round {number}: {misfit}")

    adjusted = adjust(cohort, start, simulate, rounds=ROUNDS, tell=tell)
    show("adjusting", 1.0)  # it may be close enough before the last round
    return adjusted


def _ahead(
    setting: Setting, log: Transactions, cohort: Cohort, start: Needs, needs: Needs,
    bgnbd: BgNbdFit, request: FitRequest,
) -> Forecast:  # fmt: skip
    """Return the scenario of the log's customers after its end."""
    occasions = setting.occasions

    def simulate(scenario: Scenario, n_days: int) -> tuple[Occasions, int]:
        customers = _customers(occasions) * len(_SEEDS)
        return _simulated(setting, scenario, n_days), customers

    later, later_days = None, 0
    if request.until is not None and occasions.start is not None:
        end = occasions.start + timedelta(days=occasions.n_days - 1)
        later, later_days = later_occasions(
            log, end=end, days=request.days, first_from=request.first_from,
            first_until=request.first_until,
        )  # fmt: skip
    return forecast(
        setting, cohort, start, needs, bgnbd, request.days, simulate,
        later=later, later_days=later_days,
    )  # fmt: skip


def _simulated(setting: Setting, scenario: Scenario, n_days: int) -> Occasions:
    occasions = setting.occasions
    return simulated_occasions(
        scenario.with_customers(_customers(occasions)), n_days,
        same_day=occasions.same_day, seeds=_SEEDS,
    )  # fmt: skip


def _customers(occasions: Occasions) -> int:
    return min(max(occasions.n_customers, _FEWEST), _MOST)
