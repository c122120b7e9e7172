"""Read the pasts of simulated customers off the log of their burn-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.experiment.strata import Past
from omnilab.log import rows

__all__ = ["YEAR_S", "simulated_past"]

YEAR_S: Final = 365 * 86_400
_DAY_S: Final = 86_400

Floats = npt.NDArray[np.float64]


def simulated_past(
    log: Mapping[int, Any], n: int, at: int, categories: Mapping[str, int]
) -> tuple[Past, npt.NDArray[np.bool_]]:
    """Return the pasts of all customers at second ``at``, and who bought in the year before.

    Parameters
    ----------
    log
        Kind -> rows of the log, of persons, needs and orders; persons are numbered from 0.
    n
        Customers.
    categories
        Name in the table -> index of the scenario's category.
    """
    orders = rows.columns(log[rows.ORDER][log[rows.ORDER]["time"] < at], rows.ORDER)
    persons = rows.columns(log[rows.PERSON], rows.PERSON)
    person, time = orders.person.astype(np.int64), orders.time
    last = np.full(n, -1, np.int64)
    np.maximum.at(last, person, time)
    first = np.full(n, at, np.int64)
    np.minimum.at(first, person, time)
    recent = time >= at - YEAR_S
    spent = np.zeros(n)
    np.add.at(spent, person[recent], orders.paid[recent] / 100.0)
    bought = {name: np.zeros(n, np.bool_) for name in categories}
    of_order = _categories(orders, log[rows.NEED])
    prior = np.zeros(n, np.bool_)
    prior[persons.person[persons.prior == 1]] = True
    for name, category in categories.items():
        bought[name][person[recent & (of_order == category)]] = True
    past = Past(
        recency=(at - last) / _DAY_S,
        history=spent,
        newbie=(first >= at - YEAR_S) & ~prior,
        bought=bought,
    )
    return past, last >= at - YEAR_S


def _categories(orders: Any, needs: Any) -> npt.NDArray[np.int64]:
    """Return the category of each order, by its need; -1 where the need is not among the rows."""
    if not len(orders):
        return np.zeros(0, np.int64)
    needs = rows.columns(needs, rows.NEED)
    key = (needs.person.astype(np.int64) << 32) | needs.need.astype(np.int64)
    order = np.argsort(key, kind="stable")
    wanted = (orders.person.astype(np.int64) << 32) | orders.need.astype(np.int64)
    place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    found = order[place]
    return np.where(key[found] == wanted, needs.category[found], -1).astype(np.int64)
