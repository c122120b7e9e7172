"""A sweep's runs side by side, on threads or on workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from omnilab.experiment.sweep.planned import Planned
from omnilab.experiment.sweep.running import Outcome, run_group
from omnilab.experiment.sweep.sharing import Group, Models
from omnilab.experiment.workers.executor import Beat, executor_for

__all__ = ["Pool", "Progress", "Task"]

#: What is being done and how much of it is, 0 to 1.
Progress = Callable[[str, float], None]
#: A group of points and a seed.
Task = tuple[Group, int]


@dataclass
class _Common:
    """What all runs have in common; a worker makes its own models."""

    replications: int
    engine: str
    chunk: int | None
    models: Models = field(default_factory=Models)

    def __reduce__(self) -> tuple[type[_Common], tuple[int, str, int | None]]:
        return _Common, (self.replications, self.engine, self.chunk)


class Pool:
    """Runs tasks side by side; few and large ones share the threads inside."""

    def __init__(self, planned: Planned, models: Models, say: Progress) -> None:
        self.planned, self.models, self.say = planned, models, say

    def run(self, tasks: Sequence[Task], before: int) -> Iterator[Outcome]:
        """Yield the outcomes as they come."""
        settings = self.planned.settings
        weights = [len(group.points) for group, _ in tasks]
        total = before + sum(weights)

        def tell(shares: Mapping[int, float]) -> None:
            share = sum(weights[k] * part for k, part in shares.items())
            self.say("simulating", (before + share) / total)

        common = _Common(settings.replications, settings.engine, settings.chunk, self.models)
        executor = executor_for(settings.threads)
        for _, found in executor.as_done(_run, tasks, common, tell):
            yield from found


def _run(common: _Common, task: Task, beat: Beat) -> list[Outcome]:
    group, seed = task
    return run_group(
        group, common.models, seed=seed, replications=common.replications, engine=common.engine,
        threads=beat.threads, chunk=common.chunk, stop=beat.stop, say=beat.say,
    )  # fmt: skip
