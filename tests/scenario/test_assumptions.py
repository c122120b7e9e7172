"""What a scenario assumes is listed: presets' and defaults' numbers of kind A, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab import cli
from omnilab.scenario import list_scenarios, load_scenario
from omnilab.scenario.assumptions import Assumption
from omnilab.scenario.load import read_scenario
from omnilab.scenario.lookup import value_at

BASE = "extends: mapples-coffee-v1\nid: mine-v1\n"


def found(text: str, tmp_path: Path) -> dict[str, Assumption]:
    file = tmp_path / "mine.yaml"
    file.write_text(BASE + text)
    return {a.key: a for a in read_scenario(file).assumptions()}


@pytest.mark.parametrize("name", [s.id for s in list_scenarios()])
def test_what_is_listed_is_in_the_scenario_with_what_it_declares(name: str) -> None:
    scenario = load_scenario(name)
    listed = read_scenario(name).assumptions()
    assert len({a.key for a in listed}) == len(listed) > 40
    assert {a.key for a in listed if a.is_declared} == set(scenario.assumed)
    for a in listed:
        assert value_at(scenario, a.key) is not None
        assert a.what


def test_a_default_a_preset_and_ones_own_number(tmp_path: Path) -> None:
    plain = found("", tmp_path)
    assert plain["world.response.reveals"].origin == "default"
    assert plain["channels.app.visit.reach"].origin == "preset"
    assert "world.response.need" not in plain  # it has a source
    assert "channels.email.message.open" not in plain
    assert "channels.email.message.complaint" not in plain
    changed = "world: {response: {reveals: 8%}}\n"
    assert "world.response.reveals" not in found(changed, tmp_path)
    declared = f"{changed}assumed: [world.response.reveals]\n"
    own = found(declared, tmp_path)["world.response.reveals"]
    assert (own.origin, own.is_declared, own.value) == ("scenario", True, "8%")


def test_what_nobody_assumes_is_left_out(tmp_path: Path) -> None:
    """The brand's choices, the calendar, what is not there, and what never acts."""
    listed = found("", tmp_path)
    assert not [k for k in listed if k.startswith(("brand.", "time."))]
    assert "channels.web.visit.commission" not in listed
    assert "channels.web.visit.opens" not in listed
    assert "world.identifiers.typo" in listed
    without_till = "channels: [{name: store, visit: {typed: false}}]\n"
    assert "world.identifiers.typo" not in found(without_till, tmp_path)


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "--assumptions", "-q", "boots-v1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = read_scenario("boots-v1").assumptions()
    assert [line.split("\t")[:2] for line in lines] == [[a.key, a.value] for a in listed]
    assert sum(line.endswith("*") for line in lines) == len(load_scenario("boots-v1").assumed)
