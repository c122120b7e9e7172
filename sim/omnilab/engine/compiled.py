"""The compiled engine: a cell at a time, from its birth through every strategy, while in cache."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.cell.memory import Shape
from omnilab.engine.chunk import Chunk, Memory
from omnilab.engine.result import ChunkResult, StrategySetup
from omnilab.kernels.bundle import BundleList
from omnilab.lowering.cells import Population
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.world.model import Model

__all__ = ["CellRunner", "days", "in_order"]


def days(switch: int, end: int, run_end: int) -> list[int]:
    """Return the ends of the days from the switch to the run's end; the window's end is one."""
    ends = {*range(switch + 86400, run_end, 86400), end, run_end}
    return sorted(x for x in ends if x > switch)


def in_order(rows: list[Any]) -> Any:
    """Return rows of many cells in the log's order: (time, priority, person, seq)."""
    table = np.concatenate(rows).view(np.recarray)
    return table[np.lexsort((table.seq, table.person, table.priority, table.time))]


class CellRunner:
    """Runs cells of one scenario under a status quo and then under each strategy.

    Parameters
    ----------
    scenario, model
        The scenario, and its arrays with the key of one replication.
    status_quo
        Plan arrays of the burn-in's strategy.
    strategies
        What is compared, in order.
    population
        The cells.
    keep
        Keep the log's rows.
    reference
        The place of the strategy that the others are held against, customer by customer.
    customers
        Keep the rows of customers.
    """

    def __init__(
        self,
        scenario: Scenario,
        model: Model,
        status_quo: LoweredPlan,
        strategies: Sequence[StrategySetup],
        population: Population,
        *,
        keep: bool = False,
        reference: int = 0,
        customers: bool = False,
    ) -> None:
        self.scenario, self.model, self.status_quo = scenario, model, status_quo
        self.reference, self.customers = reference, customers
        self.strategies, self.population, self.keep = list(strategies), population, keep
        self.shape = Shape.of(model, [status_quo, *(s.plan for s in strategies)])
        self.plans = BundleList([s.plan for s in strategies], status_quo)
        self.journeys = max([len(status_quo.journey), *(len(s.plan.journey) for s in strategies)])
        self.work: Callable[..., int] | None = None  # bound once: all chunks are of one type
        self.spare: list[Memory] = []  # of finished chunks
        self.grown = 0  # bytes of a cell that was kept to the end of a run
        self.times = (int(model.clock.switch), int(model.clock.end), int(model.clock.run_end))

    def run(self, step: int, threads: int = 1) -> Iterator[ChunkResult]:
        """Run all cells, ``step`` of them a chunk, and yield what each chunk adds up to, in order.

        Parameters
        ----------
        step
            Cells in a chunk, >= 1; the results do not depend on it.
        threads
            Chunks that run at once, >= 1; nor on that.

        Raises
        ------
        StrategyError
            If a hook fails.
        """
        n = self.population.n_cells
        yield from self.run_cells([(i, min(i + step, n)) for i in range(0, n, step)], threads)

    def run_cells(
        self, ranges: Sequence[tuple[int, int]], threads: int = 1
    ) -> Iterator[ChunkResult]:
        """Run some ranges of cells; see `run`."""
        self.warm_up()
        with ThreadPoolExecutor(threads) as pool:
            try:
                if self.learns:
                    yield from self._run_learning(pool, ranges)
                else:
                    yield from self._run_apart(pool, ranges, threads)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    @property
    def learns(self) -> bool:
        """Whether all cells are held at once, since what is learned from one is used on all."""
        return any(s.learns for s in self.strategies)

    def let_go(self) -> None:
        """Give back the memory of finished chunks, which the next ones would have used again."""
        self.spare.clear()

    def warm_up(self) -> None:
        """Compile the kernels, or take them from the cache."""
        if self.work is None:
            first = Chunk(self, 0, 1)
            self.work = first.bind()
            self.spare.append(first.memory()._replace(kept=[]))  # those would be another chunk's

    def footprint(self) -> tuple[int, int]:
        """Return the bytes of a chunk and of each cell in it; after a pilot, as they have grown."""
        n = min(64, self.population.n_cells)
        one, many = Chunk(self, 0, 1), Chunk(self, 0, n)
        size = one.size()
        each = (many.size() - size) // (n - 1) if n > 1 else size
        kept = many._kept_size() // n  # the cells themselves grow, their books do not
        return max(size - each, 0), each + max(self.grown - kept, 0)

    def _stops(self, setup: StrategySetup) -> list[int]:
        """Return the moments at which a strategy's cells wait for each other."""
        return days(*self.times) if setup.learns else sorted(set(self.times[1:]))

    def _run_apart(
        self, pool: ThreadPoolExecutor, ranges: Sequence[tuple[int, int]], threads: int
    ) -> Iterator[ChunkResult]:
        """Run chunks that have nothing to do with each other; few at once are in memory."""

        def whole(low: int, high: int) -> ChunkResult:
            chunk = Chunk(self, low, high)
            chunk.stream()
            for s, setup in enumerate(self.strategies):
                if setup.hooks is not None:
                    for stop in self._stops(setup):
                        chunk.together(s, stop)
            return chunk.result()

        ahead: deque[Future[ChunkResult]] = deque()
        for low, high in ranges:
            ahead.append(pool.submit(whole, low, high))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _run_learning(
        self, pool: ThreadPoolExecutor, ranges: Sequence[tuple[int, int]]
    ) -> Iterator[ChunkResult]:
        """Run all chunks side by side a day at a time: what is learned from one is used on all."""

        def begin(one: tuple[int, int]) -> Chunk:
            chunk = Chunk(self, *one)
            chunk.stream()
            return chunk

        chunks = list(pool.map(begin, ranges))
        for s, setup in enumerate(self.strategies):
            if setup.hooks is None:
                continue
            for stop in self._stops(setup):
                list(pool.map(lambda chunk, s=s, stop=stop: chunk.together(s, stop), chunks))
                if setup.learns:
                    today = [rows for chunk in chunks for rows in chunk.take_day(s)]
                    setup.hooks.tell(in_order(today), self.population, stop)
        for chunk in chunks:
            yield chunk.result()
