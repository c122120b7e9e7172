"""What a report's measures and strategies mean, and how the report was made."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from omnilab import __version__
from omnilab.glossary import strategy_words
from omnilab.measure.words import measure_words

if TYPE_CHECKING:
    from omnilab.measure.ratio import Measure
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Word", "foot_line", "measure_definitions", "strategy_meaning"]


@dataclass(frozen=True)
class Word:
    """A name that a report uses, and what it means."""

    name: str
    title: str
    meaning: str


def measure_definitions(measures: Iterable[Measure]) -> tuple[Word, ...]:
    """Return what measures mean, each with its formula."""
    words = measure_words()
    return tuple(Word(m.name, m.title, f"{words[m.name]} Formula: {m.formula}.") for m in measures)


def strategy_meaning(loaded: LoadedStrategy) -> str:
    """Return what a strategy does: our definition, or what its own class says; "" if nothing."""
    if type(loaded.strategy).__module__.startswith("omnilab_strategies."):
        return strategy_words().get(loaded.name.partition("(")[0], "")
    return " ".join(loaded.doc.strip().split("\n\n")[0].split())


def foot_line(day: date, command: str, options: Mapping[str, object]) -> str:
    """Return the line that says when, by which version and by which command a report was made.

    Parameters
    ----------
    day
        On which the run began. Nothing finer, so that a run's files can be made again.
    command
        The command and what it was about, without options.
    options
        By name, with ``-`` or ``--``; a list is given several times, True stands alone, and None
        and False are left out.
    """
    said = command
    for name, value in options.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if item is True:
                said += f" {name}"
            elif item is not None and item is not False:
                said += f" {name} {shlex.quote(str(item))}"
    return f"Made on {day.isoformat()} by omnilab {__version__}: {said}"
