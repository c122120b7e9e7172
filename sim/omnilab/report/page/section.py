"""A section of the page: what it needs, what it shows, and what is said where it is not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnilab.report.page.parts import Parts
from omnilab.report.source import Source

__all__ = ["MOST_STRATEGIES", "Section", "shown_strategies"]

#: Strategies that have a panel of their own; all stand in the tables.
MOST_STRATEGIES = 6


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes
    ----------
    name
        Its place on the page.
    title
        Its heading.
    needs
        Tables that it reads.
    absent
        One line for a run in which it has nothing to show.
    build
        Returns its HTML below the heading; "" for nothing to show.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    absent: str
    build: Callable[[Source, Parts], str]


def shown_strategies(source: Source, *, reference: bool = True) -> list[str]:
    """Return the strategies that have panels: the best, and the reference among them."""
    names = source.strategies
    if not reference:
        return [s for s in names if s != source.reference][:MOST_STRATEGIES]
    found = names[:MOST_STRATEGIES]
    if source.reference is not None and source.reference not in found:
        found[-1] = source.reference
    return found
