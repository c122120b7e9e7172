"""What a fit sets in a scenario, and where the adjustment by simulation starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from omnilab.fit.gamma_gamma import GammaGamma
from omnilab.fit.laws import Laws, own_age
from omnilab.fit.mbgnbd import MbgNbd, fit_mbgnbd
from omnilab.fit.season import LEVEL, Calendar, calendar_of, monthly_repeats, ratio
from omnilab.fit.summary import Occasions, regularity

__all__ = ["Cohort", "Needs", "first_guess", "found_season"]

Vector = npt.NDArray[np.float64]
Burst = tuple[float, float]

NO_BURST: Burst = (0.0, 30.0)

_DAY_S = 86_400
_ROUNDS = 5
_LEVEL_ENOUGH = 0.01  # relative change of a month: the simulation adjusts the rest
# Beyond these the data tell nothing more apart, and a file would hold strange numbers.
_SHAPES = (0.02, 50.0)
_MOST_ALIKE = 1000.0  # a + b: chances to leave that differ less than this may as well be equal
_EVERY_DAYS = (0.05, 20_000.0)
_REGULAR = (0.5, 8.0)
_MOST_BURST = 100.0
_SMALLEST_Q = 1.2  # a mean must exist
_LEAST_LEFT = 0.01  # of dropout, where other causes alone would explain it


@dataclass(frozen=True, slots=True)
class Needs:
    """The parameters that a fit sets; the rest of a scenario is declared.

    Parameters
    ----------
    every
        Days between the needs of a customer of mean rate.
    shape
        Of the gamma law of rates over customers.
    a, b
        Of the beta law of the chance to leave after an order.
    season
        12 monthly factors, 1 where the log is silent.
    spend, p, q
        Mean amount of an order, and the Gamma-Gamma shapes.
    regularity
        Of orders, as the gamma shape of a customer's gaps; at 1, at random, none is written.
    tail
        Factor on what the orders of the smaller class of customers cost, where there are two.
    burst, burst_days
        Right after the first order needs are 1 + ``burst`` times as frequent; the surplus fades
        with this mean. 0 is none.
    """

    every: float
    shape: float
    a: float
    b: float
    season: tuple[float, ...]
    spend: float
    p: float
    q: float
    regularity: float = 1.0
    tail: float = 1.0
    burst: float = 0.0
    burst_days: float = 30.0

    def with_other_leaving(self, chance: float) -> Needs:
        """Return needs that leave so much less after an order, where other causes make it up."""
        mean = self.a / (self.a + self.b)
        less = max(mean - chance, mean * _LEAST_LEFT)
        total = self.a + self.b
        return replace(self, a=less * total, b=(1 - less) * total)

    def rounded(self) -> Needs:
        """Return the numbers as a scenario file holds them, within their limits."""

        def four(value: float) -> float:
            return float(f"{value:.4g}")

        low, high = _SHAPES
        a, b = _leaving(self.a, self.b)
        return replace(
            self,
            every=round(min(max(self.every, _EVERY_DAYS[0]), _EVERY_DAYS[1]), 2),
            shape=four(min(max(self.shape, low), high)),
            a=four(a),
            b=four(b),
            season=tuple(round(min(max(f, 0.05), 20.0), 3) for f in self.season),
            spend=round(max(self.spend, 0.01), 2),
            p=four(self.p),
            q=four(max(self.q, _SMALLEST_Q)),
            regularity=round(min(max(self.regularity, _REGULAR[0]), _REGULAR[1]), 3),
            tail=four(self.tail),
            burst=round(min(self.burst, _MOST_BURST), 3),
            burst_days=round(self.burst_days, 2),
        )


class Cohort:
    """Customers of a log as the closed forms see them: how many began on which day.

    Parameters
    ----------
    occasions
        Of the log.
    """

    def __init__(self, occasions: Occasions) -> None:
        self.occasions = occasions
        self.calendar: Calendar = calendar_of(occasions)
        days = occasions.first_time_s // _DAY_S
        self.days, self.n_alike = np.unique(days, return_counts=True)
        self.end = occasions.n_days - 1 if occasions.same_day else occasions.n_days

    def probabilities(
        self, model: MbgNbd, season: tuple[float, ...], *, burst: Burst = NO_BURST, top: int = 3
    ) -> Vector:
        """Return the expected shares of customers with 0, 1, ... repeats, shape (top + 1,)."""
        shares = model.repeat_probabilities(self._ages(season, burst, self.end), top=top)
        return np.asarray(np.average(shares, axis=0, weights=self.n_alike))

    def repeats(
        self,
        model: MbgNbd,
        season: tuple[float, ...],
        *,
        burst: Burst = NO_BURST,
        until: int | None = None,
    ) -> float:
        """Return the expected repeats of all customers, up to the end or to an earlier day.

        Parameters
        ----------
        burst
            Surplus of the pace right after the first order, and the days in which it fades.
        until
            Midnight at which to stop counting, from the log's first one.
        """
        end = self.end if until is None else min(until, self.end)
        return float(model.expected_repeats(self._ages(season, burst, end)) @ self.n_alike)

    def _ages(self, season: tuple[float, ...], burst: Burst, end: int) -> Vector:
        """Return how old those who began on each of `days` are at a midnight, at their pace."""
        clock = self.calendar.clock(season)
        return own_age(np.maximum(clock[end] - clock[self.days], 0.0), *burst)

    def monthly(self, model: MbgNbd, season: tuple[float, ...]) -> Vector:
        """Return the expected repeats in each month of the year, shape (12,)."""
        clock, month = self.calendar.clock(season), self.calendar.month[: self.end]
        starts = np.concatenate([[0], np.flatnonzero(np.diff(month)) + 1])
        edges = np.concatenate([starts, [self.end]])
        age = np.maximum(clock[edges][:, None] - clock[self.days][None, :], 0.0)
        repeats = np.diff(model.expected_repeats(age) @ self.n_alike)
        return np.bincount(month[starts], repeats, minlength=12).astype(np.float64)

    def fit(self, season: tuple[float, ...]) -> MbgNbd:
        """Return the most likely model on the seasonal clock."""
        o, clock = self.occasions, self.calendar.clock(season)
        day = o.time_s // _DAY_S
        last = np.ones(len(day), dtype=np.bool_)
        last[:-1] = o.first[1:]
        began = clock[day[o.first]]
        frequency = np.bincount(o.customer, minlength=o.n_customers).astype(np.float64) - 1.0
        return fit_mbgnbd(frequency, clock[day[last]] - began, clock[self.end] - began)


def found_season(cohort: Cohort) -> tuple[float, ...]:
    """Return the log's monthly factors, drawn towards 1, with MBG/NBD for all else.

    The model's four parameters and the months are fitted in turn, each given the other.
    """
    season: tuple[float, ...] = LEVEL
    data = monthly_repeats(cohort.occasions, cohort.calendar)
    model = cohort.fit(season)
    for _ in range(_ROUNDS):
        change = ratio(data, cohort.monthly(model, season))
        if np.abs(change - 1).max() < _LEVEL_ENOUGH:
            break
        season = cohort.calendar.levelled(np.asarray(season) * change)
        model = cohort.fit(season)
    return season


def first_guess(
    cohort: Cohort, laws: Laws, season: tuple[float, ...], gamma_gamma: GammaGamma
) -> Needs:
    """Return parameters as though every need were an order at once.

    Parameters
    ----------
    cohort
        The log's customers.
    laws, season
        The laws of purchase, and the clock that they were fitted on. Orders are regular only if
        these have gaps of several stages, and then as regular as those of the log.
    gamma_gamma
        The law of spend.
    """
    a, b = _leaving(laws.a, laws.b)
    regular = regularity(cohort.occasions) if laws.stages > 1 else 1.0
    return Needs(
        every=laws.alpha / laws.r,
        shape=laws.r,
        a=a,
        b=b,
        season=season,
        spend=float(cohort.occasions.amount.mean()),
        p=gamma_gamma.p,
        q=gamma_gamma.q,
        regularity=regular if regular == regular else float(laws.stages),
        burst=laws.burst,
        burst_days=laws.burst_days,
    )


def _leaving(a: float, b: float) -> tuple[float, float]:
    """Return shapes within limits and, as far as these let it, of the same mean a / (a + b).

    Where hardly anybody leaves, the likelihood is flat towards a law without any spread, with
    shapes in the millions; to cut each off by itself would make half of all customers leave.
    """
    low = _SHAPES[0]
    mean = a / (a + b)
    total = min(a + b, _MOST_ALIKE)
    rarer = min(mean, 1 - mean)
    if rarer * total < low:
        total = min(low / max(rarer, 1e-300), _MOST_ALIKE)
    return max(mean * total, low), max((1 - mean) * total, low)
