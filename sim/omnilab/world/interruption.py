"""Interruption: a reminder of the cart that comes too early disturbs who would have come back.

A message about the cart that is seen adds to the need's stock of stimuli, as any message does that
shows a need. Seen soon after the need was last stirred, by a visit or by another message, it also
takes some of the stock: the person is still at it, and feels pressed. What it takes fades with the
time since then. So the person is less ready at the next visit, and at none is an order taken away.

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

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = ["Interruption", "LoweredInterruption", "gain_of_message"]


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
def gain_of_message(model: Model, need: Need, t: int, cart: bool) -> float:
    """Return what a message that shows a need adds to its stock; ``cart``: it is about the cart.

    The gain of any message, less takes exp(-(time since the last stimulus) / calm).
    """
    gain = model.intent.message_gain
    if cart and model.interruption.takes > 0.0 and need.visits > 0:
        age = max(t - need.stock_t, 0)
        gain = gain - model.interruption.takes * math.exp(-age / model.interruption.calm)
    return gain
