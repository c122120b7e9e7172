"""Run several worlds on the same customers, cell by cell, so that all their strategies pair.

`omnilab.experiment.compare.compare` runs the strategies of one scenario. Here a scenario may stand
beside changed copies of itself, each with strategies of its own. Every world has the same seeds
and the same cells, so a cell's sums under all strategies of all worlds are one row of the moments.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.engine.calibrate import calibrated_model
from omnilab.errors import OptionError, StrategyError
from omnilab.experiment.estimate import PILOT_CELLS, check_memory, say_size, say_time
from omnilab.experiment.job import CHUNKS_A_THREAD, Job
from omnilab.experiment.request import Request, Say, silent
from omnilab.experiment.statistics import Moments
from omnilab.experiment.workers.executor import executor_for
from omnilab.experiment.workers.worlds import Turn, WorldsShare, run_turn
from omnilab.kernels.compiling import watch_compiling
from omnilab.log.digest import add_digests, hex_digest

if TYPE_CHECKING:
    from omnilab.engine.result import ChunkResult
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.workers.executor import Executor
    from omnilab.experiment.workers.worlds import Added
    from omnilab.lowering.cells import Population
    from omnilab.measure.ratio import Measure
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Together", "World", "run_together"]

#: Sums of a chunk that are held at once: cells times strategies.
_MOST_ROWS: Final = 1 << 14
#: Chunks of one world that run before the next world has its turn, for each thread.
_TURN: Final = 4
#: Seconds between two checkpoints within a replication.
SAVE_EVERY_S = 20.0


@dataclass(frozen=True)
class World:
    """A scenario and the strategies that are run in it; no two worlds share a strategy's name."""

    scenario: Scenario
    strategies: tuple[LoadedStrategy, ...]


@dataclass
class Together:
    """What came out: a function of scenarios, seed and strategies, whatever the chunks.

    Attributes
    ----------
    moments
        Over the strategies of all worlds.
    digests, events
        Of each strategy's log, by its name.
    failures
        Strategies that failed, and are in nothing else, by their names.
    engine
        Which one ran.
    elapsed_s, compile_s
        All seconds by the clock, those of a killed run too, and of these the compiling.
    """

    moments: Moments
    digests: dict[str, str]
    events: dict[str, int]
    failures: dict[str, StrategyError]
    engine: str
    elapsed_s: float
    compile_s: float = 0.0


@dataclass
class _Sums:
    """What has been added up so far, and how far that is."""

    moments: Moments
    digests: list[int]
    events: list[int]
    replication: int = 0
    cell: int = 0
    before_s: float = 0.0

    def take(self, results: Sequence[ChunkResult]) -> None:
        """Add a chunk's results, a world each."""
        self.moments.add(np.concatenate([r.block for r in results], axis=1))
        digests = [d for r in results for d in r.digests]
        self.digests = [add_digests(a, b) for a, b in zip(self.digests, digests, strict=True)]
        events = [e for r in results for e in r.events]
        self.events = [a + b for a, b in zip(self.events, events, strict=True)]
        self.cell = results[0].high

    def add(self, added: Added) -> None:
        """Add what a worker made of some cells."""
        self.moments.merge(added.moments)
        self.digests = [add_digests(a, b) for a, b in zip(self.digests, added.digests, strict=True)]
        self.events = [a + b for a, b in zip(self.events, added.events, strict=True)]
        self.cell = added.high

    def state(self, elapsed_s: float) -> dict[str, Any]:
        return {
            "replication": self.replication,
            "cell": self.cell,
            "moments": self.moments.state(),
            "digests": self.digests,
            "events": self.events,
            "elapsed_s": elapsed_s,
        }


@dataclass
class _Course:
    """One attempt to run all worlds."""

    worlds: Sequence[World]
    jobs: Sequence[Job]
    measures: Mapping[str, Measure]
    replications: int
    threads: int
    chunk: int | None
    say: Say
    checkpoint: Checkpoint | None
    started: float
    saved: float = field(default_factory=time.monotonic)

    @property
    def names(self) -> list[str]:
        return [s.name for world in self.worlds for s in world.strategies]

    def run(self) -> _Sums:
        sums = self._resumed()
        for replication in range(sums.replication, self.replications):
            self._replicate(sums)
            sums.replication, sums.cell = replication + 1, 0
            self._save(sums)
        return sums

    def _replicate(self, sums: _Sums) -> None:
        begun = [job.begin(sums.replication) for job in self.jobs]
        runners, populations = [b[0] for b in begun], [b[1] for b in begun]
        self._check_cells(populations)
        n = populations[0].n_cells
        learns = any(runner.learns for runner in runners)
        step = self.chunk or max(1, min([b[2] for b in begun] + [_MOST_ROWS // len(self.names)]))
        if sums.replication == 0 and n >= 40 * PILOT_CELLS[self.jobs[0].engine]:
            self._announce(populations, step)
        first = 0 if learns else sums.cell
        executor = executor_for(self.threads)
        if executor.divides and not learns:  # who learns sees all customers, so stays here
            self._on_workers(executor, sums, range(first, n, self._part(step, n, executor)), n)
            return
        ranges = [(low, min(low + step, n)) for low in range(first, n, step)]
        turn = len(ranges) if learns else _TURN * self.threads
        for at in range(0, len(ranges), turn):
            for results in self._turn(runners, ranges[at : at + turn]):
                sums.take(results)
                done = (sums.replication + sums.cell / n) / self.replications
                self.say("simulating", done)
            if not learns and time.monotonic() - self.saved >= SAVE_EVERY_S:
                self._save(sums)

    def _part(self, step: int, n: int, executor: Executor) -> int:
        """Return how many cells a worker takes at once: none waits long for the last one."""
        return self.chunk or max(1, min(step, -(-n // (CHUNKS_A_THREAD * executor.slots))))

    def _on_workers(self, executor: Executor, sums: _Sums, starts: range, n: int) -> None:
        """Have workers take chunks of cells through all worlds."""
        for job in self.jobs:
            job.begin(sums.replication).runner.warm_up()  # compiled once here, not by each worker
        turns = [Turn(sums.replication, low, min(low + starts.step, n)) for low in starts]
        share = WorldsShare(self.jobs, self.measures)
        for added in executor.in_order(run_turn, turns, share):
            sums.add(added)
            self.say("simulating", (sums.replication + sums.cell / n) / self.replications)
            if time.monotonic() - self.saved >= SAVE_EVERY_S:
                self._save(sums)

    def _turn(
        self, runners: Sequence[Any], ranges: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[ChunkResult, ...]]:
        """Run some chunks of cells in each world, and yield a chunk's results of all worlds."""
        if len(runners) == 1:
            yield from ((result,) for result in runners[0].run_cells(ranges, self.threads))
            return
        found = []
        for runner in runners:
            found.append(list(runner.run_cells(ranges, self.threads)))
            runner.let_go()  # else each world would hold a chunk's memory to the end
        yield from zip(*found, strict=True)

    def _check_cells(self, populations: Sequence[Population]) -> None:
        for population in populations[1:]:
            if not np.array_equal(population.first, populations[0].first):
                raise OptionError(
                    "the worlds have other households, so that their customers can't be paired: "
                    "change neither population.household_sizes nor households_per_cell"
                )

    def _announce(self, populations: Sequence[Population], step: int) -> None:
        """Say what the run will take, and refuse what can't fit."""
        expected = [j.expected(p, step) for j, p in zip(self.jobs, populations, strict=True)]
        most = max(e.memory for e in expected)
        total = expected[0]._replace(
            seconds=sum(e.seconds for e in expected),
            memory=most,
            rows=sum(e.rows for e in expected),
        )
        check_memory(total)
        self.say(
            f"simulating: about {say_time(total.seconds)} and {say_size(total.memory)}"
            f" of memory for {total.rows / 1e6:.3g} million rows of the log", 0.0,
        )  # fmt: skip

    def _resumed(self) -> _Sums:
        """Return what a killed run had added up, or nothing yet."""
        n = len(self.names)
        sums = _Sums(Moments(self.names, self.measures), [0] * n, [0] * n)
        state = None if self.checkpoint is None else self.checkpoint.load(self.names)
        if state is None:
            return sums
        sums.moments = Moments.from_state(state["moments"], self.measures)
        sums.digests, sums.events = state["digests"], state["events"]
        sums.replication, sums.cell = state["replication"], state["cell"]
        sums.before_s = state["elapsed_s"]
        done = f"{sums.replication} of {self.replications} replications"
        cells = f" and {sums.cell:,} cells" if sums.cell else ""
        self.say(f"taking up a stopped run after {done}{cells}", 0.0)
        return sums

    def _save(self, sums: _Sums) -> None:
        if self.checkpoint is not None:
            elapsed_s = sums.before_s + time.perf_counter() - self.started
            self.checkpoint.save(self.names, sums.state(elapsed_s))
            self.saved = time.monotonic()


def run_together(
    worlds: Sequence[World],
    measures: Mapping[str, Measure],
    *,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int = 1,
    chunk: int | None = None,
    progress: Say | None = None,
    checkpoint: Checkpoint | None = None,
) -> Together:
    """Run all strategies of all worlds on the same customers.

    Parameters
    ----------
    worlds
        Each with one strategy at least. Their scenarios have the same customers in the same
        households; all else may differ.
    measures
        Those to keep moments of; few, since each takes all pairs of strategies.
    replications, seed, engine, threads, chunk, progress
        As `omnilab.experiment.compare.compare` takes them.
    checkpoint
        Where the sums are kept every 20 seconds, and found again by a run that was killed.

    Raises
    ------
    OptionError
        If the worlds have other households.
    StrategyError
        If every strategy failed; one that fails costs only itself.
    """
    started = time.perf_counter()
    say: Say = progress or silent
    request = Request(
        replications=replications, seed=seed, engine=engine, tables=False, threads=threads,
        chunk=chunk, say=say,
    )  # fmt: skip
    failures: dict[str, StrategyError] = {}
    with watch_compiling(lambda: say("compiling kernels (once a version)", 0.0)) as compiling:
        models = [calibrated_model(world.scenario) for world in worlds]
        pairs = list(zip(worlds, models, strict=True))
        while pairs:
            jobs = [Job(w.scenario, w.strategies, model, request) for w, model in pairs]
            course = _Course(
                [w for w, _ in pairs], jobs, measures, replications, threads, chunk, say,
                checkpoint, started,
            )  # fmt: skip
            try:
                sums = course.run()
            except StrategyError as error:
                if error.strategy not in course.names:
                    raise
                failures[error.strategy] = error
                pairs = _without(pairs, error.strategy)
                continue
            return Together(
                moments=sums.moments,
                digests=dict(zip(course.names, map(hex_digest, sums.digests), strict=True)),
                events=dict(zip(course.names, sums.events, strict=True)),
                failures=failures,
                engine=jobs[0].engine,
                elapsed_s=sums.before_s + time.perf_counter() - started,
                compile_s=compiling.seconds,
            )
    raise next(iter(failures.values()))


def _without(pairs: Sequence[tuple[World, Any]], name: str) -> list[tuple[World, Any]]:
    """Return the worlds without one strategy, and without a world that has no other."""
    left = []
    for world, model in pairs:
        kept = tuple(s for s in world.strategies if s.name != name)
        if kept:
            left.append((World(world.scenario, kept), model))
    return left
