"""How far simulated customers are from those of a log, and how much of it may be chance.

A log is a sample: another one of the same shop would differ by its standard errors, so that no
scenario has to be closer than these, and none is called far off within three of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.summary import (
    Occasions,
    cumulative_repeats,
    regularity,
    repeat_distribution,
    summarise,
)

__all__ = ["Misfit", "Noise", "misfit_of", "shares_of", "spread_of"]

Vector = npt.NDArray[np.float64]

# Good enough to stop: a relative error of repeats or spend, a difference of shares, a relative
# error of spread and of regularity; or so many standard errors of the log, where these are wider.
_CLOSE_CURVE, _CLOSE_SHARE, _CLOSE_SPEND = 0.007, 0.003, 0.007
_CLOSE_SPREAD, _CLOSE_REGULARITY = 0.05, 0.03
_CLOSE_ERRORS: Final = 0.5
# Further off than that, the user is warned, if it is also more than three standard errors.
_FAR_RELATIVE, _FAR_SHARE = 0.03, 0.015
_FAR_ERRORS: Final = 3.0
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard errors of what a `Misfit` is made of, of the log and of the simulation together.

    Parameters
    ----------
    curve, spend, spread, regularity
        Relative.
    shares
        Of shares of customers.
    """

    curve: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    spend: float = 0.0
    spread: float = 0.0
    regularity: float = 0.0


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
    regularity
        Relative error of the regularity of orders; 0 where it is not adjusted.
    noise
        What chance alone makes of these.
    """

    curve: tuple[float, ...]
    shares: tuple[float, ...]
    spend: float
    spread: float = 0.0
    regularity: float = 0.0
    noise: Noise = Noise()

    @property
    def size(self) -> float:
        """The largest part, where 1 is close enough to stop."""
        return max(self._parts(self.noise))

    @property
    def total(self) -> float:
        """All parts together, as the root of the sum of their squares: the less, the better."""
        return float(np.sqrt(np.square(self._parts(Noise())).sum()))

    def _parts(self, noise: Noise) -> list[float]:
        return [
            *_over(self.curve, _CLOSE_CURVE, noise.curve, _CLOSE_ERRORS),
            *_over(self.shares, _CLOSE_SHARE, noise.shares, _CLOSE_ERRORS),
            *_over((self.spend,), _CLOSE_SPEND, (noise.spend,), _CLOSE_ERRORS),
            *_over((self.spread,), _CLOSE_SPREAD, (noise.spread,), _CLOSE_ERRORS),
            *_over((self.regularity,), _CLOSE_REGULARITY, (noise.regularity,), _CLOSE_ERRORS),
        ]

    @property
    def far(self) -> bool:
        """Whether any part is beyond 3% of repeats or spend, or 1.5 points, and beyond chance."""
        noise = self.noise
        parts = (
            *_over(self.curve, _FAR_RELATIVE, noise.curve, _FAR_ERRORS),
            *_over(self.shares, _FAR_SHARE, noise.shares, _FAR_ERRORS),
            *_over((self.spend,), _FAR_RELATIVE, (noise.spend,), _FAR_ERRORS),
        )
        return max(parts) > 1

    def __str__(self) -> str:
        curve = max(self.curve, key=abs)
        share = max(self.shares, key=abs)
        return (
            f"repeats {100 * curve:+.1f}%, shares of customers {100 * share:+.1f} points, "
            f"spend per order {100 * self.spend:+.1f}%"
        )


def misfit_of(
    data: Occasions, simulated: Occasions, *, tailed: bool = False, regular: bool = False
) -> Misfit:
    """Return how far simulated purchases are from those of a log.

    Parameters
    ----------
    tailed, regular
        Whether the spread of amounts, and the regularity of orders, count too.
    """
    at = _thirds(data) - 1
    wanted = np.maximum(cumulative_repeats(data)[at] / data.n_customers, 1e-9)
    curve = cumulative_repeats(simulated)[at] / simulated.n_customers / wanted - 1
    spend = float(simulated.amount.mean() / data.amount.mean()) - 1
    shares = shares_of(simulated) - shares_of(data)
    spread = spread_of(simulated) / spread_of(data) - 1 if tailed else 0.0
    order = regularity(simulated) / regularity(data) - 1 if regular else 0.0
    one, other = _noise(data), _noise(simulated)
    noise = Noise(
        curve=_both(one.curve, other.curve),
        shares=_both(one.shares, other.shares),
        spend=float(np.hypot(one.spend, other.spend)),
        spread=float(np.hypot(one.spread, other.spread)),
        regularity=float(np.hypot(one.regularity, other.regularity)),
    )
    curve_of, shares_off = tuple(map(float, curve)), tuple(map(float, shares))
    return Misfit(curve_of, shares_off, spend, spread, order if order == order else 0.0, noise)


def spread_of(occasions: Occasions) -> float:
    """Return the standard deviation of repeat orders, against the mean of all."""
    repeats = occasions.amount[~occasions.first]
    return float(repeats.std() / occasions.amount.mean()) if len(repeats) > 1 else float("nan")


def shares_of(occasions: Occasions) -> Vector:
    """Return the shares of customers with 0, 1, 2, and 3 or more repeats."""
    counts = repeat_distribution(summarise(occasions).frequency)
    return np.asarray(counts / occasions.n_customers, dtype=np.float64)


def _thirds(occasions: Occasions) -> npt.NDArray[np.int64]:
    """Return the weeks, from 1, that end the window's thirds."""
    weeks = occasions.n_weeks
    return np.array(sorted({max(1, weeks // 3), max(1, 2 * weeks // 3), weeks}))


def _noise(occasions: Occasions) -> Noise:
    """Return the standard errors of one sample, customers taken as drawn one by one."""
    o, n = occasions, occasions.n_customers
    repeat = ~o.first
    curve = []
    for week in _thirds(o):
        early = repeat & (o.time_s < 7 * _DAY_S * week)
        each = np.bincount(o.customer[early], minlength=n).astype(np.float64)
        curve.append(_relative(each))
    shares = shares_of(o)
    orders = np.bincount(o.customer, minlength=n)
    money = np.bincount(o.customer, o.amount, minlength=n)
    mean = o.amount.mean()
    off = money - mean * orders  # a ratio of two sums, by its linear part
    return Noise(
        curve=tuple(curve),
        shares=tuple(map(float, np.sqrt(shares * (1 - shares) / n))),
        spend=float(off.std() * np.sqrt(n) / money.sum()) if money.sum() > 0 else 0.0,
        spread=_spread_error(o),
        regularity=_regularity_error(o),
    )


def _spread_error(occasions: Occasions) -> float:
    """Return the relative standard error of `spread_of`, by its linear part in each customer.

    A customer's orders are alike, so a customer counts as one, not each order by itself. Where
    amounts have no fourth moment (Gamma-Gamma with ``q`` up to 4) this is too small in any sample.
    """
    o, n = occasions, occasions.n_customers
    who, amount = o.customer[~o.first], o.amount[~o.first]
    if len(amount) < 2 or not amount.std() > 0:
        return 1.0
    square = np.bincount(who, np.square(amount - amount.mean()), minlength=n)
    repeats = np.bincount(who, minlength=n)
    money = np.bincount(o.customer, o.amount, minlength=n)
    orders = np.bincount(o.customer, minlength=n)
    of_sd = (square / square.sum() - repeats / repeats.sum()) / 2
    of_mean = money / money.sum() - orders / orders.sum()
    return float((of_sd - of_mean).std() * np.sqrt(n))


def _relative(each: Vector) -> float:
    """Return the standard error of a mean, against it; 1 where there is nothing."""
    total = float(each.sum())
    return float(each.std() * np.sqrt(len(each)) / total) if total > 0 else 1.0


def _regularity_error(occasions: Occasions) -> float:
    """Return the relative standard error of `regularity`, of about as many pairs of gaps."""
    counts = np.bincount(occasions.customer, minlength=occasions.n_customers) - 1
    pairs = int((counts // 2).sum())
    k = regularity(occasions)
    if pairs < 2 or not k > 0:
        return 1.0
    # The share M of a gap in two is Beta(k, k): the variance of (M - 1/2)^2 by its moments.
    square = 1 / (4 * (2 * k + 1))
    fourth = 3 / (16 * (2 * k + 1) * (2 * k + 3))
    relative = np.sqrt(max(fourth - square**2, 0.0) / pairs) / square
    return float(relative * (2 * k + 1) / (2 * k))


def _both(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(map(float, np.hypot(one, other)))


def _over(
    parts: tuple[float, ...], limit: float, errors: tuple[float, ...], times: float
) -> list[float]:
    """Return each part over its limit, or over so many standard errors where these are more."""
    known = errors or (0.0,) * len(parts)
    return [abs(p) / max(limit, times * e) for p, e in zip(parts, known, strict=True)]
