"""What a fit of messages found, as rows: the log beside the log that the fitted scenario makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnilab.fit.messages.calendar import volumes_of
from omnilab.fit.messages.course import FittedMessages
from omnilab.fit.messages.normal import KINDS
from omnilab.fit.messages.tally import MONTHLY, OWN_RATE

__all__ = ["Row", "rate_rows", "row_groups"]

Counts = NDArray[np.int64]
_LEAST = 50  # messages of a class that is shown


@dataclass(frozen=True)
class Row:
    """One number of the log, beside that of the simulated log.

    Attributes
    ----------
    group
        ``rates``, ``volume`` (bulk messages a week), ``by_month`` (share opened by the messages of
        the 30 days before) or ``by_own_rate`` (by the person's own rate of the month before).
    channel, what
        Whose, and what it is.
    data, error
        The log's, with its standard error where it has one.
    simulated
        Of the fitted scenario; None where it was not simulated, or has none.
    """

    group: str
    channel: str
    what: str
    data: float
    error: float | None
    simulated: float | None


def row_groups(found: FittedMessages) -> dict[str, list[Row]]:
    """Return all rows by group."""
    groups: dict[str, list[Row]] = {}
    for row in (*rate_rows(found), *_volumes(found), *_by_month(found), *_by_own_rate(found)):
        groups.setdefault(row.group, []).append(row)
    return groups


def rate_rows(found: FittedMessages) -> Iterator[Row]:
    """Give the rates of each channel and kind of message."""
    for c, kind in found.tally.kinds():
        other = found.simulated.named_rates(c, kind) if found.simulated else {}
        for name, (rate, error) in found.tally.named_rates(c, kind).items():
            if name == "soft" and not rate:
                continue
            yield Row("rates", found.channels[c], f"{KINDS[kind]}: {_NAMES[name]}", rate, error,
                      other[name][0] if name in other else None)  # fmt: skip


_NAMES = {
    "hard": "bounced for good", "soft": "not delivered", "delivered": "delivered",
    "opened": "opened", "clicked": "clicked", "out": "opted out", "complaint": "complained",
}  # fmt: skip


def _volumes(found: FittedMessages) -> Iterator[Row]:
    mine = volumes_of(found.simulated) if found.simulated else {}
    for c, volume in found.volumes.items():
        for what, name in (("no answer within 30 days", "others"), ("answered", "engaged")):
            other = getattr(mine[c], name) if c in mine else None
            yield Row("volume", found.channels[c], what, getattr(volume, name), None, other)


def _by_month(found: FittedMessages) -> Iterator[Row]:
    tops = [f" to {top - 1}" for top in MONTHLY[1:]] + [" or more"]
    tops = ["" if top == f" to {low}" else top for low, top in zip(MONTHLY, tops, strict=True)]
    names = [f"{low}{top} in 30 days" for low, top in zip(MONTHLY, tops, strict=True)]
    for c, channel in enumerate(found.channels):
        mine = found.simulated.by_month[c] if found.simulated else None
        yield from _shares("by_month", channel, names, found.tally.by_month[c], mine)


def _by_own_rate(found: FittedMessages) -> Iterator[Row]:
    tops = [*OWN_RATE[1:], 1.0]
    names = [f"own rate {low:.0%} to {top:.0%}" for low, top in zip(OWN_RATE, tops, strict=True)]
    mine = found.simulated.by_own_rate if found.simulated else None
    yield from _shares("by_own_rate", "all", names, found.tally.by_own_rate, mine)


def _shares(
    group: str, channel: str, names: list[str], theirs: Counts, mine: Counts | None
) -> Iterator[Row]:
    for i, name in enumerate(names):
        n, k = theirs[i].tolist()
        if n < _LEAST:
            continue
        p = k / n
        other = None
        if mine is not None and mine[i, 0] >= _LEAST:
            other = float(mine[i, 1] / mine[i, 0])
        yield Row(group, channel, name, p, float(np.sqrt(p * (1 - p) / n)), other)
