"""Sweeps: points share what is equal and nothing else, and a sweep is taken up where it stopped."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import omnilab as ol
from omnilab.errors import OmnilabError, OptionError
from omnilab.experiment.compare import compare
from omnilab.experiment.statistics import Moments
from omnilab.experiment.sweep import Settings, Store, Sweep, parse_vary, plan_sweep, run_sweep
from omnilab.experiment.sweep import pool as pool_module
from omnilab.experiment.sweep.design import spread
from omnilab.experiment.sweep.tables import pooled, sweep_rows
from omnilab.runs.sweeps import keep_sweep
from omnilab.scenario import Scenario, load_scenario
from omnilab.strategy.plan import Plan
from omnilab.strategy.protocol import Brand

COFFEE = "mapples-coffee-v1"


@pytest.fixture(scope="module")
def coffee() -> Scenario:
    scenario = load_scenario(COFFEE).with_customers(60)
    return scenario.changed({"time": {"burn_in": 30 * 86400, "window": 60 * 86400}})


def swept(
    scenario: Scenario, varies: list[str], strategies: list[Any] | None = None, **settings: Any
) -> Sweep:
    given = strategies or ["multichannel", "omnichannel"]
    asked = [parse_vary(text) for text in varies]
    return run_sweep(plan_sweep({"one": scenario}, asked, given, Settings(**settings)))


class Sends:
    """Sends what is at least a number of seconds old, or all."""

    name = "sends"

    def __init__(self, most: int = 100) -> None:
        self.most = most

    def plan(self, brand: Brand) -> Plan:
        return Plan(journeys=brand.journeys, cap=brand.cap)

    def decide(self, pending: Any) -> Any:
        from omnilab.strategy import Choices

        return Choices(np.arange(len(pending)) * 0 < self.most)


class Breaks(Sends):
    name = "breaks"

    def decide(self, pending: Any) -> Any:
        raise ValueError("no idea")


class BreaksWithCap(Sends):
    """Fails at the points with a cap of one."""

    name = "breaks"

    def plan(self, brand: Brand) -> Plan:
        self.cap = brand.cap
        return super().plan(brand)

    def decide(self, pending: Any) -> Any:
        assert self.cap is not None
        if self.cap.messages == 1:
            raise ValueError("no idea")
        return super().decide(pending)


@pytest.mark.parametrize(
    ("varies", "status_quo", "runs"),
    [
        # Plans alone: one run. The status quo has no journeys, so the brand's cap is a plan's too.
        (["strategies.omnichannel.cap.messages=1,2", "strategies.*.paid=true,false"],
         "multichannel", 1),
        (["brand.cap.messages=1,3", "brand.quiet_hours.start=20:00,22:00", "brand.control=0%,20%"],
         "no_contact", 1),
        (["strategies.multichannel.sharing=silo,all", "strategies.*.journeys.cart.cooldown=1d,9d"],
         "cross_channel", 1),
        (["strategies.multichannel.cap.messages=1,3"], "multichannel", 1),
        (["discount_rate=0%,10%,30%"], "multichannel", 1),
        (["discount_rate=0%,30%", "strategies.omnichannel.cap.messages=1,2"], "multichannel", 1),
        # The brand's cap acts in the burn-in here, and so does every number of the world.
        (["brand.cap.messages=1,3"], "multichannel", 2),
        (["world.continuity.give_up=0%,30%", "strategies.omnichannel.cap.messages=1,2"],
         "multichannel", 2),
        (["time.window=40d,50d", "brand.loyalty.worth=0 EUR,5 EUR"], "no_contact", 4),
        (["brand.status_quo=no_contact,multichannel"], "no_contact", 2),
    ],
)  # fmt: skip
def test_what_points_share_changes_no_number(
    coffee: Scenario, varies: list[str], status_quo: str, runs: int
) -> None:
    """Logs and sums of a point are those of a comparison by itself, to the last bit."""
    base = coffee.changed({"brand": {"status_quo": status_quo}})
    found = swept(base, varies, ["no_contact", "multichannel", "omnichannel"], seeds=(5,))
    assert found.shared["runs"] == runs
    assert len(found.outcomes) == found.shared["points"] > 1
    seen = set()
    for point in found.planned.points:
        outcome = found.outcomes[point.number, 5]
        assert point.scenario is not None
        alone = compare(point.scenario, point.strategies, seed=5)
        digests = {run.name: run.log_digest for run in alone.strategies}
        assert {run.name: run.log_digest for run in outcome.strategies} == digests
        assert [r.events for r in outcome.strategies] == [r.events for r in alone.strategies]
        assert outcome.moments == alone.moments
        seen.add(repr(outcome.moments.state()))
    assert len(seen) > 1  # else the points would prove nothing


def test_points_are_the_scenario_that_changed_makes(coffee: Scenario) -> None:
    varies = ["world.continuity.give_up=0%..40%:3", "population.personas.enthusiast.reach.app=30%",
              "brand.cap.per=2d,1w"]  # fmt: skip
    planned = plan_sweep({"one": coffee}, [parse_vary(v) for v in varies], None, Settings())
    expected = product((0.0, 0.2, 0.4), (0.3,), (2 * 86400, 7 * 86400))
    for point, (give_up, reach, per) in zip(planned.points, expected, strict=True):
        assert point.scenario is not None
        world = coffee.changed(
            {"world": {"continuity": {"give_up": give_up}}, "brand": {"cap": {"per": per}}}
        )
        personas = [
            p.model_copy(update={"reach": {**p.reach, "app": reach}}) if p.name == "enthusiast"
            else p for p in world.population.personas
        ]  # fmt: skip
        assert point.scenario == world.changed({"population": {"personas": personas}})
        assert list(point.numbers.values()) == [give_up, reach, per]


@pytest.mark.slow
def test_threads_engines_and_hooks_change_nothing(coffee: Scenario) -> None:
    """Hooks run beside others in shared runs; what differs by engine and threads is time."""
    varies = ["strategies.omnichannel.cap.messages=1,2", "world.continuity.give_up=0%,30%"]
    runs = [
        swept(coffee.with_customers(20), varies, ["multichannel", "omnichannel", Sends],
              threads=threads, engine=engine, chunk=chunk, seeds=(1, 2))
        for threads, engine, chunk in ((1, "compiled", None), (3, "compiled", 1), (1, "simpy", 4))
    ]  # fmt: skip
    first = runs[0]
    for other in runs[1:]:
        assert other.outcomes == first.outcomes
        assert sweep_rows(other) == sweep_rows(first)


def test_all_seeds_together_are_the_sums_of_each(coffee: Scenario) -> None:
    found = swept(coffee, ["strategies.omnichannel.cap.messages=1,3"], seeds=(1, 2, 3))
    for point in (0, 1):
        by_hand = Moments(["multichannel", "omnichannel"])
        for seed in (1, 2, 3):
            scenario = found.planned.points[point].scenario
            assert scenario is not None
            by_hand.merge(compare(scenario, found.planned.points[point].strategies,
                                  seed=seed).moments)  # fmt: skip
        whole = pooled(found, point)
        assert whole == by_hand
        rows = [r for r in sweep_rows(found, ["ltv"]) if r["point"] == point and r["seed"] is None]
        assert [r["value"] for r in rows] == [
            by_hand.estimate("ltv", n).value for n in by_hand.strategies
        ]
        difference = by_hand.difference("ltv", "omnichannel", "multichannel")
        assert rows[1]["difference"] == difference.value
        assert rows[1]["difference_low"] == difference.low


def test_a_strategy_that_fails_costs_its_own_point(coffee: Scenario) -> None:
    base = coffee.changed({"brand": {"status_quo": "no_contact"}})
    varies, named = ["brand.cap.messages=1,2"], ["omnichannel", BreaksWithCap]
    found = swept(base, varies, named, seeds=(1, 2))
    assert found.shared["runs"] == 2  # one a seed: the failing point is in it
    assert [(f.point, f.seed, f.strategy) for f in found.failures] == [
        (0, 1, "breaks"), (0, 2, "breaks"),
    ]  # fmt: skip
    assert "no idea" in found.failures[0].reason
    assert [r.name for r in found.outcomes[0, 1].strategies] == ["omnichannel"]
    assert [r.name for r in found.outcomes[1, 1].strategies] == ["omnichannel", "breaks"]
    for point in found.planned.points:  # and the others' numbers are as without it
        assert point.scenario is not None
        (alone,) = compare(point.scenario, point.strategies[:1], seed=1).strategies
        assert found.outcomes[point.number, 1].strategies[0] == alone


def test_with_nothing_left_the_reason_is_raised(coffee: Scenario) -> None:
    with pytest.raises(OmnilabError, match=r"no point has a result: point 0: .*no idea"):
        swept(coffee, ["brand.cap.messages=1,2"], [Breaks])


def test_a_refused_combination_costs_its_own_point(coffee: Scenario) -> None:
    """Each value is good somewhere, so only their combination is at fault."""
    varies = ["brand.cap.messages=1,3", "strategies.omnichannel.cap.messages=1,2"]
    found = swept(coffee, varies)
    (failure,) = found.failures
    assert (failure.point, failure.seed) == (1, None)  # a plan may not raise the cap: 2 over 1
    assert "cap" in failure.reason
    assert sorted(point for point, _ in found.outcomes) == [0, 2, 3]


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("world.continuity.give_upp=0", r"no key 'give_upp'.*did you mean 'give_up'"),
        ("wrold.continuity.give_up=0", r"no key 'wrold'.*did you mean 'world'"),
        ("channels.emial.message.open=1%", r"did you mean 'email'"),
        ("channels[99].silo=a", r"no item \[99\]"),
        ("brand.status_quo=1..2", "is no number.*list values"),
        ("brand.status_quo=nobody", "no such strategy"),
        ("world.continuity=3", "has keys: .*give_up"),
        ("world.continuity.give_up=0%,120%", "give_up=120%: .*above 100%"),
        ("world.continuity.give_up=0%..120%", "'120%' is above 100%"),
        ("time.window=30..60", "a duration"),
        ("strategies.omnichanel.paid=true", "did you mean 'omnichannel'"),
        ("strategies.omnichannel.padi=true", "did you mean 'paid'"),
        ("strategies.omnichannel.sharing.identity=every", "silo"),
        ("strategies=omnichannel", "which strategies run can't vary"),
        ("world.continuity.give_up", "write PATH="),
        ("world.continuity.give_up=", "write PATH="),
        ("world.continuity.give_up=20%..0%", "the lower end comes first"),
        ("world.continuity.give_up=0..1:log", "begins above 0"),
        ("world.continuity.give_up=0%,0%", "given twice"),
        ("world.continuity.give_up=1,,2", "a value is empty"),
        ("world.continuity.give_up=1%..2d", "no range of numbers in one unit"),
    ],
)
def test_what_is_wrong_is_said_before_it_starts(coffee: Scenario, vary: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        swept(coffee, [vary])


def test_one_path_is_varied_once(coffee: Scenario) -> None:
    with pytest.raises(OptionError, match=r"brand\.cap\.messages is given twice"):
        swept(coffee, ["brand.cap.messages=1", "brand.cap.messages=2"])


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_spread_designs_fill_each_axis_evenly(design: str) -> None:
    """A Latin hypercube, and 32 Sobol' points, have one point in each of 32 equal slices."""
    table = spread(design, 5, 32, 7)
    assert (np.sort((table * 32).astype(int), axis=0) == np.arange(32)[:, None]).all()
    assert (spread(design, 5, 32, 7) == table).all()
    assert (spread(design, 5, 32, 8) != table).any()


def test_ranges_are_even_on_their_scale() -> None:
    even = [g.value for g in parse_vary("a.b=1..9:5").grid()]
    assert even == [1, 3, 5, 7, 9]
    assert [g.value for g in parse_vary("a.b=0.01..100:log:5").grid()] == pytest.approx(
        [0.01, 0.1, 1, 10, 100]
    )
    assert [g.text for g in parse_vary("a.b=1d..3d:3").grid()] == ["1d", "2d", "3d"]
    assert [g.text for g in parse_vary("a.b=0%..15%:4").grid()] == ["0%", "5%", "10%", "15%"]
    assert [g.value for g in parse_vary("a.b=[x, y],[z]").grid()] == [["x", "y"], ["z"]]


def test_from_python_a_paper_s_table_is_ten_lines(coffee: Scenario) -> None:
    result = ol.sweep(
        coffee,
        {
            "world.continuity.give_up": [0.0, 0.1, 0.2],
            "strategies.omnichannel.cap.messages": [1, 3],
        },
        ["multichannel", "omnichannel"],
        seeds=5,
    )
    table = result.table(["ltv"])
    assert len(table) == 3 * 2 * (5 + 1) * 2  # values, values, seeds and all of them, strategies
    assert table.low.notna().all()
    wide = result.pivot("ltv", what="difference")
    assert list(wide.index.names) == result.paths
    assert wide.shape == (6, 2)
    whole = table[table.seed.isna() & (table.strategy == "omnichannel")]
    assert wide["omnichannel"].tolist() == whole.difference.tolist()
    assert result.failures == []
    assert result.shared["runs"] == 3 * 5


ASKED = ["world.continuity.give_up=0%..30%:5", "strategies.omnichannel.cap.messages=1,2"]


def kept(coffee: Scenario, folder: Path, **more: Any) -> tuple[Sweep, dict[str, Any]]:
    planned = plan_sweep(
        {"one": coffee}, [parse_vary(v) for v in ASKED], ["multichannel", "omnichannel"], Settings()
    )
    return keep_sweep(planned, folder, command="sweep", measures=["ltv"], **more)


TABLES = ("sweep.parquet", "points.parquet", "sweep.json")


@pytest.mark.slow
def test_a_full_disk_costs_one_point_which_the_same_sweep_makes_good(
    coffee: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(coffee, tmp_path / "whole")
    save = Store.save

    def full(self: Store, outcome: Any) -> None:
        if outcome.point == 3:
            raise OSError(28, "No space left on device")
        save(self, outcome)

    monkeypatch.setattr(Store, "save", full)
    found, data = kept(coffee, tmp_path / "out")
    assert [(f.point, f.seed) for f in found.failures] == [(3, 1)]
    assert "No space left" in data["failures"][0]["reason"]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["status"] == "partial"
    assert {r["point"] for r in sweep_rows(found)} == set(range(10)) - {3}
    monkeypatch.setattr(Store, "save", save)
    ran: list[int] = []
    run_group = pool_module.run_group

    def noted(group: Any, *args: Any, **more: Any) -> Any:
        ran.extend(point.number for point in group.points)
        return run_group(group, *args, **more)

    monkeypatch.setattr(pool_module, "run_group", noted)
    kept(coffee, tmp_path / "out")
    assert ran == [3]
    for name in TABLES:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.slow
def test_what_failed_is_tried_again(tmp_path: Path, coffee: Scenario) -> None:
    """A finished directory's good points are taken over, those with a failure are not."""
    broken = [True]

    class Repaired(Sends):
        name = "repaired"

        def decide(self, pending: Any) -> Any:
            if broken[0]:
                raise ValueError("not yet")
            return super().decide(pending)

    def once(folder: str) -> Sweep:
        asked = [parse_vary("brand.cap.messages=1,2")]
        planned = plan_sweep({"one": coffee}, asked, ["omnichannel", Repaired], Settings())
        return keep_sweep(planned, tmp_path / folder, command="sweep", measures=["ltv"])[0]

    assert [f.strategy for f in once("out").failures] == ["repaired", "repaired"]
    broken[0] = False
    assert once("out").failures == []
    once("whole")
    for name in TABLES:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_files_of_another_sweep_or_half_a_file_count_as_none(
    coffee: Scenario, tmp_path: Path
) -> None:
    planned = plan_sweep(
        {"one": coffee}, [parse_vary("brand.cap.messages=1,2")], ["omnichannel"], Settings()
    )
    store = Store(tmp_path, planned.digest)
    found = run_sweep(planned, store)
    assert store.load() == found.outcomes
    assert Store(tmp_path, "another").load() == {}
    first = next(iter(sorted(store.folder.iterdir())))
    first.write_bytes(first.read_bytes()[:-20])
    assert list(store.load()) == [(1, 1)]
    assert run_sweep(planned, store).outcomes == found.outcomes


@pytest.mark.slow
@pytest.mark.parametrize("times", [2, pytest.param(10, marks=pytest.mark.long)])
def test_killed_at_random_the_table_is_the_same(tmp_path: Path, times: int) -> None:
    """Real processes and SIGKILL; what they have is found again by the next."""
    command = [
        sys.executable, "-m", "omnilab", "sweep", COFFEE, "--customers", "40",
        *("-s", "multichannel", "-s", "omnichannel", "--measure", "ltv", "--quiet"),
        *("--vary", "world.continuity.give_up=0%..30%:40", "--threads", "2"),
    ]  # fmt: skip

    def start(out: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*command, "--out", out], cwd=tmp_path,
                                stdout=subprocess.DEVNULL)  # fmt: skip

    assert start("whole").wait() == 0
    dice, kills, waited = random.Random(3), 0, 0.1
    while kills < times:
        process = start("out")
        before = _points(tmp_path)
        while process.poll() is None and _points(tmp_path) <= before:
            time.sleep(0.005)  # so that each gets somewhere, and none to the end
        time.sleep(dice.random() * waited)
        assert process.poll() is None, "it was over before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
        assert not (tmp_path / "out").exists()
    assert start("out").wait() == 0
    for name in TABLES:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def _points(folder: Path) -> int:
    return len(list(folder.glob(".out.*.partial/points/*.json")))
