"""The guide's examples run and print what the guide says."""

from __future__ import annotations

import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from omnilab import cli


def test_the_examples_print_what_the_guide_shows(root: Path) -> None:
    text = (root / "docs/explanation/identity.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)
    assert len(examples) == text.count("```python") == 6
    names: dict[str, object] = {}
    for code, shown in examples:
        printed = StringIO()
        with redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == shown


def test_the_commands_run(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (root / "docs/explanation/identity.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    columns = {"mail": ["a", None], "cookie": ["c", "c"], "when": [1, 2], "customer": ["p", "p"]}
    pq.write_table(pa.table(columns), "events.parquet")
    for line in block.replace("\\\n", " ").splitlines():
        name, *arguments = shlex.split(line)
        assert name == "omnilab"
        assert cli.main(arguments) == 0, line
    assert pq.read_table("rows.parquet").column("profile").to_pylist() == [0, 0]
    assert pq.read_table("profiles.parquet").num_rows == 2
