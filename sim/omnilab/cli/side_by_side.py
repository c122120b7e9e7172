"""``omnilab compare A B``: scenarios side by side, as a sweep whose points are the scenarios."""

from __future__ import annotations

from collections.abc import Sequence

import click

__all__ = ["side_by_side"]


def side_by_side(
    context: click.Context, scenarios: Sequence[str], strategies: Sequence[str], *,
    customers: int | None, replications: int, seed: int, engine: str, threads: int | None,
    chunk: int | None, out: str | None, json_to: str | None, quiet: bool, against: str | None,
    alone: dict[str, object],
) -> None:  # fmt: skip
    """Compare the strategies in each scenario, and say whether the same one wins.

    ``alone`` has the options that are about one scenario, with what was given; none may be.
    """
    from omnilab._arguments import cores
    from omnilab.cli.sweeping import finish, read_sized
    from omnilab.errors import OptionError
    from omnilab.experiment.sweep import Settings

    for name in scenarios:
        if list(scenarios).count(name) > 1:
            raise OptionError(f"SCENARIO {name} is given twice")
    for option, given in alone.items():
        if given:
            raise OptionError(f"{option} is about one scenario: compare each by itself")
    read = {
        name: read_sized(name, customers, compared=not strategies) for name in scenarios
    }  # fmt: skip
    settings = Settings(
        seeds=(seed,), replications=replications, engine=engine, threads=threads or cores(),
        chunk=chunk, against=against,
    )  # fmt: skip
    finish(
        context, read, [], list(strategies) or None, settings, command="compare", measures=(),
        yes=True, out=out, json_to=json_to, quiet=quiet,
    )  # fmt: skip
