"""``python -m bench.gate BASE``: compare two versions, print the table, exit with 1 if it fails."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.gate.counters import ALLOWED, Allowed, read_allowed
from bench.gate.errors import GateError
from bench.gate.sides import ROOT, Side, make_sides
from bench.gate.table import markdown, print_report
from bench.gate.verdict import Report, run_gate
from bench.gate.workloads import WORKLOADS
from omnilab._files.writing import write_whole
from omnilab.cli.places import JSON, MARKDOWN, PlacesCommand
from omnilab.errors import OmnilabError

__all__ = ["gate", "prepare_inputs"]


class _GateCommand(PlacesCommand):
    """Says omnilab's errors in one line, as the gate's own."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OmnilabError as error:
            raise GateError(str(error)) from None


@click.command(cls=_GateCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("base")
@click.option("--head", metavar="REF", help="A git reference; the working tree by default.")
@click.option(
    "--only", multiple=True, type=click.Choice(list(WORKLOADS)), help="Run these benchmarks alone."
)
@click.option(
    "--allow",
    multiple=True,
    metavar="NAME.COUNTER",
    help="Let this counter change; a change that stays goes into allowed_changes.toml.",
)
@click.option(
    "--markdown",
    "markdown_to",
    type=MARKDOWN,
    metavar="FILE",
    help="Write the table as Markdown too.",
)
@click.option(
    "--json",
    "json_to",
    type=JSON,
    metavar="FILE|-",
    help="Write all of it as JSON too; - for stdout, and the table goes to stderr.",
)
@click.option(
    "--slow",
    multiple=True,
    metavar="SIDE:NAME:FACTOR",
    help="To try the gate: make a side's runs of a benchmark longer, such as"
    " head:cascade-100k:1.15.",
)
@click.pass_context
def gate(
    context: click.Context,
    base: str,
    head: str | None,
    only: tuple[str, ...],
    allow: tuple[str, ...],
    markdown_to: str | None,
    json_to: str | None,
    slow: tuple[str, ...],
) -> None:
    """Tell whether head is slower than BASE by more than noise explains.

    Exit codes: 0 no, 1 yes (or its work changed, or it broke), 2 bad input.
    """
    for entry in slow:
        _check_slow(entry)
    allowed = [*read_allowed(ALLOWED, WORKLOADS), *map(_allowed, allow)]
    console = Console(stderr=True)
    sides = make_sides(base, head)
    with (
        tempfile.TemporaryDirectory(prefix="omnilab-gate-") as folder,
        console.status("making the input") as status,
    ):
        prepare_inputs(sides[1], Path(folder))
        report = run_gate(
            sides, only or tuple(WORKLOADS), inputs=Path(folder), allowed=allowed, slow=slow,
            benchmarks=len(WORKLOADS), say=status.update,
        )  # fmt: skip
    _show(report, markdown_to, json_to)
    context.exit(0 if report.passed else 1)


def prepare_inputs(head: Side, folder: Path) -> None:
    """Make the workloads' input with head's library.

    Raises
    ------
    GateError
        If that fails.
    """
    code = "import sys, pathlib; from bench.gate.inputs import make_inputs;"
    result = subprocess.run(
        [str(head.python), "-c", f"{code} make_inputs(pathlib.Path(sys.argv[1]))", str(folder)],
        capture_output=True, text=True, check=False, cwd=ROOT, env=head.environment(),
    )  # fmt: skip
    if result.returncode:
        said = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise GateError(f"head can't make the workloads' input: {said}")


def _check_slow(entry: str) -> None:
    side, _, rest = entry.partition(":")
    name, _, factor = rest.rpartition(":")
    try:
        good = side in ("base", "head") and name in WORKLOADS and float(factor) >= 1
    except ValueError:
        good = False
    if not good:
        raise click.BadParameter(f"{entry!r}: write side:benchmark:factor, the factor at least 1")


def _allowed(entry: str) -> Allowed:
    workload, _, counter = entry.partition(".")
    if workload not in WORKLOADS or not counter:
        raise click.BadParameter(f"{entry!r}: write benchmark.counter")
    return Allowed(workload, counter, None, "by an option on the command")


def _show(report: Report, markdown_to: str | None, json_to: str | None) -> None:
    """Print the table, fitted to a terminal, never cut where it is piped; write the files."""
    console = Console(stderr=json_to == "-")
    print_report(
        report, console if console.is_terminal else Console(width=140, stderr=json_to == "-")
    )
    for file, text in (
        (markdown_to, markdown(report)),
        (json_to, json.dumps(report.as_json(), indent=2) + "\n"),
    ):
        if file == "-":
            click.echo(text, nl=False)
        elif file is not None:
            write_whole(file, text)


if __name__ == "__main__":
    gate()
