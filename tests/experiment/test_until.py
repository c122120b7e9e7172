"""The sequential rule: its promise on skewed clusters, and its course through real comparisons."""

from __future__ import annotations

import json
from math import inf, sqrt
from pathlib import Path

import numpy as np
import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import OptionError
from omnilab.experiment.checkpoint import Checkpoint
from omnilab.experiment.compare import compare
from omnilab.experiment.until import (
    LEAST_WORTH,
    MAIN,
    PILOT_CLUSTERS,
    Tail,
    Until,
    enough,
    next_size,
    parse_targets,
)
from omnilab.strategy.loading import load_strategy
from tests.worlds import corner

RARE, ONE_SIGN, BOTH_SIGNS, EVEN = range(4)
RUNS = 400


def draw(rng: np.random.Generator, kind: int, n: int) -> np.ndarray:
    """Return differences of clusters, in whole thousandths."""
    if kind == RARE:  # one in a hundred has one
        return 1000 * (rng.random(n) < 0.01)
    if kind == ONE_SIGN:  # one in ten, with a long tail
        return (1000 * np.where(rng.random(n) < 0.1, rng.gamma(0.5, 2.0, n), 0.0)).astype(int)
    if kind == BOTH_SIGNS:
        return 1000 * (rng.random(n) < 0.02) * np.where(rng.random(n) < 0.35, 1, -1)
    return (1000 * rng.normal(0.05, 1.0, n)).astype(int)


MEANS = {RARE: 10.0, ONE_SIGN: 100.0, BOTH_SIGNS: -6.0, EVEN: 50.0}


def held(kind: int, seed: int, *, valid: bool = True) -> float:
    """Return in how many of many runs the interval after the stop holds the truth."""
    rng = np.random.default_rng(seed)
    spread = draw(rng, kind, 10**6).std()
    wanted = 1.96 * spread / sqrt(3 * PILOT_CLUSTERS)
    hits = 0
    for _ in range(RUNS):
        done, tail, parts = 4, Tail(), []
        while True:
            more = draw(rng, kind, 100 * (done - len(parts)))
            parts += np.split(more, done - len(parts))
            tail.add(more)
            x = np.concatenate(parts)
            half = 1.96 * x.std(ddof=1) / sqrt(len(x))
            factor = enough(half, wanted, tail, len(x)) if valid else (half / wanted) ** 2
            if factor <= 1:
                break
            done = next_size(done, factor, 10**6, known=tail.worth >= LEAST_WORTH)
        # Truncation to whole numbers moves the mean by half a thousandth at most.
        hits += abs(x.mean() - MEANS[kind]) <= half + 0.5
    return hits / RUNS


@pytest.mark.parametrize("kind", [RARE, ONE_SIGN, BOTH_SIGNS, EVEN])
def test_the_interval_after_the_stop_keeps_its_promise(kind):
    error = sqrt(0.05 * 0.95 / RUNS)
    assert 0.93 - error <= held(kind, 5) <= 0.97 + 2 * error


def test_stopping_at_the_first_narrow_interval_does_not():
    """So the test above can fail: rare differences of one sign are what the rule is made for."""
    assert held(RARE, 5, valid=False) < 0.9


def test_a_tail_knows_on_how_many_clusters_it_rests():
    tail = Tail()
    for part in (np.zeros(500, int), np.full(30, 7), np.zeros(3, int)):
        tail.add(part)
    assert tail.worth == pytest.approx(30)
    assert tail.skew == pytest.approx(1 / 30)
    tail.add(np.full(30, -7))
    assert (tail.worth, tail.skew) == (pytest.approx(60), 0.0)
    huge = Tail()
    huge.add(np.array([2**61, -(2**61)]))
    assert (huge.worth, huge.fourths) == (2.0, 2 * 2**244)


def test_sizes_grow_by_what_is_missing():
    steady = Tail(1000, 0, 1000)  # worth 1000, no skew
    assert enough(1.0, 1.0, steady, 500) > 1.0  # the variance may be off
    assert enough(0.9, 1.0, steady, 500) < 1.0
    assert enough(1.0, 0.0, steady, 500) == inf
    assert enough(0.0, 1.0, Tail(), 100) > 1.0 >= enough(0.0, 1.0, Tail(), 10**5)
    assert next_size(3, 1.2, 100) == 4
    assert next_size(10, 1e9, 10**6) == 550
    assert next_size(10, 1e9, 10**6, known=False) == 44
    assert next_size(10, 1e9, 30) == 30


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["fast"], "write 1%, ltv=0.5% or ltv=0.05"),
        (["0.05"], "ltv=0.05"),
        (["lvt=1%"], "did you mean 'ltv'"),
        (["0%"], "no interval is that narrow"),
        (["-1%"], "no interval is that narrow"),
        (["1%", "2%"], "such a target already"),
        (["nan%"], "write 1%"),
        (["ltv=1e999"], "write 1%"),
    ],
)
def test_bad_targets_are_one_line(texts, message):
    with pytest.raises(OptionError) as error:
        parse_targets(texts)
    assert message in str(error.value)


def test_targets_are_read():
    main = parse_targets(["2%", "ltv=0.05", "aov=1%"])
    assert [(t.measure, t.half, t.relative) for t in main] == [
        ("ltv", 0.05, False), ("purchase_rate", 0.02, True), ("orders_per_customer", 0.02, True),
        ("aov", 0.01, True),
    ]  # fmt: skip
    assert [t.measure for t in parse_targets(["1%"])] == list(MAIN)
    assert main[1].half_for(-0.5) == 0.01


# Real comparisons


def compared(until: Until | None, names=("multichannel", "omnichannel"), **more):
    scenario = corner(population={"customers": 100})
    return compare(scenario, [load_strategy(n, scenario) for n in names], seed=4, **more,
                   until=until)  # fmt: skip


@pytest.mark.slow
def test_it_goes_on_until_the_intervals_are_narrow():
    found = compared(Until.of(["orders_per_customer=3%", "ltv=5%"], 100, 20_000, 1))
    until = found.until
    assert until["met"]
    assert until["customers"] == 100 * found.replications > 400
    moments = found.moments
    for measure, share in (("orders_per_customer", 0.03), ("ltv", 0.05)):
        d = moments.difference(measure, "omnichannel", "multichannel")
        wanted = share * moments.estimate(measure, "multichannel").value
        assert (d.high - d.low) / 2 <= wanted
        (said,) = (x for x in until["differences"] if x["measure"] == measure)
        assert said["half"] == pytest.approx((d.high - d.low) / 2)
        assert said["wanted"] == pytest.approx(wanted)
        ratio = moments.paired_variance_ratio(measure, "omnichannel", "multichannel")
        assert said["unpaired_times"] == pytest.approx(1 / ratio)
    plain = compared(None, replications=found.replications)
    assert plain.strategies == found.strategies
    assert plain.moments == found.moments


def test_it_says_when_the_bound_is_too_low_and_stops_there():
    said = []
    found = compared(Until.of(["0.01%"], 100, 900, 1), progress=lambda what, _: said.append(what))
    assert not found.until["met"]
    assert found.replications == 9
    assert "varies so much" in found.until["why"] or "rests on" in found.until["why"]
    assert any("more than --most-customers 900: it will stop after 900" in line for line in said)


@pytest.mark.slow
def test_equal_strategies_are_done_after_a_few_thousand_clusters():
    """What never differs is not waited for without end."""
    scenario = corner(population={"customers": 2000}, time={"window": "10d", "burn_in": "0d"})

    same = [load_strategy("multichannel", scenario), load_strategy("single_channel", scenario)]
    from dataclasses import replace

    same[1] = replace(same[0], name="again")
    found = compare(scenario, same, until=Until.of(["1%"], 2000, 100_000, 1))
    assert found.until["met"]
    assert 4000 <= found.until["customers"] <= 12_000


class Stopped(Exception):
    """What ends a run in the middle."""


@pytest.mark.slow
def test_a_stopped_run_goes_on_to_the_same_result(tmp_path: Path):
    rule = Until.of(["orders_per_customer=3%"], 100, 20_000, 1)
    whole = compared(rule)
    assert whole.replications > 6

    def stop(what: str, done: float) -> None:
        if what == "simulating" and len(list(tmp_path.iterdir())) and kept() >= 6:
            raise Stopped

    def kept() -> int:
        state = Checkpoint(tmp_path, "x").load(("multichannel", "omnichannel"))
        return 0 if state is None else state["done"]

    with pytest.raises(Stopped):
        compared(rule, checkpoint=Checkpoint(tmp_path, "x"), progress=stop)
    assert kept() == 6
    resumed = compared(rule, checkpoint=Checkpoint(tmp_path, "x"))
    assert resumed.until == whole.until
    assert resumed.moments == whole.moments


# The command and Python


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from omnilab.scenario.write import scenario_to_yaml

    folder = tmp_path_factory.mktemp("shop")
    scenario = corner(population={"customers": 100}, strategies=["multichannel", "omnichannel"])
    (folder / "shop.yaml").write_text(scenario_to_yaml(scenario))
    return folder


@pytest.mark.slow
def test_the_command_and_python_agree_and_a_run_can_be_verified(shop, capsys, monkeypatch):
    monkeypatch.chdir(shop)
    command = ["compare", "shop.yaml", "--until", "orders_per_customer=3%", "--out", "kept"]
    assert cli.main(command) == 0
    said = capsys.readouterr()
    assert "Saved by twins: independent groups would need" in said.out
    assert "--until: met after" in said.out
    kept = json.loads(Path("kept/result.json").read_text())
    mine = ol.compare("shop.yaml", until="orders_per_customer=3%")
    assert mine.until == kept["until"]
    assert kept["replications"] * 100 == kept["until"]["customers"]
    assert cli.main(["verify", "kept"]) == 0
    last = str(kept["replications"] - 1)
    assert cli.main(["twin", "kept", "3", "--replication", last]) == 0
    capsys.readouterr()


@pytest.mark.slow
def test_what_is_not_met_is_kept_and_ends_with_2(shop, capsys, monkeypatch):
    monkeypatch.chdir(shop)
    command = ["compare", "shop.yaml", "--until", "0.01%", "--most-customers", "500"]
    assert cli.main([*command, "--out", "short", "-q"]) == 2
    (error,) = errors(capsys)
    assert error.startswith("error: --until was not met: ")
    kept = json.loads(Path("short/result.json").read_text())
    assert (kept["replications"], kept["until"]["met"]) == (5, False)
    zero = [*command[:2], "-s", "no_contact", "-s", "multichannel", "--against", "no_contact",
            "--until", "messages_per_customer=1%", "-q", "--out", "zero"]  # fmt: skip
    assert cli.main(zero) == 2
    (error,) = errors(capsys)
    assert "no_contact's messages_per_customer is 0" in error


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what was said but for warnings: the corner shop has a key without effect."""
    return [x for x in capsys.readouterr().err.splitlines() if not x.startswith("warning: ")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--most-customers", "9"], "--most-customers goes with --until"),
        (["--until", "1%", "--most-customers", "99"], "less than the 100 customers"),
        (["--until", "1%", "-s", "omnichannel"], "name two strategies"),
        (["--until", "1"], "write 1% for a share"),
    ],
)
def test_bad_options_write_nothing(shop, capsys, monkeypatch, options, message):
    monkeypatch.chdir(shop)
    assert cli.main(["compare", "shop.yaml", *options, "--out", "none"]) == 2
    (error,) = errors(capsys)
    assert message in error
    assert not Path("none").exists()
