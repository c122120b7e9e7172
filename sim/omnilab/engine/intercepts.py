"""Find the intercept at which the mean of a logistic over a population is a published rate."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

__all__ = ["intercept_at", "logistic"]

#: No intercept is further from 0.
_FARTHEST: Final = 40.0

#: What was solved in this process: a comparison asks for the same more than once.
_SOLVED: dict[bytes, float] = {}
_KEPT: Final = 1024


def intercept_at(shift: Any, joint: Any, target: float, again: float = 0.0) -> float:
    """Return the intercept at which the mean of the logistic is ``target``.

    With ``again`` further tries on average, as many as a Poisson draw says, it is the mean chance
    of one success among them and the first one.

    It is what halving finds, to the last bit. Most halves are known without looking: the mean rises
    with the intercept, so below one that is too low by more than rounding all others are too low.
    """
    asked = hashlib.blake2b(repr((shift.shape, target, again)).encode(), digest_size=16)
    asked.update(shift.tobytes())
    asked.update(joint.tobytes())
    key = asked.digest()
    found = _SOLVED.get(key)
    if found is None:
        found = _halved(shift, joint, target, again)
        if len(_SOLVED) >= _KEPT:
            _SOLVED.clear()  # threads may solve at once, so none is looked for
        _SOLVED[key] = found
    return found


def _halved(shift: Any, joint: Any, target: float, again: float) -> float:
    """Solve it, not knowing what was solved before."""
    room = np.empty_like(shift)

    def mean(intercept: float) -> float:
        once = logistic(np.add(intercept, shift, out=room))
        if again > 0.0:
            once = 1.0 - (1.0 - once) * np.exp(-again * once)
        return float(np.multiply(joint, once, out=room).sum())

    low, high = -_FARTHEST, _FARTHEST
    # A mean is right to 1e-14 of itself; with further tries to 1e-15, as differences from 1.
    margin = 1e-13 * target + (1e-14 if again > 0.0 else 0.0)
    too_low, too_high = _bracket(mean, target, margin)
    for _ in range(80):
        middle = (low + high) / 2.0
        if middle in (low, high):  # neighbours among floats: the rest would change nothing
            return middle
        if middle <= too_low or (middle < too_high and mean(middle) < target):
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _bracket(mean: Callable[[float], float], target: float, margin: float) -> tuple[float, float]:
    """Return intercepts that are too low and too high for sure, near each other if all goes well.

    Secants of the means' log odds find them: those are nearly a line.
    """
    too_low, too_high = -math.inf, math.inf

    def distance(intercept: float) -> float:
        nonlocal too_low, too_high
        found = mean(intercept)
        if found < target - margin:
            too_low = max(too_low, intercept)
        elif found > target + margin:
            too_high = min(too_high, intercept)
        return _log_odds(found) - _log_odds(target)

    one, slope = _log_odds(target), 0.7
    off = distance(one)
    for _ in range(12):
        other = one - off / slope
        if other == one or abs(other) > _FARTHEST:
            break
        new = distance(other)
        steep = (new - off) / (other - one)
        one, off, slope = other, new, steep if abs(off) > 1e-9 and 0.05 < steep < 20.0 else slope
        if abs(off) < 1e-13:
            break
    # So far off that what is too much or too little shows beside what rounding can do.
    step = 3.0 * margin / max(slope * target * (1.0 - min(target, 0.99)), 1e-300)
    distance(one - step)
    distance(one + step)
    return too_low, too_high


def _log_odds(share: float) -> float:
    """Return the logit of a share, a finite one for 0 and for 1 too."""
    inside = min(max(share, 1e-300), 1.0 - 1e-15)
    return math.log(inside / (1.0 - inside))


def logistic(x: Any) -> Any:
    """Return the logistic of ``x``, in its place."""
    if np.abs(x).max(initial=0.0) > 700.0:
        np.clip(x, -700.0, 700.0, out=x)
    np.exp(np.negative(x, out=x), out=x)
    return np.divide(1.0, np.add(1.0, x, out=x), out=x)
