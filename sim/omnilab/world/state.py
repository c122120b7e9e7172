"""What is true of persons, devices, needs and messages under way: the world's records.

A person's record has the states of the mechanisms (omnilab.world.mechanisms).
All integers are signed, so that arithmetic means the same in plain Python and compiled.
Times are seconds from the scenario's start; -1 or a list index of -1 means none.
"""

from __future__ import annotations

from omnilab.kernels.bundle import Bundle, rows_of
from omnilab.kernels.record import Floats, Grid, Ints, Record, Records, f8, i1, i2, i4, i8
from omnilab.world.consistency import Heard
from omnilab.world.creatives import Recalled
from omnilab.world.identifiers import Device
from omnilab.world.lines import Servers, Ticket
from omnilab.world.mechanisms import States, Theme
from omnilab.world.money import OfferInHand
from omnilab.world.needs import Need
from omnilab.world.places import Beside, Site, Spot
from omnilab.world.questions import Contact
from omnilab.world.response import Message
from omnilab.world.slots import Slot
from omnilab.world.stock import Shelf

__all__ = ["Device", "Message", "Need", "Person", "Theme", "WorldCell", "WorldNumbers"]


class Core(Record):
    """Who a person is, and the counters of what the person did."""

    entity: i8  # address of the person's draws: household * 8 + place in it
    persona: i1
    prior: i1  # bought before the start
    first_demand: i2 = 0  # where the laws of the person's class begin in `Model.demand`
    left: i1 = 0  # has left the brand for good
    stopped: i1 = 0  # has asked for no messages at all
    phone_device: i2
    pc_device: i2
    household: i2  # number within the cell
    first_need: i4 = -1  # list of open needs
    reach: i8  # bit per channel the person can use
    consent: i8  # bit per channel with permission
    row_seq: i4 = 0
    item_seq: i4 = 0
    needs: i4 = 0  # needs so far, over categories
    purchases: i4
    threshold: f8
    dropout: f8  # chance to leave after an order
    # Second of the first order, of a newcomer until then that of the entry; of who bought before
    # the start 0.
    entry: i8 = 0


class Person(Core, States):
    """All that is true of one person; by category also `WorldCell.rate`, `spend` and `gaps`."""


class WorldNumbers(Record):
    """What the world counts in a cell."""

    common = ("number", "grown", "over")

    number: i8  # of the cell
    first: i8  # global id of the first person
    place: i8 = 0  # of the first person in the books' people
    persons: i4 = 0
    needs: i4 = 0
    messages: i4 = 0
    free_need: i4 = -1
    free_message: i4 = -1
    message_serial: i4 = 0
    grown: i4 = 0  # 1: more slots of a growing array may be in use since `fits` was asked
    over: i1 = 0  # what there are too many of to be numbered, 0 nothing (room.TOO_MANY)


class WorldCell(Bundle):
    """The world's part of a cell; a world array that a cell has is declared here and nowhere else.

    The sizes that `rows_of` names are those of `omnilab.cell.memory.Shape`; the columns are the
    scenario's.
    """

    meta: WorldNumbers
    person: Records[Person] = rows_of("person", world=True)
    rate: Grid[float] = rows_of("person", f8, columns="categories", world=True)  # needs an hour
    spend: Grid[float] = rows_of("person", f8, columns="categories", world=True)  # of an order
    gaps: Grid[int] = rows_of("person", i4, columns="categories", world=True)  # drawn so far
    notice: Grid[int] = rows_of("person", i8, columns="categories", world=True)  # the next one's
    used_to: Grid[float] = rows_of("habits", f8, columns="channels", world=True)  # repeated steps
    used_to_t: Grid[int] = rows_of("habits", i8, columns="channels", world=True)  # since when
    been: Grid[int] = rows_of("familiar", i1, columns="channels", world=True)  # visits
    interest: Grid[float] = rows_of("person", f8, columns="categories", world=True)  # stimuli
    interest_t: Grid[int] = rows_of("person", i8, columns="categories", world=True)
    theme: Grid[Theme] = rows_of("person", columns="themes", world=True)  # the last: everything
    recalled: Grid[Recalled] = rows_of("recalling", columns="creatives", world=True)
    held: Grid[OfferInHand] = rows_of("wallets", columns="put_by", world=True)
    heard: Grid[Heard] = rows_of("hearing", columns="heard_themes", world=True)
    shown: Grid[int] = rows_of("counted", i8, columns="channels", world=True)  # ads of a day
    review_count: Ints = rows_of("reviews", i8, world=True)  # of a town, by category
    review_stars: Ints = rows_of("reviews", i8, world=True)  # their sum
    device: Records[Device] = rows_of("device", world=True)
    tablet: Records[Device] = rows_of("tablets", world=True)
    contact: Records[Contact] = rows_of("contacts", world=True)  # that are going on
    need: Records[Need] = rows_of("need", world=True)
    message: Records[Message] = rows_of("message", world=True)
    site: Records[Site] = rows_of("sites", world=True)  # places of the town
    spot: Records[Spot] = rows_of("spots", world=True)
    beside: Grid[Beside] = rows_of("spots", columns="ends", world=True)  # by a person's ways
    shelf: Records[Shelf] = rows_of("shelves", world=True)
    servers: Records[Servers] = rows_of("lines", world=True)
    ticket: Records[Ticket] = rows_of("tickets", world=True)
    slot: Records[Slot] = rows_of("slots", world=True)
    code: Ints = rows_of(14, i8, shared=True)  # identifiers that a visit shows
    carry: Ints = rows_of(14, i8, shared=True)  # the silo that each was carried from, -1
    trait: Grid[float] = rows_of(4, f8, columns="traits", shared=True)
    unit: Floats = rows_of(8, f8, shared=True)
    weight: Floats = rows_of("channels", f8, shared=True)
    choice: Floats = rows_of("ways", f8, shared=True)  # among ways of delivery
    pull: Floats = rows_of("channels", f8, shared=True)  # what draws a person to its places
    option: Floats = rows_of("options", f8, shared=True)  # what a person may do without the good
