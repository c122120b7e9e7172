"""``omnilab compare SCENARIO --draws TABLE``: the comparison in worlds that a fit leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

__all__ = ["compare_drawn"]


def compare_drawn(
    context: click.Context, scenario: str, strategies: Sequence[str], *, draws: Path, worlds: int,
    customers: int | None, replications: int, seed: int, engine: str, threads: int | None,
    chunk: int | None, out: str | None, json_to: str | None, quiet: bool, against: str | None,
    alone: dict[str, object],
) -> None:  # fmt: skip
    """Compare the strategies in some of the worlds, and say whether the same one wins.

    ``alone`` has the options that are about one world, with what was given; none may be.
    """
    from omnilab._arguments import cores
    from omnilab.cli.sweeping import finish, read_sized
    from omnilab.errors import OptionError
    from omnilab.experiment.draws import drawn_worlds, read_draws
    from omnilab.experiment.sweep import Settings

    for option, given in alone.items():
        if given:
            raise OptionError(f"{option} is about one world: without --draws")
    base = read_sized(scenario, customers, compared=not strategies)
    drawn, weights = read_draws(draws, base)
    settings = Settings(
        seeds=(seed,), replications=replications, engine=engine, threads=threads or cores(),
        chunk=chunk, against=against,
    )  # fmt: skip
    finish(
        context, drawn_worlds(drawn, weights, base, worlds), [], list(strategies) or None, settings,
        command="compare", measures=(), yes=True, out=out, json_to=json_to, quiet=quiet,
    )  # fmt: skip
