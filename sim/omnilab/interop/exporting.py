"""Write an export: all of its files under a hidden name, and then all at once under their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab import __version__
from omnilab._files.writing import drafts, names_file
from omnilab.errors import DataError, OptionError
from omnilab.interop.kinds import WORKBOOK, Content, files_of
from omnilab.runs.directories import file_digest
from omnilab.scenario import scenario_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnilab.interop.source import Source

__all__ = ["EXPORT_FORMAT", "MANIFEST", "check_folder", "digests_in", "export", "put", "said_of"]

EXPORT_FORMAT: Final = "omnilab-export-v1"
MANIFEST: Final = "manifest.json"
_MOST_ROWS: Final = (1 << 20) - 1  # of a sheet, below its header
_LONGEST_NAME: Final = 31


def check_folder(folder: Path, option: str) -> None:
    """Refuse a folder that holds something already.

    Raises
    ------
    OptionError
        With what to do.
    """
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"{option} {folder} is there and is no directory")
    if folder.is_dir() and any(folder.iterdir()):
        raise OptionError(f"{option} {folder} is there already: choose another, or remove it")
    if not folder.absolute().parent.is_dir():
        raise OptionError(f"{option} {folder}: there is no directory {folder.absolute().parent}")


def export(source: Source, kinds: Sequence[str], folder: Path) -> list[str]:
    """Write some kinds of tables into a folder, and return the files' names.

    Raises
    ------
    DataError
        For what the scenario can't fill. Nothing is written then.
    OptionError
        If the workbook is asked for and openpyxl is not there, or there is no table for it.
    """
    if WORKBOOK in kinds:
        workbook_library()
    found = files_of(source, kinds)
    tables = {Path(n).stem: c for n, c in found.items() if isinstance(c, pd.DataFrame)}
    if WORKBOOK in kinds and not tables:
        raise OptionError(
            "--to xlsx: there is no table for it: name another kind beside it, or a run directory"
        )
    found = {n: c for n, c in found.items() if Path(n).stem not in source.tables}
    with names_file(folder), drafts([folder]) as (draft,):
        draft.mkdir()
        for name, content in found.items():
            put(draft / name, content)
        if WORKBOOK in kinds:
            put_workbook(draft / "tables.xlsx", tables)
        manifest = {
            "format": EXPORT_FORMAT, "kinds": list(kinds), **said_of(source),
            "files": digests_in(draft),
        }  # fmt: skip
        put(draft / MANIFEST, manifest)
    return [*manifest["files"], MANIFEST]


def put(path: Path, content: Content) -> None:
    """Write a file: a table as CSV, lines as text, arrays as npz without pickles, or JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, pd.DataFrame):
        content.to_csv(path, index=False, lineterminator="\n")
    elif isinstance(content, list):
        path.write_text("".join(f"{line}\n" for line in content), encoding="utf-8")
    elif path.suffix == ".npz":
        np.savez(path, allow_pickle=False, **{k: np.asarray(v) for k, v in content.items()})
    else:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        path.write_text(text, encoding="utf-8")


def put_workbook(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables as the sheets of one workbook.

    Raises
    ------
    DataError
        For a table that is too long for a sheet.
    """
    workbook_library()
    for name, table in tables.items():
        if len(table) > _MOST_ROWS:
            raise DataError(
                f"--to xlsx: {name} has {len(table):,} rows, a sheet takes {_MOST_ROWS:,}: take "
                "fewer customers, or the CSV file alone"
            )
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, table in tables.items():
            # Excel knows no time zones.
            plain = table.copy()
            for column in plain.select_dtypes(include=["datetimetz"]).columns:
                plain[column] = plain[column].dt.tz_localize(None)
            plain.to_excel(writer, sheet_name=name[:_LONGEST_NAME], index=False)


def workbook_library() -> None:
    """Find out whether workbooks can be written.

    Raises
    ------
    OptionError
        If openpyxl is not installed.
    """
    from importlib.util import find_spec

    if find_spec("openpyxl") is None:
        raise OptionError("--to xlsx needs openpyxl: install omnilab[excel]")


def said_of(source: Source) -> dict[str, Any]:
    """Return what a manifest says of where its tables come from."""
    return {
        "omnilab": __version__,
        "scenario": {"id": source.scenario.id, "digest": scenario_digest(source.scenario)},
        "customers": source.scenario.population.customers,
        "seed": source.seed,
        "strategies": [s.name for s in source.strategies],
        "control": source.control.name,
        "logs": {name: life.digest for name, life in source.lives.lives.items()},
    }


def digests_in(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, by its name from there."""
    return {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip
