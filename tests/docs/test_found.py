"""What scenarios tell as found is what their ablations gave, and those are the present ones."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.docs.made import maker

FOUND = maker("make_found")
HEADS = maker("heads")
TOLD = [p for p in sorted((ROOT / "scenarios").glob("*.yaml")) if p.stem in FOUND.names()]
#: A result as it is kept, of one claim.
KEPT = {
    "claims": [{"id": "a", "estimate": -0.00348, "low": -0.00512, "high": -0.00191}],
    "values": [{"value": 0.3481}, {"value": 0.0123}],
}


@pytest.mark.parametrize("name", FOUND.names())
def test_what_is_kept_of_an_ablation_is_of_its_present_file_and_scenario(name: str) -> None:
    assert FOUND.faults(name, FOUND.kept(name)) == [], f'run: make found ARGS="{name}"'


@pytest.mark.parametrize("name", FOUND.names())
def test_what_is_kept_has_every_claim_of_the_file(name: str) -> None:
    kept, study = FOUND.kept(name), FOUND.study_of(name)
    assert kept["study"] == study.file.id
    assert [(c["id"], c["title"], c["told"]) for c in kept["claims"]] == [
        (c.id, c.title, c.found.sign) for c in study.file.claims
    ]
    assert [c["id"] for c in kept["claims"] if c["estimate"] is None] == []


def test_nothing_else_is_kept() -> None:
    stories = maker("make_credits")
    stems = [*FOUND.names(), *map(stories.file_of, stories.STORIES)]
    assert sorted(p.stem for p in FOUND.FOLDER.iterdir()) == sorted(stems)


@pytest.mark.parametrize("path", TOLD, ids=lambda p: p.stem)
def test_the_figures_of_a_head_are_those_that_are_kept(path: Path) -> None:
    kept, told = FOUND.kept(path.stem), HEADS.told(path)
    ours = [t for t in told if t.command.startswith("omnilab evidence")]
    assert ours, "no line is of the ablation"
    wrong = [fault for line in ours for fault in HEADS.unkept(line.text, kept)]
    assert wrong == [], f"not in docs/found/{path.stem}.json"
    assert sum(len(HEADS.figures(t.text)) for t in ours) >= 3
    customers = {t.command: _customers(t.command, path) for t in ours}
    assert set(customers.values()) == {kept["customers"]}


@pytest.mark.parametrize("name", FOUND.names())
def test_the_figures_of_an_ablations_own_head_are_those_that_are_kept(name: str) -> None:
    kept, path = FOUND.kept(name), FOUND.ABLATIONS / f"{name}.yaml"
    told = HEADS.told(path)
    assert [fault for line in told for fault in HEADS.unkept(line.text, kept)] == []
    for count in re.finditer(r"(\d+) of the (\d+) signs", " ".join(t.text for t in told)):
        right = [c["said"] == c["told"] for c in kept["claims"]]
        assert count.groups() == (str(sum(right)), str(len(right)))


def _customers(command: str, path: Path) -> int:
    """Return how many customers a command runs."""
    given = re.search(r"--customers (\d+)", command)
    assert f"scenarios/ablations/{path.name}" in command
    return int(given[1]) if given else FOUND.study_of(path.stem).file.customers


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("without it -0.0035 orders (-0.0051 to -0.0019) of 0.348: it holds", []),
        ("without it .0035 (.0019 to .0051) are lost", []),
        ("without it -0.35 points (-0.51 to -0.19) of 1.23%", []),
        ("-0.35% of orders (-0.51 to -0.19)", []),
        ("-0.0036 orders (-0.0051 to -0.0019)", ["-0.0036 orders (-0.0051 to -0.0019)"]),
        ("-0.0035 orders (-0.0052 to -0.0019)", ["-0.0035 orders (-0.0052 to -0.0019)"]),
        ("+0.0035 orders (+0.0019 to +0.0051)", ["+0.0035 orders (+0.0019 to +0.0051)"]),
        ("-0.0035 orders (-0.0051 to -0.0019) of 0.349", ["of 0.349"]),
        ("it is less, -0.0051 to -0.0019 by its interval", ["-0.0051 to -0.0019"]),
        ("-0.0035 orders (-0.0051 to -0.0019) of 1.24%", ["of 1.24%"]),
        ("of 6,000 customers in 9 towns, of 12 of them one in 75", []),
    ],
)
def test_a_figure_that_was_not_found_is_noticed(line: str, wrong: list[str]) -> None:
    assert HEADS.unkept(line, KEPT) == wrong


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ablation": "0"}, "boots-v2: the ablation is not what was run"),
        ({"scenario": "0"}, "boots-v2: the scenario is not what was run"),
        ({"format": "v0"}, "boots-v2: kept in another form"),
    ],
)
def test_what_is_stale_is_noticed(change: dict[str, Any], said: str) -> None:
    kept = deepcopy(FOUND.kept("boots-v2"))
    assert FOUND.faults("boots-v2", kept | change) == [said]
    assert FOUND.faults("boots-v2", None) == ["boots-v2: nothing is kept"]


def test_comments_and_defaults_do_not_make_it_stale(tmp_path: Path) -> None:
    first = FOUND.digests("boots-v2")
    text = (FOUND.ABLATIONS / "boots-v2.yaml").read_text(encoding="utf-8")
    changed = {"same": f"# more\n{text}", "other": text.replace("own_place", "own_places")}
    for name, said in changed.items():
        (tmp_path / f"{name}.yaml").write_text(said, encoding="utf-8")
    study = FOUND.study_of("boots-v2")
    digest = FOUND._digest
    plain = FOUND.plain
    assert digest(plain(FOUND.read_study(tmp_path / "same.yaml").root)) == first["ablation"]
    assert digest(plain(FOUND.read_study(tmp_path / "other.yaml").root)) != first["ablation"]
    assert digest(plain(study.root)) == first["ablation"]


def test_a_result_is_kept_a_claim_a_line(tmp_path: Path, monkeypatch: Any) -> None:
    kept = FOUND.kept("boots-v2")
    monkeypatch.setattr(FOUND, "FOLDER", tmp_path)
    FOUND.write("boots-v2", kept)
    text = (tmp_path / "boots-v2.json").read_text(encoding="utf-8")
    assert json.loads(text) == kept
    assert text == (ROOT / "docs" / "found" / "boots-v2.json").read_text(encoding="utf-8")
    assert sum('"title"' in line for line in text.splitlines()) == len(kept["claims"])


def test_a_paragraph_that_names_a_command_has_its_figures_from_it(tmp_path: Path) -> None:
    path = tmp_path / "shop-v1.yaml"
    path.write_text(
        "# A shop.\n# What was found, 9 customers:\n"
        "#   omnilab evidence scenarios/ablations/shop-v1.yaml --arms\n"
        "#   without it   -1 order (-2 to 0)\n"
        "#   strategies   (`omnilab compare shop-v1`) +1 EUR (0 to 2)\n"
        "#   and this     -1 order (-2 to 0), which\n"
        "#                goes on\n"
        "# Strategies (`omnilab compare shop-v1 --quick`): +3 EUR (2 to 4)\nid: shop-v1\n",
        encoding="utf-8",
    )
    evidence = "omnilab evidence scenarios/ablations/shop-v1.yaml --arms"
    assert [t.command for t in HEADS.told(path)] == [
        evidence, evidence, "omnilab compare shop-v1", evidence, "omnilab compare shop-v1 --quick",
    ]  # fmt: skip
