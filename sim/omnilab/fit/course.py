"""The course of a fit: models of the log, needs adjusted by simulation, the days after its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from omnilab.errors import DataError, ScenarioError
from omnilab.fit.adjust import ROUNDS, Adjusted, adjust
from omnilab.fit.bgnbd import BgNbdFit, fit_bgnbd
from omnilab.fit.doubt import fitted_ranges
from omnilab.fit.enough import check_size, declared_spend, not_identified, of_declared
from omnilab.fit.forecast import Forecast, forecast
from omnilab.fit.found import Fitted
from omnilab.fit.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from omnilab.fit.histories import standing_of
from omnilab.fit.holdout import HoldOut, held_out, split
from omnilab.fit.likely import LikelyLaws, choose_laws, past_of
from omnilab.fit.misfit import Misfit
from omnilab.fit.needs import Cohort, Needs, first_guess, found_season
from omnilab.fit.read import Transactions
from omnilab.fit.report import fit_report
from omnilab.fit.request import FitRequest
from omnilab.fit.scenario import Setting, Simulated, fitted_scenario, simulate
from omnilab.fit.season import LEVEL, SEASON_YEARS
from omnilab.fit.spend import choose_spend, with_frequency
from omnilab.fit.summary import Occasions, later_occasions, summarise
from omnilab.scenario.customers import Spend
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy

__all__ = ["carry_out"]

# Customers of one simulation: enough to tell a share to half a point, few enough for memory.
_FEWEST, _MOST = 10_000, 50_000
_SEEDS = (1, 2, 3)
# Of all leaving, what bad experiences may make of it before habit has to tame them (ours).
_MOST_ANNOYED = 0.5

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
    check_size(occasions)
    days = request.held_out_days(occasions.n_days)
    declared = None if log.has_amounts else declared_spend(setting.base)
    if declared is not None:
        setting = replace(setting, occasions=_without_amounts(occasions, declared.mean))
    read = _read_laws(setting, request, declared)
    likely = read.likely
    if not likely.dropout_identified and not request.accept:
        raise DataError(not_identified(likely, occasions))
    _, scenario = fitted_scenario(read.setting, read.start.rounded())
    load_strategy(setting.status_quo, scenario)  # a wrong name is said before the wait
    adjusted, left, read = _adjusted(read, say, show)
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
        ahead = _ahead(read, log, adjusted.needs, request)
    return Fitted(
        setting=read.setting, data=data, scenario=scenario, report=report, adjusted=adjusted,
        start=read.start, bgnbd=read.bgnbd, spend=read.gamma_gamma, ahead=ahead, likely=likely,
        left=left, heldout=heldout, season_from=read.season_from, has_amounts=log.has_amounts,
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


def _adjusted(read: _Read, say: Say, show: Show) -> tuple[Adjusted, dict[str, float], _Read]:
    """Return needs adjusted by simulation, who left by cause, and what they were started from.

    The chance to leave after an order is what is left of the laws' when the simulated world's
    own reasons to leave are taken off: else those would come on top. Where those reasons alone
    make more leave than the log lets, customers get used to them (`Setting.habit`). Where the
    world's losses and delays let no orders be as regular as the log's, they are left at random.

    Returns
    -------
    Needs, customers who left as shares by cause, and `read` with what had to be changed.
    """
    say("simulating (kernels are compiled once a version, up to two minutes)")
    laws = read.likely.laws
    found: dict[Needs, Simulated] = {}

    def simulated(needs: Needs) -> Occasions:
        _, scenario = fitted_scenario(read.setting, needs)
        found[needs] = _simulated(read.setting, scenario, read.setting.occasions.n_days)
        return found[needs].occasions

    def tell(number: int, misfit: Misfit) -> None:
        show("adjusting", number / ROUNDS)
        say(f"round {number}: {misfit}")

    read = _possible(read, lambda one: simulated(one.start.rounded()), say)
    first = found[read.start.rounded()]
    annoyed = first.left["annoyed"] / len(first.occasions.customer)
    if annoyed > _MOST_ANNOYED * laws.a / (laws.a + laws.b):
        read = replace(read, setting=replace(read.setting, habit=True))
        simulated(read.start.rounded())
        first = found[read.start.rounded()]
        annoyed = first.left["annoyed"] / len(first.occasions.customer)
    start = read.start.with_other_leaving(annoyed)
    tailed = read.setting.spend is not None and len(read.setting.spend.classes) > 1
    adjusted = adjust(
        read.cohort, start, simulated, rounds=ROUNDS, seasonal=read.season_from == "fit",
        tailed=tailed, leaving=read.likely.dropout_identified, tell=tell,
    )  # fmt: skip
    show("adjusting", 1.0)  # it may be close enough before the last round
    last = found[adjusted.needs]
    left = {cause: number / last.customers for cause, number in last.left.items()}
    return adjusted, left, read


def _possible(read: _Read, attempt: Callable[[_Read], object], say: Say) -> _Read:
    """Return what was read, with orders at random where the world can't make them regular."""
    try:
        attempt(read)
    except ScenarioError as error:
        if read.start.regularity == 1 or "order_regularity" not in str(error):
            raise
        say(f"orders are left at random: {error}")
        read = replace(read, start=replace(read.start, regularity=1.0))
        attempt(read)
    return read


def _held_out(
    setting: Setting, request: FitRequest, declared: Spend | None, days: int, say: Say, show: Show
) -> HoldOut:
    """Return the hold-out: all is fitted anew on the first part, the last is simulated."""
    seen, later, counts = split(setting.occasions, days)
    read = _read_laws(replace(setting, occasions=seen), request, declared)
    show("holding out", 0.5)
    found = []
    _possible(read, lambda one: found.append(_forecast(one, one.start.rounded(), days)), say)
    show("holding out", 1.0)
    return held_out(seen, later, counts, read.likely, found[-1])


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
        lambda scenario, n_days: _simulated(read.setting, scenario, n_days),
        scale=read.start.every / needs.every, later=later, later_days=later_days,
    )  # fmt: skip


def _simulated(setting: Setting, scenario: Scenario, n_days: int) -> Simulated:
    occasions = setting.occasions
    return simulate(
        scenario.with_customers(_customers(occasions)), n_days,
        same_day=occasions.same_day, seeds=_SEEDS,
    )  # fmt: skip


def _customers(occasions: Occasions) -> int:
    return min(max(occasions.n_customers, _FEWEST), _MOST)
