"""The same customers under two strategies: exact sums and products of their differences.

A cluster is a cell. For each group, each measure of persons and each strategy, the differences of
the cells against the reference are summed, squared and multiplied with the cell's persons in the
group, so that a mean difference has an interval by the delta method
(`omnilab.experiment.lifts`). Products are kept in four words of 31 bits, which add like any
whole numbers, far beyond any number of cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import inner, kernel
from omnilab.measure.groups import N_KEYS, RECIPIENTS
from omnilab.measure.lifted import (
    BINS,
    BITS,
    LIFT_WIDTH,
    LIFTED,
    MEMBER_WIDTH,
    NOTABLE,
    SPREAD,
    SPREAD_WIDTH,
    WEEK_WIDTH,
    WORDS,
)
from omnilab.measure.observed import COLUMNS, DELIVERED, JOURNEYS, VALUES, WEEKLY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.measure.observed import Observed

__all__ = ["Lifts", "bin_of", "compare_customers"]

_LOW: Final = (1 << BITS) - 1
_COLUMNS: Final = len(COLUMNS)
_LTV: Final = VALUES + COLUMNS.index("ltv")
_MARGIN: Final = VALUES + COLUMNS.index("margin")
_ORDERS: Final = VALUES + COLUMNS.index("orders_per_customer")
_SENT: Final = VALUES + COLUMNS.index("messages_per_customer")


class Lifts(Bundle):
    """What the customers of a chunk say of strategies against one of them."""

    members: Any  # by strategy and group
    lifts: Any  # by strategy, group and column
    week_lifts: Any  # by strategy, week and `WEEKLY`
    spread: Any  # by strategy and `SPREAD`
    contacts: Any  # by strategy and bin: customers and their messages
    gains: Any  # by strategy and bin: customers who gained, and the margin
    notable: Any  # by strategy, won and lost, place: the difference and the customer, -1
    group: Any  # working space: sums of a cell by group, under strategy and reference
    count: Any  # working space: persons of a cell by group
    seen: Any  # working space: groups that a cell has


def compare_customers(
    books: Sequence[Observed], first: NDArray[np.int64], low: int, high: int, reference: int
) -> dict[str, Any]:
    """Return the tables of `Lifts` of a chunk, each with an entry for each strategy.

    Parameters
    ----------
    books
        The strategies' tables, closed.
    first
        First person of each cell, and their number.
    low, high
        The chunk's cells.
    reference
        The place of the strategy that the others are held against.
    """
    n, groups, weeks = len(books), len(books[0].by_group), books[0].by_week.shape[1]
    columns = _COLUMNS
    lifts = Lifts(
        {
            "members": np.zeros((n * groups, MEMBER_WIDTH), np.int64),
            "lifts": np.zeros((n * groups * columns, LIFT_WIDTH), np.int64),
            "week_lifts": np.zeros((n * weeks, WEEK_WIDTH), np.int64),
            "spread": np.zeros((n * len(SPREAD), SPREAD_WIDTH), np.int64),
            "contacts": np.zeros((n * BINS, 2), np.int64),
            "gains": np.zeros((n * BINS, 2), np.int64),
            "notable": np.full((n * 2 * NOTABLE, 2), -1, np.int64),
            "group": np.zeros((groups, 2 * columns), np.int64),
            "count": np.zeros(groups, np.int64),
            "seen": np.zeros(groups, np.int64),
        }
    )
    cells = np.ascontiguousarray(first[low : high + 1])
    of = books[reference]
    for s, own in enumerate(books):
        compare_chunk(cells, own, of, s, lifts)
    return {
        name: list(getattr(lifts, name).reshape(n, -1, getattr(lifts, name).shape[1]))
        for name in (*LIFTED, "notable")
    }


@kernel
def compare_chunk(cells: Any, own: Observed, of: Observed, s: int, lifts: Lifts) -> None:
    """Compare a chunk's customers under strategy ``s`` with the same under the reference.

    Parameters
    ----------
    cells
        First person of each cell of the chunk, and the one after the last.
    own, of
        The tables of the strategy and of the reference.
    s
        The strategy's place in ``lifts``.
    lifts
        Added to.
    """
    start = cells[0]
    for c in range(cells.shape[0] - 1):
        begin, end = cells[c] - start, cells[c + 1] - start
        _compare_groups(begin, end, own, of, s, lifts)
        _compare_weeks(c, end - begin, own, of, s, lifts)
        _compare_spread(begin, end, own, of, s, lifts)
    for p in range(cells[cells.shape[0] - 1] - start):
        sent = own.customers[p, _SENT]
        at = s * BINS + bin_of(sent)
        lifts.contacts[at, 0] += 1
        lifts.contacts[at, 1] += sent
        gain = own.customers[p, _MARGIN] - of.customers[p, _MARGIN]
        if gain > 0:
            at = s * BINS + bin_of(gain)
            lifts.gains[at, 0] += 1
            lifts.gains[at, 1] += gain
        more = own.customers[p, _LTV] - of.customers[p, _LTV]
        if more > 0:
            _note(more, start + p, 2 * s, lifts)
        elif more < 0:
            _note(-more, start + p, 2 * s + 1, lifts)


@inner
def _compare_groups(
    begin: int, end: int, own: Observed, of: Observed, s: int, lifts: Lifts
) -> None:
    n = 0
    recipients = own.group_first[RECIPIENTS]
    for p in range(begin, end):
        for d in range(N_KEYS):
            n = _join(p, int(of.customers[p, d]), n, own, of, lifts)
        journeys = own.customers[p, JOURNEYS]
        for j in range(own.group_first[RECIPIENTS + 1] - recipients):
            if (journeys >> j) & 1 == 1:
                n = _join(p, int(recipients) + j, n, own, of, lifts)
    for i in range(n):
        _take(int(lifts.seen[i]), s, lifts)


@inner
def _join(p: int, g: int, n: int, own: Observed, of: Observed, lifts: Lifts) -> int:
    """Add a person to a group of the cell; return how many groups it has."""
    if lifts.count[g] == 0:
        lifts.seen[n] = g
        n += 1
    lifts.count[g] += 1
    # Arrays are taken out of the bundles once: the loop then takes several sums at a time.
    group, mine, theirs = lifts.group, own.customers, of.customers
    for m in range(_COLUMNS):
        group[g, m] += mine[p, VALUES + m]
        group[g, _COLUMNS + m] += theirs[p, VALUES + m]
    return n


@inner
def _take(g: int, s: int, lifts: Lifts) -> None:
    """Add a cell's group to the sums and products, and empty it."""
    groups, group, table = lifts.group.shape[0], lifts.group, lifts.lifts
    persons = lifts.count[g]
    at = s * groups + g
    lifts.members[at, 0] += persons
    lifts.members[at, 1] += 1
    lifts.members[at, 2] += persons * persons
    for m in range(_COLUMNS):
        a, b = group[g, m], group[g, _COLUMNS + m]
        if a == 0 and b == 0:  # most of a small group
            continue
        row = at * _COLUMNS + m
        table[row, 0] += a
        table[row, 1] += b
        if a != b:
            _add_product(a - b, a - b, table, row, 2)
            _add_product(a - b, persons, table, row, 2 + WORDS)
        group[g, m] = 0
        group[g, _COLUMNS + m] = 0
    lifts.count[g] = 0


@inner
def _compare_weeks(c: int, persons: int, own: Observed, of: Observed, s: int, lifts: Lifts) -> None:
    width = own.by_week.shape[1]
    mine, theirs = own.by_week, of.by_week
    for m in range(len(WEEKLY)):
        difference = 0
        for i in range(m, width, len(WEEKLY)):
            difference += mine[c, i] - theirs[c, i]
            if difference != 0:
                _add_product(difference, difference, lifts.week_lifts, s * width + i, 0)
                _add_product(difference, persons, lifts.week_lifts, s * width + i, WORDS)


@inner
def _compare_spread(
    begin: int, end: int, own: Observed, of: Observed, s: int, lifts: Lifts
) -> None:
    unreached, gained, harmed, gain, harm, more, fewer = 0, 0, 0, 0, 0, 0, 0
    higher, lower = 0, 0
    mine, theirs = own.customers, of.customers
    for p in range(begin, end):
        unreached += 1 if mine[p, DELIVERED] == 0 else 0
        margin = mine[p, _MARGIN] - theirs[p, _MARGIN]
        orders = mine[p, _ORDERS] - theirs[p, _ORDERS]
        ltv = mine[p, _LTV] - theirs[p, _LTV]
        gained += 1 if margin > 0 else 0
        harmed += 1 if margin < 0 else 0
        gain += max(margin, 0)
        harm += max(-margin, 0)
        more += 1 if orders > 0 else 0
        fewer += 1 if orders < 0 else 0
        higher += 1 if ltv > 0 else 0
        lower += 1 if ltv < 0 else 0
    persons, row = end - begin, s * len(SPREAD)
    _add_share(unreached, persons, lifts, row)
    _add_share(gained + harmed, persons, lifts, row + 1)
    _add_share(gained, persons, lifts, row + 2)
    _add_share(harmed, persons, lifts, row + 3)
    _add_share(gain, gained, lifts, row + 4)
    _add_share(harm, harmed, lifts, row + 5)
    _add_share(more, persons, lifts, row + 6)
    _add_share(fewer, persons, lifts, row + 7)
    _add_share(higher, persons, lifts, row + 8)
    _add_share(lower, persons, lifts, row + 9)


@inner
def _add_share(part: int, whole: int, lifts: Lifts, row: int) -> None:
    lifts.spread[row, 0] += part
    lifts.spread[row, 1] += whole
    _add_product(part, part, lifts.spread, row, 2)
    _add_product(part, whole, lifts.spread, row, 2 + WORDS)
    _add_product(whole, whole, lifts.spread, row, 2 + 2 * WORDS)


@inner
def _note(size: int, customer: int, row: int, lifts: Lifts) -> None:
    """Keep a customer who is among those with the largest differences, the first of equal ones."""
    last = NOTABLE * row + NOTABLE - 1
    if size <= lifts.notable[last, 0]:
        return
    at = last
    while at > NOTABLE * row and lifts.notable[at - 1, 0] < size:
        lifts.notable[at, 0] = lifts.notable[at - 1, 0]
        lifts.notable[at, 1] = lifts.notable[at - 1, 1]
        at -= 1
    lifts.notable[at, 0] = size
    lifts.notable[at, 1] = customer


@kernel
def bin_of(size: int) -> int:
    """Return the bin of a number >= 0: of its own below 32, then 16 to each doubling."""
    doublings = 0
    while size >= 32:
        size >>= 1
        doublings += 1
    return size + 16 * doublings


@inner
def _add_product(x: int, y: int, table: Any, row: int, at: int) -> None:
    """Add ``x * y`` to a number in words of 31 bits; each factor is below 2**62 in size."""
    if -_LOW <= x <= _LOW and -_LOW <= y <= _LOW:
        product = x * y
        table[row, at] += product & _LOW
        table[row, at + 1] += product >> BITS
        return
    x0, x1, y0, y1 = x & _LOW, x >> BITS, y & _LOW, y >> BITS
    low, high = x0 * y0, x1 * y1
    one, two = x0 * y1, x1 * y0
    table[row, at] += low & _LOW
    table[row, at + 1] += (low >> BITS) + (one & _LOW) + (two & _LOW)
    table[row, at + 2] += (one >> BITS) + (two >> BITS) + (high & _LOW)
    table[row, at + 3] += high >> BITS
