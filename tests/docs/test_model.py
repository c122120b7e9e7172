"""Explanations name parameters that the scenario's model has."""

from __future__ import annotations

import re
from pathlib import Path

from omnilab.scenario import Scenario
from omnilab.scenario.keys import explained

NAMED = re.compile(r"`([A-Z]\w+)\.(\w+)`")


def unknown(text: str) -> list[str]:
    """Return the parameters of a text, such as `Response.need`, that no scenario has."""
    keys = explained(Scenario)
    return [f"{part}.{key}" for part, key in NAMED.findall(text) if key not in keys.get(part, {})]


def test_a_parameter_that_is_not_there_is_noticed() -> None:
    assert unknown("`Response.needs`, `Respons.need`, `Response.need`") == [
        "Response.needs",
        "Respons.need",
    ]


def test_explanations_name_only_parameters_that_exist(root: Path) -> None:
    folder = root / "docs" / "explanation"
    for name in ("model.md", "chance.md"):
        assert unknown((folder / name).read_text(encoding="utf-8")) == [], name
    model = (folder / "model.md").read_text(encoding="utf-8")
    assert len(set(NAMED.findall(model))) > 40
