"""Fit what customers do without a message: the control arm's visits, orders and spend.

The scenario is simulated without the test's messages over three years. Each four weeks of the last
one could have been the test's: customers who then met its condition are weighed to be like the
table's, and what they did in the window that follows is held against the control arm. Thirteen such
dates see far more orders than one. Three factors meet three rates, by closed forms that are
corrected with what each round finds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from omnilab.engine.calibrate import calibrated_model
from omnilab.errors import DataError
from omnilab.experiment.job import Job
from omnilab.experiment.request import Request
from omnilab.fit.experiment.arms import SEND_S
from omnilab.fit.experiment.past import YEAR_S, simulated_past
from omnilab.fit.experiment.people import Setup
from omnilab.fit.experiment.space import Base
from omnilab.fit.experiment.strata import Past, Stratum
from omnilab.fit.experiment.weights import Weighted, rake
from omnilab.log import rows
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy

__all__ = ["BaseRates", "Rates", "fit_base"]

_DAY_S: Final = 86_400
_WEEK_S: Final = 7 * _DAY_S
_STEP_S: Final = 28 * _DAY_S
_N_DATES: Final = 14
_ROUNDS: Final = 7
#: Relative errors of rates within which it stops: a control arm of thousands leaves as much open.
_CLOSE: Final = {"visit": 0.03, "conversion": 0.06, "spend": 0.08}
_LARGEST_STEP: Final = 1.2  # of a factor's logarithm, in one round
_LIMIT: Final = 5.0  # of a factor's logarithm, in all
_LEAST_EFFECTIVE: Final = 100.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rates:
    """What simulated customers did without a message.

    Parameters
    ----------
    rates
        Outcome -> mean.
    visits
        (stratum, group) -> share with the first outcome, for all groups with customers.
    people
        Customers and dates that could have been the test's, and how they are weighed.
    take_part
        Customers who could have taken part, on a date.
    """

    rates: dict[str, float]
    visits: dict[tuple[str, int], float]
    people: Weighted
    take_part: float


@dataclass(frozen=True, slots=True)
class BaseRates:
    """Where the fit of base rates ended.

    Parameters
    ----------
    base
        The factors.
    found
        With these.
    rounds
        Simulations it took.
    misfit
        Outcome -> relative error.
    """

    base: Base
    found: Rates
    rounds: int
    misfit: dict[str, float]

    @property
    def take_part(self) -> float:
        """Simulated customers who could have taken part, on a date."""
        return self.found.take_part


def fit_base(
    setup: Setup,
    wanted: Mapping[str, float],
    strata: Sequence[Stratum],
    shares: Sequence[Floats],
    *,
    within_s: int,
    threads: int = 1,
    seed: int = 1,
    tell: Callable[[int, Mapping[str, float]], None] = lambda _n, _m: None,
) -> BaseRates:
    """Return the factors at which simulated customers do what the control arm did.

    Parameters
    ----------
    wanted
        Outcome -> the control arm's mean.
    strata, shares
        How customers are weighed, as `omnilab.fit.experiment.weights.rake` takes it.
    within_s
        Seconds over which outcomes are counted.
    tell
        Called after each round with its number, from 1, and the relative errors.

    Raises
    ------
    DataError
        Where no simulated customer could have taken part.
    """
    base, best = Base(), None
    history: list[tuple[Base, dict[str, float]]] = []
    for number in range(1, _ROUNDS + 1):
        scenario = setup.scenario.changed(base.patch(setup.scenario, setup.landing))
        found = _rates(setup, scenario, wanted, strata, shares, within_s, threads, seed)
        misfit = {o: found.rates[o] / wanted[o] - 1 for o in wanted if wanted[o] > 0}
        tell(number, misfit)
        if best is None or _size(misfit) < _size(best.misfit):
            best = BaseRates(base, found, number, misfit)
        if _size(misfit) < 1 or number == _ROUNDS:
            break
        history.append((base, found.rates))
        base = _next(setup, base, found.rates, wanted, history, within_s)
    assert best is not None
    return replace(best, rounds=number)


def _size(misfit: Mapping[str, float]) -> float:
    """Return the largest error, where 1 is close enough."""
    return max((abs(e) / _CLOSE[o] for o, e in misfit.items()), default=0.0)


def _next(
    setup: Setup, base: Base, found: Mapping[str, float], wanted: Mapping[str, float],
    history: Sequence[tuple[Base, Mapping[str, float]]], within_s: int,
) -> Base:  # fmt: skip
    """Return the factors of the next round."""
    needs, idle, spend = base.needs, base.idle, base.spend
    if wanted.get("conversion"):
        error = math.log(wanted["conversion"] / max(found["conversion"], 1e-6))
        needs = _moved(needs, error / _elasticity(history))
        if wanted.get("spend"):
            per_order = wanted["spend"] / wanted["conversion"]
            now = max(found["spend"], 1e-9) / max(found["conversion"], 1e-9)
            spend = _moved(spend, math.log(per_order / now))
    if wanted.get("visit"):
        # Idle visits are Poisson: what others bring is what is left of the hazard.
        weeks = within_s / _WEEK_S
        rate = _idle_rate(setup) * idle
        others = _hazard(found["visit"]) - rate * weeks
        goal = max(_hazard(wanted["visit"]) - others * needs / base.needs, 0.0) / weeks
        idle = _moved(idle, math.log(max(goal, 0.02 * rate) / rate))
    return Base(needs, idle, spend)


def _elasticity(history: Sequence[tuple[Base, Mapping[str, float]]]) -> float:
    """Return how conversions have followed needs, in logarithms; first a guess."""
    if len(history) < 2:
        return 0.8
    (before, was), (now, is_) = history[-2:]
    step = math.log(now.needs / before.needs)
    if abs(step) < 0.05 or min(was["conversion"], is_["conversion"]) <= 0:
        return 0.8
    return min(max(math.log(is_["conversion"] / was["conversion"]) / step, 0.3), 1.5)


def _moved(factor: float, step: float) -> float:
    moved = math.log(factor) + min(max(step, -_LARGEST_STEP), _LARGEST_STEP)
    return math.exp(min(max(moved, -_LIMIT), _LIMIT))


def _hazard(share: float) -> float:
    return -math.log(1 - min(share, 0.999))


def _idle_rate(setup: Setup) -> float:
    side = next(c.visit for c in setup.scenario.channels if c.name == setup.landing)
    assert side is not None
    return max(side.idle, 1e-3)


def _rates(
    setup: Setup, scenario: Scenario, wanted: Mapping[str, float], strata: Sequence[Stratum],
    shares: Sequence[Floats], within_s: int, threads: int, seed: int,
) -> Rates:  # fmt: skip
    """Simulate without messages and return what customers like the table's did."""
    past, outcomes = _dates(setup, scenario, within_s, threads, seed)
    codes = [s.codes(past) for s in strata]
    people = rake(codes, shares) if strata else rake([np.zeros(len(outcomes), np.int64)],
                                                     [np.ones(1)])  # fmt: skip
    if people.effective < _LEAST_EFFECTIVE:
        raise DataError(
            f"of {scenario.population.customers:,} simulated customers only "
            f"{people.effective:,.0f} are like those of the table: give a --base whose customers "
            "buy about as often"
        )
    weights = people.weights / people.weights.sum()
    means = weights @ outcomes
    rates = {o: float(means[i]) for i, o in enumerate(("visit", "conversion", "spend"))}
    first = next(iter(wanted))
    y = outcomes[:, ("visit", "conversion", "spend").index(first)]
    visits = {}
    for stratum, code in zip(strata, codes, strict=True):
        for group in range(len(stratum.labels)):
            here = code == group
            if weights[here].sum() > 0:
                visits[stratum.name, group] = float(np.average(y[here], weights=weights[here]))
    return Rates(rates, visits, people, len(outcomes) / _N_DATES)


def _dates(
    setup: Setup, scenario: Scenario, within_s: int, threads: int, seed: int
) -> tuple[Past, Floats]:
    """Return pasts and outcomes of all customers and dates that could have been the test's."""
    window = 3 * YEAR_S + max(within_s, _STEP_S) + 2 * _DAY_S
    long = scenario.changed({"time": {"burn_in": 0, "window": window}})
    control = load_strategy(long.brand.status_quo, long)
    model = calibrated_model(long)
    job = Job(long, [control], model, Request(seed=seed, engine="compiled", keep_events=True))
    runner, _, step = job.begin(0)
    kinds = (rows.PERSON, rows.NEED, rows.ORDER, rows.VISIT)
    kept: dict[int, list[Any]] = {kind: [] for kind in kinds}
    for result in runner.run(step, threads):
        for block in result.rows[0]:
            for kind in kinds:
                kept[kind].append(block[block["kind"] == kind])
    tables = {kind: np.concatenate(blocks) for kind, blocks in kept.items()}
    landing = [c.name for c in long.channels].index(setup.landing)
    n = long.population.customers
    pasts, outcomes = [], []
    for number in range(_N_DATES):
        at = 2 * YEAR_S + number * _STEP_S
        past, part = simulated_past(tables, n, at, setup.categories)
        pasts.append((past, part))
        outcomes.append(_outcomes(tables, n, landing, at + SEND_S, within_s)[part])
    if not any(part.any() for _, part in pasts):
        raise DataError("no simulated customer bought within a year: can anyone order there?")
    return _pooled(pasts), np.concatenate(outcomes)


def _outcomes(tables: Mapping[int, Any], n: int, landing: int, start: int, within_s: int) -> Floats:
    y = np.zeros((n, 3))

    def inside(kind: int, length_s: int) -> Any:
        table = tables[kind]
        return table[
            (table["time"] >= start) & (table["time"] < start + length_s)
            & (table["channel"] == landing)
        ]  # fmt: skip

    y[inside(rows.VISIT, within_s)["person"], 0] = 1.0
    orders = rows.columns(inside(rows.ORDER, _STEP_S), rows.ORDER)
    # A person with orders in four weeks had one in the window with about the window's part of it.
    y[orders.person, 1] = within_s / _STEP_S
    np.add.at(y[:, 2], orders.person, orders.paid / 100.0 * within_s / _STEP_S)
    return y


def _pooled(pasts: Sequence[tuple[Past, npt.NDArray[np.bool_]]]) -> Past:
    def joined(name: str) -> Any:
        return np.concatenate([getattr(past, name)[part] for past, part in pasts])

    names = [*pasts[0][0].bought]
    bought = {b: np.concatenate([past.bought[b][part] for past, part in pasts]) for b in names}
    return Past(joined("recency"), joined("history"), joined("newbie"), bought)
