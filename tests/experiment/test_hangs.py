"""What an answer hangs on, and sensitivity indices: against closed forms and by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import omnilab as ol
from omnilab.errors import OptionError
from omnilab.experiment.compare import compare
from omnilab.experiment.sweep import Settings, parse_vary, plan_sweep, run_sweep
from omnilab.experiment.sweep import hangs as hangs_module
from omnilab.experiment.sweep import indices as indices_module
from omnilab.experiment.sweep.hangs import hangs_data, plan_hangs
from omnilab.scenario.load import read_scenario
from omnilab.scenario.lookup import value_at
from omnilab.strategy.loading import load_strategy

COFFEE = "mapples-coffee-v1"
NAMES = ["multichannel", "omnichannel"]


def planned(**more: Any) -> Any:
    read = read_scenario(COFFEE)
    small = read.scenario.changed(
        {"population": {"customers": 50}, "time": {"burn_in": 20 * 86400, "window": 40 * 86400}}
    )
    return plan_hangs(COFFEE, small, read.assumptions(), NAMES, Settings(), **more)


def test_each_assumption_goes_to_both_ends_of_its_range_alone() -> None:
    plan = planned(joint=3, ranges=[parse_vary("world.continuity.annoys=1%..50%")])
    base = plan.planned.points[0].scenario
    assert base is not None
    assert base == plan.planned.maker.base
    paths = [m.vary.path for m in plan.moved]
    assert "world.continuity.give_up" in paths  # its key declares a range
    assert "channels.sms.message.open" in paths  # the scenario names it under `assumed`
    assert paths[-1] == "world.continuity.annoys"  # asked for
    assert [m.origin for m in plan.moved][-1] == "asked for"
    for number, moved in enumerate(plan.moved):
        for end, point in enumerate(plan.planned.points[1 + 2 * number : 3 + 2 * number]):
            assert point.scenario is not None
            differing = [p for p in paths if value_at(point.scenario, p) != value_at(base, p)]
            assert differing in ([moved.vary.path], [])  # an end may be the value itself
            expected = (moved.vary.low, moved.vary.high)[end]
            assert value_at(point.scenario, moved.vary.path) == pytest.approx(expected)
    assert len(plan.planned.points) == 1 + 2 * len(paths) + 3
    for moved in plan.moved:  # a hypercube of three: one value in each third of the range
        if moved.vary.quantity == "whole":  # rounded: a third may hold none, or two
            continue
        low, high = moved.vary.low, moved.vary.high
        got = [p.numbers[moved.vary.path] for p in plan.planned.points[plan.first_joint :]]
        thirds = sorted(int(3 * (x - low) / (high - low)) for x in got if x is not None)
        assert thirds == [0, 1, 2]


def test_a_range_by_rule_goes_from_half_to_double() -> None:
    plan = planned(joint=0)
    by_rule = {m.vary.path: m.vary for m in plan.moved if m.origin == "rule"}
    weight = by_rule["channels.sms.message.weight"]
    assert (weight.low, weight.high) == (0.5, 2.0)
    seen = by_rule["channels.sms.message.open"]  # 90%: odds of 9, so 4.5 and 18
    assert seen.low == pytest.approx(4.5 / 5.5, abs=1e-4)
    assert seen.high == pytest.approx(18 / 19, abs=1e-4)


@pytest.mark.slow
def test_everything_moves_more_and_names_what_it_leaves_out() -> None:
    some, all_of_them = planned(joint=0), planned(joint=0, everything=True)
    assert len(all_of_them.moved) > 3 * len(some.moved)
    assert "population.household_sizes" in all_of_them.left_out  # several numbers
    refused = [p for p in all_of_them.planned.points if p.refused]
    assert refused == []


def test_the_tornado_is_made_of_comparisons_by_themselves() -> None:
    plan = planned(joint=6)
    sweep = run_sweep(plan.planned)
    data = hangs_data(plan, sweep, "ltv")
    row = next(r for r in data["tornado"] if r["path"] == "world.response.view_through")
    read = read_scenario(COFFEE).scenario.changed(
        {"population": {"customers": 50}, "time": {"burn_in": 20 * 86400, "window": 40 * 86400}}
    )
    for share, value, low, high in (
        (0.0, "difference_low", "low_low", "low_high"),
        (0.15, "difference_high", "high_low", "high_high"),
    ):
        world = read.changed({"world": {"response": {"view_through": share}}})
        loaded = [load_strategy(name, world) for name in NAMES]
        alone = compare(world, loaded, seed=1).moments.difference("ltv", *reversed(NAMES))
        assert (row[value], row[low], row[high]) == (alone.value, alone.low, alone.high)
    for r in data["tornado"]:
        assert r["swing"] == abs(r["difference_high"] - r["difference_low"])
    assert any(r["difference_low"] != r["difference_as_is"] for r in data["tornado"])
    swings = [r["swing"] for r in data["tornado"]]
    assert swings == sorted(swings, reverse=True)
    wins = dict.fromkeys(NAMES, 0)
    for k in range(6):
        moments = sweep.outcomes[plan.first_joint + k, 1].moments
        assert moments is not None
        values = {n: moments.estimate("ltv", n).value or 0.0 for n in NAMES}
        wins[max(values, key=lambda n: values[n])] += 1
    assert {w["strategy"]: w["wins"] for w in data["wins"]} == wins
    assert sum(w["share"] for w in data["wins"]) == pytest.approx(1)
    for w in data["wins"]:
        assert w["low"] <= w["share"] <= w["high"]
        assert w["clear_wins"] <= w["wins"]


@pytest.mark.parametrize(
    ("wins", "worlds", "low", "high"),
    # Closed forms of the exact interval: no wins of n gives 1 - 0.025 ** (1 / n).
    [(0, 10, 0.0, 1 - 0.025**0.1), (10, 10, 0.025**0.1, 1.0), (0, 1, 0.0, 0.975)],
)
def test_shares_of_worlds_have_exact_intervals(
    wins: int, worlds: int, low: float, high: float
) -> None:
    assert hangs_module._share(wins, worlds) == pytest.approx((wins / worlds, low, high))
    assert hangs_module._share(0, 0) == (None, None, None)


def test_nothing_to_move_is_said() -> None:
    read = read_scenario(COFFEE)
    with pytest.raises(OptionError, match="no assumption of this scenario has a range"):
        plan_hangs(COFFEE, read.scenario, [], NAMES, Settings())
    with pytest.raises(OptionError, match="give a range"):
        planned(ranges=[parse_vary("world.continuity.annoys=1%,2%")])


def made(monkeypatch: pytest.MonkeyPatch, method: str, function: Any, points: int) -> Any:
    """Return the index rows of a known function of three numbers in the unit cube."""
    pytest.importorskip("SALib")
    varies = tuple(parse_vary(f"{name}=0..1") for name in "abc")
    rows = indices_module.index_sample(varies, method, points, 5)
    table = np.array([[given.value for given in row] for row in rows])
    values = function(*table.T)
    planned = SimpleNamespace(
        varies=varies, points=[SimpleNamespace(number=k) for k in range(len(rows))],
        settings=SimpleNamespace(against=None),
        maker=SimpleNamespace(
            strategies=[SimpleNamespace(name="one")],
            base=SimpleNamespace(currency="EUR", brand=SimpleNamespace(status_quo="one")),
        ),
    )  # fmt: skip

    class Known:
        strategies = ("one",)

        def __init__(self, value: float) -> None:
            self.value = value

        def estimate(self, _measure: str, _name: str) -> Any:
            return SimpleNamespace(value=self.value, error=0.1)

    monkeypatch.setattr(indices_module, "pooled", lambda _s, k: Known(float(values[k])))
    got = indices_module.index_rows(SimpleNamespace(planned=planned), method, ["ltv"], 5)  # type: ignore[arg-type]
    return {row["path"]: row for row in got}, values


def test_sobol_indices_of_a_known_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """4 a + 2 b has variances 16/12 and 4/12, so shares of 0.8 and 0.2; c does nothing."""
    got, values = made(monkeypatch, "sobol", lambda a, b, c: 4 * a + 2 * b + 0 * c, 5 * 1024)
    assert [got[x]["first"] for x in "abc"] == pytest.approx([0.8, 0.2, 0.0], abs=0.02)
    assert [got[x]["total"] for x in "abc"] == pytest.approx([0.8, 0.2, 0.0], abs=0.02)
    assert got["a"]["total_half"] > 0
    assert got["a"]["noise"] == pytest.approx(0.01 / values.var())


def test_total_indices_count_what_is_done_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of (a - 1/2)(b - 1/2) nothing is any number's own doing, and all is both's."""
    got, _ = made(monkeypatch, "sobol", lambda a, b, c: (a - 0.5) * (b - 0.5) + 0 * c, 5 * 1024)
    assert [got[x]["first"] for x in "abc"] == pytest.approx([0.0, 0.0, 0.0], abs=0.06)
    assert [got[x]["total"] for x in "abc"] == pytest.approx([1.0, 1.0, 0.0], abs=0.06)


def test_morris_effects_of_a_known_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a linear function each effect is its slope everywhere; a product's has a spread."""
    got, _ = made(monkeypatch, "morris", lambda a, b, c: 4 * a - 2 * b + 0 * c, 80)
    assert [got[x]["mu_star"] for x in "abc"] == pytest.approx([4.0, 2.0, 0.0])
    assert [got[x]["sigma"] for x in "abc"] == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    got, _ = made(monkeypatch, "morris", lambda a, b, c: a * b + c, 80)
    assert got["a"]["sigma"] > 0.1
    assert got["c"]["sigma"] == pytest.approx(0.0, abs=1e-9)


def test_indices_ask_for_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    two = [parse_vary("a=0..1"), parse_vary("b=0..1")]
    with pytest.raises(OptionError, match="need two things"):
        indices_module.index_sample(two[:1], "sobol", None, 1)
    with pytest.raises(OptionError, match="need at least 8"):
        indices_module.index_sample(two, "sobol", 7, 1)

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(indices_module, "import_module", missing)
    with pytest.raises(OptionError, match=r"pip install 'omnilab\[sensitivity\]'"):
        indices_module.index_sample(two, "sobol", 16, 1)


def test_a_point_that_failed_leaves_no_indices(monkeypatch: pytest.MonkeyPatch) -> None:
    got, _ = made(monkeypatch, "sobol", lambda a, b, c: np.where(a > 0.5, np.nan, b + c), 40)
    assert all(row["first"] is None and row["noise"] is None for row in got.values())


def test_from_python() -> None:
    result = ol.hangs(COFFEE, NAMES, customers=40, worlds=6)
    assert list(result.wins().index) == NAMES
    assert result.wins()["wins"].sum() == 6
    assert set(result.tornado()["strategy"]) == {"omnichannel"}
    assert result.sweep.failures == []
    with pytest.raises(OptionError, match="no argument 'world'"):
        ol.hangs(COFFEE, world=3)  # type: ignore[call-arg]
    with pytest.raises(OptionError, match="give its id or its file"):
        ol.hangs(read_scenario(COFFEE).scenario)  # type: ignore[arg-type]


def test_a_sweep_without_indices_says_so(tmp_path: Path) -> None:
    scenario = read_scenario(COFFEE).scenario.with_customers(20)
    asked = {"world.continuity.give_up": [0.0, 0.1]}
    result = ol.sweep(scenario, asked, ["omnichannel"], out=tmp_path / "kept")
    with pytest.raises(OptionError, match="has no indices"):
        result.indices()
    planned = plan_sweep({"a": scenario}, [parse_vary("world.continuity.give_up=0,0.1")],
                         ["omnichannel"], Settings())  # fmt: skip
    assert len(planned.points) == 2
    assert (tmp_path / "kept" / "sweep.json").is_file()
