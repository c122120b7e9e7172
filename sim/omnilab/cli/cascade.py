"""``omnilab cascade``: the cascade core on a user's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import say_warning
from omnilab.cli.places import FILE, REPLAY, STARTS, WORDS, PlacesCommand

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.cascade import Replay

__all__ = ["cascade"]


@click.group()
def cascade() -> None:
    """Replay cascades on your starts and receipts."""


@cascade.command("replay", cls=PlacesCommand)
@click.argument("starts", type=STARTS)
@click.argument("receipts", type=FILE)
@click.option(
    "-p", "--plans", type=FILE,
    help="YAML file with the plans. Default: plans.yaml beside STARTS, as a run keeps it.",
)  # fmt: skip
@click.option("-o", "--output", required=True, type=REPLAY, help="File for the outcomes.")
@click.option("--signals", type=FILE, help="File with consent and conversions.")
@click.option("--sends", type=REPLAY, help="File for the sends, one row each.")
@click.option("--rejected", type=REPLAY, help="File for the rows that can't be used.")
@click.option("--control", type=FILE, help="Text file with the control group's ids, one a line.")
@click.option(
    "--events", type=WORDS, multiple=True, metavar="WORD=EVENT|FILE",
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

    from omnilab._files.text import read_list
    from omnilab.cascade.files import replay
    from omnilab.cascade.formats import check_ending, write_tables
    from omnilab.cascade.plan_file import read_plans
    from omnilab.cascade.words import read_events
    from omnilab.errors import OptionError

    plans = plans or _plans_beside(Path(starts))
    outputs = {"--output": output, "--sends": sends, "--rejected": rejected}
    for name in filter(None, outputs.values()):
        check_ending(name)
    columns = {}
    for pair in column:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise OptionError(f"--column {pair!r} must look like message_id=YourColumn")
        columns[ours] = theirs
    held = None if control is None else read_list(control)
    file = read_plans(plans)
    result = replay(
        starts, receipts, file.plans, file.contact_policy,
        signals=signals, control=held.ids if held is not None else (), columns=columns,
        events=read_events(events),
    )  # fmt: skip
    for text in held.notes if held is not None else ():
        say_warning(text)
    for note in result.notes:
        say_warning(file.place(note.plan, note.step) + note.text)
    tables = (result.outcomes, result.sends, result.rejected)
    write_tables([(t, name) for t, name in zip(tables, outputs.values(), strict=True) if name])
    _print_summary(result, as_json)


def _plans_beside(starts: Path) -> str:
    """Return the plan file that a run keeps beside its starts."""
    from omnilab.errors import OptionError

    beside = starts.with_name("plans.yaml")
    if not beside.is_file():
        raise OptionError(f"--plans: name the file with the plans; there is no {beside}")
    return str(beside)


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
