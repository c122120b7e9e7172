"""How many clusters it takes, where a difference may be rare and its sum skewed.

See `omnilab.experiment.until` for why, and for the sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, sqrt
from typing import Any, Final

__all__ = ["FURTHER", "LEAST_WORTH", "MARGIN", "MOST_SKEW", "NO_DIFFERENCE", "PILOT_CLUSTERS",
           "Tail", "enough", "next_size"]  # fmt: skip

PILOT_CLUSTERS: Final = 400  # before the first look
#: There is no stop before the differences are worth so many clusters.
LEAST_WORTH: Final = 10.0
#: Nor while the squared skewness of their sum is above this: then 1 in 100 of coverage is lost.
MOST_SKEW: Final = 1 / 25
#: Without a single difference the rule of three bounds the share of clusters that have one.
NO_DIFFERENCE: Final = 10 * PILOT_CLUSTERS
#: What is added to the number that a look finds to be needed, so that the next look is the last.
MARGIN: Final = 1.1
#: A look goes at most so many times further: before the variance is known, and after.
FURTHER: Final = (4.0, 50.0)


@dataclass
class Tail:
    """On how many clusters a difference's variance rests.

    Attributes
    ----------
    squares, cubes, fourths
        Sums over clusters of the difference's second to fourth power, whole numbers.
    """

    squares: int = 0
    cubes: int = 0
    fourths: int = 0

    @property
    def worth(self) -> float:
        """Clusters of one size that would give such sums: the number of differences, if rare.

        That is Kish's effective number of the squares, whose sum is the variance: it is off by
        ``1 / sqrt(worth)`` of itself.
        """
        return self.squares**2 / self.fourths if self.fourths else 0.0

    @property
    def skew(self) -> float:
        """Squared skewness of the differences' sum: one over their number, if rare and alike."""
        return self.cubes**2 / self.squares**3 if self.squares else 0.0

    def add(self, differences: Any) -> None:
        """Add clusters: an array of whole numbers."""
        some = differences[differences != 0].astype(object)
        squares = some * some
        self.squares += int(squares.sum())
        self.cubes += int((squares * some).sum())
        self.fourths += int((squares * squares).sum())


def enough(half: float, wanted: float, tail: Tail, clusters: int) -> float:
    """Return how many times the clusters are needed; at most 1 means that it is enough.

    Parameters
    ----------
    half, wanted
        Half the interval's width, and how narrow it is to be.
    tail
        Of the difference.
    clusters
        So far.
    """
    worth = tail.worth
    if worth == 0.0:
        return NO_DIFFERENCE / clusters
    # The variance of a count of rare things is at most about so much above what was seen of it:
    # three standard deviations of a Poisson count, and a few for the smallest counts.
    variance = 1.0 + 3.0 / sqrt(worth) + 6.0 / worth
    narrow = inf if wanted <= 0 else variance * (half / wanted) ** 2
    return max(narrow, LEAST_WORTH / worth, tail.skew / MOST_SKEW)


def next_size(done: int, factor: float, most: int, *, known: bool = True) -> int:
    """Return the replications after which to look again.

    Parameters
    ----------
    done
        So far.
    factor
        Of the clusters that are needed to those that there are.
    most
        Replications at most.
    known
        Whether the variance rests on enough clusters to be relied on.
    """
    wanted = ceil(done * min(factor, FURTHER[known]) * MARGIN)
    return min(most, max(wanted, done + 1))
