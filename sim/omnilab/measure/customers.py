"""Close the tables of a cell: each person into the groups and into a row of the chunk's customers.

The customers of a chunk are one matrix a strategy, and with those of all strategies the comparison
within groups is made (`omnilab.measure.lifts`); nothing of them outlives the chunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.kernels.compiling import inner, kernel
from omnilab.log.rows import CLICK, DELIVERED, OPEN, ORDER, SENT, VISIT
from omnilab.measure.due import due_slots, take_due
from omnilab.measure.groups import ALL, N_KEYS, PERSONA, RECIPIENTS
from omnilab.measure.keys import group_keys
from omnilab.measure.knowing import close_knowing
from omnilab.measure.layout import SUMS, names_of
from omnilab.measure.observed import (
    CHANNELS,
    CLICKED,
    DUE_SLOTS,
    JOURNEYS,
    OPENED,
    VALUES,
)
from omnilab.measure.observed import DELIVERED as DELIVERED_COLUMN
from omnilab.measure.worth import rounded_value

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["add_all", "close"]

#: Sums that a person has; after them come those of profiles, which are a cell's.
_OWN: Final = names_of(SUMS).index("true_pairs")
#: Dimensions whose groups persons are added to; before it only `ALL`, see `add_all`.
FIRST_ADDED: Final = PERSONA


@kernel
def close(first_person: int, place: int, persons: int, o: Observed, k: int) -> None:
    """Finish each person's sums, add them up and write the person's row, after the last `tally`.

    Without ``o.tables`` no row is written and no group is added to.

    Parameters
    ----------
    first_person
        Global id of the cell's first person.
    place, persons
        Where the cell's persons begin in ``o.own``, and how many they are.
    o
        The strategy's tables.
    k
        The cell's entry of ``o.sums``.
    """
    for p in range(place, place + persons):
        one = o.people[p]
        _finish(one, o.own[p], o)
        _add_to_persona(o.own[p], o.by_persona[one["persona"]])
        n = _find_used(o.own_flat, p, o.used)
        _add(o.sums_flat, k, o.own_flat, p, o.used, n)
        if o.tables[0] == 0:
            continue
        at = first_person - o.base[0] + p - place
        group_keys(one, o.customers[at], o)
        _write(p, at, o)
        for d in range(FIRST_ADDED, N_KEYS):
            _add(o.by_group, int(o.customers[at, d]), o.own_flat, p, o.used, n)
        journeys, j = one["journeys"], int(o.group_first[RECIPIENTS])
        while journeys != 0:
            if journeys & 1 == 1:
                _add(o.by_group, j, o.own_flat, p, o.used, n)
            journeys >>= 1
            j += 1
    if o.tables[0] == 0:
        return
    followed = o.due
    for i in range(place * DUE_SLOTS, place * DUE_SLOTS + due_slots(persons)):
        if followed[i]["message"] != 0:
            take_due(followed[i], o)


@inner
def _finish(one: np.void, sums: np.void, o: Observed) -> None:
    """Complete a person's sums."""
    sums["ltv"] = rounded_value(one)
    first, second = one["orders_first"], one["orders_second"]
    new = one["prior"] == 0 and one["before"] == 0
    sums["buyers"] = 1 if first + second > 0 else 0
    sums["new_buyers"] = sums["buyers"] if new else 0
    sums["repeat_buyers"] = 1 if first + second > 1 else 0
    sums["buyers_first_half"] = 1 if first > 0 else 0
    sums["retained"] = 1 if first > 0 and second > 0 else 0
    close_knowing(one, sums, o)


@inner
def _add_to_persona(sums: np.void, group: np.void) -> None:
    group["persons"] += 1
    group["buyers"] += sums["buyers"]
    group["new_buyers"] += sums["new_buyers"]
    group["orders"] += sums["rows"][ORDER]
    group["revenue"] += sums["revenue"] - sums["refunds"]
    group["margin"] += sums["margin"] - sums["margin_lost"]
    group["cost"] += sums["send_cost"] + sums["click_cost"] + sums["agent_cost"] + sums["act_cost"]
    group["ltv"] += sums["ltv"]
    group["sent"] += sums["rows"][SENT]
    group["visits"] += sums["rows"][VISIT]


@inner
def _write(p: int, at: int, o: Observed) -> None:
    """Write a person's columns beside the keys."""
    one, sums = o.people[p], o.own[p]
    o.customers[at, JOURNEYS] = one["journeys"]
    o.customers[at, CHANNELS] = one["channels"]
    o.customers[at, DELIVERED_COLUMN] = sums["rows"][DELIVERED]
    o.customers[at, OPENED] = sums["rows"][OPEN]
    o.customers[at, CLICKED] = sums["rows"][CLICK]
    terms, own, row = o.terms, o.own_flat, o.customers  # once, not in each round
    for m in range(terms.shape[0]):
        value = own[p, terms[m, 0]] * terms[m, 1]
        if terms[m, 3] != 0:
            value += own[p, terms[m, 2]] * terms[m, 3]
        if terms[m, 5] != 0:
            value += own[p, terms[m, 4]] * terms[m, 5]
        if terms[m, 7] != 0:
            value += own[p, terms[m, 6]] * terms[m, 7]
        row[at, VALUES + m] = value


@inner
def _find_used(own: Any, p: int, used: Any) -> int:
    """Write the places of a person's sums that are not 0, a few of many; return how many."""
    n = 0
    for k in range(_OWN):
        used[n] = k  # without a branch: none can be predicted
        n += int(own[p, k] != 0)
    return n


@inner
def _add(table: Any, at: int, own: Any, p: int, used: Any, n: int) -> None:
    for i in range(n):
        k = used[i]
        table[at, k] += own[p, k]


def add_all(o: Observed) -> None:
    """Complete the groups of a chunk: all customers are those of all personas."""
    first = o.group_first
    o.by_group[first[ALL]] = o.by_group[first[PERSONA] : first[PERSONA + 1]].sum(axis=0)
