"""The tables that a run directory holds, for a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

__all__ = ["run_tables"]

#: Logs and streams, which no sheet takes and other commands read.
_NOT: Final = ("events", "identifiers", "starts", "receipts", "signals")


def run_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the Parquet tables of a run directory by name."""
    return {
        path.stem: pd.read_parquet(path)
        for path in sorted(folder.glob("*.parquet"))
        if path.stem not in _NOT
    }
