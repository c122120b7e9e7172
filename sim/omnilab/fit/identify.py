"""Whose order a row is: ids as the log has them, guests by their e-mail, placeholders nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from omnilab._files.placeholders import CUT_NUMBER, Placeholders
from omnilab.fit.columns import Columns
from omnilab.fit.table import TextColumn, TextTable

__all__ = ["Buyers", "find_buyers"]

_ABSENT = frozenset({"", "nan", "none", "null", "na", "n/a", "<na>"})
_STAND_INS = Placeholders()
_MOSTLY = 0.9  # of a column's texts that look like e-mail addresses


@dataclass(frozen=True, slots=True)
class Buyers:
    """Each row's customer.

    Parameters
    ----------
    ids
        Shape (n_rows,): empty where there is none.
    absent, guest
        Shape (n_rows,): no id at all; a placeholder in its place, and no e-mail address.
    notes
        What was decided, for the reader.
    """

    ids: npt.NDArray[np.str_]
    absent: npt.NDArray[np.bool_]
    guest: npt.NDArray[np.bool_]
    notes: tuple[str, ...]


def find_buyers(table: TextTable, columns: Columns) -> Buyers:
    """Return whose each row is.

    Who ordered as a guest is known by the e-mail address where the log has one: the customer
    whose other rows show the same address, else a customer of that name.
    """
    column = table.column(columns.customer)
    notes: list[str] = []
    texts = _spelled(column.texts, notes)
    empty = np.array([t.lower() in _ABSENT for t in texts], dtype=np.bool_)
    stands_in = np.array(
        [not e and t in _STAND_INS for t, e in zip(texts, empty, strict=True)], dtype=np.bool_
    )
    ids = np.array(texts, dtype=np.str_)
    addresses = np.char.find(ids, "@") > 0
    if addresses.any() and addresses[~empty & ~stands_in].mean() >= _MOSTLY:
        lower = np.char.lower(ids)
        merged = len(np.unique(ids)) - len(np.unique(lower))
        ids = lower
        if merged:
            notes.append(
                f"{merged:,} e-mail address{'es' * (merged != 1)} of another spelling in capital "
                "letters: taken as the same customer"
            )
    rows = ids[column.codes]
    absent, guest = empty[column.codes], stands_in[column.codes]
    if columns.email is not None and (absent | guest).any():
        rows, known = _by_email(rows, absent | guest, table.column(columns.email))
        absent, guest = absent & ~known, guest & ~known
        if known.any():
            notes.append(
                f"rows without a customer id that are counted by the e-mail address in "
                f"{columns.email!r}: {np.count_nonzero(known):,}"
            )
    return Buyers(np.where(absent | guest, "", rows), absent, guest, tuple(notes))


def _spelled(texts: list[str], notes: list[str]) -> list[str]:
    """Return ids without the ``.0`` of whole numbers that a table with holes made floats.

    Where only a part of them has it, as in a log put together of two, or where a spreadsheet has
    cut long numbers, a note says so.
    """
    there = [t for t in texts if t.lower() not in _ABSENT and t not in _STAND_INS]
    floats = [t for t in there if re.fullmatch(r"\d+\.0", t)]
    whole = sum(bool(re.fullmatch(r"\d+", t)) for t in there)
    cut = [t for t in there if CUT_NUMBER.fullmatch(t)]
    if cut:
        notes.append(
            f"{len(cut):,} customer id{'s' * (len(cut) != 1)} such as {cut[0]!r} may be long "
            "numbers that a spreadsheet has cut: different customers may look like one"
        )
    if not floats or len(floats) + whole + len(cut) < len(there):
        return list(texts)
    if whole:
        notes.append(
            f"{len(floats):,} customer id{'s' * (len(floats) != 1)} written with .0, such as "
            f"{floats[0]!r}: taken as whole numbers"
        )
    return [t.removesuffix(".0") if re.fullmatch(r"\d+\.0", t) else t for t in texts]


def _by_email(
    ids: npt.NDArray[np.str_], unknown: npt.NDArray[np.bool_], column: TextColumn
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """Return the ids with those of guests filled in, and which rows were."""
    addresses = np.array([t.strip().lower() for t in column.texts], dtype=np.str_)
    usable = np.char.find(addresses, "@") > 0
    rows = addresses[column.codes]
    there = usable[column.codes]
    owner: dict[str, str] = {}
    for address, one in zip(rows[there & ~unknown], ids[there & ~unknown], strict=True):
        owner.setdefault(str(address), str(one))
    known = unknown & there
    found = [owner.get(str(a), str(a)) for a in rows[known]]
    longest = max([1, *(len(f) for f in found), ids.dtype.itemsize // 4])
    filled = ids.astype(f"<U{longest}")
    filled[known] = found
    return filled, known
