"""``omnilab find``: customers by outcome, path and difference, against the log."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import omnilab
from omnilab import cli
from omnilab.errors import OptionError
from omnilab.experiment.find import Wanted, find_customers
from tests.verification.worlds import frame, load, run, world

NAMES = ("multichannel", "omnichannel")
SEED = 3


@cache
def compared() -> Any:
    scenario = world(population={"customers": 60})
    return run(scenario, load(scenario, *NAMES), seed=SEED)


def found(limit: int = 1000, **wanted: Any) -> list[Any]:
    from unittest.mock import patch

    scenario = compared().scenario
    with patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40):
        return find_customers(
            scenario, load(scenario, *NAMES), Wanted(**wanted), seed=SEED, limit=limit
        )


def ordered(log: Any) -> set[int]:
    t = compared().scenario.time
    inside = (log["time"] >= t.burn_in) & (log["time"] < t.burn_in + t.window)
    return set(log[(log["kind"] == "order") & inside]["person"].tolist())


def test_who_bought_and_who_did_not_are_everybody() -> None:
    log = frame(compared(), "omnichannel")
    bought = [f.customer for f in found(bought=True, strategy="omnichannel")]
    others = [f.customer for f in found(bought=False, strategy="omnichannel")]
    assert set(bought) == ordered(log)
    assert sorted(bought + others) == list(range(60))
    assert bought == sorted(bought)
    assert [f.customer for f in found(limit=3, bought=True, strategy="omnichannel")] == bought[:3]


def test_a_path_is_visits_for_one_need_in_their_order() -> None:
    log = frame(compared(), "omnichannel")
    channels = [c.name for c in compared().scenario.channels]
    visits = log[(log["kind"] == "visit") & (log["need"] >= 0)]
    expected = set()
    for (person, _), part in visits.groupby(["person", "need"]):
        text = " ".join(channels[c] for c in part["channel"])
        words = text.split()
        if "web" in words and "store" in words[words.index("web") + 1 :]:
            expected.add(person)
    assert expected
    got = {f.customer for f in found(path=("web", "store"), strategy="omnichannel")}
    assert got == expected


def test_winners_and_losers_are_those_of_the_notable() -> None:
    least = 0.5
    won = {f.customer: f.difference for f in found(won_by="omnichannel", least=least)}
    lost = {f.customer: f.difference for f in found(lost_by="omnichannel", least=least)}
    assert won
    assert not set(won) & set(lost)
    assert min(won.values()) >= least
    notable = compared().notable["omnichannel"]
    for one in notable:
        amount = one.difference / 100_000
        if abs(amount) >= least:
            assert (won if one.kind == "won" else lost)[one.customer] == pytest.approx(amount)
    assert max(won.values()) == pytest.approx(notable[0].difference / 100_000)
    persona = {f.customer for f in found(won_by="omnichannel", least=least, persona="busy")}
    log = frame(compared(), "omnichannel")
    born = log[log["kind"] == "person"].set_index("person")["persona"]
    assert persona == {c for c in won if born[c] == 0}


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({}, "nothing is asked for"),
        ({"won_by": "omnichanel"}, "did you mean 'omnichannel'"),
        ({"won_by": "multichannel"}, "is the reference itself"),
        ({"won_by": "omnichannel", "lost_by": "omnichannel"}, "not both"),
        ({"path": ("web", "stor")}, "did you mean 'store'"),
        ({"path": ("email",)}, "no channel to visit"),
        ({"persona": "bussy"}, "did you mean 'busy'"),
        ({"bought": True, "strategy": "x"}, "no strategy 'x'"),
        ({"bought": True, "least": -1.0}, "0 or more"),
    ],
)
def test_what_is_wrong_is_said(wanted: dict[str, Any], says: str) -> None:
    with pytest.raises(OptionError, match=says):
        found(**wanted)


def call(*words: str) -> int:
    return cli.main(list(words))


def test_from_a_run_to_the_twin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "run")
    arguments = ("cdnow-v1", "--customers", "80", "--customers-table", "--out", out, "-q")
    assert call("compare", *arguments) == 0
    table = pq.read_table(f"{out}/customers.parquet").to_pandas()
    assert len(table) == 80 * 5
    assert not table.duplicated(["strategy", "replication", "customer"]).any()
    results = pq.read_table(f"{out}/results.parquet").to_pandas()
    orders = results[results["measure"] == "orders_per_customer"].set_index("strategy")["value"]
    means = table.groupby("strategy")["orders"].mean()
    np.testing.assert_allclose(means[orders.index], orders)
    ltv = results[results["measure"] == "ltv"].set_index("strategy")["value"]
    np.testing.assert_allclose(table.groupby("strategy")["ltv"].mean()[ltv.index], ltv)
    capsys.readouterr()
    assert call("find", out, "--bought", "--limit", "2", "-q", "--json", "-") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["format"] == "omnilab-find-v1"
    (first, _) = result["customers"]
    assert first["twin"] == f"omnilab twin {out} {first['customer']}"
    assert call(*first["twin"].split()[1:]) == 0
    assert call("find", out, "--bought", "--path", "webb") == 2
    assert "did you mean 'web'" in capsys.readouterr().err
    assert call("find", str(tmp_path), "--bought") == 2
    assert "no finished run" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    (tmp_path / "run" / "manifest.json").write_text(
        json.dumps(manifest | {"format": "omnilab-run-v1"})
    )
    assert call("find", out, "--bought") == 2
    assert "run it again" in capsys.readouterr().err


def test_kept_customers_are_read_and_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    names = ("-s", "multichannel", "-s", "omnichannel")
    size = ("--customers", "60", "--replications", "2", "--customers-table")
    assert call("compare", "mapples-coffee-v1", *size, *names, "--out", str(out), "-q") == 0
    kept = out / "customers.parquet"
    persona = pq.read_table(kept)["persona"][0].as_py()
    asked = [
        ("--won-by", "omnichannel", "--least", "0.5"), ("--lost-by", "omnichannel", "--bought"),
        ("--never-bought", "--persona", persona), ("--left", "-s", "omnichannel"),
    ]  # fmt: skip

    def answers(*extra: str) -> list[str]:
        capsys.readouterr()
        for one in asked:
            assert call("find", str(out), *one, *extra, "--limit", "40", "-q", "--json", "-") < 2
        return capsys.readouterr().out.splitlines()

    with monkeypatch.context() as patch:
        patch.setattr("omnilab.experiment.singles.chunks_of", None)  # nothing is simulated
        read = answers()
    whole = kept.read_bytes()
    kept.unlink()
    assert read == answers()
    assert sum('"customer"' in line for line in read) > 20
    kept.write_bytes(whole[: len(whole) // 2])
    assert call("find", str(out), "--bought") == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "customers.parquet" in said
    assert "simulated again" in said
    assert call("find", str(out), "--path", "web", "-q") == 0  # the table is not asked


def test_a_breakdown_is_asked_for_by_a_name_that_has_members() -> None:
    result = omnilab.run("cdnow-v1", "no_contact", customers=30)
    assert len(result.groups("persona")) > 10
    assert len(result.customers()) == 30
    with pytest.raises(OptionError, match="has no members"):
        result.groups("recipients")
    with pytest.raises(OptionError, match="persona"):
        result.groups("personas")
    with pytest.raises(OptionError, match="journey"):
        result.funnel("journeys")
    assert result.funnel().empty
    assert set(result.weeks()["measure"]) >= {"ltv_usd", "purchase_rate_share"}


@pytest.mark.parametrize(("one", "other"), [("left", "stayed"), ("bought", "never-bought")])
def test_two_opposites_are_said_before_anything_is_looked_for(tmp_path, capsys, one, other) -> None:
    assert cli.main(["find", str(tmp_path), f"--{other}", f"--{one}"]) == 2
    said = capsys.readouterr().err
    assert f"--{one} and --{other}: no customer did both" in said
