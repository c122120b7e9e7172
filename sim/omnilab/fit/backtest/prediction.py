"""Predict the days after a log's first part, with intervals: replications, worlds, doubt of fit.

Each draw is one replication of the scenario of the log's customers, of as many of them as there
are, multiplied by what a replication does not show: the doubt of the laws that were fitted, months
that the log does not tell of, and the shocks that its own weeks show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.backtest.rules import Rule, rules_of
from omnilab.fit.course import Foretold
from omnilab.fit.forecast import Forecast
from omnilab.fit.histories import group_of
from omnilab.fit.holdout import MONTH_SD, TOLD_MONTH_SD, week_sd
from omnilab.fit.laws import Laws, stand
from omnilab.fit.scenario import Simulated, simulate
from omnilab.fit.summary import Occasions

__all__ = ["Prediction", "interval", "predict"]

Floats = npt.NDArray[np.float64]
Show = Callable[[str, float], None]

_DAY_S: Final = 86_400
_DRAWS: Final = 4000
_H: Final = 0.1  # step of a slope


@dataclass(frozen=True)
class Prediction:
    """What is predicted.

    Parameters
    ----------
    seen
        The first part of the log.
    foretold
        The fit to it, and the forecast by the most likely laws.
    weeks, orders, buyers, spend
        Draws: shape (n_draws, n_weeks), and (n_draws,) each; orders of all customers, the share of
        them with one, and money a customer.
    errors
        Shape (n_replications,): mean absolute error of a customer's orders if all is as simulated.
    each
        Shape (n_customers,): orders of each.
    rules
        What simple rules and published models say.
    replications, worlds
        How many were simulated in each world, and how many worlds.
    """

    seen: Occasions
    foretold: Foretold
    weeks: Floats
    orders: Floats
    buyers: Floats
    spend: Floats
    errors: Floats
    each: Floats
    rules: dict[str, Rule]
    replications: int
    worlds: int

    @property
    def days(self) -> int:
        """Length of what is predicted."""
        return self.foretold.ahead.days


@dataclass(frozen=True)
class _Replications:
    """What replications of a world gave: shapes (n_reps, n_weeks) and (n_reps,)."""

    weeks: Floats
    buyers: Floats
    amount: Floats
    errors: Floats


def predict(
    foretold: Foretold, seen: Occasions, worlds: Sequence[tuple[Forecast, float]] = (), *,
    replications: int = 40, seed: int = 1, show: Show = lambda _what, _share: None,
) -> Prediction:  # fmt: skip
    """Return a prediction with its draws.

    Parameters
    ----------
    foretold, seen
        From `omnilab.fit.course.foretell`, and what it was made of.
    worlds
        Forecasts in the worlds of a set, with their weights; the most likely one alone if none.
    replications
        Of each world.
    seed
        Of the first replication.
    """
    ahead = foretold.ahead
    some = list(worlds) or [(ahead, 1.0)]
    found = []
    for number, (one, _) in enumerate(some):
        show("simulating replications", number / len(some))
        found.append(_replicated(one, seen, range(seed, seed + replications)))
    show("simulating replications", 1.0)
    rng = np.random.default_rng(20_260_102)
    weights = np.array([weight for _, weight in some])
    world = rng.choice(len(some), _DRAWS, p=weights / weights.sum())
    row = world * replications + rng.permutation(np.arange(_DRAWS) % replications)
    whole = _Replications(*(
        np.concatenate([getattr(one, name) for one in found])
        for name in ("weeks", "buyers", "amount", "errors")
    ))  # fmt: skip
    own, shared, by_laws = _shocks(foretold, seen, rng)
    weeks = whole.weeks[row] * shared * own
    orders = weeks.sum(axis=1)
    # Who buys at all moves less than orders do.
    gone = np.log(np.maximum(orders, 1e-9) / np.maximum(whole.weeks[row].sum(axis=1), 1e-9))
    slope, buyers_sd = _of_buyers(foretold)
    moved = slope * (gone - by_laws * _laws_sd(foretold)) + buyers_sd * by_laws
    buyers = np.clip(whole.buyers[row] * np.exp(moved), 0.0, 1.0)
    amount = whole.amount[row] * np.exp(_amount_sd(seen) * rng.standard_normal(_DRAWS))
    return Prediction(
        seen=seen, foretold=foretold, weeks=weeks, orders=orders, buyers=buyers,
        spend=orders * amount / seen.n_customers, errors=whole.errors, each=ahead.each,
        rules=rules_of(seen, ahead.days), replications=replications, worlds=len(some),
    )  # fmt: skip


def interval(draws: Floats, chance: float = 0.90) -> tuple[Floats, Floats, Floats]:
    """Return mean, lower and upper end over the first axis of draws."""
    low, high = np.quantile(draws, [(1 - chance) / 2, (1 + chance) / 2], axis=0)
    return np.asarray(draws.mean(axis=0)), np.asarray(low), np.asarray(high)


def _replicated(ahead: Forecast, seen: Occasions, seeds: range) -> _Replications:
    """Return what as many customers as the log's do in a forecast's scenario, seed by seed."""
    n, days, n_weeks = seen.n_customers, ahead.days, -(-ahead.days // 7)
    found: Simulated = simulate(
        ahead.scenario.with_customers(n), days, same_day=seen.same_day, seeds=list(seeds)
    )
    o, reps = found.occasions, len(seeds)
    person = found.person[o.customer]
    rep = person // n
    weeks = np.bincount(rep * n_weeks + o.time_s // (7 * _DAY_S), minlength=reps * n_weeks)
    counts = np.bincount(person, minlength=reps * n).reshape(reps, n)
    money = np.bincount(rep, o.amount, minlength=reps)
    shares = [group["share"] for group in ahead.data["population"]["histories"]]
    group = group_of(np.arange(n), shares)
    size = np.bincount(group, minlength=len(shares))
    usual = np.bincount(group, counts.mean(axis=0), len(shares)) / np.maximum(size, 1)
    orders = counts.sum(axis=1)
    return _Replications(
        weeks=weeks.reshape(reps, n_weeks).astype(np.float64),
        buyers=(counts > 0).mean(axis=1),
        amount=money / np.maximum(orders, 1),
        errors=np.abs(counts - usual[group]).mean(axis=1),
    )


def _shocks(
    foretold: Foretold, seen: Occasions, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Return factors of each week, shape (n_draws, n_weeks), twice, and the laws' normal draw.

    The first are the weeks' own; the second those of their months and of the laws. All have mean 1.
    """
    ahead = foretold.ahead
    n_weeks = -(-ahead.days // 7)
    laws, months, weeks = (
        _laws_sd(foretold), TOLD_MONTH_SD if ahead.seasonal else MONTH_SD, week_sd(seen),
    )  # fmt: skip
    by_laws = rng.standard_normal(_DRAWS)
    month = np.array([_month(ahead, 7 * w + 3) for w in range(n_weeks)])
    _, month = np.unique(month, return_inverse=True)
    by_month = rng.standard_normal((_DRAWS, int(month.max()) + 1))[:, month]
    by_week = rng.standard_normal((_DRAWS, n_weeks))
    shared = np.exp(laws * by_laws[:, None] - laws**2 / 2 + months * by_month - months**2 / 2)
    return np.exp(weeks * by_week - weeks**2 / 2), shared, by_laws


def _month(ahead: Forecast, day: int) -> int:
    """Return a number of the month that a day of the forecast lies in."""
    if ahead.start is None:
        return day // 30
    when = ahead.start + timedelta(days=day)
    return 12 * when.year + when.month


def _laws_sd(foretold: Foretold) -> float:
    return foretold.likely.log_sd(lambda laws: foretold.ahead.total_of(laws))


def _of_buyers(foretold: Foretold) -> tuple[float, float]:
    """Return by how much the logarithm of the share of buyers moves: with orders, and by laws."""
    ahead = foretold.ahead
    s, days = ahead.standing, ahead.seasonal_days

    def share(laws: Laws) -> float:
        return float(stand(laws, s.past, s.spend).chance_to_order(days).mean())

    more, less = (float(s.chance_to_order(days * (1 + h)).mean()) for h in (_H, -_H))
    slope = float(np.log(max(more, 1e-12) / max(less, 1e-12)) / np.log((1 + _H) / (1 - _H)))
    return slope, foretold.likely.log_sd(share)


def _amount_sd(seen: Occasions) -> float:
    """Return the relative standard error of the mean of an order, customers drawn as wholes."""
    orders = np.bincount(seen.customer, minlength=seen.n_customers)
    money = np.bincount(seen.customer, seen.amount, seen.n_customers)
    mean = money.sum() / orders.sum()
    return float(np.sqrt(((money - mean * orders) ** 2).sum()) / max(money.sum(), 1e-9))
