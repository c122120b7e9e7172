"""Score what the brand believes against who it was: pairs of sightings, and B-cubed.

Of a cell's sightings (identifiers shown), `owner` is the person and `profile` the brand's profile.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.sorting import sort_front
from omnilab.measure.layout import FIXED_ONE

__all__ = ["pair_counts", "score_identity"]

Ints = Any  # int64 arrays; kernels also give the arrays of their bundles


SCANNED: Final = 64  # sightings up to which every pair is looked at


@kernel
def score_identity(owner: Ints, profile: Ints, n: int, sums: np.void) -> None:
    """Add a cell's identity quality to its sums.

    Few sightings are compared each with each; many, as a town has, are put in order, which takes
    n log n.

    Parameters
    ----------
    owner, profile
        Person and profile of each sighting, below 2**31, shape ``(>= n,)``. Both are working
        space: what they hold afterwards means nothing.
    n
        Sightings that are valid, from the first.
    sums
        The cell's record of `SUMS`.

    References
    ----------
    Bagga, A. and Baldwin, B. (1998). Entity-based cross-document coreferencing using the vector
    space model. COLING-ACL.
    """
    sums["sightings"] += n
    if n <= SCANNED:
        _score_pairs(owner, profile, n, sums)
        return
    for i in range(n):  # each word holds both, first in one order and then in the other
        a, b = owner[i], profile[i]
        owner[i] = (a << 31) | b
        profile[i] = (b << 31) | a
    sort_front(owner, n)
    sort_front(profile, n)
    _score_profiles(profile, n, sums)
    _score_owners(owner, n, sums)


@inner
def _score_profiles(pair: Ints, n: int, sums: np.void) -> None:
    """Add what follows from pairs in the order of (profile, person)."""
    true_twice = false_twice = 0
    start = 0
    while start < n:
        end = _end_of_group(pair, start, n)
        size, i = end - start, start
        while i < end:
            same = _end_of_equal(pair, i, end) - i
            true_twice += same * (same - 1)
            false_twice += same * (size - same)
            sums["bcubed_precision"] += same * ((same * FIXED_ONE + size // 2) // size)
            if i == start:
                sums["profiles"] += 1
                sums["collapsed"] += 1 if same < size else 0
            i += same
        start = end
    sums["true_pairs"] += true_twice >> 1
    sums["false_pairs"] += false_twice >> 1


@inner
def _score_owners(pair: Ints, n: int, sums: np.void) -> None:
    """Add what follows from pairs in the order of (person, profile)."""
    missed_twice = 0
    start = 0
    while start < n:
        end = _end_of_group(pair, start, n)
        size, i = end - start, start
        while i < end:
            same = _end_of_equal(pair, i, end) - i
            missed_twice += same * (size - same)
            sums["bcubed_recall"] += same * ((same * FIXED_ONE + size // 2) // size)
            if i == start:
                sums["seen_persons"] += 1
                sums["split_persons"] += 1 if same < size else 0
            i += same
        start = end
    sums["missed_pairs"] += missed_twice >> 1


@inner
def _end_of_group(pair: Ints, start: int, n: int) -> int:
    """Return the place behind those that share the upper half with the one at ``start``."""
    end = start + 1
    while end < n and pair[end] >> 31 == pair[start] >> 31:
        end += 1
    return end


@inner
def _end_of_equal(pair: Ints, start: int, n: int) -> int:
    end = start + 1
    while end < n and pair[end] == pair[start]:
        end += 1
    return end


@inner
def _score_pairs(owner: Ints, profile: Ints, n: int, sums: np.void) -> None:
    """Compare each sighting with each."""
    # Every pair is met twice, from either side.
    true_twice = false_twice = missed_twice = 0
    for i in range(n):
        same = 0
        in_profile = 0
        of_owner = 0
        first_of_profile = True
        first_of_owner = True
        for j in range(n):
            profile_too = profile[j] == profile[i]
            owner_too = owner[j] == owner[i]
            same += 1 if profile_too and owner_too else 0
            in_profile += 1 if profile_too else 0
            of_owner += 1 if owner_too else 0
            if j < i and profile_too:
                first_of_profile = False
            if j < i and owner_too:
                first_of_owner = False
        true_twice += same - 1
        false_twice += in_profile - same
        missed_twice += of_owner - same
        sums["bcubed_precision"] += (same * FIXED_ONE + in_profile // 2) // in_profile
        sums["bcubed_recall"] += (same * FIXED_ONE + of_owner // 2) // of_owner
        if first_of_profile:
            sums["profiles"] += 1
            sums["collapsed"] += 1 if same < in_profile else 0
        if first_of_owner:
            sums["seen_persons"] += 1
            sums["split_persons"] += 1 if same < of_owner else 0
    sums["true_pairs"] += true_twice >> 1
    sums["false_pairs"] += false_twice >> 1
    sums["missed_pairs"] += missed_twice >> 1


@kernel
def pair_counts(owner: Ints, profile: Ints, n: int) -> tuple[int, int, int]:
    """Count the pairs of sightings that were joined rightly, joined wrongly, and not joined.

    Parameters
    ----------
    owner, profile
        Person and profile of each sighting, shape ``(>= n,)``.
    n
        Sightings that are valid, from the first.

    Returns
    -------
    tuple of int
        Pairs of the same person in one profile; of two persons in one profile; of the same person
        in two profiles.
    """
    true_pairs = 0
    false_pairs = 0
    missed_pairs = 0
    for i in range(n):
        for j in range(i):
            if profile[i] == profile[j]:
                if owner[i] == owner[j]:
                    true_pairs += 1
                else:
                    false_pairs += 1
            elif owner[i] == owner[j]:
                missed_pairs += 1
    return true_pairs, false_pairs, missed_pairs
