"""Cut customers into groups by what is known of them before the test, in the data and simulated.

The cuts are made once, from the table's customers. Simulated customers fall into the same groups
by the same cuts, so that a group means one thing on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.experiment.table import RandomisedTest

__all__ = ["BOUGHT", "Past", "Stratum", "make_strata", "of_moments", "pattern_codes"]

#: Before the name of a category, in the name of the stratum of who bought it.
BOUGHT: Final = "bought "

_RECENCY_BINS: Final = 5
_HISTORY_BINS: Final = 4

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of customers before the test; arrays of one length, None where unknown.

    Parameters
    ----------
    recency
        Days since the last order, the middle of what the table says.
    history
        Money spent in the year before.
    newbie
        Whether the first order was in the year before.
    bought
        Category -> whether it was bought in the year before.
    """

    recency: Floats | None
    history: Floats | None
    newbie: Mask | None
    bought: dict[str, Mask]

    @classmethod
    def of(cls, test: RandomisedTest) -> Past:
        """Return what a test's table says of its customers."""
        recency = None if test.recency is None else test.recency.mean(axis=1)
        return cls(recency, test.history, test.newbie, test.bought)


@dataclass(frozen=True, slots=True)
class Stratum:
    """One way to divide customers.

    Parameters
    ----------
    name
        ``bought``, ``recency``, ``history`` or ``newbie``.
    labels
        Names of its groups.
    edges
        Upper ends of all groups but the last, for numbers; empty for patterns.
    """

    name: str
    labels: tuple[str, ...]
    edges: tuple[float, ...] = ()

    def codes(self, past: Past) -> Codes:
        """Return the group of each customer, 0 to ``len(labels) - 1``."""
        if self.name == "bought":
            return pattern_codes(past.bought)
        if self.name.startswith(BOUGHT):
            return np.asarray(past.bought[self.name.removeprefix(BOUGHT)], dtype=np.int64)
        values = getattr(past, self.name)
        if self.name == "newbie":
            return np.asarray(values, dtype=np.int64)
        return np.searchsorted(np.array(self.edges), values, side="right").astype(np.int64)


def pattern_codes(bought: dict[str, Mask]) -> Codes:
    """Return which categories each customer bought, as the bits of a number."""
    return np.asarray(
        sum(np.asarray(flag, dtype=np.int64) << i for i, flag in enumerate(bought.values())),
        dtype=np.int64,
    )


def make_strata(test: RandomisedTest, currency: str) -> list[Stratum]:
    """Return the ways to divide a test's customers by what its table says of them."""
    past = Past.of(test)
    found = []
    if test.bought:
        names = [*test.bought]
        labels = [
            " and ".join(n for i, n in enumerate(names) if code >> i & 1) or "none of them"
            for code in range(1 << len(names))
        ]
        found.append(Stratum("bought", tuple(labels)))
    if past.recency is not None and test.recency is not None:
        edges = _cuts(test.recency[:, 0], _RECENCY_BINS)
        starts = (float(test.recency[:, 0].min()), *edges)
        ends = (*edges, float(test.recency[:, 1].max()))
        labels = [f"{a:.0f} to {b:.0f} days" for a, b in zip(starts, ends, strict=True)]
        found.append(Stratum("recency", tuple(labels), edges))
    if past.newbie is not None:
        found.append(Stratum("newbie", ("for more than a year", "new in the last year")))
    if past.history is not None:
        edges = _cuts(past.history, _HISTORY_BINS)
        starts_ends = zip((float(past.history.min()), *edges), (*edges, np.inf), strict=True)
        labels = [
            f"{a:,.0f} {currency} and more" if b == np.inf else f"{a:,.0f} to {b:,.0f} {currency}"
            for a, b in starts_ends
        ]
        found.append(Stratum("history", tuple(labels), edges))
    return found


def of_moments(strata: Sequence[Stratum], test: RandomisedTest) -> list[Stratum]:
    """Return the ways in which lifts are taken apart: by each category bought, and by recency."""
    each = [Stratum(f"{BOUGHT}{name}", (f"not {name}", name)) for name in test.bought]
    return [*each, *(s for s in strata if s.name == "recency")]


def _cuts(values: Floats, bins: int) -> tuple[float, ...]:
    """Return where to cut numbers into groups of about equal size, between distinct values."""
    wanted = np.quantile(values, np.arange(1, bins) / bins)
    distinct = np.unique(values)
    # A group begins with the value that the quantile falls on; the lowest value begins the first.
    cuts = sorted({float(distinct[np.searchsorted(distinct, w)]) for w in wanted})
    return tuple(c for c in cuts if c > distinct[0])
