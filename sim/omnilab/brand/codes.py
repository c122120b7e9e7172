"""Events, steps and timers of journeys, and the numbers that they have in kernels."""

from __future__ import annotations

from typing import Final

from omnilab.log.act_kinds import ACT_KINDS

__all__ = ["EVENTS", "HAS", "RECOMMENDS", "SHOWS"]

# What a visit came to
VIEWED: Final = 1
CARTED: Final = 2
ORDERED: Final = 3

# Triggers and events, as bits of an `until` mask too
E_OPEN: Final = 1
E_CLICK: Final = 2
E_VISIT: Final = 4
E_CART: Final = 8
E_ORDER: Final = 16
E_BROWSE: Final = 32
E_SIGNUP: Final = 64
E_WEEKLY: Final = 128
E_NEAR: Final = 256  # the app tells that the person is near a place
E_RESTOCK: Final = 512
E_ARRIVAL: Final = 2048  # goods have come
E_UNHAPPY: Final = 1024  # a survey's answer that is bad
E_REPLY: Final = 1 << 14  # a message was answered in words
E_ACCEPT: Final = 1 << 15  # an invitation was accepted
E_REFERRAL: Final = 4096  # a friend bought with the profile's link
E_FAILED: Final = 1 << 13  # the brand notes that something went wrong
E_TIER: Final = 1 << 30  # a higher tier is reached
FIRST_ACT: Final = 1 << 16  # of the acts of omnilab.log.act_kinds, a bit each
EVENTS: Final = {
    "open": E_OPEN,
    "click": E_CLICK,
    "visit": E_VISIT,
    "cart": E_CART,
    "order": E_ORDER,
    "browse": E_BROWSE,
    "signup": E_SIGNUP,
    "weekly": E_WEEKLY,
    "near": E_NEAR,
    "restock": E_RESTOCK,
    "arrival": E_ARRIVAL,
    "bad_survey": E_UNHAPPY,
    "referral": E_REFERRAL,
    "tier": E_TIER,
    "bad_experience": E_FAILED,
    "reply": E_REPLY,
    "accept": E_ACCEPT,
    **{kind.name: FIRST_ACT << n for n, kind in enumerate(ACT_KINDS) if kind.starts},
}

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
}
ANSWERED: Final = HAS["answered"]
UNHAPPY: Final = HAS["bad_survey"]
WAS_OPENED: Final = HAS["opened"]
WAS_CLICKED: Final = HAS["clicked"]
HAS_TIER: Final = HAS["tier"]
HAS_VALUE: Final = HAS["value"]

WAS_REPLIED: Final = HAS["replied"]
WAS_ACCEPTED: Final = HAS["accepted"]

# Timers the brand asks for
T_COPY: Final = 40  # a delay, wait or fallback of a copy has passed
T_SEND: Final = 41  # a copy's message is due
T_WEEKLY: Final = 42
T_FORGET: Final = 43

EXIT_DONE: Final = 0
EXIT_UNTIL: Final = 1
EXIT_MERGED: Final = 2
EXIT_CONTROL: Final = 3
EXIT_FORGOTTEN: Final = 4
