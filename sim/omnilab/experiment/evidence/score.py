"""Scores of many claims, over studies, beside a model that always answers "more".

Studies are averaged, not claims: a study with nine claims counts as much as one with one. The
*balanced* rate is the mean of the shares right among +, - and 0; answering + every time is right
in three of four published claims, and in a third of the balanced rate. A pair is right only if the
signs of all its claims are.

Claims that the model lacks a mechanism for, or that failed, are in no score of what was simulated;
they are counted, and the same scores over *every* claim take them as wrong.

References
----------
Efron, B. and Tibshirani, R. (1993). An Introduction to the Bootstrap, chapter 13. Chapman & Hall.
(Percentile intervals; the studies are what is resampled, since claims of one study are not
independent.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.experiment.evidence.result import ClaimResult, Sign
from omnilab.experiment.evidence.verdict import UNDECIDED, Verdict, asks_size, verdict_of
from omnilab.experiment.statistics import LEVEL

__all__ = ["FEWEST_STUDIES", "SEED", "SIGNS", "Rate", "Score", "Scores", "score_claims"]

SEED: Final = 1
RESAMPLES: Final = 4000
SIGNS: Final[tuple[Sign, ...]] = ("+", "-", "0")
#: With fewer studies a percentile interval is hardly more than their lowest and their highest.
FEWEST_STUDIES: Final = 5
#: What is averaged over studies, each a column; the balanced rate is the mean of the three signs'.
_COLUMNS: Final = ("signs", *SIGNS, "pairs", "sizes")


@dataclass(frozen=True)
class Rate:
    """A share right, averaged over studies, beside the model that always answers "+".

    Attributes
    ----------
    value, low, high
        0..1 and its 95% interval by bootstrap over studies; None where there is nothing to be
        right in, no bounds below `FEWEST_STUDIES`.
    baseline
        Of always "+" on the same claims; of sizes 0, as it says none.
    gain, gain_low, gain_high
        Value less baseline, with the interval of the difference over the same studies.
    right, baseline_right, of, studies
        Claims or pairs that are right, those that the baseline has right, how many there are, and
        in how many studies.
    """

    value: float | None
    low: float | None
    high: float | None
    baseline: float | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    right: int
    baseline_right: int
    of: int
    studies: int


@dataclass(frozen=True)
class Score:
    """The scores of a set of claims.

    Attributes
    ----------
    signs, balanced, pairs, sizes
        The shares right; of ``balanced`` the counts are those of ``signs``.
    by_sign
        The share right among claims of each published sign.
    claims, studies
        How many are in it.
    undecided, wide
        Simulated claims whose interval says no sign, and whose interval is too wide for a size.
    """

    signs: Rate
    balanced: Rate
    pairs: Rate
    sizes: Rate
    by_sign: Mapping[Sign, Rate]
    claims: int
    studies: int
    undecided: int
    wide: int


@dataclass(frozen=True)
class Scores:
    """Verdicts on all claims, and their scores.

    Attributes
    ----------
    verdicts
        By family, study and claim.
    simulated
        Over the claims that ran; pairs, those all of whose claims did.
    predicted
        Of these, over the claims from whose study the model took nothing.
    every
        Over every claim, what did not run being wrong.
    families
        The same two for each family, by its name.
    """

    verdicts: tuple[Verdict, ...]
    simulated: Score
    predicted: Score
    every: Score
    families: Mapping[str, tuple[Score, Score]]

    def of_status(self, status: str) -> tuple[Verdict, ...]:
        """Return the verdicts on claims that ``lacks`` a mechanism, ``failed`` or ran."""
        return tuple(v for v in self.verdicts if v.claim.status == status)


def score_claims(
    claims: Iterable[ClaimResult], *, seed: int = SEED, resamples: int = RESAMPLES
) -> Scores:
    """Judge claims and score them.

    Parameters
    ----------
    claims
        In any order, which changes nothing.
    seed, resamples
        Of the bootstrap: the same claims have the same intervals.

    Raises
    ------
    ValueError
        If a claim comes twice, a pair has one claim, or numbers are none that a claim can have.
    """
    verdicts = tuple(
        sorted(
            (verdict_of(claim) for claim in claims),
            key=lambda v: (v.claim.family, v.claim.study, v.claim.claim),
        )
    )
    _check(verdicts)

    def both(some: Sequence[Verdict]) -> tuple[Score, Score]:
        return (
            _score(some, seed, resamples, only_simulated=True),
            _score(some, seed, resamples, only_simulated=False),
        )

    names = dict.fromkeys(v.claim.family for v in verdicts)
    families = {name: both([v for v in verdicts if v.claim.family == name]) for name in names}
    simulated, every = both(verdicts)
    predicted = [v for v in verdicts if not v.claim.informed]
    return Scores(
        verdicts, simulated, _score(predicted, seed, resamples, only_simulated=True), every,
        families,
    )  # fmt: skip


def _check(verdicts: Sequence[Verdict]) -> None:
    names = [v.claim.claim for v in verdicts]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"claim {twice[0]} comes twice")
    for (study, pair), members in _pairs(verdicts).items():
        if len(members) < 2:
            raise ValueError(f"study {study}: pair {pair} has one claim")


def _score(
    verdicts: Sequence[Verdict], seed: int, resamples: int, *, only_simulated: bool
) -> Score:  # fmt: skip
    counted = [v for v in verdicts if v.is_simulated or not only_simulated]
    pairs = [
        members
        for members in _pairs(verdicts).values()
        if not only_simulated or all(v.is_simulated for v in members)
    ]
    tally = _Tally(counted, pairs, seed, resamples)
    return Score(
        signs=tally.rate("signs"),
        balanced=tally.rate(*SIGNS),
        pairs=tally.rate("pairs"),
        sizes=tally.rate("sizes"),
        by_sign={sign: tally.rate(sign) for sign in SIGNS},
        claims=len(counted),
        studies=len(tally.studies),
        undecided=sum(v.said == UNDECIDED for v in counted),
        wide=sum(v.size == "wide" for v in counted),
    )


def _pairs(verdicts: Iterable[Verdict]) -> dict[tuple[str, str], list[Verdict]]:
    """Return the claims of each pair, by study and the pair's name."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for v in verdicts:
        if v.claim.pair:
            found.setdefault((v.claim.study, v.claim.pair), []).append(v)
    return found


class _Tally:
    """Counts by study, from which shares over any resample of the studies come.

    Parameters
    ----------
    verdicts, pairs
        What counts.
    seed, resamples
        Of the bootstrap.
    """

    def __init__(
        self, verdicts: Sequence[Verdict], pairs: Sequence[Sequence[Verdict]], seed: int,
        resamples: int,
    ) -> None:  # fmt: skip
        self.studies = sorted({v.claim.study for v in verdicts})
        shape = (len(_COLUMNS), len(self.studies))
        self.of = np.zeros(shape, dtype=np.int64)
        self.right = np.zeros(shape, dtype=np.int64)
        self.baseline = np.zeros(shape, dtype=np.int64)
        for v in verdicts:
            plus = v.claim.sign == "+"
            self._count("signs", v.claim.study, v.is_sign_right, plus)
            self._count(v.claim.sign, v.claim.study, v.is_sign_right, plus)
            if asks_size(v.claim):
                self._count("sizes", v.claim.study, v.size == "right", False)
        for members in pairs:
            right = all(v.is_sign_right for v in members)
            plus = all(v.claim.sign == "+" for v in members)
            self._count("pairs", members[0].claim.study, right, plus)
        n = len(self.studies)
        rng = np.random.default_rng(seed)
        #: How often each study is in each resample, shape (resamples, n_studies).
        self.weights = rng.multinomial(n, np.full(n, 1.0 / n), size=resamples) if n else None

    def _count(self, column: str, study: str, right: bool, baseline: bool) -> None:
        at = _COLUMNS.index(column), self.studies.index(study)
        self.of[at] += 1
        self.right[at] += right
        self.baseline[at] += baseline

    def rate(self, *columns: str) -> Rate:
        """Return the mean of the columns' shares, of those columns that have claims."""
        rows = [_COLUMNS.index(c) for c in columns if self.of[_COLUMNS.index(c)].any()]
        right, baseline, of = (
            int(table[rows].sum()) for table in (self.right, self.baseline, self.of)
        )
        if not rows or self.weights is None:
            return Rate(None, None, None, None, None, None, None, 0, 0, 0, 0)
        once = np.ones((1, len(self.studies)))
        value, base = (float(self._means(t, rows, once)[0]) for t in (self.right, self.baseline))
        low = high = gain_low = gain_high = None
        studies = int((self.of[rows].sum(axis=0) > 0).sum())
        # A sign that one study carries is in each resample that counts: its chance is not seen.
        carried = min(int((self.of[row] > 0).sum()) for row in rows)
        if studies >= FEWEST_STUDIES and carried >= 2:
            again = self._means(self.right, rows, self.weights)
            low, high = _interval(again)
            gain_low, gain_high = _interval(
                again - self._means(self.baseline, rows, self.weights)
            )  # fmt: skip
        return Rate(
            value, low, high, base, value - base, gain_low, gain_high, right, baseline, of, studies
        )

    def _means(
        self, table: NDArray[np.int64], rows: Sequence[int], weights: NDArray[Any]
    ) -> NDArray[np.float64]:
        """Return the mean over rows of the mean share over studies, for each set of weights.

        NaN for a resample that has no study for one of the rows.
        """
        of = self.of[rows]
        shares = table[rows] / np.maximum(of, 1)  # 0 where a study has none, and no weight below
        there = weights @ (of > 0).T
        with np.errstate(invalid="ignore"):
            return np.asarray(((weights @ shares.T) / there).mean(axis=1))


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentile interval of resampled values, those that are defined."""
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.nanquantile(values, [tail, 1.0 - tail])
    return float(low), float(high)
