"""What a need keeps of goods: those that were seen for it, and those in the cart."""

from __future__ import annotations

from omnilab.kernels.record import Record, i2, i8

__all__ = ["Looked"]


class Looked(Record):
    """What a need keeps of goods; sets have a bit for each."""

    goods_seen: i8 = 0  # the consideration set
    goods_told: i8 = 0  # of it, those that came into sight by a recommendation
    goods_lines: i8 = 0  # in the cart
    good: i2 = -1  # liked best at the last look, or the first line
    first_good: i2 = -1  # liked best at the first look
