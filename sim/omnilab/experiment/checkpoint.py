"""What a run of many replications has so far, kept so that a killed run is taken up again."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

__all__ = ["CHECKPOINT", "Checkpoint", "holds_checkpoint"]

CHECKPOINT: Final = "checkpoint.json"
_FORMAT: Final = "omnilab-checkpoint-v2"


class Checkpoint:
    """The file in an unfinished run directory that holds the sums of its finished replications.

    Parameters
    ----------
    folder
        The unfinished run directory.
    digest
        Of the run: a checkpoint of any other run counts as none.
    started
        When the command began, with a zone.

    Attributes
    ----------
    started
        When the run began: what the kept run says where there is one, so that a run which was
        taken up on another day has the date of its beginning.
    """

    def __init__(self, folder: Path, digest: str, *, started: datetime | None = None) -> None:
        self._file, self._digest = folder / CHECKPOINT, digest
        self.started = _started(_read(self._file, digest)) or started or datetime.now(UTC)

    def load(self, strategies: Sequence[str]) -> dict[str, Any] | None:
        """Return what was saved for these strategies in this order, None where nothing was."""
        kept = _read(self._file, self._digest)
        return kept["state"] if kept and kept["strategies"] == list(strategies) else None

    def save(self, strategies: Sequence[str], state: dict[str, Any]) -> None:
        """Replace what is kept by a newer state, whole or not at all; without room not at all.

        Parameters
        ----------
        strategies
            Names, in the order of the state's entries.
        state
            As JSON can hold it; integers of any length.
        """
        kept = {
            "format": _FORMAT,
            "digest": self._digest,
            "started": self.started.isoformat(timespec="seconds"),
            "strategies": list(strategies),
            "state": state,
        }
        partial = self._file.with_suffix(".partial")
        with suppress(OSError):  # a full disk ends no simulation: its result can still be printed
            with partial.open("w", encoding="utf-8") as file:
                json.dump(kept, file)
                file.flush()
                os.fsync(file.fileno())  # a machine that goes down must not leave an empty name
            partial.replace(self._file)

    def remove(self) -> None:
        """Drop it, once the run needs it no more."""
        for file in (self._file, self._file.with_suffix(".partial")):
            with suppress(FileNotFoundError):
                file.unlink()


def _started(kept: dict[str, Any] | None) -> datetime | None:
    """Return when a kept run began, None where nothing is kept or it does not say."""
    try:
        began = datetime.fromisoformat(str(kept["started"])) if kept else None
    except (KeyError, ValueError):
        return None
    return began if began is not None and began.tzinfo is not None else None


def holds_checkpoint(folder: Path, digest: str) -> bool:
    """Tell whether an unfinished run directory has a checkpoint of the run with this digest."""
    return _read(folder / CHECKPOINT, digest) is not None


def _read(file: Path, digest: str) -> dict[str, Any] | None:
    """Return a checkpoint of this run; what can't be read is as good as none."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    mine = isinstance(kept, dict) and kept.get("format") == _FORMAT
    whole = mine and {"digest", "strategies", "state"} <= set(kept)
    return kept if whole and kept["digest"] == digest else None
