"""Pages, docstrings and comments cite nothing that a reader of the repository can't open."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.test_repository import committed_files

TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".cff"}
#: Names of notes that stand outside the repository, in pieces so that this file is clean.
OUTSIDE = re.compile(
    "|".join(
        ["DES" + r"IGN\b", "house-" + "review", "vocab" + r"ulary\.md", "inter" + r"op\.md",
         r"\.\./" + "shared", "sta" + r"ndards\.md", "sou" + r"rces\.md"]
    )
)  # fmt: skip
#: Pages and sources as texts name them: with a folder, or a page alone.
NAMED = re.compile(r"(?<![\w/.{-])((?:[\w-]+/)+[\w-]+\.(?:md|py|yaml)|[\w-]+\.md)\b")
#: Names in examples, which stand for a user's own file.
EXAMPLES = {
    "public/README.md",  # of a bundle
    "path/to/file.py",
    "path/to/strategy.yaml",
    "strategies/mine.py",
    "table.md",
    "no/such/x.md",
    "x.md",
}
QUOTED = re.compile(r"(?:docs/)?([\w-]+\.md), \"([^\"]+)\"")


def texts(*folders: str) -> list[Path]:
    return [
        path
        for path in committed_files()
        if path.suffix in TEXT and path.relative_to(ROOT).parts[0] in folders
    ]


ALL = sorted({path.relative_to(ROOT).parts[0] for path in committed_files()})
PRODUCT = ("sim", "strategies", "docs", "scenarios", "examples", "README.md", "CONTRIBUTING.md")


def test_nothing_outside_the_repository_is_cited() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts(*ALL)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OUTSIDE.search(line)
    ]
    assert faults == []


@cache
def known_names() -> frozenset[str]:
    """Return every way to name a file: its path, and every end of it."""
    found: set[str] = set()
    for path in committed_files():
        parts = path.relative_to(ROOT).parts
        found |= {"/".join(parts[i:]) for i in range(len(parts))}
    return frozenset(found)


def missing(text: str) -> list[str]:
    return [n for n in NAMED.findall(text) if n not in known_names() | EXAMPLES]


@pytest.mark.parametrize("text", ["see docs/absent.md", "(`world/absent.py`)", "as in absent.md."])
def test_a_file_that_is_not_there_is_noticed(text: str) -> None:
    assert missing(text)


def made_by_errands() -> set[str]:
    """Return the files that a reader of a guide writes."""
    errands = (ROOT / "tests" / "errands").glob("*.yaml")
    edits = [edit for path in errands for edit in yaml.safe_load(path.read_text("utf-8"))]
    return {edit["file"] for edit in edits if "new" in edit}


def test_files_that_are_named_are_there() -> None:
    """Also in docstrings, comments and help; files of users' own examples have no folder."""
    faults = []
    for path in texts(*PRODUCT):
        if path.name == "parameters.md":  # its addresses name pages of others
            continue
        if path.parent.name == "kept":  # a user's own file, whose names are of their repository
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"https?://\S+", "", text)
        if path.suffix == ".md":  # outputs and commands of users
            text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        made = made_by_errands() if path.parent.name == "how-to" else set()
        faults += [f"{path.relative_to(ROOT)}: {n}" for n in missing(text) if n not in made]
    assert faults == []


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings make, as forges make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_of_pages_lead_somewhere() -> None:
    faults = []
    for page in [p for p in texts("docs", "README.md", "CONTRIBUTING.md") if p.suffix == ".md"]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = page.parent / name if name else page
            there = file.exists() and (not anchor or anchor in anchors(file))
            faults += [] if there else [f"{page.name}: {target}"]
    assert faults == []


def test_headings_that_are_quoted_are_there() -> None:
    faults = []
    for path in texts("sim", "docs", "strategies"):
        for name, heading in QUOTED.findall(path.read_text(encoding="utf-8")):
            page = next((ROOT / "docs").rglob(name))
            heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            faults += [] if heading in heads else [f"{path.name}: {name}, {heading}"]
    assert faults == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    """By links, from page to page."""
    reached, new = set(), {ROOT / "README.md"}
    while new:
        reached |= new
        links = {
            (page.parent / target).resolve()
            for page in new
            for target in re.findall(r"\]\(([^)\s#]+\.md)", page.read_text(encoding="utf-8"))
        }
        new = {link for link in links if link.is_file()} - reached
    pages = {path.resolve() for path in texts("docs") if path.suffix == ".md"}
    assert sorted(p.name for p in pages - {r.resolve() for r in reached}) == []
