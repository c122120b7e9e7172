"""The event log as a data set: a Parquet file for each range of customers, made where it is run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from omnilab.export.event_file import EventFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.scenario.model import Scenario

__all__ = ["EVENTS", "EventParts"]

#: The folder of the data set in a run's directory.
EVENTS: Final = "events"


class EventParts:
    """Makes and writes the files of one strategy's log.

    A worker makes a file's bytes, and holds these and one row group. The command writes them, so
    that the two need no disk in common. Read in the order of their names, the files have the rows
    of ``events.parquet`` in its order.

    Parameters
    ----------
    folder
        The run's directory.
    scenario, strategy
        What is run; the strategy by its name.
    """

    def __init__(self, folder: Path, scenario: Scenario, strategy: str) -> None:
        self._folder, self._scenario, self._strategy = folder / EVENTS, scenario, strategy

    def open(self) -> EventPart:
        """Begin a file, on whatever machine."""
        return EventPart(self._scenario, self._strategy)

    def write(self, number: int, text: bytes) -> None:
        """Write the file with this number, from 0 in the order of the customers."""
        self._folder.mkdir(exist_ok=True)
        (self._folder / f"{number:06d}.parquet").write_bytes(text)


class EventPart:
    """One file of the data set, in memory.

    Parameters
    ----------
    scenario, strategy
        As `EventParts` has them.
    """

    def __init__(self, scenario: Scenario, strategy: str) -> None:
        self._bytes = io.BytesIO()
        self._file = EventFile(cast(Path, self._bytes), scenario, strategy)

    def add(self, rows: NDArray[Any]) -> None:
        """Take the rows of some whole cells."""
        self._file.add(rows)

    def close(self) -> bytes:
        """Return the whole file."""
        self._file.close()
        return self._bytes.getvalue()
