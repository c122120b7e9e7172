"""Which channels a copy may use, and in which order, by the channel choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.profiles import find_address
from omnilab.brand.sharing import ALL
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["has_address", "line_up"]

_SEEN_LATELY = 7 * 86400


@inner
def has_address(cell: BrandCell, plan: LoweredPlan, profile: int, channel: int) -> bool:
    """Tell whether the profile has an identifier that the channel's silo may write to."""
    return find_address(cell, profile, int(plan.address[channel]), int(plan.sender[channel])) >= 0


@inner
def line_up(cell: BrandCell, plan: LoweredPlan, index: int, t: int) -> int:
    """Write the order of channels of the copy's present message; return how many.

    `silo`: the silo's own, as declared; `handoff`: as declared; `all`: first where the person
    was last seen, then by answers per message received, as declared where equal.
    """
    copy = cell.copy[index]
    step = plan.step[int(copy.journey), int(copy.step)]
    n = 0
    for k in range(step.n_channels):
        c = int(step.channels[k])
        if copy.silo >= 0 and plan.sender[c] != copy.silo:
            continue
        copy.order[n] = c
        n += 1
    if plan.rules.channel == ALL and copy.silo < 0:
        _by_engagement(cell, plan, index, n, t)
    copy.length = n
    copy.at = 0
    copy.last_silo = plan.silo[int(copy.order[0])] if n > 0 else copy.silo
    return n


@inner
def _by_engagement(cell: BrandCell, plan: LoweredPlan, index: int, n: int, t: int) -> None:
    copy = cell.copy[index]
    profile = int(copy.profile)
    p = cell.profile[profile]
    near = -1
    if p.last_channel >= 0 and t - p.last_seen <= _SEEN_LATELY:
        near = int(plan.silo[int(p.last_channel)])
    for i in range(n):
        c = int(copy.order[i])
        cell.score[c] = _score(cell, plan, profile, c, near)
    # Insertion sort: stable, so the declared order decides between equals.
    for i in range(1, n):
        c = int(copy.order[i])
        x = cell.score[c]
        j = i - 1
        while j >= 0 and cell.score[int(copy.order[j])] < x:
            copy.order[j + 1] = copy.order[j]
            j -= 1
        copy.order[j + 1] = c


@inner
def _score(cell: BrandCell, plan: LoweredPlan, profile: int, channel: int, near: int) -> float:
    """Answers per message received, one in four before any is known; last seen comes first."""
    x = (cell.answered[profile, channel] + 1.0) / (cell.received[profile, channel] + 4.0)
    return x + 10.0 if plan.silo[channel] == near else x
