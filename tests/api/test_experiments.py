"""The door from Python gives what the command line gives, and says what is wrong as it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import omnilab as ol
from omnilab import cli
from omnilab.errors import OmnilabError, OptionError, ScenarioError, StrategyError
from omnilab.kernels.compiling import kernel
from omnilab.log.digest import digest_of, digest_rows, hex_digest
from omnilab.log.rows import KIND_NAMES, ROW, WITH_UNITS, columns
from omnilab.strategy import Brand, Plan, Sharing

SHOP = "mapples-coffee-v1"


@kernel
def add_hashes(words: Any, n: int, total: Any) -> None:
    """Let Python call what only kernels call."""
    digest_rows(words, n, total)


class Mine:
    name = "mine"

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys[:3])


class Nameless:
    plan = Mine.plan


class Needy(Mine):
    def __init__(self, size: int) -> None: ...


class Misspelt(Mine):
    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("al"))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def result() -> ol.Result:
    return ol.compare(SHOP, ["multichannel", "no_contact", Mine()], customers=80, seed=3)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the same run from the command line."""
    folder = tmp_path_factory.mktemp("run") / "kept"
    strategies = [x for s in ("multichannel", "no_contact", f"{__file__}:Mine") for x in ("-s", s)]
    command = ["compare", SHOP, *strategies, "--customers", "80", "--seed", "3", "-q"]
    assert cli.main([*command, "--out", str(folder)]) == 0
    return folder


def test_the_tables_are_those_of_the_command(result: ol.Result, kept: Path) -> None:
    table = result.table(bounds=True)
    assert list(table.index) == result.strategies == ["multichannel", "no_contact", "mine"]
    wide = pd.read_parquet(kept / "results.parquet")
    for row in wide.itertuples():
        name = {"EUR": "_eur", "share": "_share", "ratio": "_ratio"}.get(str(row.unit), "")
        column = table.loc[str(row.strategy)]
        for mine, theirs in (("", row.value), ("_low", row.low), ("_high", row.high)):
            np.testing.assert_equal(float(column[f"{row.measure}{name}{mine}"]), theirs)
    assert len(table.columns) * len(table) == 3 * len(wide)
    assert list(result.table().columns) == list(table.columns[::3])


def test_the_differences_are_those_of_the_command(result: ol.Result, kept: Path) -> None:
    mine, theirs = result.differences(), pd.read_parquet(kept / "differences.parquet")
    assert result.reference == theirs.reference.iloc[0]
    numbers = ["value", "low", "high", "error", "p_value", "p_adjusted"]
    for name in numbers:
        np.testing.assert_array_equal(mine[name].astype(float), theirs[name].astype(float))
    assert mine[mine.strategy == "mine"].measure.str.endswith("_eur").any()


@pytest.mark.parametrize("by", ["channel", "journey", "persona"])
def test_a_breakdown_is_that_of_the_command(result: ol.Result, kept: Path, by: str) -> None:
    theirs = pd.read_parquet(kept / "breakdowns.parquet")
    theirs = theirs[theirs.by == by]
    found = result.breakdown(by)
    assert found.index.names == ["strategy", by]
    assert found.size == len(theirs)
    total = found.filter(regex="^total_").stack().sum()
    assert total == pytest.approx(theirs[theirs.kind == "sum"].value.sum())


def test_the_events_are_the_log(result: ol.Result, kept: Path) -> None:
    events = result.events("mine")
    log = np.zeros(len(events), ROW)
    number = {name: n for n, name in KIND_NAMES.items()}
    log["kind"] = events.kind.astype(str).map(number)
    channels = {c.name: n for n, c in enumerate(result.scenario.channels)}
    silos = {s: n for n, s in enumerate(result.scenario.silos)}
    log["channel"] = events.channel.astype(object).map(channels).fillna(-1)
    log["silo"] = events.silo.astype(object).map(silos).fillna(-1)
    for kind in np.unique(log["kind"]).tolist():
        mine, seen = log["kind"] == kind, columns(log, kind)
        for name in set(seen.dtype.names) - {"kind", "channel", "silo"}:
            seen[name][mine] = events[WITH_UNITS.get(name, name)][mine]
    total = np.zeros(2, np.int64)
    add_hashes(log.view(np.int64).reshape(-1, 7), len(log), total)
    manifest = json.loads((kept / "manifest.json").read_text())
    (digest,) = [s["log_digest"] for s in manifest["strategies"] if s["name"] == "mine"]
    assert hex_digest(digest_of(*total)) == digest


def test_a_twin_is_that_of_the_command(
    result: ol.Result, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = result.twin(17)
    assert list(life.columns) == ["time_local", "day", *result.strategies]
    assert cli.main(["twin", str(kept), "17", "-s", "mine"]) == 0
    out = capsys.readouterr().out
    window = life[(life.day >= 0) & (life.day < 365) & (life.mine != "")]
    said = [w for words in window.mine for w in words.split("; ")]
    assert said
    assert all(w in out for w in said)


def test_progress_and_a_changed_scenario() -> None:
    seen: list[float] = []
    scenario = ol.load_scenario(SHOP).changed({"population": {"customers": 30}})
    found = ol.run(scenario, Mine, progress=lambda _what, share: seen.append(share))
    assert found.scenario.population.customers == 30
    assert found.reference is None
    assert max(seen) == 1.0
    assert "30 customers" in repr(found)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: ol.compare("maples-coffee-v1"), ScenarioError, "did you mean 'mapples-coffee-v1'"),
        (lambda: ol.compare(SHOP, customer=3), OptionError, "did you mean 'customers'"),  # type: ignore[call-arg]
        (lambda: ol.compare(SHOP, ["multichanel"]), StrategyError, "did you mean 'multichannel'"),
        (lambda: ol.compare(SHOP, "multichannel"), OptionError, "give a list"),
        (lambda: ol.compare(SHOP, []), OptionError, "the list is empty"),
        (lambda: ol.compare(SHOP, [Mine, Mine()]), OptionError, "two are named 'mine'"),
        (lambda: ol.compare(SHOP, customers=0), OptionError, "not in the range 1 to"),
        (lambda: ol.compare(SHOP, customers=2.5), OptionError, "not a whole number"),  # type: ignore[arg-type]
        (lambda: ol.compare(SHOP, seed="one"), OptionError, "not a whole number"),  # type: ignore[arg-type]
        (lambda: ol.compare(SHOP, engine="compield"), OptionError, "did you mean 'compiled'"),
        (lambda: ol.compare(SHOP, against="mltichannel"), OptionError, "did you mean"),
        (lambda: ol.load_scenario(3), OptionError, "neither a scenario's id nor a path"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_is_said_in_one_line(call, kind: type[OmnilabError], said: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# What somebody may type late in the evening, and what is said; the types are wrong on purpose.
TIRED: tuple[tuple[str, type[OmnilabError], str], ...] = (
    ("ol.compare()", OptionError, "missing a required argument: 'scenario'"),
    ("ol.compare(scenaro=SHOP)", OptionError, "did you mean 'scenario'"),
    ("ol.compare(SHOP, ['multichannel'], 100)", OptionError, "100 needs its argument's name"),
    ("ol.compare(None)", OptionError, "scenario: None is neither a scenario's id nor a path"),
    ("ol.compare(['multichannel'], SHOP)", OptionError, "scenario: ['multichannel'] is neither"),
    ("ol.compare({'id': 'x-v1'})", OptionError, "load_scenario(...).changed({...})"),
    ("ol.compare('no/such.yaml')", ScenarioError, "no/such.yaml: no such file"),
    ("ol.compare('')", OptionError, "scenario: '' is neither"),
    ("ol.compare(SHOP, Mine)", OptionError, "strategies: give a list, such as [Mine]"),
    ("ol.compare(SHOP, Mine())", OptionError, "give a list, such as [Mine()]"),
    ("ol.compare(SHOP, 5)", OptionError, "strategies: give a list, 5 is none"),
    ("ol.compare(SHOP, {'mine': Mine()})", OptionError, "strategies: give a list"),
    ("ol.compare(SHOP, [3])", OptionError, "strategies[0]: 3 is neither a strategy's name"),
    ("ol.compare(SHOP, [len])", OptionError, "strategies[0]: the function len is neither"),
    ("ol.compare(SHOP, [Nameless])", StrategyError, "class Nameless has no name"),
    ("ol.compare(SHOP, [Needy])", StrategyError, "missing 1 required positional argument"),
    ("ol.compare(SHOP, [Misspelt])", StrategyError, "did you mean 'all'"),
    ("ol.compare(SHOP, customers='1000')", OptionError, "did you mean 1000?"),
    ("ol.compare(SHOP, customers=1e3)", OptionError, "did you mean 1000?"),
    ("ol.compare(SHOP, customers=True)", OptionError, "True is not a whole number"),
    ("ol.compare(SHOP, seed=None)", OptionError, "seed: None is not a whole number"),
    ("ol.compare(SHOP, replications=0)", OptionError, "replications: 0 is not in the range 1 to"),
    ("ol.compare(SHOP, threads='all')", OptionError, "threads: 'all' is not a whole number"),
    ("ol.compare(SHOP, engine=['simpy'])", OptionError, "did you mean 'simpy'"),
    ("ol.compare(SHOP, [Mine], against=Mine)", OptionError, "against: the class Mine is not one"),
    ("ol.compare(SHOP, progress=True)", OptionError, "progress: True is not a function of two"),
    ("ol.run(SHOP, progress=lambda x: 0)", OptionError, "progress: the function <lambda> is not"),
    ("ol.run(SHOP, ['no_contact'])", OptionError, "is a list: give one, or call compare()"),
    ("ol.run(SHOP, strategies=['no_contact'])", OptionError, "did you mean 'strategy'"),
    ("ol.run(SHOP, None)", OptionError, "strategy: None is neither"),
    ("ol.load_scenario()", OptionError, "missing a required argument: 'source'"),
    ("ol.load_scenario(scenario)", OptionError, "mapples-coffee-v1 is loaded already"),
    ("ol.load_scenario(SHOP, 3)", OptionError, "3 is one argument too many; it takes source"),
    ("ol.validate(3)", OptionError, "source: 3 is neither"),
    ("scenario.changed()", OptionError, "missing a required argument: 'patch'"),
    ("scenario.changed(brand={'control': 0.1})", OptionError, "it takes patch"),
    ("scenario.changed(3)", OptionError, "patch: 3 is no mapping"),
    ("scenario.changed({3: 1})", OptionError, "patch: 3 is no key"),
    ("scenario.changed({'brand.control': 1})", ScenarioError, "write {'brand': {'control': ...}}"),
    ("scenario.with_customers('many')", ScenarioError, "expected a whole number, found 'many'"),
    ("result.table('channel')", OptionError, "'channel' needs its argument's name: bounds=..."),
    ("result.table(bound=True)", OptionError, "did you mean 'bounds'"),
    ("result.table(bounds='yes')", OptionError, "bounds: 'yes' is neither True nor False"),
    ("result.differences(against='mien')", OptionError, "did you mean 'mine'"),
    ("result.breakdown()", OptionError, "missing a required argument: 'by'"),
    ("result.breakdown('chanel')", OptionError, "did you mean 'channel'"),
    ("result.breakdown(['channel'])", OptionError, "did you mean 'channel'"),
    ("result.twin('17')", OptionError, "customer: '17' is not a whole number (did you mean 17?)"),
    ("result.twin(17, 0)", OptionError, "0 needs its argument's name: replication=..."),
    ("result.twin(3, replication=3)", OptionError, "replication: 3 is not in the range 0 to 0"),
    ("result.events(Mine)", OptionError, "strategy: the class Mine is not in the result"),
)


@pytest.mark.parametrize(("code", "kind", "said"), TIRED, ids=[code for code, _, _ in TIRED])
def test_a_tired_call(result: ol.Result, code: str, kind: type[OmnilabError], said: str) -> None:
    names = {**globals(), "result": result, "scenario": ol.load_scenario(SHOP)}
    with pytest.raises(kind) as caught:
        eval(code, names)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert " at 0x" not in str(caught.value)


def test_another_reference(result: ol.Result) -> None:
    assert result.reference == "multichannel"
    other = result.differences(against="no_contact")
    assert set(other.reference) == {"no_contact"}
    assert set(other.strategy) == {"multichannel", "mine"}


def test_what_a_result_does_not_have(result: ol.Result) -> None:
    for call, said in (
        (lambda: result.twin(80), "not in the range 0 to 79"),
        (lambda: result.breakdown("chanel"), "did you mean 'channel'"),
        (lambda: result.events("mien"), "did you mean 'mine'"),
        (lambda: result.find(), "such as won_by"),
        (lambda: result.find(path=5), "path: 5 is not a list of texts"),
        (lambda: result.find(bought="yes"), "bought: 'yes' is neither True nor False"),
        (lambda: result.find(bought=True, least="x"), "least: 'x' is not a number"),
        (lambda: result.weeks("ltv"), "'ltv' is one argument too many"),
        (lambda: ol.hangs(SHOP, measure="lvt"), "^measure 'lvt': .*did you mean 'ltv'"),
        (lambda: ol.hangs(SHOP, vary=5), "vary: 5 is no mapping"),  # type: ignore[arg-type]
        (lambda: ol.sweep(SHOP, {"world.nothing": [1]}, out=5), "^out: 5 "),  # before it plans
        (lambda: ol.compare(SHOP, until=[]), "until: the list is empty"),
        (lambda: ol.compare(SHOP, until={}), "until: the list is empty"),
        (lambda: ol.compare(SHOP, until=0.01), "until: 0.01 is of no unit: give '1%'"),
    ):
        with pytest.raises(OptionError, match=said.replace("?", r"\?")):
            call()


def test_validate_lists_errors_and_warnings(tmp_path: Path) -> None:
    assert ol.validate("boots-v1") == []
    file = tmp_path / "mine.yaml"
    file.write_text("extends: boots-v1\nid: mine-v1\nbrand: {control: 100%}\n")
    (warning,) = ol.validate(file)
    assert (warning.kind, warning.line, warning.key) == ("warning", 3, "brand.control")
    file.write_text("extends: boots-v1\nid: mine-v1\nbrand: {contol: 100%}\n")
    (error,) = ol.validate(str(file))
    assert (error.kind, error.line, error.key) == ("error", 3, "brand.contol")
    assert str(error).startswith(f"error: {file}:3: brand.contol: unknown key")


def test_public_names_are_there() -> None:
    assert all(hasattr(ol, name) for name in ol.__all__)
    with pytest.raises(AttributeError, match=r"no attribute 'comparre' \(did you mean 'compare'"):
        ol.comparre  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"brand": {"control": 2}}, "brand.control: 2 is outside 0..1"),
        ({"brand": {"contol": 0.2}}, "unknown key 'contol' (did you mean 'control'?)"),
        ({"time": {"window": "1d"}}, "time.window: window must be at least 2d"),
        ({"categories": [{"name": "a", "every": "3d", "spend": {"mean": "3 USD"}}]},
         "the scenario's currency is EUR"),
        ({"world": 3}, "world: expected a mapping, found 3"),
    ],
)  # fmt: skip
def test_a_change_that_is_not_valid_names_its_key(patch: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        ol.load_scenario("boots-v1").changed(patch)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
