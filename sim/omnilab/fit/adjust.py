"""Adjust needs by simulation, until simulated customers buy as those of the log do.

A need becomes an order only after it is noticed, visited for and not given up, and messages of
the status quo bring some forward; so the parameters of needs are not those of purchases. Each
round simulates the customers, looks by how much the closed forms (`MbgNbd` on the seasonal clock)
are off for them, and asks the closed forms for the parameters at which they would meet the data
if they stayed off by as much. Seeds are fixed, so the scheme is deterministic and needs no
derivative of the simulation.

References
----------
Bandler et al. (2004), Space mapping: the state of the art, IEEE Trans. Microwave Theory 52(1):
a fine model is aligned by corrections to a coarse one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, least_squares

from omnilab.errors import DataError
from omnilab.fit.mbgnbd import MbgNbd
from omnilab.fit.needs import Cohort, Needs
from omnilab.fit.season import monthly_repeats, ratio
from omnilab.fit.summary import Occasions, cumulative_repeats, repeat_distribution, summarise

__all__ = ["Adjusted", "Misfit", "adjust"]

Vector = npt.NDArray[np.float64]

ROUNDS = 10
# Good enough to stop: well inside what two samples of one population differ by.
_CLOSE_CURVE, _CLOSE_SHARE, _CLOSE_SPEND = 0.007, 0.003, 0.007
# Further off than that, the user is warned.
_FAR_RELATIVE, _FAR_SHARE = 0.03, 0.015
# The scale at which moments count: a relative error of repeats, a difference of shares.
_SCALE = np.array([0.005, 0.002, 0.002, 0.002])
# How far, in logarithms, shape and leaving may move from the most likely ones before it counts
# as much: the four moments alone hardly tell the two apart, the likelihood does.
_PULL = 0.3
_LONGEST_STEP = 1.5
# Less than the whole correction, since each parameter moves what the others correct.
_DAMPING, _SEASON_DAMPING = 0.8, 0.8
_CLOSE_SPREAD, _TAILS, _TAIL_DAMPING = 0.05, (0.2, 20.0), 0.7
_CONVERSION = (1e-4, 20.0)  # orders per need; above 1 where messages and tips bring more


@dataclass(frozen=True, slots=True)
class Misfit:
    """How far simulated customers are from those of the log.

    Parameters
    ----------
    curve
        Relative errors of the repeats by the ends of the window's thirds.
    shares
        Differences of the shares of customers with 0, 1, 2, and 3 or more repeats.
    spend
        Relative error of the mean spend per order.
    spread
        Relative error of the standard deviation of repeat orders over the mean order; 0 where it
        is not adjusted.
    """

    curve: tuple[float, ...]
    shares: tuple[float, ...]
    spend: float
    spread: float = 0.0

    @property
    def size(self) -> float:
        """The largest part, where 1 is close enough to stop."""
        return max(
            max(map(abs, self.curve)) / _CLOSE_CURVE,
            max(map(abs, self.shares)) / _CLOSE_SHARE,
            abs(self.spend) / _CLOSE_SPEND,
            abs(self.spread) / _CLOSE_SPREAD,
        )

    @property
    def far(self) -> bool:
        """Whether any part is beyond 3% of repeats or spend, or 1.5 points of a share."""
        relative = max(map(abs, (*self.curve, self.spend)))
        return relative > _FAR_RELATIVE or max(map(abs, self.shares)) > _FAR_SHARE

    def __str__(self) -> str:
        curve = max(self.curve, key=abs)
        share = max(self.shares, key=abs)
        return (
            f"repeats {100 * curve:+.1f}%, shares of customers {100 * share:+.1f} points, "
            f"spend per order {100 * self.spend:+.1f}%"
        )


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Where the adjustment ended.

    Parameters
    ----------
    needs
        The round's parameters that fit best.
    occasions
        What customers with them bought.
    misfit
        Against the log.
    rounds
        Simulations it took.
    """

    needs: Needs
    occasions: Occasions
    misfit: Misfit
    rounds: int


def adjust(
    cohort: Cohort,
    start: Needs,
    simulate: Callable[[Needs], Occasions],
    *,
    rounds: int = ROUNDS,
    seasonal: bool = True,
    tailed: bool = False,
    leaving: bool = True,
    tell: Callable[[int, Misfit], None] = lambda _round, _misfit: None,
) -> Adjusted:
    """Return the parameters under which simulated customers match the log.

    Parameters
    ----------
    cohort
        The log's customers.
    start
        From `first_guess`.
    simulate
        Purchase occasions of simulated customers over the log's window, the same for the same
        parameters.
    rounds
        Simulations at most, 1 or above.
    seasonal
        Whether the months' factors move too.
    tailed
        Whether what the smaller class of customers spends moves too, until orders spread as the
        log's.
    leaving
        Whether the chance to leave moves too; of a log that does not tell it, it must not.
    tell
        Called after each with its number, from 1, and the misfit.

    Raises
    ------
    DataError
        Where simulated customers hardly ever buy again, whatever their needs.
    """
    needs, best = start.rounded(), None
    for number in range(1, rounds + 1):
        occasions = simulate(needs)
        misfit = _misfit(cohort.occasions, occasions, tailed=tailed)
        tell(number, misfit)
        if best is None or misfit.size < best.misfit.size:
            best = Adjusted(needs, occasions, misfit, number)
        if misfit.size <= 1 or number == rounds:
            break
        needs = _next(cohort, start, needs, occasions, seasonal, tailed, leaving).rounded()
    assert best is not None
    return replace(best, rounds=number)


def _spread(occasions: Occasions) -> float:
    """Return the standard deviation of repeat orders, against the mean of all."""
    repeats = occasions.amount[~occasions.first]
    return float(repeats.std() / occasions.amount.mean()) if len(repeats) > 1 else float("nan")


def _misfit(data: Occasions, simulated: Occasions, *, tailed: bool = False) -> Misfit:
    weeks = data.n_weeks
    thirds = sorted({max(1, weeks // 3), max(1, 2 * weeks // 3), weeks})
    at = np.array(thirds) - 1
    wanted = np.maximum(cumulative_repeats(data)[at] / data.n_customers, 1e-9)
    curve = cumulative_repeats(simulated)[at] / simulated.n_customers / wanted - 1
    spend = float(simulated.amount.mean() / data.amount.mean()) - 1
    shares = _shares(simulated) - _shares(data)
    spread = _spread(simulated) / _spread(data) - 1 if tailed else 0.0
    return Misfit(tuple(map(float, curve)), tuple(map(float, shares)), spend, spread)


def _shares(occasions: Occasions) -> Vector:
    counts = repeat_distribution(summarise(occasions).frequency)
    return np.asarray(counts / occasions.n_customers, dtype=np.float64)


def _moments(occasions: Occasions) -> Vector:
    """Return the log of repeats per customer, and the shares with 0, 1 and 2 of them."""
    per_customer = np.count_nonzero(~occasions.first) / occasions.n_customers
    return np.concatenate([[np.log(max(per_customer, 1e-9))], _shares(occasions)[:3]])


def _next(
    cohort: Cohort,
    start: Needs,
    needs: Needs,
    occasions: Occasions,
    seasonal: bool,
    tailed: bool,
    leaving: bool,
) -> Needs:
    """Return the parameters of the next round."""
    data, season = cohort.occasions, needs.season
    if seasonal:
        simulated = monthly_repeats(occasions, cohort.calendar)
        change = ratio(monthly_repeats(data, cohort.calendar), simulated) ** _SEASON_DAMPING
        season = cohort.calendar.levelled(np.asarray(season) * change, start.season)
    conversion = _conversion(cohort, needs, occasions)
    # The closed forms may keep their errors: those of this round are carried over.
    error = _moments(data) - _moments(occasions)
    wanted = _closed(cohort, needs, conversion) + _DAMPING * error
    spend = needs.spend * float(data.amount.mean() / occasions.amount.mean())
    # On the new season's clock, or the months and the rest would correct the same error twice.
    tail = needs.tail
    if tailed:
        ratio_of_sd = float(_spread(data) / _spread(occasions)) ** _TAIL_DAMPING
        tail = float(np.clip(tail * ratio_of_sd, *_TAILS))
    moved = replace(needs, season=season, spend=spend, tail=tail)
    return _solve(cohort, start, moved, conversion, wanted, leaving)


def _conversion(cohort: Cohort, needs: Needs, occasions: Occasions) -> float:
    """Return the orders per need at which the closed form has the simulated repeats."""
    repeats = np.count_nonzero(~occasions.first) / occasions.n_customers
    if repeats < 1e-4:
        raise DataError("simulated customers hardly ever buy again: can anyone order there?")

    def excess(log_share: float) -> float:
        model = _model(needs, float(np.exp(log_share)))
        return cohort.repeats(model, needs.season) / len(cohort.occasions.first_time_s) - repeats

    low, high = np.log(_CONVERSION)
    if excess(low) > 0:
        return _CONVERSION[0]
    if excess(high) < 0:
        return _CONVERSION[1]
    return float(np.exp(brentq(excess, low, high, xtol=1e-4)))


def _model(needs: Needs, conversion: float) -> MbgNbd:
    return MbgNbd(needs.shape, needs.every * needs.shape / conversion, needs.a, needs.b)


def _closed(cohort: Cohort, needs: Needs, conversion: float) -> Vector:
    """Return the closed forms of `_moments`."""
    model = _model(needs, conversion)
    per_customer = cohort.repeats(model, needs.season) / cohort.occasions.n_customers
    shares = cohort.probabilities(model, needs.season)
    return np.concatenate([[np.log(max(per_customer, 1e-12))], shares[:3]])


def _solve(
    cohort: Cohort, start: Needs, needs: Needs, conversion: float, wanted: Vector, leaving: bool
) -> Needs:
    """Return the needs whose closed forms come closest to the wanted moments."""
    names = ("every", "shape", "a", "b")
    here = np.log([getattr(needs, name) for name in names])
    home = np.log([getattr(start, name) for name in names])

    def at(x: Vector) -> Needs:
        every, shape, a, b = map(float, np.exp(x))
        return replace(needs, every=every, shape=shape, a=a, b=b)

    def residuals(x: Vector) -> Vector:
        moments = (_closed(cohort, at(x), conversion) - wanted) / _SCALE
        return np.concatenate([moments, (x - home)[1:] / _PULL])

    longest = np.array([_LONGEST_STEP] * 2 + [_LONGEST_STEP if leaving else 1e-9] * 2)
    bounds = (here - longest, here + longest)
    found = least_squares(residuals, here, bounds=bounds, xtol=1e-6, ftol=1e-8)
    return at(np.asarray(found.x, dtype=np.float64))
