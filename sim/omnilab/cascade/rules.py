"""The cascade's rules, one small pure function each, shared by the simulator and the engine.

The engine asks some of them once and keeps the answers in tables. All are scalar and in signed
integers, so they give the same answer compiled and as plain Python. Times are integer seconds.

A receipt is *evidence*, and evidence only adds up: the status of a send is the strongest thing
that any of its receipts proves, so it depends on the set of receipts and not on their order or
number. A click proves an open, an open proves the delivery. A provider's `deferred` proves that
the message was taken and nothing more. A bounce is believed until something proves the delivery
after all; after that, a bounce changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import kernel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from omnilab.kernels.record import Ints

    Array = npt.NDArray[np.int64] | npt.NDArray[np.int8] | Ints

__all__ = [
    "BOUNCED",
    "CLICKED",
    "DAY_S",
    "DEFERRED",
    "DELIVERED",
    "DROPPED",
    "NONE",
    "OPENED",
    "PROCESSED",
    "advance",
    "allowed_at",
    "calendar_day",
    "day_start",
    "local_time",
    "next_channel",
    "quiet_until",
    "reached",
    "under_cap",
    "zone_row",
]

NONE = 0
PROCESSED = 1
DELIVERED = 2
OPENED = 3
CLICKED = 4
DEFERRED = -1  # not an end: the receiving side asked to try again later
BOUNCED = -2
DROPPED = -3

DAY_S = 86400


@kernel
def advance(status: int, receipt: int) -> int:
    """Return the status of one send after a receipt: the stronger evidence of the two.

    Parameters
    ----------
    status
        Status so far, one of the constants of this module.
    receipt
        What the receipt says, on the same scale.

    Returns
    -------
    int
        The new status; never `DEFERRED`, which counts as `PROCESSED`. The function is
        commutative, associative and idempotent, so that repeated, late and out-of-order
        receipts change nothing that earlier ones have proved.
    """
    if status == DEFERRED:
        status = PROCESSED
    if receipt == DEFERRED:
        receipt = PROCESSED
    if receipt >= DELIVERED or status >= DELIVERED:  # proof of delivery beats every failure
        return max(status, receipt)
    if receipt < NONE or status < NONE:  # a bounce (the message left) beats a drop
        if status == BOUNCED or receipt == BOUNCED:
            return BOUNCED
        return DROPPED
    return max(status, receipt)


@kernel
def reached(status: int, success: int) -> bool:
    """Tell whether a send's status meets the step's success status.

    Parameters
    ----------
    status
        Status of the send.
    success
        Wanted status, `PROCESSED` .. `CLICKED`. A bounced send was sent, but it counts as
        failed even where `PROCESSED` is all that is wanted.
    """
    return status >= success


@kernel
def next_channel(order: Array, n: int, position: int, usable: int) -> int:
    """Return the first position at or after `position` whose channel is usable, or `n`.

    Parameters
    ----------
    order
        Channel index by position, shape (at least n,).
    n
        Number of positions in use.
    position
        First position to look at, 0 or more.
    usable
        Bit mask over channel indices, 0 .. 62: address known, consent given, channel on.
    """
    while position < n:
        if (usable >> int(order[position])) & 1:
            return position
        position += 1
    return n


@kernel
def under_cap(times: Array, n_times: int, now: int, period: int, limit: int) -> bool:
    """Tell whether one more send at `now` keeps a rolling cap.

    Parameters
    ----------
    times
        Seconds of earlier sends in any order, shape (at least n_times,); -1 and less are empty.
    n_times
        Number of entries in use.
    now
        Time of the send in question, seconds.
    period
        Length of the window (now - period, now], seconds.
    limit
        Most sends within the window, the new one included; 0 or less means no cap.
    """
    if limit <= 0:
        return True
    seen = 0
    for i in range(n_times):
        at = int(times[i])
        if at >= 0 and now - period < at <= now:
            seen += 1
    return seen < limit


@kernel
def quiet_until(local: int, quiet_from: int, quiet_to: int) -> int:
    """Return 0 if sending is allowed, else the local seconds until the quiet hours end.

    Parameters
    ----------
    local
        Local civil time, seconds.
    quiet_from, quiet_to
        First quiet second of the day and the first allowed one after it, 0 .. 86399; the
        window may pass midnight, and equal values mean that there are no quiet hours.
    """
    if quiet_from == quiet_to:
        return 0
    second = local % DAY_S
    if quiet_from < quiet_to:
        if quiet_from <= second < quiet_to:
            return quiet_to - second
        return 0
    if second >= quiet_from:
        return DAY_S - second + quiet_to
    if second < quiet_to:
        return quiet_to - second
    return 0


@kernel
def zone_row(t: int, change_at: Array, n: int) -> int:
    """Return the last row whose change is at or before `t`, or 0 before all changes.

    Parameters
    ----------
    t, change_at, n
        As in `local_time`.
    """
    low = 0
    high = n
    while high - low > 1:
        middle = (low + high) // 2
        if int(change_at[middle]) <= t:
            low = middle
        else:
            high = middle
    return low


@kernel
def local_time(t: int, change_at: Array, offset: Array, n: int) -> int:
    """Return local civil seconds at `t`.

    Parameters
    ----------
    t
        Seconds on the simulation's (UTC-like) clock.
    change_at
        Seconds at which an offset begins, ascending, shape (at least n,); the first is so small
        that it lies before every `t`.
    offset
        Seconds to add from then on, same shape.
    n
        Number of rows in use, 1 or more.
    """
    return t + int(offset[zone_row(t, change_at, n)])


@kernel
def allowed_at(
    t: int,
    quiet_from: int,
    quiet_to: int,
    change_at: Array,
    offset: Array,
    n: int,
) -> int:
    """Return the first second at or after `t` that is outside the quiet hours.

    Exact where the clocks change: an hour that is left out shortens the wait, one that comes
    twice lengthens it, because each stretch of constant offset is looked at by itself.

    Parameters
    ----------
    t
        Seconds on the simulation's clock.
    quiet_from, quiet_to
        As in `quiet_until`.
    change_at, offset, n
        As in `local_time`.
    """
    row = zone_row(t, change_at, n)
    while True:
        free = t + quiet_until(t + int(offset[row]), quiet_from, quiet_to)
        if free == t or row + 1 >= n or free < int(change_at[row + 1]):
            return free
        row += 1
        t = int(change_at[row])


@kernel
def day_start(t: int, change_at: Array, offset: Array, n: int) -> int:
    """Return the first second at or before `t` from which the civil date is that of `t` or later.

    Where the clocks go back over midnight a date comes twice; both stretches and what lies
    between then count as one day, so that no reading of "per day" is ever exceeded.

    Parameters
    ----------
    t
        Seconds on the simulation's clock.
    change_at, offset, n
        As in `local_time`.
    """
    row = zone_row(t, change_at, n)
    local = t + int(offset[row])
    midnight = local - local % DAY_S
    first = max(midnight - int(offset[row]), int(change_at[row]))
    # Offsets differ by less than two days, so that rows further back can't hold this date.
    while row > 0 and int(change_at[row]) > t - 2 * DAY_S:
        row -= 1
        begin = max(midnight - int(offset[row]), int(change_at[row]))
        if begin < int(change_at[row + 1]):
            first = min(first, begin)
    return first


@kernel
def calendar_day(local: int) -> int:
    """Return the number of the civil day that holds the local second `local`."""
    return local // DAY_S
