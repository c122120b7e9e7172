"""Lying about: a message that was seen can be seen again, as long as it lies there.

After its first sight a message is looked at again at a rate that falls by half in each half-life of
its channel: a catalogue lies on the table for days, an e-mail sinks in an hour. The number of later
looks is Poisson with the channel's mean, `looks_again`, of a message that nobody clicks; a click
ends its life, since then it has led where it leads. Each look does what the first one does: it
stirs the need that the message shows, may lead to a click or a visit, and wears out the creative.

A base click rate is of the message's whole life. So the intercept is solved over its looks, all
taken for as good as the first one (omnilab.engine.calibrate).

References
----------
JICMAIL, Q2 2022: a piece of direct mail is handled 4.4 times in 28 days, the first time and its end
among them, and lives 7.2 days in the home on average. Zantedeschi, Feit and Bradlow (2017),
Management Science 63(8): what a catalogue does lasts much longer than what an e-mail does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = ["at_look", "next_look"]

LYING: Final = stream("LYING", 206)  # when it is looked at next, and whether clicked: person, look

MOST_LOOKS: Final = 15  # later looks at one message: their number stands in the draws' address


@inner
def _bits(look: int) -> int:
    """Return a look's number where the address of a message's draws has free bits."""
    return ((look & 7) << 29) | ((look >> 3) << 52)


@inner
def at_look(message: Message, look: int) -> None:
    """Give the message the address of the draws of one of its looks; 0 is the first."""
    message.occasion ^= _bits(int(message.look)) ^ _bits(look)
    message.look = look


@inner
def next_look(model: Model, person: Person, message: Message, t: int) -> int:
    """Return in how many seconds a message seen at ``t`` is looked at again, -1 if never.

    The looks that are still to come are looks_again 2**(-age / half-life) on average, with the age
    since the first look. The uniform for the click at the next look is kept in the message.
    """
    channel = model.ch[int(message.channel)]
    if channel.looks_again <= 0.0 or message.look >= MOST_LOOKS:
        return -1
    if message.look == 0:
        message.first_look = t
    u, click, _, _ = draw4(model.key.k0, model.key.k1, LYING, person.entity, int(message.occasion))
    rate = math.log(2.0) / channel.half_life
    to_come = channel.looks_again * math.exp(-rate * (t - message.first_look))
    passed = -math.log(u)  # of what is to come, until the next look
    if passed >= to_come:
        return -1
    message.effect_click = click
    return 1 + int(-math.log(1.0 - passed / to_come) / rate)
