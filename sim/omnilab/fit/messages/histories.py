"""What each message of a part met: the pressure before it, the last answer, the volume of a month.

A part holds whole persons. Loops run over the place of a message within its person's history, so
that each step is one for all persons at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnilab.fit.messages.normal import HARD, MESSAGE, SOFT

__all__ = ["MONTH", "WEEK", "Histories", "histories_of", "joined", "last_answer"]

WEEK = 7 * 86400
MONTH = 30 * 86400
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """Messages in order of person and time, and what each of them met.

    Attributes
    ----------
    rows
        Of dtype `MESSAGE`, shape (n,).
    starts
        Index of each person's first message, shape (persons,).
    person
        Number of each message's person within the part, shape (n,).
    weekly
        Messages a week that the person's contact pressure stands for before each message, shape
        (n,): the formula of `omnilab.world.fatigue.weekly_messages`.
    month
        Messages in the 30 days before each message, shape (n,).
    answered
        Last open or click before each message, as far as it was back, shape (n,); -1 none.
    """

    rows: NDArray[Any]
    starts: Ints
    person: Ints
    weekly: Floats
    month: Ints
    answered: Ints


def joined(rows: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Make one row of all events of a message; return the rows and how many had no sending.

    Rows of a log with a row a message are given back as they are.
    """
    if not len(rows) or not (rows["id"] > 0).any():
        return rows, 0
    order = np.lexsort((rows["id"], rows["person"]))
    rows = rows[order]
    new = np.ones(len(rows), bool)
    new[1:] = (rows["id"][1:] != rows["id"][:-1]) | (rows["person"][1:] != rows["person"][:-1])
    first = np.flatnonzero(new)
    whole = rows[first].copy()
    for name in ("sent", "opened", "clicked"):  # the earliest of each
        late = np.where(rows[name] < 0, np.iinfo(np.int64).max, rows[name])
        least = np.minimum.reduceat(late, first)
        whole[name] = np.where(least == np.iinfo(np.int64).max, -1, least)
    whole["flags"] = np.bitwise_or.reduceat(rows["flags"], first)
    for name in ("channel", "journey", "kind"):
        whole[name] = np.maximum.reduceat(rows[name], first)
    whole["shot"] = np.maximum.reduceat(rows["shot"], first)
    unsent = (whole["sent"] < 0) | (whole["channel"] < 0)
    return whole[~unsent], int(unsent.sum())


def histories_of(rows: NDArray[Any], weights: Floats, memory: float) -> Histories:
    """Return a part's messages with what each met.

    Parameters
    ----------
    rows
        Of dtype `MESSAGE`, in any order.
    weights
        In contact pressure, by channel, shape (channels,).
    memory
        Seconds in which pressure fades to 1/e.
    """
    rows = np.asarray(rows, MESSAGE)
    rows = rows[np.lexsort((rows["opened"], rows["channel"], rows["sent"], rows["person"]))]
    new = np.ones(len(rows), bool)
    new[1:] = rows["person"][1:] != rows["person"][:-1]
    starts = np.flatnonzero(new)
    person = np.cumsum(new) - 1
    delivered = (rows["flags"] & (HARD | SOFT)) == 0
    weight = np.where(delivered, weights[rows["channel"]], 0.0)
    sent = rows["sent"]
    pressure = np.zeros(len(rows))
    place = np.arange(len(rows)) - starts[person]
    by_place = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[by_place], np.arange(place.max(initial=0) + 2))
    for k in range(1, len(ends) - 1):
        i = by_place[ends[k] : ends[k + 1]]
        faded = np.exp(-(sent[i] - sent[i - 1]) / memory)
        pressure[i] = (pressure[i - 1] + weight[i - 1]) * faded
    with np.errstate(divide="ignore"):
        weekly = np.where(
            pressure > 1e-9, WEEK / memory / np.log1p(1.0 / np.maximum(pressure, 1e-9)), 0.0
        )
    answered = last_answer(rows, person, person, sent)
    return Histories(rows, starts, person, weekly, _month(sent, person), answered)


def _month(sent: Ints, person: Ints) -> Ints:
    """Return how many messages the person got in the 30 days before each."""
    span = int(sent.max(initial=0) - sent.min(initial=0)) + MONTH + 1
    key = person * span + (sent - sent.min(initial=0))
    return np.arange(len(sent)) - np.searchsorted(key, key - MONTH).clip(
        min=np.searchsorted(person, person)
    )


def last_answer(rows: NDArray[Any], person: Ints, who: Ints, at: Ints) -> Ints:
    """Return when each of ``who`` last opened or clicked before the moments ``at``, or -1.

    The answers of a person are put in order; those of untimed logs count from the sending on.

    Parameters
    ----------
    rows, person
        A part's messages, and the number of each one's person, shape (n,).
    who, at
        Persons and seconds, shape (m,).
    """
    times = np.maximum(rows["opened"], rows["clicked"])
    untimed = (rows["opened"] < -1) | (rows["clicked"] < -1)
    times = np.where((times < 0) & untimed, rows["sent"] + 1, times)
    has = times >= 0
    if not has.any():
        return np.full(len(who), -1, np.int64)
    low = int(min(times[has].min(), at.min(initial=0), 0))
    span = int(max(times.max(), at.max(initial=0)) - low) + 2
    answers = np.sort(person[has] * span + (times[has] - low))
    before = np.searchsorted(answers, who * span + (at - low)) - 1
    found = answers[np.maximum(before, 0)]
    mine = (before >= 0) & (found // span == who)
    return np.where(mine, found % span + low, -1)
