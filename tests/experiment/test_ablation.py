"""Ablations: the weights against their definitions, and runs against those of `compare`."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import omnilab as ol
from omnilab import cli
from omnilab.brand.sharing import CHOICES
from omnilab.errors import OmnilabError, OptionError
from omnilab.experiment import shapley, together
from omnilab.experiment.ablation import Ablation, ablate, design, measures_of
from omnilab.experiment.ablation_tables import ABLATION_TABLES, ablation_of
from omnilab.experiment.checkpoint import Checkpoint
from omnilab.experiment.compare import compare
from omnilab.experiment.schemas import output_schema
from omnilab.experiment.switches import parse_switches
from omnilab.report.waterfall import waterfall, waterfall_lines
from omnilab.strategy import Plan, Sharing
from omnilab.strategy.loading import LoadedStrategy, load_strategy, loaded_object
from tests.schemas import schema_faults
from tests.worlds import corner

ONE = ["ltv"]


def tried(*over: str, customers: int = 60, **more) -> Ablation:
    scenario = corner(population={"customers": customers})
    designed = design(scenario, omnichannel, parse_switches(over or ["sharing"]), **more)
    return ablate(designed, measures_of(["ltv", "purchase_rate", "orders_per_customer"]))


def omnichannel(scenario) -> LoadedStrategy:
    return load_strategy("omnichannel", scenario)


@pytest.fixture(scope="module")
def six() -> Ablation:
    return tried()


# Weights


def worth(weights: shapley.Weights, game: list[Fraction]) -> Fraction:
    return sum((w * game[on] for on, w in weights.items()), Fraction(0))


games = st.integers(2, 4).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.fractions(-9, 9), min_size=1 << n, max_size=1 << n))
)


@given(games)
def test_shapley_values_are_mean_gains_over_all_orders_and_add_up(drawn):
    n, game = drawn
    orders = list(itertools.permutations(range(n)))
    for i in range(n):
        gains = []
        for order in orders:
            before = sum(1 << j for j in order[: order.index(i)])
            gains.append(game[before | 1 << i] - game[before])
        assert worth(shapley.shapley(i, n), game) == sum(gains) / len(orders)
    total = sum(worth(shapley.shapley(i, n), game) for i in range(n))
    assert total == worth(shapley.whole(n), game) == game[-1] - game[0]


@given(games, st.integers(0, 2**60))
def test_gains_along_any_orders_add_up_too(drawn, seed):
    n, game = drawn
    for order in shapley.permutations(n, 2, seed):
        assert sorted(order) == list(range(n))
        total = sum(worth(shapley.along(i, order), game) for i in range(n))
        assert total == game[-1] - game[0]


@given(games)
def test_an_interaction_is_the_change_of_a_gain(drawn):
    """Its mean over the others' sets: what i gains with j, less what it gains without."""
    n, game = drawn
    for i, j in itertools.combinations(range(n), 2):
        others = [k for k in range(n) if k not in (i, j)]
        total = Fraction(0)
        for size in range(len(others) + 1):
            for part in itertools.combinations(others, size):
                s = sum(1 << k for k in part)
                gain = game[s | 1 << i | 1 << j] - game[s | 1 << i] - game[s | 1 << j] + game[s]
                total += gain / math.comb(len(others), size) / (len(others) + 1)
        assert worth(shapley.interaction(i, j, n), game) == total


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=9), st.integers(0, 4))
def test_rounded_numbers_add_up_and_stay_near(values, decimals):
    shown = shapley.rounded_to_sum(values, sum(values), decimals)
    unit = 10**-decimals
    assert math.isclose(sum(shown), round(sum(values), decimals), abs_tol=unit / 1e3)
    assert all(abs(a - b) < unit * 1.001 for a, b in zip(shown, values, strict=True))


# Runs


def test_all_choices_on_is_omnichannel_and_none_is_multichannel(six):
    scenario = six.design.scenario
    names = ("multichannel", "omnichannel")
    plain = compare(scenario, [load_strategy(name, scenario) for name in names])
    digests = [run.log_digest for run in plain.strategies]
    column = six.design.column
    assert [six.together.digests[column[on]] for on in (0, 63)] == digests
    assert digests[0] != digests[1]
    found = plain.moments.difference("ltv", "omnichannel", "multichannel")
    assert six.above_none("ltv", 63) == found


def test_a_mixture_is_the_strategy_with_that_plan(six):
    on = 0b000111  # identity, context, triggers

    class Mixture:
        name = "mixture"

        def plan(self, brand):
            first = dict.fromkeys(CHOICES[:3], "all")
            return Plan(Sharing(**first), journeys=brand.journeys, cap=brand.cap)

    scenario = six.design.scenario
    both = [loaded_object(Mixture, scenario), load_strategy("multichannel", scenario)]
    plain = compare(scenario, both)
    assert six.together.digests[six.design.column[on]] == plain.strategies[0].log_digest
    assert six.above_none("ltv", on) == plain.moments.difference("ltv", "mixture", "multichannel")


def test_without_identity_no_choice_does_anything_and_none_is_run_for_it(six):
    assert len(set(six.design.column.values())) == 33
    assert len({six.design.column[on] for on in range(0, 64, 2)}) == 1


def test_shapley_values_add_up_to_the_whole_exactly_and_as_shown(six):
    effects = six.effects()
    for measure in six.measures.values():
        mine = [e for e in effects if e.measure is measure]
        parts = [e.exact for e in mine if e.kind == "shapley"]
        (whole,) = (e for e in mine if e.kind == "whole")
        assert len(parts) == 6
        assert sum(parts) == whole.exact != 0
        assert float(whole.exact) == whole.estimate.value
        bars = waterfall(six, measure, effects)
        digits = len(bars[0].text.partition(".")[2])
        steps = sum(bar.value for bar in bars[1:-1])
        assert round(steps, digits) == round(bars[-1].value - bars[0].value, digits)
        assert all(len(line) <= 80 for line in waterfall_lines(bars))
        assert waterfall_lines(bars, plain=True)[0].replace("±", "").isascii()


def test_an_effect_that_is_a_difference_has_its_interval(six):
    (last,) = (
        e for e in six.effects()
        if e.kind == "last" and e.switches == ("stop",) and e.measure.name == "ltv"
    )  # fmt: skip
    column = six.design.column
    without = 63 ^ 1 << CHOICES.index("stop")
    assert last.estimate == six.together.moments.difference("ltv", column[63], column[without])


def test_switches_of_the_world_pair_the_same_customers():
    """Values as in two comparisons; a switch without effect has the interval from 0 to 0."""
    found = tried("categories.beans.spend.mean=25", "paid=false", "identity")
    scenario = found.design.scenario
    richer = scenario.changed(
        {"categories": [c.model_dump() | ({"spend": {"mean": 25.0}} if c.name == "beans" else {})
                        for c in scenario.categories]}
    )  # fmt: skip
    full = [load_strategy("omnichannel", world) for world in (scenario, richer)]
    values = [
        compare(world, [s]).moments.exact("ltv", [("omnichannel", 1)])
        for world, s in zip((scenario, richer), full, strict=True)
    ]
    spend = [e for e in found.effects() if e.switches == ("categories.beans.spend.mean=25",)]
    (gain,) = (e for e in spend if e.kind == "last" and e.measure.name == "ltv")
    assert values[1] > values[0]
    paid = [e for e in found.effects() if e.switches == ("paid=false",)]
    assert {tuple(e.estimate)[:4] for e in paid} == {(0, 0, 0, 0)}  # the shop has no search
    assert gain.exact == values[1] - values[0]
    assert gain.estimate.low > 0  # as wide as two unpaired groups it would hold 0


@pytest.mark.slow
def test_the_same_numbers_whatever_the_chunks_threads_and_engine(six):
    designed = six.design
    small = measures_of(ONE)
    expected = ablate(designed, small, chunk=3, threads=2).together
    assert expected.digests == six.together.digests
    again = ablate(designed, small).together
    assert again.moments == expected.moments
    two = design(designed.scenario, omnichannel, parse_switches(["identity", "stop"]))
    logs = [ablate(two, small, engine=engine).together for engine in ("simpy", "compiled")]
    assert logs[0].digests == logs[1].digests
    assert logs[0].moments == logs[1].moments


@pytest.mark.slow
def test_where_not_all_is_affordable_orders_are_sampled(six):
    sampled = tried(most=16)
    assert len(sampled.design.orders) >= 2
    assert len(sampled.design.sets) < 64
    effects = sampled.effects()
    parts = [e for e in effects if e.kind == "shapley" and e.measure.name == "ltv"]
    (whole,) = (e for e in effects if e.kind == "whole" and e.measure.name == "ltv")
    assert sum(e.exact for e in parts) == whole.exact
    assert not [e for e in effects if e.kind == "interaction"]
    alone = [[e for e in x.effects() if e.kind in ("alone", "last")] for x in (six, sampled)]
    assert alone[0] == alone[1]
    for a, b in itertools.pairwise(sampled.design.orders[::2]):
        assert a != b


class Stopped(Exception):
    """What ends a run in the middle."""


@pytest.mark.slow
def test_a_stopped_run_goes_on_within_a_replication(six, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(together, "SAVE_EVERY_S", 0.0)
    monkeypatch.setattr(together, "_TURN", 1)
    small, said = measures_of(ONE), []

    def stop(what: str, done: float) -> None:
        if what == "simulating" and done > 0.7:
            raise Stopped

    with pytest.raises(Stopped):
        ablate(six.design, small, replications=2, chunk=4, progress=stop,
               checkpoint=Checkpoint(tmp_path, "x"))  # fmt: skip
    kept = Checkpoint(tmp_path, "x").load([s.name for s in six.design.worlds[0].strategies])
    assert kept is not None
    assert (kept["replication"], kept["cell"] > 0) == (1, True)
    resumed = ablate(six.design, small, replications=2, checkpoint=Checkpoint(tmp_path, "x"),
                     progress=lambda what, _: said.append(what))  # fmt: skip
    whole = ablate(six.design, small, replications=2)
    assert "taking up a stopped run after 1 of 2 replications" in said[0]
    first, second = (ablation_of(x, digest="d") for x in (resumed, whole))
    assert first.pop("elapsed_s")
    assert second.pop("elapsed_s")
    assert first == second


FRAGILE = """
from omnilab.strategy import Choices, Plan, Sharing
class Fragile:
    name = "fragile"
    def plan(self, brand):
        return Plan(Sharing.every("all"), journeys=brand.journeys, cap=brand.cap)
    def decide(self, pending):
        if "news" in pending.journey_names:
            raise ValueError("no news is good news")
        return Choices.default(pending)
"""


# Bad input


@pytest.mark.parametrize(
    ("over", "message"),
    [
        (["identty"], "did you mean 'identity'"),
        (["sharing", "identity"], "change the same key"),
        (["world.fatigue.ideall=2"], "did you mean 'ideal'"),
        (["wrld.fatigue.ideal=2"], "did you mean 'world'"),
        (["journeys.newz=null"], "no item 'newz' in journeys"),
        (["journeys.news.priority=high"], "journeys.news.priority=high"),
        (["cap.messages=9"], "a plan may lower the cap, not raise it"),
        (["cap.messages=2"], "has that already"),
        (["cap.mesages=2"], "cap.mesages=2: no key 'mesages' in cap (did you mean 'messages'?)"),
        (["cap.messages=x"], "expected a whole number, found 'x'"),
        (["cap.messages=0"], "0 must be at least 1"),
        (["cap.messages=2", "cap.messages=2"], "cap.messages=2 is given twice"),
        (["cap.messages"], "is missing: cap.messages=VALUE"),
        (["stop", "stop"], "stop is given twice"),
        (["world.fatigue.ideal=[1"], "can't be read"),
        (["channels.email.message.open=3"], "channels.email.message.open=3"),
        (["population.household_sizes=[0.5, 0.5]", "identity"], "can't be paired"),
        (["sharing=all"], "name one choice"),
        (["..=3"], "is no path of keys"),
        ([], "name one switch"),
    ],
)
def test_bad_switches_are_one_line(over, message):
    with pytest.raises(OmnilabError) as error:
        tried(*over) if over else parse_switches(over)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_what_has_nothing_to_switch_is_said():
    scenario = corner()
    with pytest.raises(OptionError, match="has silo there"):
        design(scenario, lambda s: load_strategy("multichannel", s), parse_switches(["sharing"]))
    with pytest.raises(OptionError, match="held against another strategy"):
        measures_of(["roi"])


# The command and Python


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from omnilab.scenario.write import scenario_to_yaml

    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.yaml").write_text(scenario_to_yaml(corner(population={"customers": 40})))
    (folder / "fragile.py").write_text(FRAGILE)
    return folder


def test_the_command_keeps_what_python_gives(shop: Path, capsys, monkeypatch):
    import pandas as pd
    import pyarrow.parquet as pq

    monkeypatch.chdir(shop)
    monkeypatch.setenv("COLUMNS", "80")
    command = ["ablate", "shop.yaml", "--over", "identity", "--over", "stop", "--out", "kept"]
    assert cli.main(command) == 0
    shown = capsys.readouterr().out
    assert "from none of the switches to all" in shown
    assert max(map(len, shown.splitlines())) <= 80
    mine = ol.ablate("shop.yaml", over=["identity", "stop"])
    table = mine.table()
    kept = pd.read_parquet("kept/effects.parquet")
    assert kept[kept["kind"] != "whole"].equals(table[table["kind"] != "whole"])
    assert pd.read_parquet("kept/combinations.parquet").equals(mine.combinations())
    for name in ABLATION_TABLES:
        rows = pq.read_table(f"kept/{name}.parquet").to_pylist()
        assert [f for row in rows for f in schema_faults(row, output_schema(name))] == []
    values = mine.shapley("ltv")["value"]
    assert values[:-1].sum() == pytest.approx(values["whole"])
    assert list(mine.interactions().index) == [("identity", "stop")]
    assert cli.main(command) == 0  # the same ablation may be made again
    assert cli.main([*command, "--seed", "2"]) == 2
    assert "holds another run" in capsys.readouterr().err
    assert cli.main(["find", "kept"]) == 2
    assert "give a directory of compare or run" in capsys.readouterr().err


@pytest.mark.slow
def test_a_combination_that_fails_costs_its_own_effects(shop: Path, capsys, monkeypatch):
    import json

    monkeypatch.chdir(shop)
    command = ["ablate", "shop.yaml", "-s", "fragile.py:Fragile", "--over", "identity", "--over",
               "journeys.news=null", "--json", "out.json"]  # fmt: skip
    code = cli.main(command)
    said = capsys.readouterr()
    found = json.loads(Path("out.json").read_text())
    assert code == 2
    assert list(found["failures"]) == ["fragile[identity]", "fragile[none]"]
    assert {e["value"] for e in found["effects"] if e["kind"] == "shapley"} == {None}
    last = {e["switch"]: e["value"] for e in found["effects"] if e["kind"] == "last"}
    assert last["journeys.news=null"] is None
    assert last["identity"] is not None
    assert "no news is good news" in said.err


@settings(max_examples=10)
@given(st.integers(0, 2**63 - 1), st.integers(2, 9))
def test_orders_come_from_the_seed(seed, n):
    assert shapley.permutations(n, 3, seed) == shapley.permutations(n, 5, seed)[:6]
