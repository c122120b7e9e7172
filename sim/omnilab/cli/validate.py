"""``omnilab validate``: check scenario files and show everything that is wrong in them."""

from __future__ import annotations

import click

__all__ = ["validate"]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.pass_context
def validate(context: click.Context, files: tuple[str, ...], quiet: bool) -> None:
    """Check scenario FILEs, or shipped scenarios by their ids.

    A good one is printed with its id and digest. Of a bad one every finding is printed on a line
    of its own, with file, line and key, and the exit code is 2.
    """
    from omnilab.cli.named import check_named
    from omnilab.errors import ScenarioError
    from omnilab.scenario import load_scenario, scenario_digest

    bad = False
    for file in files:
        try:
            scenario = load_scenario(file)
            check_named(file, scenario)
        except ScenarioError as error:
            bad = True
            for finding in (error, *getattr(error, "others", ())):
                _print_finding(str(finding))
            continue
        if not quiet:
            click.echo(f"{file}: ok, {scenario.id}, digest {scenario_digest(scenario)}")
    if bad:
        context.exit(2)


def _print_finding(text: str) -> None:
    line = "".join(c if c.isprintable() else " " for c in text)
    click.secho(f"error: {line}", fg="red", err=True)
