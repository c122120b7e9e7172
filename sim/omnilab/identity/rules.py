"""Decide merges, demotions and expiries: the scalar rules of identity, in one place.

The big graph and the simulator call the same functions, so a policy means the same in both. They
hold no state: ages, values and counts come in, a decision goes out. All numbers are int64.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.kernels.compiling import kernel
from omnilab.kernels.record import Ints

__all__ = ["clash", "conflict", "demoted", "expired", "survives"]

Codes = NDArray[np.int64] | NDArray[np.int32] | Ints


@kernel
def survives(first_seen_a: int, id_a: int, first_seen_b: int, id_b: int) -> bool:
    """Tell whether profile ``a`` survives a merge with ``b``: the older one does.

    Parameters
    ----------
    first_seen_a, first_seen_b
        Time at which each profile was first seen, in the caller's own unit.
    id_a, id_b
        Their ids, which break a tie: the smaller survives.
    """
    if first_seen_a != first_seen_b:
        return first_seen_a < first_seen_b
    return id_a < id_b


@kernel
def clash(value_a: int, value_b: int) -> bool:
    """Tell whether two value codes of one unique type differ; 0 is none, and clashes with none."""
    return value_a != 0 and value_b != 0 and value_a != value_b


@kernel
def conflict(unique_a: Codes, unique_b: Codes, n_types: int) -> bool:
    """Tell whether two profiles hold different values of one unique type, so can't be one person.

    Parameters
    ----------
    unique_a, unique_b
        Value code of each unique identifier type, 0 where none was seen. Shape ``(n_types,)`` or
        longer.
    n_types
        How many unique types to compare.
    """
    for i in range(n_types):
        if clash(unique_a[i], unique_b[i]):
            return True
    return False


@kernel
def expired(last_seen: int, now: int, time_to_live: int) -> bool:
    """Tell whether an identifier has been unseen for longer than its time-to-live.

    Parameters
    ----------
    last_seen, now
        Times in one unit. Exactly ``time_to_live`` later it still lives.
    time_to_live
        In the same unit; 0 or less means for ever.
    """
    return time_to_live > 0 and now - last_seen > time_to_live


@kernel
def demoted(fan_out: int, limit: int) -> bool:
    """Tell whether an identifier is shared by too many to link anything any more.

    Parameters
    ----------
    fan_out
        How many different identifiers it was seen with (or profiles, as the caller counts).
    limit
        The most that one person's identifier may have; 0 or less means no limit.
    """
    return limit > 0 and fan_out > limit
