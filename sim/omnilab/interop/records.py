"""Records for linkage: identifiers that were seen together, a row each, and whose they are.

A row is a sighting: a visit or an order that showed identifiers, or a record that the brand had at
the start. Values are marks that name nobody, as hashed identifiers are: equal or not, and no more.

*As seen*, some are mistyped, shared by a household's computer, changed or deleted. *Clean*, each
customer has one value of each type for ever and shows it wherever the scenario asks for that type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from omnilab.errors import DataError
from omnilab.interop.chance import mark
from omnilab.interop.repeat_purchase import stamps
from omnilab.log.identifier_types import TYPES

if TYPE_CHECKING:
    from omnilab.interop.lives import Life, Lives

__all__ = ["membership", "records"]


def records(lives: Lives, life: Life, *, clean: bool = False) -> pd.DataFrame:
    """Return the records in the order of their time, up to the window's end.

    Returns
    -------
    DataFrame
        ``unique_id`` (from 0), ``source_dataset`` (channel, or ``crm``), ``timestamp``, a column
        for each type of identifier that was seen (null where it was not), and ``cluster``, the true
        customer.
    """
    shown = life.shown[life.shown["time"] < lives.end]
    if not len(shown):
        raise DataError(f"{life.name} is shown no identifier: there is nothing to link")
    first = shown.groupby("block", sort=False)[["time", "person", "channel", "record"]].first()
    first = first.sort_values(["time", "person"], kind="stable")
    names = pd.Index([*lives.channels])
    frame = pd.DataFrame(
        {
            "unique_id": range(len(first)),
            "source_dataset": [
                "crm" if is_record or c < 0 else names[c]
                for is_record, c in zip(first["record"], first["channel"], strict=True)
            ],
            "timestamp": stamps(lives, first["time"]),
        }
    )
    for number in sorted(shown["type"].unique()):
        of = shown[shown["type"] == number].groupby("block")[["code", "person"]].first()
        what = of["person"] if clean else of["code"]
        kind = TYPES[number]
        marks = what.map({x: mark(lives.seed, kind, x) for x in what.unique()})
        of_row = marks.reindex(first.index).astype(object)
        frame[kind] = of_row.where(of_row.notna(), None).to_numpy()  # rows lie in another order
    frame["cluster"] = first["person"].to_numpy()
    return frame


def membership(frame: pd.DataFrame) -> pd.Series:
    """Return er-evaluation's membership: the record's id as index, its cluster as value."""
    return frame.set_index("unique_id")["cluster"]
