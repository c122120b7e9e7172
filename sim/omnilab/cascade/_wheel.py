"""A wheel of time: which profiles have something due, found without looking at the others.

Slots of time hold lists of profiles, linked both ways through the profiles' own rows.
"""

from __future__ import annotations

from omnilab.cascade.state import AFTER, BEFORE, NO_DUE, SLOT_S, SLOTS, WAKE, Ints, Words
from omnilab.kernels.compiling import inlined, uncounted_kernel

__all__ = ["link", "next_tick", "take_due", "unlink"]


@inlined
def next_tick(at: int, tick: int) -> int:
    """Return the first tick at or after `at`; the engine's origin is a tick."""
    return (at + tick - 1) // tick * tick


@uncounted_kernel
def take_due(profiles: Words, heads: Words, clock: int, until: int, woken: Ints) -> int:
    """Take the profiles that wake before `until` off the wheel; -1 if `woken` is too short."""
    n = 0
    low = clock // SLOT_S
    high = min((until - 1) // SLOT_S, low + SLOTS - 1)
    for slot in range(low, high + 1):
        profile = int(heads[slot % SLOTS, 0])
        while profile >= 0:
            if profiles[profile, WAKE] < until:
                if n >= woken.size:
                    return -1
                woken[n] = profile
                n += 1
            profile = int(profiles[profile, AFTER])
    for i in range(n):
        unlink(profiles, heads, woken[i])
    return n


@inlined
def unlink(profiles: Words, heads: Words, profile: int) -> None:
    """Take a profile off the wheel, if it is on it."""
    wake = int(profiles[profile, WAKE])
    if wake == NO_DUE:
        return
    after, before = int(profiles[profile, AFTER]), int(profiles[profile, BEFORE])
    if after >= 0:
        profiles[after, BEFORE] = before
    if before >= 0:
        profiles[before, AFTER] = after
    else:
        heads[wake // SLOT_S % SLOTS, 0] = after
    profiles[profile, WAKE] = NO_DUE


@inlined
def link(profiles: Words, heads: Words, profile: int, wake: int) -> None:
    """Put a profile that is off the wheel on it."""
    slot = wake // SLOT_S % SLOTS
    head = int(heads[slot, 0])
    profiles[profile, WAKE] = wake
    profiles[profile, AFTER] = head
    profiles[profile, BEFORE] = -1
    if head >= 0:
        profiles[head, BEFORE] = profile
    heads[slot, 0] = profile
