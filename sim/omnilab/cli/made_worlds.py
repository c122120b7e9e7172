"""Write a set of plausible worlds, and show what it leaves open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omnilab.cli.console import say

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet

__all__ = ["keep_worlds", "points_option"]

#: Of each command that makes a set.
points_option = click.option(
    "--points", type=click.IntRange(12, 100_000), metavar="N",
    help="With --worlds: simulations a wave; ten a parameter by default.",
)  # fmt: skip


def keep_worlds(
    worlds: WorldSet, place: Path, *, json_to: str | None = None, quiet: bool = False
) -> None:
    """Write a set that was made, and show it unless it is to be quiet."""
    from omnilab._files.writing import write_whole
    from omnilab.experiment.plausible.file import WORLDS_FORMAT, write_worlds
    from omnilab.report import print_document
    from omnilab.report.world_sets import set_document

    write_worlds(worlds, place)
    if json_to is not None:
        data = {"format": WORLDS_FORMAT, **worlds.about}
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        if json_to == "-":
            click.echo(text, nl=False)
        else:
            write_whole(json_to, text)
    if not quiet and json_to != "-":
        print_document(set_document(worlds))
    say(f"written to {place}", quiet=quiet)
