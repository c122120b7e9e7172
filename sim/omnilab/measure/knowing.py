"""Follow who knows the brand, how they came to, and what contacts with media cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.log import fields
from omnilab.measure.layout import DAY_S, WINDOW_END, WINDOW_MID, WINDOW_START
from omnilab.measure.worth import earn

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["close_knowing", "count_view", "follow_contact", "follow_knowing"]


@inner
def follow_knowing(row: np.void, one: np.void, sums: np.void, o: Observed) -> None:
    """Take in whether a person knows the brand from now on, and until when."""
    time = row["time"]
    by = fields.knows_by(row)
    if by == 0:
        sums["known_of"] = 1
        one["known_by"] = 0
        one["known_from"] = time
    elif one["known_until"] <= time:
        _count(one, sums, o)
        one["known_from"] = time
    if by > 0 and fields.knows_new(row) == 1 and one["known_by"] == 0:
        one["known_by"] = by
    one["known_until"] = fields.knows_until(row)


@inner
def _count(one: np.void, sums: np.void, o: Observed) -> None:
    """Count a time in which the person knew the brand, where it holds a time that is asked for."""
    first, last = one["known_from"], one["known_until"]
    sums["known"][0] += 1 if first <= o.clock[WINDOW_START] < last else 0
    sums["known"][1] += 1 if first <= o.clock[WINDOW_MID] < last else 0
    sums["known"][2] += 1 if first <= o.clock[WINDOW_END] < last else 0


@inner
def close_knowing(one: np.void, sums: np.void, o: Observed) -> None:
    """Finish what is counted of a person."""
    if sums["known_of"] == 0:
        return
    _count(one, sums, o)
    sums["new_by"][one["known_by"]] += sums["new_buyers"]


@inner
def follow_contact(
    cost: int, row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int
) -> None:
    """Let a contact that has no address cost what it costs, as an ad's impression does."""
    if cost == 0:
        return
    earn(one, -cost, row["time"], o, k)
    if inside:
        o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]["cost"] += cost
        sums["send_cost"] += cost
        sums["media_cost"] += cost


@inner
def count_view(row: np.void, sums: np.void) -> None:
    """Count a post that is seen in the window, and what is done with it."""
    how, does = fields.post_seen_how(row), fields.post_seen_does(row)
    sums["post_paid"] += 1 if how == 1 else 0
    sums["post_shared"] += 1 if how == 2 else 0
    for j in range(4):
        sums["post_does"][j] += (does >> j) & 1
