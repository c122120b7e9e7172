"""The page about offers: its scenario can be simulated, its strategy answers as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab import cli
from omnilab.lowering.model import build_model
from omnilab.measure.catalogue import MEASURES
from omnilab.scenario import load_scenario
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.loading import load_strategy
from omnilab.testing import check_strategy, sample_decisions
from tests.docs.pages import blocks, page

TEXT = page("how-to/offers.md")


def written(folder: Path, number: int = 0) -> str:
    scenarios = blocks(TEXT, "yaml")
    assert len(scenarios) == 2
    file = folder / "codes.yaml"
    file.write_text(scenarios[number], encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("number", [0, 1])
def test_the_scenarios_are_valid(tmp_path: Path, number: int) -> None:
    assert cli.main(["validate", written(tmp_path, number)]) == 0


def test_the_bounds_are_as_the_page_says(tmp_path: Path) -> None:
    offers = build_model(load_scenario(written(tmp_path, 1))).coupon
    assert list(offers["goods"]) == [0b010, -1]  # the hardback
    assert list(offers["places"]) == [-1, 0b1000]  # the station, after those of bookshop-v1


def test_decide_gives_the_offer_to_who_has_lapsed(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path))
    pending = sample_decisions(scenario, load_strategy("omnichannel", scenario).plan)
    assert pending.offer_names == ("store-code", "web-five", "latte", "none")
    space: dict[str, Any] = {}
    code, _ = blocks(TEXT, "python")
    exec(code, space)
    choices = validate_choices(space["decide"](pending), pending, strategy="x", time_s=None)
    assert choices.offer is not None
    assert choices.delay_s is not None
    lapsed = pending.may_offer & (pending.days_since_order > 60)
    assert lapsed.any()
    np.testing.assert_array_equal(choices.offer == 0, lapsed)
    np.testing.assert_array_equal(choices.delay_s, np.where(lapsed, 86400, 0))


def test_the_page_shows_the_example_that_withholds(root: Path) -> None:
    _, code = blocks(TEXT, "python")
    assert code == (root / "examples/withhold.py").read_text(encoding="utf-8")
    scenario = load_scenario("promo-codes-v1")
    loaded = load_strategy(f"{root}/examples/withhold.py:Withhold", scenario)
    check_strategy(loaded.strategy, scenario)
    pending = sample_decisions(scenario, loaded.plan)
    answer = loaded.strategy.decide(pending)  # type: ignore[attr-defined]
    choices = validate_choices(answer, pending, strategy="x", time_s=None)
    regular = (pending.orders >= 1) & (pending.days_since_order < 60)
    assert regular.any()
    assert choices.offer is not None
    np.testing.assert_array_equal(choices.offer, np.where(regular, 3, -1))


def test_the_measures_are_there() -> None:
    for name in ("redemption_rate", "offer_order_share", "offer_cost", "code_loss_rate"):
        assert f"`{name}`" in TEXT
        assert name in MEASURES
