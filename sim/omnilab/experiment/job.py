"""One attempt at a comparison: its replications, and what they add up to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.draws.philox import make_key
from omnilab.engine.compiled import CellRunner
from omnilab.engine.hooks import Hooks
from omnilab.engine.result import ChunkResult, StrategySetup
from omnilab.engine.simpy_engine import SimpyRunner
from omnilab.errors import CapacityError
from omnilab.experiment.comparison import Comparison, StrategyRun
from omnilab.experiment.differences import reference_among
from omnilab.experiment.estimate import PILOT_CELLS, check_memory, estimate, say_size, say_time
from omnilab.experiment.estimate import Estimate as Expected
from omnilab.experiment.notable import Notable, most_notable
from omnilab.experiment.request import Request
from omnilab.experiment.statistics import Moments
from omnilab.experiment.until import Sequential
from omnilab.log.digest import add_digests, hex_digest
from omnilab.lowering.cells import Population, lay_out
from omnilab.lowering.model import with_key
from omnilab.lowering.plan import lower_plan
from omnilab.strategy.loading import LoadedStrategy, load_strategy

if TYPE_CHECKING:
    from omnilab.errors import StrategyError
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.kernels.compiling import Compiling
    from omnilab.scenario.model import Scenario
    from omnilab.world.model import Model

__all__ = ["BRAND_REPLICATION", "CHUNK", "CHUNK_ASKED", "RUNNERS", "Clock", "Job"]

#: Cells in a chunk: memory is that of one chunk, whatever the population. As many as are added up
#: in one go (exact.BLOCK_ROWS) cost least each.
CHUNK = {"compiled": 2048, "simpy": 256}
#: The same where strategies have `decide`: a chunk's cells take turns, so they had better stay in
#: the cache; but each has messages to ask about, and a batch of few is slow in NumPy.
CHUNK_ASKED = 512
#: The same where a recorder takes the log, of which a chunk's rows are held.
CHUNK_RECORDED = 128
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


class Job:
    """One attempt at a comparison.

    Parameters
    ----------
    scenario, strategies
        Those of equal volume are among the strategies.
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
        beside = {s.name for match in asked.matches for s in match.derived}
        self.main = tuple(s.name for s in strategies if s.name not in beside)
        usual = reference_among(self.main, scenario.brand.status_quo, asked.against)
        self.reference = [s.name for s in strategies].index(usual or strategies[0].name)
        self.keep_customers = asked.customers is not None
        self.notable: list[list[Notable]] = [[] for _ in strategies]
        auto = asked.engine == "auto"
        self.engine = "compiled" if auto else asked.engine
        self.note = "auto took the compiled engine: it can run all of it" if auto else ""
        self.moments = Moments([s.name for s in strategies])
        self.digests = [0] * len(strategies)
        self.counts = [0] * len(strategies)
        self.tables: dict[str, list[Any]] = {}
        self.rows: list[list[Any]] = [[] for _ in strategies]
        until = asked.until
        self.rule = None if until is None else Sequential(until, self.main, usual)

    def run(self, clock: Clock, checkpoint: Checkpoint | None = None) -> None:
        """Run all replications that a killed run has not finished."""
        done = self._resume(clock, checkpoint) if checkpoint is not None else 0
        kept = self.request.keep_events or self.request.customers is not None
        while done < self.replications:
            self._replicate(done)
            done += 1
            if self.rule is not None and done == self.replications:
                self.replications = self.rule.look(self.moments, done)
                if done < self.replications:
                    self.request.say(self.rule.says(self.replications), done / self.replications)
            if checkpoint is not None and done < self.replications and not kept:
                checkpoint.save([s.name for s in self.strategies], self._state(done, clock))

    def begin(self, replication: int) -> tuple[Any, Population, int]:
        """Return a replication's runner, its cells, and how many of them a thread takes at once."""
        model = with_key(self.model, self.request.seed, replication)
        population = self.population(model)
        # A plug-in may carry state from call to call; every replication starts afresh.
        setups = [self.setup(s.copy(), model, replication) for s in self.strategies]
        runner = self.runner(model, setups, population, replication)
        step = self.request.chunk or self._step(
            population.n_cells, learns=any(s.learns for s in setups)
        )
        if self.request.recorder is not None:
            self.request.recorder.begin(model, setups[0].plan, population)
        return runner, population, step

    def _replicate(self, replication: int) -> None:
        runner, population, step = self.begin(replication)
        if replication == 0 and population.n_cells >= 40 * PILOT_CELLS[self.engine]:
            self._announce(population, step)  # short runs are not announced
        for result in runner.run(step, self.request.threads):
            self._take(result, replication, int(population.first[result.low]))
            done = (replication + result.high / population.n_cells) / self.replications
            self.request.say("simulating", done)

    def _step(self, n_cells: int, *, learns: bool) -> int:
        """Return how many cells a thread takes at once."""
        if self.request.recorder is not None:
            return CHUNK_RECORDED
        if learns:  # all chunks are held at once, and each has its own working space
            return max(CHUNK[self.engine], -(-n_cells // (4 * self.request.threads)))
        asked = self.engine == "compiled" and any(s.decides for s in self.strategies)
        return min(CHUNK[self.engine], CHUNK_ASKED) if asked else CHUNK[self.engine]

    def _resume(self, clock: Clock, checkpoint: Checkpoint) -> int:
        """Take in what a killed run had finished; return its number of replications."""
        state = checkpoint.load([s.name for s in self.strategies])
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
            "elapsed_s": clock.elapsed_s,
            "compile_s": clock.compile_s,
        }

    def expected(self, population: Population, step: int) -> Expected:
        """Return what the run will take, from a pilot with strategies of its own."""
        model = with_key(self.model, self.request.seed, 0)
        setups = [self.setup(s.copy(), model, 0) for s in self.strategies]
        return estimate(
            self.runner(model, setups, population, 0), engine=self.engine, step=step,
            threads=self.request.threads, replications=self.replications,
            keep=self.request.keep_events, recorded=self.request.recorder is not None,
        )  # fmt: skip

    def _announce(self, population: Population, step: int) -> None:
        """Say what the run will take, and refuse what can't fit."""
        expected = self.expected(population, step)
        check_memory(expected)
        self.request.say(
            f"simulating: about {say_time(expected.seconds)} and {say_size(expected.memory)}"
            f" of memory for {expected.rows / 1e6:.3g} million rows of the log", 0.0,
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
            self.scenario.population.households_per_cell,
        )

    def runner(
        self, model: Model, setups: list[StrategySetup], population: Population, replication: int
    ) -> Any:
        """Return the engine's runner of a replication."""
        plan = lower_plan(self.status_quo.plan, self.scenario, key=self._brand_key(replication))
        keep = self.request.keep_events or self.request.recorder is not None
        return RUNNERS[self.engine](
            self.scenario, model, plan, setups, population, keep=keep, reference=self.reference,
            customers=self.keep_customers,
        )  # fmt: skip

    def _brand_key(self, replication: int) -> tuple[int, int]:
        a, b = make_key(self.request.seed, BRAND_REPLICATION + replication)
        return int(a), int(b)

    def setup(self, loaded: LoadedStrategy, model: Model, replication: int) -> StrategySetup:
        """Return a strategy as an engine takes it, for one replication."""
        plan = lower_plan(
            loaded.plan, self.scenario, decides=loaded.decides, key=self._brand_key(replication)
        )
        hooks = None
        if loaded.decides or loaded.learns:
            hooks = Hooks(loaded, self.scenario, int(model.key.mask))
        return StrategySetup(loaded.name, plan, hooks)

    def _take(self, result: ChunkResult, replication: int, first: int) -> None:
        self.moments.add(result.block)
        if self.rule is not None:
            self.rule.take(result.block)
        for s in range(len(self.strategies)):
            self.digests[s] = add_digests(self.digests[s], result.digests[s])
            self.counts[s] += result.events[s]
            self.rows[s].extend(result.rows[s] if self.request.keep_events else [])
        if self.request.recorder is not None:
            self.request.recorder.add(np.concatenate(result.rows[0]))
        names = [s.name for s in self.strategies]
        if self.request.customers is not None:
            self.request.customers.add(
                replication, first, dict(zip(names, result.customers, strict=True))
            )
        for s, found in enumerate(result.notable):
            self.notable[s] = most_notable(self.notable[s], found, replication)
        own = {name: getattr(result, name) for name in _PARTED}
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

    def comparison(self, failures: dict[str, StrategyError], clock: Clock) -> Comparison:
        """Return what has been added up."""
        names = [s.name for s in self.strategies]

        def main(of_all: Sequence[Any]) -> dict[str, Any]:
            # Strategies of equal volume have moments and breakdowns, and no tables.
            return {n: x for n, x in zip(names, of_all, strict=True) if n in self.main}

        tables = {
            name: dict(zip(names, table, strict=True)) if name in _PARTED else main(table)
            for name, table in self.tables.items()
        }
        return Comparison(
            scenario=self.scenario,
            engine=self.engine,
            engine_note=self.note,
            seed=self.request.seed,
            customers=self.scenario.population.customers,
            replications=self.replications,
            strategies=[
                StrategyRun(n, hex_digest(d), e)
                for n, d, e in zip(names, self.digests, self.counts, strict=True)
                if n in self.main
            ],
            moments=self.moments,
            failures=failures,
            elapsed_s=clock.elapsed_s,
            compile_s=clock.compile_s,
            **{name: tables.pop(name) for name in _PARTED},
            observed=tables,
            notable=main(self.notable),
            held_against=names[self.reference],
            events=dict(zip(names, self.rows, strict=True)) if self.request.keep_events else {},
            until=None if self.rule is None else self.rule.result(self.moments, self.replications),
            matches=self.request.matches,
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
