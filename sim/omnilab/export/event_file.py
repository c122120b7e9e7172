"""The event log as Parquet, written while the run goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.export.row_groups import RowGroups
from omnilab.log.rows import KIND_NAMES, ROW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.scenario.model import Scenario

__all__ = ["EventFile"]


class EventFile:
    """Writes the rows of one strategy's log; kinds, channels and silos by their names.

    Parameters
    ----------
    path
        The file to write.
    scenario
        The scenario that names channels and silos.
    strategy
        Name of the strategy.
    """

    def __init__(self, path: Path, scenario: Scenario, strategy: str) -> None:
        import pyarrow as pa

        names = {
            "strategy": [strategy],
            "kind": [KIND_NAMES.get(k, f"kind_{k}") for k in range(128)],
            "channel": [c.name for c in scenario.channels],
            "silo": list(scenario.silos),
        }
        word = pa.dictionary(pa.int32(), pa.string())
        fields = {field: pa.from_numpy_dtype(ROW[field]) for field in ROW.names or ()}
        schema = pa.schema({"strategy": word} | fields | dict.fromkeys(names, word))
        self._columns = schema.names
        self._names = {field: pa.array(values, pa.string()) for field, values in names.items()}
        self._file = RowGroups(path, schema)

    def add(self, rows: NDArray[Any]) -> None:
        """Take rows; they are written as soon as there are enough for a row group."""
        import pyarrow as pa

        columns: dict[str, Any] = {"strategy": np.zeros(len(rows), np.int32)}
        columns |= {field: rows[field] for field in ROW.names or ()}
        self._file.write(
            [
                _named(columns[field], self._names[field])
                if field in self._names
                else pa.array(np.ascontiguousarray(columns[field]))
                for field in self._columns
            ]
        )

    def close(self) -> None:
        """Write what is left and end the file."""
        self._file.close()


def _named(codes: NDArray[Any], dictionary: Any) -> Any:
    """Return codes as names; a negative code is null."""
    import pyarrow as pa

    numbers = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(numbers, dictionary)
