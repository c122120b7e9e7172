"""Read files of evidence: their form, whether their names fit together, and fit the scenario."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from omnilab._files.kinds import other_kind
from omnilab._files.yaml_lines import read_yaml
from omnilab.errors import ScenarioError, closest
from omnilab.experiment.evidence.fits import check_world
from omnilab.experiment.evidence.model import StudyFile
from omnilab.experiment.evidence.names import check_names
from omnilab.experiment.evidence.study import Study
from omnilab.scenario.catalogue import scenario_folder
from omnilab.scenario.load import validate_tree

__all__ = ["FOLDER", "evidence_files", "read_study"]

#: Keys by which a file without claims is one of evidence all the same.
_OWN: Final = frozenset({"base", "arms"})
#: Beside the shipped scenarios.
FOLDER: Final = "evidence"


def evidence_files(places: Sequence[str | Path] = ()) -> list[Path]:
    """Return the files of evidence at some places: files, or folders of them; else the shipped.

    Raises
    ------
    ScenarioError
        If a place has none.
    """
    shipped = scenario_folder()
    given = [Path(p) for p in places]
    if not given:
        if shipped is None:
            raise ScenarioError("no evidence comes with this installation: name a folder or a file")
        given = [shipped / FOLDER]
    found: list[Path] = []
    for place in given:
        if place.is_dir():
            inside = sorted(place.glob("*.yaml"))
            if not inside:
                raise ScenarioError("has no file of evidence (*.yaml)", file=place)
            found += inside
        else:
            found.append(place)
    return list(dict.fromkeys(found))


def read_study(path: str | Path) -> Study:
    """Read a file of evidence and check all of it that can be checked without running it.

    Raises
    ------
    ScenarioError
        If anything in it is wrong, with file, line and the nearest right thing.
    """
    if not os.path.exists(path):  # noqa: PTH110 (Path.exists raises on a long name)
        raise ScenarioError(f"no such file{_near(Path(path))}", file=path)
    root = read_yaml(path)
    if said := other_kind(root.value, "evidence", known=_OWN):
        raise root.error(f"no file of evidence: {said}; one names a scenario as `base`")
    study = Study(validate_tree(StudyFile, root), root)
    check_names(study)
    if study.runs:
        for world in study.worlds():
            check_world(study, world)
    return study


def _near(path: Path) -> str:
    """Return the nearest file of evidence as a hint: of the folder that is named, or shipped."""
    shipped = scenario_folder()
    folders = [path.parent] if shipped is None else [shipped / FOLDER, path.parent]
    there = {p.stem: p for folder in folders for p in sorted(folder.glob("*.y*ml"))}
    close = closest(path.stem, there)
    return f" (did you mean '{there[close]}'?)" if close else ""
