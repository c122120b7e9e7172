"""Rows about places and ways as words: where somebody is, what is passed, what the app tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from omnilab.log import rows

__all__ = ["ON_THE_WAY", "on_the_way"]

ON_THE_WAY: Final = frozenset({rows.AT_PLACE, rows.PASSED, rows.POSITION, rows.LIVES, rows.STANDS})
_DOES: Final = {
    rows.PASSED_BY: "",
    rows.PASSED_NEED: ", which stirs a need",
    rows.PASSED_LATER: ", and will come by for it",
    rows.PASSED_IN: " and goes in",
    rows.PASSED_LOST: " and buys there",
}


def on_the_way(fact: Mapping[str, int]) -> str:
    """Return the words for a row of `ON_THE_WAY`, its fields by name."""
    kind = fact["kind"]
    if kind == rows.AT_PLACE:
        return f"at place {fact['place'] + 1}, {fact['metres']:,} m away"
    if kind == rows.PASSED:
        return f"notices place {fact['place'] + 1}{_DOES.get(fact['does'], '')}"
    if kind == rows.POSITION:
        return f"the app tells: {fact['metres']:,} m from place {fact['place'] + 1}"
    if kind == rows.LIVES:
        work = f", works at {fact['work_x']:,}, {fact['work_y']:,} m" if fact["works"] else ""
        return f"lives at {fact['home_x']:,}, {fact['home_y']:,} m{work}"
    return f"place {fact['place'] + 1} stands at {fact['x']:,}, {fact['y']:,} m"
