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
from omnilab.fit.misfit import Misfit, misfit_of, shares_of, spread_of
from omnilab.fit.needs import Burst, Cohort, Needs
from omnilab.fit.season import monthly_repeats, ratio
from omnilab.fit.summary import (
    Occasions,
    cumulative_repeats,
    regularity,
)

__all__ = ["Adjusted", "adjust"]

Vector = npt.NDArray[np.float64]

ROUNDS = 10
# The scale at which moments count: a relative error of repeats, a difference of shares.
_SCALE = np.array([0.005, 0.002, 0.002, 0.002])
_SCALE_EARLY = 0.005  # of the logarithm of the part of repeats that comes in the first third
# How far, in logarithms, shape, leaving and burst may move from the most likely ones before it
# counts as much: the moments alone hardly tell them apart, the likelihood does.
_PULL = 0.3
_LONGEST_STEP = 1.5
# Less than the whole correction, since each parameter moves what the others correct.
_DAMPING, _SEASON_DAMPING = 0.8, 0.8
_TAILS, _TAIL_DAMPING = (0.2, 20.0), 0.7
_REGULARITY_DAMPING, _LARGEST_STEP = 0.8, 1.25
_IDLE, _WORTH = 3, 0.03  # rounds that gain less than this, and then it ends
_CONVERSION = (1e-4, 20.0)  # orders per need; above 1 where messages and tips bring more


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
    possible: Callable[[Needs], Needs] = lambda needs: needs,
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
    possible
        Gives needs that can be simulated, near those that it gets.
    tell
        Called after each with its number, from 1, and the misfit.

    Raises
    ------
    DataError
        Where simulated customers hardly ever buy again, whatever their needs.
    """
    needs, best, idle = start.rounded(), None, 0
    for number in range(1, rounds + 1):
        needs = possible(needs)
        occasions = simulate(needs)
        misfit = misfit_of(
            cohort.occasions, occasions, tailed=tailed, regular=start.regularity != 1
        )
        tell(number, misfit)
        # Small gains are taken too, but only large ones are worth another round.
        gains = best is None or misfit.total < (1 - _WORTH) * best.misfit.total
        idle = 0 if gains else idle + 1
        if best is None or misfit.total < best.misfit.total:
            best = Adjusted(needs, occasions, misfit, number)
        if misfit.size <= 1 or number == rounds or idle == _IDLE:
            break
        needs = _next(cohort, start, needs, occasions, seasonal, tailed, leaving).rounded()
    assert best is not None
    return replace(best, rounds=number)


def _moments(occasions: Occasions, bursts: bool) -> Vector:
    """Return the log of repeats per customer, and the shares with 0, 1 and 2 of them.

    With a burst, also the log of the part of repeats that comes in the first third.
    """
    per_customer = np.count_nonzero(~occasions.first) / occasions.n_customers
    early = []
    if bursts:
        curve = cumulative_repeats(occasions)
        early = [np.log(max(curve[_third(occasions) - 1], 0.5) / max(curve[-1], 0.5))]
    shares = shares_of(occasions)[:3]
    return np.concatenate([[np.log(max(per_customer, 1e-9))], shares, early])


def _third(occasions: Occasions) -> int:
    """Return the week that ends the first third of the window, from 1."""
    return max(1, occasions.n_weeks // 3)


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
    bursts = needs.burst > 0
    error = _moments(data, bursts) - _moments(occasions, bursts)
    wanted = _closed(cohort, needs, conversion) + _DAMPING * error
    spend = needs.spend * float(data.amount.mean() / occasions.amount.mean())
    # On the new season's clock, or the months and the rest would correct the same error twice.
    tail = needs.tail
    if tailed:
        ratio_of_sd = float(spread_of(data) / spread_of(occasions)) ** _TAIL_DAMPING
        tail = float(np.clip(tail * ratio_of_sd, *_TAILS))
    regular = _regularity(start, needs, data, occasions)
    moved = replace(needs, season=season, spend=spend, tail=tail, regularity=regular)
    return _solve(cohort, start, moved, conversion, wanted, leaving)


def _regularity(start: Needs, needs: Needs, data: Occasions, occasions: Occasions) -> float:
    """Return the regularity of orders to ask for next, near the log's own."""
    wanted, have = regularity(data), regularity(occasions)
    if start.regularity == 1 or not (wanted > 0 and have > 0):
        return needs.regularity
    step = float(np.clip(wanted / have, 1 / _LARGEST_STEP, _LARGEST_STEP)) ** _REGULARITY_DAMPING
    low, high = start.regularity / _LARGEST_STEP, start.regularity * _LARGEST_STEP
    return float(np.clip(needs.regularity * step, low, high))


def _conversion(cohort: Cohort, needs: Needs, occasions: Occasions) -> float:
    """Return the orders per need at which the closed form has the simulated repeats."""
    repeats = np.count_nonzero(~occasions.first) / occasions.n_customers
    if repeats < 1e-4:
        raise DataError("simulated customers hardly ever buy again: can anyone order there?")

    def excess(log_share: float) -> float:
        model = _model(needs, float(np.exp(log_share)))
        found = cohort.repeats(model, needs.season, burst=_burst(needs))
        return found / len(cohort.occasions.first_time_s) - repeats

    low, high = np.log(_CONVERSION)
    if excess(low) > 0:
        return _CONVERSION[0]
    if excess(high) < 0:
        return _CONVERSION[1]
    return float(np.exp(brentq(excess, low, high, xtol=1e-4)))


def _model(needs: Needs, conversion: float) -> MbgNbd:
    return MbgNbd(needs.shape, needs.every * needs.shape / conversion, needs.a, needs.b)


def _burst(needs: Needs) -> Burst:
    return needs.burst, needs.burst_days


def _closed(cohort: Cohort, needs: Needs, conversion: float) -> Vector:
    """Return the closed forms of `_moments`."""
    model, burst = _model(needs, conversion), _burst(needs)
    repeats = max(cohort.repeats(model, needs.season, burst=burst), 1e-9)
    shares = cohort.probabilities(model, needs.season, burst=burst)
    early = []
    if needs.burst > 0:
        until = 7 * _third(cohort.occasions)
        so_far = cohort.repeats(model, needs.season, burst=burst, until=until)
        early = [np.log(max(so_far, 1e-9) / repeats)]
    per_customer = repeats / cohort.occasions.n_customers
    return np.concatenate([[np.log(per_customer)], shares[:3], early])


def _solve(
    cohort: Cohort, start: Needs, needs: Needs, conversion: float, wanted: Vector, leaving: bool
) -> Needs:
    """Return the needs whose closed forms come closest to the wanted moments."""
    bursts = needs.burst > 0
    names = ("every", "shape", "a", "b") + ("burst",) * bursts
    here = np.log([getattr(needs, name) for name in names])
    home = np.log([getattr(start, name) for name in names])
    scale = np.append(_SCALE, [_SCALE_EARLY] * bursts)

    def at(x: Vector) -> Needs:
        own = dict(zip(names, map(float, np.exp(x)), strict=True))
        every, shape, a, b = (own[name] for name in names[:4])
        return replace(
            needs, every=every, shape=shape, a=a, b=b, burst=own.get("burst", needs.burst)
        )

    def residuals(x: Vector) -> Vector:
        moments = (_closed(cohort, at(x), conversion) - wanted) / scale
        return np.concatenate([moments, (x - home)[1:] / _PULL])

    step = {"a": leaving, "b": leaving}
    longest = np.array([_LONGEST_STEP if step.get(name, True) else 1e-9 for name in names])
    bounds = (here - longest, here + longest)
    found = least_squares(residuals, here, bounds=bounds, xtol=1e-6, ftol=1e-8)
    return at(np.asarray(found.x, dtype=np.float64))
