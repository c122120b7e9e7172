"""Messages that wait for a strategy's `decide`, as columns over many cells, and its answers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab.brand.profiles import next_waiting
from omnilab.draws.philox import permute64
from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import inner, kernel

__all__ = ["answer", "answer_cell", "ask", "ask_cell", "make_asked", "nothing_asked", "widen"]

DAY: Final = 86400.0


def make_asked(rows: int, n_channels: int, mask: int, *, shares_context: bool) -> Bundle:
    """Make room for messages to ask about.

    Parameters
    ----------
    rows
        Messages in one call of `decide`, at most.
    n_channels
        Channels of the scenario.
    mask
        Key of the permutation behind profile ids.
    shares_context
        Whether a silo sees what the others know.

    Returns
    -------
    Bundle
        The columns of `Decisions` by their names; ``cell`` and ``slot``, where the message is;
        ``send`` and ``channel``, the answer; ``count``, how many there are.
    """
    integers = (
        "time_s", "profile", "journey", "step", "category", "default", "orders", "last_channel",
        "cart_cents", "message_id", "cell", "slot", "channel",
    )  # fmt: skip
    arrays: dict[str, Any] = {name: np.zeros(rows, np.int64) for name in integers}
    for name in ("offer", "days_since_order", "days_since_seen"):
        arrays[name] = np.zeros(rows, np.float64)
    for name in ("received", "answered"):
        arrays[name] = np.zeros((rows, n_channels), np.int64)
    arrays["allowed"] = np.zeros((rows, n_channels), np.bool_)
    arrays["send"] = np.zeros(rows, np.bool_)
    arrays["count"] = np.zeros(1, np.int64)
    arrays["how"] = np.array([mask, int(shares_context)], np.int64)
    return Bundle(arrays)


def nothing_asked(n_channels: int) -> Bundle:
    """Return a table for a run in which nothing is asked; the same type as any other."""
    return make_asked(1, n_channels, 0, shares_context=False)


def widen(asked: Bundle, rows: int) -> None:
    """Make sure that a table has room for so many messages, all that a cell can ask about."""
    if len(asked.cell) >= rows:
        return
    for name, old in asked.arrays().items():
        if name not in ("count", "how"):
            new = np.zeros((rows, *old.shape[1:]), old.dtype)
            new[: len(old)] = old
            asked.set(name, new)


@inner
def ask(C: Any, P: Any, D: Any, cell: int) -> None:
    """Add the messages of a cell that wait, oldest copy first."""
    i = next_waiting(C, -1)
    while i >= 0:
        _ask_about(C, P, D, i, int(D.count[0]))
        D.cell[D.count[0]] = cell
        D.slot[D.count[0]] = i
        D.count[0] += 1
        i = next_waiting(C, int(C.copy[i].serial))


@inner
def _ask_about(C: Any, P: Any, D: Any, i: int, row: int) -> None:
    copy = C.copy[i]
    profile = C.profile[int(copy.profile)]
    now = C.meta[0].now
    channel = int(copy.order[int(copy.at)])
    usable = int(copy.usable)
    D.time_s[row] = now
    D.profile[row] = permute64((int(C.meta[0].cell) << 24) | int(profile.serial), D.how[0])
    D.journey[row] = copy.journey
    D.step[row] = copy.step
    D.offer[row] = P.step[int(copy.journey), int(copy.step)].offer
    D.category[row] = copy.category
    D.default[row] = channel if (usable >> channel) & 1 else -1
    for c in range(D.allowed.shape[1]):
        D.allowed[row, c] = (usable >> c) & 1 == 1
        D.received[row, c] = profile.received[c]
        D.answered[row, c] = profile.answered[c]
    D.days_since_seen[row] = (now - profile.last_seen) / DAY
    D.last_channel[row] = profile.last_channel
    D.message_id[row] = copy.message
    _history(C, D, profile, int(P.silo[channel]), row)


@inner
def _history(C: Any, D: Any, profile: Any, silo: int, row: int) -> None:
    """Write orders, last order and cart that the sending silo can see."""
    orders = 0
    last = -1
    cart_t = -1
    cents = 0
    for s in range(len(profile.context)):
        index = int(profile.context[s])
        if index < 0 or (s != silo and D.how[1] == 0):
            continue
        x = C.context[index]
        orders += x.orders
        last = max(last, int(x.order_t))
        if x.cart_t > cart_t:
            cart_t = int(x.cart_t)
            cents = int(x.cart_cents)
    D.orders[row] = orders
    D.days_since_order[row] = (C.meta[0].now - last) / DAY if last >= 0 else np.nan
    D.cart_cents[row] = cents


@inner
def answer(kept: Any, D: Any) -> None:
    """Write the answers into the copies that were asked about, and empty the table."""
    for row in range(D.count[0]):
        C = kept[D.cell[row]]
        C.meta[0].answers = 1
        copy = C.copy[D.slot[row]]
        copy.answer = 1 if D.send[row] else 2
        copy.choice = D.channel[row]
    D.count[0] = 0


@kernel
def ask_cell(C: Any, P: Any, D: Any) -> None:
    """Fill the table with the messages of one cell, for engines that are written in Python."""
    D.count[0] = 0
    ask(C, P, D, 0)


@kernel
def answer_cell(C: Any, D: Any) -> None:
    """Write the answers into one cell's copies."""
    for row in range(D.count[0]):
        copy = C.copy[D.slot[row]]
        copy.answer = 1 if D.send[row] else 2
        copy.choice = D.channel[row]
    D.count[0] = 0
