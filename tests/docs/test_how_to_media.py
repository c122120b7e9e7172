"""The page about media and content: its scenarios are valid, and its measures are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omnilab import cli
from omnilab.measure.catalogue import MEASURES
from tests.docs.pages import blocks, page

TEXT = page("how-to/media-and-content.md")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_scenarios_are_valid(number: int, tmp_path: Path) -> None:
    file = tmp_path / "media.yaml"
    file.write_text(blocks(TEXT, "yaml")[number], encoding="utf-8")
    assert cli.main(["validate", str(file)]) == 0


def test_the_measures_are_there() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert len(named) > 15
    assert set(named) <= set(MEASURES)
