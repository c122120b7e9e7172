"""Idle visits, the most frequent items: each person has at most one, and mostly another follows.

They are the leaves of a tree, each of whose other nodes is the lesser of two. In the array the
root is at 1, the children of ``i`` are at ``2 i`` and ``2 i + 1``, and the leaves are its second
half. So one is replaced in as many steps as the tree has levels, without a branch.
"""

from __future__ import annotations

from typing import Any

from omnilab.cell.keys import NEVER
from omnilab.kernels.compiling import inner

__all__ = ["clear_idle", "copy_idle", "first_idle", "replace_idle"]


@inner
def replace_idle(C: Any, who: int, key: int) -> None:
    """Make this the key of the person's idle visit."""
    i = (len(C.idle) >> 1) + who
    C.idle[i] = key
    while i > 1:
        key = min(key, int(C.idle[i ^ 1]))
        i >>= 1
        C.idle[i] = key


@inner
def first_idle(C: Any) -> int:
    """Return the first idle visit's key, `NEVER` if there is none."""
    return int(C.idle[1])


@inner
def clear_idle(C: Any) -> None:
    """Leave no idle visits."""
    C.meta[0].gone = -1
    for i in range(len(C.idle)):
        C.idle[i] = NEVER


@inner
def copy_idle(C: Any, S: Any) -> None:
    """Take over the idle visits of another cell's queue, which may have room for more persons."""
    clear_idle(C)
    leaves = len(S.idle) >> 1
    for who in range(S.meta[0].persons):
        replace_idle(C, who, int(S.idle[leaves + who]))
