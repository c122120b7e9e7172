"""The words of omnilab, each defined once: strategies, sharing choices, measures and terms.

``words.yaml`` is the one source of these definitions. Commands, reports and ``words.md`` are
made from it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from omnilab.scenario.document import read_document
from omnilab.scenario.tree import plain

__all__ = [
    "choice_words",
    "extends_and_presets",
    "measure_words",
    "strategy_words",
    "term_words",
]


def strategy_words() -> dict[str, str]:
    """Return what each built-in strategy does, by its name."""
    return dict(_words()["strategies"])


def choice_words() -> dict[str, dict[str, str]]:
    """Return ``what`` each sharing choice is, and what ``silo``, ``handoff`` and ``all`` mean."""
    return {name: dict(words) for name, words in _words()["choices"].items()}


def measure_words() -> dict[str, str]:
    """Return what each measure says, by its name."""
    return dict(_words()["measures"])


def term_words() -> dict[str, str]:
    """Return the other terms that reports and docs use, such as ``silo`` and ``hand-off``."""
    return dict(_words()["terms"])


def extends_and_presets() -> str:
    """Return how a scenario file starts from others, as Markdown."""
    return str(_words()["extends_and_presets"])


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = plain(read_document(Path(__file__).parent / "words.yaml"))
    return words
