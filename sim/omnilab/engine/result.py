"""What a chunk of cells adds up to, and what is run on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.log.digest import add_digests, digest_of
from omnilab.measure.customers import add_all
from omnilab.measure.layout import as_integers
from omnilab.measure.lifts import compare_customers
from omnilab.measure.observed import ADDED

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.engine.books import Books
    from omnilab.engine.hooks import Hooks

__all__ = ["ChunkResult", "StrategySetup"]


@dataclass
class StrategySetup:
    """One strategy as an engine runs it.

    Attributes
    ----------
    name
        Its name.
    plan
        Plan arrays.
    hooks
        The strategy's `decide` and `learn`, where it has them.
    tables
        Keep all tables of it; else the sums alone.
    discount_rate
        A year's, of its LTV; None for the scenario's. It changes no row of the log.
    """

    name: str
    plan: LoweredPlan
    hooks: Hooks | None = None
    tables: bool = True
    discount_rate: float | None = None

    @property
    def learns(self) -> bool:
        """Whether the run must be time-major: what comes back is told once a day."""
        return self.hooks is not None and self.hooks.loaded.learns


class ChunkResult:
    """Mergeable totals of the cells ``low`` to ``high``, by strategy."""

    def __init__(self, low: int, high: int, n_strategies: int) -> None:
        self.low, self.high = low, high
        self.digests = [0] * n_strategies
        self.events = [0] * n_strategies
        self.rows: list[list[Any]] = [[] for _ in range(n_strategies)]
        self.block: Any = None
        self.by_channel: list[Any] = []
        self.by_journey: list[Any] = []
        self.by_persona: list[Any] = []
        # From here on by strategy that has tables.
        self.notable: list[Any] = []  # see `omnilab.measure.lifts`
        self.customers: list[Any] = []  # where they are kept
        self.tables: dict[str, list[Any]] = {}  # by name

    def count(self, s: int, low: int, high: int, events: int) -> None:
        """Add the digest of rows under strategy ``s``, in two lanes, and their number."""
        self.digests[s] = add_digests(self.digests[s], digest_of(low, high))
        self.events[s] += int(events)

    def take(self, books: Sequence[Books], first: Any, reference: int, *, customers: bool) -> None:
        """Take the sums out of the strategies' books.

        Parameters
        ----------
        books
            Closed, in the strategies' order.
        first
            First person of each cell of the population, and their number.
        reference
            The place of the strategy that the others are held against; it has tables.
        customers
            Keep the rows of the customers.
        """
        self.block = np.stack([as_integers(b.sums) for b in books], axis=1)
        self.by_channel = [as_integers(b.by_channel).copy() for b in books]
        self.by_journey = [as_integers(b.by_journey).copy() for b in books]
        self.by_persona = [as_integers(b.by_persona).copy() for b in books]
        watched = [b for b in books if b.tables[0] == 1]
        if not watched:
            return
        for b in watched:
            add_all(b)
        for name in ("transitions", *ADDED):
            self.tables[name] = [_plain(getattr(b, name)) for b in watched]
        place = next(i for i, b in enumerate(watched) if b is books[reference])
        lifts = compare_customers(watched, first, self.low, self.high, place)
        self.notable = lifts.pop("notable")
        self.tables |= lifts
        if customers:
            n = int(first[self.high] - first[self.low])
            self.customers = [b.customers[:n].copy() for b in watched]


def _plain(table: Any) -> Any:
    """Return a copy of a table as integers, of the same shape where it is of integers already."""
    return table.copy() if table.dtype == np.int64 else as_integers(table).copy()
