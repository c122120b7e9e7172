"""Fit rates of response to a message log, from Python."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import callers_level, flag, known_arguments, path, python_words, text
from omnilab._arguments import progress as callback
from omnilab.api.fits import _check_place, _id
from omnilab.errors import OmnilabWarning, OptionError
from omnilab.fit.messages.course import FittedMessages
from omnilab.fit.messages.course import fit_messages as carry_out
from omnilab.fit.messages.header import header_of
from omnilab.fit.messages.report import row_groups
from omnilab.fit.scenario import read_base, write_scenarios
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

__all__ = ["MessageFit", "fit_messages"]


@known_arguments
def fit_messages(
    messages: str | PathLike[str],
    *,
    base: str | PathLike[str] | Scenario | None = None,
    scenario_id: str | None = None,
    columns: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    check: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> MessageFit:
    """Fit how persons answer to a message log, as ``omnilab fit-messages`` does.

    Parameters
    ----------
    messages
        The log: CSV, JSON or Parquet, a row a message or a row an event.
    base
        A scenario with your channels, customers and journeys: a file, a shipped id, or what
        `load_scenario` returned. A web shop with e-mail by default.
    scenario_id
        Of the new scenario, such as ``"shop-v1"``; made of the log's name by default.
    columns
        Role -> name of its column, such as ``{"person": "client"}``; found by the usual names.
    channels
        Word of the log -> channel of the scenario, or ``"ignore"``.
    check
        Whether to simulate the fitted scenario and count its log as the real one was.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Warns
    -----
    OmnilabWarning
        About rows that were left out and what could not be fitted.

    Raises
    ------
    OptionError, DataError, ScenarioError
        What is wrong with an argument, the log or the base, in one line.
    """
    file = path("messages", messages)
    ground = base if base is None or isinstance(base, Scenario) else str(path("base", base))
    told = callback("progress", progress)
    with python_words():
        found = carry_out(
            file, read_base(ground), scenario_id=_id(scenario_id, file),
            columns=_texts("columns", columns), words=_texts("channels", channels),
            check=flag("check", check), show=told or (lambda _what, _share: None),
        )  # fmt: skip
    name = ground.id if isinstance(ground, Scenario) else ground or "a web shop with e-mail"
    for note in found.notes:
        warnings.warn(note, OmnilabWarning, stacklevel=callers_level())
    return MessageFit(found, file, name)


class MessageFit:
    """The result of `fit_messages`.

    Parameters
    ----------
    found
        What was found.
    file
        The log.
    base
        Name of the scenario that it stands on.
    """

    def __init__(self, found: FittedMessages, file: Path, base: str) -> None:
        self._found, self._file, self._base = found, file, base

    def __repr__(self) -> str:
        """Return the scenario and the log's size in one line."""
        n = self._found.tally.n_messages
        return f"<omnilab message fit: {self.scenario.id}, {n:,} messages>"

    @property
    def scenario(self) -> Scenario:
        """The scenario, ready for `compare`."""
        return self._found.scenario

    @property
    def notes(self) -> list[str]:
        """What was left out of the log, and what could not be fitted."""
        return list(self._found.notes)

    def table(self) -> pd.DataFrame:
        """Return the log beside the log that the fitted scenario makes, a row a number."""
        import pandas as pd

        rows = [vars(row) for group in row_groups(self._found).values() for row in group]
        return pd.DataFrame(rows).set_index(["group", "channel", "what"])

    def fitted(self) -> pd.DataFrame:
        """Return what the scenario has from the log: key, value and standard error."""
        import pandas as pd

        rows = [
            {"key": key, "value": value, "standard_error": error}
            for key, (value, error) in self._found.fitted.items()
        ]
        return pd.DataFrame(rows, columns=["key", "value", "standard_error"]).set_index("key")

    @known_arguments
    def save(self, path: str | PathLike[str], *, replace: bool = False) -> Path:
        """Write the scenario as a file.

        Parameters
        ----------
        path
            The file, which ``omnilab compare`` runs. One by an earlier fit that nobody edited is
            replaced.
        replace
            Replace any other file too, but for the log.

        Raises
        ------
        OptionError
            If the file can't be written, or would cost you one.
        """
        place = _path("path", path)
        _check_place(place, self._file, replace=flag("replace", replace))
        write_scenarios([(place, self._found.data, header_of(self._found, self._base))])
        return place


_path = path  # which `save` has an argument of that name for


def _texts(name: str, given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise OptionError(f"{name}: {given!r} is no mapping such as {{'person': 'client'}}")
    return {str(text(name, k)): str(text(name, v)) for k, v in given.items()}
