"""What one event can write at most, and whether a cell's arrays have room for it.

Before each event `fits` makes sure that none of a cell's arrays can run out of slots in the middle
of it, so that the engine may enlarge them between two events and nothing is ever half done. This is
the one place that says how much an event can write. An event is one item of the queue, or one group
of the burn-in's tape: a visit with what came of it, or any entry that stands alone.

The scenario's limits: 16 channels, 8 silos, 4 categories, 16 journeys of 32 steps, 8 identifiers a
visit. Of the plan (`omnilab.strategy.plan.lower_plan`):

``writing``
    channels with a message side; an order gives a permission on each of them at most once.
``running``
    copies of journeys that one profile can have at once: one for each journey, or for each journey
    and silo that its messages are sent from. `start` makes none where there is one, a merge ends
    the newcomer's.
``started``
    copies that what a visit came to can start: looked at, put in the cart or ordered, one of the
    three. Visits, opens and clicks start none.
``signed``
    copies that one permission can start.
``weekly``
    copies that one weekly journey can start for one profile.

One event writes at most:

needs
    1: one arrives, or one is made by a click, or comes with a cohort's first order.
messages
    1: an event sends at most one.
identifiers (nodes)
    A visit shows `SHOWN` (eight of the channel's, on arrival or at the order, and one that a click
    carried), each in two silos under `handoff`. A permission is one more identifier, in the
    visit's silo, in the channel's, and once more where the second lookup finds none.
profiles
    1 for each new identifier, where none can join the session's.
contexts
    Of one profile in one silo: at the visit, at the order's identifiers, for what it came to, for
    the send, and one for each permission.
copies
    ``started``, and ``signed`` for each permission. A weekly journey: ``weekly`` for each profile.
items of the queue
    Of the world 8: a need's end, its notice, the next need; a revisit; an order's return, service
    contact and tip; a message's opening. Timers are pushed after each of at most five
    things that the brand sees and that a copy can wait for (open, click, visit, the order's
    identifiers, what came of it), one for each copy of the profile, since of a copy's timers only
    the last counts. A permission is waited for by nobody, so it sets the timers of the copies that
    it starts. All are counted as if none found a place in a line or in the tree of idle visits.
    When a strategy takes over, each weekly journey and the sweep of cookies are put into the queue.
    Messages that waited for `decide` have room of their own (`can_resume`, engine/changeover.py).
entries of the tape
    8: two receipts, two visits, what came of it, points; or a send, a bounce, a "stop all". One
    for each permission.
notes of the brand, between two times that they are carried to the log
    An end for each copy that runs and each that is started, and before it a final status for
    those that had a message; an entry for each that is started. Copies of many profiles end at
    once where profiles merge or where cookies are forgotten. A merge joins two profiles that both
    have identifiers of the event, so there are fewer of them than such identifiers.
timers of the brand
    2 for each copy of the profile: where a receipt ends a cascade, and where the event continues
    the same copy. This has a fixed bound, `TIMERS`.
rows of the log
    All notes. One for each permission. `ROWS` others: the visit's with at most `SHOWN`
    identifiers, what the person did there (11), or a send's with 8 channels skipped (16). And one
    for each open need of the person: who leaves loses all of them.

The world's own arrays have one slot a person, device or household, given when the cell is made.
What is written outside of events: a birth pushes 8 items and writes one row a person
(`omnilab.cell.memory.first_sizes` has more); the messages still under way at a switch or at the
run's end write one row a copy, into an empty buffer, which holds twice as many.
"""

from __future__ import annotations

from typing import Any, Final

from omnilab.brand.state import MAX_JOURNEYS, MAX_SILOS, MOST_PROFILES, TOO_MANY_PROFILES
from omnilab.kernels.compiling import inner, kernel
from omnilab.world.state import MOST_COOKIES, TOO_MANY_COOKIES

__all__ = [
    "GROWING",
    "ITEMS",
    "MOST_MESSAGES",
    "MOST_NEEDS",
    "MOST_ROWS",
    "NOTE",
    "ORDINAL_BITS",
    "ROW_BUFFER",
    "SIGHTINGS",
    "TIMERS",
    "TOO_MANY",
    "TOO_MANY_MESSAGES",
    "TOO_MANY_NEEDS",
    "TOO_MANY_ROWS",
    "fits",
    "has_room",
    "limits",
    "room",
    "rows_of_event",
]

#: Arrays that may have to grow, by the numbers that `fits` gives them.
GROWING: Final = (
    "need", "message", "node", "profile", "context", "copy", "item", "tape", "note", "row",
)  # fmt: skip
ITEMS: Final = 6
NOTE: Final = 8
ROW_BUFFER: Final = 9
SIGHTINGS: Final = 10  # of the books: what `score` compares

#: Identifiers of one visit, that of a click among them.
SHOWN: Final = 9
#: Timers between two times that they are pushed.
TIMERS: Final = 2 * MAX_JOURNEYS * MAX_SILOS
ROWS: Final = 48

#: Bits of a need's ordinal: those that come by themselves, a cohort's first order at 2**24, those
#: that a click makes from 2**25 on. With an order's cents, 37 bits, they fill a word.
ORDINAL_BITS: Final = 26

# What is numbered in a field of limited size. Who takes the last number says so in `over`, and
# before the next event the run ends with `TOO_MANY[over]`.
MOST_NEEDS: Final = 1 << 22  # of a person and category: the ordinals below those of cohorts
MOST_MESSAGES: Final = 1 << 24  # of a cell: its number stands above them in a message's id
MOST_ROWS: Final = 1 << 31  # of a cell, so that a row's number among its person's fits 32 bits
TOO_MANY_NEEDS: Final = 1
TOO_MANY_MESSAGES: Final = 2
TOO_MANY_ROWS: Final = 5

TOO_MANY: Final = {
    TOO_MANY_NEEDS: f"a person has more than {MOST_NEEDS:,} needs of one category: make its"
    " `every` longer, `needs` of personas smaller or the window shorter",
    TOO_MANY_MESSAGES: f"the households of one cell get more than {MOST_MESSAGES:,} messages: set"
    " households_per_cell lower, send less often or make the window shorter",
    TOO_MANY_PROFILES: f"the brand makes more than {MOST_PROFILES:,} profiles of the households of"
    " one cell: set households_per_cell lower or the window shorter",
    TOO_MANY_COOKIES: f"a device has more than {MOST_COOKIES:,} cookies one after the other: make"
    " short_life longer, resets_a_month lower or the window shorter",
    TOO_MANY_ROWS: f"the households of one cell write more than {MOST_ROWS:,} rows of the log: set"
    " households_per_cell lower or the window shorter",
}


@kernel
def room(C: Any, P: Any, weekly: int) -> bool:
    """`has_room`, for engines that are written in Python."""
    return has_room(C, P, weekly == 1)


@inner
def has_room(C: Any, P: Any, weekly: bool) -> bool:
    """Tell whether any one event surely fits; else leave the array's number in ``short_of``."""
    return fits(C, P, limits(C, P), weekly)


@inner
def identifiers_of_event(P: Any) -> int:
    """Return how many identifiers an event adds at most; merges are as many at most."""
    return 2 * SHOWN + 3 * P.plan[0].writing


@inner
def copies_of_event(P: Any) -> int:
    """Return how many copies an event starts at most, a weekly journey apart."""
    return P.plan[0].started + P.plan[0].writing * P.plan[0].signed


@inner
def notes_besides(P: Any) -> int:
    """Return the most notes of an event, without those for the ends of copies that run before."""
    return identifiers_of_event(P) + 3 * copies_of_event(P)


@inner
def limits(C: Any, P: Any) -> tuple[int, ...]:
    """Return how full the arrays may be before an event, in the order of `GROWING`.

    The last two are for twice the copies in use, and for those and the needs in use.
    """
    plan = P.plan[0]
    nodes, copies, notes = identifiers_of_event(P), copies_of_event(P), notes_besides(P)
    items = max(8 + 5 * plan.running + copies, MAX_JOURNEYS + 1)
    return (
        len(C.need) - 1, len(C.message) - 1, len(C.node) - nodes, len(C.profile) - nodes,
        len(C.context) - 4 - plan.writing, len(C.copy) - copies, len(C.item) - items,
        len(C.tape) - 8 - plan.writing, len(C.note) - notes,
        len(C.row) - ROWS - plan.writing - notes - 1,
    )  # fmt: skip


@inner
def fits(C: Any, P: Any, limit: tuple[int, ...], weekly: bool) -> bool:
    """Tell whether the arrays are within their limits; else leave the number of one that isn't.

    Slots in use never get fewer, and who takes a new one sets ``grown``, so that what was found
    holds until then.
    """
    m = C.meta[0]
    more = 0
    if weekly:  # one journey is entered with every profile
        more = P.plan[0].weekly * m.profiles
    short = -1
    if m.needs > limit[0]:
        short = 0
    elif m.messages > limit[1]:
        short = 1
    elif m.nodes > limit[2]:
        short = 2
    elif m.profiles > limit[3]:
        short = 3
    elif m.contexts > limit[4]:
        short = 4
    elif m.copies + more > limit[5]:
        short = 5
    elif m.items + more > limit[6]:
        short = 6
    elif m.tape > limit[7]:
        short = 7
    elif 2 * m.copies > limit[8]:
        short = NOTE
    elif m.needs + 2 * (m.copies + more) > limit[9]:
        short = ROW_BUFFER
    elif m.over > 0:
        short = SIGHTINGS + m.over
    if short < 0:
        m.grown = 0
        return True
    m.short_of = short
    return False


@inner
def rows_of_event(C: Any, P: Any, limit: tuple[int, ...], weekly: bool) -> int:
    """Return how many rows any one event writes at most; as many are in the buffer if it `fits`."""
    m = C.meta[0]
    rows = len(C.row) - limit[9] + m.needs + 2 * m.copies
    if weekly:
        rows += 2 * P.plan[0].weekly * m.profiles
    return rows
