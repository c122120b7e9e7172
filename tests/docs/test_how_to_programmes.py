"""The page about programmes: its scenario is valid, and the rows and groups that it names are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omnilab import cli
from omnilab.log.rows import KIND_NAMES
from omnilab.scenario import load_scenario
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.loading import load_strategy
from omnilab.testing import sample_decisions
from tests.docs.pages import blocks, page

ROOT = Path(__file__).parents[2]
TEXT = page("how-to/programmes-and-tiers.md")


def test_the_scenario_is_valid(tmp_path: Path) -> None:
    scenario, churn, groups = blocks(TEXT, "yaml")
    file = tmp_path / "programme.yaml"
    file.write_text(scenario, encoding="utf-8")
    assert cli.main(["validate", str(file)]) == 0
    assert load_scenario(str(file)).brand.programme is not None
    assert "target_reached" in groups
    assert churn == (ROOT / "examples" / "churn-offer-v1.yaml").read_text(encoding="utf-8")
    assert cli.main(["validate", str(ROOT / "examples" / "churn-offer-v1.yaml")]) == 0


def test_decide_writes_to_those_near_a_target(tmp_path: Path) -> None:
    scenario, *_ = blocks(TEXT, "yaml")
    file = tmp_path / "programme.yaml"
    file.write_text(scenario, encoding="utf-8")
    shop = load_scenario(str(file))
    pending = sample_decisions(shop, load_strategy("omnichannel", shop).plan)
    space: dict[str, Any] = {}
    (code,) = blocks(TEXT, "python")
    exec(code, space)
    send = validate_choices(space["decide"](pending), pending, strategy="x", time_s=None).send
    near = [any(0.5 <= x < 1 for x in row) for row in pending.progress.tolist()]
    assert send.tolist() == near
    assert any(near)
    assert not all(near)


def test_the_rows_are_there() -> None:
    for name in (
        "target_set", "target_reached", "target_missed", "tier_shown", "top_up",
        "paid_from_balance", "failure_noted", "apology",
    ):  # fmt: skip
        assert f"`{name}`" in TEXT
        assert name in KIND_NAMES.values()
