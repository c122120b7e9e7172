"""The page about offers: its scenario can be simulated, its strategy answers as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from omnilab import cli
from omnilab.measure.catalogue import MEASURES
from omnilab.scenario import load_scenario
from omnilab.strategy.decisions import validate_choices
from omnilab.strategy.loading import load_strategy
from omnilab.testing import sample_decisions
from tests.docs.pages import blocks, page

TEXT = page("how-to/offers.md")


def written(folder: Path) -> str:
    (scenario,) = blocks(TEXT, "yaml")
    file = folder / "codes.yaml"
    file.write_text(scenario, encoding="utf-8")
    return str(file)


def test_the_scenario_is_valid(tmp_path: Path) -> None:
    assert cli.main(["validate", written(tmp_path)]) == 0


def test_decide_gives_the_offer_to_who_has_lapsed(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path))
    pending = sample_decisions(scenario, load_strategy("omnichannel", scenario).plan)
    assert pending.offer_names == ("store-code", "web-five", "latte")
    space: dict[str, Any] = {}
    (code,) = blocks(TEXT, "python")
    exec(code, space)
    choices = validate_choices(space["decide"](pending), pending, strategy="x", time_s=None)
    assert choices.offer is not None
    assert choices.delay_s is not None
    lapsed = pending.days_since_order > 60
    assert lapsed.any()
    np.testing.assert_array_equal(choices.offer == 0, lapsed)
    np.testing.assert_array_equal(choices.delay_s, np.where(lapsed, 86400, 0))


def test_the_measures_are_there() -> None:
    for name in ("redemption_rate", "offer_order_share", "offer_cost", "code_loss_rate"):
        assert f"`{name}`" in TEXT
        assert name in MEASURES
