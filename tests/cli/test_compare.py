"""``omnilab compare`` and ``run``: options, JSON, report, failing strategies, run directories."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from omnilab.errors import StrategyError
from omnilab.experiment.equal_volume import Equal
from omnilab.measure.catalogue import MEASURES
from omnilab.runs import files as run_files
from omnilab.scenario import load_scenario, scenario_digest
from tests.cli import laboratory
from tests.cli.signals import hear_ctrl_c

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("no_contact", "multichannel", "omnichannel")
KEYS = [
    *("format", "scenario", "currency", "engine", "seed", "customers", "replications", "clusters"),
    *("level", "reference", "strategies", "differences", "notes", "best", "equal_volume"),
    *("worlds", "left_out", "until"),
]


def json_of(call, *args: str) -> dict:
    code, out, err = call("compare", "lab.yaml", "--json", "-", "--quiet", *args)
    assert (code, err) == (0, "")
    result: dict = json.loads(out)
    return result


def left_behind(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.name != "lab.yaml")


def test_the_json_has_exactly_what_was_promised(call) -> None:
    result = json_of(call)
    assert list(result) == [*KEYS, "elapsed_s"]
    digest = scenario_digest(load_scenario("lab.yaml"))
    assert result["scenario"] == {"id": "lab-v1", "digest": digest}
    assert (result["engine"], result["seed"]) == ("simpy", 1)
    assert (result["customers"], result["replications"]) == (200, 1)
    for strategy in result["strategies"]:
        assert list(strategy) == ["name", "log_digest", "events", "wiring", "measures"]
        assert re.fullmatch("[0-9a-f]{32}", strategy["log_digest"])
        assert list(strategy["measures"]) == list(MEASURES)
        keys = ["unit", "value", "low", "high"]
        assert all(list(m) == keys for m in strategy["measures"].values())
    assert sorted(s["name"] for s in result["strategies"]) == sorted(NAMES)
    pairs = [(d["strategy"], d["reference"], d["measure"]) for d in result["differences"]]
    others = ("no_contact", "omnichannel")
    assert pairs == [(s, "multichannel", m) for s in others for m in MEASURES]


def test_differences_are_those_of_the_values(call) -> None:
    result = json_of(call)
    values = {s["name"]: s["measures"] for s in result["strategies"]}
    for d in result["differences"]:
        a, b = (values[d[k]][d["measure"]]["value"] for k in ("strategy", "reference"))
        if a is None or b is None:
            assert (d["value"], d["low"], d["high"]) == (None, None, None)
        else:
            assert d["value"] == pytest.approx(a - b, abs=1e-12)
            assert d["low"] <= d["value"] <= d["high"]


def test_without_a_denominator_it_is_null(call) -> None:
    result = json_of(call)
    nothing = {"unit": "share", "value": None, "low": None, "high": None}
    measures = {s["name"]: s["measures"] for s in result["strategies"]}
    assert measures["no_contact"]["open_rate"] == nothing
    written = measures["multichannel"]
    delivered = 200 * written["messages_per_customer"]["value"] * written["delivery_rate"]["value"]
    assert written["open_rate"] == nothing | {  # none of them was opened
        "value": 0.0,
        "low": 0.0,
        "high": pytest.approx(1 - 0.025 ** (1 / delivered)),
    }


def test_another_order_of_strategies_gives_the_same_text_and_directory(call) -> None:
    texts = set()
    for order in (NAMES, NAMES[::-1]):
        code, out, _ = call(
            *("compare", "lab.yaml", "--json", "-", "-q"), *(x for n in order for x in ("-s", n))
        )
        assert code == 0
        texts.add(out)
    assert len(texts) == 1
    assert len(list(Path("runs").iterdir())) == 1


def test_run_gives_the_same_numbers_for_its_strategy(call) -> None:
    both = json_of(call)
    code, out, _ = call("run", "lab.yaml", "-s", "omnichannel", "--json", "-", "-q")
    alone = json.loads(out)
    assert code == 0
    assert alone["differences"] == []
    (mine,) = alone["strategies"]
    (same,) = [s for s in both["strategies"] if s["name"] == "omnichannel"]
    del mine["measures"]["roi"], same["measures"]["roi"]  # needs no_contact beside it
    assert mine == same


def test_options_reach_the_simulation(call, lab) -> None:
    seen = {}

    def spy(scenario, strategies, **options):
        seen.update(options, customers=scenario.population.customers)
        return laboratory.compare(scenario, strategies, **options)

    lab.compare = spy
    args = ["--customers", "12", "--replications", "3", "--seed", "5", "--engine", "compiled"]
    result = json_of(call, *args, "--threads", "2", "--chunk", "7")
    for option in ("progress", "checkpoint", "recorder"):
        assert option in seen
        del seen[option]
    expected = {"customers": 12, "replications": 3, "seed": 5, "engine": "compiled"}
    usual = {"against": None, "until": None, "quick": False, "standing": None, "parts": None}
    usual["equal"] = Equal(("omnichannel", "multichannel"), asked=False)
    usual["tests"] = True
    assert seen == expected | {"threads": 2, "chunk": 7} | usual
    assert {k: result[k] for k in expected} == expected


def test_the_run_directory_has_its_files(call) -> None:
    code, _, err = call("compare", "lab.yaml")
    assert code == 0
    (folder,) = Path("runs").iterdir()
    assert re.fullmatch("lab-v1-[0-9a-f]{12}", folder.name)
    # Outside a terminal what is being done is said once, a line each, in place of the bar.
    assert err.splitlines() == [*NAMES, f"kept in {folder}"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["digest"].startswith(folder.name[-12:])
    assert manifest["status"] == "done"
    assert load_scenario(folder / "scenario.yaml") == load_scenario("lab.yaml")
    result = json.loads((folder / "result.json").read_text())
    long = pq.read_table(folder / "results.parquet").to_pylist()
    keys = ("strategy", "measure", "unit", "value", "low", "high")
    assert [{k: row[k] for k in keys} for row in long] == [
        {"strategy": s["name"], "measure": m, **bounds}
        for s in result["strategies"]
        for m, bounds in s["measures"].items()
    ]
    parts = pq.read_table(folder / "breakdowns.parquet").to_pylist()
    (ltv,) = [
        r["value"]
        for r in parts
        if (r["strategy"], r["by"], r["name"], r["measure"])
        == ("omnichannel", "persona", "keen", "ltv")
    ]
    assert ltv == 1_200_000 / 120 / 100_000
    assert {r["name"] for r in parts if r["by"] == "journey"} == {"cart", "news"}


def test_the_page_has_the_measures_without_times(call) -> None:
    _, out, _ = call("compare", "lab.yaml", "--out", "x")
    page = Path("x/report.html").read_text(encoding="utf-8")
    values = re.findall(r"^ ?LTV, EUR +(-?[\d.]+) ±", out, re.MULTILINE)
    assert values
    assert f"€{values[0]}" in page
    assert "a second" in out
    assert not re.search(r"[\d,]+ a second|in [\d.]+ s\b", page)
    assert "report.html" in json.loads(Path("x/manifest.json").read_text())["files"]


def test_everything_asked_for_names_the_directory(call) -> None:
    plugin = "from omnilab.strategy import Plan\nclass Mine:\n    name = 'mine'\n"
    plugin += "    def plan(self, brand):\n        return Plan()\n"
    Path("mine.py").write_text(plugin)
    runs: list[list[str]] = [[], ["--seed", "2"], ["--customers", "100"], ["--replications", "2"]]
    runs += [["--engine", "simpy"], ["-s", "mine.py:Mine"]]
    for args in runs:
        json_of(call, *args)
    Path("mine.py").write_text(plugin + "# changed\n")
    json_of(call, "-s", "mine.py:Mine")
    assert len(list(Path("runs").iterdir())) == len(runs) + 1
    json_of(call)
    assert len(list(Path("runs").iterdir())) == len(runs) + 1


def test_events_are_kept_by_name(call) -> None:
    code, _, _ = call("run", "lab.yaml", "-s", "omnichannel", "--events", "--out", "x", "-q")
    assert code == 0
    rows = pq.read_table("x/events.parquet").to_pylist()
    scenario = load_scenario("lab.yaml")
    log = [
        row
        for c in range(3)
        for row in laboratory.person_rows(
            scenario, type("S", (), {"name": "omnichannel"}), c, seed=1
        )
    ]
    assert [r["time_s"] for r in rows] == [int(row["time"]) for row in log]
    assert {r["strategy"] for r in rows} == {"omnichannel"}
    kinds = ["person", "sent", "need", "visit", "cart", "cart_left", "sent", "order"]
    assert [r["kind"] for r in rows] == kinds * 3
    assert [r["channel"] for r in rows[:4]] == [None, "email", None, "web"]
    assert [r["silo"] for r in rows[:4]] == [None, "email", None, "web"]
    code, _, err = call("run", "lab.yaml", "-s", "omnichannel", "--events", "--replications", "2")
    assert code == 2
    assert "--replications 1" in err


def test_the_report(call) -> None:
    code, out, _ = call("compare", "lab.yaml")
    assert code == 0
    assert "\x1b" not in out  # no colour outside a terminal
    for said in ("lab-v1: A shop", "200 customers", "seed 1", "Differences against multichannel"):
        assert said in out
    assert re.search(r"No certain winner by LTV: multichannel has .* messages a customer", out)
    assert re.search(r"Open rate, % +0.* - *$", out, re.MULTILINE)  # no_contact is last
    assert "world.intent.visit_gain 0.6, world.choice." in out
    assert re.search(
        r"Engine simpy \(chosen by auto\): [\d,]+ events in 1.2 s, [\d,]+ a second", out
    )
    assert "keen" in out
    assert max(map(len, out.splitlines())) <= 120


def test_a_cohorts_purchase_rate_is_called_what_it_is(call) -> None:
    note = "purchase rate is 100% by construction"
    assert note not in " ".join(call("compare", "lab.yaml")[1].split())
    text = laboratory.SHOP.replace("customers: 200", "customers: 200\n  entry: {over: 30d}")
    Path("lab.yaml").write_text(text.replace("burn_in: 30d", "burn_in: 0d"), encoding="utf-8")
    assert note in " ".join(call("compare", "lab.yaml")[1].split())


def test_compiling_is_told_and_apart_from_the_speed(call, lab) -> None:
    def slow(*args: object, **options: object) -> object:
        made = laboratory.compare(*args, **options)
        made.elapsed_s, made.compile_s = 11.0, 10.0
        return made

    lab.compare = slow
    code, out, err = call("compare", "lab.yaml", "--json", "x.json")
    assert code == 0
    assert "kernels compiled in 10 s (once a version), which elapsed_s includes" in err
    assert "events in 1.0 s and 10.0 s of compiling kernels, " in " ".join(out.split())
    assert json.loads(Path("x.json").read_text())["elapsed_s"] == 11.0


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_narrow_terminal_gets_every_number_whole(call, monkeypatch, width: int) -> None:
    _, wide, _ = call("compare", "lab.yaml")
    monkeypatch.setenv("COLUMNS", str(width))
    _, narrow, _ = call("compare", "lab.yaml")
    assert max(map(len, narrow.splitlines())) <= width
    cells = re.findall(r"-?\d[\d.,]* ±[\d.,]+\*?", wide)
    assert len(cells) > 30
    assert sorted(re.findall(r"-?\d[\d.,]* ±[\d.,]+\*?", narrow)) == sorted(cells)


def test_quiet_says_nothing(call) -> None:
    assert call("compare", "lab.yaml", "--quiet") == (0, "", "")


def test_json_to_a_file_beside_the_report(call) -> None:
    code, out, _ = call("compare", "lab.yaml", "--json", "x.json")
    assert code == 0
    assert "Measures" in out
    again = json_of(call)
    assert json.loads(Path("x.json").read_text()) == again


def failing(lab, *names: str) -> None:
    errors = {
        n: StrategyError("ZeroDivisionError: by zero", strategy=n, hook="decide", time_s=90000)
        for n in names
    }
    lab.compare = partial(laboratory.compare, failing=errors)


def test_a_failing_strategy_leaves_the_others_results(call, lab) -> None:
    whole = json_of(call)
    failing(lab, "omnichannel")
    code, out, err = call("compare", "lab.yaml", "--json", "-", "--out", "x", "--quiet")
    assert code == 2
    line = "error: strategy 'omnichannel', decide at day 1 01h: ZeroDivisionError: by zero\n"
    assert err == line
    kept = [s for s in whole["strategies"] if s["name"] != "omnichannel"]
    assert json.loads(out)["strategies"] == kept
    manifest = json.loads(Path("x/manifest.json").read_text())
    assert manifest["status"] == "partial"
    assert list(manifest["failures"]) == ["omnichannel"]
    code, out, err = call("compare", "lab.yaml", "--out", "x")
    assert code == 2
    assert "Left out, since they failed: omnichannel." in out


def test_with_no_strategy_left_nothing_is_written(call, lab) -> None:
    failing(lab, *NAMES)
    code, out, err = call("compare", "lab.yaml")
    assert (code, out) == (2, "")
    assert err.startswith("error: strategy 'no_contact', decide at day 1 01h")
    assert err.count("\n") == 1
    assert left_behind(Path()) == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--customers", "0"], "'--customers'"),
        (["--customers", "ten"], "'--customers'"),
        (["--replications", "0"], "'--replications'"),
        (["--seed", "-1"], "'--seed'"),
        (["--seed", str(2**63)], "'--seed'"),
        (["--engine", "simpi"], "did you mean 'simpy'"),
        (["--strategy", "omnichanel"], "did you mean 'omnichannel'"),
        (["--strategy", "no.py:Such"], "no.py"),
        (["-s", "omnichannel", "-s", "omnichannel"], "two strategies are named 'omnichannel'"),
        (["--out", "lab.yaml"], "would overwrite a file that this command reads (SCENARIO)"),
        (["--out", "."], "--out . holds lab.yaml, which this command reads (SCENARIO)"),
        (["--out", "lab.yaml/x"], "lab.yaml/x"),
        (["--json", "no/such/x.json"], "there is no directory"),
        (["--json", "."], "is a directory"),
        (["--customers", "many"], "'many' is not a whole number"),
    ],
)
def test_bad_input_is_2_with_one_line_and_nothing_written(call, args, said: str) -> None:
    code, out, err = call("compare", "lab.yaml", *args)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err
    assert left_behind(Path()) == []


def test_run_takes_one_strategy(call) -> None:
    code, out, err = call("run", "lab.yaml", "-s", "omnichannel", "-s", "multichannel")
    assert (code, out) == (2, "")
    assert err == "error: run takes one --strategy, not 2: use compare\n"
    assert left_behind(Path()) == []


def test_a_strategy_that_the_scenario_misspells(call) -> None:
    text = laboratory.SHOP.replace("[no_contact,", "[no_contakt,")
    Path("lab.yaml").write_text(text, encoding="utf-8")
    line = text.splitlines().index("strategies: [no_contakt, multichannel, omnichannel]") + 1
    code, out, err = call("compare", "lab.yaml")
    assert (code, out) == (2, "")
    wanted = "'no_contakt': no such strategy (did you mean 'no_contact'?)"
    assert err == f"error: lab.yaml:{line}: strategies[0]: {wanted}\n"
    assert left_behind(Path()) == []
    assert call("compare", "lab.yaml", "-s", "no_contact", "-q")[0] == 0  # not needed then


def test_a_scenario_that_is_not_there(call) -> None:
    code, _, err = call("compare", "lab-v2")
    assert code == 2
    assert "no such file, and no shipped scenario 'lab-v2'" in err


def test_a_full_disk_still_shows_the_results(call, monkeypatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run_files, "write_rows", full)
    code, out, err = call("compare", "lab.yaml", "--json", "-", "--out", "x")
    assert code == 2
    assert json.loads(out)["customers"] == 200
    assert err.splitlines() == [*NAMES, "error: the disk is full: x was not written"]
    assert left_behind(Path()) == []


def test_ctrl_c_leaves_nothing(call, lab) -> None:
    def interrupted(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    lab.compare = interrupted
    code, out, err = call("compare", "lab.yaml")
    assert (code, out, err) == (130, "", "interrupted\n")
    assert left_behind(Path()) == []


CHILD = """
import sys
from types import SimpleNamespace
from tests.cli import laboratory
def compare(*args, **options):
    {inside}
    return laboratory.compare(*args, **options)
sys.modules["omnilab.experiment.compare"] = SimpleNamespace(compare=compare)
from omnilab.cli import main
sys.exit(main(sys.argv[1:]))
"""


def child(inside: str, *args: str) -> subprocess.Popen[str]:
    path = f"{ROOT / 'sim'}:{ROOT / 'strategies'}:{ROOT}"
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(inside=inside), *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        preexec_fn=hear_ctrl_c,
    )


@pytest.mark.parametrize(
    ("number", "code", "kept"),
    [
        (signal.SIGINT, 130, False),
        pytest.param(signal.SIGTERM, 143, False, marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, -9, True, marks=pytest.mark.slow),
    ],
)
def test_a_killed_run_leaves_no_run_directory(lab, number: int, code: int, kept: bool) -> None:
    inside = 'print("ready", flush=True); import time; time.sleep(60)'
    with child(inside, "compare", "lab.yaml", "--out", "runs/x") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(timeout=60) == code
    assert not Path("runs/x").exists()
    assert Path("runs").exists() == kept  # SIGKILL can't be cleaned up after; its dot-name stays
    with child("pass", "compare", "lab.yaml", "--out", "runs/x", "-q") as process:
        assert process.wait(timeout=60) == 0
    assert [p.name for p in Path("runs").iterdir()] == ["x"]


@pytest.mark.slow
def test_a_real_limit_of_the_disk(lab) -> None:
    """The largest file that a process may write stands in for a full disk."""
    inside = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))"
    with child(inside, "compare", "lab.yaml", "--out", "x", "-q") as process:
        assert process.stderr is not None
        assert process.wait(timeout=60) == 2
        assert process.stderr.read() == "error: the disk is full: x was not written\n"
    assert left_behind(Path()) == []
