"""What one event can write at most, and whether a cell's arrays have room for it.

Before each event `fits` makes sure that none of a cell's arrays can run out of slots in the middle
of it, so that the engine may enlarge them between two events and nothing is ever half done. This is
the one place that says how much an event can write. An event is one item of the queue, or one group
of the burn-in's tape: a visit with what came of it, or any entry that stands alone.

A visit shows 8 identifiers at most. Of the plan (`omnilab.lowering.plan`):

``writing``
    channels with a message side; an order gives a permission on each of them at most once.
``running``
    copies of journeys that one profile can have at once: one for each journey, or for each journey
    and silo that its messages are sent from. `start` makes none where there is one, a merge ends
    the newcomer's.
``told``
    profiles that hear of one event at most: the silo's own, and one for each feed out of it.
``started``
    copies of one profile that what a visit came to can start: looked at, put in the cart or
    ordered, one of the three. Visits, opens and clicks start none.
``signed``
    copies that one permission can start.
``uploads``
    of records before the start: each may have two of a person, of four identifiers.
``acts``
    acts of one visit at most.
``tests``
    split tests that one copy meets at most: it notes its arm of each once.
``acted``
    copies that one act can start for one profile; two profiles hear of it at most.
``weekly``
    copies that one weekly journey can start for one profile.

One event writes at most:

needs
    1: one arrives, or one is made by a click, or comes with a cohort's first order, or a member
    of an account is told of one.
messages
    1: an event sends at most one.
identifiers (nodes)
    A visit shows `SHOWN` (eight of the channel's, on arrival or at the order, one that a click
    carried, one that an offer's code names, and an oracle's), each in two silos under `handoff`. A
    permission is one more identifier, in the visit's silo, in the channel's, and once more where
    the second lookup finds none. An act shows one more at most, as one of the channel's. A feed may
    take up one at the visit, at the order's identifiers, and for what it came to.
profiles
    1 for each new identifier, where none can join the session's.
contexts
    Of one profile in one silo: at the visit, at an offer's code, at the order's identifiers, for
    what it came to, for the send, and one for each permission. What it came to is noted for each
    tool that is told.
copies
    ``started`` for each profile that hears of it, and ``signed`` for each permission. A weekly
    journey: ``weekly`` for each profile.
items of the queue
    Those of `ITEMS_OF_THE_WORLD`. And a position for each journey that waits for one (``fences``),
    of a way and of a visit that ends it.
    Timers are pushed after each of at most seven things that the brand sees and that a copy can
    wait for (open, reply, click, visit, an offer's code, the order's identifiers, what came of it),
    one for each copy of each profile that hears of it, since of a copy's timers only the last
    counts. A permission is waited for by nobody, so it sets the timers of the copies that it
    starts. All are counted as if none found a place in a line or in the tree of idle visits. When a
    strategy takes over, each weekly journey and the sweep of cookies are put into the queue.
    Messages that waited for `decide` have room of their own (`can_resume`, engine/changeover.py).
    Acts come with a sighting, and with one such thing each.
entries of the tape
    16: two receipts, a reply and a "stop all", three visits, a referral, what was typed, what came
    of it, the offer that it used, points, the purchase, the balance twice; or a send, a bounce, a
    "stop all". One for each permission. For acts a visit, and for each its points and itself.
notes of the brand, between two times that they are carried to the log
    An end for each copy that runs and each that is started, and before it a final status for
    those that had a message; an entry for each that is started. Copies of many profiles end at
    once where profiles merge or where cookies are forgotten. A merge joins two profiles that both
    have identifiers of the event, so there are fewer of them than such identifiers.
timers of the brand
    2 for each copy of each profile that hears of it: where a receipt ends a cascade, and where the
    event continues the same copy. `omnilab.cell.memory.Shape` has the bound.
rows of the log
    All notes. One for each permission, three for each act, one for each identifier of records.
    `ROWS` others: the visit's with at most `SHOWN` identifiers, what the person did there (11),
    with an offer (3), with the units (5), with the programme (7), with goods (1), their lines (8)
    what was typed (1) and that it is a habit (1), or a send's with 8 channels skipped (16) and the
    goods that it shows (1). An order may be an account's (1), and what an account writes as it
    meets is less than a visit's. A line of persons adds 4: who is served and who is next, and how a
    wait was taken. A question at a desk writes a question, a contact and its identifiers, and at
    its end 7. And one for each open need of the person: who leaves loses all of them.

The world's own arrays have one slot a person, device or household, given when the cell is made.
What is written outside of events: a birth's rows and items (`omnilab.cell.memory` has room for
`ROWS_OF_A_BIRTH` and `ITEMS_OF_A_BIRTH` a person); the messages still under way at a switch or
at the run's end write one row a copy, into an empty buffer, which holds twice as many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.state import MOST_PROFILES, TOO_MANY_PROFILES
from omnilab.kernels.compiling import inner, kernel
from omnilab.world.crm import MOST_OF_RECORD
from omnilab.world.identifiers import MOST_COOKIES, TOO_MANY_COOKIES

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell

__all__ = [
    "GROWING",
    "ITEMS",
    "MESSAGES",
    "MOST_MESSAGES",
    "MOST_NEEDS",
    "MOST_ROWS",
    "NEEDS",
    "NOTE",
    "ORDINAL_BITS",
    "ROW_BUFFER",
    "SIGHTINGS",
    "TOO_MANY",
    "TOO_MANY_MESSAGES",
    "TOO_MANY_NEEDS",
    "TOO_MANY_ROWS",
    "WAY_BITS",
    "fits",
    "has_room",
    "limits",
    "room",
    "rows_of_event",
]

#: Arrays that may have to grow, by the numbers that `fits` gives them.
GROWING: Final = (
    "need",
    "message",
    "node",
    "profile",
    "context",
    "copy",
    "item",
    "tape",
    "note",
    "row",
)
NEEDS: Final = 0
MESSAGES: Final = 1
ITEMS: Final = 6
NOTE: Final = 8
ROW_BUFFER: Final = 9
SIGHTINGS: Final = 10  # of the books: what `score` compares

#: Identifiers of one visit, those of a click, of an offer's code and of an oracle among them.
SHOWN: Final = 11
ROWS: Final = 72

#: Items that one event puts into the queue, beside the brand's and positions.
ITEMS_OF_THE_WORLD: Final = (
    10  # a need's end, its notice, the next need; a revisit; an order's return, service contact and
    # tip; a message's opening, by a person and by a machine, and a scanner's click
    + 1  # the next way
    + 5  # of stock: a unit's way back, an order to the supplier; a reservation's end, where a
    # person looks again, the wish to be told
    + 4  # of a line: the coming, the end of patience and of service, and that of the next one's
    + 5  # of media: the next contact, post or search, a search of the name, and three shares
    + 4  # of word of mouth: a review, a tip to make known, two warnings of bad experiences
    + 9  # of an account: its next meeting and talk, seven members who are told
    + 4  # of the programme and of failures: a target's end, three things that the brand notes
    + 1  # of a relation: the next moment to leave
    + 1  # of routine: the next cue
)

#: Bits of a need's ordinal: those that come by themselves, a cohort's first order at 2**24, those
#: that a click makes from 2**25 on. With an order's cents, 37 bits, they fill a word.
ORDINAL_BITS: Final = 26
#: Bits of a way of delivery, counted from 1, below the cents of an order that is sent back.
WAY_BITS: Final = 8

# What is numbered in a field of limited size. Who takes the last number says so in `over`, and
# before the next event the run ends with `TOO_MANY[over]`.
MOST_NEEDS: Final = 1 << 24  # ordinals of a person below those of cohorts
MOST_MESSAGES: Final = 1 << 24  # of a cell: its number stands above them in a message's id
MOST_ROWS: Final = 1 << 31  # of a cell, so that a row's number among its person's fits 32 bits
TOO_MANY_NEEDS: Final = 1
TOO_MANY_MESSAGES: Final = 2
TOO_MANY_ROWS: Final = 5

TOO_MANY: Final = {
    TOO_MANY_NEEDS: f"a person has too many needs, {MOST_NEEDS:,} over all categories at most:"
    " make a category's `every` longer, `needs` of personas smaller or the window shorter",
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
def room(cell: Cell, plan: LoweredPlan, weekly: int) -> bool:
    """`has_room`, for engines that are written in Python."""
    return has_room(cell, plan, weekly == 1)


@inner
def has_room(cell: Cell, plan: LoweredPlan, weekly: bool) -> bool:
    """Tell whether any one event surely fits; else leave the array's number in ``short_of``."""
    return fits(cell, plan, limits(cell, plan), weekly)


@inner
def identifiers_of_event(plan: LoweredPlan) -> int:
    """Return how many identifiers an event adds at most; merges are as many at most."""
    shown = SHOWN + plan.rules.acts
    records = 2 * MOST_OF_RECORD * plan.rules.uploads
    return 2 * shown + 3 * plan.rules.writing + 3 * (plan.rules.told - 1) + records


@inner
def copies_of_event(plan: LoweredPlan) -> int:
    """Return how many copies an event starts at most, a weekly journey apart."""
    rules = plan.rules
    acts = 2 * rules.acts * rules.acted
    return rules.started * rules.told + rules.writing * rules.signed + acts


@inner
def notes_besides(plan: LoweredPlan) -> int:
    """Return the most notes of an event, without those for the ends of copies that run before."""
    arms = plan.rules.tests * (plan.rules.running * plan.rules.told + copies_of_event(plan))
    return identifiers_of_event(plan) + 3 * copies_of_event(plan) + arms


@inner
def limits(cell: Cell, plan: LoweredPlan) -> tuple[int, ...]:
    """Return how full the arrays may be before an event, in the order of `GROWING`.

    The last two are for twice the copies in use, and for those and the needs in use.
    """
    rules = plan.rules
    nodes, copies, notes = identifiers_of_event(plan), copies_of_event(plan), notes_besides(plan)
    world = ITEMS_OF_THE_WORLD + 2 * rules.fences
    seen = 7 + (rules.acts + 1 if rules.acts > 0 else 0)
    records = 2 * MOST_OF_RECORD * rules.uploads
    calendar = len(plan.journey) + len(plan.arrival) + 1
    items = max(world + seen * rules.running * rules.told + copies, calendar)
    return (
        len(cell.need) - 1,
        len(cell.message) - 1,
        len(cell.node) - nodes,
        len(cell.profile) - nodes,
        len(cell.context) - 4 - rules.told - rules.writing - 2 * rules.acts,
        len(cell.copy) - copies,
        len(cell.item) - items,
        len(cell.tape) - 16 - rules.writing - 3 * rules.acts - 2 * rules.uploads,
        len(cell.note) - notes,
        len(cell.row) - ROWS - rules.writing - 3 * rules.acts - records - notes - 1,
    )


@inner
def fits(cell: Cell, plan: LoweredPlan, limit: tuple[int, ...], weekly: bool) -> bool:
    """Tell whether the arrays are within their limits; else leave the number of one that isn't.

    Slots in use never get fewer, and who takes a new one sets ``grown``, so that what was found
    holds until then.
    """
    m = cell.meta
    more = 0
    if weekly:  # one journey is entered with every profile
        more = plan.rules.weekly * m.profiles
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
    elif m.needs + 2 * (m.copies + more) + plan.rules.tests * more > limit[9]:
        short = ROW_BUFFER
    elif m.over > 0:
        short = SIGHTINGS + m.over
    if short < 0:
        m.grown = 0
        return True
    m.short_of = short
    return False


@inner
def rows_of_event(cell: Cell, plan: LoweredPlan, limit: tuple[int, ...], weekly: bool) -> int:
    """Return how many rows any one event writes at most; as many are in the buffer if it `fits`."""
    m = cell.meta
    rows = len(cell.row) - limit[9] + m.needs + 2 * m.copies
    if weekly:
        rows += (2 + plan.rules.tests) * plan.rules.weekly * m.profiles
    return rows
