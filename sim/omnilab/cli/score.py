"""``omnilab score``: a submission, or methods that everybody knows, against a bundle's truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from omnilab.cli.console import say, say_warning
from omnilab.cli.giving import write_json
from omnilab.cli.options import quiet_option
from omnilab.cli.places import BOARD, BUNDLE, FILE, JSON, PlacesCommand

if TYPE_CHECKING:
    from omnilab.interop.bundle import Bundle
    from omnilab.interop.scoring import Scored

__all__ = ["score"]


@click.command(cls=PlacesCommand)
@click.argument("bundle", type=BUNDLE)
@click.argument("submission", type=FILE, required=False)
@click.option("--name", metavar="NAME",
              help="How the leaderboard calls it; the file's name by default.")  # fmt: skip
@click.option("--public-methods", is_flag=True,
              help="Score methods that everybody knows, in place of a submission. They read the "
              "public part.")  # fmt: skip
@click.option("--board", type=BOARD, metavar="FILE",
              help="Leaderboard to add to; leaderboard.csv in BUNDLE by default.")  # fmt: skip
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the scores as JSON; - for stdout, without the table.")  # fmt: skip
@quiet_option
def score(
    bundle: str, submission: str | None, name: str | None, public_methods: bool,
    board: str | None, json_to: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Hold SUBMISSION, a CSV file, against the truth of BUNDLE, and add it to the leaderboard.

    BUNDLE is a folder that `omnilab export --bundle` wrote, both its parts. What the columns of a
    submission are is in its public/README.md. A file of the bundle that was changed is an error.

    Exit codes: 0 done, 2 bad input; then nothing is added.
    """
    from omnilab.errors import OptionError
    from omnilab.interop.board import add_scores, read_board, refuse_repeated
    from omnilab.interop.bundle import BOARD as FILE_NAME
    from omnilab.interop.bundle import read_bundle
    from omnilab.interop.scoring import score as scored
    from omnilab.interop.submission import read_submission

    if (submission is None) != public_methods:
        raise OptionError("give SUBMISSION or --public-methods, one of them")
    if public_methods and name is not None:
        raise OptionError("--name belongs to SUBMISSION: public methods have names of their own")
    found = read_bundle(Path(bundle))
    place = Path(board) if board is not None else Path(bundle) / FILE_NAME
    there = read_board(place)  # before any work, which would be lost
    if submission is None:
        from omnilab.interop.public_methods import methods_of

        refuse_repeated(there, place, methods_of())
        entries = _public(found, quiet=quiet)
    else:
        answers = read_submission(Path(submission), found)
        own = Path(submission).stem if name is None else name.strip()
        if not own:
            raise OptionError("--name: a name is needed")
        refuse_repeated(there, place, [(answers.task, own)])
        entries = [(answers.task, own, scored(found, answers))]
    add_scores(place, entries)
    data = {
        "format": "omnilab-scores-v1",
        "scores": [
            {"task": task, "name": who, **{s.measure: s.value for s in scores}}
            for task, who, scores in entries
        ],
    }
    if json_to is not None:
        write_json(data, json_to)
    if not quiet and json_to != "-":
        _print(entries)
        say(f"added to {place}", quiet=quiet)


def _public(bundle: Bundle, *, quiet: bool) -> list[tuple[str, str, list[Scored]]]:
    """Return the scores of all methods that can be tried; what can't is said."""
    from omnilab.errors import DataError
    from omnilab.interop.public_methods import methods_of
    from omnilab.interop.scoring import score as scored
    from omnilab.interop.submission import checked

    entries = []
    for (task, name), method in methods_of().items():
        say(f"{task}: {name}", quiet=quiet)
        try:
            entries.append((task, name, scored(bundle, checked(method(bundle), bundle))))
        except DataError as error:
            say_warning(f"{task}: {name} can't be tried: {error}")
    return entries


def _print(entries: list[tuple[str, str, list[Scored]]]) -> None:
    from rich import box
    from rich.table import Table

    from omnilab.report.terminal import open_console

    console = open_console()
    for task in dict.fromkeys(entry[0] for entry in entries):
        of = [(name, scores) for t, name, scores in entries if t == task]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=task, title_justify="left")
        table.add_column("")
        for one in of[0][1]:
            table.add_column(f"{one.measure} ({one.better})", justify="right")
        for name, scores in of:
            table.add_row(name, *("none" if s.value is None else f"{s.value:.3f}" for s in scores))
        console.print(table)
