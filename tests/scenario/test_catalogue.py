"""Where shipped scenarios are, and what an unknown id suggests."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario import catalogue, find_scenario, list_scenarios, load_scenario
from tests.scenario.samples import SHOP, write


@pytest.fixture(params=["wheel", "editable"])
def shipped(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Two scenarios, where a wheel has them and where a checkout has them."""
    package = tmp_path / "sim" / "omnilab"
    folder = package / "_scenarios" if request.param == "wheel" else tmp_path / "scenarios"
    folder.mkdir(parents=True)
    write(folder, SHOP)
    write(folder, "extends: shop-v1\nid: tea-v2\ntime: {burn_in: 1d}\n", "tea-v2.yaml")
    monkeypatch.setattr(catalogue, "_PACKAGE", package)
    return folder


def test_list(shipped: Path) -> None:
    found = [(s.id, s.title, s.path) for s in list_scenarios()]
    title = "A shop with all that presets give"
    assert found == [
        ("shop-v1", title, shipped / "shop-v1.yaml"),
        ("tea-v2", "", shipped / "tea-v2.yaml"),
    ]


def test_an_id_loads_and_can_be_extended(shipped: Path, tmp_path: Path) -> None:
    assert load_scenario("shop-v1").id == "shop-v1"
    assert load_scenario("tea-v2").time.burn_in == 86400
    mine = write(tmp_path, "extends: tea-v2\nid: mine-v1\n", "mine.yaml")
    assert load_scenario(mine).time.burn_in == 86400


def test_an_unknown_id_suggests_the_nearest(shipped: Path, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"'shop-v2' \(did you mean 'shop-v1'\?\)"):
        load_scenario("shop-v2")
    with pytest.raises(ScenarioError, match="there are shop-v1, tea-v2"):
        find_scenario("quite-something-else")
    mine = write(tmp_path, "id: mine-v1\nextends: shop-v2\n", "mine.yaml")
    with pytest.raises(ScenarioError, match=r"mine.yaml:2: extends: .*did you mean 'shop-v1'"):
        load_scenario(mine)


def test_no_folder_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_PACKAGE", tmp_path / "sim" / "omnilab")
    assert list_scenarios() == []
    with pytest.raises(ScenarioError, match="there are none"):
        find_scenario("shop-v1")


def test_every_shipped_scenario_loads_under_its_file_name() -> None:
    for shipped in list_scenarios():
        assert load_scenario(shipped.path).id == shipped.id
        assert shipped.title
