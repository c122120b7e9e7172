"""What somebody hands in for a bundle: which task it is for, and every id once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from omnilab._files.tables import read_whole
from omnilab.errors import DataError, named, nearest
from omnilab.interop.bundle import SECRET, Bundle

__all__ = ["TASKS", "Submission", "Task", "checked", "read_submission"]

_SHOWN: Final = 3  # ids that an error names


@dataclass(frozen=True)
class Task:
    """A task: the column of ids, that of answers, and the secret table that has the ids."""

    key: str
    answer: str
    table: str


TASKS: Final = {
    "attribution": Task("channel", "orders", "channels.csv"),
    "uplift": Task("customer_id", "uplift", "uplift.csv"),
    "clv": Task("customer_id", "value", "clv.csv"),
    "linkage": Task("unique_id", "cluster", "links.csv"),
}


@dataclass(frozen=True)
class Submission:
    """Answers in the order of the truth's ids.

    Attributes
    ----------
    task
        Of `TASKS`.
    answers
        Numbers, or for linkage the clusters as text; shape ``(n,)``.
    """

    task: str
    answers: pd.Series


def read_submission(path: Path, bundle: Bundle) -> Submission:
    """Return a file's answers.

    Raises
    ------
    DataError
        If it is no table, has not the columns of a task, or ids or answers are wrong.
    """
    table, batch = read_whole(path, "answers are")
    table.check(batch.names)
    texts = {
        name: ["" if text is None else str(text) for text in batch.texts(place).to_pylist()]
        for place, name in enumerate(batch.names)
    }
    return checked(pd.DataFrame(texts, dtype=str), bundle, file=path)


def checked(frame: pd.DataFrame, bundle: Bundle, *, file: Path | None = None) -> Submission:
    """Return a table's answers in the order of the truth's ids.

    Raises
    ------
    DataError
        As `read_submission`.
    """
    name = _task_of(list(frame.columns), file)
    task = TASKS[name]
    keys, answers = frame[task.key].astype(str).str.strip(), frame[task.answer]
    wanted = bundle.table(SECRET, task.table)[task.key].astype(str)
    if twice := list(dict.fromkeys(keys[keys.duplicated()])):
        raise DataError(f"{task.key} {_some(twice)} stands more than once", file=file)
    there = set(wanted)
    if strange := [k for k in keys if k not in there]:
        hint = nearest(strange[0], there) if name == "attribution" else ""
        raise DataError(f"{task.key} {_some(strange)} is not in the bundle{hint}", file=file)
    has = set(keys)
    if missing := [k for k in wanted if k not in has]:
        raise DataError(f"{task.key} {_some(missing)} is missing", file=file)
    found = pd.Series(answers.to_numpy(), index=keys)
    if name != "linkage":
        found = _numbers(found, task, file)
    else:
        found = found.astype(str).str.strip()
        if len(empty := list(found.index[found == ""])):
            raise DataError(f"cluster of unique_id {_some(empty)} is empty", file=file)
    return Submission(name, found.loc[list(wanted)])


def _task_of(columns: list[str], file: Path | None) -> str:
    fits = [n for n, t in TASKS.items() if {t.key, t.answer} <= set(columns)]
    if len(fits) == 1:
        return fits[0]
    pairs = "; ".join(f"{n}: {t.key}, {t.answer}" for n, t in TASKS.items())
    if fits:
        raise DataError(f"has the columns of {' and '.join(fits)}: one task a file", file=file)
    raise DataError(f"{named(columns)} are the columns of no task; there are {pairs}", file=file)


def _numbers(found: pd.Series, task: Task, file: Path | None) -> pd.Series:
    numbers = pd.to_numeric(found, errors="coerce").astype(float)
    bad = ~np.isfinite(numbers.to_numpy())
    if bad.any():
        key, text = found.index[bad][0], found[bad].iloc[0]
        raise DataError(
            f"{task.answer} of {task.key} {key} is {str(text) or 'empty'!r}: a finite number is "
            f"needed{f' ({int(bad.sum())} of them are wrong)' if bad.sum() > 1 else ''}", file=file,
        )  # fmt: skip
    return numbers


def _some(keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(map(str, keys[:_SHOWN])) + more
