"""What a report's strategies mean, and how the report is made again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omnilab.glossary import strategy_words

if TYPE_CHECKING:
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["command_line", "strategy_meaning"]


def strategy_meaning(loaded: LoadedStrategy) -> str:
    """Return what a strategy does: our definition, or what its own class says; "" if nothing."""
    if type(loaded.strategy).__module__.startswith("omnilab_strategies."):
        return strategy_words().get(loaded.name.partition("(")[0], "")
    return " ".join(loaded.doc.strip().split("\n\n")[0].split())


def command_line(command: str, about: str, options: Mapping[str, object]) -> str:
    """Return the command that makes a report again, as a shell takes it.

    Parameters
    ----------
    command
        Such as ``omnilab compare``.
    about
        What it was about: a scenario's name.
    options
        By name, with ``-`` or ``--``; a list is given several times, True stands alone, and None
        and False are left out.
    """
    said = f"{command} {shlex.quote(about)}"
    for name, value in options.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if item is True:
                said += f" {name}"
            elif item is not None and item is not False:
                said += f" {name} {shlex.quote(str(item))}"
    return said
