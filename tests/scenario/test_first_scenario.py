"""docs/tutorial/2-your-scenario.md: its file is valid and everything in it has an effect."""

from __future__ import annotations

import re
from pathlib import Path

from omnilab import cli
from omnilab.scenario import load_scenario


def test_the_pages_scenario_is_valid_and_has_all_it_tells_of(root: Path, tmp_path: Path) -> None:
    page = (root / "docs/tutorial/2-your-scenario.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    file = tmp_path / "shoes-v1.yaml"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["validate", "--strict", "-q", str(file)]) == 0
    scenario = load_scenario(file)
    assert {c.name for c in scenario.channels} == {"web", "app", "push", "store", "email"}
    file.write_text(text.replace("card: 200", "card: 500"), encoding="utf-8")
    assert cli.main(["validate", "--strict", "-q", str(file)]) == 2
