"""Replies to messages, and invitations that are accepted: answers in words, on the channel itself.

Who reads a message for the first time answers it with a chance whose logit is

    logit(reply) + need * m + asked * A + quality * q + trust * T.

``reply`` is the channel's, m how well the message meets a need that the person has (0 to 1), A is
1 where the message asks for an answer, q the creative's quality, and T the preference for the brand
less bad experiences, as for acts (`omnilab.world.acts`). No term knows the strategy. Over a channel
whose messages are invitations the answer is that the person accepts: another channel may write to
it since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Stimulus
from omnilab.world.acts import trust_in_brand
from omnilab.world.intent import logistic

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = ["LoweredReplies", "Replies", "replies_to", "reply_chance"]

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
    quality: f8
    trust: f8


@inner
def reply_chance(
    model: Model, channel: Channel, meets: float, asks: int, quality: float, trust: float
) -> float:
    """Return the chance that a message which is read is answered.

    Parameters
    ----------
    meets
        How well it meets a need, 0 to 1.
    asks
        1 where it asks for an answer.
    quality
        The creative's, logit.
    trust
        Of `omnilab.world.acts.trust_in_brand`.
    """
    p = model.replies
    return logistic(
        channel.reply_logit + p.need * meets + p.asked * asks + p.quality * quality
        + p.trust * trust
    )  # fmt: skip


@inner
def replies_to(model: Model, person: Person, message: Message, meets: float, t: int) -> bool:
    """Tell whether a person who reads a message answers it."""
    if person.left == 1:
        return False
    channel = model.ch[int(message.channel)]
    trust = trust_in_brand(model, person, t)
    chance = reply_chance(
        model, channel, meets, int(message.asks_reply), float(message.quality), trust
    )
    u, _, _, _ = draw4(model.key.k0, model.key.k1, REPLIED, person.entity, int(message.occasion))
    return u < chance
