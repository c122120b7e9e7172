"""Columns of the tidy tables, each declared once with its unit, and how tables are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from omnilab.measure.ratio import Measure

__all__ = [
    "HIGH",
    "LOW",
    "MEASURE",
    "REFERENCE",
    "STRATEGY",
    "TABLES_FORMAT",
    "UNIT",
    "Column",
    "Row",
    "unit_of",
    "write_rows",
]

Row = dict[str, Any]

TABLES_FORMAT: Final = "omnilab-tables-v2"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name, what
        Its name, and what it holds, with unit and range.
    kind
        Of its values.
    null
        Whether a value may be missing.
    values
        All values that there are, where they are few.
    """

    name: str
    what: str
    kind: Literal["text", "number", "whole", "flag"] = "text"
    null: bool = False
    values: tuple[str, ...] = ()


STRATEGY: Final = Column("strategy", "Name of the strategy.")
MEASURE: Final = Column("measure", "Name of the measure, as `omnilab list measures` has it.")
UNIT: Final = Column(
    "unit",
    "Unit of value, low and high: `share` (of 1; a difference of 0.01 is one point), `number` (of "
    "things to one), `ratio`, `count`, or the scenario's currency, such as `EUR`.",
)
LOW: Final = Column("low", "Lower bound of the interval.", "number", null=True)
HIGH: Final = Column("high", "Upper bound of the interval.", "number", null=True)
REFERENCE: Final = Column(
    "reference",
    "The strategy that differences are against; null where there is one strategy, or in its own "
    "rows.",
    null=True,
)


def unit_of(measure: Measure, currency: str) -> str:
    """Return a measure's unit with the scenario's own currency."""
    return currency if measure.unit == "EUR" else measure.unit


def write_rows(path: Path, rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """Write a table as Parquet; its metadata says which format it is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "number": pa.float64(), "whole": pa.int64(), "flag": pa.bool_()}
    fields = [pa.field(c.name, types[c.kind], c.null, {"what": c.what}) for c in columns]
    schema = pa.schema(fields, metadata={"omnilab": TABLES_FORMAT})
    arrays = [pa.array([row[f.name] for row in rows], f.type) for f in schema]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
