"""How a person answers a message: delivered, seen, clicked, opted out.

Logits of the channel's base, the present need in what is shown, the hour, the creative and a
personal effect; attention falls with contact pressure. The intercepts are solved so that the
population's mean at one message a week is the published base rate (engine/calibrate.py).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.draws.inverse import normal
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import Ints, Record, f8, i1, i2, i4, i8, several
from omnilab.world.clock import hour_level
from omnilab.world.intent import logistic

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model

__all__ = [
    "LoweredResponse",
    "Message",
    "Responsiveness",
    "address",
    "click_chance",
    "give_message",
    "open_chance",
    "open_delay",
    "take_message",
]


class LoweredResponse(Record):
    """The parameters: those of `scenario.behaviour.Response`."""

    need: f8
    generic: f8
    personal: f8
    hour: f8
    campaign_hour: f8  # log activity index of the hour that base rates are of
    view_through: f8
    reveals: f8
    created: f8
    revives: f8
    slot: i8  # seconds


class Responsiveness(Record):
    """How readily a person answers, and the addresses of the last messages' draws."""

    effect: f8  # personal response effect, N(0, 1)
    recent: Ints = several(4, i8, first=-1)  # for exact repeats
    recent_n: Ints = several(4, i1, first=0)
    recent_at: i1 = 0


class Message(Record):
    """A message that will be seen."""

    used: i1
    channel: i1
    category: i1  # shown, -1 everything
    person: i2
    next: i4
    sender: i4  # the brand's copy that sent it, -1; with its serial
    sender_serial: i4
    token: i4  # the need whose cart the landing page shows, -1
    id: i8
    tag: i8  # journey * 256 + step: for the log, never read by the world
    code: i8  # address it went to
    occasion: i8  # address of its draws
    quality: f8
    offer: f8
    effect_click: f8  # uniform kept for the click
    sent: i8


take_message, give_message = free_list("message", "messages")


@inner
def address(model: Model, person: Responsiveness, channel: int, t: int, creative: int) -> int:
    """Return the address of a message's draws: (channel, time slot, creative, exact repeat)."""
    slot = quotient(t, int(model.response.slot))
    key = (slot << 32) | (channel << 24) | (creative << 8)
    for i in range(4):
        if person.recent[i] == key:
            n = person.recent_n[i] + 1
            person.recent_n[i] = n if n < 120 else 120
            return key | int(person.recent_n[i])
    i = person.recent_at
    person.recent[i] = key
    person.recent_n[i] = 0
    person.recent_at = (i + 1) & 3
    return key


@inner
def open_chance(
    model: Model,
    person: Responsiveness,
    channel: Channel,
    t: int,
    match: float,
    quality: float,
    factor: float,
) -> float:
    """Return the chance that a delivered message is seen.

    Parameters
    ----------
    match
        Present need in what is shown, 0..1.
    quality
        The creative's own logit, owned by the scenario.
    factor
        Attention under pressure (or an ad's wear-out), 0..1.
    """
    if channel.base_open <= 0.0:
        return 0.0
    if channel.base_open >= 0.999999:
        return factor
    x = (
        channel.open_logit
        + model.response.need * match
        + model.response.personal * person.effect
        + quality
    )
    if model.response.hour != 0.0:  # else the hour changes nothing
        x += model.response.hour * (hour_level(model, t) - model.response.campaign_hour)
    if x == channel.open_logit:  # nothing tells this message from any other
        return channel.open_share * factor
    return logistic(x) * factor


@inner
def click_chance(
    model: Model, person: Responsiveness, channel: Channel, match: float, quality: float
) -> float:
    """Return the chance that a message seen is clicked (called, answered)."""
    if channel.base_click <= 0.0:
        return 0.0
    return logistic(
        channel.click_logit
        + model.response.need * match
        + model.response.personal * person.effect
        + quality
    )


@inner
def open_delay(channel: Channel, u: float) -> int:
    """Return the seconds from delivery to opening: lognormal, at least one second."""
    if channel.delay_sigma <= 0.0:
        return 1 + int(channel.delay_median)
    x = channel.delay_sigma * normal(u)
    if x > 12.0:
        x = 12.0
    return 1 + int(channel.delay_median * math.exp(x))
