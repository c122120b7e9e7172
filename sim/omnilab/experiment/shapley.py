"""Weights of what switches are worth: alone, last, by Shapley, and together beyond themselves.

A *set* of switches is on and the others are off. Each effect is a sum over sets with whole or
rational weights, so that `omnilab.experiment.statistics.Moments.contrast` gives its interval.
Sets are written as whole numbers: bit ``i`` is 1 where switch ``i`` is on.

References
----------
Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
Grabisch, M. and Roubens, M. (1999). An axiomatic approach to the concept of interaction among
players in cooperative games. International Journal of Game Theory 28, 547-565.
Castro, J., Gomez, D. and Tejada, J. (2009). Polynomial calculation of the Shapley value based on
sampling. Computers & Operations Research 36, 1726-1730.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import factorial, floor
from typing import Final

from omnilab.draws.philox import draw4, make_key
from omnilab.draws.streams import stream

__all__ = [
    "Weights",
    "alone",
    "along",
    "interaction",
    "last",
    "permutations",
    "rounded_to_sum",
    "shapley",
    "whole",
]

#: Weight of each set.
Weights = dict[int, Fraction]
_ONE: Final = Fraction(1)
#: An experiment's own chance, not a person's: it has a key of its own, as a replication has.
SWITCH_ORDER: Final = stream("SWITCH_ORDER", 210)
_ORDERS: Final = (1 << 30) - 1  # a replication's number that no run has


def alone(i: int) -> Weights:
    """Return the weights of switch ``i`` on, and nothing else, less nothing on."""
    return {1 << i: _ONE, 0: -_ONE}


def last(i: int, n: int) -> Weights:
    """Return the weights of all ``n`` switches on, less all but switch ``i``."""
    every = (1 << n) - 1
    return {every: _ONE, every ^ (1 << i): -_ONE}


def whole(n: int) -> Weights:
    """Return the weights of all ``n`` switches on, less none."""
    return {(1 << n) - 1: _ONE, 0: -_ONE}


def shapley(i: int, n: int) -> Weights:
    """Return the weights of switch ``i``'s mean gain over all orders of ``n`` switches."""
    found: Weights = {}
    for others in range(1 << n):
        if others >> i & 1:
            continue
        size = others.bit_count()
        weight = Fraction(factorial(size) * factorial(n - size - 1), factorial(n))
        found[others | 1 << i] = weight
        found[others] = -weight
    return found


def interaction(i: int, j: int, n: int) -> Weights:
    """Return the weights of what switches ``i`` and ``j`` give together beyond each by itself.

    That is the mean over the sets of the other switches, weighted as in Shapley's value, of
    ``v(i and j) - v(i) - v(j) + v(neither)``. Below 0 they do the same work.
    """
    found: Weights = {}
    a, b = 1 << i, 1 << j
    for others in range(1 << n):
        if others & (a | b):
            continue
        size = others.bit_count()
        weight = Fraction(factorial(size) * factorial(n - size - 2), factorial(n - 1))
        for part, sign in ((a | b, 1), (a, -1), (b, -1), (0, 1)):
            found[others | part] = sign * weight
    return found


def along(i: int, order: Sequence[int]) -> Weights:
    """Return the weights of switch ``i``'s gain when switches come on in an order."""
    before = sum(1 << j for j in order[: list(order).index(i)])
    return {before | 1 << i: _ONE, before: -_ONE}


def permutations(n: int, pairs: int, seed: int) -> list[tuple[int, ...]]:
    """Return orders of ``n`` switches in which they come on, each followed by its reverse.

    Parameters
    ----------
    n
        Switches.
    pairs
        How many orders, the reverses not counted, >= 1.
    seed
        The same seed gives the same orders, on every machine.
    """
    key0, key1 = (int(word) for word in make_key(seed, _ORDERS))
    found = []
    for pair in range(pairs):
        chances = [draw4(key0, key1, SWITCH_ORDER, i, pair)[0] for i in range(n)]
        order = tuple(sorted(range(n), key=lambda i: (chances[i], i)))
        found += [order, order[::-1]]
    return found


def rounded_to_sum(values: Sequence[float], total: float, decimals: int) -> list[float]:
    """Return values rounded so that they add up to the rounded total.

    Each is rounded down first; those that lost most are rounded up, as many as it takes. So none
    is further from its value than one unit of the last digit.

    Parameters
    ----------
    values
        Whose sum is the total, but for the last bits.
    total
        The whole.
    decimals
        Digits behind the point that are shown.
    """
    unit = 10**decimals
    scaled = [value * unit for value in values]
    down = [floor(x) for x in scaled]
    missing = round(total * unit) - sum(down)
    ranked = sorted(range(len(values)), key=lambda i: (down[i] - scaled[i], i))
    for i in ranked[: max(0, missing)]:
        down[i] += 1
    for i in ranked[::-1][: max(0, -missing)]:  # the total itself was rounded down
        down[i] -= 1
    return [x / unit for x in down]
