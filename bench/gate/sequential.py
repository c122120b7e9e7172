"""How many pairs a benchmark needs, and what they say: a group-sequential signed-rank test.

A *pair* is the logarithm of head's time over base's, from one process of each side that took turns
on one core. Two questions are asked of a benchmark's pairs, each by Wilcoxon's exact signed-rank
test, which knows nothing of the noise but that it does not prefer a side:

- Is head slower than base by more than is *tolerated*? Then the gate fails.
- Is head slower than base by less than must be *noticed*? Then no more pairs are needed.

They are asked at a few numbers of pairs, the *looks*, and whoever is neither gets more pairs. The
chances of error are divided beforehand among the looks, and the first also among the benchmarks
(Bonferroni), so that they hold for the gate as a whole, however often it looks. At the last look a
benchmark that is not shown to be slower passes.

References
----------
Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1, 80-83.
Hodges, J. L. and Lehmann, E. L. (1963). Estimates of location based on rank tests. Annals of
Mathematical Statistics 34, 598-611.
Jennison, C. and Turnbull, B. W. (2000). Group Sequential Methods. Chapman and Hall, chapter 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["RULES", "Estimate", "Look", "Rules", "State", "estimate", "judge", "p_above"]

Floats = npt.NDArray[np.float64]
State = Literal["undecided", "slower", "fine"]


@dataclass(frozen=True)
class Look:
    """A number of pairs at which a benchmark is judged, and the chances of error spent there.

    Parameters
    ----------
    pairs
        How many pairs there are by then.
    alpha
        Of calling any benchmark slower where none is by more than is tolerated.
    beta
        Of calling a benchmark fine that is slower by as much as must be noticed.
    """

    pairs: int
    alpha: float
    beta: float


@dataclass(frozen=True)
class Rules:
    """What the gate is to find, and how sure it has to be.

    Parameters
    ----------
    tolerated
        Slowdown that never fails, as a share of base's time: what the place of code in memory can
        do to a kernel that was compiled anew.
    noticed
        Slowdown that must not go by as fine.
    looks
        When to judge; by rising number of pairs.
    """

    tolerated: float
    noticed: float
    looks: tuple[Look, ...]

    @property
    def alpha(self) -> float:
        """Chance of a false alarm over all benchmarks and looks, at most."""
        return sum(look.alpha for look in self.looks)

    @property
    def beta(self) -> float:
        """Chance that one slow benchmark is called fine, over all looks, at most."""
        return sum(look.beta for look in self.looks)


#: The gate's own; docs/developers/benchmarks.md has the calculation behind the numbers.
RULES: Final = Rules(
    tolerated=0.03,
    noticed=0.12,
    looks=(
        Look(5, alpha=0.0, beta=1 / 32),  # five of five is the least that five pairs can show
        Look(8, alpha=0.0, beta=0.006),
        Look(12, alpha=0.0035, beta=0.006),
        Look(18, alpha=0.003, beta=0.006),
        Look(28, alpha=0.0035, beta=0.0),
    ),
)


def judge(pairs: npt.ArrayLike, benchmarks: int, rules: Rules = RULES) -> State:
    """Return what the pairs say so far; between looks nothing is decided.

    Parameters
    ----------
    pairs
        log(head / base), shape (n_pairs,).
    benchmarks
        Number of benchmarks in the gate, which share the chance of a false alarm.
    rules
        What to find and when to look.
    """
    x = np.asarray(pairs, dtype=np.float64)
    look = next((look for look in rules.looks if look.pairs == x.size), None)
    if look is None:
        return "undecided"
    if p_above(x, math.log1p(rules.tolerated)) <= look.alpha / benchmarks:
        return "slower"
    if p_above(-x, -math.log1p(rules.noticed)) <= look.beta or look is rules.looks[-1]:
        return "fine"
    return "undecided"


def p_above(x: Floats, bound: float) -> float:
    """Return how likely such pairs are if the true centre is not above ``bound``: one-sided, exact.

    Pairs equal to the bound count against it.
    """
    shifted = x - bound
    order = np.argsort(np.abs(shifted), kind="stable")
    positive = shifted[order] > 0
    rank_sum = int(np.flatnonzero(positive).sum() + positive.sum())
    return float(_upper_tail(x.size)[rank_sum])


@cache
def _upper_tail(n: int) -> Floats:
    """Return P(W >= w) for w = 0 ... n(n + 1)/2, W being the sum of the positive ones' ranks."""
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0] = 1.0
    for rank in range(1, n + 1):
        ways[rank:] += ways[:-rank].copy()
    return np.cumsum(ways[::-1])[::-1] / 2.0**n


@dataclass(frozen=True)
class Estimate:
    """Head's time over base's, with an interval; 1.0 is no difference.

    Attributes
    ----------
    ratio
        Hodges-Lehmann: the median of all means of two pairs.
    low, high
        Interval of the signed-rank test, 95% or as near as so few pairs come. Where the sequence
        stopped early it is a little too narrow.
    p_slower
        How likely such pairs are where head is slower by no more than is tolerated.
    """

    ratio: float
    low: float
    high: float
    p_slower: float


def estimate(pairs: npt.ArrayLike, rules: Rules = RULES, level: float = 0.95) -> Estimate:
    """Return the estimate for at least one pair."""
    x = np.asarray(pairs, dtype=np.float64)
    i, j = np.triu_indices(x.size)
    walsh = np.sort((x[i] + x[j]) / 2)
    # The k smallest means are outside where P(W < k) is at most half of what may be outside.
    k = int(np.sum(1 - _upper_tail(x.size)[1:] <= (1 - level) / 2))
    k = min(k, (walsh.size + 1) // 2)
    low, high = walsh[max(k - 1, 0)], walsh[-max(k, 1)]
    return Estimate(
        ratio=float(np.exp(np.median(walsh))),
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        p_slower=p_above(x, math.log1p(rules.tolerated)),
    )
