"""The directory of an ablation: manifest, scenario, result and tables, as those of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab import __version__
from omnilab.experiment.ablation_tables import (
    ABLATION_FORMAT,
    ABLATION_TABLES,
    combination_rows,
    effect_rows,
)
from omnilab.experiment.result import result_text
from omnilab.experiment.tables import write_rows
from omnilab.runs.directories import MANIFEST, RESULT, SCENARIO, file_digest, source_digest
from omnilab.runs.files import machine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnilab.experiment.ablation import Ablation
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["AblationOptions", "ablation_digest", "ablation_target", "write_ablation"]

FOLDER: Final = "ablations"


@dataclass(frozen=True)
class AblationOptions:
    """What was asked for beside scenario and strategy; all of it is in the digest."""

    seed: int
    customers: int
    replications: int
    engine: str
    over: tuple[str, ...]
    measures: tuple[str, ...]
    most_combinations: int


def ablation_digest(
    scenario_digest: str, options: AblationOptions, strategies: Sequence[LoadedStrategy]
) -> str:
    """Return the SHA-256 that an ablation is named after.

    Parameters
    ----------
    scenario_digest
        Of the scenario as its file has it.
    options
        Those of the command.
    strategies
        The one that is taken apart, and the status quo.
    """
    sources = [(s.name, source_digest(s)) for s in strategies]
    parts = [ABLATION_FORMAT, __version__, scenario_digest, asdict(options), sources]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def ablation_target(scenario: Scenario, digest: str) -> Path:
    """Return where an ablation goes that was not told where."""
    return Path(FOLDER) / f"{scenario.id}-{digest[:12]}"


def write_ablation(
    folder: Path,
    ablation: Ablation,
    result: Mapping[str, Any],
    *,
    digest: str,
    scenario: Scenario,
    options: AblationOptions,
    load: str,
    strategies: Sequence[LoadedStrategy],
    started: datetime,
) -> None:
    """Fill an ablation's directory.

    Parameters
    ----------
    folder
        An empty directory.
    ablation, result
        What was found, and the same as plain data.
    digest
        Of the ablation.
    scenario
        As its file has it, before ``--customers``.
    options
        Those of the command.
    load
        How the strategy is loaded again.
    strategies
        The one that was taken apart, and the status quo.
    started
        When the command began, with a zone.
    """
    from omnilab.scenario import scenario_to_yaml

    (folder / SCENARIO).write_text(scenario_to_yaml(scenario), encoding="utf-8")
    (folder / RESULT).write_text(result_text(result), encoding="utf-8")
    rows = {"combinations": combination_rows(ablation), "effects": effect_rows(ablation)}
    for name, columns in ABLATION_TABLES.items():
        write_rows(folder / f"{name}.parquet", rows[name], columns)
    manifest = {
        "format": ABLATION_FORMAT,
        "omnilab": __version__,
        "command": "ablate",
        "status": "partial" if result["failures"] else "done",
        "digest": digest,
        "scenario": result["scenario"],
        "options": asdict(options),
        "engine": result["engine"],
        "wiring": result["wiring"],
        "load": load,
        "strategies": [{"name": s.name, "source": source_digest(s)} for s in strategies],
        "failures": result["failures"],
        "files": {path.name: file_digest(path) for path in sorted(folder.iterdir())},
        "machine": machine(),
        "times": {
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "elapsed_s": result["elapsed_s"],
        },
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
