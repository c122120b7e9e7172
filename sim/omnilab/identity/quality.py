"""Score profiles against the truth: who was wrongly joined, who was wrongly kept apart.

References
----------
Bagga, A. and Baldwin, B. (1998). Entity-based cross-document coreferencing using the vector space
model. COLING-ACL: 79-85 (B-cubed).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError

__all__ = ["Score", "score"]


@dataclass(frozen=True)
class Score:
    """Hold how well profiles tell persons apart; a share without a denominator is None.

    Attributes
    ----------
    n_scored, n_left_out
        Sightings scored, and those left out because profile or person is missing.
    n_profiles, n_persons
        Distinct ones among those scored.
    pairwise_precision, pairwise_recall, pairwise_f1
        Of all pairs of sightings in one profile, the share of one person; of all pairs of one
        person, the share in one profile; their harmonic mean.
    bcubed_precision, bcubed_recall, bcubed_f1
        The mean over sightings of the share of its profile that is of its person, and of its
        person that is in its profile; their harmonic mean.
    false_merges
        Persons too many in the profiles: the sum over profiles of their persons less 1.
    false_splits
        Profiles too many of the persons: the sum over persons of their profiles less 1.
    """

    n_scored: int
    n_left_out: int
    n_profiles: int
    n_persons: int
    pairwise_precision: float | None
    pairwise_recall: float | None
    pairwise_f1: float | None
    bcubed_precision: float | None
    bcubed_recall: float | None
    bcubed_f1: float | None
    false_merges: int
    false_splits: int

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def score(profiles: Any, persons: Any) -> Score:
    """Score sightings' profiles against the persons they truly are of.

    Parameters
    ----------
    profiles, persons
        Ids of each sighting, integers or strings, shape ``(n,)``. Missing values and negative
        integers are left out and counted.

    Raises
    ------
    DataError
        For columns of unequal length or of values that are no ids.
    """
    profile, has_profile = _codes(profiles, "profiles")
    person, has_person = _codes(persons, "persons")
    if len(profile) != len(person):
        raise DataError(f"score: {len(profile)} profiles for {len(person)} persons")
    use = has_profile & has_person
    profile, person = profile[use], person[use]
    n = len(profile)
    order = np.lexsort((person, profile))
    profile, person = profile[order], person[order]
    new = np.ones(n, np.bool_)
    new[1:] = (profile[1:] != profile[:-1]) | (person[1:] != person[:-1])
    first = np.flatnonzero(new)
    together = np.diff(np.append(first, n))
    in_profile = np.bincount(profile)[profile[first]]
    of_person = np.bincount(person)[person[first]]
    n_profiles, n_persons = len(np.unique(profile)), len(np.unique(person))
    right = _pairs(together)
    precision = _share(right, _pairs(np.bincount(profile)))
    recall = _share(right, _pairs(np.bincount(person)))
    squares = together.astype(np.float64) ** 2
    b_precision = _share(float(np.sum(squares / in_profile)), n)
    b_recall = _share(float(np.sum(squares / of_person)), n)
    return Score(
        n_scored=n,
        n_left_out=int(len(use) - n),
        n_profiles=n_profiles,
        n_persons=n_persons,
        pairwise_precision=precision,
        pairwise_recall=recall,
        pairwise_f1=_harmonic(precision, recall),
        bcubed_precision=b_precision,
        bcubed_recall=b_recall,
        bcubed_f1=_harmonic(b_precision, b_recall),
        false_merges=len(first) - n_profiles,
        false_splits=len(first) - n_persons,
    )


def _codes(values: Any, name: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return dense codes from 0 and which values are there."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        values = values.to_pandas()
    try:
        # Unlike an array's, a Series' missing integers do not turn the rest into floats.
        series = pd.Series(values) if not isinstance(values, pd.Series) else values
        codes, found = pd.factorize(series)
    except (TypeError, ValueError) as error:
        raise DataError(f"score: {name}: {error}") from None
    there = codes >= 0
    if found.dtype.kind in "iuf" and len(found):
        there &= ~(np.asarray(found) < 0)[codes]
    return np.where(there, codes, 0).astype(np.int64), there


def _pairs(sizes: NDArray[Any]) -> int:
    sizes = sizes.astype(np.int64)
    return int(np.sum(sizes * (sizes - 1) // 2))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _harmonic(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return None
    return 2 * a * b / (a + b) if a + b else 0.0
