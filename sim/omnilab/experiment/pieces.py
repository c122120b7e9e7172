"""How a comparison is cut into pieces: ranges of cells, for threads or for workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from omnilab.experiment.estimate import PILOT_CELLS
from omnilab.experiment.workers.ranges import Ranges

if TYPE_CHECKING:
    from omnilab.experiment.job import Job
    from omnilab.experiment.workers.executor import Executor

__all__ = ["CELLS_IN_FILE", "pieces_of"]

#: Cells whose log makes one file of a data set: some ten row groups for most scenarios.
CELLS_IN_FILE: Final = 512

#: The first of some cells, and the one after the last.
_Range = tuple[int, int]


def pieces_of(job: Job, replications: range, executor: Executor) -> Iterator[Ranges]:
    """Yield what some replications of a comparison consist of, in order.

    Executors that divide get ranges one by one, others all of a replication at once. The ranges
    themselves change no result. The rows of a log come as its chunks do, so where a log is taken
    they are the same on threads and on workers.

    Parameters
    ----------
    job, replications
        The comparison, and which of its replications.
    executor
        What they are for.
    """
    asked, beside = job.request, job.beside
    before = 0 if beside is None else beside.customers
    number = -1 if asked.parts is None else 0
    for replication in replications:
        model = job.keyed(replication)
        people = job.population(model)
        n = people.n_cells
        step = asked.chunk or job.step(
            people, learns=job.learns, slots=asked.threads if job.recorded else executor.slots
        )
        if asked.recorder is not None:
            first = job.setup(job.strategies[0], model, replication)
            asked.recorder.begin(model, first.plan, people)
        if replication == 0 and n >= 40 * PILOT_CELLS[job.engine]:
            job.announce(people, step, executor)  # short runs are not announced
        if replication == 0 and executor.divides:
            job.begin(0).runner.warm_up()  # compiled once here, and not by each worker
        cells = 0 if beside is None else beside.cells(people, before, whole=job.learns)
        wide = int(people.first[cells])
        before += wide
        for low, high in ((0, cells), (cells, n)):
            ranges = [(at, min(at + step, high)) for at in range(low, high, step)]
            for some in _cut(job, ranges, whole=job.learns or not executor.divides):
                yield Ranges(
                    replication, n, tuple(some), wide=low < cells, last=some[-1][1] == n,
                    beside=wide, number=number,
                )  # fmt: skip
                number += 0 if asked.parts is None else 1


def _cut(job: Job, ranges: list[_Range], *, whole: bool) -> list[list[_Range]]:
    """Return which ranges are one piece: all, those whose log is one file, or each alone."""
    if not ranges:
        return []
    together = len(ranges) if whole else 1
    if job.request.parts is not None and not job.learns:
        together = max(1, CELLS_IN_FILE // (ranges[0][1] - ranges[0][0]))
    return [ranges[at : at + together] for at in range(0, len(ranges), together)]
