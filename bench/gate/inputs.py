"""The workloads' input: made once a gate run, by head, and read by the workers of both sides.

Both sides so work on the same bytes, even where the library takes part in making them, and a
worker starts without the seconds that making them takes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.cascade_stream import Columns, make_stream
from bench.streams import as_strings, links, typed_links

__all__ = ["CascadeInput", "cascade_input", "columns", "make_inputs", "string_columns"]

N_LINKS: Final = 2_000_000
N_TYPED: Final = 500_000
N_STRINGS: Final = 300_000
N_MESSAGES: Final = 100_000
_TABLES: Final = ("starts", "receipts", "signals")


class CascadeInput(NamedTuple):
    """Three tables in order of time and the control group."""

    starts: Columns
    receipts: Columns
    signals: Columns
    control: list[int]


def make_inputs(folder: Path) -> None:
    """Write every workload's input into a folder."""
    import pyarrow as pa
    from pyarrow import feather

    pairs = links("households", N_LINKS)
    np.savez(folder / "links.npz", a=pairs.a, b=pairs.b)
    np.savez(folder / "typed.npz", **typed_links(N_TYPED)._asdict())
    emails, cookies = as_strings(typed_links(N_STRINGS))
    table = pa.table({"email": emails, "cookie": cookies})
    feather.write_feather(table, str(folder / "strings.feather"), compression="uncompressed")
    stream = make_stream(N_MESSAGES)
    tables: dict[str, Any] = {
        f"{name}.{column}": values
        for name in _TABLES
        for column, values in getattr(stream, name).items()
    }
    np.savez(folder / "cascade.npz", control=np.array(stream.control), **tables)


def columns(folder: Path, name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of ``links`` or ``typed``."""
    with np.load(folder / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


def string_columns(folder: Path) -> dict[str, Any]:
    """Return addresses and cookies as Arrow arrays."""
    from pyarrow import feather

    table = feather.read_table(str(folder / "strings.feather"), memory_map=False)
    return {name: table.column(name).combine_chunks() for name in table.column_names}


def cascade_input(folder: Path) -> CascadeInput:
    """Return the cascade's tables and control group."""
    with np.load(folder / "cascade.npz") as file:
        starts, receipts, signals = (
            {k.partition(".")[2]: file[k] for k in file.files if k.startswith(f"{name}.")}
            for name in _TABLES
        )
        return CascadeInput(starts, receipts, signals, file["control"].tolist())
