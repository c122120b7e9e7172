"""The row of the event log: its kinds and what their integers mean.

Every number is an integer, so that two engines, any chunking and any number of threads write the
same bytes. A row's key is ``(time, priority, person, seq)``: ``seq`` counts the rows of one person.
"""

from __future__ import annotations

from typing import Final

from omnilab.kernels.record import Record, dtype_of, i1, i4, i8

__all__ = ["KIND_NAMES", "ROW", "WORLD_KINDS", "Row"]


class Row(Record):
    """One event."""

    time: i8  # seconds from the scenario's start
    person: i8  # global id, >= 0
    seq: i4
    priority: i1
    kind: i1
    channel: i1  # index or -1
    silo: i1
    a: i8
    b: i8
    c: i8
    d: i8


ROW: Final = dtype_of(Row)

# World: what truly happens. `need` is the person's own count of needs from 0.
PERSON: Final = (
    0  # at time 0, once a person: a persona, b 1 if a buyer before, c household, d entry s
)
NEED: Final = 1  # a need, b category, c value in cents
AWARE: Final = 2  # a need, b cause: 0 by itself, 1 a message, 2 a friend's tip
VISIT: Final = (
    3  # a need or -1, b message id that led here or -1, c bits (CARRY_*), d paid click milli-cents
)
IDENTIFIER: Final = (
    4  # a the brand's code of it, b identifier type, c profile serial, d hand-off silo or -1
)
VIEW: Final = 5  # a need or -1, b category
CART: Final = 6  # a need, b amount in cents
CART_LEFT: Final = 7  # a need: a cart was made here and left, for the first time for this need
GIVE_UP: Final = 8  # a need, b steps that had to be repeated
ORDER: Final = 9  # a need, b paid cents, c margin cents net of discount, d discount cents (and
# ORDER_CART_LEFT where the cart had been left before)
RETURN: Final = 10  # a need, b refunded cents, c margin lost in cents
NEED_LOST: Final = 11  # a need, b fate: 1 a rival, 2 dropped, 3 the person had left the brand
SERVICE: Final = 12  # a need, b 1 if the history was at hand
BAD: Final = 13  # a bad experience: b why (BAD_*)
LEFT: Final = 14  # leaves the brand for good: b 1 after an order, 2 after bad experiences
TIP: Final = 15  # hears a friend's tip: a friend's person id, b category
OPT_IN: Final = 16  # gives consent on this channel
# Messages: a is always the message id, b the journey's index * 256 + step.
SENT: Final = 20  # c cost in milli-cents, d category shown + 1 (0 generic)
DELIVERED: Final = 21
BOUNCE: Final = 22
OPEN: Final = 23
CLICK: Final = 24
UNSUBSCRIBE: Final = 25
SPAMREPORT: Final = 26
STOP_ALL: Final = 27
SKIPPED: Final = 30  # c reason: 1 no address, 2 no consent
HELD: Final = 31  # c seconds until the quiet hours end
FINAL: Final = 32  # once a message: c final status (FINAL_*), d sends it took
# Brand
ENTER: Final = 40  # a copy serial, b journey, c profile serial
EXIT: Final = (
    41  # a copy serial, b journey, c reason: 0 done, 1 until-condition, 2 merged, 3 control
)
MERGE: Final = 42  # a surviving profile serial, b absorbed profile serial

CARRY_NEEDED: Final = 1  # the channel changed within the need, with something to carry
CARRY_DONE: Final = 2  # and it was carried
PAID: Final = 4
RETURNING: Final = 8  # not the first visit for this need

FATE_RIVAL: Final = 1
FATE_DROPPED: Final = 2
FATE_LEFT: Final = 3

BAD_SERVICE: Final = 1
BAD_REPEAT: Final = 2
BAD_SPAM: Final = 3
BAD_STOP: Final = 4  # still written to after "stop all"
BAD_RETURN: Final = 5

FINAL_REACHED: Final = 1  # its success status came
FINAL_EXHAUSTED: Final = 2  # every channel tried, no success (one-channel messages: sent)
FINAL_SKIPPED: Final = 3  # no channel could be used
FINAL_CAPPED: Final = 4
FINAL_SUPPRESSED: Final = 5
FINAL_CONVERTED: Final = 6
FINAL_DECLINED: Final = 7  # the strategy's `decide` chose not to send
FINAL_OPEN: Final = 8  # the run ended first
FINAL_CONTROL: Final = 9

ORDER_CART_LEFT: Final = 1 << 62

KIND_NAMES: Final[dict[int, str]] = {
    PERSON: "person",
    NEED: "need",
    AWARE: "aware",
    VISIT: "visit",
    IDENTIFIER: "identify",
    VIEW: "view",
    CART: "cart",
    CART_LEFT: "cart_left",
    GIVE_UP: "give_up",
    ORDER: "order",
    RETURN: "return",
    NEED_LOST: "need_lost",
    SERVICE: "service",
    BAD: "bad_experience",
    LEFT: "left",
    TIP: "tip",
    OPT_IN: "opt_in",
    SENT: "sent",
    DELIVERED: "delivered",
    BOUNCE: "bounce",
    OPEN: "open",
    CLICK: "click",
    UNSUBSCRIBE: "unsubscribe",
    SPAMREPORT: "spamreport",
    STOP_ALL: "stop_all",
    SKIPPED: "skipped",
    HELD: "held",
    FINAL: "final",
    ENTER: "enter",
    EXIT: "exit",
    MERGE: "merge",
}
WORLD_KINDS: Final = frozenset(range(PERSON, OPT_IN + 1))
