"""Measures of how well profiles match persons."""

from __future__ import annotations

from typing import Final

from omnilab.measure.layout import FIXED_ONE
from omnilab.measure.ratio import Measure, share, terms

__all__ = ["IDENTITY"]

_PAIRS_F1: Final = (("true_pairs", 2), ("false_pairs", 1), ("missed_pairs", 1))

IDENTITY: Final[list[Measure]] = [
    share(
        "identity_precision",
        "Identity precision",
        "pairs of sightings of one person / pairs within a profile",
        "true_pairs",
        "true_pairs false_pairs",
        "higher",
        what=(
            "Of all pairs of sightings that the brand puts into one profile, the share "
            "that is of one person. Low means strangers were joined."
        ),
    ),
    share(
        "identity_recall",
        "Identity recall",
        "pairs of sightings within a profile / pairs of one person",
        "true_pairs",
        "true_pairs missed_pairs",
        "higher",
        what=(
            "Of all pairs of sightings of one person, the share that the brand puts into "
            "one profile. Low means persons were not known again."
        ),
    ),
    Measure(
        "identity_f1",
        "Identity F1",
        "share",
        "harmonic mean of pairwise precision and recall",
        (("true_pairs", 2),),
        _PAIRS_F1,
        "higher",
        what=(
            "How well profiles match persons at the window's end: the harmonic mean of "
            "identity precision and identity recall. 100% means each profile is one whole "
            "person."
        ),
    ),
    Measure(
        "identity_bcubed_precision",
        "Identity precision, B-cubed",
        "share",
        "mean over sightings of the share of its profile's sightings that are its person's",
        terms("bcubed_precision"),
        terms("sightings", FIXED_ONE),
        "higher",
        what=(
            "Mean over sightings of the share of the profile's sightings that are of the "
            "same person."
        ),
    ),
    Measure(
        "identity_bcubed_recall",
        "Identity recall, B-cubed",
        "share",
        "mean over sightings of the share of its person's sightings that are in its profile",
        terms("bcubed_recall"),
        terms("sightings", FIXED_ONE),
        "higher",
        what=(
            "Mean over sightings of the share of the person's sightings that are in the "
            "same profile."
        ),
    ),
    share(
        "false_merge_rate",
        "Graph collapse",
        "profiles with two persons or more / profiles",
        "collapsed",
        "profiles",
        "lower",
        what="Graph collapse: share of profiles that hold two persons or more.",
    ),
    share(
        "false_split_rate",
        "False splits",
        "persons with two profiles or more / persons seen",
        "split_persons",
        "seen_persons",
        "lower",
        what="Share of persons seen who are spread over two profiles or more.",
    ),
]
