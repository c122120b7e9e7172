"""Where a log leaves its customers, as groups with the same history that a scenario can hold.

Given a customer's orders, MBG/NBD says how likely the customer is still one, and the laws of the
rate and of the chance to leave for one who is; Gamma-Gamma says the law of the mean spend. Groups
of customers who are nearly alike in all this keep the first two moments of each of these laws.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from omnilab.fit.bgnbd import further_orders
from omnilab.fit.mbgnbd import MbgNbd
from omnilab.fit.needs import Cohort, Needs
from omnilab.fit.summary import Occasions

__all__ = ["Group", "Standing", "groups_of", "standing_of"]

Vector = npt.NDArray[np.float64]

_DAY_S = 86_400
_GROUPS = 160  # about: a file that can be read, and groups whose members are alike
_WIDEST = 1.2  # ratio of orders within a group of frequent buyers
_MOST_SHAPE = 1e4  # a law as narrow as this is a point


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of each customer at the log's end; times in days of the seasonal clock.

    Parameters
    ----------
    model
        The customers' common laws of purchase.
    repeats, last, age
        Shape (n_customers,): repeat orders, age at the last of them, age at the end.
    spend
        Shape (n_customers,): money of all orders.
    """

    model: MbgNbd
    repeats: Vector
    last: Vector
    age: Vector
    spend: Vector

    @property
    def alive(self) -> Vector:
        """Shape (n_customers,): chance to be a customer still."""
        return self.model.alive_probabilities(self.repeats, self.last, self.age)

    def expected_orders(self, ahead: float) -> Vector:
        """Return each customer's expected orders in so many seasonal days after the end."""
        return self.model.expected_orders(ahead, self.repeats, self.last, self.age)

    def chance_to_order(self, ahead: float) -> Vector:
        """Return each customer's chance of any order in so many seasonal days after the end."""
        late = (self.model.alpha + self.age) / (self.model.alpha + self.age + ahead)
        return np.asarray(self.alive * (1.0 - late ** (self.model.r + self.repeats)))


@dataclass(frozen=True, slots=True)
class Group:
    """Customers who are nearly alike.

    Parameters
    ----------
    customers
        How many.
    alive
        Mean chance to be a customer still.
    orders
        Mean orders so far, rounded, 1 or above.
    rate, shape
        Mean purchases a seasonal day, and the gamma shape of the rates, of those still there.
    a, b
        Beta shapes of the chance to leave after an order.
    spend, q
        Mean of an order, in the log's currency, and the Gamma-Gamma shape of its spread.
    """

    customers: int
    alive: float
    orders: int
    rate: float
    shape: float
    a: float
    b: float
    spend: float
    q: float

    def expected_orders(self, ahead: float) -> float:
        """Return the orders of all of them in so many seasonal days."""
        r, alpha = np.array([self.shape]), np.array([self.shape / self.rate])
        each = further_orders(ahead, r, alpha, self.a, np.array([self.b]))
        return self.customers * self.alive * float(each[0])


def standing_of(cohort: Cohort, start: Needs) -> Standing:
    """Return what is known of the log's customers.

    Parameters
    ----------
    cohort
        The log's customers.
    start
        From `first_guess`: the most likely laws of purchase, as though each need were an order.
    """
    occasions: Occasions = cohort.occasions
    clock = cohort.calendar.clock(start.season)
    day = occasions.time_s // _DAY_S
    final = np.ones(len(day), dtype=np.bool_)
    final[:-1] = occasions.first[1:]
    began = clock[day[occasions.first]]
    n = occasions.n_customers
    return Standing(
        model=MbgNbd(start.shape, start.every * start.shape, start.a, start.b),
        repeats=np.bincount(occasions.customer, minlength=n).astype(np.float64) - 1.0,
        last=clock[day[final]] - began,
        age=clock[cohort.end] - began,
        spend=np.bincount(occasions.customer, occasions.amount, minlength=n).astype(np.float64),
    )


def groups_of(standing: Standing, needs: Needs, mean_spend: float, ahead: float) -> list[Group]:
    """Return the customers in groups, those of few orders first.

    Parameters
    ----------
    needs
        For the shapes of spend, and the chances to leave of the simulated world.
    mean_spend
        Of the log's orders.
    ahead
        Seasonal days for which they are grouped by what is expected of them.
    """
    members = _partition(standing, standing.expected_orders(ahead))
    return [_group(standing, rows, needs, mean_spend) for rows in members]


def _partition(standing: Standing, expected: Vector) -> list[npt.NDArray[np.int64]]:
    """Return the rows of each group: alike in orders, then in what is expected of them."""
    order = np.lexsort((expected, standing.repeats))
    repeats = standing.repeats[order]
    size = max(1, -(-len(order) // _GROUPS))
    edges, start = [0], 0
    values, first = np.unique(repeats, return_index=True)
    ends = np.append(first[1:], len(order))
    for i, end in enumerate(ends):
        wide = i + 1 < len(values) and (values[i + 1] + 1) / (repeats[start] + 1) > _WIDEST
        if end - start < size // 2 and not wide and i + 1 < len(values):
            continue  # too few by themselves: together with those of one order more
        parts = max(1, round((end - start) / size))
        edges += [start + (end - start) * k // parts for k in range(1, parts + 1)]
        start = int(end)
    return [order[low:high] for low, high in pairwise(edges) if high > low]


def _group(
    standing: Standing, rows: npt.NDArray[np.int64], needs: Needs, mean_spend: float
) -> Group:
    """Return the group of some customers, with the moments of their laws."""
    model = standing.model
    x, alive = standing.repeats[rows], standing.alive[rows]
    weight = alive / alive.sum() if alive.sum() > 0 else np.full(len(rows), 1 / len(rows))
    rate, rate_2 = _gamma_moments(model.r + x, model.alpha + standing.age[rows])
    mean, square = float(weight @ rate), float(weight @ rate_2)
    a, b = _mixed_beta(np.full(len(rows), needs.a), needs.b + x + 1.0, weight)
    spend, q = _mixed_spend(x + 1.0, standing.spend[rows], needs, mean_spend)
    return Group(
        customers=len(rows),
        alive=float(alive.mean()),
        orders=max(1, round(float(x.mean() + 1))),
        rate=mean,
        shape=min(mean**2 / max(square - mean**2, mean**2 / _MOST_SHAPE), _MOST_SHAPE),
        a=a,
        b=b,
        spend=spend,
        q=q,
    )


def _gamma_moments(shape: Vector, rate: Vector) -> tuple[Vector, Vector]:
    return shape / rate, shape * (shape + 1) / rate**2


def _mixed_beta(a: Vector, b: Vector, weight: Vector) -> tuple[float, float]:
    """Return the shapes of the beta law with the first two moments of a mixture."""
    mean = float(weight @ (a / (a + b)))
    square = float(weight @ (a * (a + 1) / ((a + b) * (a + b + 1))))
    spread = max(square - mean**2, mean * (1 - mean) / _MOST_SHAPE)
    total = mean * (1 - mean) / spread - 1
    return mean * total, (1 - mean) * total


def _mixed_spend(
    orders: Vector, money: Vector, needs: Needs, mean_spend: float
) -> tuple[float, float]:
    """Return mean and shape of the inverse-gamma law of mean spend in a group."""
    p, q = needs.p, needs.q
    gamma = mean_spend * (q - 1) / p
    own_q = q + p * orders
    own = p * (gamma + money) / (own_q - 1)
    mean = float(own.mean())
    if (own_q <= 2.01).any():
        return mean, float(own_q.mean())
    square = float((own**2 * (own_q - 1) / (own_q - 2)).mean())
    return mean, min(2 + mean**2 / max(square - mean**2, mean**2 / _MOST_SHAPE), _MOST_SHAPE)
