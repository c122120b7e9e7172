"""Which channels a copy may use, and in which order, by the channel choice."""

from __future__ import annotations

from typing import Any

from omnilab.brand.codes import ALL
from omnilab.brand.profiles import find_address
from omnilab.kernels.compiling import inner

__all__ = ["has_address", "line_up"]

_SEEN_LATELY = 7 * 86400


@inner
def has_address(C: Any, P: Any, profile: int, channel: int) -> bool:
    """Tell whether the profile has an identifier that the channel's silo may write to."""
    return find_address(C, profile, int(P.address[channel]), int(P.silo[channel])) >= 0


@inner
def line_up(C: Any, P: Any, index: int, t: int) -> int:
    """Write the order of channels of the copy's present message; return how many.

    `silo`: the silo's own, as declared; `handoff`: as declared; `all`: first where the person
    was last seen, then by answers per message received, as declared where equal.
    """
    copy = C.copy[index]
    step = P.step[int(copy.journey), int(copy.step)]
    n = 0
    for k in range(step.n_channels):
        c = int(step.channels[k])
        if copy.silo >= 0 and P.silo[c] != copy.silo:
            continue
        copy.order[n] = c
        n += 1
    if P.plan[0].channel == ALL and copy.silo < 0:
        _by_engagement(C, P, index, n, t)
    copy.length = n
    copy.at = 0
    copy.last_silo = P.silo[int(copy.order[0])] if n > 0 else copy.silo
    return n


@inner
def _by_engagement(C: Any, P: Any, index: int, n: int, t: int) -> None:
    copy = C.copy[index]
    p = C.profile[int(copy.profile)]
    near = -1
    if p.last_channel >= 0 and t - p.last_seen <= _SEEN_LATELY:
        near = int(P.silo[int(p.last_channel)])
    # Insertion sort: stable, so the declared order decides between equals.
    for i in range(1, n):
        c = int(copy.order[i])
        x = _score(P, p, c, near)
        j = i - 1
        while j >= 0 and _score(P, p, int(copy.order[j]), near) < x:
            copy.order[j + 1] = copy.order[j]
            j -= 1
        copy.order[j + 1] = c


@inner
def _score(P: Any, p: Any, channel: int, near: int) -> float:
    """Answers per message received, one in four before any is known; last seen comes first."""
    x = (p.answered[channel] + 1.0) / (p.received[channel] + 4.0)
    return x + 10.0 if P.silo[channel] == near else x
