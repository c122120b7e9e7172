"""``--workers`` and ``--cluster``: where commands have their work done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

__all__ = ["on_workers", "refuse_workers", "workers_options"]

F = TypeVar("F", bound=Callable[..., Any])

_META: Final = "omnilab.workers"


def workers_options(function: F) -> F:
    """Add ``--workers`` and ``--cluster``."""

    def note(context: click.Context, option: click.Parameter, value: Any) -> None:
        if value is not None:
            context.meta.setdefault(_META, {})[option.name] = value

    options = [
        click.option(
            "--workers", type=click.IntRange(1, 1024), metavar="N", expose_value=False,
            callback=note,
            help="Processes of this machine in place of threads; needs pip install "
            "'omnilab[cluster]'.",
        ),
        click.option(
            "--cluster", metavar="tcp://HOST:PORT", expose_value=False, callback=note,
            help="Workers of a Dask cluster, by its scheduler's address; the results are the same "
            "bytes.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def refuse_workers(context: click.Context, why: str) -> None:
    """Refuse `workers_options` where nothing would be done on them.

    Raises
    ------
    OptionError
        Naming the option, and ``why``.
    """
    from omnilab.errors import OptionError

    for name in context.meta.get(_META, {}):
        raise OptionError(f"--{name}: {why}")


@contextmanager
def on_workers(context: click.Context) -> Iterator[None]:
    """Have the block's experiments done where `workers_options` say; by default on threads.

    Raises
    ------
    OptionError
        If the workers can't be had.
    """
    asked = context.meta.get(_META)
    if not asked:
        yield
        return
    from omnilab.experiment.workers import work_on
    from omnilab.experiment.workers.cluster import check_cluster, dask_workers

    check_cluster(asked.get("workers"), asked.get("cluster"), context.params.get("threads"))
    with dask_workers(asked.get("workers"), asked.get("cluster")) as executor, work_on(executor):
        yield
