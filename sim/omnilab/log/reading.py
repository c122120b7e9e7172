"""Reading a log in Python: its rows as those of their kind, with the fields under their names."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from omnilab.kernels.record import dtype_of
from omnilab.log.kinds.declared import KINDS, ROW

__all__ = ["WITH_UNITS", "all_named", "columns", "filled", "named", "of_kind", "table_fields"]


def columns(log: Any, kind: int) -> Any:
    """Return a whole log seen as rows of one kind: its fields under their names.

    Only rows of that kind may be read so (see `of_kind`). The memory is the log's.
    """
    return log.view(np.ndarray).view(_dtype(kind)).view(np.recarray)


def of_kind(log: Any, kind: int) -> Any:
    """Return a log's rows of one kind, with the kind's fields under their names."""
    return columns(log[log["kind"] == kind], kind)


def all_named(log: Any) -> list[dict[str, int]]:
    """Return each row's fields by name, as `named` does of one, in the log's order."""
    found: list[dict[str, int]] = [{}] * len(log)
    kinds = log["kind"]
    for kind in np.unique(kinds):
        places = np.flatnonzero(kinds == kind)
        seen = columns(log[places], int(kind))
        names = seen.dtype.names or ()
        values = zip(*(seen[name].tolist() for name in names), strict=True)
        for place, one in zip(places.tolist(), values, strict=True):
            found[place] = dict(zip(names, one, strict=True))
    return found


def named(row: Any) -> dict[str, int]:
    """Return one row's fields by name: the key's, and those of its kind."""
    seen = columns(np.array([row], dtype=ROW), int(row["kind"]))
    return {name: int(seen[0][name]) for name in seen.dtype.names or ()}


#: Fields as tables name them: with their units.
WITH_UNITS: Final = {
    "time": "time_s", "entry": "entry_s", "seconds": "held_s",
    "value": "value_cents", "amount": "amount_cents", "paid": "paid_cents",
    "margin": "margin_cents", "discount": "discount_cents", "refund": "refund_cents",
    "length": "length_s", "price": "price_cents",
    "metres": "distance_m", "dwell": "dwell_s", "home_x": "home_x_m", "home_y": "home_y_m",
    "work_x": "work_x_m", "work_y": "work_y_m", "x": "x_m", "y": "y_m",
    "due": "due_s",
    "wait": "wait_s", "spent": "spent_s", "late": "late_s", "promised": "promised_s",
    "fee": "fee_cents", "fulfilment_cost": "fulfilment_cost_cents",
    "cost": "cost_millicents", "rival": "rival_millicents",
    "match": "match_millionths", "standing": "standing_millionths",
    "average": "average_hundredths", "reward": "reward_cents",
    "off": "off_cents", "gift_cost": "gift_cost_cents", "lasts": "lasts_s",
    "left": "left_cents", "worth": "worth_cents", "until": "until_s",
}  # fmt: skip


def table_fields() -> tuple[str, ...]:
    """Return the fields of all kinds, the key's first, each once."""
    return tuple(dict.fromkeys(n for kind in KINDS for n in _dtype(kind).names or ()))


def filled(log: Any, name: str) -> tuple[Any, Any]:
    """Return one field over a whole log, int64, and a mask of the rows whose kind has it.

    Parameters
    ----------
    log
        Rows, shape ``(n,)``.
    name
        Of `table_fields`.
    """
    values, has = np.zeros(len(log), np.int64), np.zeros(len(log), np.bool_)
    for kind in np.unique(log["kind"]).tolist():
        if name in (_dtype(kind).names or ()):
            mask = log["kind"] == kind
            values[mask] = columns(log[mask], kind)[name]
            has |= mask
    return values, has


@cache
def _dtype(kind: int) -> Any:
    """Return a kind's layout, of a whole row's size."""
    dtype = dtype_of(KINDS[kind])
    fields: Any = dtype.fields
    return np.dtype(
        {
            "names": list(fields),
            "formats": [fields[n][0] for n in fields],
            "offsets": [fields[n][1] for n in fields],
            "itemsize": ROW.itemsize,
        }
    )
