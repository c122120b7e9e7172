"""Values, paired differences and their intervals, from exact sums over clusters.

A cluster is a set of customers that is independent of every other: a cell where cells are
independent, a whole replication where they are coupled. Each measure is a ratio of sums, and its
variance comes by the delta method: with ``z_c = (y_c - R x_c) / X`` for cluster ``c``, the ratio
``R = Y / X`` varies by ``n / (n - 1) * sum(z_c ** 2)``. Two strategies on the same customers have
the difference ``z_a - z_b`` in each cluster, so what they share cancels before it is squared.
A share of which few events were seen, or none, has the bounds of `omnilab.experiment.rare` in place
of those.

References
----------
Cochran, W. G. (1977). Sampling Techniques, 3rd ed., sections 6.3 and 6.9. Wiley.
Deng, A., Knoblich, U. and Lu, J. (2018). Applying the delta method in metric analytics. KDD.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from math import gcd, lcm, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError, OptionError, nearest
from omnilab.experiment.exact import BLOCK_ROWS, Integers, digits_of, products, totals
from omnilab.experiment.gate.power import one_sided
from omnilab.experiment.rare import Rare, Side
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.layout import N_SUMS, SUMS, names_of
from omnilab.measure.ratio import Measure, Terms

__all__ = ["LEVEL", "MINIMUM_REPLICATIONS", "Estimate", "Moments", "Weights", "holm"]

#: Strategies with their weights in a sum.
Weights = Sequence[tuple[str, int | Fraction]]

MINIMUM_REPLICATIONS: Final = 10
LEVEL: Final = 0.95  # of all intervals

_SUM_NAMES: Final = names_of(SUMS)
_INDEX: Final = {name: index for index, name in enumerate(_SUM_NAMES)}


class Estimate(NamedTuple):
    """A value with its 95% interval: all None without a denominator, no bounds without clusters."""

    value: float | None
    low: float | None
    high: float | None
    error: float | None = None
    p_value: float | None = None

    @property
    def relative(self) -> float | None:
        """Half the interval's width as a share of the value's size; None where that has no size."""
        if self.value is None or self.low is None or self.high is None or self.value == 0.0:
            return None
        return (self.high - self.low) / 2.0 / abs(self.value)


class _Ratio(NamedTuple):
    """A ratio ``top / bottom`` and its slope by the clusters' columns, times ``bottom**2``."""

    top: int
    bottom: int
    slope: tuple[int, ...]


class Moments:
    """Sums and cross-products over clusters of all measures under all strategies.

    Adding clusters in any order, in any blocks, or merging parts of them gives equal moments.

    Parameters
    ----------
    strategies
        Names, in the order of the blocks' second axis.
    measures
        Those to keep; all by default.
    minimum_clusters
        Fewer than that give values without intervals.
    shared
        Measures that hang on something which all cells of a replication have in common, such as
        mailshots: their clusters are replications (`end_replication`), and with fewer than
        `MINIMUM_REPLICATIONS` they have values without intervals.
    """

    def __init__(
        self,
        strategies: Sequence[str],
        measures: Mapping[str, Measure] | None = None,
        *,
        minimum_clusters: int = 2,
        shared: Sequence[str] = (),
    ) -> None:
        self.strategies = tuple(strategies)
        if len(set(self.strategies)) != len(self.strategies):
            raise OptionError(f"a strategy is named twice: {', '.join(self.strategies)}")
        self.measures = dict(MEASURES if measures is None else measures)
        self.minimum_clusters = max(2, minimum_clusters)
        self.clusters = 0
        self._forms = _forms(self.measures)
        width = len(self.strategies)
        self._sums: Integers = np.zeros((width, N_SUMS), dtype=object)
        # Sums of products over clusters, by the two forms: many measures share a denominator.
        self._products: dict[tuple[Terms, Terms], Integers] = {
            pair: np.zeros((width, width), dtype=object) for pair in _pairs(self._forms)
        }

        own = {name: m for name, m in self.measures.items() if name in shared}
        self._whole = Moments.by_replication(strategies, own) if own else None
        self._ended = self._sums.copy()  # the sums of the replications that have ended

    @classmethod
    def by_replication(
        cls, strategies: Sequence[str], measures: Mapping[str, Measure] | None = None
    ) -> Moments:
        """Return moments whose clusters are replications: add each one's totals as one row."""
        return cls(strategies, measures, minimum_clusters=MINIMUM_REPLICATIONS)

    def add(self, block: NDArray[np.int64]) -> None:
        """Add clusters.

        Parameters
        ----------
        block
            Sums of each cluster, shape ``(n_clusters, n_strategies, N_SUMS)``; of an array of
            `SUMS`, `omnilab.measure.as_integers` makes one. Blocks of some thousand clusters are
            the cheapest: about 10 microseconds a cluster for five strategies.
        """
        expected = (len(self.strategies), N_SUMS)
        if block.ndim != 3 or block.shape[1:] != expected:
            raise ValueError(f"a block has shape (n, {expected[0]}, {N_SUMS}), got {block.shape}")
        for first in range(0, block.shape[0], BLOCK_ROWS):
            self._add_rows(block[first : first + BLOCK_ROWS])

    def end_replication(self) -> None:
        """Make one cluster of what was added since the last replication, for `shared` measures."""
        if self._whole is not None:
            row = (self._sums - self._ended).astype(np.int64)
            self._whole.add(row[None])
            self._ended = self._sums.copy()

    def _of(self, measure: str) -> Moments:
        """Return the moments whose clusters are a measure's."""
        whole = self._whole
        return whole if whole is not None and measure in whole.measures else self

    def clusters_of(self, measure: str) -> int:
        """Return how many clusters a measure's interval stands on."""
        return self._of(measure).clusters

    def merge(self, other: Moments) -> None:
        """Add another's clusters to these.

        Raises
        ------
        ValueError
            If it has other strategies or measures.
        """
        if self.strategies != other.strategies or self._forms != other._forms:
            raise ValueError("moments merge only over the same strategies and measures")
        self.clusters += other.clusters
        if self._whole is not None and other._whole is not None:
            self._whole.merge(other._whole)
            self._ended = self._ended + other._ended
        self._sums = self._sums + other._sums
        for pair, table in other._products.items():
            self._products[pair] = self._products[pair] + table

    def sums(self, strategy: str) -> dict[str, int]:
        """Return a strategy's sums over all clusters, by name."""
        row = self._sums[self._index(strategy)]
        return {name: int(value) for name, value in zip(_SUM_NAMES, row, strict=True)}

    def estimate(self, measure: str, strategy: str) -> Estimate:
        """Return a measure's value under a strategy; its p-value is None."""
        if (other := self._of(measure)) is not self:
            return other.estimate(measure, strategy)
        ratio = self._ratio(measure, self._index(strategy))
        if ratio is None:
            return Estimate(None, None, None)
        if (rare := self._rare(measure, [(ratio, Fraction(1))])) is not None:
            return _bounded(rare, tested=False)
        variance = self._variance(measure, ratio.slope, ratio.bottom**2)
        return self._interval(ratio.top / ratio.bottom, variance)._replace(p_value=None)

    def difference(self, measure: str, a: str, b: str) -> Estimate:
        """Return a measure under ``a`` less that under ``b``, paired, with its two-sided p-value.

        A strategy less itself, or less one with the same results, is 0 with the interval 0 to 0.
        """
        return self.contrast(measure, [(a, 1), (b, -1)])

    def contrast(self, measure: str, weights: Weights) -> Estimate:
        """Return a weighted sum of a measure over strategies, paired, with its two-sided p-value.

        The cross-products of all strategies are kept, so the interval follows by the delta method
        from the same moments as a difference's, which is the special case of 1 and -1.

        Parameters
        ----------
        measure
            Its name.
        weights
            Strategies with whole or rational weights; one that is named twice has their sum.

        Returns
        -------
        Estimate
            All None where a strategy has no denominator.
        """
        if (other := self._of(measure)) is not self:
            return other.contrast(measure, weights)
        parts = self._parts(measure, weights)
        if parts is None:
            return Estimate(None, None, None)
        if (rare := self._rare(measure, parts)) is not None:
            return _bounded(rare)
        slope, scale = _slope_of_sum(parts)
        return self._interval(float(_sum_of(parts)), self._variance(measure, slope, scale))

    def beyond(
        self, measure: str, weights: Weights, bound: float
    ) -> tuple[Estimate, float | None, float | None]:
        """Return a `contrast`, and the one-sided p-values of it being above and below a bound.

        Where two strategies have the same results and a share's events never happened, `contrast`
        has the difference 0 to 0: nothing differs in what was simulated. Here it has the bounds of
        what may be, since nothing that was seen says that it can't happen.

        Parameters
        ----------
        measure, weights
            As `contrast` takes them.
        bound
            In the measure's unit.

        Returns
        -------
        tuple
            The p-values are None where there is no interval.
        """
        if (other := self._of(measure)) is not self:
            return other.beyond(measure, weights, bound)
        found, parts = self.contrast(measure, weights), self._parts(measure, weights)
        if parts is None or found.value is None or found.error is None:
            return found, None, None
        never = all(ratio.top == 0 for ratio, _ in parts)
        if (rare := self._rare(measure, parts, though_same=never)) is not None:
            return _bounded(rare), *rare.beyond(bound)
        excess = float(_sum_of(parts) - Fraction(bound))
        return found, *one_sided(excess, found.error, self.clusters - 1)

    def exact(self, measure: str, weights: Weights) -> Fraction | None:
        """Return the value of `contrast` as a fraction: sums of such values are exact."""
        parts = self._parts(measure, weights)
        return None if parts is None else _sum_of(parts)

    def joint(
        self, measure: str, strategies: Sequence[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return a measure's values under strategies and their covariance, customers paired.

        Parameters
        ----------
        measure
            Its name.
        strategies
            Which, n names.

        Returns
        -------
        tuple or None
            Values of shape (n,) and covariances of shape (n, n), each rounded once. None where a
            strategy has no denominator or there are too few clusters.
        """
        if (other := self._of(measure)) is not self:
            return other.joint(measure, strategies)
        n = self.clusters
        found = [self._ratio(measure, self._index(name)) for name in strategies]
        ratios = [ratio for ratio in found if ratio is not None]
        if len(ratios) < len(found) or n < self.minimum_clusters:
            return None
        table = np.empty((len(ratios), len(ratios)))
        for i, a in enumerate(ratios):
            for j, b in enumerate(ratios[: i + 1]):
                scale = (n - 1) * (a.bottom * b.bottom) ** 2
                table[i, j] = table[j, i] = n * self._form(measure, a.slope, b.slope) / scale
        return np.array([ratio.top / ratio.bottom for ratio in ratios]), table

    def paired_variance_ratio(self, measure: str, a: str, b: str) -> float | None:
        """Return the paired difference's variance over that of two independent populations.

        Below 1 means that twins help: ``1 / ratio`` times as many customers would be needed without
        them. None where either has no denominator or nothing varies.
        """
        first, second = (self._ratio(measure, self._index(name)) for name in (a, b))
        if first is None or second is None:
            return None
        slope, scale = _slope_of_sum([(first, Fraction(1)), (second, Fraction(-1))])
        paired = self._square(measure, slope)
        own = self._square(measure, first.slope) * second.bottom**4
        own += self._square(measure, second.slope) * first.bottom**4
        if not own:
            return None
        return paired * (first.bottom * second.bottom) ** 4 / (own * scale**2)

    def state(self) -> dict[str, Any]:
        """Return everything as JSON can hold it; the integers may be longer than 64 bits."""
        return {
            "strategies": list(self.strategies),
            "minimum_clusters": self.minimum_clusters,
            "clusters": self.clusters,
            "sums": self._sums.tolist(),
            "measures": list(self.measures),
            "products": [table.tolist() for table in self._products.values()],
            "shared": None if self._whole is None else self._whole.state(),
        }

    @classmethod
    def from_state(
        cls, state: Mapping[str, Any], measures: Mapping[str, Measure] | None = None
    ) -> Moments:
        """Return the moments that `state` described.

        Raises
        ------
        DataError
            If it is not of these measures and sums.
        """
        try:
            whole = state.get("shared")
            shared = [] if whole is None else whole["measures"]
            result = cls(
                state["strategies"], measures, minimum_clusters=state["minimum_clusters"],
                shared=shared,
            )  # fmt: skip
            if whole is not None:
                own = {name: result.measures[name] for name in shared}
                result._whole = Moments.from_state(whole, own)
            result.clusters = int(state["clusters"])
            result._sums = _table(state["sums"], result._sums.shape)
            if state["measures"] != list(result.measures):
                raise ValueError("other measures")
            for (pair, table), rows in zip(
                result._products.items(), state["products"], strict=True
            ):
                result._products[pair] = _table(rows, table.shape)
            result._ended = result._sums.copy()  # states are taken between replications
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"saved moments are not of this version's measures: {error}") from error
        return result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Moments) and self.state() == other.state()

    __hash__ = None  # type: ignore[assignment]

    def _add_rows(self, rows: NDArray[np.int64]) -> None:
        self.clusters += rows.shape[0]
        # Most sums are of what this scenario doesn't have: they are 0 in each cluster.
        used = np.flatnonzero(np.bitwise_or.reduce(rows, axis=(0, 1)))
        by_sum = np.ascontiguousarray(rows[:, :, used].transpose(2, 1, 0))
        self._sums[:, used] += totals(by_sum).T
        columns = {_SUM_NAMES[i]: column for i, column in zip(used, by_sum, strict=True)}

        @cache
        def digits(form: Terms) -> list[NDArray[np.float64]]:
            parts = [columns[x] if f == 1 else columns[x] * f for x, f in form if x in columns]
            return digits_of(reduce(np.add, parts)) if parts else []

        for pair, table in self._products.items():
            a, b = digits(pair[0]), digits(pair[1])
            if a and b:
                table += products(a, b)

    def _index(self, strategy: str) -> int:
        if strategy not in self.strategies:
            raise OptionError(f"no strategy {strategy!r} here{nearest(strategy, self.strategies)}")
        return self.strategies.index(strategy)

    def _ratio(self, name: str, s: int) -> _Ratio | None:
        """Return a measure's ratio under strategy ``s``; None without denominator or baseline."""
        if name not in self.measures:
            raise OptionError(f"there is no measure {name!r}{nearest(name, self.measures)}")
        measure, width = self.measures[name], len(self.strategies)
        top_scale, bottom_scale = _scale(measure.numerator), _scale(measure.denominator)
        top_weights, bottom_weights = [0] * (2 * width), [0] * (2 * width)
        top_weights[s] += top_scale
        bottom_weights[width + s] += bottom_scale
        if measure.baseline:
            if measure.baseline not in self.strategies:
                return None
            top_weights[self.strategies.index(measure.baseline)] -= top_scale
        form_top, form_bottom = self._forms[name]
        columns = [_combine(form_top, row) for row in self._sums]
        columns += [_combine(form_bottom, row) for row in self._sums]
        top = sum(w * int(x) for w, x in zip(top_weights, columns, strict=True))
        bottom = sum(w * int(x) for w, x in zip(bottom_weights, columns, strict=True))
        if bottom == 0:
            return None
        pairs = zip(top_weights, bottom_weights, strict=True)
        return _Ratio(top, bottom, tuple(bottom * y - top * x for y, x in pairs))

    def _parts(self, measure: str, weights: Weights) -> list[tuple[_Ratio, Fraction]] | None:
        """Return the strategies' ratios with their weights; None where one has no denominator."""
        total: dict[str, Fraction] = {}
        for name, weight in weights:
            total[name] = total.get(name, Fraction(0)) + Fraction(weight)
        parts = []
        for name, weight in total.items():
            ratio = self._ratio(measure, self._index(name))
            if ratio is None:
                return None
            parts.append((ratio, weight))
        return parts

    def _rare(
        self, name: str, parts: Sequence[tuple[_Ratio, Fraction]], *, though_same: bool = False
    ) -> Rare | None:
        """Return a weighted sum of shares by its events, where those of one are too few.

        The difference of strategies with the same results is none, unless it is asked for.
        """
        measure, n = self.measures[name], self.clusters
        if measure.unit != "share" or measure.baseline or n < self.minimum_clusters:
            return None
        if not though_same:
            parts = self._told_apart(name, parts)
        parts = [part for part in parts if part[1]]
        if not parts:
            return None
        table = [
            [
                n * self._form(name, a.slope, b.slope) / ((n - 1) * (a.bottom * b.bottom) ** 2)
                for b, _ in parts
            ]
            for a, _ in parts
        ]
        sides = tuple(
            Side(float(weight), ratio.top, ratio.bottom, table[i][i])
            for i, (ratio, weight) in enumerate(parts)
        )
        if not Rare.fits(sides):
            return None
        slope, scale = _slope_of_sum(parts)
        error = sqrt(self._variance(name, slope, scale) or 0.0)
        rare = Rare(float(_sum_of(parts)), error, n - 1, sides, _correlation(table))
        return rare if rare.exact > 0.0 else None

    def _told_apart(
        self, name: str, parts: Sequence[tuple[_Ratio, Fraction]]
    ) -> list[tuple[_Ratio, Fraction]]:
        """Return the parts with strategies of the same sums in every cluster taken as one."""
        kept: list[tuple[_Ratio, Fraction]] = []
        for ratio, weight in parts:
            for k, (like, before) in enumerate(kept):
                if self._alike(name, like, ratio):
                    kept[k] = like, before + weight
                    break
            else:
                kept.append((ratio, weight))
        return kept

    def _alike(self, name: str, one: _Ratio, other: _Ratio) -> bool:
        """Tell whether two strategies have the same sums in every cluster."""
        if (one.top, one.bottom) != (other.top, other.bottom):
            return False
        width, (top, bottom) = len(self.strategies), self._forms[name]
        less = [0] * width
        for ratio, sign in ((one, 1), (other, -1)):
            # A share is of the one strategy whose numerator it moves with.
            less[next(s for s in range(width) if ratio.slope[s])] += sign
        return not (
            _bilinear(self._products[top, top], less, less)
            or _bilinear(self._products[bottom, bottom], less, less)
        )

    def _square(self, name: str, slope: Sequence[int]) -> int:
        """Return the sum over clusters of the squared slope, exactly."""
        return self._form(name, slope, slope)

    def _form(self, name: str, a: Sequence[int], b: Sequence[int]) -> int:
        """Return the sum over clusters of the product of two slopes, exactly."""
        width, (top, bottom) = len(self.strategies), self._forms[name]
        return (
            _bilinear(self._products[top, top], a[:width], b[:width])
            + _bilinear(self._products[top, bottom], a[:width], b[width:])
            + _bilinear(self._products[top, bottom], b[:width], a[width:])
            + _bilinear(self._products[bottom, bottom], a[width:], b[width:])
        )

    def _variance(self, name: str, slope: Sequence[int], scale: int) -> float | None:
        """Return the variance of ``slope . column sums / scale``, None with too few clusters."""
        n = self.clusters
        if n < self.minimum_clusters:
            return None
        return n * self._square(name, slope) / ((n - 1) * scale**2)

    def _interval(self, value: float, variance: float | None) -> Estimate:
        """Return the value with Student's t interval of ``clusters - 1`` degrees of freedom."""
        if variance is None:
            return Estimate(value, None, None)
        error = sqrt(variance)
        if error == 0.0:
            return Estimate(value, value, value, 0.0, 1.0 if value == 0.0 else 0.0)
        from scipy.special import stdtr, stdtrit

        freedom = self.clusters - 1
        half = float(stdtrit(freedom, (1.0 + LEVEL) / 2.0)) * error
        p_value = 2.0 * float(stdtr(freedom, -abs(value) / error))
        return Estimate(value, value - half, value + half, error, p_value)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return Holm's adjusted p-values: the chance of any false finding stays below the level.

    Parameters
    ----------
    p_values
        In 0..1; None (nothing to test) stays None and does not count.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6, 65-70.
    """
    known = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, i) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        adjusted[i] = highest
    return adjusted


def _bounded(rare: Rare, *, tested: bool = True) -> Estimate:
    """Return an estimate whose error is that of its interval: half the width in quantiles.

    Its p-value is found by bisection, and so only where it is ``tested``; else it is None.
    """
    from scipy.special import stdtrit

    low, high = rare.bounds((1.0 - LEVEL) / 2.0)
    error = (high - low) / 2.0 / float(stdtrit(rare.freedom, (1.0 + LEVEL) / 2.0))
    return Estimate(rare.value, low, high, error, rare.differs() if tested else None)


def _correlation(table: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """Return the correlations of a covariance; 0 of what does not vary, but 1 with itself."""
    n = len(table)

    def of(i: int, j: int) -> float:
        both = sqrt(table[i][i]) * sqrt(table[j][j])
        return 1.0 if i == j else table[i][j] / both if both else 0.0

    return tuple(tuple(of(i, j) for j in range(n)) for i in range(n))


def _slope_of_sum(parts: Sequence[tuple[_Ratio, Fraction]]) -> tuple[tuple[int, ...], int]:
    """Return a weighted sum's slope and its scale, in whole numbers so that equals cancel."""
    scale = lcm(*(weight.denominator * ratio.bottom**2 for ratio, weight in parts))
    slope = [0] * len(parts[0][0].slope) if parts else []
    for ratio, weight in parts:
        factor = weight.numerator * (scale // (weight.denominator * ratio.bottom**2))
        for i, x in enumerate(ratio.slope):
            slope[i] += factor * x
    return tuple(slope), scale


def _sum_of(parts: Sequence[tuple[_Ratio, Fraction]]) -> Fraction:
    return sum((w * Fraction(r.top, r.bottom) for r, w in parts), Fraction(0))


def _bilinear(table: Integers, left: Sequence[int], right: Sequence[int]) -> int:
    """Return ``left . table . right``, exactly; most weights of a difference are 0."""
    rows = [i for i, weight in enumerate(left) if weight]
    columns = [j for j, weight in enumerate(right) if weight]
    if not rows or not columns:
        return 0
    weights = np.array([right[j] for j in columns], dtype=object)
    found = table[np.ix_(rows, columns)] @ weights
    return sum(left[i] * int(value) for i, value in zip(rows, found, strict=True))


def _forms(measures: Mapping[str, Measure]) -> dict[str, tuple[Terms, Terms]]:
    """Return each measure's two parts without their common factors, so that more are shared."""
    return {
        name: (_reduced(measure.numerator), _reduced(measure.denominator))
        for name, measure in measures.items()
    }


def _pairs(forms: Mapping[str, tuple[Terms, Terms]]) -> list[tuple[Terms, Terms]]:
    """Return the pairs of forms whose products some measure needs, each once."""
    pairs = [
        pair
        for top, bottom in forms.values()
        for pair in ((top, top), (top, bottom), (bottom, bottom))
    ]
    return list(dict.fromkeys(pairs))


def _reduced(terms: Terms) -> Terms:
    scale = _scale(terms)
    return tuple((name, factor // scale) for name, factor in terms)


def _scale(terms: Terms) -> int:
    return gcd(*(factor for _, factor in terms))


def _combine(terms: Terms, by_sum: Any) -> Any:
    """Return a form's value from values by sum, whose first axis is the sum's index."""
    return sum(factor * by_sum[_INDEX[name]] for name, factor in terms)


def _table(rows: Any, shape: tuple[int, ...]) -> Integers:
    table = np.array(rows, dtype=object)
    if table.shape != shape or any(type(value) is not int for value in table.ravel()):
        raise ValueError(f"a table of integers of shape {shape} was expected")
    return table
