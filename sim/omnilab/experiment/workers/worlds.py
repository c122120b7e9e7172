"""What several worlds on the same customers have done on a worker: chunks of cells in all of them.

The customers pair over all worlds, so a worker takes a chunk through each world, and adds it up
before anything goes over the wire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.statistics import Moments
from omnilab.experiment.workers.wire import dumps, loads

if TYPE_CHECKING:
    from omnilab.experiment.job import Job
    from omnilab.measure.ratio import Measure

__all__ = ["Added", "Turn", "WorldsShare", "run_turn"]

_REPLICATIONS: Final = 2  # whose runners a worker keeps


@dataclass(frozen=True)
class Turn:
    """Some cells of a replication: the first, and the one after the last."""

    replication: int
    low: int
    high: int


@dataclass
class Added:
    """What a turn adds up to over the strategies of all worlds."""

    moments: Moments
    digests: list[int]
    events: list[int]
    high: int


class WorldsShare:
    """What all turns have in common: a job for each world.

    Parameters
    ----------
    jobs
        One a world.
    measures
        Those to keep moments of.
    """

    def __init__(self, jobs: Sequence[Job], measures: Mapping[str, Measure]) -> None:
        self.jobs, self.measures = list(jobs), dict(measures)
        self._runners: dict[int, list[Any]] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Give what a worker makes the same jobs of: each world's strategies know their own."""
        parts = [
            dumps((job.scenario, job.strategies, job.status_quo, job.model), job.scenario)
            for job in self.jobs
        ]
        asked = self.jobs[0].request
        given = {"seed": asked.seed, "engine": asked.engine, "tables": False, "chunk": asked.chunk}
        return _shared, (parts, given, self.measures)

    def runners(self, replication: int) -> list[Any]:
        """Return the runners of a replication, one a world."""
        with self._lock:
            if replication not in self._runners:
                self._runners[replication] = [job.begin(replication).runner for job in self.jobs]
                while len(self._runners) > _REPLICATIONS:
                    del self._runners[next(iter(self._runners))]
                for runner in self._runners[replication]:
                    runner.warm_up()
            return self._runners[replication]


def _shared(
    parts: Sequence[bytes], given: dict[str, Any], measures: dict[str, Measure]
) -> WorldsShare:
    """Make at a worker what `WorldsShare.__reduce__` gave."""
    from omnilab.experiment.job import Job
    from omnilab.experiment.request import Request

    jobs = []
    for part in parts:
        scenario, strategies, status_quo, model = loads(part)
        job = Job(scenario, strategies, model, Request(**given))
        job.status_quo = status_quo
        jobs.append(job)
    return WorldsShare(jobs, measures)


def run_turn(share: WorldsShare, turn: Turn) -> Iterator[Added]:
    """Take some cells through each world, and yield what they add up to."""
    names = [name for job in share.jobs for name in job.names]
    results = []
    for runner in share.runners(turn.replication):
        results += list(runner.run_cells([(turn.low, turn.high)], 1))
    moments = Moments(names, share.measures)
    moments.add(np.concatenate([r.block for r in results], axis=1))
    yield Added(
        moments, [d for r in results for d in r.digests], [e for r in results for e in r.events],
        turn.high,
    )  # fmt: skip
