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
from typing import Any

from omnilab.draws.inverse import from_table
from omnilab.draws.philox import draw4
from omnilab.draws.streams import NEED, NEED_GAP
from omnilab.kernels.compiling import inner
from omnilab.world import state
from omnilab.world.clock import from_activity, from_need_clock, later, to_activity, to_need_clock

__all__ = ["close", "find", "next_arrival", "open_need"]

MOST_CENTS = (1 << 37) - 1  # of an order: bits of the item that gives it back


@inner
def next_arrival(M: Any, person: Any, category: int, t: int) -> int:
    """Return when the person's next need in the category arrives after one at ``t``.

    Gaps are Erlang-k of unit mean over the person's rate, on the need clock. The first gap
    starts in a random one of its k stages, so that the process is stationary from the start.
    """
    k = int(M.cat[category].regularity)
    n = int(person.gaps[category])
    stages = k
    occasion = (category << 40) | (n << 2)
    if n == 0 and k > 1:
        u, _, _, _ = draw4(M.k[0], M.k[1], NEED_GAP, person.entity, occasion | 2)
        stages = 1 + int(u * k)
    a, b, c, d = draw4(M.k[0], M.k[1], NEED_GAP, person.entity, occasion)
    product = a
    if stages > 1:
        product *= b
    if stages > 2:
        product *= c
    if stages > 3:
        product *= d
    if stages > 4:
        a, b, c, d = draw4(M.k[0], M.k[1], NEED_GAP, person.entity, occasion | 1)
        product *= a
        if stages > 5:
            product *= b
        if stages > 6:
            product *= c
        if stages > 7:
            product *= d
    person.gaps[category] = n + 1
    rate = person.rate[category]
    if rate < 1e-12:
        return M.clock[2] + 1
    gap = -math.log(product) / k / rate
    now = to_need_clock(M, category, to_activity(M, t))
    active = from_need_clock(M, category, now + gap)
    if active > M.act_end[0]:
        return M.clock[2] + 1
    at = from_activity(M, active)
    return at if at > t else t + 1


@inner
def open_need(
    M: Any, person: Any, need: Any, owner: int, category: int, ordinal: int, t: int
) -> int:
    """Fill ``need`` with a new need of the person; return when it is noticed by itself.

    Value is gamma given the person's own scale (Gamma-Gamma); patience counts from the moment
    at which the need would be noticed.
    """
    person.needs += 1
    u, v, w, _ = draw4(M.k[0], M.k[1], NEED, person.entity, ordinal)
    c = M.cat[category]
    cents = int(from_table(M.table[c.table_p], u) * person.spend[category] * 100.0 + 0.5)
    noticed = t + 1
    if c.latent > 0:
        noticed = later(M, t, -math.log(v) * c.latent)
    need.stage = state.LATENT
    need.category = category
    need.progress = 0
    need.channel = -1
    need.silo = -1
    need.cart_left = 0
    need.owner = owner
    need.visits = 0
    need.ordinal = ordinal
    need.value = min(max(cents, 1), MOST_CENTS)
    need.opened = t
    need.expires = noticed + 1 + int(-math.log(w) * c.patience)
    need.stock = 0.0
    need.stock_t = t
    return noticed


@inner
def find(C: Any, person: Any, ordinal: int) -> int:
    """Return the index of the person's open need with this ordinal, or -1."""
    i = person.first_need
    while i >= 0:
        if C.need[i].ordinal == ordinal:
            return i
        i = C.need[i].next
    return -1


@inner
def close(C: Any, person: Any, index: int) -> None:
    """Take a need off the person's list and free it."""
    i = person.first_need
    if i == index:
        person.first_need = C.need[index].next
    else:
        while C.need[i].next != index:
            i = C.need[i].next
        C.need[i].next = C.need[index].next
    C.need[index].stage = state.FREE
