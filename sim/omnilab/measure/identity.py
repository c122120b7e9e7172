"""Score what the brand believes against who it was: pairs of sightings, and B-cubed.

Of a cell's sightings (identifiers shown), `owner` is the person and `profile` the brand's profile.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.kernels.compiling import kernel
from omnilab.measure.layout import FIXED_ONE

__all__ = ["pair_counts", "score_identity"]

Ints = Any  # int64 arrays; kernels also give the arrays of their bundles


@kernel
def score_identity(owner: Ints, profile: Ints, n: int, sums: np.void) -> None:
    """Add a cell's identity quality to its sums.

    Takes time with the square of ``n``: a cell is a few households.

    Parameters
    ----------
    owner, profile
        Person and profile of each sighting, shape ``(>= n,)``.
    n
        Sightings that are valid, from the first.
    sums
        The cell's record of `SUMS`.

    References
    ----------
    Bagga, A. and Baldwin, B. (1998). Entity-based cross-document coreferencing using the vector
    space model. COLING-ACL.
    """
    # Every pair is met twice, from either side.
    true_twice = false_twice = missed_twice = 0
    sums["sightings"] += n
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
