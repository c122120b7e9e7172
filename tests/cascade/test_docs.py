"""The guide's example runs and prints what the guide says."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from omnilab.cascade.plan_file import load_plans


def test_the_example_prints_what_the_guide_shows(root: Path) -> None:
    text = (root / "docs/explanation/cascade.md").read_text(encoding="utf-8")
    match = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)
    assert match is not None
    printed = StringIO()
    with redirect_stdout(printed):
        exec(match[1], {})
    assert printed.getvalue() == match[2]


def test_the_plan_file_of_the_guide_is_one(root: Path, tmp_path: Path) -> None:
    text = (root / "docs/explanation/cascade.md").read_text(encoding="utf-8")
    match = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert match is not None
    path = tmp_path / "plans.yaml"
    path.write_text(match[1], encoding="utf-8")
    plans, policy = load_plans(path)
    assert [len(plan.steps) for plan in plans] == [2]
    assert policy.tick_s == 900
