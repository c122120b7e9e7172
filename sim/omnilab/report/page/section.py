"""A section of the page: what it needs, what it shows, and what is said where it is not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omnilab.report.page.parts import Parts
from omnilab.report.source import Source

__all__ = ["Section"]


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
