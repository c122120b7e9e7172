"""What the commands simulate that run much, on local workers: the same bytes as on threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from omnilab import cli
from omnilab.experiment.ablation import measures_of
from omnilab.experiment.conclusion.declared import read_study
from omnilab.experiment.conclusion.running import check_study
from omnilab.experiment.gate.best import optimize
from omnilab.experiment.gate.running import check_gate
from omnilab.experiment.live.planned import Wanted, plan_test
from omnilab.experiment.patterns import measure_patterns, read_patterns
from omnilab.experiment.patterns.matching import pins_of
from omnilab.experiment.plausible.ablated import ablate_worlds, ablated_data
from omnilab.experiment.plausible.file import WorldSet
from omnilab.experiment.published.over import ask_claims
from omnilab.experiment.sweep import parse_vary
from omnilab.experiment.switches import parse_switches
from omnilab.experiment.workers import Threads, work_on
from omnilab.experiment.workers.executor import executor_of_worlds
from omnilab.fit.plausible.sets import Search, worlds_of_patterns
from omnilab.fit.scenario import simulate
from omnilab.report.conclusion import conclusion_data
from omnilab.report.gate import gate_data
from omnilab.report.live import live_data
from omnilab.report.optimum import optimum_data
from omnilab.report.patterns import patterns_data
from omnilab.report.published import claims_data
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP
from tests.experiment.gate.made import gate_of
from tests.experiment.test_workers import MINE
from tests.worlds import corner

pytest.importorskip("distributed")

from omnilab.experiment.workers.cluster import Workers, dask_workers

KAPPA = "world.satisfaction.kappa"
GATE = """\
goal: {measure: messages_per_customer, better: lower}
guardrails:
  - {measure: ltv, worse_by: 100 EUR}
  - {harmed: 90%, by: 100 EUR}
"""
PATTERNS = """id: asked-v1
places: {store: [store], online: [web]}
patterns:
  - {name: converted, title: visits with an order, measure: conversion, of: {channels: [web]},
     published: 10%, tolerance: 1%, because: why, source: HBR17, kind: I, role: target}
assumptions:
  - {key: world.fatigue.ideal, range: [1, 4], because: why}
"""
CLAIMS = """\
scenario: shop.yaml
strategies: [no_contact, omnichannel]
customers: 12
claims:
  - ltv(omnichannel) > ltv(no_contact)
"""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with dask_workers(2) as found:
        yield found


def shop(customers: int = 16) -> Scenario:
    return corner().with_customers(customers)


def worlds_of(*kappas: float) -> WorldSet:
    return WorldSet({KAPPA: np.array(kappas)}, np.full(len(kappas), 1 / len(kappas)))


def checked(folder: Path) -> Any:
    scenario = shop(40)
    loaded = [load_strategy(name, scenario) for name in ("omnichannel", "multichannel")]
    found = check_gate(gate_of(folder, GATE), scenario, *loaded, replications=2, threads=2)
    digests = [run.log_digest for run in found.comparison.strategies]
    return gate_data(found), digests, found.comparison.moments.state()


def optimum(folder: Path) -> Any:
    gate, scenario = gate_of(folder, GATE), shop(32)
    found = optimize(
        gate, scenario, load_strategy("multichannel", scenario), [parse_vary("cap.messages=1,2,4")],
        points=4, search="lhs", threads=2,
    )  # fmt: skip
    return optimum_data(found, scenario)


def measured(folder: Path) -> Any:
    (folder / "asked.yaml").write_text(PATTERNS, encoding="utf-8")
    scenario = shop()
    asked = read_patterns(folder / "asked.yaml", scenario)
    found = measure_patterns(scenario, asked, seeds=(1, 2, 3), threads=2)
    pins = pins_of(scenario, asked, worlds=8, threads=2)
    made = worlds_of_patterns(
        scenario, [], asked, Search(worlds=4, points=12, waves=1, customers=16, threads=2)
    )
    values = {key: column.tolist() for key, column in made.values.items()}
    return patterns_data(found, pins), values, made.weights.tolist(), made.about


def asked_once(_folder: Path) -> Any:
    return claims_data(ask_claims(shop(), replications=3, threads=2))


def asked_over_worlds(_folder: Path) -> Any:
    return claims_data(ask_claims(shop(), worlds_of(0.1, 0.5, 0.9), replications=1, threads=2))


def planned(_folder: Path) -> Any:
    scenario = shop(64)
    loaded = [load_strategy(name, scenario) for name in ("omnichannel", "no_contact")]
    return live_data(plan_test(Wanted("messages_per_customer"), scenario, *loaded), scenario)


def concluded(folder: Path) -> Any:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (folder / "mine.yaml").write_text(CLAIMS, encoding="utf-8")
    study = read_study(folder / "mine.yaml")
    checks = ("order", "cells", "streams")
    return conclusion_data(study, check_study(study, checks=checks, threads=2))


def taken_apart(folder: Path) -> Any:
    """Of a strategy with hooks, whose file is here alone."""
    (folder / "mine.py").write_text(MINE.format(what="pass"), encoding="utf-8")
    load = partial(load_strategy, f"{folder / 'mine.py'}:Mine")
    switches, measures = parse_switches(["identity", "context"]), measures_of(["ltv"])
    found = ablate_worlds(shop(), worlds_of(0.1, 0.5), load, switches, measures, threads=2)
    return ablated_data(found, digest="d")


def bought(_folder: Path) -> Any:
    found = simulate(shop(), 60, seeds=(1, 2, 3))
    return found.person.tolist(), found.occasions.amount.tolist(), dict(found.left)


EACH = (
    checked, optimum, measured, asked_once, asked_over_worlds, planned, concluded, taken_apart,
    bought,
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("run", EACH, ids=lambda run: run.__name__)
def test_it_is_the_same(
    workers: Workers, run: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last digit, and on the workers: nothing is compared that ran here."""
    sent: list[str] = []
    send = Workers._send

    def counted(self: Workers, call: Any, held: Any, function: Any, one: Any) -> Any:
        sent.append(function.__name__)
        return send(self, call, held, function, one)

    monkeypatch.setattr(Workers, "_send", counted)
    near = run(tmp_path)
    assert not sent
    with work_on(workers):
        there = run(tmp_path)
    assert len(sent) > 1
    assert text(there) == text(near)


def text(found: Any) -> str:
    return json.dumps(found, sort_keys=True, default=str)


def test_what_loads_a_strategys_file_stays_where_the_file_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far: Any = type("Far", (), {"divides": True})()
    names = ("omnichannel", "omnichannel@typical", "mine.yaml", "mine.py:Mine", "mine.py:Mine(a=1)")
    with work_on(far):
        found = [executor_of_worlds(["no_contact", name], 3) for name in names]
    assert found == [far, far, Threads(1), Threads(1), Threads(1)]
    assert executor_of_worlds(["mine.yaml"], 3) == Threads(3)


def test_the_table_of_the_how_to_has_every_command_with_workers(root: Path) -> None:
    page = (root / "docs/how-to/more-than-one-machine.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    told = {word.partition(" ")[0] for row in rows for word in row.split("`")[1::2]}
    group = cli._LazyGroup()
    offered = {
        name
        for name in cli.COMMANDS
        if (command := group.get_command(click.Context(group), name)) is not None
        and any(option.name == "workers" for option in command.params)
    }
    assert told == offered
