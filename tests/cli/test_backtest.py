"""``omnilab backtest``: what it prints and writes, its exit codes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import omnilab as ol
from omnilab import __version__, cli
from omnilab.errors import OptionError
from omnilab.experiment.plausible.file import WorldSet, write_worlds
from omnilab.fit.backtest.course import Backtest
from omnilab.fit.backtest.log import ClassBias, Figure, LogBacktest
from omnilab.fit.backtest.rules import RULES
from omnilab.fit.backtest.verdict import judge
from omnilab.fit.holdout import WeekRow
from omnilab.scenario import load_scenario
from omnilab.scenario.write import scenario_digest
from tests.fit.experiment.tables import rows_of, write_table
from tests.fit.shop import START, write_log

Call = Callable[..., tuple[int, str, str]]
COFFEE = "mapples-coffee-v1"
FROM = ("--from", "2024-05-01")


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Call the command in a folder that has a log, from 2024-01-01 to 2024-06-30."""
    monkeypatch.chdir(tmp_path)
    write_log(tmp_path / "log.csv")

    def function(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(("backtest", *args))
        return (code, *capsys.readouterr())

    return function


def found_of(times: float, spread: float = 0.0) -> Backtest:
    """Return a backtest of eight weeks, in which so many times the orders came as predicted."""
    weeks, rules = 8, {}
    actual = times * np.full(weeks, 100.0) * (1 + spread * np.resize([1.0, -1.0], weeks))
    predicted = np.full(weeks, 100.0)
    for name in RULES:
        rules[name] = np.full(weeks, 140.0)
    verdict = judge(actual, predicted, predicted - 20, predicted + 20, rules)
    rows = tuple(WeekRow(START, 7, float(a), 100.0, 80.0, 120.0) for a in actual)
    figures = tuple(
        Figure(name, 2.0, 1.0, 0.5, 1.5, dict.fromkeys(RULES, float("nan")))
        for name in ("orders", "buyers", "spend", "error")
    )
    log = LogBacktest(
        "log.csv", START, START, START, 1500, figures, rows, (ClassBias("0", 9, 0.0, 1.0),),
        rules, verdict, SimpleNamespace(worlds=3, replications=40),
    )  # fmt: skip
    return Backtest(COFFEE, log, None, ("a note",), ("a warning",))


def given(monkeypatch: pytest.MonkeyPatch, found: Backtest) -> None:
    monkeypatch.setattr(
        "omnilab.fit.backtest.course.carry_out_backtest", lambda *_args, **_more: found
    )


def test_the_verdict_comes_first_and_the_page_says_what_made_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, found_of(2.0))
    code, out, err = call(
        COFFEE, "log.csv", *FROM, "--page", "page.md", "--json", "found.json", "--max-bias", "5%"
    )
    assert code == 0, err
    assert f"Backtest of {COFFEE}: correct" in out
    assert "multiply them by 2.00" in out
    for words in ("Figures", "Orders by week", "Bias by class", "customers who buy again", *RULES):
        assert words in out
    assert "a warning" in err
    page = Path("page.md").read_text(encoding="utf-8")
    assert page.startswith(f"# Backtest of {COFFEE}: correct")
    made = f"Made by `omnilab backtest {COFFEE} log.csv --from 2024-05-01 --max-bias 5%`"
    assert made in page
    data = json.loads(Path("found.json").read_text(encoding="utf-8"))
    assert data["format"] == "omnilab-backtest-v1"
    assert data["verdict"] == data["log"]["verdict"] == "correct"
    assert data["log"]["factor"] == pytest.approx(2.0)
    assert data["limits"]["bias"] == 0.05
    assert data["log"]["figures"][0]["rules"]["BG/NBD"] is None
    assert data["log"]["classes"][0]["bias"] is None  # nothing happened: no part of it
    code, out, _ = call(COFFEE, "log.csv", *FROM, "--json", "-")
    assert json.loads(out) == data | {"limits": data["limits"] | {"bias": 0.1}}


@pytest.mark.parametrize(
    ("times", "spread", "said", "code"),
    [(1.0, 0.05, "trust", 0), (2.0, 0.05, "correct", 0), (1.0, 0.9, "don't", 1)],
)
def test_only_dont_fails_and_only_when_asked(
    call: Call, monkeypatch: pytest.MonkeyPatch, times: float, spread: float, said: str, code: int
) -> None:
    given(monkeypatch, found_of(times, spread))
    assert call(COFFEE, "log.csv", *FROM, "-q")[0] == 0
    assert call(COFFEE, "log.csv", *FROM, "-q", "--fail-on-dont")[0] == code
    assert found_of(times, spread).verdict == said


def refused(call: Call, *args: str) -> str:
    """Return the error of a call that writes nothing."""
    before = sorted(Path().rglob("*"))
    code, out, err = call(*args, "--json", "found.json", "--page", "page.md")
    assert code == 2, err
    assert out == ""
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, err
    assert sorted(Path().rglob("*")) == before
    return lines[0]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "give a LOG and --from, or --tests"),
        (("log.csv",), "Missing option '--from'"),
        (("log.csv", "--from", "2025-05-01"),
         "log.csv: --from 2025-05-01: the log goes from 2024-01-01 to 2024-06-30"),
        (("log.csv", "--from", "2023-05-01"), "the nearest is 2024-02-12"),
        (("nothing.csv", *FROM), "nothing.csv"),
        (("log.csv", *FROM, "--max-bias", "0%"), "--max-bias '0%': between 0.1% and 100%"),
        (("log.csv", *FROM, "--steady", "40%"), "--steady '40%': between 50% and 100%"),
        (("log.csv", *FROM, "--status-quo", "omnichanel"), "omnichannel"),
        (("log.csv", *FROM, "--customer", "custmer_id"), "customer_id"),
        (("log.csv", *FROM, "--plausible", "auto"), "there is no"),
        (("--tests", "nowhere"), "nowhere: there is no such file or folder of past tests"),
        (("--tests", "log.csv"), "log.csv: past tests are a YAML file"),
        (("--tests", ".", "--plausible", "auto"), "--plausible: only with a LOG"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(call: Call, args: tuple[str, ...], said: str) -> None:
    assert said in refused(call, COFFEE, *args)


def rows(path: Path, customers: int, days: int, every: int = 7, row: str = "c{who},{day},10.00"):
    """Write a log of customers who order every so many days."""
    first = np.datetime64("2024-01-01")
    lines = ["customer_id,date,amount"]
    lines += [
        row.format(who=who, day=first + day)
        for who in range(customers) for day in range(who % every, days, every)
    ]  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_log_of_one_month(call: Call) -> None:
    rows(Path("month.csv"), 80, 31)
    said = refused(call, COFFEE, "month.csv", "--from", "2024-01-16")
    assert "month.csv: the log goes from 2024-01-01 to 2024-01-31, which is 31 days" in said
    assert "70, 42 to fit and 28 to predict" in said


def test_too_few_customers_before_the_date(call: Call) -> None:
    rows(Path("few.csv"), 30, 150)
    said = refused(call, COFFEE, "few.csv", "--from", "2024-03-15")
    assert "few.csv: before 2024-03-15: too little for a fit: 30 customers" in said
    assert "needed are 50" in said


def test_amounts_that_are_no_numbers(call: Call) -> None:
    rows(Path("nan.csv"), 60, 150, row="c{who},{day},NaN")
    assert "nan.csv: no amount in column 'amount' can be read" in refused(
        call, COFFEE, "nan.csv", *FROM
    )
    rows(Path("minus.csv"), 60, 150, row="c{who},{day},-5.00")
    assert "minus.csv: no order is left of" in refused(call, COFFEE, "minus.csv", *FROM)


def test_other_encodings_and_decimal_commas_are_read(call: Call) -> None:
    # As far as the size, which is looked at after all of it was read.
    lines = ["Kunde;Datum;Umsatz (€)"]
    lines += [f"Müller {k};{d:02d}.{m:02d}.2024;1.234,50"
              for k in range(20) for m in range(1, 7) for d in (3, 17, 28)]  # fmt: skip
    Path("umsatz.csv").write_bytes(("\n".join(lines) + "\n").encode("cp1252"))
    said = refused(call, COFFEE, "umsatz.csv", "--from", "2024-04-01", "--customer", "Kunde",
                   "--date", "Datum", "--amount", "Umsatz (€)")  # fmt: skip
    assert "too little for a fit: 20 customers" in said


def test_worlds_of_another_version_or_scenario(call: Call) -> None:
    scenario = load_scenario(COFFEE)
    key = "world.continuity.give_up"
    about = {
        "scenario": {"id": scenario.id, "digest": scenario_digest(scenario)},
        "version": "0.0.9", "parameters": [{"key": key, "keys": [key]}],
    }  # fmt: skip
    worlds = WorldSet({key: np.array([0.2, 0.3])}, np.array([0.5, 0.5]), about)
    write_worlds(worlds, Path("old.parquet"))
    said = refused(call, COFFEE, "log.csv", *FROM, "--plausible", "old.parquet")
    assert f"old.parquet: these worlds were made by omnilab 0.0.9, this is {__version__}" in said
    other = about | {"scenario": {"id": "other-v1", "digest": ""}, "version": __version__}
    write_worlds(replace(worlds, about=other), Path("other.parquet"))
    said = refused(call, COFFEE, "log.csv", *FROM, "--plausible", "other.parquet")
    assert "these are worlds of other-v1" in said


def test_folders_of_tests(call: Call) -> None:
    folder = Path("tests")
    folder.mkdir()
    write_table(folder / "march.csv", rows_of())
    said = refused(call, COFFEE, "--tests", "tests")
    assert "tests: no file of tests among its 1 tables" in said
    assert "tests: [{table: march.csv, control: none, within: 14d}]" in said
    above = "control: control\nwithin: 14d\n"
    (folder / "past.yaml").write_text(f"{above}tests: [{{table: march.csv}}]\n", encoding="utf-8")
    assert "one test: at least 2 are needed" in refused(call, COFFEE, "--tests", "tests")
    (folder / "more.yaml").write_text("tests: []\n", encoding="utf-8")
    said = refused(call, COFFEE, "--tests", "tests")
    assert "several files of tests (more.yaml, past.yaml)" in said


@pytest.mark.parametrize(
    ("changed", "control", "said"),
    [
        ({}, "none", "june.csv"),  # no such arm
        ({"segment": np.full(1500, "men")}, "control", "june.csv"),  # no control among its rows
        ({"spend": np.full(1500, "NaN")}, "control", "june.csv"),
        ({"spend": np.full(1500, -3.0)}, "control", "june.csv"),
        ({"customer": np.full(1500, 7)}, "control", "june.csv"),
    ],
)
def test_tables_of_tests_that_cant_be_used(
    call: Call, changed: dict[str, np.ndarray], control: str, said: str
) -> None:
    write_table(Path("march.csv"), rows_of())
    later = {"customer": rows_of()["customer"] + 5000}
    write_table(Path("june.csv"), rows_of(seed=2), **{**later, **changed})
    Path("past.yaml").write_text(
        "within: 14d\ntests:\n  - {table: march.csv, control: control}\n"
        f"  - {{table: june.csv, control: {control}}}\n", encoding="utf-8",
    )  # fmt: skip
    assert said in refused(call, COFFEE, "--tests", "past.yaml")


@pytest.mark.slow
def test_python_gives_what_the_command_gives(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_of(2.0)
    given(monkeypatch, found)
    monkeypatch.setattr("omnilab.api.backtests.carry_out_backtest", lambda *_a, **_m: found)
    _, out, _ = call(COFFEE, "log.csv", *FROM, "--json", "-")
    with pytest.warns(ol.api.backtests.OmnilabWarning, match="a warning"):
        result = ol.backtest(COFFEE, "log.csv", first_day="2024-05-01")
    assert result.data == json.loads(out)
    assert result.verdict == "correct"
    assert "multiply them by 2.00" in repr(result)
    assert result.figures().loc["orders", "actual"] == 2.0
    assert len(result.weeks()) == 8
    assert list(result.classes().index) == ["0"]
    assert "Made by `ol.backtest(...)`" in result.to_markdown()
    with pytest.raises(OptionError, match="no tests were given"):
        result.lifts()
    with pytest.raises(OptionError, match="max_bias"):
        ol.backtest(COFFEE, "log.csv", first_day="2024-05-01", max_bias="much")
