"""docs/how-to/work-from-python.md: its code runs, and it names each table that a result has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import omnilab as ol


def test_the_page_runs_and_names_all_tables(root: Path) -> None:
    page = (root / "docs/how-to/work-from-python.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        exec(compile(block, "docs/how-to/work-from-python.md", "exec"), names)
    assert names["careful"].reference == "multichannel"
    tables = {name for name in vars(ol.Result) if not name.startswith("_")}
    assert tables <= set(re.findall(r"result\.(\w+)", page)) | {"scenario", "strategies"}
    assert set(ol.__all__) - {"__version__", "Finding", "Result"} <= set(
        re.findall(r"ol\.(\w+)", page)
    )
