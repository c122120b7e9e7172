"""The commands with the real simulation: 200 customers, from a scenario to a checked run."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from omnilab import cli
from omnilab.log.rows import KIND_NAMES, filled
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP

NAMES = ("no_contact", "multichannel", "omnichannel")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a comparison, the same in another order, and one strategy's log."""
    folder = tmp_path_factory.mktemp("real")
    scenario = folder / "lab.yaml"
    scenario.write_text(SHOP, encoding="utf-8")
    for out, order in (("a", NAMES), ("b", NAMES[::-1])):
        strategies = [x for name in order for x in ("-s", name)]
        to = ["--out", str(folder / out), "--json", str(folder / f"{out}.json"), "-q"]
        assert cli.main(["compare", str(scenario), *strategies, *to]) == 0
    to = ["--out", str(folder / "log"), "--events", "-q"]
    assert cli.main(["run", str(scenario), "-s", "omnichannel", *to]) == 0
    return folder


def result_of(file: Path) -> dict:
    result: dict = json.loads(file.read_text())
    del result["elapsed_s"]
    return result


def test_another_order_gives_the_same_numbers(folder: Path) -> None:
    assert result_of(folder / "a.json") == result_of(folder / "b.json")


def test_one_strategy_alone_gives_its_log_and_numbers(folder: Path) -> None:
    (alone,) = result_of(folder / "log" / "result.json")["strategies"]
    (same,) = [s for s in result_of(folder / "a.json")["strategies"] if s["name"] == "omnichannel"]
    del alone["measures"]["roi"], same["measures"]["roi"]
    assert alone == same


def test_the_kept_log_adds_up_to_the_measures(folder: Path) -> None:
    (kept,) = result_of(folder / "log" / "result.json")["strategies"]
    log = pq.read_table(folder / "log" / "events.parquet").to_pandas()
    time = load_scenario(folder / "lab.yaml").time
    window = log[(log.time_s >= time.burn_in) & (log.time_s < time.burn_in + time.window)]
    orders = window[window.kind == "order"]
    assert len(log) == kept["events"]
    measured = {name: bounds["value"] for name, bounds in kept["measures"].items()}
    assert measured["orders_per_customer"] == len(orders) / 200
    assert measured["purchase_rate"] == orders.person.nunique() / 200
    assert measured["aov"] == pytest.approx(orders.paid_cents.sum() / 100 / len(orders))
    assert measured["messages_per_customer"] == (window.kind == "sent").sum() / 200
    assert set(window[window.kind == "sent"].channel) == {"email"}


def test_a_run_is_verified(folder: Path, capsys) -> None:
    assert cli.main(["verify", str(folder / "a")]) == 0
    assert capsys.readouterr().out.count(": equal, ") == 3


def test_a_twin_is_the_customer_of_the_run(folder: Path, capsys) -> None:
    from omnilab.experiment.singles import person_rows

    log = pq.read_table(folder / "log" / "events.parquet").to_pandas()
    scenario = load_scenario(folder / "lab.yaml")
    customer = int(log[log.kind == "order"].person.iloc[0])
    strategy = load_strategy("omnichannel", scenario)
    rows = person_rows(scenario, strategy, customer, seed=1)
    kept = log[log.person == customer].sort_values("seq")
    rows = rows[rows["seq"].argsort()]
    assert kept.time_s.tolist() == rows["time"].tolist()
    assert kept.kind.tolist() == [KIND_NAMES[kind] for kind in rows["kind"].tolist()]
    need, has = filled(rows, "need")
    assert kept.need.isna().tolist() == (~has).tolist()
    assert kept.need[has].tolist() == need[has].tolist()
    to = ["--from", "-30", "--to", "70"]
    assert cli.main(["twin", str(folder / "a"), str(customer), *to]) == 0
    out = capsys.readouterr().out
    assert "order " in out
    assert f"omnichannel: {(kept.kind == 'order').sum()} order" in out
