"""Measures: integer sums from the event log, and the ratios of them that are reported.

Nothing heavy is imported until a name is used. The kernels `tally` and `close` are in the module
`omnilab.measure.tally`, whose name they would hide here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.measure.breakdowns import CHANNEL_MEASURES, JOURNEY_MEASURES, PERSONA_MEASURES
    from omnilab.measure.catalogue import MEASURES, find_measure
    from omnilab.measure.clock import discount_factors, make_clock
    from omnilab.measure.identity import pair_counts, score_identity
    from omnilab.measure.layout import (
        CHANNEL_SUMS,
        JOURNEY_SUMS,
        PEOPLE,
        PERSONA_SUMS,
        SUMS,
        as_integers,
        names_of,
    )
    from omnilab.measure.ratio import BASELINE, Measure
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "breakdowns": ("CHANNEL_MEASURES", "JOURNEY_MEASURES", "PERSONA_MEASURES"),
            "catalogue": ("MEASURES", "find_measure"),
            "clock": ("discount_factors", "make_clock"),
            "identity": ("pair_counts", "score_identity"),
            "layout": (
                "CHANNEL_SUMS",
                "JOURNEY_SUMS",
                "PEOPLE",
                "PERSONA_SUMS",
                "SUMS",
                "as_integers",
                "names_of",
            ),
            "ratio": ("BASELINE", "Measure"),
        },
    )

__all__ = [
    "BASELINE",
    "CHANNEL_MEASURES",
    "CHANNEL_SUMS",
    "JOURNEY_MEASURES",
    "JOURNEY_SUMS",
    "MEASURES",
    "PEOPLE",
    "PERSONA_MEASURES",
    "PERSONA_SUMS",
    "SUMS",
    "Measure",
    "as_integers",
    "discount_factors",
    "find_measure",
    "make_clock",
    "names_of",
    "pair_counts",
    "score_identity",
]
