"""What is true of persons, devices, needs and messages under way: the world's records.

All integers are signed, so that arithmetic means the same in plain Python and compiled.
Times are seconds from the scenario's start; -1 or a list index of -1 means none.
"""

from __future__ import annotations

from typing import Final

import numpy as np

__all__ = ["DEVICE", "MESSAGE", "NEED", "PERSON"]

MAX_CATEGORIES: Final = 4
MOST_COOKIES: Final = 1 << 20  # of a device, one after the other: bits of their codes
TOO_MANY_COOKIES: Final = 4  # what `over` says then (see omnilab.cell.room)
IDLE_AHEAD: Final = 8  # idle visits that are drawn at a time, a power of two

PERSON: Final = np.dtype(
    [
        ("entity", "i8"),  # address of the person's draws: household * 8 + place in it
        ("persona", "i1"),
        ("prior", "i1"),  # bought before the start
        ("left", "i1"),  # has left the brand for good
        ("stopped", "i1"),  # has asked for no messages at all
        ("last_channel", "i1"),  # of the last visit, -1
        ("spill_channel", "i1"),  # where the last message seen would lead, -1
        ("phone_device", "i2"),
        ("pc_device", "i2"),
        ("household", "i2"),  # number within the cell
        ("first_need", "i4"),  # list of open needs
        ("address_epoch", "i2"),  # changes of the e-mail address so far
        ("reach", "i4"),  # bit per channel the person can use
        ("consent", "i4"),  # bit per channel with permission
        ("row_seq", "i4"),
        ("item_seq", "i4"),
        ("needs", "i4"),  # needs so far, over categories
        ("idle", "i4"),  # idle visits so far
        ("gaps", "i4", (MAX_CATEGORIES,)),  # need gaps drawn so far
        ("purchases", "i4"),
        ("rate", "f8", (MAX_CATEGORIES,)),  # needs per hour of activity
        ("spend", "f8", (MAX_CATEGORIES,)),  # scale of an order's value, currency units
        ("effect", "f8"),  # personal response effect, N(0, 1)
        ("ideal", "f8"),  # messages a week that are welcome
        ("calm", "f8"),  # pressure of that many or of one, whichever is less
        ("threshold", "f8"),
        ("dropout", "f8"),  # chance to leave after an order
        ("idle_rate", "f8"),  # idle visits a week, while all channels are open
        ("pressure", "f8"),
        ("pressure_t", "i8"),
        ("exposure", "f8"),  # to ads, same memory
        ("exposure_t", "i8"),
        ("failures", "f8"),
        ("failures_t", "i8"),
        ("spill", "f8"),
        ("spill_t", "i8"),
        ("offer", "f8"),  # discount in hand
        ("offer_until", "i8"),
        ("entry", "i8"),
        ("address_t", "i8"),  # next change of address
        ("idle_a", "f8", (IDLE_AHEAD,)),  # the activity clock at idle visits that are drawn ahead
        ("idle_t", "i4", (IDLE_AHEAD,)),  # their times
        ("idle_bits", "i4", (3, IDLE_AHEAD)),  # and the draws of their course
        ("recent", "i8", (4,)),  # addresses of the last message draws, for exact repeats
        ("recent_n", "i1", (4,)),
        ("recent_at", "i1"),
    ],
    align=True,
)

DEVICE: Final = np.dtype(
    [
        ("owner", "i2"),  # person in the cell who mainly uses it
        ("short", "i1"),  # its browser keeps script cookies for a short life only
        ("epoch", "i4"),  # cookies so far
        ("resets", "i4"),  # natural resets so far
        ("reset_rate", "f8"),  # resets a second
        ("until", "i8"),  # next natural reset
        ("seen", "i8"),  # last visit with it
        ("entity", "i8"),
    ],
    align=True,
)

# A need's stages
FREE: Final = 0
LATENT: Final = 1  # there, not noticed (dormant)
EXPLORING: Final = 2
READY: Final = 3
GIVEN_UP: Final = 4  # will not come back by itself; a message can revive it

NEED: Final = np.dtype(
    [
        ("stage", "i1"),
        ("category", "i1"),
        ("progress", "i1"),  # steps done: 0, 1 viewed, 2 in the cart
        ("channel", "i1"),  # of the last step, -1
        ("silo", "i1"),
        ("cart_left", "i1"),
        ("owner", "i2"),
        ("next", "i4"),
        ("visits", "i4"),
        ("ordinal", "i4"),
        ("value", "i8"),  # cents
        ("opened", "i8"),
        ("expires", "i8"),
        ("stock", "f8"),  # stimulus stock
        ("stock_t", "i8"),
    ],
    align=True,
)

MESSAGE: Final = np.dtype(
    [
        ("used", "i1"),
        ("channel", "i1"),
        ("category", "i1"),  # shown, -1 everything
        ("status", "i1"),
        ("ad", "i1"),
        ("person", "i2"),
        ("next", "i4"),
        ("sender", "i4"),  # the brand's copy that sent it, -1; with its serial
        ("sender_serial", "i4"),
        ("token", "i4"),  # the need whose cart the landing page shows, -1
        ("serial", "i4"),  # tells this use of the slot from the next
        ("id", "i8"),
        ("tag", "i8"),  # journey * 256 + step: for the log, never read by the world
        ("code", "i8"),  # address it went to
        ("occasion", "i8"),  # address of its draws
        ("quality", "f8"),
        ("offer", "f8"),
        ("effect_click", "f8"),  # uniform kept for the click
        ("sent", "i8"),
    ],
    align=True,
)
