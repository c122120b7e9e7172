"""The search for settings: it finds a planted optimum, and a fresh seed has the last word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch

import pytest

from omnilab import cli
from omnilab.errors import OptionError
from omnilab.experiment.gate.best import optimize
from omnilab.experiment.gate.declared import Gate
from omnilab.experiment.plausible.file import read_worlds
from omnilab.experiment.sweep import parse_vary
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP
from tests.experiment.gate.made import gate_of
from tests.scenario.samples import load_text

#: Fewer messages are better: the tightest cap is the best, and known to be.
FEWER = """\
goal: {measure: messages_per_customer, better: lower}
guardrails:
  - {measure: ltv, worse_by: 100 EUR}
"""


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Scenario:
    return load_text(tmp_path, SHOP).with_customers(160)


def search(shop: Scenario, gate: Gate, *varied: str, points: int = 8):  # type: ignore[no-untyped-def]
    strategy = load_strategy("multichannel", shop)
    return optimize(gate, shop, strategy, [parse_vary(v) for v in varied], points=points)


def test_it_finds_the_tightest_cap_and_a_fresh_seed_confirms_it(
    shop: Scenario, tmp_path: Path
) -> None:
    found = search(shop, gate_of(tmp_path, FEWER), "cap.per=7d,14d,30d")
    assert found.best is not None
    assert found.best.settings == {"cap.per": "30d"}
    assert found.best.gain is not None
    assert found.best.gain > 0
    assert found.checked is not None
    assert found.checked.comparison.seed == 2_000_000_001
    assert found.is_better == (found.checked.verdict.verdict == "ship")


def test_settings_that_cannot_be_are_told_and_the_rest_is_tried(
    shop: Scenario, tmp_path: Path
) -> None:
    found = search(shop, gate_of(tmp_path, FEWER), "cap.messages=1,2,400", "cap.per=30d")
    (refused,) = [t for t in found.tried if t.refused]
    assert refused.settings == {"cap.messages": "400", "cap.per": "30d"}
    assert found.best is not None
    assert found.best.settings == {"cap.messages": "1", "cap.per": "30d"}
    assert found.is_better


@pytest.mark.slow
def test_the_winner_meets_other_worlds_too(shop: Scenario, tmp_path: Path) -> None:
    gate = gate_of(tmp_path, FEWER + "  - {worlds: 50%}\n")
    text = "world.intent.visit_gain,weight\n0.2,1\n0.4,1\n"
    (tmp_path / "w.csv").write_text(text, encoding="utf-8")
    worlds = read_worlds(tmp_path / "w.csv", shop)
    strategy = load_strategy("multichannel", shop)
    varies = [parse_vary("cap.per=14d,30d")]
    found = optimize(gate, shop, strategy, varies, points=4, worlds=worlds)
    assert found.checked is not None
    assert found.checked.worlds is not None
    assert found.checked.worlds["worlds"] == 2
    guard = found.checked.verdict.judged[-1]
    assert guard.estimate.value is not None


@pytest.mark.slow
def test_where_nothing_is_better_the_shipped_settings_stay(shop: Scenario, tmp_path: Path) -> None:
    more = FEWER.replace("better: lower", "better: higher")
    found = search(shop, gate_of(tmp_path, more), "cap.messages=1,2")
    assert found.best is None
    assert not found.is_better
    assert found.checked is None


def test_what_breaks_a_guardrail_does_not_win(shop: Scenario, tmp_path: Path) -> None:
    gate = gate_of(
        tmp_path, FEWER + "  - {measure: visits_per_customer, worse_by: 0, better: higher}\n"
        "  - {measure: orders_per_customer, worse_by: 0}\n",
    )  # fmt: skip
    found = search(shop, gate, "cap.messages=1,2")
    for tried in found.tried:
        assert found.best is None or not found.best.breaks
        assert tried.rounds in (1, 2)


@pytest.mark.parametrize(
    ("varied", "said"),
    [("cap.mesages=1,2", "did you mean 'messages'"), ("sharing.identity=1..2", "list values"),
     ("cap.messages=1", "cap.messages=1: one value leaves nothing to choose"),
     ("cap.messages=1..1", "both ends of 1..1 are the same: give"),
     ("cap.messages=400,500", "none of the 8 settings can be tried")],
)  # fmt: skip
def test_bad_keys_are_refused(shop: Scenario, tmp_path: Path, varied: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        search(shop, gate_of(tmp_path, FEWER), varied)


def test_the_command_says_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")
    Path("gates.yaml").write_text(FEWER, encoding="utf-8")
    common = ["optimize", "shop.yaml", "--gate", "gates.yaml", "--customers", "160"]
    assert cli.main([*common, "-s", "multichannel", "--vary", "cap.messages=1,2,3"]) == 0
    assert "Settings that were tried" in capsys.readouterr().out
    assert cli.main([*common, "--vary", "cap.mesages=1,2"]) == 2
    assert "did you mean 'messages'" in capsys.readouterr().err
