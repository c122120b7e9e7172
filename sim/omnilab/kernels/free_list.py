"""Slots of an array that are used again: taken from a list of free ones, or new at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omnilab.kernels.compiling import inner

__all__ = ["free_list"]


def free_list(name: str, count: str) -> tuple[Callable[[Any], int], Callable[[Any, int], None]]:
    """Return the compiled functions that take a slot of an array and give one back.

    Parameters
    ----------
    name
        The array in a cell. Its records have a field ``next``, and the cell's numbers a field
        ``free_<name>``, the first free slot or -1.
    count
        The cell's number of slots ever used. Who takes a new one sets ``grown``, so that the
        engine looks whether there is still room (omnilab.cell.room).

    Returns
    -------
    take
        ``take(cell)`` returns the slot's index; its contents are those of its last use.
    give
        ``give(cell, index)`` frees a slot.
    """
    # Written out for each array: compiled code can't look a field up by its name.
    text = f"""
def take_{name}(cell):
    i = int(cell.meta.free_{name})
    if i >= 0:
        cell.meta.free_{name} = cell.{name}[i].next
        return i
    i = int(cell.meta.{count})
    cell.meta.{count} = i + 1
    cell.meta.grown = 1
    return i

def give_{name}(cell, index):
    cell.{name}[index].next = cell.meta.free_{name}
    cell.meta.free_{name} = index
"""
    space: dict[str, Any] = {"__name__": __name__}
    exec(text, space)
    return inner(space[f"take_{name}"]), inner(space[f"give_{name}"])
