"""docs/how-to/work-from-python.md: its code runs, and it names each table that a result has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import omnilab as ol
from tests.fit.shop import simulated, write_log


@pytest.mark.filterwarnings("ignore::omnilab.errors.OmnilabWarning")
def test_the_page_runs_and_names_all_tables(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_log(tmp_path / "orders.csv")
    monkeypatch.setattr("omnilab.fit.replay.simulate", simulated)  # for speed
    page = (root / "docs/how-to/work-from-python.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        exec(compile(block, "docs/how-to/work-from-python.md", "exec"), names)
    assert names["careful"].reference == "multichannel"
    tables = {name for name in vars(ol.Result) if not name.startswith("_")}
    assert tables <= set(re.findall(r"result\.(\w+)", page)) | {"scenario", "strategies"}
    of_a_fit = {name for name in vars(ol.Fit) if not name.startswith("_")}
    assert of_a_fit == set(re.findall(r"found\.(\w+)", page))
    functions = {name for name in ol.__all__ if name.islower() and not name.startswith("_")}
    assert functions <= set(re.findall(r"ol\.(\w+)", page))
