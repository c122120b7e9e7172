"""The few kernels that engines call, bound to one set of bundle types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnilab.engine.bundle import Bundle
from omnilab.engine.cell import room
from omnilab.engine.dispatch import act
from omnilab.engine.entry import entry_point, late_entry_point
from omnilab.engine.switch import (
    book_rows,
    end_messages,
    finish_run,
    go_on,
    restore,
    resume,
    score_cell,
    start_cell,
    take_over,
)

__all__ = ["Kernels", "bind"]


@dataclass(frozen=True)
class Kernels:
    """Kernels as plain callables; see the modules they come from."""

    start_cell: Callable[..., Any]
    go_on: Callable[..., Any]
    book_rows: Callable[..., Any]
    restore: Callable[..., Any]
    take_over: Callable[..., Any]
    end_messages: Callable[..., Any]
    finish_run: Callable[..., Any]
    score_cell: Callable[..., Any]
    act: Callable[..., Any]
    room: Callable[..., Any]
    resume: Callable[..., Any]


def bind(cell: Bundle, model: Bundle, plan: Bundle, books: Bundle) -> Kernels:
    """Compile the kernels (or take them from the cache) for bundles of these types."""
    sizes = np.zeros(1, np.int64)
    return Kernels(
        start_cell=entry_point(start_cell, cell, model, plan, 0, 0, 0, sizes),
        go_on=entry_point(go_on, cell, model, plan, books, 0, 0, 0),
        book_rows=entry_point(book_rows, cell, books, 0),
        restore=entry_point(restore, cell, cell, books, books, 0),
        take_over=entry_point(take_over, cell, cell, plan, 0, 0),
        end_messages=entry_point(end_messages, cell, 0),
        finish_run=entry_point(finish_run, cell, books, 0),
        score_cell=entry_point(score_cell, cell, books, 0),
        act=late_entry_point(act, cell, model, plan, 0, 0, 0, 0, 0),
        room=entry_point(room, cell, plan, 0),
        resume=entry_point(resume, cell),
    )
