"""Scenarios from Python: read one, change it, and list everything that is wrong with a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab.api.arguments import known_arguments
from omnilab.errors import OptionError, ScenarioError
from omnilab.scenario.load import load_scenario as _load
from omnilab.scenario.load import no_effects
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Finding", "load_scenario", "scenario_of", "validate"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in a scenario file, or that has no effect.

    Attributes
    ----------
    kind
        ``error``, or ``warning`` for what has no effect.
    message
        What is wrong and the nearest right thing.
    file, line, key
        Where, as far as it is known.
    """

    kind: str
    message: str
    file: str | None
    line: int | None
    key: str | None

    def __str__(self) -> str:
        """Return the finding as the command line prints it."""
        error = ScenarioError(self.message, file=self.file, line=self.line, key=self.key)
        return f"{self.kind}: {error}"


@known_arguments
def load_scenario(source: str | PathLike[str]) -> Scenario:
    """Read a scenario from a file, or a shipped one by its id.

    Its ``changed({...})`` returns a validated copy with other values.

    Raises
    ------
    ScenarioError
        If there is no such scenario or anything in its files is wrong, with file, line and key.
    """
    if not isinstance(source, str | Path) and not hasattr(source, "__fspath__"):
        raise OptionError(f"source: {type(source).__name__} is neither a scenario's id nor a path")
    return _load(source if isinstance(source, str) else Path(source))


@known_arguments
def validate(source: str | PathLike[str]) -> list[Finding]:
    """Return everything that is wrong or without effect in a scenario; nothing if it is good.

    Parameters
    ----------
    source
        A file, or the id of a shipped scenario.
    """
    try:
        scenario = load_scenario(source)
    except ScenarioError as error:
        return [_finding("error", e) for e in (error, *getattr(error, "others", ()))]
    return [_finding("warning", e) for e in no_effects(_named(source), scenario)]


def scenario_of(given: Any) -> Scenario:
    """Return the scenario that a caller means: one that is loaded, a path or an id.

    Raises
    ------
    OptionError
        If it is something else.
    ScenarioError
        As `load_scenario`.
    """
    return given if isinstance(given, Scenario) else load_scenario(given)


def _named(source: str | PathLike[str]) -> str | Path:
    return source if isinstance(source, str) else Path(source)


def _finding(kind: str, error: ScenarioError) -> Finding:
    file = None if error.file is None else str(error.file)
    return Finding(kind, error.message, file, error.line, error.key)
