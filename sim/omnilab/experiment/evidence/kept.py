"""Where finished studies are kept, so that a run that was stopped is taken up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab import __version__
from omnilab._files.writing import write_whole
from omnilab.errors import OptionError
from omnilab.experiment.evidence.base_rate import MetRate
from omnilab.experiment.evidence.result import ClaimResult
from omnilab.experiment.evidence.running import ArmValue, StudyResult
from omnilab.scenario.tree import plain
from omnilab.scenario.write import scenario_digest

if TYPE_CHECKING:
    from omnilab.experiment.evidence.study import Study

__all__ = ["STUDY_FORMAT", "Kept", "study_data", "study_from"]

STUDY_FORMAT: Final = "omnilab-evidence-study-v1"
#: Folders of code on which no result depends.
_ONLY_SHOWS: Final = ("api", "cli", "export", "fit", "glossary", "plot", "report", "runs")


class Kept:
    """A folder with a file for each finished study.

    Parameters
    ----------
    folder
        Made when the first study is kept.
    fresh
        Whether what is there is not looked at.

    Raises
    ------
    OptionError
        If there is something else than kept studies.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self.folder, self._fresh = folder, fresh
        if not folder.exists():
            return
        if not folder.is_dir():
            raise OptionError(f"{folder} is a file, not a directory for a run")
        others = [p for p in sorted(folder.iterdir()) if not _is_own(p)]
        if others:
            raise OptionError(
                f"{folder} is there and has more than a run of evidence, such as {others[0].name}:"
                " name another directory"
            )

    def load(
        self, study: Study, *, seed: int, customers: int, worlds: int = 0
    ) -> StudyResult | None:
        """Return a study's result; None where it was not run, or not as it is now."""
        if self._fresh:
            return None
        with suppress(OSError, ValueError, RecursionError, KeyError, TypeError):
            data = json.loads(self._file(study).read_text(encoding="utf-8"))
            if data["format"] == STUDY_FORMAT and data["digest"] == study_digest(
                study, seed=seed, customers=customers, worlds=worlds
            ):
                return study_from(data)
        return None

    def save(self, study: Study, result: StudyResult) -> None:
        """Keep a study's result, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = study_digest(
            study, seed=result.seed, customers=result.customers, worlds=result.asked
        )
        data = {"format": STUDY_FORMAT, "digest": digest, **study_data(result)}
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
        write_whole(self._file(study), f"{text}\n")

    def _file(self, study: Study) -> Path:
        return self.folder / f"{study.file.id}.json"


def study_digest(study: Study, *, seed: int, customers: int, worlds: int = 0) -> str:
    """Return the SHA-256 of all that a study's result depends on, the code too."""
    parts: list[Any] = [STUDY_FORMAT, __version__, _code(), plain(study.root), seed, customers]
    parts += [worlds] * (worlds > 0)
    if study.runs:
        for world in study.worlds(customers):
            parts += [
                (a.name, scenario_digest(a.scenario), a.strategy.source, repr(a.strategy.plan))
                for a in study.arms(world.scenario)
            ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def study_data(result: StudyResult) -> dict[str, Any]:
    """Return a study's result as JSON can hold it."""
    return asdict(result)


def study_from(data: Mapping[str, Any]) -> StudyResult:
    """Return the result that `study_data` wrote."""
    names = StudyResult.__dataclass_fields__
    own = {key: value for key, value in data.items() if key in names}
    own["claims"] = tuple(ClaimResult(**claim) for claim in data["claims"])
    own["rates"] = tuple(MetRate(**rate) for rate in data["rates"])
    own["values"] = tuple(ArmValue(**value) for value in data["values"])
    return StudyResult(**own)


@cache
def _code() -> str:
    """Return a digest of omnilab's own code: between two versions it changes too."""
    package = Path(__file__).resolve().parents[2]
    found = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package)
        if name.parts[0] not in _ONLY_SHOWS:
            found.update(name.as_posix().encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def _is_own(path: Path) -> bool:
    """Tell whether a file is one of a run of evidence."""
    if path.name.endswith((".html", ".md", ".partial")):
        return True
    with suppress(OSError), path.open(encoding="utf-8", errors="replace") as file:
        return '"format": "omnilab-evidence' in file.read(200)
    return False
