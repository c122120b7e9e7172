"""Fit a scenario to a log of messages or of visits, from Python."""

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
from omnilab.fit.messages.report import row_groups
from omnilab.fit.scenario import read_base, write_scenarios
from omnilab.fit.visits.course import FittedVisits
from omnilab.fit.visits.course import fit_visits as carry_out_visits
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

__all__ = ["MessageFit", "VisitFit", "fit_messages", "fit_visits"]


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
    file, ground, name = _inputs("messages", messages, base)
    told = callback("progress", progress)
    with python_words():
        found = carry_out(
            file, read_base(ground), scenario_id=_id(scenario_id, file),
            columns=_texts("columns", columns), words=_texts("channels", channels),
            check=flag("check", check), show=told or (lambda _what, _share: None),
        )  # fmt: skip
    return MessageFit(_warned(found), file, name)


@known_arguments
def fit_visits(
    visits: str | PathLike[str],
    *,
    base: str | PathLike[str] | Scenario | None = None,
    scenario_id: str | None = None,
    columns: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> VisitFit:
    """Fit visits to a log of a web shop or an app, as ``omnilab fit-visits`` does.

    Parameters
    ----------
    visits
        The log: CSV, JSON or Parquet, a row a visit or a row an event of one.
    base
        A scenario with your channels, customers and journeys: a file, a shipped id, or what
        `load_scenario` returned. A web shop with e-mail by default.
    scenario_id
        Of the new scenario, such as ``"shop-v1"``; made of the log's name by default.
    columns
        Role -> name of its column, such as ``{"browser": "cookie"}``; found by the usual names.
    channels
        Word of the log -> channel of the scenario, or ``"ignore"``.
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
    file, ground, name = _inputs("visits", visits, base)
    told = callback("progress", progress)
    with python_words():
        found = carry_out_visits(
            file, read_base(ground), scenario_id=_id(scenario_id, file),
            columns=_texts("columns", columns), words=_texts("channels", channels),
            show=told or (lambda _what, _share: None),
        )  # fmt: skip
    return VisitFit(_warned(found), file, name)


class _LogFit:
    """What fits of logs have in common.

    Parameters
    ----------
    found
        What was found.
    file
        The log.
    base
        Name of the scenario that it stands on.
    """

    def __init__(self, found: FittedMessages | FittedVisits, file: Path, base: str) -> None:
        self._any, self._file, self._base = found, file, base

    def __repr__(self) -> str:
        """Return the scenario and the log's size in one line."""
        return f"<omnilab fit: {self.scenario.id}, {self._any.size}>"

    @property
    def scenario(self) -> Scenario:
        """The scenario, ready for `compare`."""
        return self._any.scenario

    @property
    def notes(self) -> list[str]:
        """What was left out of the log, and what could not be fitted."""
        return list(self._any.notes)

    def fitted(self) -> pd.DataFrame:
        """Return what the scenario has from the log: key, value and standard error."""
        import pandas as pd

        rows = [
            {"key": key, "value": value, "standard_error": error}
            for key, (value, error) in self._any.fitted.items()
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
        write_scenarios([(place, self._any.data, self._any.header(self._base))])
        return place


class MessageFit(_LogFit):
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
        super().__init__(found, file, base)
        self._found = found

    def table(self) -> pd.DataFrame:
        """Return the log beside the log that the fitted scenario makes, a row a number."""
        import pandas as pd

        rows = [vars(row) for group in row_groups(self._found).values() for row in group]
        return pd.DataFrame(rows).set_index(["group", "channel", "what"])


class VisitFit(_LogFit):
    """The result of `fit_visits`.

    Parameters
    ----------
    found
        What was found.
    file
        The log.
    base
        Name of the scenario that it stands on.
    """

    def __init__(self, found: FittedVisits, file: Path, base: str) -> None:
        super().__init__(found, file, base)
        self._found = found

    def table(self) -> pd.DataFrame:
        """Return the log beside the log that the fitted scenario makes, a row a number."""
        import pandas as pd

        columns = ["channel", "what", "data", "simulated"]
        return pd.DataFrame(self._found.rows, columns=columns).set_index(["channel", "what"])


_path = path  # which `save` has an argument of that name for


def _inputs(name: str, log: Any, base: Any) -> tuple[Path, str | Scenario | None, str]:
    """Return the log's file, the base, and what the base is called."""
    ground = base if base is None or isinstance(base, Scenario) else str(path("base", base))
    called = ground.id if isinstance(ground, Scenario) else ground or "a web shop with e-mail"
    return path(name, log), ground, called


def _warned(found: Any) -> Any:
    """Return what was found, after its notes were given as warnings."""
    for note in found.notes:
        warnings.warn(note, OmnilabWarning, stacklevel=callers_level())
    return found


def _texts(name: str, given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise OptionError(f"{name}: {given!r} is no mapping such as {{'person': 'client'}}")
    return {str(text(name, k)): str(text(name, v)) for k, v in given.items()}
