"""The few kernels that engines call, bound to one set of bundle types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.cell.room import room
from omnilab.engine.ask import answer_cell, ask_cell
from omnilab.engine.changeover import (
    book_rows,
    end_messages,
    finish_run,
    restore,
    resume,
    score_cell,
    start_cell,
    take_over,
)
from omnilab.engine.compiled_loop import work
from omnilab.engine.loop import act
from omnilab.interaction.line_moments import line_step
from omnilab.kernels.entry_point import entry_point, late_entry_point

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.engine.ask import Asked
    from omnilab.engine.books import Books
    from omnilab.world.model import Model

__all__ = ["StepKernels", "bind_steps", "bind_work"]


def bind_work(*example: Any) -> Callable[..., int]:
    """Compile the compiled engine's loop (or take it from the cache) for arguments like these."""
    return entry_point(work, *example)


@dataclass(frozen=True)
class StepKernels:
    """The parts of the loop as plain callables, for an engine that orders events itself."""

    start_cell: Callable[..., Any]
    book_rows: Callable[..., Any]
    restore: Callable[..., Any]
    take_over: Callable[..., Any]
    end_messages: Callable[..., Any]
    finish_run: Callable[..., Any]
    score_cell: Callable[..., Any]
    act: Callable[..., Any]
    line_step: Callable[..., Any]
    room: Callable[..., Any]
    resume: Callable[..., Any]
    ask: Callable[..., Any]
    answer: Callable[..., Any]


def bind_steps(
    cell: Cell, model: Model, plan: LoweredPlan, books: Books, asked: Asked
) -> StepKernels:
    """Compile the steps (or take them from the cache), each on its first call."""
    sizes = np.zeros(1, np.int8)
    return StepKernels(
        start_cell=entry_point(start_cell, cell, model, plan, 0, 0, 0, sizes),
        book_rows=entry_point(book_rows, cell, books, 0),
        restore=entry_point(restore, cell, cell, books, books, 0),
        take_over=entry_point(take_over, cell, cell, plan, 0, 0),
        end_messages=entry_point(end_messages, cell, 0),
        finish_run=entry_point(finish_run, cell, plan, books, 0),
        score_cell=entry_point(score_cell, cell, books, 0),
        act=entry_point(act, cell, model, plan, 0, 0, 0),
        line_step=late_entry_point(line_step, cell, model, plan, 0, 0, 0),
        room=entry_point(room, cell, plan, 0),
        resume=late_entry_point(resume, cell),
        ask=late_entry_point(ask_cell, cell, plan, asked),
        answer=late_entry_point(answer_cell, cell, asked),
    )
