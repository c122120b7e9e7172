"""A friend's tip, within the cell: an order may be told of, and stirs the friend's need."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["LoweredTips", "Tips", "friend_told", "tip_delay"]


class Tips(Parameters):
    """A friend's tip, within the cell."""

    per_order: Share = key(
        0.06,
        "Chance that an order leads to a tip to a friend in the same cell: .38 a year per "
        "adopting neighbour, taken at 6 orders.",
        kind="P/D",
        source="BASS",
    )


class LoweredTips(Record):
    """What the rules read of `Tips`."""

    per_order: f8


@inner
def friend_told(model: Model, who: int, persons: int, u: float, v: float) -> int:
    """Return to whom of the cell's persons an order of ``who`` is told of, or -1.

    Parameters
    ----------
    persons
        Persons in the cell.
    u, v
        Uniforms in (0, 1): whether it is told of, and to whom; each other is as likely.
    """
    if u >= model.tips.per_order or persons < 2:
        return -1
    friend = int(v * (persons - 1))
    return friend + 1 if friend >= who else friend


@inner
def tip_delay(u: float) -> float:
    """Return the seconds of activity from an order to its tip: exponential, two days on average."""
    return -math.log(u) * 172800.0
