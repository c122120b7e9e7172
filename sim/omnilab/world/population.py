"""The people: households, their sizes and shared computers, and what each person is born with.

Every trait is drawn at the address (household) or (person), so one more household changes nobody.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import from_table, normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import HOUSEHOLD, stream
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.record import Floats, Record, f8, i8, starter
from omnilab.world.acts import first_acts
from omnilab.world.awareness import first_recall
from omnilab.world.classes import class_of, spend_uniform
from omnilab.world.consistency import forget_themes
from omnilab.world.creatives import forget_creatives
from omnilab.world.familiarity import first_familiarity
from omnilab.world.fast.traits import draw_traits
from omnilab.world.fatigue import ideal_of
from omnilab.world.habit import without_habits
from omnilab.world.identifiers import Device
from omnilab.world.inflow import choose_way_in, plan_entry, weeks_passed
from omnilab.world.intent import threshold_of
from omnilab.world.interest import times_of
from omnilab.world.preference import first_knowledge
from omnilab.world.recency import past_order
from omnilab.world.saturation import start_saturation
from omnilab.world.state import Person, Theme
from omnilab.world.taste import affinity_of
from omnilab.world.traits import COOKIES, HOME, NATURE, RATES, START, drawn
from omnilab.world.wallet import clear_wallet
from omnilab.world.weariness import start_weariness

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["Birth", "History", "Persona", "born", "household_size"]


TABLET: Final = stream("TABLET", 176)  # cookie habits of a tablet: person
TABLETS: Final = 1 << 50  # what an address of a tablet's cookies has above the person

start_person = starter(Person)
start_device = starter(Device)
start_theme = starter(Theme)


class Birth(Record):
    """What is true of persons at the start."""

    prior: f8  # share that bought before
    entry_over: i8  # seconds over which a cohort enters, 0 without one


class Persona(Record):
    """A latent class of customers; by channel also `Model.prefers`, `reach` and `opt_in`."""

    cumulative: f8  # share of persons up to this class
    needs: f8
    phone: f8  # share of visits on the phone
    no_computer: f8  # and of those on the phone or a tablet


class History(Record):
    """A group of customers with the same purchase history."""

    cumulative: f8
    alive: f8
    rate_scale: f8
    spend_scale: f8
    orders: i8
    member_of: i8  # number of the class whose orders vary as the group's
    table_rate: i8
    table_spread: i8
    table_dropout: i8


@kernel
def household_size(k0: int, k1: int, household: int, cumulative: Floats) -> int:
    """Return how many persons live in a household, 1..8."""
    u, _, _, _ = draw4(k0, k1, HOUSEHOLD, household, 0)
    size = 1
    while size < len(cumulative) and u >= cumulative[size - 1]:
        size += 1
    return size


@inner
def born(
    cell: WorldCell, model: Model, index: int, household: int, in_cell: int, place: int, first: int
) -> None:
    """Fill the records of one person and of the person's devices.

    Parameters
    ----------
    index
        Number of the person within the cell.
    household, in_cell
        Number of the household in the scenario, and within the cell.
    place, first
        The person's place in the household, and the index of its first person.
    """
    person = cell.person[index]
    entity = household * 8 + place
    draw_traits(cell, model, entity, household)
    u, v, x, y = drawn(cell, NATURE)
    start_person(person)
    person.entity = entity
    person.household = in_cell
    persona = 0
    while persona < len(model.persona) - 1 and u >= model.persona[persona].cumulative:
        persona += 1
    person.persona = persona
    person.effect = normal(v)
    person.threshold = threshold_of(model, x)
    person.ideal = ideal_of(model, y)
    u, v, _, _ = drawn(cell, NATURE + 1)
    person.prior = 1 if u < model.birth.prior else 0
    k = class_of(model, entity)
    person.first_demand = k * len(model.cat)
    person.dropout = from_table(model.table[model.classes[k].table_dropout], v)
    person.purchases = person.prior
    choose_way_in(model, person)
    _rates(cell, model, person, index)
    without_habits(cell, model, index)
    forget_creatives(cell, model, index)
    clear_wallet(cell, model, index)
    forget_themes(cell, model, index)
    _access(cell, model, person)
    person.times = times_of(cell, model, person, RATES)
    _devices(cell, model, person, index, first)
    u, v, _, _ = drawn(cell, START)
    person.address_t = int(-math.log(u) * model.identifiers.address_life)
    if model.birth.entry_over > 0:
        person.prior = 0
        person.purchases = 0
        person.entry = _entry(model, v)
    plan_entry(cell, model, person, index, v)
    if len(model.history) > 0:
        _remember(cell, model, person, index)
    past_order(cell, model, index)
    first_familiarity(cell, model, index)
    first_knowledge(model, person)
    first_recall(model, person)
    first_acts(model, person)
    start_weariness(model, person)


@inner
def _rates(cell: WorldCell, model: Model, person: Person, index: int) -> None:
    n = len(model.cat)
    factor = model.persona[person.persona].needs
    for c in range(n):
        u, v, _, _ = drawn(cell, RATES + c)
        law = model.demand[person.first_demand + c]
        cell.rate[index, c] = from_table(model.table[law.table_rate], u) * law.rate_scale * factor
        spread = from_table(model.table[law.table_spread], spend_uniform(law, u, v))
        cell.spend[index, c] = law.spend_scale / (spread if spread > 1e-6 else 1e-6)
        cell.gaps[index, c] = 0
        cell.interest[index, c] = 0.0
        cell.interest_t[index, c] = 0
        theme = cell.theme[index, c]
        start_theme(theme)
        theme.affinity = affinity_of(model, int(person.entity), c, u)
    start_theme(cell.theme[index, n])
    start_saturation(cell, model, index)


@inner
def _remember(cell: WorldCell, model: Model, person: Person, index: int) -> None:
    """Give the person the state that a history leads to, by the number in the scenario.

    Numbers fall on the groups by multiples of the golden ratio: any first customers of a
    scenario, however many, have each history about as often as all have (Kronecker's sequence).
    The draws have the addresses of those that they stand in for; who is still a customer is
    decided by one that nobody else uses.
    """
    number = cell.meta.first + index
    place = (((number * 2654435769 + 1325177) & 0xFFFFFFFF) + 0.5) / 4294967296.0
    g = 0
    while g < len(model.history) - 1 and place >= model.history[g].cumulative:
        g += 1
    history = model.history[g]
    _, leaves, here, _ = drawn(cell, NATURE + 1)
    u, v, _, _ = drawn(cell, RATES)
    spread = from_table(model.table[history.table_spread], v)
    cell.rate[index, 0] = from_table(model.table[history.table_rate], u) * history.rate_scale
    cell.spend[index, 0] = history.spend_scale / (spread if spread > 1e-6 else 1e-6)
    person.dropout = from_table(model.table[history.table_dropout], leaves)
    person.left = 1 if here >= history.alive else 0
    person.first_demand = history.member_of * len(model.cat)
    person.prior = 1
    person.purchases = history.orders


@inner
def _access(cell: WorldCell, model: Model, person: Person) -> None:
    """Set which channels the person can use, which may write, and how often idle visits come."""
    reach = 0
    consent = 0
    idle = 0.0
    place = RATES + len(model.cat)
    for c in range(len(model.ch)):
        u, _, _, _ = drawn(cell, place + 2 * c)
        # Channels of one silo share the first uniform: who has the app has its push too.
        if u < model.reach[person.persona, c]:
            reach |= 1 << c
            idle += model.ch[c].idle
            if model.ch[c].messages == 0:
                continue
            u, _, _, _ = drawn(cell, place + 2 * c + 1)
            if u < model.opt_in[person.persona, c]:
                consent |= 1 << c
    person.reach = reach
    person.consent = consent
    person.idle_rate = idle


@inner
def _devices(cell: WorldCell, model: Model, person: Person, index: int, first: int) -> None:
    person.phone_device = 2 * index
    person.pc_device = 2 * index + 1
    if index != first:
        _, shared, _, _ = drawn(cell, HOME)
        if shared < model.identifiers.shared_pc:
            person.pc_device = 2 * first + 1
    for j in range(2):
        device = cell.device[2 * index + j]
        start_device(device)
        entity = person.entity * 2 + j
        a, b, d, _ = drawn(cell, COOKIES + j)
        device.owner = index
        device.entity = entity
        _habits(model, device, a, b, d)
    persona = model.persona[person.persona]
    if persona.no_computer > persona.phone:
        _tablet(cell, model, person, index)


@inner
def _tablet(cell: WorldCell, model: Model, person: Person, index: int) -> None:
    """Give the person a tablet, whose draws have an address of their own."""
    device = cell.tablet[index]
    start_device(device)
    a, b, d, _ = draw4(model.key.k0, model.key.k1, TABLET, person.entity, 0)
    device.owner = index
    device.entity = TABLETS | person.entity
    _habits(model, device, a, b, d)


@inner
def _habits(model: Model, device: Device, a: float, b: float, d: float) -> None:
    """Set how a device's cookies come and go, by three uniforms."""
    device.short = 1 if a < model.identifiers.short_share else 0
    kind = 0
    while kind < 2 and b >= model.identifiers.reset_cumulative[kind]:
        kind += 1
    device.reset_rate = model.identifiers.reset_rate[kind]
    device.until = int(-math.log(d) / device.reset_rate)


@inner
def _entry(model: Model, u: float) -> int:
    """Return the second of a cohort member's first order: by week, evenly within it."""
    return int(weeks_passed(model, u) * model.birth.entry_over / len(model.entry_cum))
