"""Which profile the brand takes the visitor for, behind each order and act that `learn` is told.

A visit shows its identifiers when it begins and, where an order asks for an address, when it is
paid. The two can be minutes apart, and midnight can lie between them, so what a person's last visit
has shown is kept from one day to the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.draws.philox import permute64
from omnilab.log import rows
from omnilab.lowering.cells import Population

__all__ = ["NOBODY", "Visitors"]

NOBODY = -1  # the visit has shown no identifier that the brand links to a profile


class Visitors:
    """What each person's last visit has shown of who it is.

    Parameters
    ----------
    mask
        Key of the permutation behind profile ids.
    """

    def __init__(self, mask: int) -> None:
        self._mask = mask
        self._shown = np.full(0, NOBODY, dtype=np.int64)  # by person: serial of a profile

    @property
    def nbytes(self) -> int:
        """Bytes of what is kept: 8 a person."""
        return int(self._shown.nbytes)

    def read(self, day: Any, asked: Any, population: Population) -> Any:
        """Take in a day's rows and return the profile behind each of those that are asked about.

        Parameters
        ----------
        day
            The day's rows in the order (time, priority, person, seq): meetings, identifiers, and
            those that are asked about.
        asked
            Places in `day` of orders and acts, shape (n,).
        population
            Says in which cell a person is.

        Returns
        -------
        array of shape (n,), int64
            The id of the last profile that the same visit has shown by the end of that second,
            as what an order asks for stands after it in the log; `NOBODY` without one.
        """
        begins = np.isin(day.kind, rows.MEETINGS)
        serial = np.where(begins, NOBODY, rows.columns(day, rows.IDENTIFIER).profile)
        shows = begins | ((day.kind == rows.IDENTIFIER) & (serial >= 0))
        is_asked = np.zeros(len(day), dtype=bool)
        is_asked[asked] = True
        at = np.flatnonzero(shows | is_asked)
        at = at[np.argsort(day.person[at], kind="stable")]  # of a person in the order of the log
        person, n = day.person[at], len(at)
        last = np.maximum.accumulate(np.where(shows[at], np.arange(n), -1))
        self._grow(int(person.max(initial=-1)) + 1)
        of_today = (last >= 0) & (person[last] == person)
        now = np.where(of_today, serial[at[last]], self._shown[person])
        found = np.full(len(day), NOBODY, dtype=np.int64)
        found[at] = now[_ends(person, day.time[at], begins[at])]
        ends = np.flatnonzero(np.append(person[1:] != person[:-1], True)[:n])
        self._shown[person[ends]] = now[ends]
        return self._ids(found[asked], day.person[asked], population)

    def _grow(self, persons: int) -> None:
        if persons > len(self._shown):
            more = np.full(persons - len(self._shown), NOBODY, dtype=np.int64)
            self._shown = np.concatenate([self._shown, more])

    def _ids(self, serial: Any, person: Any, population: Population) -> Any:
        cells = np.searchsorted(population.first, person, side="right") - 1
        return np.array(
            [
                int(permute64((int(cell) << 24) | int(one), self._mask)) if one >= 0 else NOBODY
                for cell, one in zip(cells, serial, strict=True)
            ],
            dtype=np.int64,
        )


def _ends(person: Any, time: Any, begins: Any) -> Any:
    """Return by row the place of the last one of the same person, second and meeting."""
    n = len(person)
    new = np.ones(n, dtype=bool)
    new[1:] = (person[1:] != person[:-1]) | (time[1:] != time[:-1]) | begins[1:]
    last_of = np.append(np.flatnonzero(new)[1:] - 1, n - 1)
    return last_of[np.cumsum(new) - 1] if n else np.zeros(0, dtype=np.int64)
