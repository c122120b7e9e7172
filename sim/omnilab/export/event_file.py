"""The event log as Parquet, written while the run goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.export.row_groups import RowGroups
from omnilab.log.rows import KIND_NAMES, WITH_UNITS, filled, table_fields

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.scenario.model import Scenario

__all__ = ["EventFile"]


class EventFile:
    """Writes the rows of one strategy's log; kinds, channels and silos by their names.

    A column is null where a row's kind has no such field (docs/reference/log-rows.md).

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
            "kind": [KIND_NAMES.get(k, "") for k in range(max(KIND_NAMES) + 1)],
            "channel": [c.name for c in scenario.channels],
            "silo": list(scenario.silos),
        }
        word = pa.dictionary(pa.int32(), pa.string())
        self._fields = table_fields()
        fields = {WITH_UNITS.get(name, name): pa.int64() for name in self._fields}
        schema = pa.schema({"strategy": word} | fields | dict.fromkeys(names, word))
        self._names = {field: pa.array(values, pa.string()) for field, values in names.items()}
        self._file = RowGroups(path, schema)

    def add(self, rows: NDArray[Any]) -> None:
        """Take rows; they are written as soon as there are enough for a row group."""
        import pyarrow as pa

        columns = [_named(np.zeros(len(rows), np.int32), self._names["strategy"])]
        for name in self._fields:
            values, has = filled(rows, name)
            if name in self._names:
                columns.append(_named(values, self._names[name]))
            else:
                columns.append(pa.array(values, mask=None if has.all() else ~has))
        self._file.write(columns)

    def close(self) -> None:
        """Write what is left and end the file."""
        self._file.close()


def _named(codes: NDArray[Any], dictionary: Any) -> Any:
    """Return codes as names; a negative code is null."""
    import pyarrow as pa

    numbers = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(numbers, dictionary)
