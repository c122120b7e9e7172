"""A sweep's runs side by side, one a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any

from omnilab.experiment.sweep.planned import Planned
from omnilab.experiment.sweep.running import Outcome, Stopped, run_group
from omnilab.experiment.sweep.sharing import Group, Models

__all__ = ["Pool", "Progress", "Task"]

#: What is being done and how much of it is, 0 to 1.
Progress = Callable[[str, float], None]
#: A group of points and a seed.
Task = tuple[Group, int]


class Pool:
    """Runs tasks side by side, one a thread; few and large ones share the threads inside."""

    def __init__(self, planned: Planned, models: Models, say: Progress) -> None:
        self.planned, self.models, self.say = planned, models, say
        self.stop = Event()
        self.shares: dict[int, float] = {}

    def run(self, tasks: Sequence[Task], before: int) -> Any:
        """Yield the outcomes as they come."""
        if not tasks:
            return
        workers = min(self.planned.settings.threads, len(tasks))
        inner = max(1, self.planned.settings.threads // workers)
        weights = [len(group.points) for group, _ in tasks]
        total = before + sum(weights)
        with ThreadPoolExecutor(workers) as pool:
            try:
                running = {
                    pool.submit(self._one, number, task, inner): number
                    for number, task in enumerate(tasks)
                }
                left: set[Future[list[Outcome]]] = set(running)
                while left:
                    done, left = wait(left, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in sorted(done, key=lambda f: running[f]):
                        yield from future.result()
                    # By a copy: threads write to it meanwhile.
                    share = sum(weights[k] * part for k, part in list(self.shares.items()))
                    self.say("simulating", (before + share) / total)
            finally:
                self.stop.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def _one(self, number: int, task: Task, threads: int) -> list[Outcome]:
        group, seed = task
        settings = self.planned.settings

        def say(share: float) -> None:
            self.shares[number] = share

        try:
            found = run_group(
                group, self.models, seed=seed, replications=settings.replications,
                engine=settings.engine, threads=threads, chunk=settings.chunk, stop=self.stop,
                say=say,
            )  # fmt: skip
        except Stopped:
            return []
        say(1.0)
        return found
