"""Idle visits, the most frequent items: each person has at most one, and mostly another follows.

They are the leaves of a tree, each of whose other nodes is the lesser of two. In the array the
root is at 1, the children of ``i`` are at ``2 i`` and ``2 i + 1``, and the leaves are its second
half. So one is replaced in as many steps as the tree has levels, without a branch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.keys import NEVER
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell

__all__ = ["clear_idle", "copy_idle", "first_idle", "replace_idle"]


@inner
def replace_idle(cell: Cell, who: int, key: int) -> None:
    """Make this the key of the person's idle visit."""
    i = (len(cell.idle) >> 1) + who
    cell.idle[i] = key
    while i > 1:
        key = min(key, int(cell.idle[i ^ 1]))
        i >>= 1
        cell.idle[i] = key


@inner
def first_idle(cell: Cell) -> int:
    """Return the first idle visit's key, `NEVER` if there is none."""
    return int(cell.idle[1])


@inner
def clear_idle(cell: Cell) -> None:
    """Leave no idle visits."""
    cell.meta.gone = -1
    for i in range(len(cell.idle)):
        cell.idle[i] = NEVER


@inner
def copy_idle(cell: Cell, source: Cell) -> None:
    """Take over the idle visits of another cell's queue, which may have room for more persons."""
    clear_idle(cell)
    leaves = len(source.idle) >> 1
    for who in range(source.meta.persons):
        replace_idle(cell, who, int(source.idle[leaves + who]))
