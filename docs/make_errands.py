"""Write the how-to pages that show an errand of tests/errands step by step: `make pin`.

A test carries the errand out in a copy of the tree, so the page's steps are steps that work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
MADE = "<!-- made by make pin, from tests/errands/{}.yaml -->"
END = "<!-- end -->"

#: Page of docs/how-to -> errand.
PAGES = {
    "add-a-mechanism": "a_world_mechanism",
    "add-a-sharing-choice": "another_sharing_choice",
    "add-a-rule-of-the-brand": "points_that_expire",
}


def block(text: str) -> list[str]:
    """Return code as a block that no formatter touches."""
    return ["```text", *text.rstrip("\n").splitlines(), "```", ""]


def step(edit: dict[str, Any]) -> list[str]:
    """Return one edit in words."""
    if "new" in edit:
        return [f"Write `{edit['file']}`:", "", *block(edit["new"])]
    where = f"In `{edit['file']}`"
    if "after" in edit:
        return [
            f"{where}, below this:",
            "",
            *block(edit["after"]),
            "add",
            "",
            *block(edit["insert"]),
        ]
    return [f"{where}, replace", "", *block(edit["replace"]), "by", "", *block(edit["by"])]


def steps(errand: str) -> str:
    """Return all edits of an errand, and how many files they touch."""
    edits = yaml.safe_load((ROOT / "tests" / "errands" / f"{errand}.yaml").read_text("utf-8"))
    files = list(dict.fromkeys(edit["file"] for edit in edits))
    count = "one file" if len(files) == 1 else f"{len(files)} files"
    named = ", ".join(f"`{name}`" for name in files)
    lines = [f"It touches {count}: {named}.", ""]
    for edit in edits:
        lines += step(edit)
    return "\n".join(lines).rstrip("\n")


def pages() -> list[tuple[Path, str]]:
    """Return each page's path and its text with the steps made anew."""
    made = []
    for page, errand in PAGES.items():
        path = ROOT / "docs" / "how-to" / f"{page}.md"
        before, rest = path.read_text(encoding="utf-8").split(MADE.format(errand))
        after = rest.split(END)[1]
        text = f"{before}{MADE.format(errand)}\n\n{steps(errand)}\n\n{END}{after}"
        made.append((path, text))
    return made


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
