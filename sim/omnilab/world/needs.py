"""Needs: a gamma-mixed renewal process per person and category, whatever any brand does.

The number of needs of a person is Poisson (or Erlang-k renewal) with a rate that is gamma over
persons: the purchase process of BG/NBD one step earlier, since a need may become an order or not.

References
----------
Fader, Hardie and Lee (2005), "Counting your customers the easy way", Marketing Science 24(2);
Platzer and Reutterer (2016) for Erlang-k regularity.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import from_table
from omnilab.draws.philox import draw4
from omnilab.draws.streams import NEED, NEED_GAP
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import Record, f8, i1, i2, i4, i8, starter
from omnilab.world.accounts import Joint
from omnilab.world.clock import from_activity, from_need_clock, later, to_activity, to_need_clock
from omnilab.world.looked import Looked
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.newcomer import is_newcomer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "Category",
    "LoweredNeeds",
    "Need",
    "becomes_aware",
    "close",
    "find",
    "next_arrival",
    "open_need",
    "ordinal_of",
    "shown_need",
    "take_need",
    "take_up",
]

MOST_CENTS = (1 << 37) - 1  # of an order: bits of the item that gives it back

FIRST_MADE: Final = 1 << 24  # ordinals from here on are of needs that do not come by themselves

# A need's stages
FREE: Final = 0
LATENT: Final = 1  # there, not noticed (dormant)
EXPLORING: Final = 2
READY: Final = 3
GIVEN_UP: Final = 4  # will not come back by itself; a message can revive it

# How the question about a need stands (omnilab.world.questions)
UNASKED: Final = 0  # the person has not thought of one yet
SETTLED: Final = 1  # there is none, or the person goes on without an answer
OPEN: Final = 2  # it holds the person back
ANSWERED: Final = 3  # the answer has come, and the person has not been back yet

# How far the person has got with it, at one place
NOT_BEGUN: Final = 0
LOOKED_AT: Final = 1
IN_CART: Final = 2


class Category(Record):
    """What customers need: one of the scenario's categories."""

    regularity: i8  # stages of a gap
    table_gap: i8 = -1  # number of the table of gaps between notices, -1: gaps have stages
    table_first: i8 = -1  # and of the time to the first notice
    latent: f8  # mean seconds of activity until a need is noticed
    patience: f8  # mean seconds
    typical: f8  # cents, the mean of an order
    margin: f8
    returns: f8
    rival: f8


class Need(Looked, Joint):
    """An open need of a person."""

    stage: i1 = LATENT
    category: i1
    progress: i1 = NOT_BEGUN  # steps done
    channel: i1 = -1  # of the last step
    silo: i1 = -1
    cart_left: i1 = 0
    on_device: i1 = -1  # of the last visit for it on one
    outs: i2 = 0  # times that a place was out of what it wants
    question: i1 = UNASKED
    asked: i1 = 0  # things that were asked for about it, a bit each (omnilab.world.acts)
    let_down: i1 = 0  # visits at which the brand failed the person (omnilab.world.rivals)
    owner: i2
    next: i4
    visits: i4 = 0
    ordinal: i4
    value: i8  # cents
    opened: i8
    expires: i8
    stock: f8 = 0.0  # stimulus stock
    stock_t: i8
    pressed: f8 = 0.0  # taken from the stock by messages too early (omnilab.world.interruption)
    pressed_t: i8 = 0
    felt: f8 = 0.0  # what the price added when the need was last looked at without a cart


start_need = starter(Need)
take_need, give_need = free_list("need", "needs")


class LoweredNeeds(Record):
    """How the needs of a person are numbered."""

    stride: i8  # between two ordinals of a category: at least the number of categories


def need_stride(categories: int) -> int:
    """Return what lies between the ordinals of two needs of a category: one a category at least."""
    return max(4, 1 << (categories - 1).bit_length())


@fills(LoweredNeeds)
def _lower(scenario: ScenarioParts) -> Values:
    return {"stride": need_stride(len(scenario.categories))}


@inner
def next_arrival(cell: WorldCell, model: Model, who: int, category: int, t: int) -> int:
    """Return when the person's next need in the category arrives after one at ``t``.

    Gaps are Erlang-k of unit mean over the person's rate, on the need clock. The first gap
    starts in a random one of its k stages, so that the process is stationary from the start; the
    members of a cohort enter with an order, so that theirs is a whole one, and so is a newcomer's
    after the need that it enters for.
    """
    if model.cat[category].table_gap >= 0:
        return _before_notice(cell, model, who, category, t)
    k = int(model.cat[category].regularity)
    person = cell.person[who]
    n = int(cell.gaps[who, category])
    stages = k
    occasion = (category << 40) | (n << 2)
    if n == 0 and k > 1 and not _enters_for(model, person, category):
        u, _, _, _ = draw4(model.key.k0, model.key.k1, NEED_GAP, person.entity, occasion | 2)
        stages = 1 + int(u * k)
    a, b, c, d = draw4(model.key.k0, model.key.k1, NEED_GAP, person.entity, occasion)
    product = a
    if stages > 1:
        product *= b
    if stages > 2:
        product *= c
    if stages > 3:
        product *= d
    if stages > 4:
        a, b, c, d = draw4(model.key.k0, model.key.k1, NEED_GAP, person.entity, occasion | 1)
        product *= a
        if stages > 5:
            product *= b
        if stages > 6:
            product *= c
        if stages > 7:
            product *= d
    cell.gaps[who, category] = n + 1
    rate = cell.rate[who, category]
    if rate < 1e-12:
        return model.clock.run_end + 1
    gap = -math.log(product) / k / rate
    now = to_need_clock(model, category, to_activity(model, t))
    active = from_need_clock(model, category, now + gap)
    if active > model.act_end[0]:
        return model.clock.run_end + 1
    at = from_activity(model, active)
    return at if at > t else t + 1


@inner
def _enters_for(model: Model, person: Person, category: int) -> bool:
    """Tell whether a person enters with a need of this category, a renewal of its needs."""
    if is_newcomer(person):
        return bool(person.comes_for == category)
    return bool(model.birth.entry_over > 0)


@inner
def _before_notice(cell: WorldCell, model: Model, who: int, category: int, t: int) -> int:
    """Return when the next need arrives, where the gaps between notices have the category's law.

    The notice comes first: a gap after the last one, on the need clock, whatever time that need
    stayed unnoticed. The need arrives before it by the time that it stays unnoticed itself, a
    second after the last arrival at the earliest. Both are draws of the person and the need.
    """
    c, person = model.cat[category], cell.person[who]
    n = int(cell.gaps[who, category])
    cell.gaps[who, category] = n + 1
    never = int(model.clock.run_end) + 1
    rate = cell.rate[who, category]
    if rate < 1e-12:
        return never
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, NEED_GAP, person.entity, (category << 40) | (n << 2)
    )
    since, table = int(cell.notice[who, category]), int(c.table_gap)
    if n == 0:
        since = t
        if not _enters_for(model, person, category):
            table = int(c.table_first)
    now = to_need_clock(model, category, to_activity(model, since))
    active = from_need_clock(model, category, now + from_table(model.table[table], u) / rate)
    if active > model.act_end[0]:
        return never
    arrives = from_activity(model, active)
    if c.latent > 0:
        number = ordinal_of(model, category, n)
        _, v, _, _ = draw4(model.key.k0, model.key.k1, NEED, person.entity, number)
        hidden = -math.log(v) * c.latent / 3600.0
        arrives = from_activity(model, active - hidden) if hidden < active else 0
    arrives = max(arrives, t + 1)
    cell.notice[who, category] = max(from_activity(model, active), since + 1, arrives + 1)
    return arrives


@inner
def ordinal_of(model: Model, category: int, number: int) -> int:
    """Return the ordinal of a category's need of this number: no other of the person has it."""
    return number * model.needs.stride + category


@inner
def open_need(
    cell: WorldCell, model: Model, who: int, index: int, category: int, ordinal: int, t: int
) -> int:
    """Fill slot ``index`` with a new need of the person; return when it is noticed by itself.

    Value is gamma given the person's own scale (Gamma-Gamma); patience counts from the moment
    at which the need would be noticed.
    """
    person, need = cell.person[who], cell.need[index]
    person.needs += 1
    u, v, w, _ = draw4(model.key.k0, model.key.k1, NEED, person.entity, ordinal)
    c = model.cat[category]
    law = model.demand[person.first_demand + category]
    cents = int(
        from_table(model.table[law.table_order], u) * cell.spend[who, category] * 100.0 + 0.5
    )
    noticed = t + 1
    if c.table_gap >= 0 and ordinal < FIRST_MADE:
        noticed = max(noticed, int(cell.notice[who, category]))
    elif c.latent > 0:
        noticed = later(model, t, -math.log(v) * c.latent)
    start_need(need)
    need.category = category
    need.owner = who
    need.ordinal = ordinal
    need.value = min(max(cents, 1), MOST_CENTS)
    need.opened = t
    need.expires = noticed + 1 + int(-math.log(w) * c.patience)
    need.stock_t = t
    return noticed


@inner
def find(cell: WorldCell, person: Person, ordinal: int) -> int:
    """Return the index of the person's open need with this ordinal, or -1."""
    i = person.first_need
    while i >= 0:
        if cell.need[i].ordinal == ordinal:
            return i
        i = cell.need[i].next
    return -1


@inner
def close(cell: WorldCell, person: Person, index: int) -> None:
    """Take a need off the person's list and give its slot back."""
    i = person.first_need
    if i == index:
        person.first_need = cell.need[index].next
    else:
        while cell.need[i].next != index:
            i = cell.need[i].next
        cell.need[i].next = cell.need[index].next
    cell.need[index].stage = FREE
    give_need(cell, index)


@inner
def becomes_aware(need: Need) -> bool:
    """Let the person notice the need; tell whether it had not been noticed before."""
    if need.stage != LATENT:
        return False
    need.stage = EXPLORING
    return True


@inner
def take_up(need: Need) -> None:
    """Let the person go on with a need that had been given up."""
    if need.stage == GIVEN_UP:
        need.stage = EXPLORING


@inner
def shown_need(cell: WorldCell, person: Person, category: int, token: int) -> int:
    """Return the index of the open need that a message shows, or -1.

    Parameters
    ----------
    category
        What the message shows, -1 everything: the latest need in it.
    token
        Ordinal of the need whose cart the message shows, or -1; it comes first.
    """
    best = -1
    i = int(person.first_need)
    while i >= 0:
        need = cell.need[i]
        if token >= 0 and need.ordinal == token:
            return i
        if best < 0 and (category < 0 or need.category == category):
            best = i
        i = int(need.next)
    return best
