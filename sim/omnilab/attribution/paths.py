"""Paths: the touches that went before an order, as somebody who joins them to it sees them.

A touch leads to one order at most: after an order the next path begins anew. Touches that lie
further back than the lookback window, or that no order follows, are paths that led nowhere, cut
where nothing happened for longer than the window. So each touch is in one path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Path", "Sale", "Touch", "join"]


class Touch(NamedTuple):
    """One touch.

    Attributes
    ----------
    time
        Seconds.
    source
        What it is counted for: the channel of a message, an ad or a paid click, else the place
        that was visited.
    direct
        Whether it is a visit that nothing is known to have led to, to a place that sells.
    message
        Number of the message behind it, -1 without. A click and the visit that it leads to are one
        touch.
    """

    time: int
    source: str
    direct: bool = False
    message: int = -1


class Sale(NamedTuple):
    """An order: when, and in cents what was paid and the margin."""

    time: int
    revenue: int
    margin: int


@dataclass(frozen=True)
class Path:
    """Touches, the oldest first, and what they led to.

    Attributes
    ----------
    touches
        None where nothing is known of how the order came.
    end
        Seconds: when the order was made, or the last touch of a path that led nowhere.
    orders
        1, or 0 of a path that led nowhere.
    revenue, margin
        Of the order, in cents.
    """

    touches: tuple[Touch, ...]
    end: int
    orders: int = 0
    revenue: int = 0
    margin: int = 0

    @property
    def sources(self) -> tuple[str, ...]:
        """The touches' sources, in their order."""
        return tuple(touch.source for touch in self.touches)


def join(
    touches: Iterable[tuple[int, Touch]], sales: Iterable[tuple[int, Sale]], lookback: int
) -> list[Path]:
    """Join the touches and orders of one profile, or of one person.

    Parameters
    ----------
    touches, sales
        Each with its place in the log, which says what came first within a second.
    lookback
        Seconds, > 0: how long before an order a touch may lie.

    Returns
    -------
    list
        A path for each order, in their order, and those that led nowhere.
    """
    known: set[int] = set()
    found: list[Path] = []
    since: list[Touch] = []
    rows: list[tuple[int, int, Touch | Sale]] = [
        *((touch.time, at, touch) for at, touch in touches),
        *((sale.time, at, sale) for at, sale in sales),
    ]
    for _time, _at, what in sorted(rows, key=lambda row: row[:2]):
        if isinstance(what, Touch):
            if what.message not in known:
                since.append(what)
            if what.message >= 0:
                known.add(what.message)
            continue
        old = [t for t in since if t.time < what.time - lookback]
        found += _nowhere(old, lookback)
        found.append(Path(tuple(since[len(old) :]), what.time, 1, what.revenue, what.margin))
        since = []
    return found + _nowhere(since, lookback)


def _nowhere(touches: Sequence[Touch], lookback: int) -> list[Path]:
    """Return touches that no order followed, cut where a lookback window is empty."""
    parts: list[list[Touch]] = []
    for touch in touches:
        if not parts or touch.time - parts[-1][-1].time > lookback:
            parts.append([])
        parts[-1].append(touch)
    return [Path(tuple(part), part[-1].time) for part in parts]
