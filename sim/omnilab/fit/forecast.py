"""Go on after the log's end: a scenario of its customers, and what the models expect of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from omnilab.fit.bgnbd import BgNbdFit
from omnilab.fit.histories import Group, group_of, groups_of, standing_of
from omnilab.fit.laws import Laws, Standing, stand
from omnilab.fit.needs import Cohort, Needs
from omnilab.fit.scenario import Setting, Simulated, fitted_scenario, validated
from omnilab.fit.season import LEVEL
from omnilab.fit.summary import Occasions, summarise
from omnilab.parameters.quantity import format_amount
from omnilab.scenario.model import Scenario

__all__ = ["Forecast", "Outlook", "forecast", "seasonal_days"]

_DAY_S = 86_400
_ROUNDS = 4
_CLOSE = 0.004  # of all orders: inside what two simulations of a log's size differ by
_LARGEST_STEP = 3.0
# Orders that a group is drawn with towards all: groups differ by about a tenth in earnest (ours).
_DRAWN = 100.0
_UNIT_DAYS = {"week": 7.0, "day": 1.0}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the customers do after the log's end, by one account of it.

    Parameters
    ----------
    orders
        Of all customers; those of one day are one, as in the log.
    buyers
        Share of customers with an order, NaN where an account doesn't say.
    spend
        Mean of an order, NaN likewise.
    """

    orders: float
    buyers: float
    spend: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """A scenario that goes on after the log's end.

    Parameters
    ----------
    data, scenario
        Its file's plain data, and validated.
    days
        Length of its window.
    bgnbd
        What the published BG/NBD expects, without seasons.
    expected
        What the laws of purchase expect, which the scenario is adjusted to.
    seasonal
        Whether with seasons.
    simulated
        What the scenario's customers do under the status quo, brought to the log's number.
    weeks
        Shape (n_weeks,): their orders by week, of the log's number.
    standing, each, chance
        How the log leaves each customer; shape (n,): the orders of each in the simulation, and
        the chance of any by the laws.
    left
        Share of the simulated customers who left in these days, by cause.
    actual, actual_days
        What the log's customers did in so many of those days; None where the log ends before.
    customers
        Customers of the log.
    seasonal_days
        Length of the window on the clock of the seasons.
    start
        Its first day, where the calendar is known.
    """

    data: dict[str, Any]
    scenario: Scenario
    days: int
    bgnbd: Outlook
    expected: Outlook
    seasonal: bool
    simulated: Outlook
    weeks: npt.NDArray[np.float64]
    standing: Standing
    each: npt.NDArray[np.float64]
    chance: npt.NDArray[np.float64]
    left: Mapping[str, float]
    actual: Outlook | None
    actual_days: int
    customers: int
    seasonal_days: float
    start: Date | None

    def total_of(self, laws: Laws) -> float:
        """Return all customers' expected orders by other laws on the same clock."""
        found = stand(laws, self.standing.past, self.standing.spend)
        return float(found.expected_orders(self.seasonal_days).sum())


def forecast(
    setting: Setting,
    cohort: Cohort,
    laws: Laws,
    season: tuple[float, ...],
    needs: Needs,
    bgnbd: BgNbdFit,
    days: int,
    simulate: Callable[[Scenario, int], Simulated],
    *,
    scale: float = 1.0,
    later: Occasions | None = None,
    later_days: int = 0,
) -> Forecast:
    """Return the scenario of the log's customers in the days after its end.

    The groups' rates are adjusted by simulation until its customers order as often, in all, as
    the laws expect of them: a need becomes an order later, or not at all.

    Parameters
    ----------
    setting
        Of the scenario that replays the log.
    cohort, laws, season
        The log's customers, their laws of purchase, and the clock of these.
    needs
        Which replay the log.
    bgnbd
        The published model, for comparison.
    days
        Length of the window, 2 or above.
    simulate
        Gives what a scenario's customers do in the first so many days.
    scale
        Needs for each purchase, a first guess.
    later, later_days
        What the log's customers bought after the end, where that is known, and for how long.
    """
    needs = replace(needs, season=season)
    standing = standing_of(cohort, laws, season)
    ahead = seasonal_days(cohort, season, days)
    mean_spend = float(cohort.occasions.amount.mean())
    groups = groups_of(standing, needs, mean_spend, ahead, setting.spend)
    n = cohort.occasions.n_customers
    wanted = sum(group.expected for group in groups) / n
    for number in range(1, _ROUNDS + 1):
        data, scenario = _scenario(setting, groups, needs, scale, days, mean_spend)
        found = simulate(scenario, days)
        have = len(found.occasions.customer) / found.customers
        if abs(have / wanted - 1) <= _CLOSE or number == _ROUNDS:
            break
        step = np.clip(wanted / max(have, 1e-9), 1 / _LARGEST_STEP, _LARGEST_STEP)
        scale *= float(step)
    weeks = np.bincount(found.occasions.time_s // (7 * _DAY_S), minlength=-(-days // 7))
    return Forecast(
        data=data,
        scenario=scenario,
        days=days,
        bgnbd=Outlook(_by_bgnbd(bgnbd, cohort.occasions, days), float("nan"), float("nan")),
        expected=_by_laws(standing, ahead, groups),
        seasonal=season != LEVEL,
        simulated=_by_orders(found.occasions, found.customers, n),
        weeks=np.asarray(weeks * (n / found.customers), dtype=np.float64),
        standing=standing,
        each=_of_each(found, groups, standing.expected_orders(ahead)),
        chance=standing.chance_to_order(ahead),
        left={cause: number / found.customers for cause, number in found.left.items()},
        actual=None if later is None else _by_orders(later, n, n),
        actual_days=later_days,
        customers=n,
        seasonal_days=ahead,
        start=scenario.time.start if cohort.occasions.start is not None else None,
    )


def _of_each(
    found: Simulated, groups: list[Group], expected: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return each customer's simulated orders, shape (n,): the group's, in the laws' proportion.

    A group has few simulated customers, whose orders differ from the laws' by chance too: by how
    much is drawn towards what it is of all groups together.
    """
    people = found.people
    weights = [group.customers for group in groups]
    having = np.bincount(group_of(np.arange(people), weights), minlength=len(groups))
    seeds = found.customers // people
    who = group_of(found.person[found.occasions.customer] % people, weights)
    orders = np.bincount(who, minlength=len(groups))
    usual = np.array([group.expected / group.customers for group in groups]) * having * seeds
    overall = float(orders.sum()) / max(float(usual.sum()), 1e-12)
    ratio = (orders + _DRAWN * overall) / (usual + _DRAWN)
    each = np.zeros(len(expected))
    for group, times in zip(groups, ratio, strict=True):
        each[group.rows] = times * expected[group.rows]
    return each


def seasonal_days(cohort: Cohort, season: tuple[float, ...], days: int) -> float:
    """Return how long so many days after the log's end are on the seasonal clock."""
    start = cohort.occasions.start
    if start is None or season == LEVEL:
        return float(days)
    first = start + timedelta(days=cohort.occasions.n_days)
    return float(sum(season[(first + timedelta(days=d)).month - 1] for d in range(days)))


def _by_laws(standing: Standing, ahead: float, groups: list[Group]) -> Outlook:
    orders = np.array([group.expected for group in groups])
    spend = float(orders @ [group.spend for group in groups] / max(orders.sum(), 1e-12))
    return Outlook(float(orders.sum()), float(standing.chance_to_order(ahead).mean()), spend)


def _by_bgnbd(fit: BgNbdFit, occasions: Occasions, days: int) -> float:
    summary = summarise(occasions, unit="week" if fit.unit == "week" else "day")
    ahead = days / _UNIT_DAYS[fit.unit]
    each = fit.model.expected_orders(ahead, summary.frequency, summary.recency, summary.T)
    return float(each.sum())


def _by_orders(bought: Occasions, customers: int, scaled_to: int) -> Outlook:
    spend = float(bought.amount.mean()) if len(bought.amount) else float("nan")
    scale = scaled_to / customers
    return Outlook(len(bought.customer) * scale, bought.n_customers / customers, spend)


def _scenario(
    setting: Setting, groups: list[Group], needs: Needs, scale: float, days: int, mean_spend: float
) -> tuple[dict[str, Any], Scenario]:
    """Return the scenario of the customers, each of whose purchases takes ``scale`` needs."""
    data, _ = fitted_scenario(setting, needs)
    occasions = setting.occasions
    time = {**data["time"], "burn_in": "0d", "window": f"{days}d"}
    if occasions.start is not None:
        time["start"] = (occasions.start + timedelta(days=occasions.n_days)).isoformat()
    paid = needs.spend / mean_spend  # what is asked for an order, less what is paid for it
    population = {k: v for k, v in data["population"].items() if k != "entry"}
    classes = [one["name"] for one in population.get("classes", ())]
    population["histories"] = [
        _written(group, scale, paid, setting.currency)
        | ({"member_of": classes[group.of_class]} if classes else {})
        for group in groups
    ]
    base, version = setting.id.rsplit("-v", 1)
    data = {
        **data,
        "id": f"{base[:50]}-next-v{version}",
        "title": f"{setting.title}: its customers in the {days} days after",
        "time": time,
        "population": population,
    }
    return data, validated(data)


def _written(group: Group, scale: float, paid: float, currency: str) -> dict[str, Any]:
    """Return a group as the scenario's file holds it."""
    every = min(max(1.0 / max(group.rate * scale, 1e-9), 0.001), 30_000.0)
    return {
        "share": group.customers,
        "alive": f"{min(100 * group.alive, 100.0):.3f}%",
        "orders": group.orders,
        "every": f"{every:.2f}d" if every >= 1 else f"{every * _DAY_S:.0f}s",  # whole seconds
        "shape": _four(group.shape),
        "dropout": {"a": _four(group.a), "b": _four(group.b)},
        "spend": format_amount(round(max(group.spend * paid, 0.01), 2), currency),
        "q": _four(max(group.q, 1.05)),
    }


def _four(value: float) -> float:
    return float(f"{value:.4g}")
