"""A friend's tip, within the cell: an order may be told of, and stirs the friend's need."""

from __future__ import annotations

from omnilab.kernels.record import Record, f8

__all__ = ["LoweredTips"]


class LoweredTips(Record):
    """The parameters: those of `scenario.behaviour.Tips`."""

    per_order: f8
