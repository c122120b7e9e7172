"""A friend's tip, within the cell: an order may be told of, and stirs the friend's need."""

from __future__ import annotations

from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share

__all__ = ["LoweredTips", "Tips"]


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
