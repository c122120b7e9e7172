"""What each measure says, in words for readers of a report."""

from __future__ import annotations

from omnilab.measure.breakdowns import CHANNEL_MEASURES, JOURNEY_MEASURES, PERSONA_MEASURES
from omnilab.measure.catalogue import MEASURES

__all__ = ["measure_words"]


def measure_words() -> dict[str, str]:
    """Return what each measure says, by its name: those of strategies first."""
    words: dict[str, str] = {}
    for table in (MEASURES, CHANNEL_MEASURES, JOURNEY_MEASURES, PERSONA_MEASURES):
        for name, measure in table.items():
            words.setdefault(name, measure.what)
    return words
