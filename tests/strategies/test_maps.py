"""Strategies under other silo maps: names, the rows of a comparison, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import OptionError, ScenarioError, StrategyError
from omnilab.experiment.paths import changed_at, plan_with
from omnilab.scenario.model import Feed, Scenario, Wiring
from omnilab.scenario.wiring import MAPS, WORDS, laid_wiring, wiring_of, wiring_words
from omnilab.scenario.write import scenario_digest, scenario_to_yaml
from omnilab.strategy.loading import load_strategy
from omnilab.strategy.maps import depends_on_map, map_of, maps_named, under_other_maps
from tests.verification.worlds import load, world

SCENARIO = world(population={"customers": 20}, time={"burn_in": "20d", "window": "40d"})


TARGETS = ("web", "app", "email", "sms", "messenger")
SOURCES = (*TARGETS, "store", "call", "marketplace")
TOO_MANY = {"feeds": [{"source": s, "target": list(TARGETS), "by": "email"} for s in SOURCES]}


def test_the_default_is_the_typical_map_which_a_plan_takes_over() -> None:
    assert SCENARIO.brand.wiring == Wiring(preset="typical")
    assert load_strategy("multichannel", SCENARIO).plan.wiring == SCENARIO.brand.wiring
    apart = world(brand={"wiring": "tools_apart"})
    assert load_strategy("multichannel", apart).plan.wiring == Wiring(preset="tools_apart")


def test_a_map_is_written_by_its_name_and_counts_in_the_digest() -> None:
    assert "  wiring: typical\n" in scenario_to_yaml(SCENARIO)
    digests = {scenario_digest(world(brand={"wiring": name})) for name in MAPS}
    assert len(digests) == len(MAPS)
    assert tuple(WORDS) == MAPS
    own = {"preset": "typical", "feeds": [{"source": "store", "target": "email", "by": "loyalty"}]}
    made = world(brand={"wiring": own}).brand.wiring
    assert made.name == "own"
    assert made.feeds == (Feed(source=("store",), target=("email",), by="loyalty"),)


def test_presets_fit_the_silos_of_a_scenario() -> None:
    teams, feeds = laid_wiring(wiring_of("typical"), SCENARIO)
    assert all(len(team) == 1 for team in teams)
    found = {(feed.source, feed.target[0], feed.by, feed.events) for feed in feeds}
    shop = ("browse", "cart", "order")
    assert found == {
        (("web", "app"), "email", "email", shop), (("web", "app"), "sms", "phone", shop),
        (("app",), "web", "email", ("order",)),  # ads are of the web's silo
    }  # fmt: skip
    suite, none = laid_wiring(wiring_of("one_suite"), SCENARIO)
    assert none == ()
    together = next(team for team in suite if len(team) > 1)
    assert set(together) == {"web", "app", "email", "sms", "messenger"}  # no till, no marketplace


def test_teams_that_share_a_silo_are_one() -> None:
    wiring = Wiring.model_validate({"teams": [["web", "app"], ["app", "email"], ["store"]]})
    teams, _ = laid_wiring(wiring, SCENARIO)
    assert ("web", "app", "email") in teams
    inside = {"teams": [["web", "email"]], "feeds": [
        {"source": ["web", "app"], "target": "email", "by": "email"}]}  # fmt: skip
    _, feeds = laid_wiring(Wiring.model_validate(inside), SCENARIO)
    assert [feed.source for feed in feeds] == [("app",)]  # a team needs no feed inside


@pytest.mark.parametrize(
    ("wiring", "said"),
    [
        ("typicl", "'typicl' is not one of"),
        ({"teams": [["web", "emial"]]}, "unknown silo 'emial' (did you mean 'email'?)"),
        ({"feeds": [{"source": "webb", "target": "email", "by": "email"}]}, "did you mean 'web'"),
        ({"feeds": [{"source": "web", "target": "email", "by": "mail"}]}, "did you mean 'email'"),
        ({"feeds": [{"source": "web", "target": "email", "by": "email", "events": ["carts"]}]},
         "did you mean 'cart'"),
        (TOO_MANY, "at most 32 from silo to silo"),
    ],
)  # fmt: skip
def test_a_wrong_map_is_one_error(wiring: Any, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        world(brand={"wiring": wiring})
    assert said in str(caught.value)
    assert "brand.wiring" in str(caught.value)


def test_a_strategy_is_named_with_a_map() -> None:
    plain = load_strategy("single_channel(silo=app)", SCENARIO)
    made = load_strategy("single_channel(silo=app)@one_suite", SCENARIO)
    assert made.name == "single_channel(silo=app)@one_suite"
    assert map_of(made.plan, SCENARIO).name == "one_suite"
    assert made.source != plain.source
    assert made.again is not None
    assert made.again().plan == made.plan
    with pytest.raises(StrategyError, match=r"no silo map 'one_suit'.*did you mean 'one_suite'"):
        load_strategy("multichannel@one_suit", SCENARIO)


def test_only_what_a_map_can_change_has_rows() -> None:
    names = ("no_contact", "multichannel", "cross_channel", "omnichannel")
    strategies = {s.name: s for s in load(SCENARIO, *names)}
    assert [depends_on_map(s.plan) for s in strategies.values()] == [False, True, True, False]
    found = under_other_maps(strategies, maps_named(["all"]), SCENARIO)
    assert list(found) == [
        f"{name}@{wiring}" for name in names[1:3] for wiring in ("tools_apart", "one_suite")
    ]
    assert under_other_maps(strategies | found, ["one_suite"], SCENARIO) == {}
    with pytest.raises(OptionError, match="no silo map 'typicl'"):
        maps_named(["typicl"])


def test_a_comparison_says_which_map_it_ran_on() -> None:
    found = ol.compare(SCENARIO, ["multichannel", "omnichannel"], wiring="one_suite")
    assert found.strategies == ["multichannel", "omnichannel", "multichannel@one_suite"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.yaml"
    path.write_text(scenario_to_yaml(SCENARIO), encoding="utf-8")
    return path.name


@pytest.mark.slow
def test_compare_prints_keeps_and_shows_the_map(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["compare", file, "-s", "multichannel", "-s", "omnichannel", "--wiring", "tools_apart"]
    assert cli.main([*args, "--out", "run"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    typical = wiring_words(wiring_of("typical"), SCENARIO)
    assert f"Silo map typical (multichannel): {typical}." in shown
    assert "Silo map tools_apart (multichannel@tools_apart): each tool sees its own" in shown
    result = json.loads((tmp_path / "run/result.json").read_text())
    kept = {s["name"]: s["wiring"] for s in result["strategies"]}
    assert kept["omnichannel"] is None
    assert kept["multichannel"] == {"name": "typical", "what": typical}
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    assert {s["name"]: s["wiring"] for s in manifest["strategies"]} == kept
    assert typical in manifest["about"]["meanings"]["multichannel"]
    assert "--wiring tools_apart" in manifest["about"]["command"]
    assert typical in (tmp_path / "run/report.html").read_text(encoding="utf-8")
    assert cli.main(["verify", "run", "-q"]) == 0  # the rows are made again by their names


def test_ablate_under_each_map(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["ablate", file, "--over", "identity", "--over", "triggers", "--measure", "ltv"]
    assert cli.main([*args, "--wiring", "all", "--out", "under"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Shapley values under each silo map tools_apart typical one_suite" in shown
    for name in MAPS:
        result = json.loads((tmp_path / "under" / name / "result.json").read_text())
        assert (result["strategy"], result["wiring"]["name"]) == (f"omnichannel@{name}", name)
    assert cli.main([*args, "--wiring", "all", "--json", "-"]) == 2
    assert "goes with one silo map" in capsys.readouterr().err


def test_the_map_is_a_switch_too() -> None:
    found = ol.ablate(SCENARIO, "multichannel", over=["wiring=one_suite"], measures=["ltv"])
    assert found.switches == ["wiring=one_suite"]
    assert found.combinations()["log_digest"].nunique() == 2


def test_a_map_is_set_by_its_name_under_a_dotted_key_too() -> None:
    plan = load_strategy("multichannel", SCENARIO).plan
    changed = plan_with(plan, {"wiring": "one_suite"}, SCENARIO, seconds=True)
    assert changed.wiring == Wiring(preset="one_suite")
    scenario = changed_at(SCENARIO, {"brand.wiring": "one_suite"}, currency="EUR", seconds=True)
    assert scenario.brand.wiring == Wiring(preset="one_suite")
    with pytest.raises(ScenarioError, match="'one_suite'"):
        plan_with(plan, {"wiring": "one_suit"}, SCENARIO, seconds=True)
    with pytest.raises(OptionError, match="is no value but has keys: preset"):
        plan_with(plan, {"wiring": 3}, SCENARIO, seconds=True)


def test_a_scenario_is_changed_from_python() -> None:
    changed: Scenario = SCENARIO.changed({"brand": {"wiring": {"teams": [["web", "app"]]}}})
    assert changed.brand.wiring.teams == (("web", "app"),)
