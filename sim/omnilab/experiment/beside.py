"""The sums of the strategies of equal volume that run beside a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.experiment.match import EqualVolume
from omnilab.experiment.statistics import Moments

if TYPE_CHECKING:
    from omnilab.experiment.match import Beside
    from omnilab.lowering.cells import Population

__all__ = ["BesideSums"]


class BesideSums:
    """What the two strategies and the derived ones add up to, on the customers that have them.

    Parameters
    ----------
    beside
        What runs.
    strategies
        Names of those that are compared, which come before the derived ones in a block.

    Attributes
    ----------
    customers
        How many there are so far.
    """

    def __init__(self, beside: Beside, strategies: Sequence[str]) -> None:
        self.beside = beside
        derived = [s.name for s in beside.derived]
        names = [*strategies, *derived]
        own = [name for name in beside.pair if name in names] + derived
        self.moments = Moments(own)
        self.places = [names.index(name) for name in own]
        self.customers = 0

    def cells(self, population: Population, taken: int, *, whole: bool) -> int:
        """Return how many cells of the next replication have them, from the first on.

        ``taken``: customers of the replications before it that have them. ``whole``: all or none
        of the cells, where what is learned from one is used on all.
        """
        if not self.beside.derived:
            return 0
        n, most = population.n_cells, self.beside.customers
        if most is None:
            return n
        left = most - taken
        if left <= 0 or whole:
            return n if left > 0 else 0
        return min(n, int(np.searchsorted(population.first, left)))

    def take(self, block: Any) -> None:
        """Add a chunk of cells."""
        self.moments.add(np.ascontiguousarray(block[:, self.places]))

    def found(self) -> EqualVolume:
        """Return what there is."""
        return EqualVolume(self.beside, self.moments, self.customers)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint needs."""
        return {"customers": self.customers, "moments": self.moments.state()}

    def resume(self, state: dict[str, Any]) -> None:
        """Take in what `state` gave."""
        self.customers = int(state["customers"])
        self.moments = Moments.from_state(state["moments"])
