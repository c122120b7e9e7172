"""Find where a function of one number meets a bound, with as few looks at it as can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Met", "solve"]

_MOST_STEPS: Final = 24
#: A bracket so narrow is a jump: no place in it meets the bound.
_NARROW: Final = 1e-6


@dataclass(frozen=True)
class Met:
    """Where a function was looked at last.

    Attributes
    ----------
    place
        Where it is within the bound; None where it is nowhere, or jumps over it.
    nearest
        The function at the two ends of what was left.
    """

    place: float | None
    nearest: tuple[float, float]


def solve(
    miss: Callable[[float], float], within: float, start: tuple[float, float] | None = None
) -> Met:
    """Return where in 0..1 a function is within a bound of 0: false position, and halving.

    Parameters
    ----------
    miss
        Continuous, or nearly so. Each look costs a simulation; no place is looked at twice.
    within
        Bound on its size, > 0.
    start
        A place in 0..1 where it is known, and its value there.
    """
    if start is not None and abs(start[1]) <= within:
        return Met(start[0], (start[1], start[1]))
    high = (1.0, miss(1.0))
    if abs(high[1]) <= within:
        return Met(1.0, (high[1], high[1]))
    if start is not None and (start[1] > 0) != (high[1] > 0):
        return _between(miss, within, start, high)
    low = (0.0, miss(0.0))
    if abs(low[1]) <= within:
        return Met(0.0, (low[1], low[1]))
    # It may rise and fall: then the known place differs from both ends, and either side has one.
    if start is not None and (start[1] > 0) != (low[1] > 0):
        return _between(miss, within, low, start)
    if (low[1] > 0) != (high[1] > 0):
        return _between(miss, within, low, high)
    return Met(None, (low[1], high[1]))


def _between(
    miss: Callable[[float], float], within: float, low: tuple[float, float],
    high: tuple[float, float],
) -> Met:  # fmt: skip
    """Search between two places where the function has different signs.

    By the Illinois rule: an end that stays twice counts half. Every third step halves, so that
    nothing can hold the search up.
    """
    weights = [low[1], high[1]]
    last = -1
    for step in range(_MOST_STEPS):
        share = 0.5 if step % 3 == 2 else weights[0] / (weights[0] - weights[1])
        place = low[0] + (high[0] - low[0]) * share
        off = miss(place)
        if abs(off) <= within:
            return Met(place, (off, off))
        moved = 0 if (off > 0) == (low[1] > 0) else 1
        if moved == 0:
            low = (place, off)
        else:
            high = (place, off)
        weights[moved] = off
        if moved == last:
            weights[1 - moved] /= 2.0
        last = moved
        if high[0] - low[0] < _NARROW:
            break
    return Met(None, (low[1], high[1]))
