"""The SimPy engine: each cell of customers is a SimPy process with its own agenda.

The reference to read and to debug. It orders events with SimPy's clock and Python's heap, shares
only the step functions with the compiled engine, keeps the whole log, and computes the measures
from the log afterwards.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from omnilab.cell import queue
from omnilab.cell.memory import SHARED, Cell, CellNumbers, Shape, allocate, grow
from omnilab.cell.room import GROWING, ITEMS
from omnilab.engine.ask import Asked, nothing_asked
from omnilab.engine.books import Books, make_books, seat_customers, sight_more
from omnilab.engine.bound import bind_steps
from omnilab.engine.compiled import days, in_order
from omnilab.engine.result import ChunkResult, StrategySetup
from omnilab.engine.simpy_lines import MOMENTS, Lines
from omnilab.engine.simpy_stock import StockMirror
from omnilab.errors import StrategyError
from omnilab.kernels.record import dtype_of
from omnilab.log.rows import ROW
from omnilab.lowering.cells import Population
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.world.model import Model

__all__ = ["SimpyRunner"]

Item = tuple[int, int, int]

_ITEMS, _ROWS, _PENDING = (
    dict(dtype_of(CellNumbers).fields or {})[name][1] // 4 for name in ("items", "rows", "pending")
)

#: Arrays that are working space during one event and can serve all cells; each cell has its tape.
_SHARED = tuple({*SHARED, "item"} - {"tape"})
#: Those of them that may have to grow.
_SHARED_GROWING = ("row", "word", "note", "item")


class _Agenda:
    """One cell in a SimPy run: its state, its heap of items, its rows."""

    __slots__ = ("cell", "counts", "growths", "heap", "index", "lines", "rows", "stock", "waiting")

    def __init__(self, index: int, cell: Cell, lines: Lines) -> None:
        self.index, self.cell, self.lines = index, cell, lines
        self.growths = -1  # of the shared arrays, that the cell knows of
        # Records are slow to read from Python, a plain view of their memory is not.
        self.counts = cell.arrays()["meta"].view(np.ndarray).view(np.int32)
        self.heap: list[Item] = []
        self.rows: list[Any] = []
        self.waiting = False
        self.stock: StockMirror | None = None


class SimpyRunner:
    """Runs chunks of cells on SimPy; same parameters and results as `CellRunner`."""

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
        self.strategies, self.population, self.keep = strategies, population, keep
        self.failed: StrategyError | None = None
        self.journeys = max([len(status_quo.journey), *(len(s.plan.journey) for s in strategies)])
        self.shape = Shape.of(model, [status_quo, *(s.plan for s in strategies)])
        self.shared = allocate(self.shape.sizes(population.largest))
        self.growths = 0
        self._look()
        self.burn = self._books(1)
        asked = nothing_asked(len(scenario.channels))
        self.asked: dict[str, Asked] = {}  # by strategy, used again
        self.kernels = bind_steps(self.shared, model, status_quo, self.burn, asked)
        self.switch, self.end, self.run_end = (
            int(x) for x in (model.clock.switch, model.clock.end, model.clock.run_end)
        )

    def _look(self) -> None:
        """Take plain views of the shared rows and items."""
        self.row_words = self.shared.arrays()["word"]
        self.item_words = (
            self.shared.arrays()["item"].view(np.ndarray).view(np.int64).reshape(-1, 3)
        )

    def _books(
        self, cells: int, *, tables: bool = True, discount_rate: float | None = None
    ) -> Books:
        return make_books(
            self.scenario, self.population.largest, self.journeys, cells, tables=tables,
            discount_rate=discount_rate,
        )  # fmt: skip

    def run(self, step: int, threads: int = 1) -> Iterator[ChunkResult]:
        """Run all cells and yield what each chunk adds up to; one thread, whatever is asked."""
        n = self.population.n_cells
        yield from self.run_cells([(i, min(i + step, n)) for i in range(0, n, step)], threads)

    @property
    def learns(self) -> bool:
        """Whether all cells are held at once."""
        return any(s.learns for s in self.strategies)

    def let_go(self) -> None:
        """Do nothing: a chunk's memory is its own."""

    def warm_up(self) -> None:
        """Do nothing: the kernels were bound when the runner was made."""

    def footprint(self) -> tuple[int, int]:
        """Return the bytes of a chunk and of each cell in it, its log of a year left out."""
        cells = [self._cell(self.population.largest), self.shared]
        own, shared = (sum(a.nbytes for a in c.arrays().values()) for c in cells)
        return shared, own - shared + 10_000

    def run_cells(
        self, ranges: Sequence[tuple[int, int]], threads: int = 1
    ) -> Iterator[ChunkResult]:
        """Run some ranges of cells, which follow each other; see `run`."""
        del threads  # SimPy has one clock
        if self.learns:  # what is learned from one is used on all
            ranges = [(ranges[0][0], ranges[-1][1])]
        for low, high in ranges:
            yield self._run_chunk(low, high)

    def _run_chunk(self, low: int, high: int) -> ChunkResult:
        books = [
            self._books(high - low, tables=s.tables, discount_rate=s.discount_rate)
            for s in self.strategies
        ]
        first = self.population.first
        for b in books:
            seat_customers(b, int(first[low]), int(first[high]))
        result = ChunkResult(low, high, len(self.strategies))
        start = [self._born(cell) for cell in range(low, high)]
        self._simulate(start, self.status_quo, 0, self.switch, None)
        for agenda in start:
            self._end_messages(agenda, self.switch - 1)
        for s in range(len(self.strategies)):
            self._run_strategy(s, start, books[s], result, low)
        result.take(books, first, self.reference, customers=self.customers)
        return result

    def _cell(self, persons: int) -> Cell:
        """Make a cell whose working space is everybody's."""
        arrays = self.shared.arrays()
        return allocate(self.shape.sizes(persons), {name: arrays[name] for name in _SHARED})

    def _born(self, cell: int) -> _Agenda:
        household, sizes = self.population.households(cell)
        agenda = _Agenda(cell, self._cell(int(sizes.sum())), Lines(self.model))
        c = agenda.cell
        if self.model.stock.on == 1:
            agenda.stock = StockMirror(self.model)
        c.meta.outbox = 1
        self.kernels.start_cell(
            c, self.model, self.status_quo, cell, int(self.population.first[cell]), household, sizes
        )
        self._collect(agenda)
        return agenda

    def _run_strategy(
        self, s: int, start: list[_Agenda], books: Books, result: ChunkResult, low: int
    ) -> None:
        setup = self.strategies[s]
        agendas = [self._take_over(a, setup, books, a.index - low) for a in start]
        scores: list[Any] = []
        since = self.switch
        stops = (
            days(self.switch, self.end, self.run_end) if setup.learns else [self.end, self.run_end]
        )
        for stop in stops:
            told = [len(a.rows) for a in agendas]
            self._simulate(agendas, setup.plan, since, stop, setup)
            since = stop
            if setup.hooks is not None and setup.learns:
                new = [_rows_of(w) for a, n in zip(agendas, told, strict=True) for w in a.rows[n:]]
                setup.hooks.tell(
                    in_order([_rows_of(self.row_words[:0]), *new]), self.population, stop
                )
            if stop == self.end:
                scores = [self._score(a, books) for a in agendas]
        for agenda, burn_in, score in zip(agendas, start, scores, strict=True):
            self._end_messages(agenda, self.run_end)
            self._tally(agenda, burn_in, setup.plan, books, agenda.index - low, score)
            m = agenda.cell.meta
            result.count(s, m.digest[0], m.digest[1], m.events)
            if self.keep:
                result.rows[s].extend(_rows_of(w) for w in (*burn_in.rows, *agenda.rows))

    def _take_over(self, burn_in: _Agenda, setup: StrategySetup, books: Books, k: int) -> _Agenda:
        of = burn_in.cell
        cell = self._cell(int(of.meta.persons))
        for number, name in enumerate(GROWING):
            if name in ("tape", *_SHARED_GROWING):
                continue
            while len(getattr(cell, name)) < len(getattr(of, name)):
                grow(cell, number)
        agenda = _Agenda(burn_in.index, cell, burn_in.lines.copied())
        if burn_in.stock is not None:
            agenda.stock = StockMirror(self.model, burn_in.stock)
        cell.meta.outbox = 1
        of.meta.items = 0
        self.kernels.restore(cell, of, books, self.burn, k)
        agenda.heap = [item for item in burn_in.heap if _kind(item) < queue.COPY]
        heapify(agenda.heap)
        at = 0
        while (at := self.kernels.take_over(cell, of, setup.plan, at, self.switch)) >= 0:
            self._grow(agenda)
        self._collect(agenda)
        return agenda

    def _simulate(
        self, agendas: list[_Agenda], plan: LoweredPlan, since: int, until: int,
        setup: StrategySetup | None,
    ) -> None:  # fmt: skip
        env = simpy.Environment(initial_time=since)
        for agenda in agendas:
            if agenda.stock is not None:
                agenda.stock.enter(env)
            self._open_lines(env, agenda, plan)
            env.process(self._household(env, agenda, plan, until, setup))
        env.run()
        if self.failed is not None:
            raise self.failed

    def _household(
        self, env: simpy.Environment, agenda: _Agenda, plan: LoweredPlan, until: int,
        setup: StrategySetup | None,
    ) -> Generator[simpy.Event, None, None]:  # fmt: skip
        """Wait for the cell's next item and act on all that is due then, in order."""
        heap = agenda.heap
        while heap and _time(heap[0]) < until and self.failed is None:
            now = _time(heap[0])
            yield env.timeout(now - env.now)
            while heap and _time(heap[0]) == now:
                if agenda.waiting and _kind(heap[0]) != queue.SEND:
                    self._ask(agenda, plan, setup)
                    continue
                item = heappop(heap)
                if _kind(item) in MOMENTS:
                    yield from agenda.lines.act(env, agenda.cell, _kind(item), item[1], item[2])
                else:
                    self._act(agenda, plan, item)
            if agenda.waiting:
                self._ask(agenda, plan, setup)

    def _open_lines(self, env: simpy.Environment, agenda: _Agenda, plan: LoweredPlan) -> None:
        """Let those who wait in a cell's lines go on waiting."""

        def step(ticket: int, what: int) -> None:
            self._make_room(agenda, plan, 0)
            self.kernels.line_step(agenda.cell, self.model, plan, int(env.now), ticket, what)
            self._collect(agenda)

        agenda.lines.begin(env, step)

    def _ask(self, agenda: _Agenda, plan: LoweredPlan, setup: StrategySetup | None) -> None:
        assert setup is not None
        assert setup.hooks is not None
        agenda.waiting = False
        kernels, cell = self.kernels, agenda.cell
        asked = self.asked.get(setup.name)
        if asked is None or len(asked.slot) < len(cell.copy):
            asked = self.asked[setup.name] = setup.hooks.make_asked(len(cell.copy))
        kernels.ask(cell, plan, asked)
        try:
            setup.hooks.answer(asked)
        except StrategyError as error:
            # SimPy makes errors anew from their arguments, so they do not travel through it.
            self.failed = error
            agenda.heap.clear()
            return
        kernels.answer(cell, asked)
        self._share(agenda)
        while len(cell.item) < cell.meta.pending:
            cell.meta.short_of = ITEMS
            self._grow(agenda)
        kernels.resume(cell)
        self._collect(agenda)

    def _act(self, agenda: _Agenda, plan: LoweredPlan, item: Item) -> None:
        self._make_room(agenda, plan, int(_kind(item) == queue.WEEKLY))
        self.kernels.act(agenda.cell, self.model, plan, *item)
        self._collect(agenda)

    def _make_room(self, agenda: _Agenda, plan: LoweredPlan, weekly: int) -> None:
        """See to it that one event surely fits."""
        if agenda.growths != self.growths:
            self._share(agenda)
        while not self.kernels.room(agenda.cell, plan, weekly):
            self._grow(agenda)

    def _grow(self, agenda: _Agenda) -> None:
        number = int(agenda.cell.meta.short_of)
        if number >= len(GROWING) or GROWING[number] not in _SHARED:
            grow(agenda.cell, number)
            return
        grow(self.shared, number)
        self.growths += 1
        self._look()
        self._share(agenda)

    def _share(self, agenda: _Agenda) -> None:
        """Give a cell the shared arrays as they are now: another cell may have made them longer."""
        if agenda.growths == self.growths:
            return
        for name in _SHARED_GROWING:
            array = getattr(self.shared, name)
            if getattr(agenda.cell, name) is not array:
                agenda.cell.set(name, array)
        agenda.growths = self.growths

    def _collect(self, agenda: _Agenda) -> None:
        """Move new items to the heap and rows to the log."""
        counts = agenda.counts
        n = counts[_ITEMS]
        if n:
            heap = agenda.heap
            for word in self.item_words[:n].tolist():
                heappush(heap, tuple(word))
            counts[_ITEMS] = 0
        n = counts[_ROWS]
        if n:
            agenda.rows.append(self.row_words[:n].copy())
            if agenda.stock is not None:
                agenda.stock.follow(agenda.rows[-1], agenda.cell)
            counts[_ROWS] = 0
        if counts[_PENDING]:
            agenda.waiting = True

    def _score(self, agenda: _Agenda, books: Books) -> Any:
        books.sums[0:1].view(np.ndarray).view(np.int64)[:] = 0
        while len(books.owner) < len(self.scenario.silos) * agenda.cell.meta.nodes:
            sight_more(books)
        self.kernels.score_cell(agenda.cell, books, 0)
        return books.sums[0:1].copy()

    def _end_messages(self, agenda: _Agenda, t: int) -> None:
        self._share(agenda)
        self.kernels.end_messages(agenda.cell, t)
        self._collect(agenda)

    def _tally(
        self,
        agenda: _Agenda,
        burn_in: _Agenda,
        plan: LoweredPlan,
        books: Books,
        k: int,
        score: Any,
    ) -> None:
        """Compute the cell's sums from its log, the burn-in's rows first."""
        books.sums[k : k + 1] = score
        cell = agenda.cell
        self._share(agenda)
        buffer = self.row_words
        words = np.concatenate([*burn_in.rows, *agenda.rows])
        for at in range(0, len(words), len(buffer)):
            block = words[at : at + len(buffer)]
            buffer[: len(block)] = block
            agenda.counts[_ROWS] = len(block)
            self.kernels.book_rows(cell, books, k)
        self.kernels.finish_run(cell, plan, books, k)


def _rows_of(words: Any) -> Any:
    return words.view(ROW).reshape(-1)


def _time(item: Item) -> int:
    return item[0] >> 33


def _kind(item: Item) -> int:
    return (item[0] >> 27) & 0x3F
