"""What the brand keeps: identifiers, profiles, context by silo, copies of journeys.

None of it names a person. Slots are used again through free lists (`next`), and serials tell one
use of a slot from the next. Times are seconds, list ends and empty references are -1. Numbers of
slots have 32 bits: how many there are is bounded by a machine's memory alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np

__all__ = ["CONTEXT", "COPY", "NODE", "NOTE", "PROFILE", "TIMER"]

MAX_CHANNELS: Final = 16
MAX_SILOS: Final = 8
MAX_JOURNEYS: Final = 16
N_TYPES: Final = 9
RING: Final = 8  # sends remembered by silo, the largest cap
MOST_PROFILES: Final = 1 << 23  # of a cell: below what `trace_messages` says of unknown ones
TOO_MANY_PROFILES: Final = 3  # what `over` says then (see omnilab.cell.room)

NODE: Final = np.dtype(  # an identifier as the brand keys it: (silo or -1, type, value)
    [
        ("code", "i8"),  # 0: a free slot
        ("first_seen", "i8"),
        ("last_seen", "i8"),
        ("seen_in", "i4"),  # bit per silo
        ("profile", "i4"),
        ("next", "i4"),  # free slot, or another identifier of the profile
        ("silo", "i1"),
        ("type", "i1"),
        ("dead", "i1"),  # a message to it bounced for good
    ],
    align=True,
)

PROFILE: Final = np.dtype(
    [
        ("used", "i1"),
        ("last_channel", "i1"),
        ("nodes", "i4"),
        ("next", "i4"),
        ("older", "i4"),  # living profiles by age, -1 at the ends
        ("newer", "i4"),
        ("first_node", "i4"),
        ("first_copy", "i4"),
        ("serial", "i4"),
        ("stopped", "i4"),  # silos that know of a "stop all", a bit each
        ("first_seen", "i8"),
        ("last_seen", "i8"),
        ("key", "i8"),  # code of the first-seen identifier: the address of brand draws
        ("unique", "i8", (N_TYPES,)),  # value of each unique type, 0 none
        ("context", "i4", (MAX_SILOS,)),
        ("received", "i4", (MAX_CHANNELS,)),
        ("answered", "i4", (MAX_CHANNELS,)),
        ("entered", "i8", (MAX_JOURNEYS,)),  # last entry into each journey
    ],
    align=True,
)

CONTEXT: Final = np.dtype(  # what one silo did with a profile
    [
        ("cart_t", "i8"),  # -1 no cart
        ("cart_cents", "i8"),
        ("view_t", "i8"),
        ("order_t", "i8"),
        ("points", "i8"),
        ("cart_token", "i4"),
        ("view_token", "i4"),
        ("orders", "i4"),
        ("next", "i4"),
        ("cart_category", "i1"),
        ("view_category", "i1"),
        ("order_category", "i1"),
        ("ring_at", "i1"),  # where the ring begins: the earliest send
        ("ring", "i8", (RING,)),  # times of the last sends, -1 none
    ],
    align=True,
)

# What a copy is doing
DELAYED: Final = 1
WAITING: Final = 2  # for an event
DECIDING: Final = 3  # a message is to be sent
CASCADING: Final = 4  # sent; the fallback timer runs

COPY: Final = np.dtype(  # one profile's way through one journey
    [
        ("state", "i1"),  # 0: a free slot
        ("journey", "i1"),
        ("silo", "i1"),  # whose copy it is; -1 one copy for all
        ("step", "i1"),
        ("category", "i1"),
        ("length", "i1"),  # channels of the running cascade, 0 before they are lined up
        ("at", "i1"),  # position in it
        ("sends", "i1"),
        ("status", "i1"),  # best status of the running cascade
        ("success", "i1"),  # the status it is after
        ("decided", "i1"),  # 0 not asked, -1 asked, 1 send, 2 declined
        ("answer", "i1"),  # what `decide` said: 1 or 2
        ("choice", "i1"),  # and on which channel, -1 the first
        ("last_silo", "i1"),  # silo of the channel last used, or first in line
        ("usable", "i4"),  # channels that were usable when asked
        ("order", "i1", (8,)),
        ("profile", "i4"),
        ("next", "i4"),
        ("previous", "i4"),
        ("serial", "i4"),
        ("timer", "i4"),  # number of the timer that counts; older ones are void
        ("token", "i4"),  # the cart it is about, -1
        ("message", "i8"),  # id of the running message, -1
    ],
    align=True,
)

NOTE: Final = np.dtype([("kind", "i8"), ("channel", "i8"), ("silo", "i8"), ("code", "i8"),
                        ("a", "i8"), ("b", "i8"), ("c", "i8"), ("d", "i8")])  # fmt: skip
TIMER: Final = np.dtype([("time", "i8"), ("kind", "i8"), ("a", "i8"), ("b", "i8")])
