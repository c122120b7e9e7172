"""The leaderboard: a CSV file that scores are added to, a row for each measure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from omnilab._files.writing import write_whole
from omnilab.errors import DataError, OptionError
from omnilab.interop.scoring import BETTER, Scored

__all__ = ["COLUMNS", "add_scores", "read_board", "refuse_repeated"]

COLUMNS: Final = ("task", "name", "measure", "value", "better")


def read_board(path: Path) -> pd.DataFrame:
    """Return a leaderboard; an empty one where there is no file yet.

    Raises
    ------
    DataError
        If it is none.
    """
    if not path.exists():
        return pd.DataFrame({c: pd.Series(dtype=float if c == "value" else str) for c in COLUMNS})
    if path.is_dir():
        raise DataError("is a folder, not a file", file=path)
    try:
        found = pd.read_csv(path, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise DataError(f"can't be read: {str(error).splitlines()[0]}", file=path) from None
    if tuple(found.columns) != COLUMNS:
        raise DataError(f"is no leaderboard: its columns are not {', '.join(COLUMNS)}", file=path)
    value = pd.to_numeric(found["value"], errors="coerce")
    if len(
        bad := np.flatnonzero(
            (value.isna() & found["value"].notna()) | ~found["better"].isin(BETTER)
        )
    ):
        raise DataError(
            "is no entry: a row has a task, a name, a measure, a number, and"
            f" {' or '.join(BETTER)}: mend or delete the line", file=path, line=int(bad[0]) + 2,
        )  # fmt: skip
    found["value"] = value
    return found


def refuse_repeated(board: pd.DataFrame, path: Path, names: Iterable[tuple[str, str]]) -> None:
    """Refuse names that a leaderboard has already, so that it can be said before any work.

    Parameters
    ----------
    board, path
        The leaderboard, and its file.
    names
        Task and name of each entry that is to be added.

    Raises
    ------
    OptionError
        If a name has an entry for the task already.
    """
    there = set(zip(board["task"], board["name"], strict=True))
    for task, name in names:
        if (task, name) in there:
            raise OptionError(f"--name {name}: it is on {path} for {task} already: take another")
        there.add((task, name))


def add_scores(path: Path, entries: Iterable[tuple[str, str, list[Scored]]]) -> pd.DataFrame:
    """Add scores to a leaderboard, all or none, and return it.

    Parameters
    ----------
    path
        Of the file.
    entries
        Task, name and scores.

    Raises
    ------
    OptionError
        If a name has an entry for the task already.
    """
    entries = list(entries)
    board = read_board(path)
    refuse_repeated(board, path, [(task, name) for task, name, _ in entries])
    rows = [(task, name, s.measure, s.value, s.better) for task, name, of in entries for s in of]
    new = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = new if board.empty else pd.concat([board, new], ignore_index=True)
    write_whole(path, whole.to_csv(index=False, lineterminator="\n"))
    return whole
