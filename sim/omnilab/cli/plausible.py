"""``omnilab compare SCENARIO --plausible FILE``: the comparison over a set of worlds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from omnilab.cli import inputs
from omnilab.cli.giving import give
from omnilab.cli.opening import open_scenario
from omnilab.cli.places import Reads, Writes

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.sweep import Settings, Sweep, Vary
    from omnilab.scenario.load import ScenarioFile
    from omnilab.scenario.model import Scenario

__all__ = [
    "WORLDS_IN",
    "WORLDS_OUT",
    "ablate_plausible",
    "chosen_worlds",
    "compare_plausible",
    "one_world_only",
    "sweep_plausible",
    "worlds_options",
]

F = TypeVar("F", bound=Callable[..., Any])


def _files(name: str) -> Iterable[Path]:
    return () if os.fspath(name) == "auto" else inputs.plain_files(name)


def _is_worlds(path: Path) -> bool:
    from omnilab.experiment.plausible.file import is_worlds

    return is_worlds(path)


#: A set that is read, or ``auto``; a set that is written.
WORLDS_IN: Final = Reads(_files)
WORLDS_OUT: Final = Writes(_is_worlds, path=True)


def worlds_options(function: F) -> F:
    """Add ``--plausible`` and ``--worlds``."""
    options = [
        click.option(
            "--plausible", type=WORLDS_IN, metavar="FILE|auto",
            help="Ask it in each world of a set that the data do not rule out, as fit or patterns "
            "made it by --worlds; auto is the one beside SCENARIO. Each number then has the doubt "
            "of chance, that of the world, and the share of worlds with its sign.",
        ),
        click.option(
            "--worlds", type=click.IntRange(2, 10_000), metavar="N",
            help="With --plausible: how many of its worlds are run; 100 by default.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def one_world_only(reason: str) -> Callable[[F], F]:
    """Let a command say why it takes no set of worlds, where one is given to it.

    Parameters
    ----------
    reason
        Follows the option's name in the error: why, and which command does take one.
    """

    def refuse(_context: click.Context, _option: click.Parameter, given: str | None) -> None:
        from omnilab.errors import OptionError

        if given is not None:
            raise OptionError(f"--plausible: {reason}")

    return click.option("--plausible", hidden=True, expose_value=False, callback=refuse)


def chosen_worlds(
    scenario: str, plausible: str, worlds: int | None, customers: int | None, *, compared: bool
) -> tuple[ScenarioFile, Scenario, WorldSet]:
    """Return the scenario as its file has it, with a world's customers, and the worlds to run.

    ``compared``: whether the strategies that the scenario lists are wanted.
    """
    from omnilab.experiment.plausible.compared import MOST_CUSTOMERS, MOST_WORLDS
    from omnilab.experiment.plausible.file import find_worlds, read_worlds

    read, _ = open_scenario(scenario, compared=compared)
    whole = read_worlds(find_worlds(plausible, scenario), read.scenario)
    size = customers or min(read.scenario.population.customers, MOST_CUSTOMERS)
    return read, read.scenario.with_customers(size), whole.fewer(worlds or MOST_WORLDS)


def sweep_plausible(
    context: click.Context, scenario: str, varies: Sequence[Vary], strategies: Sequence[str], *,
    plausible: str, worlds: int | None, customers: int | None, settings: Settings,
    measures: Sequence[str], yes: bool, out: str | None, json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Sweep in the worlds of a set, and say at each point what they say together."""
    from omnilab.cli.console import say
    from omnilab.cli.sweeping import carry_out
    from omnilab.experiment.plausible.swept import kept_over_worlds, plan_swept
    from omnilab.experiment.sweep.expected import refuse_many
    from omnilab.experiment.sweep.tables import check_measures
    from omnilab.report.over_worlds import swept_document

    wanted = check_measures([m.strip() for text in measures for m in text.split(",")])
    _, sized, some = chosen_worlds(scenario, plausible, worlds, customers, compared=not strategies)
    planned = plan_swept(
        scenario, sized, some, varies, list(strategies) or None, settings,
        refuse_many=refuse_many(settings, yes=yes, say=lambda line: say(line, quiet=quiet)),
    )  # fmt: skip
    found: dict[str, Any] = {}

    def extra(sweep: Sweep) -> tuple[dict[str, Any], dict[str, Any]]:
        keys, tables = kept_over_worlds(planned, sweep, some, wanted)
        found.update(keys["over_worlds"])
        return keys, tables

    carry_out(
        context, planned, command="sweep", measures=wanted, out=out, json_to=json_to,
        quiet=quiet, extra=extra,
        document=lambda sweep, _measures: swept_document(planned, sweep, found),
    )  # fmt: skip


def compare_plausible(
    context: click.Context, scenario: str, strategies: Sequence[str], *, plausible: str,
    worlds: int | None, customers: int | None, replications: int, seed: int, engine: str,
    threads: int | None, chunk: int | None, out: str | None, json_to: str | None, quiet: bool,
    against: str | None, alone: dict[str, object],
) -> None:  # fmt: skip
    """Compare the strategies in the worlds of a set, and say what they say together.

    ``alone`` has the options that are about one world, with what was given; none may be.
    """
    from omnilab._arguments import cores
    from omnilab.cli.sweeping import carry_out
    from omnilab.errors import OptionError
    from omnilab.experiment.differences import COMPARED
    from omnilab.experiment.plausible.compared import (
        PLAUSIBLE_TABLES,
        plan_compared,
        plausible_data,
    )
    from omnilab.experiment.sweep import Settings
    from omnilab.report.worlds import worlds_document

    for option, given in alone.items():
        if given:
            raise OptionError(f"{option} is about one world: without --plausible")
    _, sized, some = chosen_worlds(scenario, plausible, worlds, customers, compared=not strategies)
    settings = Settings(
        seeds=(seed,), replications=replications, engine=engine, threads=threads or cores(),
        chunk=chunk, against=against,
    )  # fmt: skip
    planned = plan_compared(scenario, sized, some, list(strategies) or None, settings)
    measure = COMPARED[0]

    def extra(sweep: Sweep) -> tuple[dict[str, Any], dict[str, Any]]:
        data = plausible_data(planned, sweep, some, measure)
        rows = {name: (data[name] if data else [], columns)
                for name, columns in PLAUSIBLE_TABLES.items()}  # fmt: skip
        return {"plausible": data}, rows

    carry_out(
        context, planned, command="compare", measures=COMPARED, out=out, json_to=json_to,
        quiet=quiet, extra=extra,
        document=lambda sweep, _measures: worlds_document(
            planned, sweep, plausible_data(planned, sweep, some, measure)
        ),
    )  # fmt: skip


def ablate_plausible(
    scenario: str, strategy: str, over: Sequence[str], measures: Sequence[str], *,
    plausible: str, worlds: int | None, wiring: str | None, most: int, customers: int | None,
    replications: int, seed: int, engine: str, threads: int | None, chunk: int | None,
    json_to: str | None, quiet: bool,
) -> bool:  # fmt: skip
    """Take a strategy apart in the worlds of a set; say whether all worlds had effects."""
    from omnilab._arguments import cores
    from omnilab.cli.console import progress_bar, say_error
    from omnilab.experiment.ablation import measures_of
    from omnilab.experiment.plausible.ablated import ablate_worlds, ablated_data
    from omnilab.experiment.switches import parse_switches
    from omnilab.report.over_worlds import ablated_document
    from omnilab.scenario import scenario_digest
    from omnilab.strategy.loading import load_strategy

    switches, wanted = parse_switches(over), measures_of(measures)
    read, sized, some = chosen_worlds(scenario, plausible, worlds, customers, compared=False)
    named = strategy if wiring is None else f"{strategy}@{wiring}"
    with progress_bar(quiet=quiet or json_to == "-") as show:
        found = ablate_worlds(
            sized, some, lambda world: load_strategy(named, world), switches, wanted, most=most,
            replications=replications, seed=seed, engine=engine, threads=threads or cores(),
            chunk=chunk, progress=show,
        )  # fmt: skip
    for number, reason in found.failures.items():
        say_error(f"world {number}: {reason}")
    data = ablated_data(found, digest=scenario_digest(read.scenario))
    give(data, ablated_document(found, data), json_to, quiet)
    return not found.failures
