"""Pictures of letters for the terminal: intervals on one axis, and a row of numbers as a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

__all__ = ["interval_bars", "sparkline"]

_HEIGHTS: Final = "▁▂▃▄▅▆▇█"
_PLAIN_HEIGHTS: Final = "_.-=+*%#"


class Between(Protocol):
    """A number and its bounds."""

    @property
    def value(self) -> float:
        """The number."""

    @property
    def low(self) -> float:
        """Its lower bound."""

    @property
    def high(self) -> float:
        """Its upper bound."""


def interval_bars(rows: Sequence[Between], width: int, *, plain: bool = False) -> list[str]:
    """Return each interval as text of one width, all on one axis that has zero in it.

    Parameters
    ----------
    rows
        Intervals.
    width
        Letters, >= 2.
    plain
        Whether there are no letters but ASCII's.
    """
    low = min([0.0, *(r.low for r in rows)])
    high = max([0.0, *(r.high for r in rows)])
    room = (high - low) or 1.0

    def at(x: float) -> int:
        return round((width - 1) * (x - low) / room)

    line, point, zero = ("-", "o", "|") if plain else ("─", "●", "│")
    bars = []
    for r in rows:
        letters = [" "] * width
        for i in range(at(r.low), at(r.high) + 1):
            letters[i] = line
        letters[at(0.0)] = zero
        letters[at(r.value)] = point
        bars.append("".join(letters).rstrip())
    return bars


def sparkline(
    values: Sequence[float], *, most: int = 40, plain: bool = False,
    between: tuple[float, float] | None = None,
) -> str:  # fmt: skip
    """Return numbers as a row of bars, the lowest bar for the lowest number.

    Parameters
    ----------
    values
        In their order; more than `most` are thinned out, the last stays.
    most
        Letters, >= 1.
    plain
        Whether there are no letters but ASCII's.
    between
        The lowest and the highest of several rows that are to be compared.
    """
    if not values:
        return ""
    n = min(len(values), most)
    shown = [values[-1 - round(i * (len(values) - 1) / max(n - 1, 1))] for i in range(n)][::-1]
    low, high = between or (min(values), max(values))
    heights = _PLAIN_HEIGHTS if plain else _HEIGHTS
    room = (high - low) or 1.0
    top = len(heights) - 1
    return "".join(heights[min(top, max(0, round(top * (v - low) / room)))] for v in shown)
