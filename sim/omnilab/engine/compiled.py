"""The compiled engine: a cell at a time, from its birth through every strategy, while in cache."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from omnilab.cell.memory import SHARED, Cell, Shape, allocate, grow
from omnilab.cell.room import GROWING, ROW_BUFFER, SIGHTINGS
from omnilab.engine.ask import Asked, nothing_asked, widen
from omnilab.engine.books import (
    KEPT_ROWS,
    Books,
    clear_books,
    keep_more,
    make_books,
    seat_customers,
    sight_more,
)
from omnilab.engine.bound import bind_work
from omnilab.engine.compiled_loop import TOGETHER, make_work
from omnilab.engine.loop import DONE, FULL, SHORT
from omnilab.engine.result import ChunkResult, StrategySetup
from omnilab.kernels.bundle import BundleList
from omnilab.log.digest import words_of
from omnilab.lowering.cells import Population
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.world.model import Model

__all__ = ["CellRunner", "days", "in_order"]

#: Messages in one call of `decide`, at most.
ASKED = 1 << 14
#: Bytes of the objects around a kept cell's arrays.
KEPT_OBJECTS = 9000


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
        self.spare: list[_Memory] = []  # of finished chunks
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

    def warm_up(self) -> None:
        """Compile the kernels, or take them from the cache."""
        if self.work is None:
            first = _Chunk(self, 0, 1)
            self.work = first.bind()
            self.spare.append(first.memory()._replace(kept=[]))  # those would be another chunk's

    def footprint(self) -> tuple[int, int]:
        """Return the bytes of a chunk and of each cell in it; after a pilot, as they have grown."""
        n = min(64, self.population.n_cells)
        one, many = _Chunk(self, 0, 1), _Chunk(self, 0, n)
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
            chunk = _Chunk(self, low, high)
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

        def begin(one: tuple[int, int]) -> _Chunk:
            chunk = _Chunk(self, *one)
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


class _Memory(NamedTuple):
    """What a chunk works in: the running cell, that of the burn-in, kept ones, and the books."""

    cell: Cell
    start: Cell
    kept: list[Cell]
    burn: Books | None
    books: list[Books | None]


class _Chunk:
    """A range of cells on its way."""

    def __init__(self, runner: CellRunner, low: int, high: int) -> None:
        self.runner, self.low, self.high = runner, low, high
        population, strategies = runner.population, runner.strategies
        n = high - low
        spare = self._spare()
        self.burn = self._books(spare.burn, 1, population.largest, runner.keep, tables=True)
        persons = int(population.first[high] - population.first[low])
        self.books = [
            self._books(
                old, n, population.largest if s.hooks is None else persons,
                runner.keep or s.learns, tables=s.tables, discount_rate=s.discount_rate,
            )
            for s, old in zip(strategies, spare.books, strict=True)
        ]  # fmt: skip
        for books in self.books:
            seat_customers(books, int(population.first[low]), int(population.first[high]))
        hooked, n_kept = [], 0
        for setup in strategies:
            hooked.append(-1 if setup.hooks is None else n_kept)
            n_kept += 0 if setup.hooks is None else n
        self.cell, self.start, self.kept = spare.cell, spare.start, spare.kept
        self._keep(n_kept)
        self.work = make_work(
            low, high, population.per_cell, runner.times, hooked, population.sizes,
            population.first,
        )  # fmt: skip
        self.asked: dict[int, Asked] = {}
        self.before: list[Any] = []  # rows of the burn-in, which belong to every log
        self.taken: list[list[Any]] = [[] for _ in strategies]
        self.day: list[list[Any]] = [[] for _ in strategies]
        self._lists = (
            BundleList(self.books, self.burn), BundleList(self.kept, self.cell)
        )  # fmt: skip

    def _books(
        self, old: Books | None, cells: int, persons: int, keep: bool, *, tables: bool,
        discount_rate: float | None = None,
    ) -> Books:  # fmt: skip
        """Return empty books: those of another chunk if they fit, or new ones."""
        if old is not None and len(old.sums) == cells and len(old.people) >= persons:
            clear_books(old)
            return old
        runner = self.runner
        books = make_books(
            runner.scenario, persons, runner.journeys, cells, keep=KEPT_ROWS if keep else 0,
            tables=tables, discount_rate=discount_rate,
        )  # fmt: skip
        keep_more(books, runner.shape.sizes(runner.population.largest)["row"])
        return books

    def _spare(self) -> _Memory:
        """Return the memory of another chunk, which is done, or new memory."""
        try:
            return self.runner.spare.pop()
        except IndexError:
            sizes = self.runner.shape.sizes(self.runner.population.largest)
            none: list[Books | None] = [None] * len(self.runner.strategies)
            return _Memory(allocate(sizes), allocate(sizes), [], None, none)

    def _keep(self, n_kept: int) -> None:
        """Have so many cells beside the running one."""
        runner, kept = self.runner, self.kept
        shared = {name: getattr(self.cell, name) for name in SHARED}
        sizes = runner.shape.sizes(runner.population.largest, row=1, tape=1)
        for k in range(len(kept), n_kept):
            if runner.learns:  # all cells are in memory at once: each has no more than it needs
                first = runner.population.first
                number = self.low + k % (self.high - self.low)
                persons = int(first[number + 1] - first[number])
                sizes = runner.shape.sizes(persons, row=1, tape=1)
            kept.append(allocate(sizes).replaced(**shared))

    def size(self) -> int:
        """Return the bytes of all arrays; of kept cells also those of their objects."""
        parts = [self.cell, self.start, self.burn, *self.books, *self.kept]
        arrays = {id(a): a.nbytes for part in parts for a in part.arrays().values()}
        return sum(arrays.values()) + KEPT_OBJECTS * len(self.kept)

    def _kept_size(self) -> int:
        """Return the bytes of the kept cells, without the working space that all of them share."""
        own = {
            id(a): a.nbytes
            for cell in self.kept
            for name, a in cell.arrays().items()
            if name not in SHARED
        }
        return sum(own.values()) + KEPT_OBJECTS * len(self.kept)

    def stream(self) -> None:
        """Take all cells through the burn-in, and on to the end where no hook is in between."""
        self._drive(self._nothing_asked(), 0)

    def bind(self) -> Callable[..., int]:
        """Compile the kernel for such a chunk, or take it from the cache."""
        return bind_work(*self._arguments(self._nothing_asked()))

    def _nothing_asked(self) -> Asked:
        return nothing_asked(len(self.runner.scenario.channels))

    def together(self, s: int, until: int) -> None:
        """Bring the cells of a strategy with hooks to a moment, side by side."""
        w = self.work.w
        n = self.high - self.low
        w.mode, w.strategy, w.until, w.waiting = TOGETHER, s, until, n
        w.next = w.again = w.answered = 0
        self.work.live[:] = int(self.work.hooked[s]) + np.arange(n)
        hooks = self.runner.strategies[s].hooks
        assert hooks is not None
        if s not in self.asked:
            self.asked[s] = hooks.make_asked(ASKED)
        widen(self.asked[s], max(len(self.kept[i].copy) for i in self.work.live))
        self._drive(self.asked[s], s)

    def _drive(self, asked: Asked, s: int) -> None:
        """Call the kernel until it is done, and do what it stops for."""
        runner = self.runner
        arguments = self._arguments(asked)
        work = runner.work
        assert work is not None
        w = self.work.w
        while (why := work(*arguments)) != DONE:
            if why == SHORT:
                self._grow(int(w.whose), int(w.short), asked)
            elif why == FULL:
                self._take_rows(int(w.strategy))
            else:
                hooks = runner.strategies[s].hooks
                assert hooks is not None
                hooks.answer(asked)
                w.answered = 1

    def _grow(self, whose: int, number: int, asked: Asked) -> None:
        """Give the cell ``whose`` (as in `Work`) more room, and those who take from it too."""
        if number == SIGHTINGS:
            sight_more(self.books[int(self.work.w.strategy)])
            return
        cell = self.kept[whose] if whose >= 0 else (self.start, self.cell)[whose + 2]
        name = GROWING[number] if number < len(GROWING) else ""
        if whose >= 0 and name in SHARED:
            if len(getattr(self.cell, name)) <= len(getattr(cell, name)):
                grow(self.cell, number)
            cell.set(name, getattr(self.cell, name))
        else:
            grow(cell, number)
        if number == ROW_BUFFER:
            cell.set("word", words_of(cell.row))
            for books in (self.burn, *self.books):
                keep_more(books, len(cell.row))
        widen(asked, len(cell.copy) if self.work.w.mode == TOGETHER else 0)

    def _arguments(self, asked: Asked) -> tuple[Any, ...]:
        runner = self.runner
        return (
            self.work, self.cell, self.start, runner.model, runner.status_quo, self.burn,
            runner.plans, *self._lists, asked,
        )  # fmt: skip

    def _take_rows(self, s: int) -> None:
        """Take kept rows out of the books of a strategy, or of the burn-in (-1)."""
        books, taken = (self.burn, self.before) if s < 0 else (self.books[s], self.taken[s])
        taken.append(books.kept[: int(books.keeps[1])].copy())
        books.keeps[1] = 0

    def take_day(self, s: int) -> list[Any]:
        """Return the rows since the last call that `learn` is told of."""
        self._take_rows(s)
        rows = self.taken[s]
        self.taken[s] = []
        self.day[s].extend(rows if self.runner.keep else [])
        hooks = self.runner.strategies[s].hooks
        assert hooks is not None
        return [hooks.told(block) for block in rows]

    def result(self) -> ChunkResult:
        """Return what all cells add up to."""
        runner = self.runner
        result = ChunkResult(self.low, self.high, len(self.books))
        for s in range(len(self.books)):
            low, high, events = (int(x) for x in self.work.digest[s])
            result.count(s, low, high, events)
            if runner.keep:
                self._take_rows(s)
                result.rows[s] = [*self.before, *self.day[s], *self.taken[s]]
        first = runner.population.first
        result.take(self.books, first, runner.reference, customers=runner.customers)
        if runner.learns:
            runner.grown = max(runner.grown, self._kept_size() // (self.high - self.low))
        else:
            runner.spare.append(self.memory())
        return result

    def memory(self) -> _Memory:
        """Return what the chunk works in, for another one when this is done."""
        return _Memory(self.cell, self.start, self.kept, self.burn, [*self.books])
