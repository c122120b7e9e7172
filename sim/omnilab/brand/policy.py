"""Contact policy: frequency caps and who learns of a "stop all", by the contact-policy choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import ALL, HANDOFF
from omnilab.brand.context import context_of, remember_send
from omnilab.cascade.rules import under_cap
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["is_suppressed", "may_send", "record_send", "scope"]


@inner
def scope(plan: LoweredPlan, journey: int, silo: int, choice: int) -> int:
    """Return the bit mask of silos that count for a send of a silo under a choice's value."""
    if choice == ALL:
        return (1 << plan.rules.n_silos) - 1
    if choice == HANDOFF:
        return plan.journey[journey].sequence | (1 << silo)
    return 1 << silo


@inner
def is_suppressed(
    cell: BrandCell, plan: LoweredPlan, profile: int, journey: int, silo: int
) -> bool:
    """Tell whether the sender knows that the profile asked for no messages at all."""
    mask = scope(plan, journey, silo, plan.rules.contact_policy)
    return (cell.profile[profile].stopped & mask) != 0


@inner
def may_send(
    cell: BrandCell, plan: LoweredPlan, profile: int, journey: int, silo: int, t: int
) -> bool:
    """Tell whether one more send keeps the frequency cap, over the silos that share it."""
    if plan.rules.cap_messages <= 0:
        return True
    mask = scope(plan, journey, silo, plan.rules.contact_policy)
    n = 0
    for s in range(plan.rules.n_silos):
        i = int(cell.context_of[profile, s])
        if i < 0 or (mask >> s) & 1 == 0:
            continue
        for k in range(cell.ring.shape[1]):
            cell.times[n] = cell.ring[i, k]
            n += 1
    return under_cap(cell.times, n, t, plan.rules.cap_period, plan.rules.cap_messages)


@inner
def record_send(cell: BrandCell, profile: int, silo: int, channel: int, t: int) -> None:
    """Remember a send, for caps and for the most engaged channel."""
    remember_send(cell, context_of(cell, profile, silo), t)
    cell.received[profile, channel] += 1
