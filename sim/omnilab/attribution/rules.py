"""Models of credit that look at one path alone: each gives every touch its share of the order.

All take the touches of a path, the oldest first and one at least, and return as many shares >= 0
that add up to 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from omnilab.attribution.paths import Touch

__all__ = [
    "first_click",
    "last_click",
    "last_non_direct",
    "linear",
    "position_based",
    "time_decay",
]

ENDS = 0.4  # of the first and of the last touch, by the position-based model


def last_click(touches: Sequence[Touch]) -> list[float]:
    """Give all to the last touch, a visit that nothing led to as well."""
    return _all_to(len(touches) - 1, touches)


def last_non_direct(touches: Sequence[Touch]) -> list[float]:
    """Give all to the last touch that is not direct; to the last where all are."""
    led = [i for i, touch in enumerate(touches) if not touch.direct]
    return _all_to(led[-1] if led else len(touches) - 1, touches)


def first_click(touches: Sequence[Touch]) -> list[float]:
    """Give all to the first touch."""
    return _all_to(0, touches)


def linear(touches: Sequence[Touch]) -> list[float]:
    """Give each touch the same."""
    return [1.0 / len(touches)] * len(touches)


def position_based(touches: Sequence[Touch]) -> list[float]:
    """Give 40% to the first, 40% to the last, and 20% to those between, in equal parts.

    Two touches have a half each, one has all.
    """
    n = len(touches)
    if n <= 2:
        return linear(touches)
    return [ENDS, *([(1.0 - 2.0 * ENDS) / (n - 2)] * (n - 2)), ENDS]


def time_decay(touches: Sequence[Touch], half_life: float) -> list[float]:
    """Give a touch half as much for each half life that it lies further back.

    Parameters
    ----------
    touches
        Of a path.
    half_life
        Seconds, > 0.
    """
    last = touches[-1].time  # when the order was made takes nothing from one and adds to another
    weights = [2.0 ** (-(last - touch.time) / half_life) for touch in touches]
    whole = sum(weights)
    return [w / whole for w in weights]


def _all_to(place: int, touches: Sequence[Touch]) -> list[float]:
    return [float(i == place) for i in range(len(touches))]
