"""A message of a log in one form, whatever tool wrote it: a record of 64 bytes."""

from __future__ import annotations

from typing import Final

import numpy as np

__all__ = [
    "BULK",
    "COMPLAINT",
    "HARD",
    "HIDDEN",
    "KINDS",
    "MESSAGE",
    "OPT_OUT",
    "SOFT",
    "TRANSACTIONAL",
    "TRIGGER",
    "UNTIMED",
]

# What started a message
BULK: Final = 0  # a mailshot to a list
TRIGGER: Final = 1  # an act of the customer's
TRANSACTIONAL: Final = 2  # an order or an account asks for it
KINDS: Final = ("bulk", "trigger", "transactional")

# What became of it, a bit each
HARD: Final = 1  # refused for good
SOFT: Final = 2  # not delivered, might be later
OPT_OUT: Final = 4
COMPLAINT: Final = 8
HIDDEN: Final = 16  # clicked, with no open in the log

UNTIMED: Final = -2  # opened or clicked, the log does not say when

MESSAGE: Final = np.dtype(
    [
        ("person", "u8"),  # hash of the recipient's id
        ("id", "u8"),  # hash of the message's id, 0 where the log has a row a message
        ("shot", "u8"),  # hash of the campaign, 0 none
        ("sent", "i8"),  # seconds since 1970-01-01 UTC
        ("opened", "i8"),  # -1 never
        ("clicked", "i8"),
        ("journey", "i4"),  # number of the journey's name, -1
        ("channel", "i1"),  # of the scenario
        ("kind", "i1"),
        ("flags", "u1"),
    ]
)
