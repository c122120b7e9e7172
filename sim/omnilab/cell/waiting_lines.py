"""Lines of items that come in the order in which they are due, beside the queue's heap.

A tick's messages are due at once, and all that one step of a journey waits for comes in the order
in which it began. Places are taken in turn, round and round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell.fetching import fetch_copy, fetch_owner, fetch_profile, fetch_sending
from omnilab.cell.keys import NEVER
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell, Item

__all__ = ["LINES", "clear_line", "first_in_lines", "from_line", "line_item", "line_up"]

LINES: Final = 2


@inner
def line_up(cell: Cell, number: int, key: int, a: int, b: int) -> bool:
    """Put an item at the end of a line, if there is a place and it is due behind all in it."""
    lane = cell.lane[number]
    places = cell.line.shape[1]
    standing = lane.end - lane.start
    if standing == places or (standing > 0 and lane.last > key):
        return False
    if standing == 0:
        lane.first = key
    lane.last = key
    x = cell.line[number, lane.end & (places - 1)]
    lane.end += 1
    x.key = key
    x.a = a
    x.b = b
    return True


@inner
def clear_line(cell: Cell, number: int) -> None:
    """Empty a line."""
    lane = cell.lane[number]
    lane.start = 0
    lane.end = 0
    lane.first = NEVER


@inner
def first_in_lines(cell: Cell) -> int:
    """Return the first key of all lines, `NEVER` where nobody stands in any."""
    return min(int(cell.lane[0].first), int(cell.lane[1].first))


@inner
def from_line(cell: Cell, number: int) -> tuple[int, int]:
    """Take the first item out of a line; return its (a, b)."""
    lane = cell.lane[number]
    places = cell.line.shape[1]
    x = cell.line[number, lane.start & (places - 1)]
    lane.start += 1
    lane.first = NEVER
    if lane.start < lane.end:
        lane.first = cell.line[number, lane.start & (places - 1)].key
        _fetch_ahead(cell, number, places - 1)
    return int(x.a), int(x.b)


@inner
def _fetch_ahead(cell: Cell, number: int, mask: int) -> None:
    """Fetch what the next four of a line need, each a step further; nothing in a small cell.

    A tick has many sends in a town. The fourth one's copy is fetched, then the third one's profile
    by its copy, then what the second one's profile leads to, and what the next one's send needs.
    """
    lane = cell.lane[number]
    start, standing = int(lane.start), int(lane.end - lane.start)
    if len(cell.bucket) == 0:
        return
    if standing > 3:
        fetch_copy(cell, int(cell.line[number, (start + 3) & mask].a))
    if standing > 2:
        copy = cell.copy[int(cell.line[number, (start + 2) & mask].a)]
        if copy.state != 0:
            fetch_profile(cell, int(copy.profile))
    if standing > 1:
        copy = cell.copy[int(cell.line[number, (start + 1) & mask].a)]
        if copy.state != 0:
            fetch_owner(cell, int(copy.profile))
    copy = cell.copy[int(cell.line[number, start & mask].a)]
    if copy.state != 0:
        fetch_sending(cell, int(copy.profile))


@inner
def line_item(cell: Cell, number: int, place: int) -> Item:
    """Return the item at a place of a line, from its lane's ``start`` to its ``end``."""
    return cell.line[number, place & (cell.line.shape[1] - 1)]
