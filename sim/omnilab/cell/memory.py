"""The memory of one cell: persons, needs, the brand's view of them, its queue and its log rows.

The world's arrays are declared in `omnilab.world.state`, the brand's in `omnilab.brand.state`, and
those of the queue, the tape and the log here: a new array is one line in one of the three. What one
event can write, and so how much room there must be before it, is said in `omnilab.cell.room`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from omnilab.brand.budget import Purse
from omnilab.brand.node_index import buckets_for, clear_index
from omnilab.brand.plan import LoweredPlan
from omnilab.brand.state import BrandCell, BrandNumbers
from omnilab.cell.keys import NEVER
from omnilab.cell.queue import empty
from omnilab.cell.room import GROWING, ROW_BUFFER, SIGHTINGS, TOO_MANY
from omnilab.cell.visit import Stay, Visit
from omnilab.cell.waiting_lines import LINES
from omnilab.errors import CapacityError
from omnilab.kernels.bundle import rows_of
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.copying import copy_front
from omnilab.kernels.record import (
    Grid,
    Ints,
    Record,
    Records,
    copier,
    i1,
    i4,
    i8,
    several,
    starter,
)
from omnilab.log.digest import words_of
from omnilab.log.rows import Row
from omnilab.world.consistency import KEPT as THEMES
from omnilab.world.creatives import KEPT as CREATIVES
from omnilab.world.lines import PURPOSES
from omnilab.world.model import Model
from omnilab.world.state import WorldCell, WorldNumbers
from omnilab.world.stock import options_of
from omnilab.world.traits import trait_places
from omnilab.world.wallet import PUT_BY

FEW: Final = 64  # persons of a cell that are given room for what one of them may come to

__all__ = ["Cell", "CellNumbers", "Item", "Shape", "Tape", "allocate", "copy_world", "grow"]


class Item(Record):
    """One entry of the queue of what is due; `omnilab.cell.keys` says what is in its key."""

    key: i8
    a: i8
    b: i8


class WayItem(Record):
    """What an item of a way has besides its key."""

    a: i8
    b: i8


class Lane(Record):
    """One line of items in which places are taken in turn, round and round."""

    first: i8  # key of the item that stands first
    last: i8  # and last
    start: i8  # items that have left
    end: i8  # items that have come


class Tape(Record):
    """One observation of the burn-in, as the brand took it in."""

    time: i8
    kind: i1
    channel: i1
    silo: i1
    n: i1
    category: i1
    token: i4
    cents: i8
    goods: i8  # of what a visit came to, a bit each
    code: Ints = several(12, i8)
    carry: Ints = several(12, i1)


class CellNumbers(WorldNumbers, BrandNumbers):
    """What is counted in a cell: the world's and the brand's numbers, and the engine's."""

    items: i4
    tape: i4 = 0
    rows: i4 = 0
    taping: i1 = 0
    outbox: i1  # 1: the queue is another's, new items are only appended
    hole: i1  # 1: the queue's first place is empty (see queue.pop)
    short_of: i1  # which array was found too small (see room.fits)
    gone: i4  # whose idle visit is acted on and has no other in its place yet, -1
    gone_way: i4  # and the leaf of the way that is acted on, -1
    digest: Ints = several(2, i8, first=0)  # of the rows so far: the low lane and the high one
    events: i8 = 0
    worked: i8 = 0  # items acted on


class Cell(WorldCell, BrandCell):
    """All arrays of a cell."""

    meta: CellNumbers
    item: Records[Item] = rows_of("item")
    lane: Records[Lane] = rows_of(LINES)
    line: Grid[Item] = rows_of(LINES, columns="places")
    # A tree whose root is at 1: as many leaves as persons, or the next power of two.
    idle: Ints = rows_of("leaves", i8)
    way: Ints = rows_of("way_leaves", i8)  # another, whose leaves are two for each person
    way_item: Records[WayItem] = rows_of("way_items")
    row: Records[Row] = rows_of("row", shared=True)
    word: Grid[int] = rows_of("row", i8, columns="words", shared=True)  # the same memory as `row`
    tape: Records[Tape] = rows_of("tape", shared=True)
    visit: Records[Visit] = rows_of(1, shared=True)  # the one that is going on
    stay: Records[Stay] = rows_of("staying", world=True)  # those that are put aside
    # When each goes on, -1 where the person is at no place: apart, as each item of a person asks
    stay_due: Ints = rows_of("staying", i8, world=True)


@dataclass(frozen=True)
class Shape:
    """What a scenario and the plans that run in it ask of every cell's memory.

    Attributes
    ----------
    categories, channels, silos
        Of the scenario.
    entries
        Places for the last entries into journeys, of the plan with most.
    sends
        Sends remembered by profile and silo: the largest cap.
    running
        Copies that can hear of one event at once, under the plan that allows most: those of its
        profile, and of each that a feed tells.
    absent
        Names of sizes that are 0 for any number of persons: arrays of mechanisms that are off.
    sites
        Places of a town.
    ends
        Of a person's errands.
    shelves
        Places of stock times variants.
    options
        What a person may do without a good.
    lines
        In which persons wait.
    slots
        Places for windows of delivery that can be booked at one time.
    ways
        Of delivery, at the channel with most.
    budgets
        Of the plan with most.
    heard
        Items of each person that wait for the brand's word: one a flight
        and a series of posts, and one where there are articles.
    """

    categories: int
    channels: int
    silos: int
    entries: int
    sends: int
    running: int
    absent: frozenset[str] = frozenset()
    sites: int = 0
    ends: int = 0
    shelves: int = 0
    options: int = 0
    lines: int = 0
    slots: int = 0
    ways: int = 0
    budgets: int = 0
    heard: int = 0

    @classmethod
    def of(cls, model: Model, plans: Iterable[LoweredPlan]) -> Self:
        """Return the shape for a model and all plans that will run in it."""
        plans = list(plans)
        rules = [(plan.rules, len(plan.journey)) for plan in plans]
        return cls(
            categories=len(model.cat),
            channels=len(model.ch),
            silos=1 + max(int(channel.silo) for channel in model.ch),
            entries=max([1, *(n * int(r.places) for r, n in rules)]),
            sends=max([1, *(int(r.cap_messages) for r, _ in rules)]),
            running=max([1, *(int(r.running) * int(r.told) for r, _ in rules)]),
            absent=_absent(model),
            sites=int(model.places.sites),
            ends=int(model.places.ends),
            shelves=len(model.supply),
            options=options_of(model),
            lines=len(model.line),
            slots=sum(int(way.ring) for way in model.way),
            ways=max([0, *(int(channel.ways) for channel in model.ch)]),
            budgets=max([0, *(len(plan.budget) for plan in plans)]),
            heard=len(model.flight) + len(model.series) + int(model.content.on),
        )

    def sizes(self, persons: int, **others: int) -> dict[str, int]:
        """Return first sizes that most cells of at most so many persons get by with.

        Parameters
        ----------
        persons
            Of the largest cell.
        others
            Sizes that differ, by name.
        """
        p = persons
        few = min(p, FEW)  # of many persons the extremes even out
        # Nothing can be enlarged while the people of a cell are born, so that there must be room.
        born_items = 96 + (ITEMS_OF_A_BIRTH + self.categories + self.heard) * p
        born_rows = 2048 + ROWS_OF_A_BIRTH * p
        sizes = {
            "person": p, "device": 2 * p, "need": 4 + 2 * p, "message": 8 + 4 * few + p,
            "node": 16 + 6 * p, "profile": 16 + 4 * p, "context": 16 + 5 * p,
            "copy": 48 + 16 * few, "buckets": buckets_for(p),
            "item": max(96 + 16 * few + (8 + self.heard) * p, born_items) + 2 * self.shelves,
            "row": max(2048 + 128 * min(p, 8), born_rows),
            "tape": 256, "note": 640,
            "timer": 2 * self.running + 8, "places": 1 << (7 + 2 * p).bit_length(),
            "leaves": 2 << (p - 1).bit_length(), "way_leaves": 2, "way_items": 0, "words": 7,
            "categories": self.categories,
            "themes": self.categories + 1,
            "channels": self.channels, "silos": self.silos, "entries": self.entries,
            "sends": self.sends, "times": self.silos * self.sends,
            "traits": trait_places(self.categories, self.channels),
            "staying": p, "habits": p, "familiar": p, "tablets": p, "spots": p, "sites": self.sites,
            "ends": self.ends,
            "shelves": self.shelves, "options": self.options,
            "contacts": p, "lines": self.lines, "tickets": PURPOSES * p,
            "recalling": p, "creatives": CREATIVES, "hearing": p, "heard_themes": THEMES,
            "wallets": p, "put_by": PUT_BY,
            "counted": p, "budgets": self.budgets,
            "reviews": self.categories, "slots": self.slots, "ways": self.ways,
        }  # fmt: skip
        if "spots" not in self.absent:
            sizes |= {"way_leaves": 2 << (2 * p - 1).bit_length(), "way_items": 2 * p}
        return sizes | dict.fromkeys(self.absent, 0) | others


def _absent(model: Model) -> frozenset[str]:
    """Return the sizes of arrays that nothing of a model reads or writes."""
    used = {
        "staying": model.visit_time.asides == 1,
        "tickets": len(model.line) > 0,
        "habits": model.habit.fades > 0,
        "familiar": model.familiarity.on == 1,
        "contacts": model.questions.on == 1,
        "counted": model.advertising.frequency == 1,
        "recalling": model.creatives.on == 1,
        "hearing": model.consistency.on == 1,
        "wallets": model.offers.holds > 1,
        "reviews": model.reviews.written > 0,
        "tablets": any(x.no_computer > x.phone for x in model.persona),
        "spots": model.places.on == 1,
    }
    return frozenset(name for name, is_used in used.items() if not is_used)


#: What a person's birth writes at most: rows of the log, and items of the queue beside one need a
#: category (start, entry, idle visits, way to work, errand, census).
ROWS_OF_A_BIRTH: Final = 4
ITEMS_OF_A_BIRTH: Final = 6

#: Sizes of the world's arrays that no number of persons changes.
OF_THE_MODEL: Final = ("sites", "shelves", "lines", "reviews", "slots")

#: Arrays that are working space during one event, so that cells may share them.
SHARED: Final = tuple(name for name, rows in Cell.rows().items() if rows.shared)


def allocate(sizes: dict[str, int], shared: Mapping[str, Any] | None = None) -> Cell:
    """Make the arrays of one cell for these sizes (of `Shape.sizes`); some may be shared."""
    cell = Cell.make(sizes, shared)
    if not shared or "word" not in shared:
        cell.set("word", words_of(cell.row))
    cell.arrays()["idle"][:] = NEVER
    cell.arrays()["way"][:] = NEVER
    return cell


def grow(cell: Cell, number: int) -> None:
    """Give the arrays of this number (see `omnilab.cell.room`) twice the slots; contents kept.

    Raises
    ------
    CapacityError
        If there is no memory for it, or the number says that there is too much of something.
    """
    if number > SIGHTINGS:
        raise CapacityError(TOO_MANY[number - SIGHTINGS])
    size = GROWING[number]
    arrays = cell.arrays()
    for name, rows in Cell.rows().items():
        if rows.size == size and name != "word":
            cell.set(name, _doubled(arrays[name], name))
    if number == ROW_BUFFER:
        cell.set("word", words_of(cell.row))


def _doubled(old: Any, name: str) -> Any:
    """Return an array of twice the rows with the old contents in front."""
    try:
        new = np.zeros((2 * len(old), *old.shape[1:]), old.dtype)
    except MemoryError as error:
        message = (
            f"no memory for {2 * len(old):,} entries of {name!r} in one cell: set"
            " households_per_cell lower, or have fewer needs and messages at once"
        )
        raise CapacityError(message) from error
    new[: len(old)] = old
    return new.view(np.recarray) if old.dtype.fields else new


start_numbers = starter(CellNumbers)
start_purse = starter(Purse)
start_brand = starter(BrandNumbers, without=("grown", "over", "replaying"))
copy_numbers = copier(WorldNumbers, without=("place", "grown", "over"))


@kernel
def reset(cell: Cell, number: int, first: int) -> None:
    """Empty a cell's counters before its people are born."""
    start_numbers(cell.meta)
    cell.meta.number = number
    cell.meta.first = first
    fill_purses(cell)
    clear_index(cell)
    empty(cell)


@inner
def reset_brand(cell: Cell) -> None:
    """Empty what the brand knows."""
    start_brand(cell.meta)
    fill_purses(cell)
    clear_index(cell)


@inner
def fill_purses(cell: Cell) -> None:
    """Let nothing be spent of any budget."""
    for b in range(len(cell.purse)):
        start_purse(cell.purse[b])


def _copy_world() -> Any:
    """Return a compiled function that copies all of the world's arrays."""
    used = {"person": "persons", "device": "persons * 2", "need": "needs", "message": "messages"}
    tickets = {"tickets": f" * {PURPOSES}"}  # others are one a person; there may be none of either
    lines = [
        f"    copy_front(cell.{name}, source.{name}, source.meta.{used[str(rows.size)]})"
        if rows.size in used
        else f"    copy_front(cell.{name}, source.{name}, len(source.{name}))"
        if rows.size in OF_THE_MODEL
        else f"    copy_front(cell.{name}, source.{name}, "
        f"min(source.meta.persons{tickets.get(str(rows.size), '')}, len(source.{name})))"
        for name, rows in Cell.rows().items()
        if rows.world
    ]
    space: dict[str, Any] = {"__name__": __name__, "copy_front": copy_front}
    exec("def copy_world(cell, source):\n" + "\n".join(lines), space)
    return inner(space["copy_world"])


#: Copy the world's arrays from another cell, which uses no more slots than this one has.
copy_world = _copy_world()
