"""Contact policy: frequency caps and who learns of a "stop all", by the contact-policy choice."""

from __future__ import annotations

from typing import Any

from omnilab.brand.codes import ALL, HANDOFF
from omnilab.brand.context import context_of, remember_send
from omnilab.brand.state import MAX_SILOS, RING
from omnilab.cascade.rules import under_cap
from omnilab.kernels.compiling import inner

__all__ = ["is_suppressed", "may_send", "record_send", "scope"]


@inner
def scope(P: Any, journey: int, silo: int, choice: int) -> int:
    """Return the bit mask of silos that count for a send of a silo under a choice's value."""
    if choice == ALL:
        return (1 << MAX_SILOS) - 1
    if choice == HANDOFF:
        return P.journey[journey].sequence | (1 << silo)
    return 1 << silo


@inner
def is_suppressed(C: Any, P: Any, profile: int, journey: int, silo: int) -> bool:
    """Tell whether the sender knows that the profile asked for no messages at all."""
    mask = scope(P, journey, silo, P.plan[0].contact_policy)
    return (C.profile[profile].stopped & mask) != 0


@inner
def may_send(C: Any, P: Any, profile: int, journey: int, silo: int, t: int) -> bool:
    """Tell whether one more send keeps the frequency cap, over the silos that share it."""
    if P.plan[0].cap_messages <= 0:
        return True
    mask = scope(P, journey, silo, P.plan[0].contact_policy)
    n = 0
    for s in range(MAX_SILOS):
        i = int(C.profile[profile].context[s])
        if i < 0 or (mask >> s) & 1 == 0:
            continue
        for k in range(RING):
            C.times[n] = C.context[i].ring[k]
            n += 1
    return under_cap(C.times, n, t, P.plan[0].cap_period, P.plan[0].cap_messages)


@inner
def record_send(C: Any, profile: int, silo: int, channel: int, t: int) -> None:
    """Remember a send, for caps and for the most engaged channel."""
    remember_send(C.context[context_of(C, profile, silo)], t)
    C.profile[profile].received[channel] += 1
