"""One attempt at a comparison: its replications, and what they add up to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from omnilab.draws.philox import make_key
from omnilab.engine.compiled import CellRunner
from omnilab.engine.hooks import Hooks
from omnilab.engine.result import ChunkResult, StrategySetup
from omnilab.engine.simpy_engine import SimpyRunner
from omnilab.errors import CapacityError
from omnilab.experiment.beside import BesideSums
from omnilab.experiment.comparison import Comparison, StrategyRun
from omnilab.experiment.differences import reference_among
from omnilab.experiment.estimate import Estimate as Expected
from omnilab.experiment.estimate import (
    check_memory,
    check_room,
    estimate,
    say_size,
    say_time,
)
from omnilab.experiment.notable import Notable, most_notable
from omnilab.experiment.pieces import pieces_of
from omnilab.experiment.request import Request
from omnilab.experiment.statistics import Moments
from omnilab.experiment.until import Sequential
from omnilab.experiment.workers.executor import executor_for
from omnilab.experiment.workers.ranges import Part, Share, run_ranges
from omnilab.log.digest import add_digests, hex_digest
from omnilab.lowering.cells import Population, cells_at_once, lay_out
from omnilab.lowering.model import with_key
from omnilab.lowering.money import costs_by_day
from omnilab.lowering.plan import lower_plan
from omnilab.measure.mailshots import OF_MAILSHOTS
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.strategy.maps import depends_on_map, map_of

if TYPE_CHECKING:
    from omnilab.errors import StrategyError
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.experiment.workers.executor import Executor
    from omnilab.kernels.compiling import Compiling
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.wiring import Wiring
    from omnilab.strategy.plan import Plan
    from omnilab.world.model import Model

__all__ = [
    "BRAND_REPLICATION",
    "CHUNK",
    "CHUNKS_A_THREAD",
    "CHUNK_ASKED",
    "RUNNERS",
    "Clock",
    "Job",
    "shared_measures",
    "step_of",
]

#: Cells in a chunk: memory is that of one chunk, whatever the population. As many as are added up
#: in one go (exact.BLOCK_ROWS) cost least each.
CHUNK = {"compiled": 2048, "simpy": 256}
#: The same where strategies have `decide`: a chunk's cells take turns, so they had better stay in
#: the cache; but each has messages to ask about, and a batch of few is slow in NumPy.
CHUNK_ASKED = 512
#: The same where a recorder takes the log, of which a chunk's rows are held.
CHUNK_RECORDED = 128
#: Chunks for each thread: towns are few, and a thread that has none left waits for the others.
CHUNKS_A_THREAD = 4
RUNNERS = {"compiled": CellRunner, "simpy": SimpyRunner}
#: Replications differ in the world's key; the brand's own chances have a key of theirs.
BRAND_REPLICATION = 1 << 30
_PARTED = ("by_channel", "by_journey", "by_persona")
_MOST = 1 << 61  # sums of all customers: far enough from where whole numbers begin anew


@dataclass
class Clock:
    """How long a comparison has taken, with what a killed run took before it."""

    started: float
    compiling: Compiling
    before_s: float = 0.0
    compiled_before_s: float = 0.0

    @property
    def elapsed_s(self) -> float:
        """Seconds by the clock."""
        return self.before_s + time.perf_counter() - self.started

    @property
    def compile_s(self) -> float:
        """Of these, the compiling."""
        return self.compiled_before_s + self.compiling.seconds


class Begun(NamedTuple):
    """A replication that is to run: runner, cells, and how many of them a thread takes at once."""

    runner: Any
    population: Population
    step: int


def shared_measures(model: Model) -> tuple[str, ...]:
    """Return the measures for which all customers of a replication have something in common.

    Mailshots have one effect on seeing for all who get them, whatever their cell.
    """
    return OF_MAILSHOTS if model.mailshot.sd > 0.0 else ()


class Job:
    """One attempt at a comparison.

    Parameters
    ----------
    scenario, strategies
        What is compared.
    model
        The scenario's, calibrated.
    request
        What is asked for; a plain comparison by default.
    """

    def __init__(
        self,
        scenario: Scenario,
        strategies: Sequence[LoadedStrategy],
        model: Model,
        request: Request | None = None,
    ) -> None:
        asked = request or Request()
        self.scenario, self.strategies, self.model = scenario, list(strategies), model
        self.request = asked
        self.replications = asked.replications  # with `--until` they become more
        self.names = names = [s.name for s in strategies]
        usual = reference_among(names, scenario.brand.status_quo, asked.against)
        self.reference = names.index(usual or names[0])
        self.keep_customers = asked.customers is not None
        self.notable: list[list[Notable]] = [[] for _ in (names if asked.tables else ())]
        self.beside = None if asked.beside is None else BesideSums(asked.beside, names)
        auto = asked.engine == "auto"
        self.engine = "compiled" if auto else asked.engine
        self.note = "auto took the compiled engine: it can run all of it" if auto else ""
        self.shared = shared_measures(model)
        self.moments = Moments(names, shared=self.shared)
        self.digests = [0] * len(strategies)
        self.counts = [0] * len(strategies)
        self.tables: dict[str, list[Any]] = {}
        self.rows: list[list[Any]] = [[] for _ in strategies]
        until = asked.until
        self.rule = None if until is None else Sequential(until, tuple(names), usual)

    @property
    def derived(self) -> tuple[LoadedStrategy, ...]:
        """The strategies of equal volume."""
        return () if self.request.beside is None else self.request.beside.derived

    def run(self, clock: Clock | None = None, checkpoint: Checkpoint | None = None) -> None:
        """Run all replications that a killed run has not finished."""
        done = 0
        if checkpoint is not None and clock is not None:
            done = self._resume(clock, checkpoint)
        kept = self.request.keep_events or self.request.customers is not None
        executor = executor_for(self.request.threads)
        share = Share(self, adds_up=executor.divides and self.rule is None)
        while done < self.replications:
            work = pieces_of(self, range(done, self.replications), executor)
            for part in executor.in_order(run_ranges, work, share):
                self._take(part)
                if not part.last:
                    continue
                self.moments.end_replication()
                done += 1
                if self.rule is not None and done == self.replications:
                    self._look(done)
                more = done < self.replications and not kept
                if checkpoint is not None and clock is not None and more:
                    checkpoint.save(self._all_names, self._state(done, clock))

    @property
    def recorded(self) -> bool:
        """Whether the log is taken chunk by chunk."""
        return self.request.recorder is not None or self.request.parts is not None

    def _look(self, done: int) -> None:
        """Ask the rule that says when to stop how many replications there are to be."""
        assert self.rule is not None
        self.replications = self.rule.look(self.moments, done)
        if done < self.replications:
            self.request.say(self.rule.says(self.replications), done / self.replications)

    def keyed(self, replication: int) -> Model:
        """Return the model with the key of a replication."""
        return with_key(self.model, self.request.seed, replication)

    def begin(self, replication: int, population: Population | None = None) -> Begun:
        """Return a replication's runner, its cells, and how many of them a thread takes at once.

        Given the cells, the strategies of equal volume run too.
        """
        model = self.keyed(replication)
        also = () if population is None else self.derived
        people = self.population(model) if population is None else population
        # A plug-in may carry state from call to call; every replication starts afresh.
        setups = [self.setup(s.copy(), model, replication) for s in self.strategies]
        setups += [self.setup(s.copy(), model, replication, beside=True) for s in also]
        runner = self.runner(model, setups, people, replication)
        step = self.request.chunk or self.step(people, learns=any(s.learns for s in setups))
        return Begun(runner, people, step)

    @property
    def learns(self) -> bool:
        """Whether all cells are taken side by side, since what is learned is used on all."""
        return any(s.learns for s in (*self.strategies, *self.derived))

    def step(self, people: Population, *, learns: bool, slots: int = 0) -> int:
        """Return how many cells a thread or worker takes at once; ``slots``: how many there are."""
        most = CHUNK[self.engine]
        if self.recorded:
            most = CHUNK_RECORDED
        elif self.engine == "compiled" and not learns and any(s.decides for s in self.strategies):
            most = min(most, CHUNK_ASKED)
        return step_of(people, most, slots or self.request.threads, learns=learns)

    def _resume(self, clock: Clock, checkpoint: Checkpoint) -> int:
        """Take in what a killed run had finished; return its number of replications."""
        state = checkpoint.load(self._all_names)
        if state is None or not 0 < state["done"] < state["replications"]:
            return 0
        done: int = state["done"]
        self.replications = state["replications"]
        if self.rule is not None:
            self.rule.resume(state["until"])
        self.moments = Moments.from_state(state["moments"])
        self.digests, self.counts = state["digests"], state["counts"]
        self.tables = {
            name: [_filled(table) for table in tables] for name, tables in state["tables"].items()
        }
        self.notable = [[Notable(*one) for one in notable] for notable in state["notable"]]
        if self.beside is not None:
            self.beside.resume(state["beside"])
        clock.before_s, clock.compiled_before_s = state["elapsed_s"], state["compile_s"]
        what = f"taking up a stopped run after {done} of {self.replications} replications"
        self.request.say(what, done / self.replications)
        return done

    def _state(self, done: int, clock: Clock) -> dict[str, Any]:
        """Return what `_resume` needs, as JSON can hold it."""
        return {
            "done": done,
            "replications": self.replications,
            "until": None if self.rule is None else self.rule.state(),
            "moments": self.moments.state(),
            "digests": self.digests,
            "counts": self.counts,
            "tables": {name: [_sparse(t) for t in self.tables[name]] for name in self.tables},
            "notable": self.notable,
            "beside": None if self.beside is None else self.beside.state(),
            "elapsed_s": clock.elapsed_s,
            "compile_s": clock.compile_s,
        }

    def expected(
        self, population: Population, step: int, threads: int | None = None
    ) -> Expected:  # fmt: skip
        """Return what the run will take, from a pilot with strategies of its own."""
        model = with_key(self.model, self.request.seed, 0)
        setups = [self.setup(s.copy(), model, 0) for s in self.strategies]
        return estimate(
            self.runner(model, setups, population, 0), engine=self.engine, step=step,
            threads=threads or self.request.threads, replications=self.replications,
            keep=self.request.keep_events, recorded=self.recorded,
        )  # fmt: skip

    def announce(self, population: Population, step: int, executor: Executor) -> None:
        """Say what the run will take, and refuse what can't fit."""
        if executor.divides:
            expected = self.expected(population, step, threads=1)
            expected = expected._replace(seconds=expected.seconds / executor.slots)
            check_room(expected, executor.room)
            of_whom = " a worker"
        else:
            expected, of_whom = self.expected(population, step), ""
            check_memory(expected)
        self.request.say(
            f"simulating: about {say_time(expected.seconds)} and {say_size(expected.memory)}"
            f" of memory{of_whom} for {expected.rows / 1e6:.3g} million rows of the log", 0.0,
        )  # fmt: skip

    @cached_property
    def status_quo(self) -> LoadedStrategy:
        """The strategy of the burn-in."""
        return load_strategy(self.scenario.brand.status_quo, self.scenario)

    def population(self, model: Model) -> Population:
        """Return the customers of a model with its key, in their cells."""
        return lay_out(
            model,
            self.scenario.population.customers,
            self.scenario.population.per_cell,
        )

    def runner(
        self, model: Model, setups: list[StrategySetup], population: Population, replication: int
    ) -> Any:
        """Return the engine's runner of a replication."""
        plan = lower_plan(self.status_quo.plan, self.scenario, key=self._brand_key(replication))
        keep = self.request.keep_events or self.recorded
        return RUNNERS[self.engine](
            self.scenario, model, plan, setups, population, keep=keep, reference=self.reference,
            customers=self.keep_customers,
        )  # fmt: skip

    def _brand_key(self, replication: int) -> tuple[int, int]:
        a, b = make_key(self.request.seed, BRAND_REPLICATION + replication)
        return int(a), int(b)

    @property
    def _all_names(self) -> list[str]:
        """What a checkpoint is of."""
        return [*self.names, *(s.name for s in self.derived)]

    def setup(
        self, loaded: LoadedStrategy, model: Model, replication: int, *, beside: bool = False
    ) -> StrategySetup:
        """Return a strategy as an engine takes it, for one replication."""
        plan = lower_plan(
            loaded.plan, self.scenario, decides=loaded.decides, key=self._brand_key(replication)
        )
        hooks = None
        if loaded.decides or loaded.learns:
            hooks = Hooks(loaded, self.scenario, int(model.key.mask))
        return StrategySetup(loaded.name, plan, hooks, tables=self.request.tables and not beside)

    def _take(self, part: Part) -> None:
        """Add what a range of cells adds up to, and say how far the run is."""
        result, replication = part.result, part.ranges.replication
        n = len(self.strategies)  # those of equal volume come after them
        if part.moments is not None:
            self.moments.merge(part.moments)
            if self.beside is not None and part.beside is not None:
                self.beside.moments.merge(part.beside)
        else:
            block = np.ascontiguousarray(result.block[:, :n])
            self.moments.add(block)
            if self.beside is not None and result.block.shape[1] > n:
                self.beside.take(result.block)
            if self.rule is not None:
                self.rule.take(block)
        if self.request.parts is not None and part.file is not None:
            self.request.parts.write(part.ranges.number, part.file)
        if self.beside is not None and part.last:
            self.beside.customers += part.ranges.beside
        self._add_tables(result, replication, part.first)
        done = (replication + result.high / part.ranges.cells) / self.replications
        self.request.say("simulating", done)

    def _add_tables(self, result: ChunkResult, replication: int, first: int) -> None:
        """Add all of a range but the sums of its cells."""
        n = len(self.strategies)
        for s in range(len(self.strategies)):
            self.digests[s] = add_digests(self.digests[s], result.digests[s])
            self.counts[s] += result.events[s]
            self.rows[s].extend(result.rows[s] if self.request.keep_events else [])
        if self.request.recorder is not None:
            self.request.recorder.add(np.concatenate(result.rows[0]))
        if self.request.customers is not None:
            rows = dict(zip(self.names, result.customers, strict=True))
            self.request.customers.add(replication, first, rows)
        for s, found in enumerate(result.notable):
            self.notable[s] = most_notable(self.notable[s], found, replication)
        own = {name: getattr(result, name)[:n] for name in _PARTED}
        for name, tables in {**own, **result.tables}.items():
            kept = self.tables.get(name)
            self.tables[name] = (
                [a + b for a, b in zip(kept, tables, strict=True)] if kept else list(tables)
            )
            if any(np.abs(table).max(initial=0) >= _MOST for table in self.tables[name]):
                raise CapacityError(
                    "the sums of all customers reach 2^61: have fewer customers, or give amounts of"
                    " money in thousands"
                )

    def _map(self, plan: Plan) -> Wiring | None:
        return map_of(plan, self.scenario) if depends_on_map(plan) else None

    def comparison(self, failures: dict[str, StrategyError], clock: Clock) -> Comparison:
        """Return what has been added up."""
        names = self.names
        tables = {n: dict(zip(names, table, strict=True)) for n, table in self.tables.items()}
        return Comparison(
            scenario=self.scenario,
            engine=self.engine,
            engine_note=self.note,
            seed=self.request.seed,
            customers=self.scenario.population.customers,
            replications=self.replications,
            strategies=[
                StrategyRun(
                    s.name,
                    hex_digest(d),
                    e,
                    wiring=self._map(s.plan),
                    costs=costs_by_day(s.plan, self.scenario),
                )
                for s, d, e in zip(self.strategies, self.digests, self.counts, strict=True)
            ],
            moments=self.moments,
            failures=failures,
            elapsed_s=clock.elapsed_s,
            compile_s=clock.compile_s,
            **{name: tables.pop(name) for name in _PARTED},
            observed=tables,
            notable=dict(zip(names, self.notable, strict=True)) if self.notable else {},
            held_against=names[self.reference],
            events=dict(zip(names, self.rows, strict=True)) if self.request.keep_events else {},
            until=None if self.rule is None else self.rule.result(self.moments, self.replications),
            quick=self.request.quick,
            equal=None if self.beside is None else self.beside.found(),
        )


def _sparse(table: Any) -> list[Any]:
    """Return a table as its shape, the places of what is not 0, and that."""
    at = np.flatnonzero(table)
    return [table.shape, at.tolist(), table.ravel()[at].tolist()]


def _filled(kept: Sequence[Any]) -> Any:
    """Return the table that `_sparse` wrote."""
    table = np.zeros(kept[0], dtype=np.int64)
    table.ravel()[kept[1]] = kept[2]
    return table


def step_of(people: Population, most: int, threads: int, *, learns: bool = False) -> int:
    """Return how many cells a thread takes at once.

    Parameters
    ----------
    people
        The cells.
    most
        How many, where they are small.
    threads
        Threads that take them.
    learns
        All chunks are held at once, and each has its own working space: so they are few.
    """
    step = cells_at_once(most, people.per_cell)
    even = -(-people.n_cells // (CHUNKS_A_THREAD * threads))
    if learns:
        return max(step, even)
    return step if step == most else min(step, max(even, 1))
