"""Receipts that lie: machines open and click what no person saw, and opens that are never told.

A person's mail client belongs to (person, channel) for good. Some load each message's pictures by
themselves soon after delivery: an open without a person. Others never load them: a person opens
and no receipt comes back. A scanner of links belongs to a message. The person never meets any of
it; only the brand's receipts differ from what is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, i1

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.response import Message
    from omnilab.world.state import Person

__all__ = [
    "HONEST",
    "OPENS_ALL",
    "Receipts",
    "answer",
    "is_scanned",
    "mail_client",
    "soon",
]

MAIL_CLIENT: Final = stream("MAIL_CLIENT", 130)
MACHINE: Final = stream("MACHINE", 131)

# Mail clients
HONEST: Final = 0
HIDES: Final = 1  # no open of the person's comes back
OPENS_ALL: Final = 2  # opens each message by itself

# What becomes of a receipt; as the log's rows say it
COMES_BACK: Final = 0
HIDDEN: Final = 1  # it never comes back
KNOWN: Final = 2  # the brand has had one before, a person's or a machine's

SOON: Final = 60  # s: machines open and click within it


class Receipts(Record):
    """What a message keeps of its receipts."""

    client: i1
    known: i1  # the brand has had a receipt: 1 of an open, 2 of a click
    awaited: i1  # what is still to happen to the message: opened, by a person or a machine; scanned


@inner
def mail_client(model: Model, person: Person, c: int, channel: Channel) -> int:
    """Return the person's client on channel ``c``: `HONEST`, `HIDES` or `OPENS_ALL`.

    It is drawn from the person's and the channel's own address, so it is the same each time.
    """
    if channel.machine_opens <= 0.0 and channel.hidden_opens <= 0.0:
        return HONEST
    u, _, _, _ = draw4(model.key.k0, model.key.k1, MAIL_CLIENT, person.entity, c)
    if u < channel.machine_opens:
        return OPENS_ALL
    return HIDES if u >= 1.0 - channel.hidden_opens else HONEST


@inner
def is_scanned(channel: Channel, u: float) -> bool:
    """Tell whether a scanner clicks the message's link, by a uniform."""
    return u < channel.scanner_clicks


@inner
def soon(u: float) -> int:
    """Return after how many seconds a machine does it, by a uniform: 1 to `SOON`, evenly."""
    return 1 + int(SOON * u)


@inner
def answer(message: Message, what: int, hides: bool) -> int:
    """Return what becomes of the receipt of an open (``what`` 1) or a click (2).

    The brand counts the first of each message; ``hides`` says that this one never comes back.
    """
    if hides:
        return HIDDEN
    if message.known & what:
        return KNOWN
    message.known |= what
    return COMES_BACK
