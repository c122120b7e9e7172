"""The laws of purchase of a log's customers: gamma rates, gaps of stages, leaving, a burst.

MBG/NBD is the core: a customer orders at a gamma rate, and after each order leaves for good with a
beta chance. Two things are added where the likelihood asks for them: gaps of several stages, as
the simulated world has them, and a burst after the first order that fades with age.

References
----------
Batislam, Denizel & Filiztekin (2007), Int. J. of Research in Marketing 24(3): MBG/NBD.
Platzer & Reutterer (2016), Ticking away the moments, Marketing Science 35(5); Reutterer, Platzer &
Schroeder (2021), Leveraging purchase regularity, Int. J. of Research in Marketing 38(1): gaps of k
stages (MBG/CNBD-k).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, gammaln, logsumexp

__all__ = ["Laws", "Past", "Standing", "gap_terms", "left_and_here", "own_age", "stand"]

Vector = npt.NDArray[np.float64]

_SMALLEST_GAP = 0.5  # days: an order's day is known, not its hour
_BLOCK = 200_000


@dataclass(frozen=True, slots=True)
class Laws:
    """Laws of purchase. Times are days, of the seasonal clock where there is a season.

    Parameters
    ----------
    r, alpha
        Shape and rate of the gamma law of orders a day; the mean is r / alpha.
    a, b
        Shapes of the beta law of the chance to leave after an order.
    stages
        Of the gap between two orders, 1 or above; 1 is an exponential gap.
    burst, burst_days
        Right after the first order the rate is 1 + ``burst`` times as high; the surplus fades
        exponentially with this mean. 0 is none.
    """

    r: float
    alpha: float
    a: float
    b: float
    stages: int = 1
    burst: float = 0.0
    burst_days: float = 30.0

    def operational(self, age: npt.ArrayLike) -> Vector:
        """Return the age at which an even pace would have brought as much, any shape."""
        return own_age(age, self.burst, self.burst_days)


def own_age(age: npt.ArrayLike, burst: float, burst_days: float) -> Vector:
    """Return the age at which an even pace would have brought as much as a pace with a burst."""
    t = np.asarray(age, dtype=np.float64)
    if not burst:
        return t
    return np.asarray(t - burst * burst_days * np.expm1(-t / burst_days))


@dataclass(frozen=True, slots=True)
class Past:
    """What a log shows of each customer, in days of the seasonal clock.

    Parameters
    ----------
    repeats
        Shape (n,): orders after the first one.
    last, age
        Shape (n,): from the first order to the last one, and to the log's end.
    gap, until
        Shape (n_gaps,): each time between two orders of a customer, and the age at its end.
    """

    repeats: Vector
    last: Vector
    age: Vector
    gap: Vector
    until: Vector

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.repeats)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of each customer at the log's end, by the laws.

    Parameters
    ----------
    laws, past
        From which it follows.
    spend, logs
        Shape (n,): money of all orders, and the sum of their logarithms (of those above 0).
    alive
        Shape (n,): chance to be a customer still.
    shape, rate
        Shapes (k, n) and (n,): gamma laws of the stages a day of those who are, if 0 to k - 1
        stages of the present gap are done.
    weight
        Shape (k, n): the chances of these, of sum 1 over the first axis.
    """

    laws: Laws
    past: Past
    spend: Vector
    logs: Vector
    alive: Vector
    shape: Vector
    rate: Vector
    weight: Vector

    @property
    def repeats(self) -> Vector:
        """Shape (n,): orders after the first one."""
        return self.past.repeats

    @property
    def stays(self) -> Vector:
        """Shape (n,): second beta shape of the chance to leave, of those who are still there."""
        return np.asarray(self.laws.b + self.past.repeats + 1.0)

    def own_days(self, ahead: float) -> Vector:
        """Return what so many seasonal days after the end are at each customer's pace."""
        age, laws = self.past.age, self.laws
        return np.asarray(laws.operational(age + ahead) - laws.operational(age))

    def expected_orders(self, ahead: float) -> Vector:
        """Return each customer's expected orders in so many seasonal days after the end.

        The m-th further order comes if m gaps end in time and the customer stayed after each of
        the m - 1 before; stages are Poisson given the rate, so their number is negative binomial.
        """
        own = self.own_days(ahead)
        late = own / (self.rate + own)
        mean = (self.weight * self.shape).sum(axis=0) * own / self.rate / self.laws.stages
        top = 2 ** np.ceil(np.log2(4 * mean + 12)).astype(np.int64)
        expected = np.zeros(self.past.n)
        for size in np.unique(top):
            rows = np.flatnonzero(top == size)
            step = max(1, _BLOCK // (int(size) * self.laws.stages))
            for start in range(0, len(rows), step):
                at = rows[start : start + step]
                expected[at] = self._series(at, late[at], int(size))
        return np.asarray(self.alive * expected)

    def _series(self, at: npt.NDArray[np.int64], late: Vector, most: int) -> Vector:
        a, b = self.laws.a, self.stays[at]
        m = np.arange(1, most + 1, dtype=np.float64)[:, None]
        stays = np.exp(betaln(a, b + m - 1) - betaln(a, b))
        total = np.zeros(len(at))
        for done in range(self.laws.stages):
            comes = betainc(m * self.laws.stages - done, self.shape[done, at], late)
            total += self.weight[done, at] * (comes * stays).sum(axis=0)
        return total

    def chance_to_order(self, ahead: float) -> Vector:
        """Return each customer's chance of any order in so many seasonal days after the end."""
        own = self.own_days(ahead)
        needed = np.arange(self.laws.stages, 0, -1, dtype=np.float64)[:, None]
        comes = betainc(needed, self.shape, own / (self.rate + own))
        return np.asarray(self.alive * (self.weight * comes).sum(axis=0))

    def rate_moments(self, ahead: float) -> tuple[Vector, Vector]:
        """Return mean and mean square of the orders a day of those still there, shape (n,)."""
        pace = self.own_days(ahead) / ahead / self.laws.stages / self.rate
        mean = (self.weight * self.shape).sum(axis=0)
        square = (self.weight * self.shape * (self.shape + 1)).sum(axis=0)
        return np.asarray(mean * pace), np.asarray(square * pace**2)


def stand(laws: Laws, past: Past, spend: Vector, logs: Vector | None = None) -> Standing:
    """Return where the log leaves its customers.

    Parameters
    ----------
    spend, logs
        Shape (n,): money of each customer's orders, and the sum of their logarithms.
    """
    here, left = left_and_here(laws, past)
    together = logsumexp(here, axis=0)
    stages = np.arange(laws.stages, dtype=np.float64)[:, None]
    return Standing(
        laws=laws,
        past=past,
        spend=spend,
        logs=np.zeros(past.n) if logs is None else logs,
        alive=np.asarray(np.exp(together - np.logaddexp(together, left))),
        shape=laws.r + laws.stages * past.repeats + stages,
        rate=laws.alpha / laws.stages + laws.operational(past.age),
        weight=np.exp(here - together),
    )


def left_and_here(laws: Laws, past: Past) -> tuple[Vector, Vector]:
    """Return log-weights of being there with 0 to k - 1 stages done, (k, n), and of having left.

    Their sum, over both, is each customer's likelihood given the first order, but for the
    densities of the gaps (`gap_terms`).
    """
    k, r, alpha, x = laws.stages, laws.r, laws.alpha / laws.stages, past.repeats
    last, age = laws.operational(past.last), laws.operational(past.age)
    shape = r + k * x
    common = r * np.log(alpha) - gammaln(r) - betaln(laws.a, laws.b)
    leaves = common + betaln(laws.a + 1, laws.b + x)
    left = leaves + gammaln(shape) - shape * np.log(alpha + last)
    with np.errstate(divide="ignore"):
        silent = np.log(np.maximum(age - last, 0.0))
    stays = common + betaln(laws.a, laws.b + x + 1)
    here = [
        stays + gammaln(shape + j) - (shape + j) * np.log(alpha + age)
        + (j * silent - gammaln(j + 1) if j else 0.0)
        for j in range(k)
    ]  # fmt: skip
    return np.array(here), left


def gap_terms(laws: Laws, past: Past) -> float:
    """Return what the lengths of all gaps add to the log-likelihood, beside `left_and_here`."""
    k, total = laws.stages, 0.0
    if k > 1:
        gap = past.gap
        if laws.burst:
            gap = laws.operational(past.until) - laws.operational(past.until - past.gap)
        total += float((k - 1) * np.log(np.maximum(gap, _SMALLEST_GAP)).sum())
        total -= len(gap) * float(gammaln(k))
    if laws.burst:
        total += float(np.log1p(laws.burst * np.exp(-past.until / laws.burst_days)).sum())
    return total
