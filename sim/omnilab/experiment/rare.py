"""Intervals of shares of which few events were seen, or none, and of their differences.

The linearised error of a share is 0 where nothing happened, and far too small where little did: no
unsubscribe among 210 messages leaves a rate of 1.7% possible. So each side has an exact interval
after Clopper and Pearson, of as many events as its clusters are worth (Korn and Graubard): with
the linearised variance ``V`` of a share ``p`` it is ``n = p (1 - p) / V`` opportunities and ``n p``
events. A side without events is worth its opportunities, less the design effect that the other
side shows. The sides' distances ``e`` to their bounds are joined by MOVER (Zou and Donner) with
the correlation ``r`` of the twins: a sum ``w_1 p_1 + w_2 p_2`` is known to ``sqrt(e' r e)``.

With `MANY` events and as many that did not happen the interval is the linearised one, with `FEW`
or less this one; between them it goes over in a straight line.

References
----------
Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in
the case of the binomial. Biometrika 26, 404-413.
Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small expected
number of positive counts estimated from survey data. Survey Methodology 24, 193-201.
Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions.
Statistics in Medicine 17, 873-890.
Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a
general approach. Statistics in Medicine 27, 1693-1702.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import exp, log, sqrt
from typing import Any, Final, NamedTuple

__all__ = ["FEW", "MANY", "Rare", "Side"]

#: Events, as many as clusters are worth: up to `FEW` of them an interval is exact, from `MANY` on
#: linearised. At 80 a Poisson count's own error is 11%, and its law skewed by as much.
FEW: Final = 20.0
MANY: Final = 80.0
_SMALLEST: Final = 1e-12  # p-value that is told apart
_STEPS: Final = 50  # of the bisection of a p-value: its logarithm to 1e-13


class Side(NamedTuple):
    """A share in a weighted sum.

    Attributes
    ----------
    weight
        In the sum, not 0.
    events, opportunities
        What was counted; the share is their ratio, 0..1.
    variance
        Of the share, linearised over clusters.
    """

    weight: float
    events: int
    opportunities: int
    variance: float


@dataclass(frozen=True)
class Rare:
    """A weighted sum of shares, with its exact and its linearised bounds.

    Attributes
    ----------
    value, error
        The sum, and its linearised standard error.
    freedom
        Degrees of freedom of that error.
    sides
        The shares.
    correlation
        Of the shares' estimates, shape ``(n_sides, n_sides)`` in rows; 0 where one does not vary.
    """

    value: float
    error: float
    freedom: int
    sides: tuple[Side, ...]
    correlation: tuple[tuple[float, ...], ...]

    @staticmethod
    def fits(sides: Sequence[Side]) -> bool:
        """Tell whether each is a share of 1 whose events are counted; some shares exceed 1."""
        return all(
            0 <= s.events <= s.opportunities
            and (s.variance == 0.0) == (s.events in (0, s.opportunities))
            for s in sides
        )

    @cached_property
    def exact(self) -> float:
        """How much of the interval is exact: 1 with few events, 0 with many."""
        fewest = min(min(events, n - events) for events, n in self._worth)
        return min(1.0, max(0.0, (MANY - fewest) / (MANY - FEW)))

    def bounds(self, tail: float) -> tuple[float, float]:
        """Return the lower and the upper bound that the truth is beyond with a chance each.

        Parameters
        ----------
        tail
            That chance, 0..1.
        """
        return self._lower(tail), self._upper(tail)

    def beyond(self, bound: float) -> tuple[float, float]:
        """Return the one-sided p-values of "it is above the bound" and "it is below it"."""
        return (
            _least(lambda tail: self._lower(tail) >= bound),
            _least(lambda tail: self._upper(tail) <= bound),
        )

    def differs(self) -> float:
        """Return the two-sided p-value of "it is not 0", 0..1.

        The bound on the value's own side of 0 settles it. The other one is beyond the value for
        each tail up to a half, so that its p-value is at least that, and twice it is 1.
        """
        if self.value > 0.0:
            least = _least(lambda tail: self._lower(tail) >= 0.0)
        elif self.value < 0.0:
            least = _least(lambda tail: self._upper(tail) <= 0.0)
        else:
            least = min(self.beyond(0.0))
        return min(1.0, 2.0 * least)

    def _lower(self, tail: float) -> float:
        w = self.exact
        return self.value - w * self._distance(tail, -1.0) - (1.0 - w) * self._half(tail)

    def _upper(self, tail: float) -> float:
        w = self.exact
        return self.value + w * self._distance(tail, 1.0) + (1.0 - w) * self._half(tail)

    def _half(self, tail: float) -> float:
        """Return how far the linearised bounds are from the value."""
        return float(_special().stdtrit(self.freedom, 1.0 - tail)) * self.error

    @cached_property
    def _worth(self) -> tuple[tuple[float, float], ...]:
        """The events and the opportunities that each side's clusters are worth."""
        ndtri, stdtrit = _special().ndtri, _special().stdtrit
        effects = [
            s.variance * s.opportunities / _spread(s) for s in self.sides if s.variance > 0.0
        ]
        # Few clusters tell the variance badly, so that a share known by them is worth less.
        less = float(ndtri(0.975) / stdtrit(self.freedom, 0.975)) ** 2
        found = []
        for side in self.sides:
            if side.variance > 0.0:
                n = less * _spread(side) / side.variance
            else:
                n = side.opportunities / max([1.0, *effects])
            found.append((n * side.events / side.opportunities, n))
        return tuple(found)

    def _distance(self, tail: float, direction: float) -> float:
        """Return how far the exact bound is from the value: below it (-1), or above it (1)."""
        inverse = _special().betaincinv
        distances = []
        for side, (events, n) in zip(self.sides, self._worth, strict=True):
            share = side.events / side.opportunities
            if side.weight * direction > 0.0:
                top = float(inverse(events + 1.0, n - events, 1.0 - tail)) if n > events else 1.0
                distance = max(top - share, 0.0)
            else:
                low = float(inverse(events, n - events + 1.0, tail)) if events > 0.0 else 0.0
                distance = max(share - low, 0.0)
            distances.append(side.weight * distance)
        return self._joined(distances)

    def _joined(self, distances: Sequence[float]) -> float:
        square = sum(
            self.correlation[i][j] * a * b
            for i, a in enumerate(distances)
            for j, b in enumerate(distances)
        )
        return sqrt(max(square, 0.0))


@cache
def _special() -> Any:
    """Return SciPy's special functions, which a command that compares nothing does not load."""
    from scipy import special

    return special


def _spread(side: Side) -> float:
    """Return ``p (1 - p)``."""
    share = side.events / side.opportunities
    return share * (1.0 - share)


def _least(holds: Callable[[float], bool]) -> float:
    """Return the smallest tail from which on a bound keeps to its side."""
    low, high = log(_SMALLEST), 0.0
    if holds(_SMALLEST):
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if holds(exp(middle)) else (middle, high)
    return exp(high)
