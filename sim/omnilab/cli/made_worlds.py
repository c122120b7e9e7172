"""Write a set of plausible worlds, and show what it leaves open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from omnilab.cli.console import say
from omnilab.cli.giving import give

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
    from omnilab.experiment.plausible.file import WORLDS_FORMAT, write_worlds
    from omnilab.report.world_sets import set_document

    write_worlds(worlds, place)
    data = {"format": WORLDS_FORMAT, **worlds.about}
    give(data, set_document(worlds), json_to, quiet)
    say(f"written to {place}", quiet=quiet)
