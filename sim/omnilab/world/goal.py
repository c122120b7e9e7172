"""The goal gradient: who sees that the loyalty card is nearly full chooses sooner.

A place that recognises the customer and can see the points shows how full the card is. The fuller
it is, the more that adds to the stock of stimuli at this visit; nothing of it is kept. So a card is
worth something only where the brand links it: points that a place can't see draw nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Stimulus

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["Goal", "LoweredGoal", "gradient_of", "nearness"]


class Goal(Parameters):
    """What the nearness of a loyalty card's reward does."""

    gradient: Stimulus = key(
        0.0,
        "What a full card adds to the stock at a visit where it is shown, a card that is partly "
        "full in proportion. The times between purchases fell by 20% from the first to the last "
        "stamp of a card: where visits are many and each rarely leads to an order, that is a logit "
        "of about 0.22, so a gradient of 0.22 / `Intent.slope`.",
        unit="stimuli",
        kind="A",
        source="off by default; KIVETZ06 (P) for the 20%",
        came_later=True,
        swept=("0", "0.5"),
    )


class LoweredGoal(Record):
    """What the rules read of `Goal`."""

    gradient: f8


@inner
def nearness(model: Model, points: int, full: int) -> float:
    """Return what a card with so many points, of ``full``, adds to the stock at a visit."""
    if points <= 0:
        return 0.0
    return float(model.goal.gradient) if points >= full else model.goal.gradient * points / full


@inner
def gradient_of(model: Model, share: float) -> float:
    """Return what a target adds to the stock at a visit where this share of it is shown."""
    return model.goal.gradient * share
