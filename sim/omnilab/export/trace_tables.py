"""The tables that `omnilab.export.trace` reads a log into, and the records they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.brand.codes import SILO
from omnilab.kernels.bundle import Bundle
from omnilab.log import rows
from omnilab.world.identifiers import TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.brand.plan import LoweredPlan
    from omnilab.lowering.cells import Population
    from omnilab.scenario.model import Scenario

__all__ = ["MESSAGE", "RECEIPT", "SIGNAL", "make_tables", "records", "sight_type", "slots_of"]

#: A message when it was due first. plan: tag, number of channels, their order (see `plans`).
MESSAGE = np.dtype(
    [("time", "i8"), ("id", "i8"), ("profile", "i8"), ("person", "i8"), ("plan", "i8"),
     ("skipped", "i4")]
)  # fmt: skip
RECEIPT = np.dtype([("time", "i8"), ("message", "i8"), ("channel", "i1"), ("event", "i1")])
SIGNAL = np.dtype([("time", "i8"), ("profile", "i8"), ("channel", "i1"), ("event", "i1")])

#: What is remembered of a copy of a journey, and of a message under way.
_COPY = ("serial", "journey", "profile", "silo", "who", "message", "step", "moved")
_OPEN = ("message", "time", "order", "length", "skipped", "held", "copy")
#: Kinds of rows that a message can begin with.
_BEGINS = (rows.SENT, rows.SKIPPED, rows.HELD, rows.FINAL)


def sight_type(slots: NDArray[np.int64]) -> np.dtype[Any]:
    """Return the type of a sighting: one code by slot, 0 where there is none."""
    return np.dtype(
        [("time", "i8"), ("person", "i8"), ("channel", "i1"), ("code", "i8", (int(slots[-1]),))]
    )


def slots_of(scenario: Scenario) -> NDArray[np.int64]:
    """Return where each type's slots begin: as many as a visit can show, a click carry, a form ask.

    A visit shows a type as often as its channel lists it (typed twice, it may differ), the message
    that led there may carry another, and a permission given in it one more.
    """
    most = dict.fromkeys(TYPES, 0)
    messages = [c.message for c in scenario.channels if c.message]
    for channel in scenario.channels:
        shown = [x.type for x in channel.visit.identifiers] if channel.visit else []
        for kind in TYPES:
            clicked = any(m.address == kind and m.landing == channel.name for m in messages)
            asked = any(m.address == kind and m.signs_up > 0 for m in messages)
            most[kind] = max(most[kind], shown.count(kind) + clicked + asked)
    for m in messages:  # handed over alone, before the start
        most[m.address] = max(most[m.address], 1)
    return np.concatenate([[0], np.cumsum([most[kind] for kind in TYPES])]).astype(np.int64)


def make_tables(
    log: NDArray[Any], cells: NDArray[Any], population: Population, plan: LoweredPlan,
    slots: NDArray[np.int64],
) -> Any:  # fmt: skip
    """Make the tables for a chunk's rows, each as long as it can get.

    Parameters
    ----------
    log, cells
        Rows in the order of their cells, and the cell of each.
    population, plan
        The people, and the strategy's plan as arrays.
    slots
        Of `slots_of`.
    """
    low, high = int(cells[0]), int(cells[-1]) + 1
    edges = np.searchsorted(cells, np.arange(low, high + 1))
    kinds = np.bincount(log["kind"], minlength=128)
    persons = int(population.first[high] - population.first[low])
    n_channels = len(plan.silo)
    n_sights = int(kinds[[rows.VISIT, rows.ORDER, rows.OPT_IN, rows.SERVICE]].sum())
    n_sights += persons * n_channels
    n_finals = int(kinds[rows.FINAL])
    n_signals = n_finals + int(kinds[rows.STOP_ALL]) * n_channels
    houses = np.minimum(np.arange(low, high + 1) * population.per_cell, len(population.sizes))
    arrays: dict[str, Any] = {
        "row": log.view(np.recarray),
        "edge": edges,
        "house": houses - houses[0],
        "size": population.sizes[houses[0] : houses[-1]],
        "slot": slots,
        "by_silo": [int(plan.rules.channel == SILO)],
        "count": np.zeros(16),
        "shown": np.zeros(16),
        "shown_kind": np.zeros(16),
        "known": np.zeros(population.largest),
        "started": np.zeros(population.largest),
        "sight_code": np.zeros((n_sights, int(slots[-1]))),
    }
    lengths = {
        ("sight_time", "sight_person", "sight_channel"): n_sights,
        _named("message", MESSAGE.names): n_finals,
        _named("receipt", RECEIPT.names): int(kinds[rows.SENT : rows.CLICK + 1].sum()),
        _named("signal", SIGNAL.names): n_signals,
        _named("copy", _COPY): _most(log["kind"] == rows.ENTER, edges),
        _named("open", _OPEN): _most(np.isin(log["kind"], _BEGINS), edges),
    }
    for names, n in lengths.items():
        arrays |= {name: np.zeros(n) for name in names}
    integers = {k: np.ascontiguousarray(v, np.int64) for k, v in arrays.items() if k != "row"}
    return Bundle({"row": arrays["row"]} | integers)


def records(tables: Any, prefix: str, n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the first ``n`` rows of a table as records."""
    found = np.zeros(n, dtype)
    for name in dtype.names or ():
        found[name] = getattr(tables, f"{prefix}_{name}")[:n]
    return found


def _named(prefix: str, names: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in names or ())


def _most(chosen: NDArray[np.bool_], edges: NDArray[Any]) -> int:
    """Return how many chosen rows the cell with the most has."""
    upto = np.concatenate([[0], np.cumsum(chosen)])
    return int(np.diff(upto[edges]).max(initial=0))
