"""The scenario that a fit writes: complete, readable, and the one that was simulated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from omnilab.errors import DataError, OmnilabError
from omnilab.fit import occasions_of
from omnilab.fit.needs import Needs
from omnilab.fit.scenario import (
    Setting,
    fitted_scenario,
    published_rates,
    read_base,
    write_scenarios,
)
from omnilab.fit.season import LEVEL
from omnilab.scenario import load_scenario

DAY = 86_400
NEEDS = Needs(12.34, 0.61, 0.8, 1.6, (1.5, *[1.0] * 10, 0.5), 23.45, 6.2, 3.7)
# Three customers begin in week 1, none in week 2, one in week 3; one buys again in week 9.
LOG = occasions_of(
    np.array([0, 1, 2, 3, 0]),
    np.array([0, 1, 6, 15, 60]) * DAY,
    np.array([10.0, 20.0, 30.0, 40.0, 50.0]),
    n_days=70,
    start=date(2024, 2, 1),
)


def setting(base: str | None = None, **changed: object) -> Setting:
    given = {"id": "mine-v1", "title": "Mine", "currency": "EUR", "status_quo": "no_contact"}
    return Setting(**{**given, "base": read_base(base), "occasions": LOG, **changed})  # type: ignore[arg-type]


def test_what_is_written_is_what_was_simulated(tmp_path: Path) -> None:
    data, scenario = fitted_scenario(setting(), NEEDS)
    write_scenarios([(tmp_path / "mine-v1.yaml", data, "of the log\nsecond line")])
    assert load_scenario(tmp_path / "mine-v1.yaml") == scenario
    text = (tmp_path / "mine-v1.yaml").read_text(encoding="utf-8")
    assert text.startswith("# of the log\n# second line\nid: mine-v1\n")
    assert len(text.splitlines()) < 100
    assert [p.name for p in tmp_path.iterdir()] == ["mine-v1.yaml"]


def test_the_log_and_the_needs_are_in_it() -> None:
    _, scenario = fitted_scenario(setting(status_quo="multichannel", currency="USD"), NEEDS)
    population, (goods,) = scenario.population, scenario.categories
    assert scenario.time.start == date(2024, 2, 1)
    assert (scenario.time.burn_in, scenario.time.window) == (0, 70 * DAY)
    assert population.customers == 4
    assert population.entry is not None
    assert population.entry.over == 21 * DAY
    assert population.entry.by_week == (0.75, 0.0, 0.25)
    assert (population.dropout.a, population.dropout.b) == (0.8, 1.6)
    assert goods.every == pytest.approx(12.34 * DAY)
    assert (goods.shape, goods.season) == (0.61, NEEDS.season)
    assert (goods.spend.mean, goods.spend.p, goods.spend.q) == (23.45, 6.2, 3.7)
    assert (scenario.brand.status_quo, scenario.currency) == ("multichannel", "USD")
    assert [c.name for c in scenario.channels] == ["web", "email"]


def test_a_cohort_that_arrives_to_the_end_fits_the_window() -> None:
    late = occasions_of(np.arange(3), np.array([0, 30, 69]) * DAY, np.ones(3), n_days=70)
    _, scenario = fitted_scenario(setting(occasions=late), NEEDS)
    assert scenario.population.entry is not None
    assert scenario.population.entry.over <= scenario.time.window


def test_channels_and_journeys_are_the_bases(tmp_path: Path) -> None:
    base = tmp_path / "own.yaml"
    base.write_text(
        "id: own-v1\nextends: mapples-coffee-v1\nchannels: [{name: email, message: {click: 5%}}]\n",
        encoding="utf-8",
    )
    coffee = load_scenario("mapples-coffee-v1")
    _, scenario = fitted_scenario(setting(str(base)), NEEDS)
    assert [c.name for c in scenario.channels] == [c.name for c in coffee.channels]
    assert scenario.brand.journeys == coffee.brand.journeys
    assert scenario.population.personas == coffee.population.personas
    assert [c.name for c in scenario.categories] == [coffee.categories[0].name]
    assert scenario.categories[0].margin == coffee.categories[0].margin
    assert scenario.categories[0].every == pytest.approx(12.34 * DAY)
    assert published_rates(scenario)[1] == ["email"]
    assert "push" in published_rates(scenario)[0]


def test_a_flat_year_is_not_written() -> None:
    data, _ = fitted_scenario(setting(), Needs(12.0, 1.0, 1.0, 2.0, LEVEL, 20.0, 6.0, 4.0))
    assert "season" not in data["categories"][0]


def test_bad_bases(tmp_path: Path) -> None:
    with pytest.raises(OmnilabError, match="did you mean 'cdnow-v1'"):
        read_base("cdnow-v2")
    with pytest.raises(OmnilabError, match="no such file"):
        read_base("there/is/none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_text("id: bad-v1\nextends: cdnow-v1\nchanels: [web]\n", encoding="utf-8")
    with pytest.raises(OmnilabError, match="did you mean 'channels'"):
        read_base(str(bad))


def test_a_file_is_only_replaced_by_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine-v1.yaml"
    path.write_text("before", encoding="utf-8")
    data, _ = fitted_scenario(setting(), NEEDS)

    def full(part: Path, text: str, **_options: object) -> None:
        part.write_bytes(text[:10].encode())
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(DataError, match=r"mine-v1\.yaml: can't be written: No space"):
            write_scenarios([(path, data, ""), (tmp_path / "next-v1.yaml", data, "")])
    assert path.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["mine-v1.yaml"]
