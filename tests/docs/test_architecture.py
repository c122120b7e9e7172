"""docs/explanation/architecture.md: files, functions and the picture are those of the tree."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from omnilab.log.rows import KIND_NAMES
from tests.docs.pages import page
from tests.test_repository import LAYERS, LEAVES, OMNILAB, ROOT

PATH = r"`((?:[a-z_]+/)+[a-z_]+\.py)`"
#: A file, and where they stand, its functions in parentheses.
STEP = re.compile(PATH + r"(?:(?:,| \() ?((?:`\w+`(?:, )?)+))?")
SVG = ROOT / "docs" / "explanation" / "architecture.svg"


def faults(text: str) -> list[str]:
    """Return the files of a text that are not there, and the functions that their file lacks."""
    found = []
    for name, functions in STEP.findall(text):
        path = OMNILAB / name
        if not path.is_file() and not (ROOT / name).is_file():
            found.append(name)
            continue
        if not functions:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        found += [f"{name}: {f}" for f in re.findall(r"\w+", functions) if f not in own]
    return found


def test_what_is_not_there_is_noticed() -> None:
    assert faults("`world/absent.py` (`x`)") == ["world/absent.py"]
    assert faults("`world/needs.py` (`close`, `absent`)") == ["world/needs.py: absent"]
    assert faults("`world/needs.py`, `absent`") == ["world/needs.py: absent"]


def test_files_and_functions_are_there() -> None:
    text = page("explanation/architecture.md")
    assert faults(text) == []
    assert len(set(re.findall(PATH, text))) > 35


def test_rows_that_are_named_are_kinds_of_rows() -> None:
    text = page("explanation/architecture.md")
    named = re.findall(r"[Rr]ows? ((?:`\w+`(?:, | or )?)+)", text)
    kinds = {kind for group in named for kind in re.findall(r"`(\w+)`", group)}
    assert len(kinds) > 8
    assert kinds <= set(KIND_NAMES.values())


def drawn() -> dict[str, int]:
    """Return the packages of the picture, and their rows from the top."""
    groups = ET.parse(SVG).getroot().iter("{http://www.w3.org/2000/svg}g")
    found = {}
    for group in groups:
        text = group.find("{http://www.w3.org/2000/svg}text")
        assert text is not None
        assert text.text == group.get("data-package")
        found[str(text.text)] = int(group.get("data-row", "-1"))
    return found


def test_the_picture_has_the_layers() -> None:
    layers = {package: row for row, layer in enumerate(LAYERS) for package in layer}
    assert drawn() == layers | dict.fromkeys(LEAVES, len(LAYERS))


def test_a_row_that_is_further_down_is_drawn_further_down() -> None:
    heights: dict[int, set[float]] = {}
    for group in ET.parse(SVG).getroot().iter("{http://www.w3.org/2000/svg}g"):
        rect = group.find("{http://www.w3.org/2000/svg}rect")
        assert rect is not None
        heights.setdefault(int(group.get("data-row", "-1")), set()).add(float(rect.get("y", "0")))
    tops = [heights[row] for row in sorted(heights)]
    assert all(len(top) == 1 for top in tops)
    flat = [min(top) for top in tops]
    assert flat == sorted(set(flat))


def test_the_page_explains_each_package_and_shows_the_picture() -> None:
    text = page("explanation/architecture.md")
    table = text.split("| package | what is in it |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(drawn())
    assert f"]({Path(SVG).name})" in text
