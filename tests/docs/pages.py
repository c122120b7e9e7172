"""Read a page: its blocks of code, and the changes to files that it tells to make."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import ROOT

_CHANGE = re.compile(
    r"^In `(?P<file>[^`]+)`, (?P<where>above|below) this:\n\n"
    r"```\w+\n(?P<anchor>.*?)\n```\n\nadd\n\n```\w+\n(?P<added>.*?)```$",
    re.DOTALL | re.MULTILINE,
)


def page(name: str) -> str:
    """Return the text of a page below docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """Return the blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def make_changes(text: str, tree: Path) -> list[str]:
    """Make the changes that a page tells to make in a copy of the tree; return the files.

    A change reads: In `file`, above (or below) this: a block, add a block. What it names must be
    there exactly once.
    """
    found = list(_CHANGE.finditer(text))
    assert len(found) == text.count("\nadd\n"), "a change is not written in the usual form"
    for change in found:
        path, anchor, added = tree / change["file"], change["anchor"], change["added"]
        old = path.read_text(encoding="utf-8")
        assert old.count(anchor) == 1, f"{change['file']} has {anchor!r} {old.count(anchor)} times"
        new = f"{added}{anchor}" if change["where"] == "above" else f"{anchor}\n{added.rstrip()}"
        path.write_text(old.replace(anchor, new), encoding="utf-8")
    return [change["file"] for change in found]
