"""The compiled engine: a cell at a time, from its birth through every strategy, while in cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from omnilab.engine.account import make_books
from omnilab.engine.bundle import Bundle
from omnilab.engine.cell import GROWING, allocate, first_sizes, grow
from omnilab.engine.dispatch import DONE, PENDING, SHORT
from omnilab.engine.kernels import bind
from omnilab.engine.people import Population
from omnilab.engine.result import ChunkResult, StrategySetup
from omnilab.scenario.model import Scenario

__all__ = ["CellRunner", "days", "in_order", "take_rows"]


def days(switch: int, end: int, run_end: int) -> list[int]:
    """Return the ends of the days from the switch to the run's end; the window's end is one."""
    ends = {*range(switch + 86400, run_end, 86400), end, run_end}
    return sorted(x for x in ends if x > switch)


def in_order(rows: list[Any]) -> Any:
    """Return rows of many cells in the log's order: (time, priority, person, seq)."""
    table = np.concatenate(rows).view(np.recarray)
    return table[np.lexsort((table.seq, table.person, table.priority, table.time))]


def take_rows(cell: Bundle) -> Any:
    """Return a copy of the cell's rows, and empty its buffer."""
    taken = cell.row[: cell.meta[0].rows].copy()
    cell.meta[0].rows = 0
    return taken


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
    """

    def __init__(
        self,
        scenario: Scenario,
        model: Bundle,
        status_quo: Bundle,
        strategies: Sequence[StrategySetup],
        population: Population,
        *,
        keep: bool = False,
    ) -> None:
        self.model, self.status_quo, self.strategies = model, status_quo, strategies
        self.population, self.keep = population, keep
        sizes = first_sizes(population.largest)
        self.cell, self.start = allocate(sizes), allocate(sizes)
        self.scenario = scenario
        self.burn = self._books(1)
        self.kernels = bind(self.cell, model, status_quo, self.burn)
        self.switch, self.end, self.run_end = (int(x) for x in model.clock[:3])

    def _books(self, cells: int) -> Bundle:
        journeys = [len(s.plan.journey) for s in self.strategies]
        return make_books(
            self.scenario,
            self.population.largest,
            max([len(self.status_quo.journey), *journeys]),
            cells,
        )

    def run(
        self, low: int, high: int, progress: Callable[[int], None] | None = None
    ) -> ChunkResult:
        """Run the cells ``low`` up to ``high`` and return what they add up to."""
        books = [self._books(high - low) for _ in self.strategies]
        result = ChunkResult(low, high, len(self.strategies))
        streaming = [s for s, setup in enumerate(self.strategies) if not setup.learns]
        for cell in range(low, high):
            first = self._burn_in(cell)
            for s in streaming:
                self._run_strategy(s, cell - low, books[s], result, first)
            if progress is not None:
                progress(1)
        for s, setup in enumerate(self.strategies):
            if setup.learns:
                self._run_learning(s, low, high, books[s], result)
        result.take(books)
        return result

    def _burn_in(self, cell: int) -> list[Any]:
        household, sizes = self.population.households(cell)
        k = self.kernels
        burn = self.burn
        burn.sums.view(np.ndarray).view(np.int64)[:] = 0
        first = int(self.population.first[cell])
        k.start_cell(self.start, self.model, self.status_quo, cell, first, household, sizes)
        rows: list[Any] = []
        self._go(self.start, self.status_quo, burn, 0, self.switch, rows, None, 0)
        # What the status quo left open ends with the burn-in, before the measured window.
        k.end_messages(self.start, self.switch - 1)
        self._book(self.start, burn, 0, rows)
        return rows

    def _run_strategy(
        self, s: int, k: int, books: Bundle, result: ChunkResult, first: list[Any]
    ) -> None:
        setup = self.strategies[s]
        self._take_over(self.cell, setup, books, k)
        rows: list[Any] = []
        self._go(self.cell, setup.plan, books, k, self.end, rows, setup, s)
        self.kernels.score_cell(self.cell, books, k)
        self._go(self.cell, setup.plan, books, k, self.run_end, rows, setup, s)
        self.kernels.end_messages(self.cell, self.run_end)
        self._book(self.cell, books, k, rows)
        self.kernels.finish_run(self.cell, books, k)
        result.count(s, self.cell.meta[0], [*first, *rows] if self.keep else None)

    def _take_over(self, cell: Bundle, setup: StrategySetup, books: Bundle, k: int) -> None:
        for number, name in enumerate(GROWING):  # what the burn-in used must fit
            while len(getattr(cell, name)) < len(getattr(self.start, name)) and name != "tape":
                grow(cell, number)
        self.kernels.restore(cell, self.start, books, self.burn, k)
        at = 0
        while (at := self.kernels.take_over(cell, self.start, setup.plan, at, self.switch)) >= 0:
            grow(cell, int(cell.meta[0].short_of))

    def _run_learning(
        self, s: int, low: int, high: int, books: Bundle, result: ChunkResult
    ) -> None:
        """Run all cells a day at a time, telling the strategy each day what came back."""
        setup = self.strategies[s]
        cells: list[Bundle] = []
        first: list[list[Any]] = []
        keep, self.keep = self.keep, True
        scratch = self._books(1)
        for number in range(low, high):
            first.append(self._burn_in(number))
            cell = allocate(first_sizes(int(self.start.meta[0].persons))._replace(tape=1))
            self._take_over(cell, setup, scratch, 0)
            cells.append(cell)
        rows: list[list[Any]] = [[] for _ in cells]
        for day in days(self.switch, self.end, self.run_end):
            today = [self._collect_day(cell, setup, day) for cell in cells]
            for kept, new in zip(rows, today, strict=True):
                kept.extend(new)
            told = in_order([r for new in today for r in new])
            setup.tell(told, self.population, day)
            if day == self.end:
                for k, cell in enumerate(cells):
                    self.kernels.score_cell(cell, books, k)
        for k, cell in enumerate(cells):
            self.kernels.end_messages(cell, self.run_end)
            rows[k].append(take_rows(cell))
            self._tally(cell, books, k, [*first[k], *rows[k]])
            result.count(s, cell.meta[0], [*first[k], *rows[k]] if keep else None)
        self.keep = keep

    def _collect_day(self, cell: Bundle, setup: StrategySetup, until: int) -> list[Any]:
        taken: list[Any] = []
        unused = self.burn  # rows are kept, so nothing is booked on the way
        while True:
            why = self.kernels.go_on(cell, self.model, setup.plan, unused, 0, until, 1)
            taken.append(take_rows(cell))
            if why == DONE:
                return taken
            if why == SHORT:
                grow(cell, int(cell.meta[0].short_of))
            elif why == PENDING:
                setup.answer(cell, self.kernels)

    def _tally(self, cell: Bundle, books: Bundle, k: int, rows: list[Any]) -> None:
        """Compute a cell's sums and digest from its whole log."""
        meta = cell.meta[0]
        meta.digest_low = meta.digest_high = meta.events = 0
        for block in rows:
            cell.row[: len(block)] = block
            meta.rows = len(block)
            self.kernels.book_rows(cell, books, k)
        self.kernels.finish_run(cell, books, k)

    def _go(
        self, cell: Bundle, plan: Bundle, books: Bundle, k: int, until: int, rows: list[Any],
        setup: StrategySetup | None, s: int,
    ) -> None:  # fmt: skip
        keep = int(self.keep)
        while True:
            why = self.kernels.go_on(cell, self.model, plan, books, k, until, keep)
            if self.keep:
                self._book(cell, books, k, rows)
            if why == DONE:
                return
            if why == SHORT:
                grow(cell, int(cell.meta[0].short_of))
            elif why == PENDING and setup is not None:
                setup.answer(cell, self.kernels)

    def _book(self, cell: Bundle, books: Bundle, k: int, rows: list[Any]) -> None:
        if self.keep:
            rows.append(cell.row[: cell.meta[0].rows].copy())
        self.kernels.book_rows(cell, books, k)
