"""One record from its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omnilab.kernels.record import Record, names_of, record_array

__all__ = ["one_record"]


def one_record(record: type[Record], values: Mapping[str, float | Sequence[float]]) -> Any:
    """Return an array of one record with these values, one for each field.

    Raises
    ------
    TypeError
        If a field has no value, or a value no field.
    """
    wrong = sorted(set(names_of(record)) ^ set(values))
    if wrong:
        raise TypeError(f"{record.__name__}: no field or no value: {', '.join(wrong)}")
    made = record_array(record, 1)
    for name, value in values.items():
        made[0][name] = value
    return made
