"""Lines of items that come in the order in which they are due, beside the queue's heap.

A tick's messages are due at once, and all that one step of a journey waits for comes in the order
in which it began. Places are taken in turn, round and round.
"""

from __future__ import annotations

from typing import Any, Final

from omnilab.cell.keys import NEVER
from omnilab.kernels.compiling import inner

__all__ = ["LINES", "clear_line", "first_in_lines", "from_line", "is_in_line", "line_up"]

LINES: Final = 2


@inner
def line_up(C: Any, number: int, key: int, a: int, b: int) -> bool:
    """Put an item at the end of a line, if there is a place and it is due behind all in it."""
    lane = C.lane[number]
    places = C.line.shape[1]
    standing = lane.end - lane.start
    if standing == places or (standing > 0 and lane.last > key):
        return False
    if standing == 0:
        lane.first = key
    lane.last = key
    x = C.line[number, lane.end & (places - 1)]
    lane.end += 1
    x.key = key
    x.a = a
    x.b = b
    return True


@inner
def clear_line(C: Any, number: int) -> None:
    """Empty a line."""
    lane = C.lane[number]
    lane.start = 0
    lane.end = 0
    lane.first = NEVER


@inner
def first_in_lines(C: Any) -> int:
    """Return the first key of all lines, `NEVER` where nobody stands in any."""
    return min(int(C.lane[0].first), int(C.lane[1].first))


@inner
def from_line(C: Any, number: int) -> tuple[int, int]:
    """Take the first item out of a line; return its (a, b)."""
    lane = C.lane[number]
    places = C.line.shape[1]
    x = C.line[number, lane.start & (places - 1)]
    lane.start += 1
    lane.first = NEVER
    if lane.start < lane.end:
        lane.first = C.line[number, lane.start & (places - 1)].key
    return int(x.a), int(x.b)


@inner
def is_in_line(C: Any, number: int, a: int, b: int) -> bool:
    """Tell whether an item with these two numbers stands in a line."""
    lane = C.lane[number]
    places = C.line.shape[1]
    for i in range(lane.start, lane.end):
        x = C.line[number, i & (places - 1)]
        if x.a == a and x.b == b:
            return True
    return False
