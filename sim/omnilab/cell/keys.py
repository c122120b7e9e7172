"""The order of items as one number, so that two are compared in one instruction.

An item's key is, from the left, 30 bits of time, 6 of kind (which is the priority too), 15 of the
person and 12 of the person's own sequence. A scenario is shorter than `LAST`, and a cell has at
most `MOST_PERSONS`. A sequence starts again after 4,096 items: only items of one person and kind
that are due in the same second can tell. The brand has many more of those, so its sequence takes up
the person's bits, too, but for the first one, which says that the item is the brand's.
"""

from __future__ import annotations

from typing import Final

from omnilab.kernels.compiling import inner

__all__ = [
    "BRAND",
    "KIND_NUMBERS",
    "LAST",
    "MOST_PERSONS",
    "NEVER",
    "key_of",
    "kind_of",
    "time_of",
    "who_of",
]

BRAND: Final = 1 << 14  # stands in for a person in the brand's items
MOST_PERSONS: Final = BRAND  # of a cell: their numbers are below
LAST: Final = (1 << 30) - 1  # seconds, 34 years: what is due later is put here, and never comes
NEVER: Final = (1 << 63) - 1  # a key behind all others
KIND_NUMBERS: Final = 64  # kinds of items that a key has bits for


@inner
def key_of(time: int, kind: int, who: int, seq: int) -> int:
    """Return the key of an item; what is due after `LAST` gets that time."""
    time = time if time < LAST else LAST
    own = seq & 0x3FFFFFF if who == BRAND else seq & 0xFFF
    return (time << 33) | (kind << 27) | (who << 12) | own


@inner
def time_of(key: int) -> int:
    """Return when an item with this key is due."""
    return key >> 33


@inner
def kind_of(key: int) -> int:
    """Return the kind of an item with this key."""
    return (key >> 27) & 0x3F


@inner
def who_of(key: int) -> int:
    """Return the person of an item with this key, or `BRAND`."""
    who = (key >> 12) & 0x7FFF
    return who if who < BRAND else BRAND
