"""Rows about units of goods as words: what is out, and what is sold, ordered, kept and spoiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from omnilab.log import rows

__all__ = ["ON_SHELVES", "on_shelves"]

ON_SHELVES: Final = frozenset(
    {
        *(rows.STOCK_OUT, rows.UNITS_SOLD, rows.UNITS_BACK, rows.UNITS_ORDERED),
        *(rows.UNITS_CAME, rows.UNITS_SPOILED, rows.UNITS_HELD),
    }
)
_DOES: Final = {
    rows.DOES_SUBSTITUTE: "takes another one",
    rows.DOES_SHIP: "has it shipped from another place",
    rows.DOES_RESERVE: "has it kept at another place",
    rows.DOES_ELSEWHERE: "looks elsewhere",
    rows.DOES_WAIT: "waits",
    rows.DOES_RIVAL: "buys it from a rival",
    rows.DOES_NOTHING: "goes without",
}
_MOVES: Final = {
    rows.UNITS_BACK: "back on the shelf",
    rows.UNITS_ORDERED: "ordered from the supplier",
    rows.UNITS_CAME: "delivered",
    rows.UNITS_SPOILED: "spoiled",
}


def on_shelves(fact: Mapping[str, int]) -> str:
    """Return the words for a row of `ON_SHELVES`, its fields by name."""
    kind = fact["kind"]
    if kind == rows.STOCK_OUT:
        return f"the good is out: {_DOES.get(fact['does'], 'goes without')}"
    place = f"at place {fact['place'] + 1} of stock"
    if kind == rows.UNITS_SOLD:
        return f"takes a unit {place}"
    if kind == rows.UNITS_HELD:
        return f"a unit is {'kept' if fact['n'] > 0 else 'free again'} {place}"
    return f"{fact['n']:,} units {_MOVES[kind]} {place}"
