"""How a person answers a message: delivered, seen, clicked, opted out.

Logits of the channel's base, the present need in what is shown, the hour, the creative and a
personal effect (omnilab.world.affinity); attention falls with contact pressure. The intercepts are
solved so that the population's mean at one message a week is the published base rate
(engine/calibrate.py).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import Ints, Record, f8, i1, i2, i4, i8, several
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Logit, Share, Stimulus
from omnilab.world.clock import hour_level
from omnilab.world.intent import delay_to_next, logistic
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.needs import GIVEN_UP, LATENT
from omnilab.world.receipts import Receipts
from omnilab.world.stage import meets_at_stage

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = [
    "LoweredResponse",
    "Message",
    "Response",
    "Responsiveness",
    "address",
    "can_sign_up",
    "catches_eye",
    "click_chance",
    "comes_later",
    "give_message",
    "open_chance",
    "open_delay",
    "resumes",
    "take_message",
]


class Response(Parameters):
    """Logits for seen and click: base, present need, personal effect, hour."""

    need: Logit = key(
        1.35,
        "What a present need adds to the logit of seeing and of clicking a message that shows it: "
        "14.4% of contextual pushes are opened against 4.19% of generic ones.",
        unit="logit",
        kind="V/D",
        source="BATCH25",
    )
    generic: Share = key(0.3, "How well a message that shows everything meets one need.", kind="A")
    personal_sd: Stimulus = key(
        1.0,
        "Standard deviation over persons of the personal effect on seeing and clicking, on any one "
        "channel. E-mail opens differ by about 2.45 over persons, machines included (XCAMPAIGN); "
        "sweep 1.5 to 2.5.",
        unit="logit",
        kind="A",
    )
    hour: Logit = key(
        0.2,
        "What a busier hour adds to the logit of seeing.",
        unit="logit per log of the activity index",
        kind="A",
    )
    view_through: Share = key(
        0.05,
        "Chance that a person who saw a message and did not click comes later. XU finds that "
        "exposure without a click matters.",
        kind="A",
        swept=("0%", "15%"),
    )
    reveals: Share = key(
        0.10,
        "Chance that a message seen makes the person notice a latent need.",
        kind="A",
        swept=("0%", "30%"),
    )
    revives: Share = key(0.5, "Chance that a click revives a need that was given up.", kind="A")
    offer: Stimulus = key(
        5.0,
        "What a discount adds to the logit of buying a cart.",
        unit="logit per unit of discount (10% is .1)",
        kind="A",
    )
    offer_lasts: Duration = key(7 * 86400, "How long an offer that was seen is valid.", kind="A")
    created: Share = key(
        0.0,
        "Chance that a visit which a message led to, and which meets no need, makes one; at the "
        "mean person (see `Creation`). 0 means that messages create no demand. Where it is on, its "
        "prior is 0.8 to 2.5%, divided by the share of made needs that become an order: of those "
        "who click a campaign 3.2 to 5% buy (REES46, OMN23), a quarter to a half of them because "
        "of it (a practitioners' rule; SAHNI17 shows that most of what e-mail sells is no "
        "redemption of its offer).",
        kind="A",
        swept=("1%", "20%"),
    )
    slot: Annotated[Duration, Field(gt=0)] = key(
        86400,
        "Width of the time slot in the address of a message's draw: two equal messages in one "
        "slot get the same answer.",
        kind="A",
    )


class LoweredResponse(Record):
    """What the rules read of `Response`."""

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
    forms: i8  # 1 where visits ask for permissions


@fills(LoweredResponse)
def _lower(scenario: ScenarioParts) -> Values:
    hours, days = scenario.world.hour_index, scenario.world.day_index
    mean = sum(hours) / 24.0 * sum(days) / 7.0
    return {
        "personal": scenario.world.response.personal_sd,
        "campaign_hour": math.log(hours[10] * days[1] / mean),  # Tuesday 10:00, a campaign's hour
        "forms": int(any(c.message and c.message.signs_up_visit > 0.0 for c in scenario.channels)),
    }


class Responsiveness(Record):
    """How readily a person answers, and the addresses of the last messages' draws."""

    effect: f8  # personal response effect, N(0, 1)
    recent: Ints = several(4, i8, first=-1)  # for exact repeats
    recent_n: Ints = several(4, i1, first=0)
    recent_at: i1 = 0


class Message(Receipts):
    """A message from being sent to being seen."""

    channel: i1
    category: i1  # shown, or of several what catches the eye; -1 everything
    person: i2
    next: i4
    sender: i4  # the brand's copy that sent it, -1; with its serial
    sender_serial: i4
    token: i4  # the need whose cart the landing page shows, -1
    id: i8
    journey: i2  # these three are for the log, never read by the world
    step: i2
    profile: i4
    shows: i2
    code: i8  # address it went to
    occasion: i8  # address of its draws
    assortment: i8  # several categories with their shares, 0 none (omnilab.world.assortment)
    quality: f8
    asks_reply: i1  # 1: it asks for an answer
    asks: i1  # the act that it asks for + 1, 0 none
    incentive: i8  # milli-cents that it offers for that
    offer: f8
    coupon: i2  # number of a declared offer, from 1; 0 none
    goods: i8  # that it shows, a bit each
    service: i1  # 1: a message of service
    promises: i1  # number of a target, from 1; 0 none
    apologises: i1  # 1: it says sorry
    retains: i1  # 1: it asks for reasons to leave, and answers them
    effect_click: f8  # uniform kept for the click
    feels: f8  # logits: taste, recency and saturation when it was delivered
    sent: i8
    look: i1  # number of the last look at it, 0 the first
    first_look: i8
    template: i4  # number of its creative in the person's memory
    theme: i2  # -1 none
    worn: f8  # logits in `feels` of the creative's having been seen
    weekly: f8  # volume that the person felt before it


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
    effect: float,
    channel: Channel,
    t: int,
    match: float,
    further: float,
    factor: float,
) -> float:
    """Return the chance that a delivered message is seen.

    Parameters
    ----------
    effect
        The person's, on this channel, N(0, 1).
    match
        Present need in what is shown, 0..1.
    further
        Logits that depend on neither channel nor need: the creative's quality, and the like.
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
        + model.response.personal * effect
        + further
    )
    x += model.response.hour * (hour_level(model, t) - model.response.campaign_hour)
    return logistic(x) * factor


@inner
def click_chance(
    model: Model, effect: float, channel: Channel, match: float, quality: float
) -> float:
    """Return the chance that a message seen is clicked (called, answered).

    The person's ``effect`` is that on this channel, N(0, 1).
    """
    if channel.base_click <= 0.0:
        return 0.0
    return logistic(
        channel.click_logit
        + model.response.need * match
        + model.response.personal * effect
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


@inner
def catches_eye(model: Model, need: Need, category: int, specific: bool, u: float) -> bool:
    """Tell whether the need that a message shows is what catches the eye of who sees it.

    It is where the message shows its ``category``, and by chance in one that shows everything (-1)
    or, of a need that is still broad, the very good.
    """
    return u < meets_at_stage(model, need, category, specific)


@inner
def comes_later(model: Model, need: Need, u: float, v: float) -> float:
    """Return in how many seconds of activity a message seen, not clicked, leads to a visit, or -1.

    A need not noticed yet is revealed with one chance, others lead to a visit with another. What
    is left of uniform ``u`` then serves with ``v`` for the delay.
    """
    chance = model.response.reveals if need.stage == LATENT else model.response.view_through
    return delay_to_next(model, u / chance, v) if u < chance else -1.0


@inner
def resumes(model: Model, need: Need, u: float) -> bool:
    """Tell whether a click is for the need that the message shows: one given up must revive."""
    return need.stage != GIVEN_UP or u < model.response.revives


@inner
def can_sign_up(model: Model, person: Person, c: int) -> bool:
    """Tell whether the person can still be asked to permit messages on channel ``c``."""
    if model.ch[c].messages == 0 or (person.consent >> c) & 1 == 1:
        return False
    return (person.reach >> c) & 1 == 1 and person.stopped == 0
