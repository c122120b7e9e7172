"""What scenarios and the how-to tell of `omnilab credit` is what was kept of present stories."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import pytest

from omnilab.attribution.models import MODELS
from tests.conftest import ROOT
from tests.docs.made import maker

CREDITS = maker("make_credits")
FOUND = maker("make_found")
HEADS = maker("heads")
STORIES = list(CREDITS.STORIES)
#: Those whose heads tell what `omnilab credit` gave.
TOLD = ["crib-attribution-v1", "course-sale-v1"]
#: A story as it is kept, of one channel.
KEPT = (
    [{"estimate": 84.2, "low": 65.1, "high": 103.4},
     {"estimate": 0.0281, "low": 0.001, "high": 0.055}],
    [(22.6, 56.2)],
    [0.161, 0.283],
)  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_what_is_kept_of_a_story_is_of_its_present_scenario_and_example(name: str) -> None:
    assert CREDITS.faults(name, CREDITS.kept(name)) == [], f'run: make credits ARGS="{name}"'
    assert CREDITS.kept(name)["customers"] == CREDITS.STORIES[name]


@pytest.mark.parametrize("name", STORIES)
def test_all_models_credits_add_up_to_the_orders(name: str) -> None:
    found = CREDITS.kept(name)
    for model in MODELS:
        total = sum(r["orders"] for r in found["credits"] if r["model"] == model)
        assert total == pytest.approx(found["orders"], rel=1e-6), model


@pytest.mark.parametrize("name", STORIES)
def test_a_models_error_is_what_it_gives_less_the_truth(name: str) -> None:
    found = CREDITS.kept(name)
    given = {(r["model"], r["source"]): r["orders"] for r in found["credits"]}
    for row in found["errors"]:
        off = sum(abs(given.get((row["model"], c["channel"]), 0.0) - c["true"])
                  for c in found["channels"])  # fmt: skip
        assert row["seen"] == pytest.approx(off / found["orders"], rel=1e-5)
        assert row["seen_low"] < row["seen"] < row["seen_high"]


@pytest.mark.parametrize("name", STORIES)
def test_every_model_has_a_cut(name: str) -> None:
    found = CREDITS.kept(name)
    assert [c["by"] for c in found["cuts"]] == [*MODELS, "truth"]
    assert [c["by"] for c in found["made"]] == list(MODELS)
    channels = {c["channel"] for c in found["channels"]}
    assert {c["channel"] for c in (*found["cuts"], *found["made"])} <= channels
    # Clicks at a visit's door are not told to `learn`: all that is left is the messages'.
    search = {c.name for c in CREDITS.story_of(name).channels if c.search is not None}
    assert not search & {c["channel"] for c in found["made"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"asked": "0"}, "course-sale-v1: the asked is not what was run"),
        ({"scenario": "0"}, "course-sale-v1: the scenario is not what was run"),
        ({"example": "0"}, "course-sale-v1: the example is not what was run"),
        ({"format": "v0"}, "course-sale-v1: kept in another form"),
    ],
)
def test_what_is_stale_is_noticed(change: dict[str, Any], said: str) -> None:
    kept = CREDITS.kept("course-sale-v1")
    assert CREDITS.faults("course-sale-v1", kept | change) == [said]
    assert CREDITS.faults("course-sale-v1", None) == ["course-sale-v1: nothing is kept"]


@pytest.mark.parametrize("name", TOLD)
def test_the_figures_of_a_head_are_those_that_are_kept(name: str) -> None:
    path = ROOT / "scenarios" / f"{name}.yaml"
    found = CREDITS.kept(name)
    ours = [t for t in HEADS.told(path) if t.command.startswith("omnilab credit")]
    held = CREDITS.claims(found), CREDITS.ranges(found), CREDITS.shares(found)
    wrong = [fault for t in ours for fault in HEADS.unkept_credit(t.text, *held)]
    assert wrong == [], f"not in docs/found/{name}-credit.json"
    assert sum(len(HEADS.figures(t.text)) for t in ours) >= 3
    head = HEADS.head(path.read_text(encoding="utf-8"))
    assert f"Found, {found['customers']:,} customers, seed {found['seed']}," in head
    assert f"{found['orders']:,} orders" in head


def test_the_tables_of_the_how_to_are_those_of_what_is_kept() -> None:
    text = CREDITS.PAGE.read_text(encoding="utf-8")
    assert text == CREDITS.page(text), "run: make credits"
    assert sum(line.startswith("| `") for line in CREDITS.errors_table()) == len(MODELS)
    with pytest.raises(ValueError, match="no place for sizes"):
        CREDITS.page(text.replace("make credits: sizes", "made"))


def test_the_how_to_tells_no_other_figures() -> None:
    text = CREDITS.PAGE.read_text(encoding="utf-8")
    prose = re.sub(r"<!-- make credits.*?<!-- end -->", "", text, flags=re.DOTALL)
    found = [CREDITS.kept(name) for name in STORIES]
    claims, ranges, shares = (
        list(chain.from_iterable(of(f) for f in found))
        for of in (CREDITS.claims, CREDITS.ranges, CREDITS.shares)
    )
    lines = prose.partition("## Three stories")[2].partition("## Before you")[0].splitlines()
    assert [f for x in lines for f in HEADS.unkept_credit(x, claims, ranges, shares)] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("the sale +84 orders (65 to 103)", []),
        ("the sale +85 orders (65 to 103)", ["+85 orders (65 to 103)"]),
        ("that cut pays: +0.028 EUR (+0.001 to +0.055)", []),
        ("that cut pays: -0.028 EUR (-0.055 to -0.001)", ["-0.028 EUR (-0.055 to -0.001)"]),
        ("it is credited 23 to 56", []),
        ("it is credited 23 to 57", ["23 to 57"]),
        ("wrong by 16.1% of all orders and by 28.3%", []),
        ("wrong by 16.2% of all orders and by 28.3%", ["16.2%"]),
    ],
)
def test_a_figure_that_was_not_found_is_noticed(line: str, wrong: list[str]) -> None:
    assert HEADS.unkept_credit(line, *KEPT) == wrong


def test_a_pictures_bars_have_the_lengths_of_what_they_show() -> None:
    found = CREDITS.kept("course-sale-v1")
    lines = CREDITS.picture(found)
    assert len(lines) == len(CREDITS.main_channels(found)) * (1 + len(MODELS))
    bars = [(float(re.findall(r"\d+\.\d", x)[0]), x.count("■")) for x in lines if "●" not in x]
    assert sorted(n for _, n in bars) == [n for _, n in sorted(bars)]
    assert max(n for _, n in bars) > 5
