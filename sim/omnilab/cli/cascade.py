"""``omnilab cascade``: the cascade core on a user's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.cascade import Replay

__all__ = ["cascade"]


@click.group()
def cascade() -> None:
    """Replay cascades on your starts and receipts."""


@cascade.command("replay")
@click.argument("starts", type=click.Path())
@click.argument("receipts", type=click.Path())
@click.option(
    "-p", "--plans", type=click.Path(),
    help="YAML file with the plans. Default: plans.yaml beside STARTS, as a run keeps it.",
)  # fmt: skip
@click.option("-o", "--output", required=True, type=click.Path(), help="File for the outcomes.")
@click.option("--signals", type=click.Path(), help="File with consent and conversions.")
@click.option("--sends", type=click.Path(), help="File for the sends, one row each.")
@click.option("--rejected", type=click.Path(), help="File for the rows that can't be used.")
@click.option(
    "--control", type=click.Path(), help="Text file with the control group's ids, one a line."
)
@click.option(
    "--events", multiple=True, metavar="WORD=EVENT|FILE",
    help="What a word of your provider stands for, such as gelesen=open, or a YAML file of such "
    "words; =ignore leaves its rows out.",
)  # fmt: skip
@click.option(
    "--column", multiple=True, metavar="NAME=COLUMN", help="Your name for one of our columns."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def replay_command(
    starts: str,
    receipts: str,
    plans: str | None,
    output: str,
    signals: str | None,
    sends: str | None,
    rejected: str | None,
    control: str | None,
    events: tuple[str, ...],
    column: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run STARTS and RECEIPTS through their cascades and write what became of each message.

    Files are CSV (with commas, semicolons, tabs or bars), JSON, Parquet or Feather, compressed or
    not; what a file is can be seen in it. STARTS has timestamp, message_id, profile_id, and if
    wanted plan, channels, zone; RECEIPTS has timestamp, message_id, channel, event. Timestamps are
    ISO 8601 times or numbers since 1970. The words of the usual providers for events are known.
    Rows that can't be used are counted and reported, never dropped in silence.
    """
    from pathlib import Path

    from omnilab.cascade.files import replay
    from omnilab.cascade.formats import write_tables
    from omnilab.cascade.plan_file import read_plans
    from omnilab.cascade.words import read_events
    from omnilab.cli.effects import print_finding
    from omnilab.errors import OptionError

    plans = plans or _plans_beside(Path(starts))
    outputs = {"--output": output, "--sends": sends, "--rejected": rejected}
    _check_outputs(outputs, (starts, receipts, plans, signals, control))
    columns = {}
    for pair in column:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise OptionError(f"--column {pair!r} must look like message_id=YourColumn")
        columns[ours] = theirs
    held = [] if control is None else _control_ids(control)
    file = read_plans(plans)
    result = replay(
        starts, receipts, file.plans, file.contact_policy,
        signals=signals, control=held, columns=columns, events=read_events(events),
    )  # fmt: skip
    for note in result.notes:
        print_finding("warning", file.place(note.plan, note.step) + note.text)
    tables = (result.outcomes, result.sends, result.rejected)
    write_tables([(t, name) for t, name in zip(tables, outputs.values(), strict=True) if name])
    _print_summary(result, as_json)


def _control_ids(path: str) -> list[str]:
    """Return the ids of the control group's list."""
    from omnilab._files.text import read_list
    from omnilab.cli.effects import print_finding

    found = read_list(path)
    for note in found.notes:
        print_finding("warning", note)
    return found.ids


def _plans_beside(starts: Path) -> str:
    """Return the plan file that a run keeps beside its starts."""
    from omnilab.errors import OptionError

    beside = starts.with_name("plans.yaml")
    if not beside.is_file():
        raise OptionError(f"--plans: name the file with the plans; there is no {beside}")
    return str(beside)


def _check_outputs(outputs: dict[str, str | None], inputs: tuple[str | None, ...]) -> None:
    """Check before anything is read that all outputs can be written and overwrite no input."""
    from pathlib import Path

    from omnilab._files.writing import check_writable
    from omnilab.cascade.formats import check_ending
    from omnilab.errors import OptionError

    taken = {Path(name).resolve() for name in inputs if name is not None}
    for option, name in outputs.items():
        if name is None:
            continue
        check_writable(name, option=option)
        check_ending(name)
        if Path(name).resolve() in taken:
            raise OptionError(f"{option} {name} is used for another file of this replay already")
        taken.add(Path(name).resolve())


def _print_summary(result: Replay, as_json: bool) -> None:
    """Print counts by final status and of rows that were rejected."""
    reasons = result.rejected["reason"].value_counts().to_pylist()
    rejected = {row["values"]: row["counts"] for row in reasons}
    if as_json:
        import json

        summary: dict[str, Any] = {
            "messages": result.counts(),
            "rejected": rejected,
            "work": result.work,
        }
        summary["unknown"] = result.unknown
        summary["notes"] = [note.text for note in result.notes]
        click.echo(json.dumps(summary, indent=2))
        return
    for status, n in result.counts().items():
        click.echo(f"{n:>12,}  {status}")
    work = result.work
    click.echo(f"{work['sends']:>12,}  sends, {work['late']:,} late receipts")
    for reason, n in rejected.items():
        click.secho(f"{n:>12,}  rows rejected: {reason}", fg="yellow", err=True)
    for what, n in list(result.unknown.items())[:10]:
        click.secho(f"{n:>12,}  {what}", fg="yellow", err=True)
    if len(result.unknown) > 10:
        click.secho(f"{len(result.unknown) - 10:>12,}  more unknown words", fg="yellow", err=True)
