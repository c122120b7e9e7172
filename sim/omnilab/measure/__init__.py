"""Measures: integer sums from the event log, and the ratios of them that are reported.

Nothing heavy is imported until a name is used. The kernels `tally` and `close` are in the module
`omnilab.measure.tally`, whose name they would hide here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOME = {
    "BASELINE": "ratio",
    "CHANNEL_MEASURES": "breakdowns",
    "CHANNEL_SUMS": "layout",
    "JOURNEY_MEASURES": "breakdowns",
    "JOURNEY_SUMS": "layout",
    "MEASURES": "catalogue",
    "Measure": "ratio",
    "PEOPLE": "layout",
    "PERSONA_MEASURES": "breakdowns",
    "PERSONA_SUMS": "layout",
    "SUMS": "layout",
    "as_integers": "layout",
    "discount_factors": "clock",
    "find_measure": "catalogue",
    "make_clock": "clock",
    "names_of": "layout",
    "pair_counts": "identity",
    "score_identity": "identity",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
