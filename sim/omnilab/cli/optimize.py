"""``omnilab optimize``: better settings of a strategy, under guardrails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from omnilab.cli.console import progress_bar
from omnilab.cli.options import (
    CUSTOMERS,
    engine_options,
    hook_timeout_option,
    quiet_option,
)
from omnilab.cli.places import FILE, JSON, SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import WORLDS_IN

if TYPE_CHECKING:
    from omnilab.experiment.gate.best import Optimum
    from omnilab.report.document import Document
    from omnilab.scenario.model import Scenario

__all__ = ["optimize"]

OPTIMUM_FORMAT: Final = "omnilab-optimum-v1"


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option("--gate", type=FILE, required=True, metavar="FILE",
              help="The goal, and the guardrails that the settings must keep.")  # fmt: skip
@click.option("-s", "--strategy", type=STRATEGY, default="omnichannel", show_default=True,
              metavar="S", help="Whose plan is varied.")  # fmt: skip
@click.option("--vary", "varied", multiple=True, required=True, metavar="PATH=...",
              help="A key of the plan: PATH=LOW..HIGH, or PATH=a,b,c; several times.")  # fmt: skip
@click.option("--plausible", type=WORLDS_IN, metavar="FILE|auto",
              help="The set of plausible worlds of a guardrail on worlds, for the winner; without "
              "it 20 small worlds in which the scenario's assumptions move.")  # fmt: skip
@click.option("--points", type=click.IntRange(4, 256), default=16, show_default=True, metavar="N",
              help="How many settings are tried.")  # fmt: skip
@click.option("--customers", type=CUSTOMERS, metavar="N",
              help="Customers of the last rounds; the scenario's by default.")  # fmt: skip
@engine_options
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@hook_timeout_option
@quiet_option
def optimize(
    scenario: str, gate: str, strategy: str, varied: tuple[str, ...], plausible: str | None,
    points: int, customers: int | None, seed: int, engine: str, threads: int | None,
    json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Look for settings of a strategy's plan that do better in SCENARIO, and check the best afresh.

    Caps, delays, the order of channels, budgets: whatever the plan has. The goal and the guardrails
    are a gate's. Settings are spread over the ranges; all run on a fourth of the customers, the
    best fourth on all. The best of these meets the shipped settings once more under a fresh seed,
    and only that paired interval says whether it is better.

    Exit codes: 0 done, also where nothing better was found; 2 bad input.
    """
    from omnilab._arguments import cores
    from omnilab.cli.lint import give
    from omnilab.cli.named import check_named
    from omnilab.errors import OptionError
    from omnilab.experiment.gate.best import optimize as search
    from omnilab.experiment.gate.declared import read_gate
    from omnilab.experiment.plausible.compared import MOST_WORLDS
    from omnilab.experiment.plausible.file import find_worlds, read_worlds
    from omnilab.experiment.sweep import parse_vary
    from omnilab.scenario.load import read_scenario
    from omnilab.strategy.loading import load_strategy

    read = read_scenario(scenario)
    asked = read_gate(gate, currency=read.scenario.currency)
    check_named(read, compared=False)
    varies = [parse_vary(text) for text in varied]
    sized = read.scenario.with_customers(customers or read.scenario.population.customers)
    worlds = None
    if plausible is not None:
        if asked.of_kind("worlds") is None:
            raise OptionError(f"--plausible: {gate} has no guardrail on worlds")
        worlds = read_worlds(find_worlds(plausible, scenario), read.scenario).fewer(MOST_WORLDS)
    with progress_bar(quiet=quiet or json_to == "-") as show:
        found = search(
            asked, sized, load_strategy(strategy, sized), varies, points=points, seed=seed,
            engine=engine, threads=threads or cores(), assumptions=read.assumptions(),
            worlds=worlds, progress=show,
        )  # fmt: skip
    give(_data(found, sized), _document(found, sized, asked.goal.measure), json_to, quiet)


def _headline(found: Optimum) -> str:
    if found.best is None:
        return f"No settings beat the shipped ones of {found.strategy} in the search: keep those."
    settings = ", ".join(f"{path} = {value}" for path, value in found.best.settings.items())
    if found.is_better:
        return f"Better than the shipped settings on fresh customers: {settings}."
    return (
        f"The best of the search, {settings}, does not beat the shipped settings on fresh "
        "customers: keep those."
    )


def _document(found: Optimum, scenario: Scenario, measure: str) -> Document:
    from omnilab.report.document import Document
    from omnilab.report.gate import gate_document
    from omnilab.report.table import Table

    rows = tuple(
        (", ".join(f"{p} = {v}" for p, v in t.settings.items()),
         (str(t.rounds), "-" if t.gain is None else f"{t.gain:+.4g}",
          t.refused or ", ".join(t.breaks) or "-"))
        for t in found.tried
    )  # fmt: skip
    tables = [
        Table("Settings that were tried", "settings", ("rounds", f"gain in {measure}", "breaks"),
              rows, "The gain is that of the search, which flatters the best.")
    ]  # fmt: skip
    lines = [_headline(found)]
    if found.checked is not None:
        fresh = gate_document(found.checked)
        lines += fresh.headlines
        tables = [*fresh.tables, *tables]
    setting = f"{scenario.id}: {scenario.population.customers:,} customers in the last rounds"
    return Document(f"Settings of {found.strategy}", setting, tuple(lines), tuple(tables), ())


def _data(found: Optimum, scenario: Scenario) -> dict[str, Any]:
    from dataclasses import asdict

    from omnilab.report.gate import gate_data

    return {
        "format": OPTIMUM_FORMAT, "scenario": scenario.id, "strategy": found.strategy,
        "is_better": found.is_better, "said": _headline(found),
        "best": None if found.best is None else asdict(found.best),
        "tried": [asdict(t) for t in found.tried],
        "fresh": None if found.checked is None else gate_data(found.checked),
    }  # fmt: skip
