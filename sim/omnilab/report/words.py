"""What a report's strategies mean, and how the report is made again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omnilab.glossary import strategy_words
from omnilab.scenario.wiring import wiring_words
from omnilab.strategy.maps import depends_on_map, map_of

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["command_line", "strategy_meaning"]


def strategy_meaning(loaded: LoadedStrategy, scenario: Scenario) -> str:
    """Return what a strategy does, and on which silo map; "" if nothing is known.

    That is our definition, or what its own class says.
    """
    if type(loaded.strategy).__module__.startswith("omnilab_strategies."):
        said = strategy_words().get(re.split(r"[(@]", loaded.name)[0], "")
    else:
        said = " ".join(loaded.doc.strip().split("\n\n")[0].split())
    if not depends_on_map(loaded.plan):
        return said
    wiring = map_of(loaded.plan, scenario)
    return f"{said} Silo map {wiring.name}: {wiring_words(wiring, scenario)}.".strip()


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
