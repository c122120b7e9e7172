"""What a sweep has so far: a small file for each point and seed, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from omnilab.errors import DataError
from omnilab.experiment.comparison import StrategyRun
from omnilab.experiment.statistics import Moments
from omnilab.experiment.sweep.running import Outcome

__all__ = ["POINTS", "Store"]

POINTS: Final = "points"  # the folder's name in a run directory
_FORMAT: Final = "omnilab-sweep-point-v1"
_NAME: Final = re.compile(r"p([0-9]+)-s([0-9]+)\.json")


class Store:
    """The folder with the points' files.

    Parameters
    ----------
    folder
        The unfinished run directory.
    digest
        Of the sweep: a file of any other sweep counts as none.
    """

    def __init__(self, folder: Path, digest: str) -> None:
        self.folder, self.digest = folder / POINTS, digest
        self.folder.mkdir(exist_ok=True)

    def adopt(self, finished: Path) -> None:
        """Take over the files of a finished directory of this sweep, but for what failed."""
        with suppress(OSError):
            for path in sorted((finished / POINTS).iterdir()):
                kept = _read(path, self.digest)
                if kept is not None and not kept["failures"]:
                    with suppress(OSError):
                        shutil.copyfile(path, self.folder / path.name)

    def load(self) -> dict[tuple[int, int], Outcome]:
        """Return what is there, by point and seed; what can't be read is as good as not there."""
        found = {}
        for path in sorted(self.folder.iterdir()):
            name = _NAME.fullmatch(path.name)
            kept = _read(path, self.digest) if name else None
            if name and kept is not None:
                with suppress(DataError, KeyError, TypeError, ValueError):
                    outcome = _outcome(kept)
                    if (outcome.point, outcome.seed) == (int(name[1]), int(name[2])):
                        found[outcome.point, outcome.seed] = outcome
            elif path.suffix == ".partial":
                with suppress(OSError):
                    path.unlink()
        return found

    def save(self, outcome: Outcome) -> None:
        """Write a point's file.

        Raises
        ------
        OSError
            If it can't be written: nothing is left of it.
        """
        final = self.folder / f"p{outcome.point:06d}-s{outcome.seed}.json"
        partial = final.with_suffix(".partial")
        try:
            with partial.open("w", encoding="utf-8") as file:
                json.dump(_data(outcome, self.digest), file)
                file.flush()
                os.fsync(file.fileno())  # a machine that goes down must not leave an empty name
            partial.replace(final)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise


def _data(outcome: Outcome, digest: str) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "digest": digest,
        "point": outcome.point,
        "seed": outcome.seed,
        "strategies": [
            {"name": run.name, "log_digest": run.log_digest, "events": run.events}
            for run in outcome.strategies
        ],
        "moments": None if outcome.moments is None else outcome.moments.state(),
        "failures": outcome.failures,
    }


def _outcome(kept: dict[str, Any]) -> Outcome:
    state = kept["moments"]
    return Outcome(
        kept["point"],
        kept["seed"],
        [StrategyRun(s["name"], s["log_digest"], s["events"]) for s in kept["strategies"]],
        None if state is None else Moments.from_state(state),
        dict(kept["failures"]),
    )


def _read(path: Path, digest: str) -> dict[str, Any] | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    mine = isinstance(kept, dict) and kept.get("format") == _FORMAT
    return kept if mine and kept.get("digest") == digest else None
