"""Close the tables of a cell: each person into the groups and into a row of the chunk's customers.

The customers of a chunk are one matrix a strategy, and with those of all strategies the comparison
within groups is made (`omnilab.measure.lifts`); nothing of them outlives the chunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner, kernel
from omnilab.log.rows import CLICK, DELIVERED, OPEN
from omnilab.measure.follow import due_slots, take_due
from omnilab.measure.groups import MOST_JOURNEYS, N_KEYS, RECIPIENTS
from omnilab.measure.keys import group_keys
from omnilab.measure.layout import N_SUMS
from omnilab.measure.observed import (
    CHANNELS,
    CLICKED,
    DUE_SLOTS,
    JOURNEYS,
    OPENED,
    VALUES,
)
from omnilab.measure.observed import DELIVERED as DELIVERED_COLUMN

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["close_customers"]


@kernel
def close_customers(first_person: int, place: int, persons: int, o: Observed) -> None:
    """Add the cell's persons to the groups and write their rows, after `omnilab.measure.close`.

    Parameters
    ----------
    first_person
        Global id of the cell's first person.
    place, persons
        Where the cell's persons begin in ``o.own``, and how many they are.
    o
        The strategy's tables.
    """
    for p in range(place, place + persons):
        at = first_person - o.base[0] + p - place
        group_keys(o.followed[p], o.customers[at], o)
        _write(p, at, o)
        for d in range(N_KEYS):
            _add(o, p, int(o.customers[at, d]))
        journeys = o.followed[p]["journeys"]
        for j in range(min(o.group_first[RECIPIENTS + 1] - o.group_first[RECIPIENTS],
                           MOST_JOURNEYS)):  # fmt: skip
            if (journeys >> j) & 1 == 1:
                _add(o, p, int(o.group_first[RECIPIENTS]) + j)
    for i in range(place * DUE_SLOTS, place * DUE_SLOTS + due_slots(persons)):
        take_due(o.due[i], o)


@inner
def _write(p: int, at: int, o: Observed) -> None:
    """Write a person's columns beside the keys."""
    one, sums = o.followed[p], o.own[p]
    o.customers[at, JOURNEYS] = one["journeys"]
    o.customers[at, CHANNELS] = one["channels"]
    o.customers[at, DELIVERED_COLUMN] = sums["rows"][DELIVERED]
    o.customers[at, OPENED] = sums["rows"][OPEN]
    o.customers[at, CLICKED] = sums["rows"][CLICK]
    for m in range(o.terms.shape[0]):
        value = o.own_flat[p, o.terms[m, 0]] * o.terms[m, 1]
        if o.terms[m, 3] != 0:
            value += o.own_flat[p, o.terms[m, 2]] * o.terms[m, 3]
        o.customers[at, VALUES + m] = value


@inner
def _add(o: Observed, p: int, group: int) -> None:
    table, own = o.by_group, o.own_flat  # once: the loop then takes several sums at a time
    for k in range(N_SUMS):
        table[group, k] += own[p, k]
