"""Items of which a person has at most one: an idle visit, a way to work or back, an errand.

They are the most frequent, and mostly another of the kind follows. Idle visits are the leaves of
one tree, ways those of another, two for each person; a cell without places has no ways. Each other
node of a tree is the lesser of two. In the array the root is at 1, the children of ``i`` are at
``2 i`` and ``2 i + 1``, and the leaves are its second half. So one is replaced in as many steps as
the tree has levels, without a branch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.keys import NEVER
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.kernels.record import Ints

__all__ = [
    "clear_own",
    "copy_own",
    "first_idle",
    "first_way",
    "has_ways",
    "replace_idle",
    "replace_way",
]


@inner
def replace_idle(cell: Cell, who: int, key: int) -> None:
    """Make this the key of the person's idle visit."""
    _replace(cell.idle, who, key)


@inner
def first_idle(cell: Cell) -> int:
    """Return the first idle visit's key, `NEVER` if there is none."""
    return int(cell.idle[1])


@inner
def has_ways(cell: Cell) -> bool:
    """Tell whether ways have a tree here: elsewhere they stand in the heap as others do."""
    return len(cell.way_item) > 0


@inner
def replace_way(cell: Cell, leaf: int, key: int) -> None:
    """Make this the key of a way: of person ``leaf // 2`` the way to work or back, or the errand.

    What is in the item besides stands in ``cell.way_item[leaf]``.
    """
    _replace(cell.way, leaf, key)


@inner
def first_way(cell: Cell) -> int:
    """Return the first way's key, `NEVER` if there is none."""
    return int(cell.way[1])


@inner
def clear_own(cell: Cell) -> None:
    """Leave no idle visits and no ways."""
    cell.meta.gone = -1
    cell.meta.gone_way = -1
    for i in range(len(cell.idle)):
        cell.idle[i] = NEVER
    for i in range(len(cell.way)):
        cell.way[i] = NEVER


@inner
def copy_own(cell: Cell, source: Cell) -> None:
    """Take over the idle visits and ways of another cell, which may have room for more persons."""
    clear_own(cell)
    leaves = len(source.idle) >> 1
    for who in range(source.meta.persons):
        _replace(cell.idle, who, int(source.idle[leaves + who]))
    if not has_ways(source):
        return
    leaves = len(source.way) >> 1
    for leaf in range(2 * source.meta.persons):
        key = int(source.way[leaves + leaf])
        if key != NEVER:
            _replace(cell.way, leaf, key)
            cell.way_item[leaf].a = source.way_item[leaf].a
            cell.way_item[leaf].b = source.way_item[leaf].b


@inner
def _replace(tree: Ints, leaf: int, key: int) -> None:
    i = (len(tree) >> 1) + leaf
    tree[i] = key
    while i > 1:
        key = min(key, int(tree[i ^ 1]))
        i >>= 1
        tree[i] = key
