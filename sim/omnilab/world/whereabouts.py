"""Where a person is just now, in four words, and what that does to a message's being seen.

A phone lies in the pocket everywhere; a mailbox on a computer is looked into at home or at work. So
a channel's messages may be likelier, or less likely, to be seen by who is at work or out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.world.places import STORE, is_there_at, near_distance
from omnilab.world.ways import where_is

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["AT_HOME", "AT_WORK", "IN_STORE", "OUT", "UNKNOWN", "sees_there", "whereabouts"]

UNKNOWN: Final = -1
AT_HOME: Final = 0
AT_WORK: Final = 1
OUT: Final = 2  # at the end of an errand
IN_STORE: Final = 3  # and within sight of one of the brand's stores there


@inner
def whereabouts(cell: WorldCell, model: Model, who: int, t: int) -> int:
    """Return where a person is at ``t``: at home, at work, out, or in or before a store."""
    x, y = where_is(cell, model, who, t)
    spot = cell.spot[who]
    if x == float(spot.home_x) and y == float(spot.home_y):
        return AT_HOME
    if spot.works == 1 and x == float(spot.work_x) and y == float(spot.work_y):
        return AT_WORK
    for number in range(model.places.sites):
        kind = model.sites[int(cell.site[number].kind)]
        is_store = kind.role == STORE and is_there_at(kind, t)
        if is_store and near_distance(cell, number, x, y) <= kind.sight_m:
            return IN_STORE
    return OUT


@inner
def sees_there(cell: WorldCell, model: Model, channel: Channel, who: int, t: int) -> float:
    """Return the logits that a channel's message gains by where its person is."""
    if model.places.on == 0 or (channel.seen_at_work == 0.0 and channel.seen_out == 0.0):
        return 0.0
    where = whereabouts(cell, model, who, t)
    if where == AT_HOME:
        return 0.0
    return float(channel.seen_at_work if where == AT_WORK else channel.seen_out)
