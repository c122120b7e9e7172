"""Compare strategies on the same customers: the way from a scenario to moments."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from omnilab.draws.philox import make_key
from omnilab.engine.calibrate import calibrated_model
from omnilab.engine.compiled import CellRunner
from omnilab.engine.hooks import Hooks
from omnilab.engine.result import ChunkResult, StrategySetup
from omnilab.engine.simpy_engine import SimpyRunner
from omnilab.errors import CapacityError, StrategyError
from omnilab.experiment.checkpoint import Checkpoint
from omnilab.experiment.differences import reference_among
from omnilab.experiment.estimate import PILOT_CELLS, check_memory, estimate, say_size, say_time
from omnilab.experiment.estimate import Estimate as Expected
from omnilab.experiment.match import Match
from omnilab.experiment.notable import Notable, most_notable
from omnilab.experiment.statistics import Moments
from omnilab.experiment.until import Sequential, Until
from omnilab.kernels.compiling import Compiling, watch_compiling
from omnilab.log.digest import add_digests, hex_digest
from omnilab.lowering.cells import Population, lay_out
from omnilab.lowering.model import with_key
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.strategy.maps import depends_on_map, map_of

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.scenario.wiring import Wiring
    from omnilab.strategy.plan import Plan
    from omnilab.world.model import Model

__all__ = [
    "Comparison",
    "Job",
    "Recorder",
    "StrategyRun",
    "chunks_of",
    "compare",
    "person_rows",
    "twin_rows",
]

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


@dataclass(frozen=True)
class StrategyRun:
    """One strategy's log in numbers: its digest, its rows, and a remark.

    ``wiring`` is the silo map that it ran on, None where a map can change nothing.
    """

    name: str
    log_digest: str
    events: int
    note: str = ""
    wiring: Wiring | None = None


@dataclass
class Comparison:
    """What came out; every number is a function of scenario, seed and strategies."""

    scenario: Scenario
    engine: str
    engine_note: str
    seed: int
    customers: int
    replications: int
    strategies: list[StrategyRun]
    moments: Moments
    failures: dict[str, StrategyError]
    elapsed_s: float  # all of it
    compile_s: float = 0.0  # of that, compiling kernels: once a version
    by_channel: dict[str, Any] = field(default_factory=dict)
    by_journey: dict[str, Any] = field(default_factory=dict)
    by_persona: dict[str, Any] = field(default_factory=dict)
    events: dict[str, list[Any]] = field(default_factory=dict)
    observed: dict[str, dict[str, Any]] = field(default_factory=dict)  # table, strategy
    notable: dict[str, list[Notable]] = field(default_factory=dict)
    held_against: str = ""  # the strategy that the observed differences are against
    until: dict[str, Any] | None = None  # how `--until` ended, as result.json has it
    # Of equal volume; the moments have their strategies too, after those that were asked for.
    matches: tuple[Match, ...] = ()


class Customers(Protocol):
    """Takes the rows of customers while a comparison goes on."""

    def add(self, replication: int, first: int, rows: dict[str, Any]) -> None:
        """Take the rows of the customers from ``first`` on, for each strategy."""


class Recorder(Protocol):
    """Takes the log of a run of one strategy while it goes on."""

    def begin(self, model: Model, plan: LoweredPlan, population: Population) -> None:
        """Take what the run is made of."""

    def add(self, log: Any) -> None:
        """Take the rows of some whole cells, each cell's in the order in which it wrote them."""


def compare(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    *,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    keep_events: bool = False,
    threads: int = 1,
    chunk: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    checkpoint: Checkpoint | None = None,
    recorder: Recorder | None = None,
    until: Until | None = None,
    against: str | None = None,
    customers: Customers | None = None,
    matches: tuple[Match, ...] = (),
) -> Comparison:
    """Run strategies on the same customers.

    Parameters
    ----------
    scenario
        Validated; its ``population.customers`` is the size of each replication.
    strategies
        From `load_strategy`, names unique.
    replications
        Independent populations, >= 1.
    seed
        0 <= seed < 2**63.
    engine
        ``auto``, ``compiled`` or ``simpy``; the logs are equal.
    keep_events
        Keep the rows of the log.
    threads
        Threads of the compiled engine, >= 1; the results do not depend on it.
    chunk
        Cells that a thread takes at once, >= 1; a number that suits the engine by default.
    progress
        Called with what is being done and how much of it is, 0 to 1.
    checkpoint
        Where each finished replication is kept, and found again by a run that was killed.
    recorder
        Given the log's rows chunk by chunk, for a run of one strategy and one replication.
    until
        Go on, after ``replications``, until the differences' intervals are so narrow.
    against
        The strategy that these are taken against, and that customers are held against one by
        one; None for the usual one.
    customers
        Given the customers' rows chunk by chunk; no checkpoint is kept then.
    matches
        Strategies of equal volume that run beside, from `omnilab.experiment.equal_volume.derive`.

    Raises
    ------
    StrategyError
        If every strategy failed; a failure of some is in ``Comparison.failures``.
    """
    started = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    with watch_compiling(lambda: say("compiling kernels (once a version)", 0.0)) as compiling:
        model = calibrated_model(scenario)
        failures: dict[str, StrategyError] = {}
        left = [*strategies, *(s for match in matches for s in match.derived)]
        main = {s.name for s in strategies}
        while any(s.name in main for s in left):
            clock = _Clock(started, compiling)
            job = Job(scenario, left, model, replications, seed, engine, keep_events, say,
                      threads, chunk, recorder, until, against, customers, matches)  # fmt: skip
            try:
                job.run(clock, checkpoint)
            except StrategyError as error:
                name = error.strategy
                if all(s.name != name for s in left):
                    raise
                failures[name] = error
                left = [s for s in left if s.name != name]
                continue
            return job.comparison(failures, clock)
        raise next(iter(failures.values()))


@dataclass
class _Clock:
    """How long a comparison has taken, with what a killed run took before it."""

    started: float
    compiling: Compiling
    before_s: float = 0.0
    compiled_before_s: float = 0.0

    @property
    def elapsed_s(self) -> float:
        return self.before_s + time.perf_counter() - self.started

    @property
    def compile_s(self) -> float:
        return self.compiled_before_s + self.compiling.seconds


class Job:
    """One attempt at a comparison."""

    def __init__(
        self, scenario: Scenario, strategies: list[LoadedStrategy], model: Model,
        replications: int, seed: int, engine: str, keep: bool, say: Callable[[str, float], None],
        threads: int = 1, chunk: int | None = None, recorder: Recorder | None = None,
        until: Until | None = None, against: str | None = None,
        customers: Customers | None = None, matches: tuple[Match, ...] = (),
    ) -> None:  # fmt: skip
        beside = {s.name for match in matches for s in match.derived}
        self.main = tuple(s.name for s in strategies if s.name not in beside)
        usual = reference_among(self.main, scenario.brand.status_quo, against)
        self.reference = [s.name for s in strategies].index(usual or strategies[0].name)
        self.customers, self.keep_customers = customers, customers is not None
        self.notable: list[list[Notable]] = [[] for _ in strategies]
        self.threads, self.chunk, self.recorder = threads, chunk, recorder
        self.scenario, self.strategies, self.model = scenario, strategies, model
        self.replications, self.seed, self.keep, self.say = replications, seed, keep, say
        self.engine = "compiled" if engine == "auto" else engine
        self.note = (
            "auto took the compiled engine: it can run all of it" if engine == "auto" else ""
        )
        self.moments = Moments([s.name for s in strategies])
        self.digests = [0] * len(strategies)
        self.counts = [0] * len(strategies)
        self.tables: dict[str, list[Any]] = {}
        self.rows: list[list[Any]] = [[] for _ in strategies]
        self.matches = matches
        self.rule = None if until is None else Sequential(until, self.main, usual)

    def run(self, clock: _Clock, checkpoint: Checkpoint | None = None) -> None:
        """Run all replications that a killed run has not finished."""
        done = self._resume(clock, checkpoint) if checkpoint is not None else 0
        kept = self.keep or self.customers is not None
        while done < self.replications:
            self._replicate(done)
            done += 1
            if self.rule is not None and done == self.replications:
                self.replications = self.rule.look(self.moments, done)
                if done < self.replications:
                    self.say(self.rule.says(self.replications), done / self.replications)
            if checkpoint is not None and done < self.replications and not kept:
                checkpoint.save([s.name for s in self.strategies], self._state(done, clock))

    def begin(self, replication: int) -> tuple[Any, Population, int]:
        """Return a replication's runner, its cells, and how many of them a thread takes at once."""
        model = with_key(self.model, self.seed, replication)
        population = self._population(model)
        # A plug-in may carry state from call to call; every replication starts afresh.
        setups = [self._setup(s.copy(), model, replication) for s in self.strategies]
        runner = self._runner(model, setups, population, replication)
        step = self.chunk or self._step(population.n_cells, learns=any(s.learns for s in setups))
        if self.recorder is not None:
            self.recorder.begin(model, setups[0].plan, population)
        return runner, population, step

    def _replicate(self, replication: int) -> None:
        runner, population, step = self.begin(replication)
        if replication == 0 and population.n_cells >= 40 * PILOT_CELLS[self.engine]:
            self._announce(population, step)  # short runs are not announced
        for result in runner.run(step, self.threads):
            self._take(result, replication, int(population.first[result.low]))
            done = (replication + result.high / population.n_cells) / self.replications
            self.say("simulating", done)

    def _step(self, n_cells: int, *, learns: bool) -> int:
        """Return how many cells a thread takes at once."""
        if self.recorder is not None:
            return CHUNK_RECORDED
        if learns:  # all chunks are held at once, and each has its own working space
            return max(CHUNK[self.engine], -(-n_cells // (4 * self.threads)))
        asked = self.engine == "compiled" and any(s.decides for s in self.strategies)
        return min(CHUNK[self.engine], CHUNK_ASKED) if asked else CHUNK[self.engine]

    def _resume(self, clock: _Clock, checkpoint: Checkpoint) -> int:
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
        self.say(what, done / self.replications)
        return done

    def _state(self, done: int, clock: _Clock) -> dict[str, Any]:
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
        model = with_key(self.model, self.seed, 0)
        setups = [self._setup(s.copy(), model, 0) for s in self.strategies]
        return estimate(
            self._runner(model, setups, population, 0), engine=self.engine, step=step,
            threads=self.threads, replications=self.replications, keep=self.keep,
            recorded=self.recorder is not None,
        )  # fmt: skip

    def _announce(self, population: Population, step: int) -> None:
        """Say what the run will take, and refuse what can't fit."""
        expected = self.expected(population, step)
        check_memory(expected)
        self.say(
            f"simulating: about {say_time(expected.seconds)} and {say_size(expected.memory)}"
            f" of memory for {expected.rows / 1e6:.3g} million rows of the log", 0.0,
        )  # fmt: skip

    @cached_property
    def status_quo(self) -> LoadedStrategy:
        """The strategy of the burn-in."""
        return load_strategy(self.scenario.brand.status_quo, self.scenario)

    def _population(self, model: Model) -> Population:
        return lay_out(
            model,
            self.scenario.population.customers,
            self.scenario.population.households_per_cell,
        )

    def _runner(
        self, model: Model, setups: list[StrategySetup], population: Population, replication: int
    ) -> Any:
        plan = lower_plan(self.status_quo.plan, self.scenario, key=self._brand_key(replication))
        keep = self.keep or self.recorder is not None
        return RUNNERS[self.engine](
            self.scenario, model, plan, setups, population, keep=keep, reference=self.reference,
            customers=self.keep_customers,
        )  # fmt: skip

    def _brand_key(self, replication: int) -> tuple[int, int]:
        a, b = make_key(self.seed, BRAND_REPLICATION + replication)
        return int(a), int(b)

    def _setup(self, loaded: LoadedStrategy, model: Model, replication: int) -> StrategySetup:
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
            self.rows[s].extend(result.rows[s] if self.keep else [])
        if self.recorder is not None:
            self.recorder.add(np.concatenate(result.rows[0]))
        names = [s.name for s in self.strategies]
        if self.customers is not None:
            self.customers.add(replication, first, dict(zip(names, result.customers, strict=True)))
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

    def _map(self, plan: Plan) -> Wiring | None:
        return map_of(plan, self.scenario) if depends_on_map(plan) else None

    def comparison(self, failures: dict[str, StrategyError], clock: _Clock) -> Comparison:
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
            seed=self.seed,
            customers=self.scenario.population.customers,
            replications=self.replications,
            strategies=[
                StrategyRun(s.name, hex_digest(d), e, wiring=self._map(s.plan))
                for s, d, e in zip(self.strategies, self.digests, self.counts, strict=True)
                if s.name in self.main
            ],
            moments=self.moments,
            failures=failures,
            elapsed_s=clock.elapsed_s,
            compile_s=clock.compile_s,
            **{name: tables.pop(name) for name in _PARTED},
            observed=tables,
            notable=main(self.notable),
            held_against=names[self.reference],
            events=dict(zip(names, self.rows, strict=True)) if self.keep else {},
            until=None if self.rule is None else self.rule.result(self.moments, self.replications),
            matches=self.matches,
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


def chunks_of(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    *,
    seed: int,
    replication: int = 0,
    step: int = 128,
    keep: bool = False,
) -> Generator[tuple[int, float, ChunkResult], None, None]:
    """Yield the customers of one replication chunk by chunk: first customer, share done, chunk.

    Parameters
    ----------
    scenario, strategies, seed, replication
        Of a comparison.
    step
        Cells of a chunk.
    keep
        Keep the rows of the log too.
    """
    model = with_key(calibrated_model(scenario), seed, replication)
    job = Job(scenario, list(strategies), model, 1, seed, "compiled", keep, lambda _w, _s: None)
    job.keep_customers = True
    population = job._population(model)
    setups = [job._setup(s.copy(), model, replication) for s in strategies]
    for result in job._runner(model, setups, population, replication).run(step):
        share = result.high / population.n_cells
        yield int(population.first[result.low]), share, result


def person_rows(
    scenario: Scenario,
    strategy: LoadedStrategy,
    customer: int,
    *,
    seed: int,
    replication: int = 0,
) -> Any:
    """Return one customer's whole timeline under a strategy: rows of the log, burn-in included.

    Only the customer's cell is simulated, since no other can change it (strategies that learn
    from the whole population need the whole run).
    """
    (rows,) = twin_rows(scenario, [strategy], customer, seed=seed, replication=replication)
    return rows


def twin_rows(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    customer: int,
    *,
    seed: int,
    replication: int = 0,
    calibrated: Model | None = None,
) -> list[Any]:
    """Return one customer's timeline under each strategy, as `person_rows` does.

    Parameters
    ----------
    scenario, strategies, customer, seed, replication
        As those of `person_rows`.
    calibrated
        The scenario's model from `calibrated_model`, where it is made already.
    """
    model = with_key(calibrated or calibrated_model(scenario), seed, replication)
    job = Job(scenario, list(strategies), model, 1, seed, "compiled", True, lambda _w, _s: None)
    population = job._population(model)
    setups = [job._setup(strategy.copy(), model, replication) for strategy in strategies]
    cell = population.cell_of(customer)
    runner = job._runner(model, setups, population, replication)
    (result,) = runner.run_cells([(cell, cell + 1)])
    found = [np.concatenate(rows).view(np.recarray) for rows in result.rows]
    return [rows[rows.person == customer] for rows in found]
