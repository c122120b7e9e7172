"""How many customers would decide a guard, were the difference as it is.

The error shrinks with the root of the customers, and the guard is found with `POWER` on the side
of its bound on which the estimate is: `size_for`, which `plan` takes, too. Of what never happened
the error shrinks with the customers themselves.
"""

from __future__ import annotations

from math import inf, log, sqrt
from typing import TYPE_CHECKING, Final

from omnilab.experiment.gate.power import size_for

if TYPE_CHECKING:
    from omnilab.experiment.gate.decide import Judged

__all__ = ["POWER", "times_needed"]

#: The chance with which so many customers decide, as that of a planned live test.
POWER: Final = 0.8


def times_needed(judged: Judged, half: float, guards: int) -> float | None:
    """Return how many times the customers that were run would decide a guard.

    Parameters
    ----------
    judged
        An undecided guard with its estimate.
    half
        The level of each side.
    guards
        How many guards fail by Holm's correction, which divides the level of failing.

    Returns
    -------
    float or None
        Above 1; infinite where none would, since the difference is where neither side can be
        shown. None where that can't be said, such as without an interval.
    """
    guard, excess, error, p_pass = judged.guard, judged.excess, judged.error, judged.p_pass
    if guard.kind == "worlds" or error is None or excess is None or p_pass is None:
        return None
    if judged.never:
        return max(1.0, log(half) / log(p_pass)) if 0.0 < p_pass < 1.0 else inf
    if excess > 0.0:
        return _times(excess, error, judged.clusters, half)
    if guard.kind == "harmed":  # it fails by two tests, of which one is not of this excess
        return None
    if guard.is_goal:
        # It fails where it is worse at all: between that and what is asked nothing is shown.
        worth = judged.estimate.value or 0.0
        excess, error = (worth if guard.higher else -worth), judged.estimate.error or 0.0
    return _times(excess, error, judged.clusters, half / guards) if excess < 0.0 else inf


def _times(effect: float, error: float, clusters: int, level: float) -> float | None:
    if error == 0.0 or clusters < 2:
        return None
    return max(1.0, size_for(effect, error * sqrt(clusters), level, POWER) / clusters)
