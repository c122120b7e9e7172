"""Interruption: a reminder of the cart that comes too early disturbs who would have come back.

A message about the cart that is seen adds to the need's stock of stimuli, as any message does that
shows a need. Seen soon after the need was last stirred, by a visit or by another message, it also
takes some of the stock: the person is still at it, and feels pressed. What it takes fades with the
time since then, and is forgotten as the stock is. So the person is less ready at the next visit,
and at none is an order taken away.

Who has put something into a cart was ready, and goes on from there at the next visit. Pressed,
such a person holds back in the share in which somebody with that stock would: the chance to go on
is the chance to be ready, over what it would be with what was taken.

References
----------
Li, Luo, Lu and Moriguchi (2021), "The double-edged effects of e-commerce cart retargeting: does
retargeting too early backfire?", Journal of Marketing 85(4): within an hour a reminder lowers
purchases, after one to three days it raises them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Stimulus
from omnilab.world.intent import logistic

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = ["Interruption", "LoweredInterruption", "holds_to_cart", "press"]


class Interruption(Parameters):
    """What a message about the cart does that comes too early."""

    takes: Stimulus = key(
        0.0,
        "What it takes from the need's stock if it is seen at the moment of the last stimulus.",
        unit="stimuli",
        kind="A",
        source="off by default; sign of LI21",
        came_later=True,
        swept=("0", "2"),
    )
    calm: Annotated[Duration, Field(gt=0)] = key(
        6 * 3600,
        "Time since the last stimulus in which that fades to 1/e; between the hour at which "
        "reminders harm and the day at which they help (LI21).",
        kind="A",
        source="order of magnitude of LI21",
        swept=("1h", "24h"),
    )


class LoweredInterruption(Record):
    """What the rules read of `Interruption`."""

    takes: f8
    calm: f8  # seconds


@inner
def press(model: Model, need: Need, t: int) -> float:
    """Note that a message about the cart is seen, and return what it takes from the need's stock.

    takes exp(-(time since the last stimulus) / calm), of a need for which there was a visit.
    """
    if model.interruption.takes == 0.0 or need.visits == 0:
        return 0.0
    age = max(t - need.stock_t, 0)
    taken = model.interruption.takes * math.exp(-age / model.interruption.calm)
    need.pressed = _still_pressed(model, need, t) + taken
    need.pressed_t = t
    return taken


@inner
def _still_pressed(model: Model, need: Need, t: int) -> float:
    """Return what was taken from the stock and is not forgotten."""
    return need.pressed * math.exp(-model.intent.decay * (t - need.pressed_t))


@inner
def holds_to_cart(
    model: Model, person: Person, need: Need, t: int, stock: float, ready: float, less: float = 0.0
) -> bool:
    """Tell whether a person with a cart goes on to choose at a visit; ``ready``: uniform in 0..1.

    Always, unless pressed, or at a price that adds ``less`` to the stock than that at which the
    cart was filled. Then with chance P(ready | stock) / P(ready | stock + taken + less).
    """
    if need.pressed == 0.0 and less == 0.0:
        return True
    whole = stock + _still_pressed(model, need, t) + less
    slope, threshold = model.intent.slope, person.threshold
    before = logistic(slope * (whole - threshold))
    return before == 0.0 or ready * before < logistic(slope * (stock - threshold))
