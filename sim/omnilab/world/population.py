"""The people: households, their sizes and shared computers, and what each person is born with.

Every trait is drawn at the address (household) or (person), so one more household changes nobody.
"""

from __future__ import annotations

import math
from typing import Any

from omnilab.draws.inverse import from_table, normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import HOUSEHOLD
from omnilab.kernels.compiling import inner, kernel
from omnilab.world.fatigue import pressure_of
from omnilab.world.traits import COOKIES, HOME, NATURE, RATES, START, draw_traits, drawn

__all__ = ["born", "household_size"]


@kernel
def household_size(k0: int, k1: int, household: int, cumulative: Any) -> int:
    """Return how many persons live in a household, 1..8."""
    u, _, _, _ = draw4(k0, k1, HOUSEHOLD, household, 0)
    size = 1
    while size < len(cumulative) and u >= cumulative[size - 1]:
        size += 1
    return size


@inner
def born(C: Any, M: Any, index: int, household: int, in_cell: int, place: int, first: int) -> None:
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
    person = C.person[index]
    entity = household * 8 + place
    w = M.w[0]
    draw_traits(C, M, entity, household)
    u, v, x, y = drawn(C, NATURE)
    person.entity = entity
    person.household = in_cell
    persona = 0
    while persona < len(M.persona) - 1 and u >= M.persona[persona].cumulative:
        persona += 1
    person.persona = persona
    person.effect = normal(v)
    person.threshold = w.threshold + w.threshold_sd * normal(x)
    person.ideal = w.ideal * math.exp(w.ideal_sigma * normal(y))
    person.calm = pressure_of(M, min(person.ideal, 1.0))
    u, v, _, _ = drawn(C, NATURE + 1)
    person.prior = 1 if u < w.prior else 0
    person.dropout = from_table(M.table[len(M.table) - 1], v)
    person.left = 0
    person.stopped = 0
    person.last_channel = -1
    person.spill_channel = -1
    person.first_need = -1
    person.address_epoch = 0
    person.row_seq = 0
    person.item_seq = 0
    person.needs = 0
    person.idle = 0
    person.purchases = person.prior
    person.pressure = 0.0
    person.pressure_t = 0
    person.exposure = 0.0
    person.exposure_t = 0
    person.failures = 0.0
    person.failures_t = 0
    person.spill = 0.0
    person.spill_t = 0
    person.offer = 0.0
    person.offer_until = -1
    person.entry = 0
    person.recent_at = 0
    for i in range(4):
        person.recent[i] = -1
        person.recent_n[i] = 0
    _rates(C, M, person)
    _access(C, M, person)
    _devices(C, M, person, index, first)
    u, v, _, _ = drawn(C, START)
    person.address_t = int(-math.log(u) * w.address_life)
    if w.entry_over > 0:
        person.prior = 0
        person.purchases = 0
        person.entry = _entry(M, v)
    if len(M.history) > 0:
        _remember(C, M, person, C.meta[0].first + index)


@inner
def _rates(C: Any, M: Any, person: Any) -> None:
    n = len(M.cat)
    factor = M.persona[person.persona].needs
    for c in range(n):
        u, v, _, _ = drawn(C, RATES + c)
        person.rate[c] = from_table(M.table[c], u) * M.cat[c].rate_scale * factor
        spread = from_table(M.table[2 * n + c], v)
        person.spend[c] = M.cat[c].spend_scale / (spread if spread > 1e-6 else 1e-6)
        person.gaps[c] = 0


@inner
def _remember(C: Any, M: Any, person: Any, number: int) -> None:
    """Give the person with this number in the scenario the state that a history leads to.

    Numbers fall on the groups by multiples of the golden ratio: any first customers of a
    scenario, however many, have each history about as often as all have (Kronecker's sequence).
    The draws have the addresses of those that they stand in for; who is still a customer is
    decided by one that nobody else uses.
    """
    place = (((number * 2654435769 + 1325177) & 0xFFFFFFFF) + 0.5) / 4294967296.0
    g = 0
    while g < len(M.history) - 1 and place >= M.history[g].cumulative:
        g += 1
    history = M.history[g]
    _, leaves, here, _ = drawn(C, NATURE + 1)
    u, v, _, _ = drawn(C, RATES)
    spread = from_table(M.table[history.table_spread], v)
    person.rate[0] = from_table(M.table[history.table_rate], u) * history.rate_scale
    person.spend[0] = history.spend_scale / (spread if spread > 1e-6 else 1e-6)
    person.dropout = from_table(M.table[history.table_dropout], leaves)
    person.left = 1 if here >= history.alive else 0
    person.prior = 1
    person.purchases = history.orders


@inner
def _access(C: Any, M: Any, person: Any) -> None:
    """Set which channels the person can use, which may write, and how often idle visits come."""
    reach = 0
    consent = 0
    idle = 0.0
    persona = M.persona[person.persona]
    place = RATES + len(M.cat)
    for c in range(len(M.ch)):
        u, _, _, _ = drawn(C, place + 2 * c)
        # Channels of one silo share the first uniform: who has the app has its push too.
        if u < persona.reach[c]:
            reach |= 1 << c
            idle += M.ch[c].idle
            if M.ch[c].messages == 0:
                continue
            u, _, _, _ = drawn(C, place + 2 * c + 1)
            if u < persona.opt_in[c]:
                consent |= 1 << c
    person.reach = reach
    person.consent = consent
    person.idle_rate = idle


@inner
def _devices(C: Any, M: Any, person: Any, index: int, first: int) -> None:
    person.phone_device = 2 * index
    person.pc_device = 2 * index + 1
    if index != first:
        _, shared, _, _ = drawn(C, HOME)
        if shared < M.w[0].shared_pc:
            person.pc_device = 2 * first + 1
    for j in range(2):
        device = C.device[2 * index + j]
        entity = person.entity * 2 + j
        a, b, d, _ = drawn(C, COOKIES + j)
        device.owner = index
        device.entity = entity
        device.short = 1 if a < M.w[0].short_share else 0
        device.epoch = 0
        device.resets = 0
        device.seen = -1
        kind = 0
        while kind < 2 and b >= M.w[0].reset_cumulative[kind]:
            kind += 1
        device.reset_rate = M.w[0].reset_rate[kind]
        device.until = int(-math.log(d) / device.reset_rate)


@inner
def _entry(M: Any, u: float) -> int:
    """Return the second of a cohort member's first order: by week, evenly within it."""
    weeks = M.entry_cum
    i = 0
    while i < len(weeks) - 1 and u >= weeks[i]:
        i += 1
    low = weeks[i - 1] if i > 0 else 0.0
    width = weeks[i] - low
    part = (u - low) / width if width > 0.0 else 0.5
    return int((i + part) * M.w[0].entry_over / len(weeks))
