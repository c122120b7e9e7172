"""``omnilab bench``: what is measured of a strategy, the limit, and errors of one line."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from omnilab import cli
from omnilab.cli.bench import bench
from omnilab.experiment import speed as speeds
from omnilab.experiment.speed import HookTime, Speed, measure_speed
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP

STRATEGY = """
import numpy as np
from omnilab.strategy import Choices, Plan, Sharing

class Careful:
    name = "careful"
    asked = told = 0

    def plan(self, brand):
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending):
        self.asked += len(pending)
        return Choices(send=pending.orders < 3)

class Learning(Careful):
    name = "learning"

    def learn(self, observed):
        self.told += len(observed)

class Failing(Careful):
    name = "failing"

    def decide(self, pending):
        raise ValueError("no model")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "mine.py").write_text(STRATEGY, encoding="utf-8")
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    capsys.readouterr()
    return (cli.main(["bench", *args]), *capsys.readouterr())


SMALL = ("--scenario", "lab.yaml", "--customers", "40", "--repeats", "2")


@pytest.mark.parametrize("engine", ["compiled", pytest.param("simpy", marks=pytest.mark.slow)])
def test_what_is_counted_is_what_the_strategy_was_asked(folder: Path, engine: str) -> None:
    """Against a strategy that counts by itself, in each engine and over two runs."""
    scenario = load_scenario("lab.yaml").with_customers(40)
    loaded = load_strategy("mine.py:Learning", scenario)
    asked, told = [], []

    class Counting:
        name = "learning"

        def plan(self, brand: Any) -> Any:
            return loaded.strategy.plan(brand)

        def decide(self, pending: Any) -> Any:
            asked.append(len(pending))
            return loaded.strategy.decide(pending)  # type: ignore[attr-defined]

        def learn(self, observed: Any) -> None:
            told.append(len(observed))

        def __deepcopy__(self, memo: object) -> Counting:
            return self

    counting = replace(loaded, strategy=Counting())
    first = measure_speed(scenario, counting, repeats=1, engine=engine)
    n_warm_up = len(asked) - first.hooks["decide"].calls
    assert n_warm_up > 0, "the warm-up is a run too, and is not counted"
    assert first.hooks["decide"].rows == sum(asked[n_warm_up:])
    assert first.hooks["learn"].rows == sum(told[len(told) - first.hooks["learn"].calls :])
    assert first.hooks["learn"].calls == 70, "once a day of window and run-out"
    twice = measure_speed(scenario, loaded, repeats=2, engine=engine)
    assert twice.hooks["decide"].rows == 2 * first.hooks["decide"].rows
    assert twice.hooks["plan"].calls == 1
    assert twice.events == first.events
    assert len(twice.runs_s) == len(twice.cpu_s) == 2


def test_measuring_changes_nothing(folder: Path) -> None:
    from omnilab.experiment.compare import compare

    scenario = load_scenario("lab.yaml").with_customers(40)
    loaded = load_strategy("mine.py:Careful", scenario)
    plain = compare(scenario, [loaded]).strategies[0]
    assert measure_speed(scenario, loaded, repeats=1).events == plain.events


def test_a_copy_has_its_own_state_and_the_same_times() -> None:
    timed = speeds._Timed(SimpleNamespace(decide=lambda pending: pending, name="x", seen=[]))
    copy = deepcopy(timed)
    copy.strategy.seen.append(1)
    copy.decide([1, 2, 3])
    assert timed.strategy.seen == []
    assert timed.times["decide"].rows == 3


def test_a_hook_that_raises_is_timed_and_raises() -> None:
    def decide(_pending: object) -> None:
        raise ZeroDivisionError

    timed = speeds._Timed(SimpleNamespace(decide=decide))
    with pytest.raises(ZeroDivisionError):
        timed.decide([1])
    assert timed.times["decide"].calls == 1


def test_figures_from_made_up_times() -> None:
    hooks = {"plan": HookTime(1, 0, 0.5), "decide": HookTime(10, 2000, 0.25)}
    speed = Speed("s", "x-v1", 500, 1, "simpy", (2.0, 1.0), (2.0, 1.0), 7, hooks, 90.0, 1.0)
    assert speed.ms_per_1000 == 2000.0
    assert speed.decisions_per_s == 8000.0
    assert speed.share("decide") == pytest.approx(0.25 / 3)
    assert speed.share("plan") is None
    assert hooks["decide"].ms_per_call == 25.0
    assert hooks["decide"].us_per_row == 125.0
    assert hooks["plan"].us_per_row is None
    assert HookTime().ms_per_call is HookTime().rows_per_s is None


def test_json_alone_is_on_stdout(folder: Path, capsys) -> None:
    code, out, _ = call(capsys, "mine.py:Careful", *SMALL, "--json", "-", "-q")
    figures = json.loads(out)
    assert code == 0
    assert figures["strategy"] == "careful"
    assert list(figures["hooks"]) == ["plan", "decide"]
    assert figures["decisions_per_s"] > 0
    assert figures["ms_per_1000"] == pytest.approx(min(figures["runs_s"]) * 1e6 / 40)
    assert figures["peak_mb"] > 10
    assert (figures["max_ms_per_1000"], figures["passed"]) == (None, True)


@pytest.mark.slow
def test_the_table_and_the_file(folder: Path, capsys) -> None:
    code, out, err = call(capsys, "mine.py:Careful", *SMALL, "--json", "speed.json")
    assert code == 0
    assert all(name in out for name in ("ms per 1,000 customers", "peak memory", "plan", "decide"))
    assert "learn" not in out
    assert "measuring" in err
    assert json.loads((folder / "speed.json").read_text())["customers"] == 40


@pytest.mark.slow
def test_yaml_strategies_have_no_decisions(folder: Path, capsys) -> None:
    (folder / "plain.yaml").write_text("name: plain\nsharing: all\n")
    code, out, _ = call(capsys, "plain.yaml", *SMALL, "--json", "-", "-q")
    assert code == 0
    assert json.loads(out)["decisions_per_s"] is None


@pytest.mark.parametrize(
    ("limit", "wanted"), [("0.001", 1), pytest.param("1e9", 0, marks=pytest.mark.slow)]
)
def test_the_limit_is_an_exit_code(folder: Path, capsys, limit: str, wanted: int) -> None:
    code, out, err = call(
        capsys, "omnichannel", *SMALL, "--max-ms-per-1000", limit, "--json", "-", "-q"
    )
    assert code == wanted
    assert json.loads(out)["passed"] == (wanted == 0)
    assert err.count("\n") == wanted
    assert ("over the limit of 0.001" in err) == bool(wanted)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("omnichanel", *SMALL), "(did you mean 'omnichannel'?)"),
        (("mine.py:Carefull", *SMALL), "(did you mean 'Careful'?)"),
        (("omnichannel", "--scenario", "none-v1"), "none-v1"),
        (("mine.py:Failing", *SMALL), "decide at day"),
        (("omnichannel", *SMALL, "--max-ms-per-1000", "0"), "--max-ms-per-1000"),
        (("omnichannel", *SMALL, "--max-ms-per-1000", "nan"), "--max-ms-per-1000"),
        (("omnichannel", *SMALL, "--repeats", "0"), "--repeats"),
        (("omnichannel", *SMALL, "--json", "."), "is a directory"),
        (("omnichannel", *SMALL, "--json", "no/such/f.json"), "there is no directory"),
        ((), "Missing argument"),
    ],
)
def test_bad_input_is_one_line_and_2(folder: Path, capsys, args, said: str) -> None:
    code, out, err = call(capsys, *args, *(["-q"] if args else []))
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err


def test_the_shipped_default_scenario_is_there() -> None:
    (option,) = [p for p in bench.params if p.name == "scenario"]
    assert load_scenario(str(option.default)).id == option.default
