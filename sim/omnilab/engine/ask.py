"""Messages that wait for a strategy's `decide`, as columns over many cells, and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.brand.arms import arm_noted
from omnilab.brand.at_hand import (
    balance_at_hand,
    paid_at_hand,
    points_at_hand,
    tally_at_hand,
    tier_at_hand,
)
from omnilab.brand.context import seen
from omnilab.brand.instances import next_waiting
from omnilab.brand.scoring import note_score, score_at_hand
from omnilab.draws.philox import permute64
from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.record import Floats, Grid, Ints, Vector

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell

__all__ = ["answer", "answer_cell", "ask", "ask_cell", "make_asked", "nothing_asked", "widen"]

DAY: Final = 86400.0


class Asked(Bundle):
    """A table of messages to ask about: a row a message."""

    time_s: Ints
    profile: Ints
    journey: Ints
    step: Ints
    category: Ints
    default: Ints
    orders: Ints
    last_channel: Ints
    cart_cents: Ints
    points: Ints
    tier: Ints
    balance_cents: Ints
    spent_cents: Ints
    score: Floats
    last_viewed: Ints
    last_bought: Ints
    last_device: Ints
    last_searched: Ints
    last_stars: Ints
    where: Ints
    message_id: Ints
    cell: Ints  # where the message is: the cell, and the copy's slot
    slot: Ints
    silo: Ints  # that asks
    channel: Any  # the answer, shape (rows,)
    coupon: Any  # the answer: number of an offer, from 1; 0 the message's own, -1 none
    wait: Any  # the answer, seconds
    goods: Any  # the answer: goods, a bit each; 0 the message's own
    shows: Any  # these three: see omnilab.brand.leeway
    creative: Any
    theme: Any
    scored: Any  # the answer: the profile's score, `NO_SCORE` where it says none
    viewed: Ints  # goods, a bit each
    bought: Ints
    searched: Ints
    gives: Ints  # the message's own offer, from 0; `none` of the table, or -1 a share off
    given: Ints  # declared offers that were sent, a bit each
    used: Ints
    acts: Ints  # a bit each
    may_offer: Any
    offer: Floats
    days_since_order: Floats
    days_since_seen: Floats
    days_since_question: Floats
    days_since_search: Floats
    days_since_review: Floats
    received: Grid[int]
    answered: Grid[int]
    tally: Grid[int]  # purchases or cents, by target
    arm: Grid[int]  # by test, -1 none
    allowed: Grid[bool]
    send: Any  # the answer, shape (rows,)
    count: Ints  # rows in use
    how: Ints  # key of the permutation behind profile ids
    none: Ints  # what `gives` says of a message without an offer


def make_asked(
    rows: int, n_channels: int, mask: int, *, targets: int = 0, tests: int = 0, offers: int = 0
) -> Asked:  # fmt: skip
    """Make room for messages to ask about.

    Parameters
    ----------
    rows
        Messages in one call of `decide`, at most.
    n_channels
        Channels of the scenario.
    mask
        Key of the permutation behind profile ids.
    targets, tests, offers
        Of the brand, how many.

    Returns
    -------
    Asked
        The columns of `Decisions` by their names; ``cell`` and ``slot``, where the message is, and
        ``silo``, whose it is; ``send``, ``channel``, ``coupon``, ``wait``, ``goods``, ``shows``,
        ``creative``, ``theme`` and ``scored``, the answer; ``count``, how many there are.
    """
    integers = (
        "time_s", "profile", "journey", "step", "category", "default", "orders", "last_channel",
        "cart_cents", "points", "tier", "balance_cents", "spent_cents",
        "last_viewed", "last_bought", "last_device", "last_searched",
        "last_stars", "where", "message_id", "cell", "slot", "silo", "channel", "coupon", "wait",
        "goods", "shows", "creative", "theme", "viewed", "bought", "searched",
        "gives", "given", "used", "acts",
    )  # fmt: skip
    arrays: dict[str, Any] = {name: np.zeros(rows, np.int64) for name in integers}
    for name in ("offer", "score", "scored", "days_since_order", "days_since_seen",
                 "days_since_question", "days_since_search", "days_since_review"):  # fmt: skip
        arrays[name] = np.zeros(rows, np.float64)
    for name in ("received", "answered"):
        arrays[name] = np.zeros((rows, n_channels), np.int64)
    arrays["tally"] = np.zeros((rows, targets), np.int64)
    arrays["arm"] = np.zeros((rows, tests), np.int64)
    arrays["allowed"] = np.zeros((rows, n_channels), np.bool_)
    arrays["send"] = np.zeros(rows, np.bool_)
    arrays["may_offer"] = np.zeros(rows, np.bool_)
    arrays["count"] = np.zeros(1, np.int64)
    arrays["how"] = np.array([mask], np.int64)
    arrays["none"] = np.array([offers], np.int64)
    return Asked(arrays)


def nothing_asked(n_channels: int) -> Asked:
    """Return a table for a run in which nothing is asked; the same type as any other."""
    return make_asked(1, n_channels, 0)


def widen(asked: Asked, rows: int) -> None:
    """Make sure that a table has room for so many messages, all that a cell can ask about."""
    if len(asked.cell) >= rows:
        return
    for name, old in asked.arrays().items():
        if name not in ("count", "how", "none"):
            new = np.zeros((rows, *old.shape[1:]), old.dtype)
            new[: len(old)] = old
            asked.set(name, new)


@inner
def ask(cell: Cell, plan: LoweredPlan, asked: Asked, where: int) -> None:
    """Add the messages of a cell that wait, oldest copy first."""
    i = next_waiting(cell, -1)
    while i >= 0:
        _ask_about(cell, plan, asked, i, int(asked.count[0]))
        asked.cell[asked.count[0]] = where
        asked.slot[asked.count[0]] = i
        asked.count[0] += 1
        i = next_waiting(cell, i)


@inner
def _ask_about(cell: Cell, plan: LoweredPlan, asked: Asked, i: int, row: int) -> None:
    copy = cell.copy[i]
    profile = cell.profile[int(copy.profile)]
    now = cell.meta.now
    channel = int(copy.order[int(copy.at)])
    usable = int(copy.usable)
    asked.time_s[row] = now
    asked.profile[row] = permute64(
        (int(cell.meta.number) << 24) | int(profile.serial), asked.how[0]
    )
    asked.journey[row] = copy.journey
    asked.step[row] = copy.step
    step = plan.step[int(copy.journey), int(copy.step)]
    asked.offer[row] = step.offer
    asked.may_offer[row] = step.service == 0
    asked.gives[row] = step.gives - 1
    if step.gives == 0 and step.offer <= 0.0:
        asked.gives[row] = asked.none[0]
    asked.category[row] = copy.category
    asked.default[row] = channel if (usable >> channel) & 1 else -1
    for c in range(asked.allowed.shape[1]):
        asked.allowed[row, c] = (usable >> c) & 1 == 1
        asked.received[row, c] = cell.received[copy.profile, c]
        asked.answered[row, c] = cell.answered[copy.profile, c]
    asked.days_since_seen[row] = (now - profile.last_seen) / DAY
    asked.last_channel[row] = profile.last_channel
    asked.last_device[row] = profile.last_device
    asked.where[row] = copy.where
    asked.message_id[row] = copy.message
    for n in range(asked.arm.shape[1]):
        asked.arm[row, n] = arm_noted(cell, plan, i, n)
    silo = int(plan.silo[channel])
    asked.silo[row] = silo
    asked.score[row] = score_at_hand(cell, plan, int(now), int(copy.profile), silo)
    _history(cell, plan, asked, int(copy.profile), silo, row)
    _membership(cell, plan, asked, int(copy.profile), silo, row)


@inner
def _membership(
    cell: Cell, plan: LoweredPlan, asked: Asked, profile: int, silo: int, row: int
) -> None:
    """Write what the sending silo can see of points and of what the programme counts."""
    t = int(cell.meta.now)
    asked.points[row] = points_at_hand(cell, plan, t, profile, silo)
    tier = tier_at_hand(cell, plan, t, profile, silo)
    asked.tier[row] = tier - 1 if tier > 0 else -1
    asked.balance_cents[row] = balance_at_hand(cell, plan, profile, silo)
    asked.spent_cents[row] = paid_at_hand(cell, plan, profile, silo)
    for k in range(asked.tally.shape[1]):
        asked.tally[row, k] = tally_at_hand(cell, plan, profile, silo, k)


@inner
def _history(
    cell: Cell, plan: LoweredPlan, asked: Asked, profile: int, silo: int, row: int
) -> None:
    """Write what the sending silo can see: orders, cart, views, questions, offers and acts."""
    orders = 0
    viewed = bought = searched = 0  # goods, a bit each
    given = used = acts = 0  # offers and acts, likewise
    last = -1
    cart_t = -1
    cents = 0
    viewed_t = asked_t = searched_t = reviewed_t = -1
    last_viewed = last_bought = last_searched = -1
    stars = 0
    for s in range(plan.rules.n_silos):
        index = seen(cell, plan, profile, silo, s)
        if index < 0:
            continue
        x = cell.context[index]
        orders += x.orders
        viewed |= x.viewed
        bought |= x.bought
        searched |= x.searched
        given |= x.coupons
        used |= x.redeemed
        acts |= x.acts
        if x.order_t > last:
            last, last_bought = int(x.order_t), int(x.order_category)
        if x.view_t > viewed_t:
            viewed_t, last_viewed = int(x.view_t), int(x.view_category)
        asked_t = max(asked_t, int(x.asked_t))
        if x.searched_t > searched_t:
            searched_t, last_searched = int(x.searched_t), int(x.searched_category)
        if x.reviewed_t > reviewed_t:
            reviewed_t, stars = int(x.reviewed_t), int(x.stars)
        if x.cart_t > cart_t:
            cart_t = int(x.cart_t)
            cents = int(x.cart_cents)
    asked.orders[row] = orders
    asked.viewed[row] = viewed
    asked.bought[row] = bought
    asked.searched[row] = searched
    asked.given[row] = given
    asked.used[row] = used
    asked.acts[row] = acts
    asked.last_searched[row] = last_searched
    asked.last_stars[row] = stars
    asked.days_since_order[row] = _days_since(cell, last)
    asked.days_since_search[row] = _days_since(cell, searched_t)
    asked.days_since_review[row] = _days_since(cell, reviewed_t)
    asked.days_since_question[row] = _days_since(cell, asked_t)
    asked.cart_cents[row] = cents
    asked.last_viewed[row] = last_viewed
    asked.last_bought[row] = last_bought


@inner
def _days_since(cell: Cell, t: int) -> float:
    """Return the days since ``t``, NaN where it is -1: never."""
    return (cell.meta.now - t) / DAY if t >= 0 else np.nan


@inner
def answer(kept: Vector[Cell], asked: Asked) -> None:
    """Write the answers into the copies that were asked about, and empty the table."""
    for row in range(asked.count[0]):
        cell = kept[asked.cell[row]]
        cell.meta.answers = 1
        _tell(cell, asked, row)
    asked.count[0] = 0


@inner
def _tell(cell: Cell, asked: Asked, row: int) -> None:
    """Write the answer of a row into its copy, and a score into what its silo knows."""
    copy = cell.copy[asked.slot[row]]
    note_score(
        cell, int(copy.profile), int(asked.silo[row]), int(asked.time_s[row]),
        float(asked.scored[row]),
    )  # fmt: skip
    copy.answer = 1 if asked.send[row] else 2
    copy.choice = asked.channel[row]
    copy.gives = asked.coupon[row]
    copy.wait = asked.wait[row]
    copy.recommends = asked.goods[row]
    copy.shows = asked.shows[row]
    copy.creative = asked.creative[row]
    copy.theme = asked.theme[row]


@kernel
def ask_cell(cell: Cell, plan: LoweredPlan, asked: Asked) -> None:
    """Fill the table with the messages of one cell, for engines that are written in Python."""
    asked.count[0] = 0
    ask(cell, plan, asked, 0)


@kernel
def answer_cell(cell: Cell, asked: Asked) -> None:
    """Write the answers into one cell's copies."""
    for row in range(asked.count[0]):
        _tell(cell, asked, row)
    asked.count[0] = 0
