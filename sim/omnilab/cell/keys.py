"""The order of items as one number, so that two are compared in one instruction.

An item's key is, from the left, 30 bits of time, 5 of kind (which is the priority too), 8 of the
person and 20 of the person's own sequence. A scenario is shorter than `LAST`, a cell has fewer
persons than `BRAND`, and a sequence starts again after a million items, long after the one it
might be taken for has gone.
"""

from __future__ import annotations

from typing import Final

from omnilab.kernels.compiling import inner

__all__ = ["BRAND", "LAST", "NEVER", "key_of", "kind_of", "time_of", "who_of"]

BRAND: Final = 0xFF  # stands in for a person in the brand's items
LAST: Final = (1 << 30) - 1  # seconds, 34 years: what is due later is put here, and never comes
NEVER: Final = (1 << 63) - 1  # a key behind all others


@inner
def key_of(time: int, kind: int, who: int, seq: int) -> int:
    """Return the key of an item; what is due after `LAST` gets that time."""
    time = time if time < LAST else LAST
    return (time << 33) | (kind << 28) | (who << 20) | (seq & 0xFFFFF)


@inner
def time_of(key: int) -> int:
    """Return when an item with this key is due."""
    return key >> 33


@inner
def kind_of(key: int) -> int:
    """Return the kind of an item with this key."""
    return (key >> 28) & 0x1F


@inner
def who_of(key: int) -> int:
    """Return the person of an item with this key, or `BRAND`."""
    return (key >> 20) & 0xFF
