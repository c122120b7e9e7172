"""What a chunk of cells adds up to, and what is run on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.engine.bundle import Bundle
from omnilab.engine.digest import add_digests
from omnilab.measure.layout import as_integers

if TYPE_CHECKING:
    from omnilab.engine.hooks import Hooks
    from omnilab.engine.kernels import Kernels
    from omnilab.engine.people import Population

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
    watch
        Called before a hook is, so that a failure can be laid at the right door.
    """

    name: str
    plan: Bundle
    hooks: Hooks | None = None
    watch: Callable[[], None] = lambda: None

    @property
    def learns(self) -> bool:
        """Whether the run must be time-major: what comes back is told once a day."""
        return self.hooks is not None and self.hooks.loaded.learns

    def answer(self, cell: Bundle, kernels: Kernels) -> None:
        """Ask `decide` about the cell's waiting messages."""
        assert self.hooks is not None
        self.watch()
        self.hooks.answer(cell, self.plan, kernels)

    def tell(self, rows: Any, population: Population, now: int) -> None:
        """Tell `learn` of a day."""
        assert self.hooks is not None
        self.watch()
        self.hooks.tell(rows, population, now)


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
        self.transitions: list[Any] = []

    def count(self, s: int, meta: Any, rows: list[Any] | None) -> None:
        """Add one finished cell's digest, events and (where kept) rows under strategy ``s``."""
        self.digests[s] = add_digests(self.digests[s], meta.digest_low, meta.digest_high)
        self.events[s] += int(meta.events)
        if rows is not None:
            self.rows[s].extend(rows)

    def take(self, books: Sequence[Bundle]) -> None:
        """Take the sums out of the strategies' books."""
        self.block = np.stack([as_integers(b.sums) for b in books], axis=1)
        self.by_channel = [as_integers(b.by_channel).copy() for b in books]
        self.by_journey = [as_integers(b.by_journey).copy() for b in books]
        self.by_persona = [as_integers(b.by_persona).copy() for b in books]
        self.transitions = [b.transitions.copy() for b in books]
