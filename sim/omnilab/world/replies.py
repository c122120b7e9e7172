"""Replies to messages, and invitations that are accepted: answers in words, on the channel itself.

Who reads a message for the first time answers it with a chance whose logit is

    logit(reply) + need * m + asked * A + incentive * ln(1 + w) + quality * q + trust * T.

``reply`` is the channel's, m how well the message meets a need that the person has (0 to 1), A is
1 where the message asks for an answer, w what it pays for one in units of currency, q the
creative's quality, and T the preference for the brand less bad experiences, as for acts
(`omnilab.world.acts`). No term knows the strategy. Over a channel whose messages are invitations
the answer is that the person accepts: another channel may write to it since. Each answer is paid.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Stimulus
from omnilab.world.acts import trust_in_brand
from omnilab.world.advertising import MILLICENTS
from omnilab.world.intent import logistic

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = ["LoweredReplies", "Replies", "replies_to", "reply_chance", "reply_cost"]

REPLIED: Final = stream("REPLIED", 255)  # person, the message's occasion


class Replies(Parameters):
    """What makes persons reply to messages, and accept invitations."""

    need: Logit = key(
        1.5,
        "What it adds to the logit of a reply that the message is wholly about what the person "
        "needs.",
        unit="logit",
        kind="A",
        source="counts only where a channel has a `reply`",
        swept=("0", "3"),
    )
    asked: Logit = key(
        0.7,
        "What it adds that the message asks for an answer.",
        unit="logit",
        kind="A",
        source="counts only where a message `asks_reply`",
        swept=("0", "1.5"),
    )
    incentive: Stimulus = key(
        0.5,
        "What an incentive adds, for each logarithm of 1 and its worth: 5 euros add ln 6 = 1.8 "
        "times this.",
        unit="logit per log of units of currency",
        kind="A",
        source="that of acts; counts only where a message that `asks_reply` has an incentive",
        came_later=True,
        swept=("0", "1"),
    )
    quality: Stimulus = key(
        1.0,
        "What one unit of the creative's quality adds.",
        unit="logit per logit",
        kind="A",
        source="counts only where a channel has a `reply`",
        swept=("0", "1.5"),
    )
    trust: Stimulus = key(
        0.5,
        "What a wholly good preference adds, and each bad experience that is not forgotten takes "
        "off.",
        unit="logit",
        kind="A",
        source="counts only where a channel has a `reply`",
        swept=("0", "1.5"),
    )


class LoweredReplies(Record):
    """What the rules read of `Replies`."""

    need: f8
    asked: f8
    incentive: f8
    quality: f8
    trust: f8


@inner
def reply_chance(
    model: Model,
    channel: Channel,
    meets: float,
    asks: int,
    worth: float,
    quality: float,
    trust: float,
) -> float:
    """Return the chance that a message which is read is answered.

    Parameters
    ----------
    meets
        How well it meets a need, 0 to 1.
    asks
        1 where it asks for an answer.
    worth
        Of what it pays for one, units of currency.
    quality
        The creative's, logit.
    trust
        Of `omnilab.world.acts.trust_in_brand`.
    """
    p = model.replies
    x = channel.reply_logit + p.need * meets + p.asked * asks + p.quality * quality
    x += p.trust * trust
    if worth > 0.0:
        x += p.incentive * math.log(1.0 + worth)
    return logistic(x)


@inner
def reply_cost(message: Message) -> int:
    """Return what the brand pays for an answer to a message, milli-cents.

    Where the message asks for an act too, its incentive is for the act.
    """
    return int(message.incentive) if message.asks_reply == 1 and message.asks == 0 else 0


@inner
def replies_to(model: Model, person: Person, message: Message, meets: float, t: int) -> bool:
    """Tell whether a person who reads a message answers it."""
    if person.left == 1:
        return False
    channel = model.ch[int(message.channel)]
    trust = trust_in_brand(model, person, t)
    chance = reply_chance(
        model,
        channel,
        meets,
        int(message.asks_reply),
        reply_cost(message) / MILLICENTS,
        float(message.quality),
        trust,
    )
    u, _, _, _ = draw4(model.key.k0, model.key.k1, REPLIED, person.entity, int(message.occasion))
    return u < chance
