"""The pilot: some customers of a scenario, without any message, before a run.

What a run needs to know of its own world is counted in it: who has an open need
(`omnilab.engine.calibrate`), and what becomes of needs (`omnilab.engine.regularity`). Its key is
its own, so that no run's draws are used twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from omnilab.cell.memory import Shape, allocate, grow
from omnilab.engine.ask import nothing_asked
from omnilab.engine.books import KEPT_ROWS, keep_more, make_books
from omnilab.engine.bound import bind_work
from omnilab.engine.compiled_loop import make_work
from omnilab.engine.loop import DONE, SHORT
from omnilab.kernels.bundle import BundleList
from omnilab.lowering.cells import lay_out
from omnilab.lowering.model import with_key
from omnilab.lowering.plan import lower_plan
from omnilab.strategy.plan import Plan

if TYPE_CHECKING:
    from omnilab.engine.books import Books
    from omnilab.scenario.model import Scenario
    from omnilab.world.model import Model

__all__ = ["PILOT_SEED", "pilot_rows"]

PILOT_SEED = 0x70696C6F74


def pilot_rows(scenario: Scenario, model: Model, customers: int, *, counts: bool) -> Iterator[Any]:
    """Yield the rows of the pilot's log up to the window's end, some cells at a time.

    They stand in memory that the next ones take: who needs them longer copies them.

    Parameters
    ----------
    scenario, model
        The scenario, and its model; it is left as it is.
    customers
        How many.
    counts
        Whether each person is asked once a week how well a message would meet the person's needs
        (rows of the kind `omnilab.log.rows.CENSUS`).
    """
    clock = model.arrays()["clock"].copy()
    clock[0].counts = int(counts)
    pilot = with_key(model, PILOT_SEED, 0).replaced(clock=clock)
    people = lay_out(pilot, customers, scenario.population.per_cell)
    plan = lower_plan(Plan(paid=False), scenario)
    cell = allocate(Shape.of(model, [plan]).sizes(people.largest))
    books = make_books(scenario, people.largest, len(plan.journey), 1, keep=KEPT_ROWS)
    keep_more(books, len(cell.row))
    end = int(model.clock.end)
    job = make_work(0, people.n_cells, people.per_cell, (end, end, end), [], people.sizes,
                    people.first)  # fmt: skip
    job.w.census = 1
    asked = nothing_asked(len(scenario.channels))
    none = BundleList([], books), BundleList([], cell)
    arguments = (job, cell, cell, pilot, plan, books, BundleList([], plan), *none, asked)
    work = bind_work(*arguments)
    while (why := work(*arguments)) != DONE:
        if why == SHORT:
            grow(cell, int(job.w.short))
            keep_more(books, len(cell.row))
        else:
            yield _kept(books)
            books.keeps[1] = 0
    yield _kept(books)


def _kept(books: Books) -> Any:
    """Return the kept rows, in the books' own memory."""
    return books.kept[: int(books.keeps[1])]
