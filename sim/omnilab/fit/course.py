"""The course of a fit: models of the log, needs adjusted by simulation, the days after its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from omnilab.errors import DataError
from omnilab.fit.bgnbd import BgNbdFit, fit_bgnbd
from omnilab.fit.doubt import fitted_ranges
from omnilab.fit.enough import check_size, declared_spend, not_identified, of_declared
from omnilab.fit.forecast import Forecast, forecast
from omnilab.fit.found import Fitted
from omnilab.fit.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from omnilab.fit.histories import standing_of
from omnilab.fit.holdout import HoldOut, held_out, split
from omnilab.fit.likely import LikelyLaws, choose_laws, past_of
from omnilab.fit.needs import Cohort, Needs, first_guess, found_season
from omnilab.fit.read import Transactions
from omnilab.fit.replay import Say, Show, possible, replay, simulated
from omnilab.fit.report import fit_report
from omnilab.fit.request import FitRequest
from omnilab.fit.scenario import Setting, fitted_scenario
from omnilab.fit.season import LEVEL, SEASON_YEARS
from omnilab.fit.spend import choose_spend, with_frequency
from omnilab.fit.summary import Occasions, later_occasions, summarise
from omnilab.scenario.customers import Spend
from omnilab.strategy.loading import load_strategy

__all__ = ["Foretold", "carry_out", "declared_setting", "foretell"]


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
    check_size(occasions)
    days = request.held_out_days(occasions.n_days)
    setting, declared = declared_setting(setting, log)
    read = _read_laws(setting, request, declared)
    likely = read.likely
    if not likely.dropout_identified and not request.accept:
        raise DataError(not_identified(likely, occasions))
    _, scenario = fitted_scenario(read.setting, read.start.rounded())
    load_strategy(setting.status_quo, scenario)  # a wrong name is said before the wait
    tuned = replay(
        read.setting, read.cohort, read.likely, read.start, say, show,
        seasonal=read.season_from == "fit",
    )  # fmt: skip
    adjusted = tuned.adjusted
    read = replace(read, setting=tuned.setting, start=tuned.start)
    report = fit_report(read.setting.occasions, read.bgnbd, read.gamma_gamma, transactions=log)
    report = report.with_simulated(adjusted.occasions)
    data, scenario = fitted_scenario(read.setting, adjusted.needs)
    ranges = fitted_ranges(likely, adjusted.needs, scenario.categories[0].name)
    data, scenario = {**data, "fitted": ranges}, scenario.changed({"fitted": ranges})
    heldout = None
    if days:
        say(f"holding out the last {days} days, and fitting the days before anew")
        known = replace(setting, habit=read.setting.habit)
        heldout = _held_out(known, request, declared, days, say, show)
    ahead = None
    if request.days:
        say(f"simulating the {request.days} days after the log's end")
        tried: list[Forecast] = []
        possible(adjusted.needs, lambda one: tried.append(_ahead(read, log, one, request)), say)
        ahead = tried[-1]
    return Fitted(
        setting=read.setting, data=data, scenario=scenario, report=report, adjusted=adjusted,
        start=read.start, bgnbd=read.bgnbd, spend=read.gamma_gamma, ahead=ahead, likely=likely,
        left=tuned.left, heldout=heldout, season_from=read.season_from, has_amounts=log.has_amounts,
        who=occasions.who if occasions.who is not None else np.arange(occasions.n_customers),
    )  # fmt: skip


@dataclass(frozen=True)
class _Read:
    """What likelihood alone says of a log, before anything is simulated."""

    setting: Setting
    cohort: Cohort
    season: tuple[float, ...]
    season_from: str
    likely: LikelyLaws
    start: Needs
    bgnbd: BgNbdFit
    gamma_gamma: GammaGammaFit


def _read_laws(setting: Setting, request: FitRequest, declared: Spend | None) -> _Read:
    """Return the laws of a log (or of its first part) and where the adjustment starts."""
    occasions = setting.occasions
    summary = summarise(occasions)
    bgnbd = fit_bgnbd(summary)
    if declared is None:
        gamma_gamma = fit_gamma_gamma(summary.frequency, summary.monetary_value)
    else:
        gamma_gamma = of_declared(declared)
    cohort = Cohort(occasions)
    season, season_from = _season(cohort, request)
    likely = choose_laws(past_of(occasions, season))
    spend = None
    if declared is None:
        standing = standing_of(cohort, likely.laws, season)
        spend = with_frequency(choose_spend(occasions), occasions, standing)
    start = first_guess(cohort, likely.laws, season, gamma_gamma.model)
    setting = replace(setting, spend=spend)
    return _Read(setting, cohort, season, season_from, likely, start, bgnbd, gamma_gamma)


def _season(cohort: Cohort, request: FitRequest) -> tuple[tuple[float, ...], str]:
    """Return the monthly factors, and where they are from: ``told``, ``fit`` or ``off``."""
    told = request.told_season
    if told is not None:
        return told, "told"
    years = cohort.occasions.n_days / 365.25
    if request.season == "fit" or (request.season is None and years >= SEASON_YEARS):
        return found_season(cohort), "fit"
    return LEVEL, "off"


def _without_amounts(occasions: Occasions, mean: float) -> Occasions:
    """Return the orders of a log without amounts, each at the declared mean."""
    return replace(occasions, amount=np.full(len(occasions.amount), mean))


@dataclass(frozen=True)
class Foretold:
    """What the first part of a log says of the days after it.

    Parameters
    ----------
    likely
        The laws, of the first part alone.
    ahead
        The simulated forecast that follows from them.
    """

    likely: LikelyLaws
    ahead: Forecast
    read: _Read

    def under(self, base: Mapping[str, Any], say: Say = lambda _line: None) -> Forecast:
        """Return the forecast of the same laws in another world.

        Parameters
        ----------
        base
            From `read_base`.
        """
        read = replace(self.read, setting=replace(self.read.setting, base=base))
        return _simulated_ahead(read, self.ahead.days, say)


def declared_setting(setting: Setting, log: Transactions) -> tuple[Setting, Spend | None]:
    """Return the setting with the base's spend where a log has no amounts, and that spend."""
    declared = None if log.has_amounts else declared_spend(setting.base)
    if declared is not None:
        occasions = _without_amounts(setting.occasions, declared.mean)
        setting = replace(setting, occasions=occasions)
    return setting, declared


def foretell(
    setting: Setting, request: FitRequest, declared: Spend | None, days: int, say: Say
) -> Foretold:
    """Fit the occasions of a setting, and simulate the days after them.

    Parameters
    ----------
    setting
        With the occasions of the first part.
    declared
        Spend, where the log has none.
    days
        Length of what is forecast.
    """
    read = _read_laws(setting, request, declared)
    return Foretold(read.likely, _simulated_ahead(read, days, say), read)


def _held_out(
    setting: Setting, request: FitRequest, declared: Spend | None, days: int, say: Say, show: Show
) -> HoldOut:
    """Return the hold-out: all is fitted anew on the first part, the last is simulated."""
    seen, later, counts = split(setting.occasions, days)
    show("holding out", 0.5)
    found = foretell(replace(setting, occasions=seen), request, declared, days, say)
    show("holding out", 1.0)
    return held_out(seen, later, counts, found.likely, found.ahead)


def _simulated_ahead(read: _Read, days: int, say: Say) -> Forecast:
    found: list[Forecast] = []
    possible(read.start.rounded(), lambda one: found.append(_forecast(read, one, days)), say)
    return found[-1]


def _ahead(read: _Read, log: Transactions, needs: Needs, request: FitRequest) -> Forecast:
    """Return the scenario of the log's customers after its end."""
    occasions = read.setting.occasions
    later, later_days = None, 0
    if request.until is not None and occasions.start is not None:
        end = occasions.start + timedelta(days=occasions.n_days - 1)
        later, later_days = later_occasions(
            log, end=end, days=request.days, first_from=request.first_from,
            first_until=request.first_until,
        )  # fmt: skip
    return _forecast(read, needs, request.days, later, later_days)


def _forecast(
    read: _Read, needs: Needs, days: int, later: Occasions | None = None, later_days: int = 0
) -> Forecast:
    # Purchases of a need at the mean rates: the first guess of what becomes orders.
    return forecast(
        read.setting, read.cohort, read.likely.laws, read.season, needs, read.bgnbd, days,
        lambda scenario, n_days: simulated(read.setting, scenario, n_days),
        scale=read.start.every / needs.every, later=later, later_days=later_days,
    )  # fmt: skip
