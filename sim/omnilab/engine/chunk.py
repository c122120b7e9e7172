"""A range of cells on its way through the compiled engine, with the memory that it works in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from omnilab.cell.memory import SHARED, Cell, allocate, grow
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
from omnilab.engine.result import ChunkResult
from omnilab.kernels.bundle import BundleList
from omnilab.log.digest import words_of

if TYPE_CHECKING:
    from omnilab.engine.compiled import CellRunner

__all__ = ["Chunk", "Memory"]

#: Messages in one call of `decide`, at most.
ASKED = 1 << 14
#: Bytes of the objects around a kept cell's arrays.
KEPT_OBJECTS = 9000


class Memory(NamedTuple):
    """What a chunk works in: the running cell, that of the burn-in, kept ones, and the books."""

    cell: Cell
    start: Cell
    kept: list[Cell]
    burn: Books | None
    books: list[Books | None]


class Chunk:
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

    def _spare(self) -> Memory:
        """Return the memory of another chunk, which is done, or new memory."""
        try:
            return self.runner.spare.pop()
        except IndexError:
            sizes = self.runner.shape.sizes(self.runner.population.largest)
            none: list[Books | None] = [None] * len(self.runner.strategies)
            return Memory(allocate(sizes), allocate(sizes), [], None, none)

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
        self.drive(self._nothing_asked(), 0)

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
        self.drive(self.asked[s], s)

    def drive(self, asked: Asked, s: int) -> None:
        """Call the kernel until it is done; the strategy's hooks answer what it asks."""
        for table in self.waits(asked):
            hooks = self.runner.strategies[s].hooks
            assert hooks is not None
            hooks.answer(table)

    def waits(self, asked: Asked) -> Iterator[Asked]:
        """Call the kernel until it is done, do what it stops for, and yield what waits for answers.

        Whoever goes on has filled the answers in.
        """
        work = self.runner.work
        assert work is not None
        w, arguments = self.work.w, self._arguments(asked)
        while (why := work(*arguments)) != DONE:
            if why == SHORT:
                self._grow(int(w.whose), int(w.short), asked)
            elif why == FULL:
                self._take_rows(int(w.strategy))
            else:
                yield asked
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

    def memory(self) -> Memory:
        """Return what the chunk works in, for another one when this is done."""
        return Memory(self.cell, self.start, self.kept, self.burn, [*self.books])
