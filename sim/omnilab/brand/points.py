"""Loyalty points: earned and spent in a silo, moved at a hand-off, joined in a merge.

Which silos see them depends on the context choice (`omnilab.brand.context.sees`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Amount

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import Context

__all__ = ["LoweredPoints", "Loyalty", "Points", "add_points", "move_points", "points_in"]


class Loyalty(Parameters):
    """Points: one for each unit of currency; a full card gives its worth off the next order."""

    card: Annotated[int, Field(ge=0, le=10**9)] = key(
        0,
        "Points on a full card: one point for each unit of currency paid; 0 is no programme.",
        unit="points",
        kind="A",
    )
    worth: Annotated[Amount, Field(ge=0)] = key(
        0.0, "What a full card takes off the next order.", kind="A"
    )


class LoweredPoints(Record):
    """What the rules read of `Loyalty`; `omnilab.lowering.plan` fills what has the same name."""

    card: i8


class Points(Record):
    """What a context keeps of them."""

    points: i8 = 0


@inner
def add_points(plan: LoweredPlan, context: Context, t: int, points: int) -> None:
    """Book points earned at ``t``, or spent where negative."""
    context.points = points_in(plan, context, t) + points


@inner
def points_in(plan: LoweredPlan, context: Context, t: int) -> int:
    """Return the points of a context that count at ``t``, seconds."""
    return int(context.points)


@inner
def move_points(to: Context, of: Context) -> None:
    """Give all points of one context to another, so that none is spent twice."""
    to.points += of.points
    of.points = 0
