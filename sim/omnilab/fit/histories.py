"""Where a log leaves its customers, as groups with the same history that a scenario can hold.

Given a customer's orders, the laws of purchase say how likely the customer is still one, and the
laws of the rate and of the chance to leave for one who is; the law of spend says what the orders
cost on average. Groups of customers who are nearly alike in all this keep the first two moments
of each of these laws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from omnilab.fit.bgnbd import further_orders
from omnilab.fit.laws import Laws, Standing, stand
from omnilab.fit.likely import past_of
from omnilab.fit.needs import Cohort, Needs
from omnilab.fit.spend import SpendLaw

__all__ = ["Group", "group_of", "groups_of", "standing_of"]

Vector = npt.NDArray[np.float64]

_GROUPS = 160  # about: a file that can be read, and groups whose members are alike
_WIDEST = 1.2  # ratio of orders within a group of frequent buyers
_CENT = 0.01
_MOST_SHAPE = 1e4  # a law as narrow as this is a point


@dataclass(frozen=True, slots=True)
class Group:
    """Customers who are nearly alike.

    Parameters
    ----------
    rows
        Shape (customers,): who they are.
    customers
        How many.
    expected
        Their orders, as the laws have them, in the days that they were grouped for.
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
    of_class
        The class of spend that most of them are of.
    """

    rows: npt.NDArray[np.int64]
    customers: int
    expected: float
    alive: float
    orders: int
    rate: float
    shape: float
    a: float
    b: float
    spend: float
    q: float
    of_class: int = 0

    def expected_orders(self, ahead: float) -> float:
        """Return the orders of all of them in so many seasonal days."""
        r, alpha = np.array([self.shape]), np.array([self.shape / self.rate])
        each = further_orders(ahead, r, alpha, self.a, np.array([self.b]))
        return self.customers * self.alive * float(each[0])


def standing_of(cohort: Cohort, laws: Laws, season: tuple[float, ...]) -> Standing:
    """Return what is known of the log's customers.

    Parameters
    ----------
    cohort
        The log's customers.
    laws, season
        The laws of purchase, and the clock that they were fitted on.
    """
    o = cohort.occasions
    spend = np.bincount(o.customer, o.amount, minlength=o.n_customers).astype(np.float64)
    positive = np.maximum(o.amount, _CENT)
    logs = np.bincount(o.customer, np.log(positive), minlength=o.n_customers).astype(np.float64)
    return stand(laws, past_of(o, season), spend, logs)


def groups_of(
    standing: Standing, needs: Needs, mean_spend: float, ahead: float, law: SpendLaw | None = None
) -> list[Group]:
    """Return the customers in groups, those of few orders first.

    Parameters
    ----------
    needs
        For the shapes of spend, and the chances to leave of the simulated world.
    mean_spend
        Of the log's orders.
    ahead
        Seasonal days for which they are grouped by what is expected of them.
    law
        Of spend; Gamma-Gamma of the needs' p and q if None.
    """
    expected = standing.expected_orders(ahead)
    moments = standing.rate_moments(ahead)
    spend = _known_spend(standing, needs, mean_spend) if law is None else law.known_spend(
        standing.repeats + 1, standing.spend, standing.logs
    )  # fmt: skip
    known = _Known(expected, moments, spend)
    if law is None or len(law.classes) < 2:
        of_class = np.zeros(len(expected), dtype=np.int64)
    else:
        of_class = np.argmax(law.member, axis=0)
    groups = []
    for number in np.unique(of_class):
        rows = np.flatnonzero(of_class == number)
        parts = _partition(standing.repeats[rows], expected[rows], len(expected))
        groups += [_group(standing, rows[part], needs, known, int(number)) for part in parts]
    return groups


def group_of(numbers: npt.NDArray[np.int64], weights: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return the group that each simulated customer begins as, by the number in the scenario.

    The same rule as the world's own (`omnilab.world.population`).
    """
    cumulative = np.cumsum(weights) / np.sum(weights)
    turns = (numbers.astype(np.uint64) * np.uint64(2654435769) + np.uint64(1325177)) & np.uint64(
        0xFFFFFFFF
    )
    place = (turns.astype(np.float64) + 0.5) / 4294967296.0
    return np.minimum(np.searchsorted(cumulative, place, side="right"), len(weights) - 1)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of each customer, shape (n,) each: orders, moments of rate and of spend."""

    expected: Vector
    rate: tuple[Vector, Vector]
    spend: tuple[Vector, Vector]


def _partition(repeats: Vector, expected: Vector, customers: int) -> list[npt.NDArray[np.int64]]:
    """Return the rows of each group: alike in orders, then in what is expected of them."""
    order = np.lexsort((expected, repeats))
    repeats = repeats[order]
    size = max(1, -(-customers // _GROUPS))
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
    standing: Standing, rows: npt.NDArray[np.int64], needs: Needs, known: _Known, of_class: int
) -> Group:
    """Return the group of some customers, with the moments of their laws."""
    x, alive = standing.repeats[rows], standing.alive[rows]
    weight = alive / alive.sum() if alive.sum() > 0 else np.full(len(rows), 1 / len(rows))
    mean, square = (float(weight @ moment[rows]) for moment in known.rate)
    a, b = _mixed_beta(np.full(len(rows), needs.a), needs.b + x + 1.0, weight)
    spend, q = _mixed_spend(*(moment[rows] for moment in known.spend))
    return Group(
        rows=rows,
        customers=len(rows),
        expected=float(known.expected[rows].sum()),
        alive=float(alive.mean()),
        orders=max(1, round(float(x.mean() + 1))),
        rate=mean,
        shape=min(mean**2 / max(square - mean**2, mean**2 / _MOST_SHAPE), _MOST_SHAPE),
        a=a,
        b=b,
        spend=spend,
        q=q,
        of_class=of_class,
    )


def _mixed_beta(a: Vector, b: Vector, weight: Vector) -> tuple[float, float]:
    """Return the shapes of the beta law with the first two moments of a mixture."""
    mean = float(weight @ (a / (a + b)))
    square = float(weight @ (a * (a + 1) / ((a + b) * (a + b + 1))))
    spread = max(square - mean**2, mean * (1 - mean) / _MOST_SHAPE)
    total = mean * (1 - mean) / spread - 1
    return mean * total, (1 - mean) * total


def _known_spend(standing: Standing, needs: Needs, mean_spend: float) -> tuple[Vector, Vector]:
    """Return mean and mean square of what each customer's orders cost, by Gamma-Gamma."""
    p, q = needs.p, needs.q
    gamma = mean_spend * (q - 1) / p
    own_q = q + p * (standing.repeats + 1.0)
    own = p * (gamma + standing.spend) / (own_q - 1)
    return own, own**2 * (own_q - 1) / np.maximum(own_q - 2, 0.05)


def _mixed_spend(own: Vector, square: Vector) -> tuple[float, float]:
    """Return mean and shape of the inverse-gamma law of mean spend in a group."""
    mean = float(own.mean())
    spread = max(float(square.mean()) - mean**2, mean**2 / _MOST_SHAPE)
    return mean, min(2 + mean**2 / spread, _MOST_SHAPE)
