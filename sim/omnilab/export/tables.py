"""The tables that `omnilab.export.trace` reads a log into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.cell.keys import MOST_PERSONS
from omnilab.kernels.bundle import Bundle
from omnilab.kernels.record import (
    Grid,
    Ints,
    Record,
    Records,
    dtype_of,
    i1,
    i2,
    i8,
    record_array,
    several,
)
from omnilab.log import rows
from omnilab.log.act_kinds import ACT_KINDS, ACTS
from omnilab.log.rows import Row
from omnilab.world.identifiers import TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.brand.plan import LoweredPlan
    from omnilab.lowering.cells import Population
    from omnilab.scenario.model import Scenario

__all__ = ["Tables", "make_tables", "sight_type", "sightings", "slots_of"]

MOST_CHANNELS_OF_MESSAGE: Final = 8
PERSONS: Final = MOST_PERSONS  # of a cell at most; their ids are contiguous
#: Kinds of rows that a message can begin with.
_BEGINS = (rows.SENT, rows.SKIPPED, rows.HELD, rows.FINAL, rows.NOT_SHOWN, rows.UNFUNDED)
#: Kinds of rows that the brand may learn of by a receipt, a machine's as well as a person's.
_RECEIPTS = [
    rows.SENT, rows.DELIVERED, rows.BOUNCE, rows.OPEN, rows.CLICK, rows.MACHINE_OPEN,
    rows.SCANNER_CLICK,
]  # fmt: skip


class Sight(Record):
    """Identifiers that were seen together; their codes stand in `Tables.code`."""

    time: i8
    person: i8
    channel: i8


class Start(Record):
    """A message when it was due first."""

    time: i8
    id: i8
    profile: i8  # over all cells
    person: i8
    skipped: i8  # channels, a bit each
    journey: i2
    step: i2
    length: i1  # channels that it came to or would have come to
    order: Ints = several(MOST_CHANNELS_OF_MESSAGE, i1)  # they, -1 behind the last


class Receipt(Record):
    """What came back for a message."""

    time: i8
    message: i8
    channel: i1
    event: i1


class Signal(Record):
    """What ended or forbade a profile's messages."""

    time: i8
    profile: i8
    channel: i1
    event: i1


class UnderWay(Record):
    """A message that has no final status yet."""

    message: i8
    time: i8
    profile: i8
    skipped: i8
    held: i1  # channel, -1
    length: i1
    order: Ints = several(MOST_CHANNELS_OF_MESSAGE, i1)


class Counts(Record):
    """How many records each table has, and where the trace is in its cell."""

    sight: i8
    start: i8
    receipt: i8
    signal: i8
    no_slot: i8  # identifiers that found no slot of their type: there must be none
    open: i8  # messages under way
    last_sent: i8  # time of the last send
    last_message: i8  # that got its final status, and its profile
    last_profile: i8


class Tables(Bundle):
    """A chunk's log, and what is found in it."""

    count: Counts
    row: Records[Row]
    edge: Ints  # where each cell's rows begin
    slot: Ints  # where each type's codes begin
    sight: Records[Sight]
    code: Grid[int]  # by sight and slot, 0 where there is none
    start: Records[Start]
    receipt: Records[Receipt]
    signal: Records[Signal]
    open: Records[UnderWay]
    contact: Ints  # of each person of a cell, the row of the last visit or service contact
    n_shown: Ints  # identifiers that it has shown so far
    shown: Grid[int]  # their codes, and their types
    shown_type: Grid[int]


def make_tables(
    log: NDArray[Any],
    cells: NDArray[Any],
    population: Population,
    plan: LoweredPlan,
    slots: NDArray[np.int64],
) -> Tables:
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
    edges = np.searchsorted(cells, np.arange(low, high + 1)).astype(np.int64)
    kinds = np.bincount(log["kind"], minlength=128)
    shows = [*rows.MEETINGS, rows.IDENTIFIER, rows.OPT_IN, rows.ADDRESS, rows.RECORD]
    n_sights = int(kinds[shows].sum())
    n_finals = int(kinds[rows.FINAL])
    n_signals = n_finals + int(kinds[rows.STOP_ALL]) * len(plan.silo)
    n_receipts = int(kinds[_RECEIPTS].sum())
    n_open = _most(np.isin(log["kind"], _BEGINS), edges)
    return Tables(
        {
            "count": record_array(Counts, 1),
            "row": log.view(np.recarray),
            "edge": edges,
            "slot": slots,
            "sight": record_array(Sight, n_sights),
            "code": np.zeros((n_sights, int(slots[-1])), np.int64),
            "start": record_array(Start, n_finals),
            "receipt": record_array(Receipt, n_receipts),
            "signal": record_array(Signal, n_signals),
            "open": record_array(UnderWay, n_open),
            "contact": np.zeros(PERSONS, np.int64),
            "n_shown": np.zeros(PERSONS, np.int64),
            "shown": np.zeros((PERSONS, 16), np.int64),
            "shown_type": np.zeros((PERSONS, 16), np.int64),
        }
    )


def sight_type(slots: NDArray[np.int64]) -> np.dtype[Any]:
    """Return the type of a sighting: one code by slot, 0 where there is none."""
    return np.dtype([*dtype_of(Sight).descr, ("code", "i8", (int(slots[-1]),))])


def sightings(tables: Tables, slots: NDArray[np.int64]) -> NDArray[Any]:
    """Return the sightings that were found, with their codes."""
    n = int(tables.count.sight)
    found = np.zeros(n, sight_type(slots))
    for name in dtype_of(Sight).names or ():
        found[name] = tables.arrays()["sight"][name][:n]
    found["code"] = tables.arrays()["code"][:n]
    return found


def slots_of(scenario: Scenario) -> NDArray[np.int64]:
    """Return where each type's slots begin: as many as a visit can show, a click carry, a form ask.

    A visit shows a type as often as its channel lists it (typed twice, it may differ), the message
    that led there may carry another, a permission given in it one more, and an offer's code, which
    names the address that it was sent to, one more.
    """
    most = dict.fromkeys(TYPES, 0)
    messages = [c.message for c in scenario.channels if c.message]
    for channel in scenario.channels:
        shown = [x.type for x in channel.visit.identifiers] if channel.visit else []
        for kind in TYPES:
            clicked = any(m.address == kind and m.landing == channel.name for m in messages)
            asked = any(
                m.address == kind and (m.signs_up > 0 or m.signs_up_visit > 0) for m in messages
            )
            acts = sum(
                ACT_KINDS[ACTS.index(act.act)].gives == kind
                or any(c.message.address == kind for c in scenario.channels
                       if c.message and c.name in act.allows)
                for act in channel.acts
            )  # fmt: skip
            coded = any(m.address == kind for m in messages) and any(
                offer.code for offer in scenario.brand.offers
            )
            most[kind] = max(most[kind], shown.count(kind) + clicked + asked + acts + coded)
    for upload in scenario.brand.crm:
        for kind in upload.has:
            most[kind] = max(most[kind], 1)
    for m in messages:  # handed over alone, before the start
        most[m.address] = max(most[m.address], 1)
    return np.concatenate([[0], np.cumsum([most[kind] for kind in TYPES])]).astype(np.int64)


def _most(chosen: NDArray[np.bool_], edges: NDArray[Any]) -> int:
    """Return how many chosen rows the cell with the most has."""
    upto = np.concatenate([[0], np.cumsum(chosen)])
    return int(np.diff(upto[edges]).max(initial=0))
