"""A place's units as SimPy containers, which follow the rows of the log and nothing else.

The SimPy engine gives each town one such mirror. Every row that moves units moves them between
containers: from the supplier's van to the shelf, from the shelf to a drawer for reserved units, and
out. A container can't be below zero. After every step the levels must be those of the cell's
arrays, which the step functions keep; where they are not, one of the two is wrong, and the run
ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from omnilab.log import rows
from omnilab.log.rows import columns

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["StockError", "StockMirror"]

_MOVES = (
    rows.UNITS_SOLD,
    rows.UNITS_BACK,
    rows.UNITS_ORDERED,
    rows.UNITS_CAME,
    rows.UNITS_SPOILED,
    rows.UNITS_HELD,
)


class StockError(RuntimeError):
    """The containers and the cell's arrays differ: a fault of the program, not of a scenario."""


class StockMirror:
    """Three containers for each place and variant that can run out: shelf, drawer and van.

    Parameters
    ----------
    model
        The lowered scenario.
    like
        A mirror whose levels this one starts from, where a strategy takes over; else the shelves
        are full and the others empty.
    """

    def __init__(self, model: Model, like: StockMirror | None = None) -> None:
        self.variants = int(model.stock.variants)
        level = model.arrays()["supply"]["level"]
        self.bound = np.flatnonzero(level >= 0).tolist()
        self.levels = {
            i: like.levels_of(i) if like is not None else (int(level[i]), 0, 0) for i in self.bound
        }
        self.boxes: dict[int, tuple[simpy.Container, ...]] = {}

    def levels_of(self, i: int) -> tuple[int, int, int]:
        """Return the units of a shelf: on it, kept for somebody, on the way."""
        if i not in self.boxes:
            return self.levels[i]
        shelf, drawer, van = (int(box.level) for box in self.boxes[i])
        return shelf, drawer, van

    def enter(self, env: simpy.Environment) -> None:
        """Make the containers anew in an environment, with the levels that they had."""
        self.levels = {i: self.levels_of(i) for i in self.bound}
        self.boxes = {
            i: tuple(simpy.Container(env, init=level) for level in self.levels[i])
            for i in self.bound
        }

    def follow(self, words: Any, cell: Cell) -> None:
        """Move units as rows say, then hold the levels against the cell's arrays.

        Raises
        ------
        StockError
            If a container would fall below zero, or the levels differ.
        """
        log = words.view(rows.ROW).reshape(-1)
        moved = set()
        for row in log[np.isin(log["kind"], _MOVES)]:
            kind = int(row["kind"])
            seen = columns(np.array([row], dtype=rows.ROW), kind)[0]
            i = int(seen["place"]) * self.variants + int(seen["variant"])
            moved.add(i)
            self._move(i, kind, seen)
        for i in moved:
            x = cell.shelf[i]
            held = (int(x.free), int(x.held), int(x.coming))
            if held != self.levels_of(i):
                raise StockError(
                    f"place {i // self.variants}, variant {i % self.variants}: the containers hold"
                    f" {self.levels_of(i)} (free, kept, on the way), the cell {held}"
                )

    def _move(self, i: int, kind: int, row: Any) -> None:
        shelf, drawer, van = self.boxes[i]
        if kind == rows.UNITS_SOLD:
            _get(drawer if row["held"] == 1 else shelf, 1)
        elif kind == rows.UNITS_BACK:
            shelf.put(int(row["n"]))
        elif kind == rows.UNITS_ORDERED:
            van.put(int(row["n"]))
        elif kind == rows.UNITS_CAME:
            _get(van, int(row["n"]))
            shelf.put(int(row["n"]))
        elif kind == rows.UNITS_SPOILED:
            _get(shelf, int(row["n"]))
        elif row["n"] > 0:
            _get(shelf, 1)
            drawer.put(1)
        else:
            _get(drawer, 1)
            shelf.put(1)


def _get(box: simpy.Container, n: int) -> None:
    """Take units out of a container at once."""
    if not box.get(n).triggered:
        raise StockError(f"{n} units are taken where {box.level} are")
