"""Experiments on workers, from Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from omnilab._arguments import known_arguments, python_words, text, whole
from omnilab.errors import OptionError

__all__ = ["workers"]


@known_arguments
@contextmanager
def workers(number: int | None = None, *, cluster: str | None = None) -> Iterator[None]:
    """Have what is simulated inside a ``with`` block done on Dask's workers.

    That is comparisons, sweeps, ablations, checks, searches, evidence, claims, patterns and fits to
    logs. The results are the same. Local workers are new processes, which import the script that
    starts them: keep its work below ``if __name__ == "__main__":``.

    Parameters
    ----------
    number
        Processes of this machine, each with one thread; they end with the block.
    cluster
        The address of a Dask scheduler, such as ``"tcp://10.0.0.5:8786"``, in their place.

    Raises
    ------
    OptionError
        If neither or both are given, the workers can't be had, or one of them is another omnilab.
    """
    from omnilab.experiment.workers import work_on
    from omnilab.experiment.workers.cluster import dask_workers

    given: Any = None if number is None else whole("number", number, 1, 1024)
    if given is None and text("cluster", cluster) is None:
        raise OptionError("workers(): give a number of processes, or a cluster's address")
    with python_words(), dask_workers(given, cluster) as executor, work_on(executor):
        yield
