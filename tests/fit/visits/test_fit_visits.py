"""A fit of visit logs, held against visits of a known scenario and against sessions by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import DataError, OptionError
from omnilab.fit.scenario import read_base
from omnilab.fit.visits.course import FittedVisits, fit_visits
from omnilab.fit.visits.read import EVENT
from omnilab.fit.visits.tally import visits_of

HOURS = [1] * 8 + [3] * 8 + [2] * 8


def the_log(n: int = 3000, days: int = 60, seed: int = 4) -> pd.DataFrame:
    """Return events of a shop with four visits an order, made with NumPy alone."""
    rng = np.random.default_rng(seed)
    n_visits = 4 * n
    hour = rng.choice(24, n_visits, p=np.array(HOURS) / sum(HOURS))
    at = 86400 * rng.integers(0, days, n_visits) + 3600 * hour + rng.integers(0, 1800, n_visits)
    person = rng.integers(1, n, n_visits)
    device = rng.choice(["desktop", "mobile", "tablet"], n_visits, p=[0.3, 0.6, 0.1])
    cart = rng.random(n_visits) < 0.5
    bought = cart & (rng.random(n_visits) < 0.5)
    logged = rng.random(n_visits) < 0.2
    base = pd.DataFrame({
        "anonymousId": [f"c{p}-{d}" for p, d in zip(person, device, strict=True)],
        "userId": np.where(logged, person, np.nan), "context.device.type": device,
    })  # fmt: skip
    parts = []
    for event, after, use in (
        ("Page Viewed", 0, np.ones(n_visits, bool)), ("Product Added", 100, cart),
        ("Order Completed", 200, bought), ("Email Opened", 300, cart),
    ):  # fmt: skip
        stamp = pd.to_datetime(1_704_067_200 + at[use] + after, unit="s")
        parts.append(base[use].assign(event=event, timestamp=stamp))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> FittedVisits:
    path = tmp_path_factory.mktemp("visits") / "visits.csv"
    the_log().to_csv(path, index=False)
    base = read_base(None) | {"time": {"zone": "UTC", "burn_in": "30d", "window": "90d"}}
    return fit_visits(path, base, scenario_id="mine-v1")


def test_what_is_read_off(found: FittedVisits) -> None:
    persona = found.scenario.population.personas[0]
    assert persona.phone == pytest.approx(0.6, abs=0.02)
    assert persona.tablet == pytest.approx(0.1, abs=0.02)
    web = found.scenario.channels[0].visit
    assert web is not None
    assert web.completes == pytest.approx(0.5, abs=0.03)
    login = next(x for x in web.identifiers if x.type == "login" and x.when == "visit")
    assert login.share == pytest.approx(0.2, abs=0.02)
    hours = np.array(found.scenario.world.hour_index)
    assert hours.mean() == pytest.approx(100, abs=0.1)
    assert hours / hours[:8].mean() == pytest.approx(np.array(HOURS), rel=0.15)
    assert any("30 rows" not in note and "no view, cart or order" in note for note in found.notes)


def test_idle_visits_make_the_visits_an_order(found: FittedVisits) -> None:
    data, simulated = next(r[2:] for r in found.rows if r[1] == "visits an order")
    assert data == pytest.approx(4.0, rel=0.08)
    web = found.scenario.channels[0].visit
    assert web is not None
    if web.idle > 0:
        assert simulated == pytest.approx(data, rel=0.1)
    else:
        assert any("needs alone make" in note for note in found.notes)


def test_visits_by_hand() -> None:
    rows = np.zeros(6, EVENT)
    rows["browser"] = [7, 7, 7, 8, 7, 7]
    rows["time"] = [0, 1800, 3601, 5, 4000, 3900]
    rows["what"] = [0, 1, 0, 0, 2, 2]
    rows["device"] = [-1, 1, -1, 2, -1, -1]
    rows["person"] = [0, 5, 0, 0, 0, 0]
    v = visits_of(rows)
    assert v["time"].tolist() == [0, 3601, 5]
    assert v["carts"].tolist() == [1, 0, 0]
    assert v["orders"].tolist() == [0, 2, 0]
    assert v["device"].tolist() == [1, -1, 2]
    assert v["known"].tolist() == [True, False, False]
    rows["channel"] = [0, 1, 0, 0, 0, 0]
    assert len(visits_of(rows)["time"]) == 4


@pytest.mark.parametrize(
    ("change", "more", "says"),
    [
        (lambda log: log.drop(columns="timestamp"), {}, "no column of the role time"),
        (lambda log: log.drop(columns=["anonymousId", "userId"]), {}, "of the role browser"),
        (lambda log: log.assign(channel="kiosk"), {}, "channel 'kiosk' is none"),
        (lambda log: log.assign(timestamp=None), {}, "no visit is left"),
        (lambda log: log.head(50), {}, "at least 1,000 in 14"),
        (lambda log: log.assign(event="Invoice"), {}, "events that are no view"),
        (lambda log: log, {"columns": {"tmie": "x"}}, "did you mean 'time'"),
        (lambda log: log, {"columns": {"time": "timestmp"}}, "did you mean 'timestamp'"),
        (lambda log: log, {"words": {"x": "wbe"}}, "did you mean 'web'"),
    ],
)
def test_bad_logs(tmp_path: Path, change: Any, more: dict[str, Any], says: str) -> None:
    path = tmp_path / "visits.csv"
    change(the_log(400)).to_csv(path, index=False)
    with pytest.raises((DataError, OptionError), match=says):
        fit_visits(path, read_base(None), scenario_id="mine-v1", **more)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, out = tmp_path / "visits.csv", tmp_path / "mine-v1.yaml"
    the_log(500).to_csv(log, index=False)
    base = tmp_path / "base-v1.yaml"
    text = "{id: base-v1, time: {burn_in: 0d, window: 60d}, population: {customers: 300, personas: "
    text += "[{name: all, share: 100%}]}, categories: [{name: x, every: 20d, spend: {mean: 9}}], "
    text += "channels: [web]}"
    base.write_text(text, encoding="utf-8")
    code = cli.main(["fit-visits", str(log), "--base", str(base), "-o", str(out)])
    assert code == 0, capsys.readouterr().err
    assert "visits an order" in capsys.readouterr().out
    assert "# F channels.web.visit.completes" in out.read_text(encoding="utf-8")
    with pytest.warns(ol.errors.OmnilabWarning):
        mine = ol.fit_visits(log, base=base, scenario_id="mine-v1")
    assert mine.scenario == ol.load_scenario(out)
    assert len(mine.table()) > 3
    assert cli.main(["fit-visits", str(log), "-o", str(out), "--column", "time"]) == 2
    assert "write COLUMN=NAME" in capsys.readouterr().err
