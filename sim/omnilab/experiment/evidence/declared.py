"""Read files of evidence: their form, whether their names fit together, and fit the scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from omnilab._files.yaml_lines import read_yaml
from omnilab.errors import ScenarioError
from omnilab.experiment.evidence.fits import check_world
from omnilab.experiment.evidence.model import StudyFile
from omnilab.experiment.evidence.names import check_names
from omnilab.experiment.evidence.study import Study
from omnilab.scenario.catalogue import scenario_folder
from omnilab.scenario.load import validate_tree

__all__ = ["FOLDER", "evidence_files", "read_study"]

#: Keys that scenarios have, and files of evidence do not.
_SCENARIO: Final = frozenset({"extends", "channels", "brand", "world", "population"})
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
    root = read_yaml(path)
    if isinstance(root.value, dict) and "claims" not in root.value and _SCENARIO & set(root.value):
        raise root.error("this is a scenario: a file of evidence names one as `base`, and `claims`")
    study = Study(validate_tree(StudyFile, root), root)
    check_names(study)
    if study.runs:
        for world in study.worlds():
            check_world(study, world)
    return study
