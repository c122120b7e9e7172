"""Exposure: a message that was not clicked may bring a person by later, without any need.

The visit is the message's offspring: its draws have the message's address, and its row names the
message as its cause. A need that the message shows is not this mechanism's: that is
`Response.view_through`.

References
----------
Xu, Duan and Whinston (2014), "Path to purchase": exposures without a click excite later visits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share
from omnilab.world.intent import delay_to_next, logistic, logit
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = ["BY_EXPOSURE", "Exposure", "LoweredExposure", "comes_by", "shifted"]

EXPOSED: Final = stream("EXPOSED", 241)  # whether and when, by a message: person, its address

BY_EXPOSURE: Final = stream("BY_EXPOSURE", 244)  # where the person goes then, and what for

SURE: Final = 20.0  # a logit from which on a chance is taken for 0 or 1


class Exposure(Parameters):
    """Visits without a need after a message that was not clicked."""

    seen: Share = key(
        0.0,
        "Chance that a person comes by later to look around, having seen a message without "
        "clicking it or having a need that it shows. XU finds that exposure without a click "
        "matters.",
        kind="A",
        swept=("0%", "15%"),
        came_later=True,
    )
    delivered: Share = key(
        0.0,
        "The same of a message that was delivered and is never seen: a sender and a subject in a "
        "list.",
        kind="A",
        swept=("0%", "2%"),
        came_later=True,
    )


class LoweredExposure(Record):
    """What the rules read of `Exposure`: the logits of its chances, and whether there are any."""

    on: i8
    seen: f8
    delivered: f8


@fills(LoweredExposure)
def _lower(scenario: ScenarioParts) -> Values:
    exposure = scenario.world.exposure
    return {
        "on": int(exposure.seen > 0.0 or exposure.delivered > 0.0),
        "seen": logit(exposure.seen),
        "delivered": logit(exposure.delivered),
    }


@inner
def shifted(base: float, shift: float) -> float:
    """Return the chance whose logit is ``base + shift``; a base of 0 or 1 stays what it is."""
    if base < -SURE:
        return 0.0
    return 1.0 if base > SURE else logistic(base + shift)


@inner
def comes_by(model: Model, person: Person, message: Message, seen: bool) -> float:
    """Return in how many seconds of activity an exposed person comes by to look, or -1.

    The chance is that of `Exposure`, with what the person feels about the message (taste,
    recency, saturation) added to its logit. The delay is that of any next visit.
    """
    base = model.exposure.seen if seen else model.exposure.delivered
    chance = shifted(base, message.feels)
    if chance <= 0.0:
        return -1.0
    u, v, _, _ = draw4(model.key.k0, model.key.k1, EXPOSED, person.entity, int(message.occasion))
    return delay_to_next(model, u / chance, v) if u < chance else -1.0
