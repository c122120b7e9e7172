"""docs/explanation/rates.md is of the scenario as it is, and what makes it counts right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab import cli
from omnilab.experiment.rates import (
    ANSWERED_WITHIN_S,
    BaseRate,
    Measured,
    Rates,
    _attribute_orders,
    _ratio,
    campaign_world,
    measure_rates,
    volume_world,
)
from omnilab.report.rates import PAGE_FORMAT, far_off, page_head
from omnilab.scenario import load_scenario, scenario_digest
from omnilab.scenario.sources import preset_source

SHIPPED = "mapples-coffee-v1"


def test_the_page_is_of_the_scenario_as_it_is(root: Path) -> None:
    page = (root / "docs/explanation/rates.md").read_text(encoding="utf-8")
    scenario = load_scenario(SHIPPED)
    assert page_head(SHIPPED, scenario_digest(scenario)) in page, "run: make rates"
    assert PAGE_FORMAT in page
    for channel in scenario.channels:
        if channel.message:
            seen = "noticed, of shown" if channel.message.ad else "opened, of delivered"
            assert f"\n| {channel.name} {seen} |" in page
    for journey in scenario.brand.journeys:
        assert f"\n| {journey.name}, email |" in page
    assert "Did not come back" not in page


@pytest.mark.long
def test_the_page_comes_out_again(root: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs" / "explanation").mkdir(parents=True)
    args = ["--rates", SHIPPED, "--page", "docs/explanation/rates.md", "--quiet"]
    assert cli.main(["verify", *args]) == 0
    made = (tmp_path / "docs/explanation/rates.md").read_text(encoding="utf-8")
    assert made == (root / "docs/explanation/rates.md").read_text(encoding="utf-8"), (
        "run: make rates"
    )


@pytest.fixture(scope="module")
def measured() -> Rates:
    return measure_rates(load_scenario(SHIPPED).with_customers(300), each=100)


def test_all_of_a_scenario_is_measured(measured: Rates) -> None:
    rates = ("delivered", "open", "click", "opt_out", "complaint")
    channels = [c.name for c in measured.scenario.channels if c.message]
    assert [(r.channel, r.rate) for r in measured.base] == [(c, r) for c in channels for r in rates]
    assert far_off(measured) == []
    assert [v.weekly for v in measured.volumes] == [1, 2, 3, 15, 16]
    opened = [v.simulated.value or 0 for v in measured.volumes]
    assert opened[0] > opened[1] > opened[3]
    assert {"browse", "cart", "newsletter"} <= {t.journey for t in measured.triggered}
    assert "social_ad" not in {t.channel for t in measured.triggered}
    for t in measured.triggered:
        assert t.delivered > 0
        clicked, opened_share = t.clicked.value or 0, t.opened.value or 0
        assert 0 <= clicked <= opened_share <= 1


def test_a_campaign_world_writes_once_a_week_to_customers_of_its_own() -> None:
    scenario = campaign_world(load_scenario("boots-v1"), 10)
    channels = [c for c in scenario.channels if c.message]
    assert scenario.population.customers == 10 * len(channels)
    assert len(scenario.brand.journeys) == len(scenario.population.personas) == len(channels)
    for persona in scenario.population.personas:
        assert [c for c, share in persona.opt_in.items() if share] == [persona.name]
    assert "cookie" not in {c.message.address for c in channels if c.message}


@pytest.mark.parametrize("weekly", [1, 3, 16])
def test_a_volume_world_writes_at_even_gaps(weekly: int) -> None:
    scenario = volume_world(load_scenario(SHIPPED), "email", weekly, 10)
    at = sorted(j.weekday * 86400 + j.at for j in scenario.brand.journeys)
    gaps = np.diff([*at, at[0] + 604800])
    assert len(at) == weekly
    assert np.ptp(gaps) <= 900
    assert [c.name for c in scenario.channels if c.message] == ["email"]


def test_a_rate_that_did_not_come_back_is_told() -> None:
    off = BaseRate("email", "open", 0.16, Measured(0.14, 0.004), 10_000)
    near = BaseRate("email", "open", 0.16, Measured(0.155, 0.004), 10_000)
    rare = BaseRate("email", "complaint", 0.0001, Measured(0.0, 0.0), 1000)
    rates = Rates(load_scenario(SHIPPED), 1, (off, near, rare), "", (), ())
    assert far_off(rates) == [off]


events = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 30), st.integers(0, 8)), min_size=1, max_size=12
)


@given(events, st.lists(st.tuples(st.integers(0, 1), st.integers(0, 60)), max_size=6))
def test_an_order_is_the_last_answered_messages(sent, ordered) -> None:
    """Against loops: the latest open or click of the person, at most five days before."""
    day = 86400
    sends = pd.DataFrame(sent, columns=["person", "day", "lag"])
    # Each answer has a second of its own, so that none is at the same time as another.
    sends["open_at"] = sends["day"] * day + np.arange(len(sends))
    sends["click_at"] = sends["open_at"] + sends["lag"] * day + 100
    sends.loc[sends["lag"] > 4, "click_at"] = np.nan
    orders = pd.DataFrame(ordered, columns=["person", "day"])
    orders["time"], orders["paid"] = orders.pop("day") * day + 1000, 700
    expected = np.zeros(len(sends))
    for person, time, _ in orders[["person", "time", "paid"]].itertuples(index=False):
        answers = [
            (at, i)
            for i, row in sends.iterrows()
            for at in (row.open_at, row.click_at)
            if row.person == person and at <= time <= at + ANSWERED_WITHIN_S
        ]
        if answers:
            expected[max(answers)[1]] += 700
    _attribute_orders(sends, orders.astype("int64"))
    assert sends["paid"].tolist() == expected.tolist()


def test_a_ratios_error_is_that_of_clusters() -> None:
    rng = np.random.default_rng(1)
    cell = np.repeat(np.arange(400), 5)
    p = np.repeat(rng.beta(2, 6, 400), 5)
    found = [_ratio(rng.random(2000) < p, np.ones(2000), cell) for _ in range(200)]
    # The cells' own rates are kept, so only the binomial part varies; the error has both.
    spread = np.std([x.value for x in found])
    between = p[::5].std() / np.sqrt(400)
    assert np.mean([x.error for x in found]) == pytest.approx(np.hypot(spread, between), rel=0.15)
    assert _ratio([], [], []) == (None, None)


def test_sources_stand_in_the_presets() -> None:
    assert preset_source("email", "open") == "V/D, 15.68%, MAILCHIMP19"
    assert preset_source("push", "opt_out").endswith("taken as within a year (A)")
    assert preset_source("email", "nothing") == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--rates", SHIPPED, "--engine", "simpy"], "--engine goes with a run directory"),
        (["runs/x", "--seed", "3"], "--seed goes with --rates"),
        (["--rates", "mapples-cofee-v1"], "did you mean 'mapples-coffee-v1'"),
        (["--rates", SHIPPED, "--page", "no/such/x.md"], "--page no/such/x.md: there is no"),
    ],
)
def test_bad_options_are_2(args: list[str], said: str, capsys) -> None:
    assert cli.main(["verify", *args]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
