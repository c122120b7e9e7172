"""Contact policy: frequency caps and who learns of a "stop all", by the contact-policy choice.

**Priorities under a cap.** A message is refused where it would take the room of a more important
one. A copy's message is *awaited* at its timer's time if the copy is about to send, or waits for a
delay that is followed by a message; a fallback and a wait for an event are not awaited, for they
may never come. Let s be a message that is due at t, of a journey with priority r. Its rivals are
the messages awaited in [t, t + period) of the same profile whose journeys have a priority above r.
The send of s is allowed if it keeps the cap, and if for each rival h whose cap counts the silo of
s, at h's time

    sends within the period + 1 (for s) + rivals up to and with h  <=  cap,

where only sends and rivals of silos that h's cap counts are added. The silo of a rival is the one
that its copy used last or has first in its line. Where all priorities are equal nothing has rivals.

**Ads.** `Brand.cap_counts_ads` says whether an ad takes one of the cap's places. Where it does not,
the cap neither counts nor refuses ads, and a rival whose step has ads alone is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import OP_MESSAGE
from omnilab.brand.context import context_of, remember_send
from omnilab.brand.sharing import ALL, HANDOFF
from omnilab.brand.state import DECIDING, DELAYED
from omnilab.cascade.rules import under_cap
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell, Copy

__all__ = ["is_suppressed", "may_send", "record_send", "scope"]


@inner
def scope(plan: LoweredPlan, journey: int, silo: int, choice: int) -> int:
    """Return the bit mask of silos that count for a send of a silo under a choice's value."""
    if choice == ALL:
        return (1 << plan.rules.n_silos) - 1
    if choice == HANDOFF:
        return plan.journey[journey].sequence | plan.mates[silo]
    return int(plan.mates[silo])


@inner
def is_suppressed(
    cell: BrandCell, plan: LoweredPlan, profile: int, journey: int, silo: int
) -> bool:
    """Tell whether the sender knows that the profile asked for no messages at all."""
    mask = scope(plan, journey, silo, plan.rules.contact_policy)
    return (cell.profile[profile].stopped & mask) != 0


@inner
def may_send(
    cell: BrandCell, plan: LoweredPlan, profile: int, journey: int, silo: int, channel: int, t: int
) -> bool:
    """Tell whether one more send keeps the frequency cap, and room for what ranks higher."""
    if plan.rules.cap_messages <= 0 or (plan.rules.uncapped >> channel) & 1 == 1:
        return True
    mask = scope(plan, journey, silo, plan.rules.contact_policy)
    n = sends_of(cell, plan, profile, mask)
    if not under_cap(cell.times, n, t, plan.rules.cap_period, plan.rules.cap_messages):
        return False
    return plan.rules.ranked == 0 or leaves_room(cell, plan, profile, journey, silo, t)


@inner
def sends_of(cell: BrandCell, plan: LoweredPlan, profile: int, mask: int) -> int:
    """Write the times of a profile's last sends from some silos into ``cell.times``; count them."""
    n = 0
    for s in range(plan.rules.n_silos):
        i = int(cell.context_of[profile, s])
        if i < 0 or (mask >> s) & 1 == 0:
            continue
        for k in range(cell.ring.shape[1]):
            cell.times[n] = cell.ring[i, k]
            n += 1
    return n


@inner
def is_awaited(plan: LoweredPlan, copy: Copy) -> bool:
    """Tell whether a copy sends a message when its timer rings, as far as can be known."""
    if copy.state == DECIDING:
        return True
    j, step = int(copy.journey), int(copy.step)
    if copy.state != DELAYED or step >= plan.journey[j].n_steps:
        return False
    return plan.step[j, step].op == OP_MESSAGE


@inner
def is_capped(plan: LoweredPlan, copy: Copy) -> bool:
    """Tell whether the message of a copy's step may go over a channel that the cap counts."""
    step = plan.step[int(copy.journey), int(copy.step)]
    if step.service == 1:
        return False
    if plan.rules.uncapped == 0:
        return True
    for k in range(step.n_channels):
        c = int(step.channels[k])
        if copy.silo >= 0 and plan.team[int(plan.silo[c])] != copy.silo:
            continue
        if (plan.rules.uncapped >> c) & 1 == 0:
            return True
    return False


@inner
def is_rival(plan: LoweredPlan, copy: Copy, journey: int, t: int, until: int) -> bool:
    """Tell whether a copy's message, awaited in [t, until], ranks above those of a journey."""
    higher = plan.journey[int(copy.journey)].priority > plan.journey[journey].priority
    if not higher or not t <= copy.due <= until or not is_awaited(plan, copy):
        return False
    return is_capped(plan, copy)


@inner
def leaves_room(
    cell: BrandCell, plan: LoweredPlan, profile: int, journey: int, silo: int, t: int
) -> bool:
    """Tell whether a send at ``t`` leaves each of its rivals room under that rival's own cap."""
    period, most = int(plan.rules.cap_period), int(plan.rules.cap_messages)
    i = int(cell.profile[profile].first_copy)
    while i >= 0:
        rival = cell.copy[i]
        i = int(rival.next)
        if not is_rival(plan, rival, journey, t, t + period - 1):
            continue
        mask = scope(plan, int(rival.journey), int(rival.last_silo), plan.rules.contact_policy)
        if (mask >> silo) & 1 == 0:
            continue
        due = int(rival.due)
        more = 1 + _rivals_until(cell, plan, profile, journey, mask, t, due)
        n = sends_of(cell, plan, profile, mask)
        if not under_cap(cell.times, n, due, period, most - more + 1) or most < more:
            return False
    return True


@inner
def _rivals_until(
    cell: BrandCell, plan: LoweredPlan, profile: int, journey: int, mask: int, t: int, until: int
) -> int:
    """Count the rivals awaited up to ``until`` whose silo is in a mask."""
    n = 0
    i = int(cell.profile[profile].first_copy)
    while i >= 0:
        rival = cell.copy[i]
        i = int(rival.next)
        if is_rival(plan, rival, journey, t, until) and (mask >> int(rival.last_silo)) & 1 == 1:
            n += 1
    return n


@inner
def record_send(
    cell: BrandCell, plan: LoweredPlan, profile: int, silo: int, channel: int, t: int, counts: bool
) -> None:
    """Remember a send, for caps (if it ``counts``) and for the most engaged channel."""
    context = context_of(cell, profile, silo)
    if counts and (plan.rules.uncapped >> channel) & 1 == 0:
        remember_send(cell, context, t)
    cell.received[profile, channel] += 1
