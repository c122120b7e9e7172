"""``omnilab validate``: check scenario files and show everything that is wrong in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omnilab.cli.places import SCENARIO, PlacesCommand

if TYPE_CHECKING:
    from omnilab.scenario.load import ScenarioFile

__all__ = ["validate"]


@click.command(cls=PlacesCommand)
@click.argument("files", type=SCENARIO, nargs=-1, required=True, metavar="FILE...")
@click.option("--strict", is_flag=True, help="Take what has no effect for an error.")
@click.option(
    "--assumptions", "listed", is_flag=True,
    help="List the numbers of presets and defaults that no source gives.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Print errors and warnings only.")
@click.pass_context
def validate(
    context: click.Context, files: tuple[str, ...], strict: bool, listed: bool, quiet: bool
) -> None:
    """Check scenario FILEs, or shipped scenarios by their ids.

    A good one is printed with its id and digest, and with a note where messages make no demand or
    much of it, on how well a medium's reach curve is met, and on what stays of the scenario that it
    extends where it lists some channels, categories, journeys or places itself. Of a bad one every
    finding is printed on a line of its own, with file, line and key, and the exit code is 2. What a
    good one says without effect, such as a channel that nobody can be reached over, is a warning
    each; with --strict it is an error. With --assumptions each line has a key, its value and where
    that is from, parted by tabs; a star marks those that the scenario names under `assumed`.
    """
    from omnilab.cli.console import say_error, say_warning
    from omnilab.cli.named import check_named
    from omnilab.errors import ScenarioError
    from omnilab.scenario import scenario_digest
    from omnilab.scenario.demand import demand_note
    from omnilab.scenario.load import read_scenario
    from omnilab.scenario.reach import reach_note
    from omnilab.scenario.without import staying_note

    bad = False
    for file in files:
        try:
            read = read_scenario(file)
            check_named(read)
        except ScenarioError as error:
            bad = True
            for finding in (error, *getattr(error, "others", ())):
                say_error(str(finding))
            continue
        findings = read.no_effects()
        for finding in findings:
            (say_error if strict else say_warning)(str(finding))
        if strict and findings:
            bad = True
        elif not quiet:
            scenario = read.scenario
            click.echo(f"{file}: ok, {scenario.id}, digest {scenario_digest(scenario)}")
            if note := staying_note(read.root):
                click.echo(f"{file}: note: {note}")
            if note := demand_note(scenario):
                click.echo(f"{file}: note: {note}")
            if note := reach_note(scenario):
                click.echo(f"{file}: note: {note}")
        if listed:
            _print_assumptions(read)
    if bad:
        context.exit(2)


def _print_assumptions(read: ScenarioFile) -> None:
    for found in read.assumptions():
        star = "*" if found.is_declared else ""
        click.echo(f"{found.key}\t{found.value}\t{found.origin}{star}")
