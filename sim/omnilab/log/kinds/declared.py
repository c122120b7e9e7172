"""What all rows have, and how a kind of row gets its number.

A kind's number is written in the log, so it is never given to another.
"""

from __future__ import annotations

from typing import Final

from omnilab.kernels.numbers import Numbers
from omnilab.kernels.record import Record, dtype_of, i1, i4, i8

__all__ = ["KINDS", "KIND_NAMES", "N_KINDS", "ROW", "Row", "RowKey", "kind"]

N_KINDS: Final = 120  # numbers that there are; a row keeps its kind in a byte with a sign
LATER: Final = 43  # from here on: kinds that came later


class RowKey(Record):
    """What all rows have."""

    time: i8  # seconds from the scenario's start
    person: i8  # global id, >= 0
    seq: i4
    priority: i1
    kind: i1
    channel: i1  # index or -1
    silo: i1


class Row(RowKey):
    """A row of any kind: the key, and four words."""

    a: i8
    b: i8
    c: i8
    d: i8


ROW: Final = dtype_of(Row)

#: The class of each kind.
KINDS: Final[dict[int, type[RowKey]]] = {}
_numbers: Final = Numbers("kind", N_KINDS, LATER)
KIND_NAMES: Final = _numbers.names


def kind(number: int, name: str, fields: type[RowKey]) -> int:
    """Declare a kind of row; return its number.

    Parameters
    ----------
    number
        Any that is free, 0..119; the error for one that is taken names a free one.
    name
        As logs and reports call it, such as ``"cart_left"``.
    fields
        Its class, which several kinds may share.

    Raises
    ------
    ValueError
        If the number or the name is another's, or the number is out of range.
    """
    _numbers.give(number, name)
    KINDS[number] = fields
    return number
