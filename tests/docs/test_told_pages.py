"""Pages that are made of what the code and the scenarios say of themselves are current."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from omnilab_strategies import STRATEGIES
from tests.docs.made import maker

FOUND = "tests/verification/test_found.py"
SIGNS = "test_an_ablation_gives_the_signs_that_are_kept"


def test_the_page_of_strategies_is_current_and_has_them_all() -> None:
    made = maker("make_strategies")
    page = made.PAGE.read_text(encoding="utf-8")
    assert page == made.page(), "run: make pin"
    assert [name for name in STRATEGIES if f"\n## {name}\n" not in page] == []


def test_the_page_of_scenarios_is_current_and_has_them_all(root: Path) -> None:
    made = maker("make_scenarios")
    page = made.PAGE.read_text(encoding="utf-8")
    assert page == made.page(), "run: make pin"
    files = list((root / "scenarios").glob("*.yaml"))
    assert [p.stem for p in files if f"\n## {p.stem}\n" not in page] == []
    tried = [p.name for p in files if (root / "scenarios" / "ablations" / p.name).is_file()]
    assert [name for name in tried if f"scenarios/ablations/{name})" not in page] == []


def test_the_page_of_stories_is_current() -> None:
    made = maker("make_stories")
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run: make pin"


def test_all_154_stories_name_what_is_there() -> None:
    made = maker("make_stories")
    rows = made.stories()
    assert len(rows) == 154
    assert made.faults(rows) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"by": ["scenario boots-v9"]}, "2: no scenario 'boots-v9'"),
        ({"by": ["strategy omnichanel"]}, "2: no strategy 'omnichanel'"),
        ({"by": ["measure ltvv"]}, "2: no measure 'ltvv'"),
        ({"by": ["command claim"]}, "2: no command 'claim'"),
        ({"by": ["key world.tip"]}, "2: no key 'world.tip'"),
        ({"by": ["thing x"]}, "2: no kind 'thing'"),
        ({"by": []}, "2: yes, but by nothing"),
        ({"now": "partly", "why": "x"}, "2: partly, but lacks nothing"),
        ({"now": "no", "lacks": "x"}, "2: no, but says not what was tried, and why"),
        ({"test": None}, "2: no test holds it"),
        ({"test": "tests/no.py::test_it"}, "2: no test 'tests/no.py::test_it'"),
        ({"test": f"{FOUND}::test_it"}, f"2: no test '{FOUND}::test_it'"),
        ({"test": f"{FOUND}::{SIGNS}[boots-v9]"}, "2: no ablation 'boots-v9' for its test"),
        ({"now": "perhaps"}, "2: 'perhaps' is none of yes, partly, no"),
        ({"held": False, "note": ""}, "2: held: false needs a note"),
        ({"n": 3}, "3: the row's number should be 2"),
        ({"lack": "x"}, "2: unknown lack"),
    ],
)
def test_a_wrong_story_is_noticed(change: dict[str, Any], said: str) -> None:
    made = maker("make_stories")
    rows = deepcopy(made.stories()[:2])
    rows[1] |= change
    assert made.faults(rows) == [said]


def test_a_head_is_parted_by_its_marks() -> None:
    heads = maker("heads")
    text = heads.head(
        "# yaml-language-server: $schema=x\n# A shop.\n#\n# Story: it\n#   sells.\n"
        "# What was found: less.\n"
        "# Kinds and keys of sources as in parameters.md; what is a default.\nid: x\n# no\n"
    )
    assert heads.parts(text) == {"": "A shop.", "Story": "it sells.", "What was found": "less."}


def test_every_claim_is_drawn_on_its_side_of_zero() -> None:
    made = maker("make_scenarios")
    claims = [
        _claim("it sells", "-", 0.0042, 0.003, 0.0054, "+", unit=""),
        _claim("it pays", "-", -0.2, -0.5, 0.1, "undecided", unit="EUR"),
        _claim("a tenth", "+", 0.1, 0.09, 0.11, "+", unit="relative"),
        _claim("few", "0", 0.00012345, None, None, "undecided", unit="share"),
    ]
    sure, unsure, part, few = made.picture({"claims": claims})
    start = len("not shown -0.200 points ")
    assert [line[:start].split() for line in (sure, unsure, part, few)] == [
        ["contrary", "+0.00420"], ["not", "shown", "-0.200", "EUR"], ["as", "told", "+10.0%"],
        ["not", "shown", "+0.0123", "points"],
    ]  # fmt: skip
    middle = sure.index("│")
    assert sure.index("●") > middle
    assert unsure[middle] == "┼"
    assert unsure.index("●") < middle
    assert [line.split("  ")[-1].strip() for line in (sure, unsure, part, few)] == [
        "it sells", "it pays", "a tenth", "few",
    ]  # fmt: skip


def test_every_ablation_has_its_picture(root: Path) -> None:
    made = maker("make_scenarios")
    page = made.PAGE.read_text(encoding="utf-8")
    for name in made.names():
        found = made.kept(name)
        assert all(f"  {claim['title']}\n" in page for claim in found["claims"]), name
    for path in (root / "scenarios").glob("*.yaml"):
        part = page.partition(f"\n## {path.stem}\n")[2].partition("\n## ")[0]
        assert "**Story.**" in part, path
        assert "**What was found.**" in part, path


def _claim(title: str, told: str, value: float, low: float | None, high: float | None,
           said: str, *, unit: str) -> dict[str, Any]:  # fmt: skip
    return {"title": title, "told": told, "estimate": value, "low": low, "high": high,
            "said": said, "unit": unit}  # fmt: skip
