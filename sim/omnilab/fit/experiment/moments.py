"""What a test found: rates of its control arm, and lifts of its arms by group, with covariance.

A moment is the difference of two means, or a mean, over a group. Its influence on a customer is
linear, so that the covariance of all moments is the sum of products of influences: customers of
several groups make their moments covary as they should.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.experiment.strata import BOUGHT, Past, Stratum
from omnilab.fit.experiment.table import RandomisedTest

__all__ = ["ALL", "Found", "Moment", "block_diagonal", "found_by", "moments_of", "together"]

#: The stratum of all customers.
ALL: Final = "all"
_FEWEST: Final = 20  # customers of a group, in each arm, below which it is left out

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Moment:
    """One number that a test found.

    Parameters
    ----------
    outcome
        Of `omnilab.fit.experiment.columns.OUTCOMES`.
    arm
        Name of the arm whose lift it is; "" for the rate of the control arm.
    stratum, group
        Name and number of the group; `ALL` and 0 for everybody.
    label
        The group in words.
    test
        Number of the test, where several are fitted together.
    """

    outcome: str
    arm: str
    stratum: str
    group: int
    label: str
    test: int = 0

    @property
    def group_words(self) -> str:
        """The group as people say it."""
        return self.stratum if self.stratum.startswith(BOUGHT) else f"{self.stratum} {self.label}"

    @property
    def is_base(self) -> bool:
        """Whether it is a rate of the control arm."""
        return self.arm == ""


@dataclass(frozen=True, slots=True)
class Found:
    """Moments with their values.

    Parameters
    ----------
    moments
        Which.
    values
        Shape (m,).
    covariance
        Shape (m, m).
    """

    moments: tuple[Moment, ...]
    values: Floats
    covariance: Floats

    @property
    def errors(self) -> Floats:
        """Standard errors, shape (m,)."""
        return np.sqrt(np.diag(self.covariance))


def together(found: Sequence[Found]) -> Found:
    """Return what several tests found, of customers who were in one of them only."""
    return Found(
        tuple(m for f in found for m in f.moments),
        np.concatenate([f.values for f in found]),
        block_diagonal([f.covariance for f in found]),
    )


def block_diagonal(blocks: Sequence[Floats]) -> Floats:
    """Return a matrix with square blocks along its diagonal."""
    from scipy.linalg import block_diag

    return np.asarray(block_diag(*blocks), dtype=np.float64)


def moments_of(test: RandomisedTest, strata: Sequence[Stratum]) -> tuple[Moment, ...]:
    """Return the moments of a test: those of all for each outcome, and the first one's by group.

    Parameters
    ----------
    strata
        Of `omnilab.fit.experiment.strata.of_moments`.
    """
    outcomes = [*test.outcomes]
    found = [Moment(o, arm, ALL, 0, "all") for arm in ("", *test.arms[1:]) for o in outcomes]
    past = Past.of(test)
    for stratum in strata:
        codes = stratum.codes(past)
        sizes = np.zeros((len(test.arms), len(stratum.labels)), np.int64)
        np.add.at(sizes, (test.arm, codes), 1)
        for group, label in enumerate(stratum.labels):
            if stratum.name.startswith(BOUGHT) and group == 0:
                continue
            if sizes[:, group].min() >= _FEWEST:
                found += [
                    Moment(outcomes[0], arm, stratum.name, group, label)
                    for arm in ("", *test.arms[1:])
                ]
    return tuple(found)


def found_by(test: RandomisedTest, moments: Sequence[Moment], codes: Mapping[str, Codes]) -> Found:
    """Return what a test, or a part of it, found.

    Parameters
    ----------
    codes
        Stratum -> group of each customer.
    """
    values = np.zeros(len(moments))
    influence = np.zeros((len(moments), test.n))
    for m, moment in enumerate(moments):
        y = test.outcomes[moment.outcome]
        group = _group(moment, codes, test.n)
        for name, sign in ((moment.arm, 1.0), ("", -1.0)):
            if name == "" and sign < 0 and moment.is_base:
                continue
            a = test.arms.index(name) if name else 0
            here = group & (test.arm == a)
            n = int(here.sum())
            if n == 0:
                values[m] = np.nan
                break
            mean = float(y[here].mean())
            values[m] += sign * mean
            influence[m, here] += sign * (y[here] - mean) / n
    return Found(tuple(moments), values, influence @ influence.T)


def _group(moment: Moment, codes: Mapping[str, Codes], n: int) -> npt.NDArray[np.bool_]:
    if moment.stratum == ALL:
        return np.ones(n, np.bool_)
    return codes[moment.stratum] == moment.group
