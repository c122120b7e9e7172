"""Taking rows out of a cell: into the digest and into the measures' sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.cell.room import MOST_ROWS, SIGHTINGS, TOO_MANY_ROWS
from omnilab.kernels.compiling import inner
from omnilab.kernels.copying import copy_front
from omnilab.kernels.record import zeros_of
from omnilab.log.digest import digest_rows
from omnilab.log.rows import ROW
from omnilab.measure.clock import discount_factors
from omnilab.measure.customers import close
from omnilab.measure.identity import score_identity
from omnilab.measure.layout import SUMS, as_integers
from omnilab.measure.observed import ADDED, N_CUSTOMER, Observed, make_observed
from omnilab.measure.tally import tally
from omnilab.scenario.model import Scenario
from omnilab.world.identifiers import owner_of

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell

__all__ = [
    "KEPT_ROWS",
    "book",
    "can_score",
    "clear_books",
    "keep_more",
    "make_books",
    "score",
    "seat_customers",
    "settle",
    "sight_more",
]

#: Rows that books keep before they are taken out, if a cell cannot write more at once.
KEPT_ROWS: Final = 1 << 16


class Books(Observed):
    """The measures' sums of one strategy, and what the tally needs (`omnilab.measure.layout`)."""

    blank: Any
    silos: Any  # how many there are
    owner: Any  # of each sighting that is scored
    profile: Any
    kept: Any
    keeps: Any  # room for kept rows, and how many are there


def make_books(
    scenario: Scenario,
    persons: int,
    n_journeys: int,
    cells: int,
    *,
    keep: int = 0,
    tables: bool = True,
    discount_rate: float | None = None,
) -> Books:
    """Make the measures' sums of one strategy for ``cells`` cells, and what the tally needs.

    Parameters
    ----------
    persons
        How many are remembered between two rows: those of the largest cell where cells are run
        one after the other, all where they are run side by side.
    n_journeys
        Journeys of the largest plan.
    keep
        Rows that are kept until the engine takes them out; 0 keeps none.
    tables
        As `omnilab.measure.observed.make_observed` takes it.
    discount_rate
        A year's; None for the scenario's.
    """
    observed = make_observed(scenario, persons, n_journeys, cells, tables=tables)
    if discount_rate is not None:
        observed["discount"] = discount_factors(observed["clock"], discount_rate)
    return Books(
        {
            **observed,
            "blank": zeros_of(SUMS, 1),
            "silos": np.array([len(scenario.silos)], np.int64),
            "owner": np.zeros(4096, np.int64),
            "profile": np.zeros(4096, np.int64),
            "kept": zeros_of(ROW, max(keep, 1)),
            "keeps": np.array([keep, 0], np.int64),
        }
    )


def clear_books(books: Books) -> None:
    """Set the sums to nothing, for other cells: new memory costs more than cleared."""
    books.sums_flat[...] = 0
    for sums in (books.by_channel, books.by_journey, books.by_persona):
        as_integers(sums)[...] = 0
    books.keeps[1] = 0
    if books.tables[0] == 0:
        return
    for name in (*ADDED, "by_week"):
        as_integers(getattr(books, name))[...] = 0
    books.transitions[...] = 0


def seat_customers(books: Books, first: int, last: int) -> None:
    """Have a row for each customer of a chunk, from ``first`` to the one before ``last``."""
    if books.tables[0] == 0:
        return
    books.base[0] = first
    if len(books.customers) < last - first:
        books.set("customers", np.zeros((last - first, N_CUSTOMER), np.int64))


def keep_more(books: Books, rows: int) -> None:
    """Make sure that books which keep rows have room for twice so many; those kept stay."""
    keep = int(books.keeps[0])
    if keep == 0 or keep >= 2 * rows:
        return
    kept = zeros_of(ROW, 2 * rows)
    kept[:keep] = books.kept[:keep]
    books.set("kept", kept)
    books.keeps[0] = len(kept)


def sight_more(books: Books) -> None:
    """Give books twice the room for the sightings of one cell."""
    for name in ("owner", "profile"):
        books.set(name, np.zeros(2 * len(getattr(books, name)), np.int64))


@inner
def can_score(cell: Cell, books: Books) -> bool:
    """Tell whether there is room for all sightings: an identifier in each silo.

    If not, `SIGHTINGS` is left in ``short_of``.
    """
    m = cell.meta
    if books.silos[0] * m.nodes <= len(books.owner):
        return True
    m.short_of = SIGHTINGS
    return False


@inner
def book(cell: Cell, books: Books, k: int) -> bool:
    """Digest and tally the cell's rows into entry ``k`` of the books, and drop or keep them.

    Returns
    -------
    bool
        False if there is no room to keep them: nothing was done.
    """
    m = cell.meta
    n = int(m.rows)
    if books.keeps[0] > 0:
        at = books.keeps[1]
        if books.keeps[0] - at < n:
            return False
        copy_front(books.kept[at:], cell.row, n)
        books.keeps[1] = at + n
    digest_rows(cell.word, n, m.digest)
    tally(cell.row, n, int(m.first), int(m.place), int(m.persons), books, k)
    m.events += n
    m.rows = 0
    if m.events > MOST_ROWS - n:
        m.over = TOO_MANY_ROWS
    return True


@inner
def settle(cell: Cell, plan: LoweredPlan, books: Books, k: int) -> None:
    """Add the per-person sums at the end of the run, and each person's part of fixed costs."""
    m = cell.meta
    if plan.rules.fixed_cost > 0:
        for p in range(m.place, m.place + m.persons):
            books.own[p]["fixed_cost"] = plan.rules.fixed_cost
            books.own[p]["fixed_ltv"] = plan.rules.fixed_ltv
    close(int(m.first), int(m.place), int(m.persons), books, k)


@inner
def score(cell: Cell, books: Books, k: int) -> None:
    """Score the profiles against the truth, over all identifiers by silo that the brand holds.

    There must be room for them (see `can_score`).
    """
    n = 0
    for i in range(cell.meta.nodes):
        node = cell.node[i]
        if node.code == 0:
            continue
        for s in range(books.silos[0]):
            if (node.seen_in >> s) & 1 == 1:
                books.owner[n] = owner_of(node.code)
                books.profile[n] = node.profile
                n += 1
    score_identity(books.owner, books.profile, n, books.sums[k])
