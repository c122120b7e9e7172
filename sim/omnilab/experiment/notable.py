"""The customers whose LTV differs most from that under the reference: for the twin explorer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from omnilab.measure.lifted import NOTABLE

__all__ = ["KINDS", "Notable", "most_notable"]

KINDS: Final = ("won", "lost")


class Notable(NamedTuple):
    """A customer who won or lost much: the difference of LTV in milli-cents."""

    kind: str
    replication: int
    customer: int
    difference: int


def most_notable(kept: Sequence[Notable], found: Any, replication: int) -> list[Notable]:
    """Return the most notable of those that were kept and those of another chunk.

    The largest differences come first, of equal ones the first replication and customer; so the
    order of chunks does not matter.

    Parameters
    ----------
    kept
        So far.
    found
        Of `omnilab.measure.lifts.Lifts.notable`, one strategy.
    replication
        That it is of.
    """
    new = list(kept)
    for row, (size, customer) in enumerate(found.tolist()):
        if customer >= 0:
            won = row < NOTABLE
            new.append(
                Notable(KINDS[0 if won else 1], replication, customer, size if won else -size)
            )
    new.sort(key=lambda one: (one.kind != KINDS[0], -abs(one.difference), *one[1:3]))
    return [one for kind in KINDS for one in [x for x in new if x.kind == kind][:NOTABLE]]
