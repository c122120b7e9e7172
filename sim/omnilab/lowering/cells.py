"""How the customers fall into households and cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from omnilab.cell.keys import MOST_PERSONS
from omnilab.errors import CapacityError
from omnilab.kernels.compiling import kernel
from omnilab.world.population import household_size

__all__ = ["Population", "cells_at_once", "lay_out"]

MOST_CELLS = 1 << 26  # bits of an identifier in the log (see omnilab.world.identifiers.packed)
FEW = 16  # households of a cell that is no town, at most
SMALL = 1 << 10  # persons of a cell up to which all those bits are the cell's
MOST_TOWNS = 1 << 22  # of larger cells


@dataclass(frozen=True)
class Population:
    """The cells of one replication.

    Attributes
    ----------
    sizes
        Persons of each household, int8, shape ``(n_households,)``; the last one is cut so that
        the persons add up to the customers asked for.
    first
        Global id of each cell's first person, shape ``(n_cells + 1,)``.
    per_cell
        Households in a cell.
    """

    sizes: Any
    first: Any
    per_cell: int

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.first) - 1

    @property
    def largest(self) -> int:
        """Persons of the largest cell."""
        return int(np.diff(self.first).max())

    def households(self, cell: int) -> tuple[int, Any]:
        """Return the number of the cell's first household, and its households' sizes."""
        start = cell * self.per_cell
        return start, self.sizes[start : start + self.per_cell]

    def cell_of(self, customer: int) -> int:
        """Return the cell of a customer's global id."""
        return int(np.searchsorted(self.first, customer, side="right")) - 1


def cells_at_once(cells: int, per_cell: int) -> int:
    """Return in how many cells as many households live as in so many cells of a few.

    Parameters
    ----------
    cells
        Cells that are taken at once where they have `FEW` households or fewer, >= 1.
    per_cell
        Households of a cell.
    """
    return cells if per_cell <= FEW else max(1, 2 * cells // per_cell)


def lay_out(model: Any, customers: int, per_cell: int) -> Population:
    """Draw households, one after the other, until they hold all customers.

    Raises
    ------
    CapacityError
        If there are more cells, or more persons in one, than can be numbered.
    """
    k0, k1 = int(model.key.k0), int(model.key.k1)
    sizes = np.zeros(customers, np.int8)
    n = _fill(k0, k1, model.household_cum, sizes, customers)
    sizes = sizes[:n].copy()  # the rest of the memory goes back
    edges = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    cells = -(-n // per_cell)
    if cells > MOST_CELLS:
        raise CapacityError(
            f"{customers:,} customers fall into {cells:,} cells, at most {MOST_CELLS:,} can"
            " be numbered: set population.households_per_cell higher"
        )
    first = edges[::per_cell].copy()
    if first[-1] != customers:
        first = np.append(first, customers)
    _can_be_numbered(cells, int(np.diff(first).max()))
    return Population(sizes, first, per_cell)


def _can_be_numbered(cells: int, largest: int) -> None:
    """Refuse a town with more persons, or more towns, than identifiers have numbers for."""
    if largest > MOST_PERSONS:
        raise CapacityError(
            f"a town has {largest:,} persons, at most {MOST_PERSONS:,} can be numbered: set"
            " population.town lower"
        )
    if largest > SMALL and cells > MOST_TOWNS:
        raise CapacityError(
            f"there are {cells:,} towns of up to {largest:,} persons, at most {MOST_TOWNS:,} can"
            " be numbered: have fewer customers, or set population.town higher"
        )


@kernel
def _fill(k0: int, k1: int, cumulative: Any, sizes: Any, customers: int) -> int:
    n = 0
    left = customers
    while left > 0:
        size = household_size(k0, k1, n, cumulative)
        if size > left:
            size = left
        sizes[n] = size
        left -= size
        n += 1
    return n
