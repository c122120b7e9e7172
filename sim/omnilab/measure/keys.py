"""The group of a person in each dimension of `omnilab.measure.groups`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.measure.groups import (
    ALL,
    COHORT,
    DEVICE,
    ENTRY,
    FIRST_CHANNEL,
    MIX,
    PERSONA,
    SEGMENT,
    USED,
)
from omnilab.measure.layout import WINDOW_END

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["group_keys", "segment_of"]


@inner
def group_keys(one: np.void, keys: Any, o: Observed) -> None:
    """Write a person's group in each dimension that has keys, by its number among all groups.

    Parameters
    ----------
    one
        What was followed of the person (`omnilab.measure.layout.PEOPLE`).
    keys
        Shape ``(>= N_KEYS,)``, written.
    o
        The `Observed` tables.
    """
    first = o.group_first
    keys[ALL] = first[ALL]
    keys[PERSONA] = first[PERSONA] + one["persona"]
    keys[SEGMENT] = first[SEGMENT] + segment_of(one)
    keys[COHORT] = first[COHORT] + _cohort(one, int(first[COHORT + 1] - first[COHORT]), o)
    none = first[FIRST_CHANNEL + 1] - first[FIRST_CHANNEL] - 1
    channel = one["first_channel"]
    keys[FIRST_CHANNEL] = first[FIRST_CHANNEL] + (channel if channel >= 0 else none)
    way = one["entry_channel"]
    keys[ENTRY] = way + first[ENTRY] if way >= 0 else first[ENTRY + 1] - 1
    keys[DEVICE] = first[DEVICE] + _device(one)
    used, mix = 0, 0
    for c in range(o.mix.shape[0]):
        if (one["channels"] >> c) & 1 == 1:
            used += 1
            mix |= o.mix[c]
    keys[USED] = first[USED] + min(used, 3)
    keys[MIX] = first[MIX] + mix


@inner
def segment_of(one: np.void) -> int:
    """Return the segment of a person after the burn-in: its place in `SEGMENTS`."""
    if one["before"] == 0:
        return 1 if one["prior"] == 1 else 0
    return 2 if one["before"] == 1 else 3


@inner
def _cohort(one: np.void, n: int, o: Observed) -> int:
    if one["entry"] >= o.clock[WINDOW_END]:
        return n - 1  # a newcomer who finds no way in
    if one["entry"] > 0:
        since = one["entry"]
    elif one["prior"] == 1:
        return 0
    elif one["before"] > 0:
        since = one["first_order"]
    else:
        return n - 1
    return int(min(1 + since // o.cohort_s[0], n - 2))


@inner
def _device(one: np.void) -> int:
    phone, computer, tablet = one["on_phone"], one["on_computer"], one["on_tablet"]
    if phone + computer + tablet == 0:
        return 0
    if phone >= 3 * (computer + tablet):
        return 1
    if computer >= 3 * (phone + tablet):
        return 2
    return 4 if tablet >= 3 * (phone + computer) else 3
