"""``omnilab verify``: equal runs pass, anything changed is named."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from omnilab.errors import StrategyError
from tests.cli import laboratory


@pytest.fixture
def made(call) -> Path:
    args = ["--seed", "3", "--customers", "40", "--replications", "2", "--out", "made", "-q"]
    assert call("compare", "lab.yaml", *args)[0] == 0
    return Path("made")


def test_an_equal_run_is_0(call, made: Path) -> None:
    Path("lab.yaml").unlink()  # the run has all it needs
    code, out, err = call("verify", str(made))
    assert code == 0
    assert err.splitlines() == ["multichannel", "no_contact", "omnichannel"]  # its progress
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "multichannel",
        "no_contact",
        "omnichannel",
    ]
    assert call("verify", str(made), "--quiet") == (0, "", "")


def test_another_engine_must_agree(call, lab, made: Path) -> None:
    seen = []

    def spy(*args, **options) -> SimpleNamespace:
        seen.append(options["engine"])
        return laboratory.compare(*args, **options)

    lab.compare = spy
    assert call("verify", str(made), "--engine", "compiled")[0] == 0
    assert seen == ["compiled"]


@pytest.mark.parametrize(
    "name", ["scenario.yaml", "result.json", "results.parquet", "breakdowns.parquet"]
)
def test_a_changed_file_is_1(call, made: Path, name: str) -> None:
    file = made / name
    file.write_bytes(file.read_bytes() + b"\n")
    code, _, err = call("verify", str(made))
    assert code == 1
    assert f"{name}: changed" in err
    if name.startswith("r") and name.endswith("t"):
        file.unlink()
        assert f"{name}: missing" in call("verify", str(made))[2]


def test_another_log_or_number_is_1(call, lab, made: Path) -> None:
    def other(*args, **options) -> SimpleNamespace:
        return laboratory.compare(*args, **(options | {"seed": 4}))

    lab.compare = other
    code, out, err = call("verify", str(made))
    assert (code, out) == (1, "")
    assert "omnichannel: the log differs" in err
    assert "strategies.omnichannel.measures.ltv.value" in err


def test_a_changed_plugin_is_1(call) -> None:
    Path("mine.py").write_text(
        "from omnilab.strategy import Plan\nclass Mine:\n    name = 'mine'\n"
        "    def plan(self, brand):\n        return Plan()\n"
    )
    args = ["-s", "mine.py:Mine", "-s", "no_contact", "--out", "made", "-q"]
    assert call("compare", "lab.yaml", *args)[0] == 0
    assert call("verify", "made")[0] == 0
    with Path("mine.py").open("a") as file:
        file.write("# changed\n")
    code, _, err = call("verify", "made")
    assert code == 1
    assert "mine: its source has changed" in err
    Path("mine.py").unlink()
    assert call("verify", "made")[0] == 2


def test_a_strategy_that_now_fails_is_1(call, lab, made: Path) -> None:
    error = StrategyError("no", strategy="omnichannel", hook="decide", time_s=5)
    lab.compare = partial(laboratory.compare, failing={"omnichannel": error})
    code, _, err = call("verify", str(made))
    assert code == 1
    assert "strategy 'omnichannel', decide" in err


def test_the_version_is_said_where_something_differs(call, made: Path) -> None:
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps(manifest | {"omnilab": "0.0.1"}))
    assert call("verify", str(made))[0] == 0
    manifest["strategies"][0]["log_digest"] = "0" * 32
    (made / "manifest.json").write_text(json.dumps(manifest | {"omnilab": "0.0.1"}))
    code, _, err = call("verify", str(made))
    assert code == 1
    assert "made by omnilab 0.0.1" in err


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "omnilab-run-v1"}', '{"format": "other"}', "[" * 10**5]
)
def test_a_bad_manifest_is_2(call, made: Path, text: str) -> None:
    (made / "manifest.json").write_text(text)
    code, out, err = call("verify", str(made))
    assert (code, out) == (2, "")
    assert err.startswith("error: made/manifest.json")
    assert err.count("\n") == 1


def test_no_run_is_2(call) -> None:
    assert call("verify", "nothing")[0] == 2
    assert call("verify", "lab.yaml")[0] == 2
