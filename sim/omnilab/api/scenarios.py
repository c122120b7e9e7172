"""Scenarios from Python: read one, change it, and list everything that is wrong with a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from omnilab._arguments import known_arguments, shown, whole
from omnilab.errors import OptionError, ScenarioError
from omnilab.scenario.assumptions import Assumption, assumptions_of
from omnilab.scenario.document import parse_document
from omnilab.scenario.load import load_scenario as _load
from omnilab.scenario.load import read_scenario
from omnilab.scenario.model import Scenario
from omnilab.scenario.write import scenario_to_yaml

__all__ = ["Finding", "assumed_in", "load_scenario", "scenario_of", "sized_scenario", "validate"]


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
    return _load(_named("source", source))


@known_arguments
def validate(source: str | PathLike[str]) -> list[Finding]:
    """Return everything that is wrong or without effect in a scenario; nothing if it is good.

    Parameters
    ----------
    source
        A file, or the id of a shipped scenario.
    """
    try:
        read = read_scenario(_named("source", source))
    except ScenarioError as error:
        return [_finding("error", e) for e in (error, *getattr(error, "others", ()))]
    return [_finding("warning", e) for e in read.no_effects()]


def assumed_in(given: Any) -> list[Assumption]:
    """Return what a caller's scenario assumes.

    Of one that is loaded nobody can tell a preset's numbers from the user's own: those under
    ``assumed`` are left, and defaults.
    """
    if not isinstance(given, Scenario):
        return read_scenario(_named("scenario", given)).assumptions()
    return assumptions_of(given, parse_document(scenario_to_yaml(given, brief=True), given.id))


def scenario_of(given: Any) -> Scenario:
    """Return the scenario that a caller means: one that is loaded, a path or an id.

    Raises
    ------
    OptionError
        If it is something else.
    ScenarioError
        As `load_scenario`.
    """
    return given if isinstance(given, Scenario) else _load(_named("scenario", given))


def sized_scenario(given: Any, customers: Any) -> Scenario:
    """Return the scenario that a caller means, with the customers that were asked for, if any."""
    scenario = scenario_of(given)
    if customers is None:
        return scenario
    return scenario.with_customers(whole("customers", customers, 1, 10**9))


def _named(argument: str, source: Any) -> str | Path:
    """Return a scenario's id, or its path."""
    if isinstance(source, Scenario):
        raise OptionError(f"{argument}: {source.id} is loaded already: give its file or its id")
    if isinstance(source, Mapping):
        raise OptionError(
            f"{argument}: a mapping is no scenario: write load_scenario(...).changed({{...}})"
        )
    if not isinstance(source, str | PathLike) or not os.fspath(source):
        raise OptionError(f"{argument}: {shown(source)} is neither a scenario's id nor a path")
    return source if isinstance(source, str) else Path(os.fsdecode(source))


def _finding(kind: str, error: ScenarioError) -> Finding:
    file = None if error.file is None else str(error.file)
    return Finding(kind, error.message, file, error.line, error.key)
