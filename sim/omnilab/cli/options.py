"""The options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from omnilab.cli.places import JSON, RUN_DIRECTORY

__all__ = ["CUSTOMERS", "ENGINES", "SEED", "experiment_options", "quiet_option"]

F = TypeVar("F", bound=Callable[..., Any])

ENGINES = click.Choice(["auto", "simpy", "compiled"])
CUSTOMERS = click.IntRange(1, 10**9)
THREADS = click.IntRange(1, 1024)
CHUNK = click.IntRange(1, 10**6)
REPLICATIONS = click.IntRange(1, 100_000)
SEED = click.IntRange(0, 2**63 - 1)


def quiet_option(function: F) -> F:
    """Add ``--quiet``."""
    return click.option("-q", "--quiet", is_flag=True, help="Print errors and warnings only.")(
        function
    )


def experiment_options(function: F) -> F:
    """Add the options that ``compare`` and ``run`` share."""
    options = [
        click.option(
            "--customers", type=CUSTOMERS, metavar="N", help="Customers; the scenario's by default."
        ),
        click.option(
            "--replications", type=REPLICATIONS, default=1, show_default=True, metavar="N",
            help="Populations, each with draws of its own.",
        ),
        click.option("--seed", type=SEED, default=1, show_default=True, metavar="N"),
        click.option(
            "--engine", type=ENGINES, default="auto", show_default=True,
            help="The results are the same under each.",
        ),
        click.option(
            "--threads", type=THREADS, metavar="N",
            help="Threads of the compiled engine; one a core by default.",
        ),
        click.option(
            "--chunk", type=CHUNK, metavar="N",
            help="Cells (a few households) that a thread takes at once; memory grows with it.",
        ),
        click.option(
            "--out", type=RUN_DIRECTORY, metavar="DIR",
            help="Run directory; runs/<scenario>-<digest> by default. One of the same run is "
            "replaced.",
        ),
        click.option(
            "--json", "json_to", type=JSON, metavar="FILE|-",
            help="Write the results as JSON; - for stdout, without the report.",
        ),
        quiet_option,
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function
