"""``omnilab ablate``: what each sharing choice, or any other switch, is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.opening import open_scenario
from omnilab.cli.options import experiment_options
from omnilab.cli.places import SCENARIO, STRATEGY, PlacesCommand
from omnilab.cli.plausible import worlds_options
from omnilab.cli.workers import on_workers, workers_options

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.experiment.ablation import Ablation, Design
    from omnilab.measure.ratio import Measure
    from omnilab.runs.ablations import AblationOptions
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["ablate"]

BAD_INPUT = 2


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.option(
    "-s", "--strategy", type=STRATEGY, default="omnichannel", show_default=True, metavar="S",
    help="The strategy to take apart: a name, file.py:Class or a YAML file.",
)  # fmt: skip
@click.option(
    "--over", multiple=True, metavar="SWITCH", default=("sharing",),
    help="What is switched on and off: sharing (all choices, the default), the name of one, or "
    "PATH=VALUE for any key of the plan (cap.messages=2, journeys.cart=null) or of the scenario "
    "(world.fatigue.ideal=2); several times.",
)  # fmt: skip
@click.option(
    "--measure", "measures", multiple=True, metavar="M",
    help="A measure, as list measures has it; several times. The waterfall is of the first. By "
    "default ltv, purchase_rate, orders_per_customer and messages_per_customer.",
)  # fmt: skip
@click.option(
    "--wiring", multiple=True, metavar="MAP",
    help="The silo map under which to take it apart: tools_apart, typical, one_suite, or all; "
    "several times. Each has a directory of its own. The scenario's by default.",
)  # fmt: skip
@click.option(
    "--most-combinations", type=click.IntRange(4, 4096), default=64, show_default=True, metavar="N",
    help="Combinations of switches that may be run; if there are more, orders are sampled.",
)  # fmt: skip
@worlds_options
@experiment_options
@workers_options
@click.pass_context
def ablate(
    context: click.Context,
    scenario: str,
    strategy: str,
    over: tuple[str, ...],
    measures: tuple[str, ...],
    wiring: tuple[str, ...],
    most_combinations: int,
    plausible: str | None,
    worlds: int | None,
    customers: int | None,
    replications: int,
    seed: int,
    engine: str,
    threads: int | None,
    chunk: int | None,
    out: str | None,
    json_to: str | None,
    quiet: bool,
) -> None:
    """Take a strategy apart: say what each of its choices is worth on the customers of SCENARIO.

    SCENARIO is a file or the id of a shipped scenario. Each switch is tried alone (added to
    nothing), last (taken from all) and in all combinations, on the same customers. Shapley values
    share the whole among the switches and add up to it exactly. A sharing choice is switched
    between silo and what the strategy has; any other key between what it is and VALUE.

    A combination that fails costs the effects that need it. A killed run goes on where it was when
    the same command is given again. The directory is ablations/<scenario>-<digest> if --out is not
    given. With several silo maps that of a map is its --out/MAP, and a table at the end has the
    Shapley values under each.

    With --plausible it is taken apart in each world of a set, with 2,000 customers at most; what
    comes out is printed, and written by --json.

    Exit codes: 0 done, 2 bad input, or a combination or world that failed.
    """
    from omnilab.cli.places import is_replacing
    from omnilab.cli.plausible import ablate_plausible
    from omnilab.errors import OptionError
    from omnilab.experiment.ablation import MEASURED
    from omnilab.strategy.maps import maps_named

    maps = maps_named(wiring)
    if worlds is not None and plausible is None:
        raise OptionError("--worlds: how many of a set are run goes with --plausible")
    if plausible is not None:
        if out is not None:
            raise OptionError("--out: with --plausible there is no run directory: give --json FILE")
        if len(maps) > 1:
            raise OptionError("--wiring: with --plausible one silo map at a time")
        with on_workers(context):
            whole = ablate_plausible(
                scenario, strategy, over, measures, plausible=plausible, worlds=worlds,
                wiring=maps[0] if maps else None, most=most_combinations, customers=customers,
                replications=replications, seed=seed, engine=engine, threads=threads, chunk=chunk,
                json_to=json_to, quiet=quiet,
            )  # fmt: skip
        if not whole:
            context.exit(BAD_INPUT)
        return
    if len(maps) > 1 and json_to is not None:
        raise OptionError("--json: goes with one silo map; each directory has its result.json")
    asked = _Asked(
        scenario, strategy, over, measures or MEASURED, most_combinations, customers, replications,
        seed, engine, threads, chunk, out, json_to, quiet,
    )  # fmt: skip
    replacing = is_replacing(context)
    under = [asked.under(name, apart=len(maps) > 1) for name in maps] or [asked]
    with on_workers(context):
        found = [_carry_out(one, replace=replacing) for one in under]
    if len(found) > 1 and not quiet:
        from omnilab.report.waterfall import print_maps

        print_maps(found)
    if any(ablation.together.failures for ablation in found):
        context.exit(BAD_INPUT)


@dataclass(frozen=True)
class _Asked:
    scenario: str
    strategy: str
    over: tuple[str, ...]
    measures: tuple[str, ...]
    most: int
    customers: int | None
    replications: int
    seed: int
    engine: str
    threads: int | None
    chunk: int | None
    out: str | None
    json_to: str | None
    quiet: bool

    def under(self, wiring: str, *, apart: bool) -> _Asked:
        """Return the same under a silo map, in a directory of its own if ``apart``."""
        from pathlib import Path

        out = str(Path(self.out) / wiring) if self.out and apart else self.out
        return replace(self, strategy=f"{self.strategy}@{wiring}", out=out)


@dataclass(frozen=True)
class _Ready:
    """All that can be wrong before the simulation begins has been looked at."""

    scenario: Scenario  # as its file has it
    digest: str  # of that
    designed: Design
    measures: dict[str, Measure]
    options: AblationOptions
    strategies: tuple[LoadedStrategy, ...]
    target: Path
    run: str  # the digest of everything that was asked for


def _carry_out(asked: _Asked, *, replace: bool) -> Ablation:
    """Simulate, keep the directory, show the results."""
    from datetime import UTC, datetime

    from omnilab._arguments import cores
    from omnilab.cli.console import progress_bar, say, say_error
    from omnilab.cli.page import experiment_page
    from omnilab.errors import OmnilabError
    from omnilab.experiment.ablation import ablate as run
    from omnilab.experiment.ablation_tables import ablation_of
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.runs.ablations import write_ablation
    from omnilab.runs.directories import add_page, new_run

    started = datetime.now(UTC)
    ready = _prepare(asked, replace=replace)
    unwritten: OmnilabError | None = None
    ablation = result = None
    try:
        with new_run(ready.target, ready.run) as folder:
            checkpoint = Checkpoint(folder, ready.run, started=started)
            with progress_bar(quiet=asked.quiet) as show:
                ablation = run(
                    ready.designed, ready.measures, replications=asked.replications,
                    seed=asked.seed, engine=asked.engine, threads=asked.threads or cores(),
                    chunk=asked.chunk, progress=show, checkpoint=checkpoint,
                )  # fmt: skip
            checkpoint.remove()
            result = ablation_of(ablation, digest=ready.digest)
            write_ablation(
                folder, ablation, result, digest=ready.run, scenario=ready.scenario,
                options=ready.options, load=asked.strategy, strategies=ready.strategies,
                started=checkpoint.started,
            )  # fmt: skip
            add_page(folder, experiment_page(folder))
    except OmnilabError as error:
        if result is None:
            raise
        unwritten = error  # hours of simulation are not thrown away for a full disk
    assert ablation is not None
    assert result is not None
    for failure in ablation.together.failures.values():
        say_error(str(failure))
    _show(ablation, result, asked)
    if unwritten is not None:
        raise unwritten
    say(f"kept in {ready.target}", quiet=asked.quiet)
    return ablation


def _prepare(asked: _Asked, *, replace: bool) -> _Ready:
    """Read and check all that was named, so that bad input is said before anything is written."""
    from pathlib import Path

    from omnilab.cli.places import check_room
    from omnilab.experiment.ablation import design, measures_of
    from omnilab.experiment.switches import parse_switches
    from omnilab.runs.ablations import AblationOptions, ablation_digest, ablation_target
    from omnilab.runs.directories import check_target
    from omnilab.scenario import scenario_digest
    from omnilab.strategy.loading import load_strategy

    switches = parse_switches(asked.over)
    measures = measures_of(asked.measures)
    read, sized = open_scenario(asked.scenario, asked.customers)
    scenario, customers = read.scenario, sized.population.customers
    designed = design(
        sized, lambda world: load_strategy(asked.strategy, world), switches,
        most=asked.most, seed=asked.seed,
    )  # fmt: skip
    strategies = (
        load_strategy(asked.strategy, sized),
        load_strategy(scenario.brand.status_quo, sized),
    )
    options = AblationOptions(
        asked.seed, customers, asked.replications, asked.engine,
        tuple(switch.name for switch in switches), tuple(measures), asked.most,
    )  # fmt: skip
    digest = scenario_digest(scenario)
    run = ablation_digest(digest, options, strategies)
    target = Path(asked.out) if asked.out else ablation_target(scenario, run)
    check_target(target, digest=run, replace=replace)
    if not asked.out:  # else the options' check has looked at it
        check_room(target)
    return _Ready(scenario, digest, designed, measures, options, strategies, target, run)


def _show(ablation: Any, result: dict[str, Any], asked: _Asked) -> None:
    """Write the JSON where it was asked for, else or also the waterfall."""
    from omnilab.experiment.result import result_text

    if asked.json_to == "-":
        click.echo(result_text(result), nl=False)
        return
    if asked.json_to is not None:
        from omnilab._files.writing import write_whole

        write_whole(asked.json_to, result_text(result))
    if not asked.quiet:
        from omnilab.report.waterfall import print_ablation

        print_ablation(ablation)
