"""Read what ablations and sweeps left on disk, for a page of their own or beside a run's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import DataError
from omnilab.report.source import About, Source, read_tables
from omnilab.runs.directories import MANIFEST, SCENARIO, file_digest

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["Experiment", "kind_of", "read_experiment", "source_of"]

_FORMAT: Final = re.compile(r"omnilab-(run|ablation|sweep)-v[1-9][0-9]*")
#: Formats that are read, the file with the result, and the tables, of each kind.
_KINDS: Final = {
    "ablation": ("omnilab-ablation-v1", "result.json", ("effects",)),
    "sweep": ("omnilab-sweep-v1", "sweep.json", ("tornado", "sweep", "points")),
}


@dataclass(frozen=True)
class Experiment:
    """An ablation or a sweep, read.

    Attributes
    ----------
    path, kind
        Where it is; ``ablation`` or ``sweep``.
    manifest, data
        As the files have them.
    tables
        Rows by the table's name.
    scenario
        The first that was run.
    """

    path: Path
    kind: str
    manifest: Mapping[str, Any]
    data: Mapping[str, Any]
    tables: Mapping[str, Any]
    scenario: Scenario

    def source(self) -> Source:
        """Return it as a page's source of its own."""
        return source_of(self.scenario, self.data, self.tables, self.manifest)

    def beside(self, source: Source) -> Source:
        """Return a run's source with this experiment's tables.

        Raises
        ------
        DataError
            If it is about another scenario.
        """
        from dataclasses import replace

        if self.scenario.id != source.scenario.id:
            raise DataError(
                f"is about {self.scenario.id}, the run about {source.scenario.id}", file=self.path
            )
        result = dict(source.result)
        if self.data.get("hangs"):
            result["hangs"] = self.data["hangs"]
        if self.data.get("plausible"):
            result["plausible"] = self.data["plausible"]
        return replace(source, tables={**source.tables, **self.tables}, result=result)


def source_of(
    scenario: Scenario,
    data: Mapping[str, Any],
    tables: Mapping[str, Any],
    manifest: Mapping[str, Any] | None = None,
) -> Source:
    """Return an ablation or a sweep as a page's source of its own.

    Parameters
    ----------
    scenario
        The first that was run.
    data
        As its JSON file has it.
    tables
        Rows by the table's name.
    manifest
        Of the directory, where there is one.
    """
    manifest = manifest or {}
    options = manifest.get("options") or {}
    tornado = tables.get("tornado") or tables.get("sweep") or ()
    references = [row["reference"] for row in tornado if row.get("reference")]
    names = data.get("strategies") or [data.get("strategy", "")]
    result = {
        "strategies": [{"name": str(name)} for name in names],
        "reference": references[0] if references else None,
        "currency": data["currency"],
        "customers": data["customers"],
        "replications": data.get("replications", 1),
        "seed": options.get("seed", 1),
        "clusters": data.get("clusters"),
        "engine": data.get("engine") or options.get("engine", ""),
        "scenario": {"digest": manifest.get("scenario", {}).get("digest", "")},
        "hangs": data.get("hangs"),
        "plausible": data.get("plausible"),
    }
    times = manifest.get("times") or {}
    about = About(
        day=str(times.get("started", ""))[:10], version=str(manifest.get("omnilab", "")),
        digest=str(manifest.get("digest", "")),
        notes=[str(note) for note in data.get("notes", ())],
    )  # fmt: skip
    return Source(scenario, result, tables, about)


def kind_of(folder: Path) -> str:
    """Return whether a directory holds a ``run``, an ``ablation`` or a ``sweep``; "" for none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    found = manifest.get("format") if isinstance(manifest, dict) else None
    match = _FORMAT.fullmatch(found) if isinstance(found, str) else None
    return match[1] if match else ""


def read_experiment(folder: Path) -> Experiment:
    """Return an ablation or a sweep.

    Raises
    ------
    DataError
        If it is neither, of another version's format, incomplete or changed.
    """
    from omnilab.scenario import load_scenario

    kind = kind_of(folder)
    if not folder.exists():
        raise DataError("there is no such directory", file=folder)
    if kind not in _KINDS:
        raise DataError("is no directory of an ablation or a sweep", file=folder)
    wanted, name, tables = _KINDS[kind]
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != wanted:
        by = f"omnilab {manifest.get('omnilab')} wrote"
        text = f"is of the format {manifest['format']}, which {by}; this version reads {wanted}"
        raise DataError(f"{text}: run it again", file=folder / MANIFEST)
    files = manifest.get("files")
    for file, digest in sorted((files if isinstance(files, dict) else {}).items()):
        path = folder / file
        if file not in (name, SCENARIO, *(f"{t}.parquet" for t in tables)):
            continue
        if not path.is_file():
            raise DataError("is missing: the directory is incomplete", file=path)
        if file_digest(path) != digest:
            raise DataError("was changed since it was written", file=path)
    try:
        data = json.loads((folder / name).read_text(encoding="utf-8"))
        found = Experiment(
            folder, kind, manifest, data, read_tables(folder, tables),
            load_scenario(folder / SCENARIO),
        )  # fmt: skip
        found.source()
    except OSError as error:
        raise DataError(f"can't be read: {error.strerror}", file=folder / name) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"is incomplete: {error}", file=folder / name) from error
    return found
