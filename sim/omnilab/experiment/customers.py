"""The table of customers: a row for each under each strategy, written chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from omnilab.errors import DataError
from omnilab.experiment.columns import STRATEGY, TABLES_FORMAT, Column
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.groups import DIMENSIONS, N_KEYS, PERSONA, Grouping
from omnilab.measure.observed import (
    CLICKED,
    COLUMNS,
    DELIVERED,
    JOURNEYS,
    N_CUSTOMER,
    OPENED,
    VALUES,
)

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = [
    "CUSTOMERS",
    "CUSTOMERS_FILE",
    "CustomerTable",
    "customer_columns",
    "kept_customers",
]

CUSTOMERS_FILE: Final = "customers.parquet"
#: What a customer's columns are called where the mean over customers has another name.
_CALLED: Final = {
    "purchase_rate": "buyers", "leave_rate": "left", "stop_rate": "stopped",
    "leave_after_order_rate": "left_after_order", "leave_annoyed_rate": "left_annoyed",
    "leave_messages_rate": "left_messages",
}  # fmt: skip
_NAMES: Final = tuple(_CALLED.get(n, n.removesuffix("_per_customer")) for n in COLUMNS)
_MONEY: Final = {n: MEASURES[n].denominator[0][1] for n in COLUMNS if MEASURES[n].unit == "EUR"}

#: One row for each customer and strategy. Key: strategy, replication, customer.
CUSTOMERS: Final = (
    STRATEGY,
    Column("replication", "From 0.", "whole"),
    Column("customer", "Number from 0, as `omnilab twin` takes it.", "whole"),
    *(Column(d.name, d.what) for d in DIMENSIONS[1:N_KEYS]),
    Column("recipient_of", "Journeys that sent a message in the window, with commas."),
    Column("delivered", "Messages delivered in the window, ads shown too.", "whole"),
    Column("opened", "Messages opened in the window.", "whole"),
    Column("clicked", "Messages and ads clicked in the window.", "whole"),
    *(
        Column(
            name,
            f"{MEASURES[c].what} In the scenario's currency." if c in _MONEY
            else f"This customer's part of `{c}`.",
            "number" if c in _MONEY else "whole",
        )
        for name, c in zip(_NAMES, COLUMNS, strict=True)
    ),
)  # fmt: skip


def customer_columns(
    rows: Any, *, strategy: str, replication: int, first: int, grouping: Grouping,
    journeys: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """Return the columns of `CUSTOMERS` for a chunk's customers under one strategy.

    Parameters
    ----------
    rows
        Of `omnilab.measure.observed.Observed.customers`.
    strategy, replication, first
        Whose they are, and the number of the first customer.
    grouping
        Of the scenario.
    journeys
        Names of the strategy's journeys, in their order in the plan.
    """
    n = len(rows)
    columns: dict[str, Any] = {
        "strategy": np.full(n, strategy, dtype=object),
        "replication": np.full(n, replication, dtype=np.int64),
        "customer": np.arange(first, first + n),
    }
    for d in range(1, N_KEYS):
        labels = np.array(grouping.labels(d), dtype=object)
        columns[DIMENSIONS[d].name] = labels[rows[:, d] - grouping.first[d]]
    masks, which = np.unique(rows[:, JOURNEYS], return_inverse=True)
    names = [", ".join(_of(int(mask), journeys)) for mask in masks]
    columns["recipient_of"] = np.array(names, dtype=object)[which]
    for name, at in (("delivered", DELIVERED), ("opened", OPENED), ("clicked", CLICKED)):
        columns[name] = rows[:, at]
    for i, (name, measure) in enumerate(zip(_NAMES, COLUMNS, strict=True)):
        values = rows[:, VALUES + i]
        columns[name] = values / _MONEY[measure] if measure in _MONEY else values
    return columns


def _of(mask: int, journeys: Sequence[str]) -> Iterator[str]:
    return (name for j, name in enumerate(journeys) if mask >> j & 1)


class CustomerTable:
    """Writes customers while a comparison goes on, a group of rows a chunk.

    Parameters
    ----------
    folder
        Where the file goes.
    scenario, strategies
        What is compared.
    """

    def __init__(
        self, folder: Path, scenario: Scenario, strategies: Sequence[LoadedStrategy]
    ) -> None:
        self._path = folder / CUSTOMERS_FILE
        self._journeys = {s.name: [j.name for j in s.plan.journeys] for s in strategies}
        self._scenario = scenario
        self._grouping: Grouping | None = None
        self._writer: Any = None
        self._strategies: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Close the file, and remove it where the comparison did not end."""
        if self._writer is not None:
            with suppress(OSError) if kind is not None else _nothing():
                self._writer.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def add(self, replication: int, first: int, rows: dict[str, Any]) -> None:
        """Take the rows of a chunk's customers; fewer strategies than before begin anew."""
        import pyarrow as pa

        if tuple(rows) != self._strategies:  # one has failed, and all is simulated again
            self._begin(tuple(rows))
        assert self._grouping is not None
        found = [
            customer_columns(
                rows[strategy], strategy=strategy, replication=replication, first=first,
                grouping=self._grouping, journeys=self._journeys[strategy],
            )
            for strategy in sorted(rows)
        ]  # fmt: skip
        # By customer, then strategy: in whatever chunks they come, the rows lie in one order.
        arrays = [
            pa.array(np.stack([columns[f.name] for columns in found], axis=1).ravel(), f.type)
            for f in self._writer.schema
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._writer.schema))

    def _begin(self, strategies: tuple[str, ...]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is not None:
            self._writer.close()
        self._strategies = strategies
        # Recipients' groups come last, so the number of journeys does not move the others.
        self._grouping = Grouping(self._scenario, 0)
        types = {"text": pa.string(), "number": pa.float64(), "whole": pa.int64()}
        fields = [pa.field(c.name, types[c.kind], c.null, {"what": c.what}) for c in CUSTOMERS]
        schema = pa.schema(fields, metadata={"omnilab": TABLES_FORMAT})
        self._writer = pq.ParquetWriter(self._path, schema)


def kept_customers(
    path: Path, scenario: Scenario, strategies: Sequence[str]
) -> Iterator[tuple[int, int, float, list[Any]]]:
    """Yield the customers that a run has kept: a group of rows at a time, as they were simulated.

    Yields
    ------
    tuple
        Replication, first customer, the share that has been read, and for each strategy the
        customers' rows as of `omnilab.measure.observed.Observed.customers`: persona and the sums
        that `COLUMNS` name, all else 0.

    Raises
    ------
    DataError
        If the file can't be read, or has not all of these strategies.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, ["strategy", "replication", "customer",
                                                    "persona", *_NAMES])  # fmt: skip
                parts = [table.filter(pc.equal(table["strategy"], s)) for s in strategies]
                customers = [part["customer"].to_numpy() for part in parts]
                if any(len(c) == 0 or not np.array_equal(c, customers[0]) for c in customers):
                    raise ValueError(f"it has not each customer under {', '.join(strategies)}")
                rows = [_rows_of(part, scenario) for part in parts]
                first, replication = int(customers[0][0]), int(table["replication"][0].as_py())
                yield replication, first, (group + 1) / file.num_row_groups, rows
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: {error}; without this file the customers are simulated again"
        ) from None


def _rows_of(part: Any, scenario: Scenario) -> Any:
    """Return kept customers as rows of whole numbers."""
    labels = Grouping(scenario, 0)
    rows = np.zeros((len(part), N_CUSTOMER), np.int64)
    number = {name: i for i, name in enumerate(labels.labels(PERSONA))}
    personas = [number[name] for name in part["persona"].to_pylist()]
    rows[:, PERSONA] = labels.first[PERSONA] + np.array(personas, np.int64)
    for i, (name, measure) in enumerate(zip(_NAMES, COLUMNS, strict=True)):
        rows[:, VALUES + i] = np.rint(part[name].to_numpy() * _MONEY.get(measure, 1))
    return rows


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()
