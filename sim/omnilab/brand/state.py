"""What the brand keeps: identifiers, profiles, context by silo, copies of journeys.

None of it names a person. Slots are used again through free lists (`next`), and serials tell one
use of a slot from the next. Times are seconds, list ends and empty references are -1. Numbers of
slots have 32 bits: how many there are is bounded by a machine's memory alone.
"""

from __future__ import annotations

from typing import Final

from omnilab.brand.budget import Purse
from omnilab.brand.leeway import ChosenLook
from omnilab.brand.points import Points
from omnilab.brand.programme import Tally
from omnilab.kernels.bundle import Bundle, rows_of
from omnilab.kernels.record import Floats, Grid, Ints, Record, Records, f8, i1, i2, i4, i8, several
from omnilab.log.identifier_types import N_TYPES

__all__ = [
    "BrandCell",
    "BrandNumbers",
    "Context",
    "Copy",
    "Facts",
    "Node",
    "Note",
    "Profile",
    "Timer",
    "Verdict",
]

MOST_PROFILES: Final = 1 << 23  # of a cell: below what `trace_messages` says of unknown ones
TOO_MANY_PROFILES: Final = 3  # what `over` says then (see omnilab.cell.room)


class Node(Record):
    """An identifier as the brand keys it: (silo or -1, type, value)."""

    code: i8  # 0: a free slot
    first_seen: i8
    last_seen: i8
    seen_in: i4  # bit per silo
    profile: i4
    next: i4  # free slot, or another identifier of the profile
    chain: i4  # another one of its bucket, or a later one that expires with it
    silo: i1
    type: i1
    dead: i1 = 0  # a message to it bounced for good


class Profile(Record):
    """What the brand takes for one person; more of it stands in the grids of `BrandCell`."""

    used: i1 = 1
    last_channel: i1 = -1
    last_device: i1 = -1  # of the last visit whose device is seen: omnilab.world.device
    nodes: i4 = 0
    next: i4 = -1
    older: i4  # living profiles by age, -1 at the ends
    newer: i4 = -1
    first_node: i4 = -1
    first_copy: i4 = -1
    serial: i4
    brought: i4 = 0  # friends who bought with its referral links
    stopped: i4 = 0  # silos that know of a "stop all", a bit each
    first_seen: i8
    last_seen: i8
    key: i8  # code of the first-seen identifier: the address of brand draws
    unique: Ints = several(N_TYPES, i8, first=0)  # value of each unique type, 0 none


class Context(Points, Tally):
    """What one silo did with a profile; the times of its sends stand in `BrandCell.ring`."""

    cart_t: i8 = -1  # -1 no cart
    cart_cents: i8 = 0
    view_t: i8 = -1
    order_t: i8 = -1
    asked_t: i8 = -1
    searched_t: i8 = -1  # last search in its search box
    searched: i8 = 0  # the goods that were named there, a bit each
    reviewed_t: i8 = -1  # last review that the brand can tie to the profile
    unhappy_t: i8 = -1  # last survey's answer that was bad
    answer_t: i8 = -1  # last open or click of its messages that came back
    given: f8 = 0.0  # the score that `decide` gave last
    given_t: i8 = -1  # and when
    viewed: i8 = 0  # goods that were looked at, a bit each
    bought: i8 = 0
    last_viewed: i8 = 0  # of them, the last
    last_bought: i8 = 0
    coupons: i8 = 0  # declared offers that it sent, a bit each
    redeemed: i8 = 0  # and those that orders used there, a bit each; where `decide` is asked
    cart_token: i4 = -1
    view_token: i4 = -1
    orders: i4 = 0
    asked_token: i4 = -1  # the last question that was asked there
    next: i4 = -1
    cart_category: i1 = -1
    view_category: i1 = -1
    order_category: i1 = -1
    searched_category: i1 = -1
    stars: i1 = 0  # of that review
    acts: i2 = 0  # that were done there, or handed it an address, a bit each; as `redeemed`
    ring_at: i1 = 0  # where the ring begins: the earliest send


# What a copy is doing
DELAYED: Final = 1
WAITING: Final = 2  # for an event
DECIDING: Final = 3  # a message is to be sent
CASCADING: Final = 4  # sent; the fallback timer runs


class Copy(ChosenLook):
    """One profile's way through one journey: a journey instance."""

    state: i1 = DELAYED  # 0: a free slot
    journey: i1
    silo: i1  # the team whose copy it is; -1 one copy for all
    step: i1 = 0
    category: i1
    length: i1 = 0  # channels of the running cascade, 0 before they are lined up
    at: i1 = 0  # position in it
    sends: i1 = 0
    status: i1 = 0  # best status of the running cascade
    last_status: i1 = 0  # and of the message before it
    success: i1 = 0  # the status it is after
    decided: i1 = 0  # 0 not asked, -1 asked, 1 send, 2 declined
    answer: i1  # what `decide` said: 1 or 2
    where: i1 = -1  # where its person is, as the app said when it was asked about
    choice: i1  # and on which channel, -1 the first
    goods: i8 = 0  # what its trigger was about, a bit each
    recommends: i8 = 0  # what `decide` said: goods that the message shows, 0 the step's own
    gives: i2 = 0  # and which declared offer, from 1; 0 the step's own, -1 none
    wait: i8 = 0  # and for how many seconds it waits
    last_silo: i1  # silo of the channel last used, or first in line
    usable: i8 = 0  # channels that were usable when asked, a bit each
    order: Ints = several(8, i1)
    profile: i4
    next: i4
    previous: i4
    older: i4  # running copies by age, -1 at the ends
    newer: i4 = -1
    kept: i1  # 1: its timer rings after the switch
    serial: i4
    timer: i4 = 0  # number of the timer that counts; older ones are void
    due: i8  # when it rings
    tests: i4 = 0  # split tests of which its arm is noted, a bit each
    seen: i4  # silos that saw its trigger and may show it, a bit each
    token: i4  # the need that its trigger was about, -1
    message: i8 = -1  # id of the running message
    last_message: i8 = -1  # and of the one before it
    answers_to: i8 = -1  # the last message that was answered in words
    short: i8 = -1  # since when no budget can pay it over its present channel


class Note(Record):
    """A row that the brand leaves for the log."""

    kind: i8
    silo: i8
    code: i8
    a: i8
    b: i8
    c: i8
    d: i8


class Timer(Record):
    """A moment at which the brand asks to be woken."""

    time: i8
    kind: i8
    a: i8
    b: i8


class Facts(Record):
    """What the world's side says of a message that is due (`omnilab.brand.judge`)."""

    ended: i8  # 1: nothing is sent any more
    permitted: i8  # channels with an address whose owner has given permission, a bit each
    ads: i8  # channels that are ads, a bit each: quiet hours don't hold them
    free: i8  # the first second from now on that is outside the quiet hours


class Verdict(Record):
    """What becomes of a message that is due (`omnilab.brand.judge`)."""

    act: i8  # FINISH, HOLD, ASK or DELIVER
    final: i8  # FINISH: its final status
    channel: i8  # else the channel
    shows: i8  # DELIVER: one of SHOW_*
    category: i8  # DELIVER: what it shows, -1 everything
    token: i8  # DELIVER: the cart that it shows, -1
    goods: i8  # DELIVER: the goods that it shows, a bit each


class BrandNumbers(Record):
    """What the brand counts in a cell."""

    common = ("number", "grown", "over")

    number: i8  # of the cell
    nodes: i4 = 0
    profiles: i4 = 0
    contexts: i4 = 0
    copies: i4 = 0
    notes: i4 = 0
    timers: i4 = 0
    free_node: i4 = -1
    free_profile: i4 = -1
    free_context: i4 = -1
    free_copy: i4 = -1
    profile_serial: i4 = 0
    copy_serial: i4 = 0
    brand_seq: i4 = 0
    goods: i8 = 0  # of what is being taken in, a bit each
    pending: i4 = 0  # copies that wait for the strategy's `decide`
    answers: i1 = 0  # 1: `decide` has answered for the pending copies
    replaying: i1 = 0  # 1: the brand takes in the burn-in's tape, and leaves no notes
    session: i4 = -1  # of the tape that is taken in: the profile of its last visit, -1
    now: i8 = 0
    forgotten: i8 = 0  # the last midnight of the tape at which cookies were swept
    stale: i8 = 0  # no cookie can expire before
    first_profile: i4 = -1  # living profiles are a list, oldest first
    last_profile: i4 = -1
    first_copy: i4 = -1  # and so are running copies
    last_copy: i4 = -1
    grown: i4 = 0  # 1: more slots of a growing array may be in use since `fits` was asked
    over: i1 = 0  # what there are too many of to be numbered, 0 nothing (room.TOO_MANY)


class BrandCell(Bundle):
    """The brand's part of a cell; an array of what it knows is declared here and nowhere else.

    The sizes that `rows_of` names are those of `omnilab.cell.memory.Shape`; the columns are the
    scenario's.
    """

    meta: BrandNumbers
    node: Records[Node] = rows_of("node")
    # When each cookie was last seen, `FOREVER` where there is none: what is asked every night
    cookie_seen: Ints = rows_of("node", i8)
    bucket: Ints = rows_of("buckets", i4)  # first node of each, -1 (omnilab.brand.node_index)
    profile: Records[Profile] = rows_of("profile")
    context_of: Grid[int] = rows_of("profile", i4, columns="silos")  # number of the context, -1
    received: Grid[int] = rows_of("profile", i4, columns="channels")  # messages
    answered: Grid[int] = rows_of("profile", i4, columns="channels")
    # Last entry into each journey by each team that runs copies of its own, -1
    entered: Grid[int] = rows_of("profile", i8, columns="entries")
    context: Records[Context] = rows_of("context")
    ring: Grid[int] = rows_of("context", i8, columns="sends")  # times of the last sends, -1 none
    copy: Records[Copy] = rows_of("copy")
    purse: Records[Purse] = rows_of("budgets")  # what the town has spent of each budget
    note: Records[Note] = rows_of("note", shared=True)
    timer: Records[Timer] = rows_of("timer", shared=True)
    code: Ints = rows_of(14, i8, shared=True)  # identifiers that a visit shows
    carry: Ints = rows_of(14, i8, shared=True)  # the silo that each was carried from, -1
    found: Ints = rows_of(14, i8, shared=True)  # the node of each, -1
    fed: Ints = rows_of(32, i8, shared=True)  # whom each feed tells, -1; as many as MAX_FEEDS
    address: Ints = rows_of("channels", i8, shared=True)  # by channel, of the copy in work; 0 none
    score: Floats = rows_of("channels", f8, shared=True)  # by channel, of the copy in work
    facts: Records[Facts] = rows_of(1, shared=True)  # of its message
    verdict: Records[Verdict] = rows_of(1, shared=True)
    times: Ints = rows_of("times", i8, shared=True)
