"""The example in docs/explanation/chance.md runs and prints what the page shows."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path


def test_the_example_prints_what_the_page_shows(root: Path) -> None:
    text = (root / "docs/explanation/chance.md").read_text(encoding="utf-8")
    match = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)
    assert match is not None
    printed = StringIO()
    with redirect_stdout(printed):
        exec(match[1], {})
    assert printed.getvalue() == match[2]


def test_files_that_the_pages_name_are_there(root: Path) -> None:
    for page in ("explanation/chance.md", "explanation/model.md"):
        text = (root / "docs" / page).read_text(encoding="utf-8")
        named = set(re.findall(r"`((?:[a-z]+/)+[a-z_]+\.py)`", text))
        places = (root / "sim" / "omnilab", root)
        missing = [n for n in named if not any((place / n).is_file() for place in places)]
        assert missing == [], page
