"""Taking rows out of a cell: into the digest and into the measures' sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.cell.room import MOST_ROWS, SIGHTINGS, TOO_MANY_ROWS
from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import inner
from omnilab.kernels.copying import copy_front
from omnilab.log.digest import digest_rows
from omnilab.log.rows import ROW
from omnilab.measure.clock import discount_factors, make_clock
from omnilab.measure.identity import score_identity
from omnilab.measure.layout import (
    CHANNEL_SUMS,
    JOURNEY_SUMS,
    PEOPLE,
    PERSONA_SUMS,
    SUMS,
    as_integers,
)
from omnilab.measure.tally import close, tally
from omnilab.scenario.model import Scenario
from omnilab.world.identifiers import owner_of

__all__ = [
    "book",
    "can_score",
    "clear_books",
    "keep_more",
    "make_books",
    "score",
    "settle",
    "sight_more",
]


def make_books(
    scenario: Scenario, persons: int, n_journeys: int, cells: int, *, keep: int = 0
) -> Bundle:
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
    """
    time = scenario.time
    start, end = time.burn_in, time.burn_in + time.window
    clock = make_clock(start, end, end + time.run_out)
    n = len(scenario.channels)
    ads = [c.message is not None and c.message.ad for c in scenario.channels]
    return Bundle(
        {
            "people": np.zeros(persons, PEOPLE).view(np.recarray),
            "sums": np.zeros(cells, SUMS).view(np.recarray),
            "blank": np.zeros(1, SUMS).view(np.recarray),
            "by_channel": np.zeros(n + 1, CHANNEL_SUMS).view(np.recarray),
            "by_journey": np.zeros(n_journeys + 1, JOURNEY_SUMS).view(np.recarray),
            "by_persona": np.zeros(len(scenario.population.personas), PERSONA_SUMS).view(
                np.recarray
            ),
            "transitions": np.zeros((n + 1, n + 2), np.int64),
            "ad": np.array([*ads, False], dtype=np.int64),
            "clock": clock,
            "discount": discount_factors(clock, scenario.discount_rate),
            "owner": np.zeros(4096, np.int64),
            "profile": np.zeros(4096, np.int64),
            "kept": np.zeros(max(keep, 1), ROW).view(np.recarray),
            "keeps": np.array([keep, 0], np.int64),  # room for rows, and how many are there
        }
    )


def clear_books(books: Bundle) -> None:
    """Set the sums to nothing, for other cells: new memory costs more than cleared."""
    for sums in (books.sums, books.by_channel, books.by_journey, books.by_persona):
        as_integers(sums)[...] = 0
    books.transitions[...] = 0
    books.keeps[1] = 0


def keep_more(books: Bundle, rows: int) -> None:
    """Make sure that books which keep rows have room for twice so many; those kept stay."""
    keep = int(books.keeps[0])
    if keep == 0 or keep >= 2 * rows:
        return
    kept = np.zeros(2 * rows, ROW).view(np.recarray)
    kept[:keep] = books.kept[:keep]
    books.set("kept", kept)
    books.keeps[0] = len(kept)


def sight_more(books: Bundle) -> None:
    """Give books twice the room for the sightings of one cell."""
    for name in ("owner", "profile"):
        books.set(name, np.zeros(2 * len(getattr(books, name)), np.int64))


@inner
def can_score(C: Any, T: Any) -> bool:
    """Tell whether there is room for all sightings: an identifier in each silo, of eight at most.

    If not, `SIGHTINGS` is left in ``short_of``.
    """
    m = C.meta[0]
    if 8 * m.nodes <= len(T.owner):
        return True
    m.short_of = SIGHTINGS
    return False


@inner
def book(C: Any, T: Any, k: int) -> bool:
    """Digest and tally the cell's rows into entry ``k`` of the books, and drop or keep them.

    Returns
    -------
    bool
        False if there is no room to keep them: nothing was done.
    """
    m = C.meta[0]
    n = int(m.rows)
    if T.keeps[0] > 0:
        at = T.keeps[1]
        if T.keeps[0] - at < n:
            return False
        copy_front(T.kept[at:], C.row, n)
        T.keeps[1] = at + n
    digest_rows(C.word, n, m.digest)
    tally(
        C.row, n, int(m.first - m.place), T.people, T.sums[k], T.by_channel, T.by_journey,
        T.transitions, T.ad, T.clock, T.discount,
    )  # fmt: skip
    m.events += n
    m.rows = 0
    if m.events > MOST_ROWS - n:
        m.over = TOO_MANY_ROWS
    return True


@inner
def settle(C: Any, T: Any, k: int) -> None:
    """Add the per-person sums at the end of the run."""
    close(T.people[C.meta[0].place :], int(C.meta[0].persons), T.sums[k], T.by_persona)


@inner
def score(C: Any, T: Any, k: int) -> None:
    """Score the profiles against the truth, over all identifiers by silo that the brand holds.

    There must be room for them (see `can_score`).
    """
    n = 0
    for i in range(C.meta[0].nodes):
        node = C.node[i]
        if node.code == 0:
            continue
        for s in range(8):
            if (node.seen_in >> s) & 1 == 1:
                T.owner[n] = owner_of(node.code)
                T.profile[n] = node.profile
                n += 1
    score_identity(T.owner, T.profile, n, T.sums[k])
