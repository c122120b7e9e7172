"""Rows of messages, from being sent to their final status."""

from __future__ import annotations

from omnilab.kernels.record import i1, i2, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: messages.MessageRow


class MessageRow(RowKey):
    """Something that happens to a message."""

    message: i8  # id
    journey: i2
    step: i2


class Sent(MessageRow):
    """A message is sent."""

    profile: i4  # serial of the profile that it goes to
    cost: i8  # milli-cents
    shown_need: i4  # the need whose cart it shows, -1
    category: i2  # shown, -1 everything
    shows: i2  # 0 everything, 1 the cart, 2 what was viewed, 3 what was bought, 4 a named category


class Response(MessageRow):
    """A person or a machine opens or clicks a message; the brand knows of it by a receipt."""

    receipt: i1  # 0 comes back, 1 never does, 2 the brand has had one of the message before


class Replied(MessageRow):
    """A message is answered in words; the brand reads it."""

    asked: i1  # 1 where the message asked for an answer
    cost: i8  # milli-cents that the brand pays for it


class Accepted(MessageRow):
    """An invitation is accepted: another channel may write to the person since."""

    opens: i2  # that channel
    cost: i8  # milli-cents that the brand pays for it


class LookAgain(MessageRow):
    """A message that lies about is looked at again."""

    look: i1  # which of its later looks, from 1


class Skipped(MessageRow):
    """A channel of the cascade can't be used."""

    profile: i4
    reason: i8  # 1 no address, 2 no consent


class Held(MessageRow):
    """A message waits for the quiet hours to end."""

    profile: i4
    seconds: i8  # until the quiet hours end


class NotShown(MessageRow):
    """An ad platform does not show an ad; the brand learns no more than that it was not shown."""

    profile: i4
    rival: i8  # where outbid: the highest bid of the others, milli-cents
    reason: i8  # 1 nobody found by the address, 2 outbid, 3 shown often enough on this day


class Unfunded(MessageRow):
    """A message finds no money over this channel."""

    profile: i4
    budget: i8  # number of the budget: the scenario's, then the plan's own
    seconds: i8  # until it is tried again; 0: its channel is passed over


class Finished(MessageRow):
    """A message has got its final status: once a message."""

    profile: i4
    status: i8  # FINAL_*
    sends: i8  # that it took
