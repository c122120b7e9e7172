"""The page about what messages show: its scenario is valid, its strategy answers as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from omnilab import cli
from omnilab.scenario import load_scenario
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.leeway import OpenChoices
from omnilab.strategy.loading import load_strategy
from omnilab.testing import check_strategy, sample_decisions
from tests.docs.pages import blocks, page

TEXT = page("how-to/choose-what-a-message-shows.md")


def written(folder: Path) -> str:
    (scenario,) = blocks(TEXT, "yaml")
    file = folder / "looks.yaml"
    file.write_text(scenario, encoding="utf-8")
    return str(file)


def test_the_scenario_is_valid_and_leaves_open_what_the_page_says(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert cli.main(["validate", file]) == 0
    scenario = load_scenario(file)
    of = OpenChoices(scenario, load_strategy("omnichannel", scenario).plan)
    names = [j.name for j in scenario.brand.journeys]
    at = np.array([names.index(n) for n in ("letter", "receipt", "beans")])
    may = of.columns(at, np.zeros(3, int))
    assert may["may_show"].all(axis=1).tolist() == [True, False, False]
    assert not may["may_show"][1].any()
    shown = {n for n, is_open in zip(may["show_names"], may["may_show"][2], strict=True) if is_open}
    assert shown == {"beans", "viewed"}
    assert may["may_creative"].tolist() == [[True] * 3, [False] * 3, [True, True, False]]


def test_decide_shows_the_cart_where_it_may(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path))
    pending = sample_decisions(scenario, load_strategy("omnichannel", scenario).plan)
    space: dict[str, Any] = {}
    (code,) = blocks(TEXT, "python")
    exec(code, space)
    got = validate_choices(space["decide"](pending), pending, strategy="x", time_s=None)
    cart = (pending.cart_cents > 0) & pending.may_show[:, 1]
    assert 0 < cart.sum() < len(pending)
    np.testing.assert_array_equal(got.shows, np.where(cart, 1, -1))
    np.testing.assert_array_equal(got.creative, np.where(cart & pending.may_creative[:, 1], 1, -1))


def test_the_example_keeps_the_rules_here(tmp_path: Path, root: Path) -> None:
    check_strategy(f"{root}/examples/fitting.py:Fitting", written(tmp_path))
