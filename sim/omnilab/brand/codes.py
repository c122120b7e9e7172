"""Events, steps and timers of journeys, and the numbers that they have in kernels."""

from __future__ import annotations

from typing import Final

from omnilab.kernels.numbers import Numbers
from omnilab.log.act_kinds import ACT_KINDS

__all__ = ["EVENTS", "HAS", "RECOMMENDS", "SHOWS"]

# What a visit came to
VIEWED: Final = 1
CARTED: Final = 2
ORDERED: Final = 3

# Triggers and events, as bits of an `until` mask too
_bits: Final = Numbers("event", 31)
EVENTS: Final[dict[str, int]] = {}


def event(bit: int, name: str) -> int:
    """Declare what journeys start at or end with, by its name in files; return its mask.

    Raises
    ------
    ValueError
        If the bit is another's; names a free one.
    """
    EVENTS[name] = 1 << _bits.give(bit, name)
    return EVENTS[name]


E_OPEN: Final = event(0, "open")
E_CLICK: Final = event(1, "click")
E_VISIT: Final = event(2, "visit")
E_CART: Final = event(3, "cart")
E_ORDER: Final = event(4, "order")
E_BROWSE: Final = event(5, "browse")
E_SIGNUP: Final = event(6, "signup")
E_WEEKLY: Final = event(7, "weekly")
E_NEAR: Final = event(8, "near")  # the app tells that the person is near a place
E_RESTOCK: Final = event(9, "restock")
E_ARRIVAL: Final = event(11, "arrival")  # goods have come
E_UNHAPPY: Final = event(10, "bad_survey")  # a survey's answer that is bad
E_REFERRAL: Final = event(12, "referral")  # a friend bought with the profile's link
E_TIER: Final = event(30, "tier")  # a higher tier is reached
E_FAILED: Final = event(13, "bad_experience")  # the brand notes that something went wrong
E_REPLY: Final = event(14, "reply")  # a message was answered in words
E_ACCEPT: Final = event(15, "accept")  # an invitation was accepted
ACT_BIT: Final = 16  # of the first act of omnilab.log.act_kinds; the others follow
FIRST_ACT: Final = 1 << ACT_BIT
for _bit, _act in enumerate(ACT_KINDS, ACT_BIT):
    if _act.starts:
        event(_bit, _act.name)
    else:
        _bits.give(_bit, _act.name)

# Step operations
OP_DELAY: Final = 1
OP_MESSAGE: Final = 2
OP_WAIT: Final = 3
OP_SPLIT: Final = 4
OP_COHORT: Final = 5
OP_EXIT: Final = 6

SHOW_GENERIC: Final = 0
SHOW_CART: Final = 1
SHOW_VIEWED: Final = 2
SHOW_BOUGHT: Final = 3
SHOW_NAMED: Final = 4  # the category that the step names
SHOWS: Final = {"generic": 0, "cart": 1, "viewed": 2, "bought": 3}

# Goods that a message shows
LAST_VIEWED: Final = 1
LAST_BOUGHT: Final = 2
ARRIVED: Final = 3
LIKED: Final = 4  # what no brand knows
RECOMMENDS: Final = {"viewed": 1, "bought": 2, "arrived": 3, "liked": 4}

HAS: Final = {
    "cart": 1,
    "viewed": 2,
    "order": 3,
    "no_order": 4,
    "answered": 5,
    "not_answered": 6,
    "bad_survey": 7,
    "opened": 8,
    "not_opened": 9,
    "clicked": 10,
    "not_clicked": 11,
    "tier": 12,
    "not_tier": 13,
    "value": 14,
    "not_value": 15,
    "replied": 16,
    "not_replied": 17,
    "accepted": 18,
    "not_accepted": 19,
    "score": 20,
    "not_score": 21,
}
ANSWERED: Final = HAS["answered"]
UNHAPPY: Final = HAS["bad_survey"]
WAS_OPENED: Final = HAS["opened"]
WAS_CLICKED: Final = HAS["clicked"]
HAS_TIER: Final = HAS["tier"]
HAS_VALUE: Final = HAS["value"]

WAS_REPLIED: Final = HAS["replied"]
WAS_ACCEPTED: Final = HAS["accepted"]
HAS_SCORE: Final = HAS["score"]

# Timers the brand asks for
T_COPY: Final = 60  # a delay, wait or fallback of a copy has passed
T_SEND: Final = 61  # a copy's message is due
T_WEEKLY: Final = 62
T_FORGET: Final = 63

EXIT_DONE: Final = 0
EXIT_UNTIL: Final = 1
EXIT_MERGED: Final = 2
EXIT_CONTROL: Final = 3
EXIT_FORGOTTEN: Final = 4
