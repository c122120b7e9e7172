"""What a comparison has done: ranges of cells of a replication, here or on a worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.statistics import Moments

if TYPE_CHECKING:
    from omnilab.engine.result import ChunkResult
    from omnilab.experiment.beside import BesideSums
    from omnilab.experiment.job import Job

__all__ = ["Part", "Ranges", "Share", "run_ranges"]

#: Runners that a worker keeps: with ranges taken ahead two replications are worked on at a time,
#: and one may begin with the strategies of equal volume.
_RUNNERS: Final = 3


@dataclass(frozen=True)
class Ranges:
    """Some ranges of a replication's cells, taken one after the other.

    Attributes
    ----------
    replication
        Which.
    cells
        Of the whole replication.
    ranges
        First cell, and the one after the last.
    wide
        Whether the strategies of equal volume run too.
    last
        Whether the replication ends with it.
    number
        Of the file that its log makes, from 0; -1 where it makes none.
    beside
        Customers of the replication who have the strategies of equal volume; told by the last.
    """

    replication: int
    cells: int
    ranges: tuple[tuple[int, int], ...]
    wide: bool = False
    last: bool = False
    beside: int = 0
    number: int = -1


@dataclass
class Part:
    """What one range adds up to.

    Attributes
    ----------
    ranges
        Of which ranges it is one.
    result
        Totals; on a worker the cells' own sums are left out where nobody needs them.
    first
        Number of its first customer.
    last
        Whether it is the last of its replication.
    moments, beside
        The sums of its cells, where they were added up already: integers, so that adding the
        parts gives the same in any order.
    file
        The log of all ranges, with the last of them, where it makes a file.
    """

    ranges: Ranges
    result: ChunkResult
    first: int
    last: bool
    moments: Moments | None = None
    beside: Moments | None = None
    file: bytes | None = None


class Share:
    """What all ranges of a comparison have in common: its job, and the runners in use.

    Parameters
    ----------
    job
        The comparison's.
    adds_up
        Whether parts are added up where they are made, so that little goes over the wire.
    runners
        How many are kept, of the latest replications.
    """

    def __init__(self, job: Job, *, adds_up: bool, runners: int = 1) -> None:
        self.job, self.adds_up, self.most = job, adds_up, runners
        self._runners: dict[tuple[int, bool], Any] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Give what a worker makes the same job of."""
        job = self.job
        asked = job.request
        given = {
            "seed": asked.seed, "engine": asked.engine, "tables": asked.tables,
            "chunk": asked.chunk, "against": asked.against, "beside": asked.beside,
            "keep_events": asked.keep_events or asked.recorder is not None, "parts": asked.parts,
        }  # fmt: skip
        parts = (job.scenario, job.strategies, job.status_quo, job.model)
        return _shared, (*parts, given, job.keep_customers, job.rule is not None)

    def runner(self, task: Ranges) -> Any:
        """Return the runner of a task's replication."""
        key = (task.replication, task.wide)
        with self._lock:
            if key not in self._runners:
                job = self.job
                people = None
                if task.wide:
                    people = job.population(job.keyed(task.replication))
                self._runners[key] = job.begin(task.replication, people).runner
                while len(self._runners) > self.most:
                    del self._runners[next(iter(self._runners))]
                self._runners[key].warm_up()
            return self._runners[key]


def _shared(
    scenario: Any, strategies: Any, status_quo: Any, model: Any, given: dict[str, Any],
    customers: bool, blocks: bool,
) -> Share:  # fmt: skip
    """Make at a worker what `Share.__reduce__` gave."""
    from omnilab.experiment.job import Job
    from omnilab.experiment.request import Request

    job = Job(scenario, strategies, model, Request(**given))
    job.status_quo = status_quo
    job.keep_customers = customers
    return Share(job, adds_up=not blocks, runners=_RUNNERS)


def run_ranges(share: Share, task: Ranges) -> Iterator[Part]:
    """Run some ranges of cells, and yield what each adds up to, in their order."""
    runner = share.runner(task)
    job = share.job
    last = task.ranges[-1][1]
    log = None if job.request.parts is None else job.request.parts.open()
    for result in runner.run_cells(task.ranges, job.request.threads):
        first = int(runner.population.first[result.low])
        part = Part(task, result, first, task.last and result.high == last)
        if log is not None:  # these rows go no further
            log.add(np.concatenate(result.rows[0]))
            result.rows = [[] for _ in result.rows]
            part.file = log.close() if result.high == last else None
        if share.adds_up:
            add_up(part, job.names, job.shared, job.beside)
        yield part


def add_up(
    part: Part, names: list[str], shared: tuple[str, ...], beside: BesideSums | None
) -> None:  # fmt: skip
    """Replace a part's sums of cells by their moments."""
    block = part.result.block
    n = len(names)
    part.moments = Moments(names, shared=shared)
    part.moments.add(np.ascontiguousarray(block[:, :n]))
    if beside is not None and block.shape[1] > n:
        part.beside = Moments(beside.moments.strategies)
        part.beside.add(np.ascontiguousarray(block[:, beside.places]))
    part.result.block = None
