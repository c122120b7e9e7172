"""Loyalty points: earned and spent in a silo, moved at a hand-off, joined in a merge.

Which silos see them depends on the context choice (`omnilab.brand.context.sees`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, i8

if TYPE_CHECKING:
    from omnilab.brand.state import Context

__all__ = ["Points", "add_points", "move_points", "points_in"]


class Points(Record):
    """What a context keeps of them."""

    points: i8 = 0


@inner
def add_points(context: Context, points: int) -> None:
    """Book points earned, or spent where negative."""
    context.points += points


@inner
def points_in(context: Context) -> int:
    """Return the points that a context holds."""
    return int(context.points)


@inner
def move_points(to: Context, of: Context) -> None:
    """Give all points of one context to another, so that none is spent twice."""
    to.points += of.points
    of.points = 0
