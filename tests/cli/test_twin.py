"""``omnilab twin``: one customer under each strategy, from a run or a scenario."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.log.layout import fields_of
from omnilab.log.rows import KIND_NAMES, KINDS
from omnilab.report.timeline import Teller, align, local_time
from omnilab.scenario import load_scenario
from tests.log.building import log_of

NAMES = ("no_contact", "multichannel", "omnichannel")


@pytest.fixture
def made(call) -> str:
    assert call("compare", "lab.yaml", "--seed", "7", "--out", "made", "-q")[0] == 0
    return "made"


def test_side_by_side(call, made: str) -> None:
    code, out, err = call("twin", made, "3")
    assert (code, err) == (0, "")
    assert "Customer 3 of lab-v1, cool, household 1" in out
    (head,) = [line for line in out.splitlines() if line.split()[:1] == ["time"]]
    assert head.split() == ["time", *NAMES]  # in the scenario's order
    columns = [head.index(name) for name in NAMES]
    (sent,) = [line for line in out.splitlines() if "email sent: cart" in line]
    assert [sent[i : i + 16] for i in columns[1:]] == ["email sent: cart"] * 2
    assert sent[columns[0] : columns[1]].strip() == ""
    assert "sent: news" not in out  # before the window
    assert len(re.findall(r"order 20\.00 EUR at web", out)) == 3
    assert "no_contact: 1 order, 20.00 EUR, 0 messages" in out
    assert "omnichannel: 1 order, 20.00 EUR, 1 message\n" in out


def test_a_run_has_its_seed_and_a_scenario_takes_one(call, made: str) -> None:
    assert call("twin", made, "3")[1] == call("twin", "lab.yaml", "3", "--seed", "7")[1]
    assert call("twin", made, "3")[1] != call("twin", "lab.yaml", "3")[1]
    code, _, err = call("twin", made, "3", "--seed", "7")
    assert code == 2
    assert "has its own" in err


def test_days_count_from_the_window(call, made: str) -> None:
    _, out, _ = call("twin", made, "3", "--from", "-1", "--to", "0")
    assert "2025-02-04 00:00 to 2025-02-05 00:00, Europe/Amsterdam" in out
    assert "2025-02-04 23:00" in out
    assert "email sent: news" in out
    assert "order " not in out.replace("0 orders", "")
    assert "Nothing happened." in call("twin", made, "3", "--from", "20", "--to", "21")[1]


def test_narrow_lines_name_their_strategies(call, made: str, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    _, out, _ = call("twin", made, "3")
    assert "  all: need beans 20.00 EUR" in out
    assert "01:06 multichannel, omnichannel: email sent: cart" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 60


def test_some_strategies(call, made: str) -> None:
    _, out, _ = call("twin", made, "3", "-s", "omnichannel")
    assert "no_contact" not in out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["made", "200"], "there are 0 to 199"),
        (["made", "-1"], "such option"),
        (["made", "x"], "'x' is not a whole number"),
        (["made", "3", "-s", "omnichanel"], "did you mean 'omnichannel'"),
        (["made", "3", "--replication", "1"], "the run has 0 to 0"),
        (["made", "3", "--from", "9", "--to", "9"], "not before"),
        (["made", "3", "--from", "nan"], "no number that can be used"),
        (["lab.yaml", "3", "--customers", "2"], "there are 0 to 1"),
        (["nothing", "3"], "no such file"),
        (["empty", "3"], "no finished run"),
    ],
)
def test_bad_input(call, made: str, args: list[str], said: str) -> None:
    Path("empty").mkdir()
    code, out, err = call("twin", *args)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err


def one_of_each_kind(switch: int) -> np.ndarray:
    ones = (
        "prior",
        "known",
        "fate",
        "why",
        "status",
        "reason",
        "seconds",
        "steps",
        "sends",
        "noticed",
        "gain",
    )
    return log_of(
        {"kind": kind, "time": switch + i, "seq": i, "channel": 1, "silo": 1,
         **{name: 1 for name in fields_of(KINDS[kind]) if name in ones}}
        for i, kind in enumerate(KIND_NAMES)
    )  # fmt: skip


def test_every_kind_has_words(lab) -> None:
    scenario = load_scenario("lab.yaml")
    log = one_of_each_kind(scenario.time.burn_in)
    told = Teller(scenario, ["cart"], ["cart"], everything=True).tell(log)
    silent = {"final"}  # reached: opens and clicks say so
    assert len(told) == len(KIND_NAMES) - len(silent)
    assert not any(re.search(r"kind|unknown|_", words) for _, words in told)


def test_words_do_not_depend_on_the_rows_order(lab) -> None:
    scenario = load_scenario("lab.yaml")
    log = one_of_each_kind(0)
    shuffled = np.random.default_rng(1).permutation(log)
    told = [Teller(scenario, ["a"], ["b"]).tell(rows_) for rows_ in (log, shuffled)]
    assert told[0] == told[1]


def test_journeys_before_the_switch_are_the_status_quos(lab) -> None:
    scenario = load_scenario("lab.yaml")
    switch = scenario.time.burn_in
    log = log_of({"kind": rows.SENT, "channel": 1, "time": time} for time in (switch - 1, switch))
    told = Teller(scenario, ["mine"], ["usual"]).tell(log)
    assert [words for _, words in told] == ["email sent: usual", "email sent: mine"]


def test_alignment_keeps_each_word_in_its_column() -> None:
    told = [[(5, "a"), (5, "b"), (9, "c")], [(5, "a"), (7, "d"), (30, "e")]]
    moments = align(told, 5, 30)
    assert [(m.time_s, m.words) for m in moments] == [
        (5, (("a", "b"), ("a",))),
        (7, ((), ("d",))),
        (9, (("c",), ())),
    ]


def test_local_time_follows_the_clocks_change(lab) -> None:
    scenario = load_scenario("lab.yaml")
    day = 86400
    until = 83 * day  # 30 March 2025 is one hour short in Amsterdam
    assert local_time(scenario, until).isoformat() == "2025-03-30T00:00:00+01:00"
    assert local_time(scenario, until + day).isoformat() == "2025-03-31T01:00:00+02:00"
