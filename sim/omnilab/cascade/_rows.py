"""A batch as rows: three tables checked and sorted by profile.

Profiles never touch each other, so that once rows are sorted by profile each profile's story
is told from its first row to its last while all of it is in the processor's nearest cache.
Starts and events (receipts and signals) are kept apart, since a start is known beforehand as
something that falls due, and needs no place among the events.
"""

from __future__ import annotations

import numpy as np

from omnilab._jit import kernel
from omnilab.cascade import codes
from omnilab.cascade._hot import hot, hot_entry
from omnilab.cascade._send import steps_of
from omnilab.cascade._wheel import next_tick
from omnilab.cascade.plan import MAX_TIME_S
from omnilab.cascade.state import WAITING, Ints, Records

__all__ = ["place_starts", "sort_rows", "take_events", "take_starts"]

N_RECEIPTS, N_SIGNALS = len(codes.RECEIPTS), len(codes.SIGNALS)
SIGNAL_ROW = 16
ALL_CHANNELS = 255
STARTS_TABLE, RECEIPTS_TABLE, SIGNALS_TABLE = 0, 1, 2
# Places in `limits`
CLOCK, ORIGIN, N_PLANS, N_ZONES, N_CHANNELS, TICK_S = range(6)
NEVER = 1 << 62
PART = 12  # bits of the number of rows that are sorted in the near cache


@hot_entry
def take_starts(
    starts: tuple[Ints, ...], limits: Ints, by_code: Ints, rows: Records, rejected: Ints
) -> tuple[int, int]:
    """Make rows of starts, refusing what can't be.

    Parameters
    ----------
    starts
        Columns at, message, profile, plan, usable, zone; each shape (n,), in order of time.
    limits
        Clock, origin, numbers of plans, zones and channels, tick.
    by_code
        The profile is filled in for new messages.
    rows
        Room for all: records `START`.
    rejected
        Room for all: columns table, at, code, channel, reason; shape (5, n).

    Returns
    -------
    tuple of int
        Number of rows and number of rejections.
    """
    n, bad = 0, 0
    every_channel = (1 << limits[N_CHANNELS]) - 1
    for s in range(starts[0].size):
        at, message, profile = starts[0][s], starts[1][s], starts[2][s]
        plan, usable, zone = starts[3][s], starts[4][s], starts[5][s]
        reason = _refuse_time(at, limits)
        if reason < 0:
            reason = _refuse_start(message, profile, plan, usable, zone, limits, by_code)
        if reason >= 0:
            bad = _reject(rejected, bad, STARTS_TABLE, at, message, -1, reason)
            continue
        by_code[message] = profile << 32
        row = rows[n]
        row["when"] = (profile << 32) | next_tick(at - limits[ORIGIN], limits[TICK_S])
        row["message"] = message
        row["at"] = at - limits[ORIGIN]
        row["usable"] = usable & every_channel  # -1 is all of them
        row["plan"] = plan
        row["zone"] = zone
        n += 1
    return n, bad


@hot_entry
def place_starts(
    rows: Records, n: int, by_code: Ints, messages: Records, place: int, plans: Records
) -> None:
    """Write the records of new messages, profile by profile, from number `place` on.

    Parameters
    ----------
    rows, n
        Sorted rows of `take_starts`.
    by_code, messages
        The engine's state.
    place
        First record of `messages` that is free.
    plans
        The plans' records.
    """
    for i in range(n):
        row = rows[i]
        by_code[row["message"]] |= place + i
        message = messages[place + i]
        message["due"] = row["when"] & 0xFFFFFFFF
        message["at"] = row["at"]
        message["code"] = row["message"]
        message["next"] = -1
        message["unsubscribed"] = 0
        message["status"] = 0
        message["plan"] = row["plan"]
        message["zone"] = row["zone"]
        message["usable"] = steps_of(np.int64(row["usable"]), plans[row["plan"]])
        message["sent"] = 0
        message["position"] = 0
        message["phase"] = WAITING


@hot_entry
def take_events(
    receipts: tuple[Ints, ...],
    signals: tuple[Ints, ...],
    limits: Ints,
    by_code: Ints,
    rows: Records,
    rejected: Ints,
    bad: int,
) -> tuple[int, int]:
    """Merge receipts and signals by time into rows, refusing what can't be.

    At the same second receipts come before signals.

    Parameters
    ----------
    receipts
        Columns at, message, channel, kind; each shape (n,), in order of time.
    signals
        Columns at, profile, kind, channel (-1 for all); each shape (n,), in order of time.
    limits, by_code
        As in `take_starts`; all starts of the batch have their places.
    rows
        Room for all: records `EVENT`.
    rejected, bad
        As in `take_starts`, and how many rejections it holds.

    Returns
    -------
    tuple of int
        Number of rows and number of rejections.
    """
    n, r = 0, 0
    at_r, at_g = receipts[0], signals[0]
    for g in range(at_g.size + 1):
        t_g = at_g[g] if g < at_g.size else NEVER
        while r < at_r.size and at_r[r] <= t_g:
            at, message, channel, kind = at_r[r], receipts[1][r], receipts[2][r], receipts[3][r]
            r += 1
            reason = _refuse_time(at, limits)
            if _outside(channel, limits[N_CHANNELS]) or _outside(kind, N_RECEIPTS) or message < 0:
                reason = codes.BAD_VALUE
            elif reason < 0 and (message >= by_code.size or by_code[message] < 0):
                reason = codes.UNKNOWN_MESSAGE
            if reason >= 0:
                bad = _reject(rejected, bad, RECEIPTS_TABLE, at, message, channel, reason)
                continue
            known = by_code[message]  # profile and place
            row = rows[n]
            row["when"] = (known >> 32 << 32) | (at - limits[ORIGIN])
            row["what"] = ((known & 0xFFFFFFFF) << 16) | (channel << 8) | kind
            n += 1
        if g < at_g.size:
            profile, kind, channel = signals[1][g], signals[2][g], signals[3][g]
            reason = _refuse_time(t_g, limits)
            if _outside(kind, N_SIGNALS) or _outside(channel + 1, limits[N_CHANNELS] + 1):
                reason = codes.BAD_VALUE
            if profile < 0:
                reason = codes.BAD_VALUE
            if reason >= 0:
                bad = _reject(rejected, bad, SIGNALS_TABLE, t_g, profile, channel, reason)
                continue
            row = rows[n]
            row["when"] = (profile << 32) | (t_g - limits[ORIGIN])
            row["what"] = ((channel & 255) << 8) | (kind + SIGNAL_ROW)
            n += 1
    return n, bad


@hot
def _refuse_time(at: int, limits: Ints) -> int:
    """Return why nothing can be at this time, or -1."""
    if at < 0 or at >= MAX_TIME_S:
        return codes.BAD_VALUE
    if at < limits[CLOCK]:
        return codes.TIME_BACKWARDS
    return -1


@hot
def _outside(code: int, n: int) -> bool:
    """Tell whether a code is not one of 0 .. n - 1."""
    return code < 0 or code >= n


@hot
def _refuse_start(
    message: int, profile: int, plan: int, usable: int, zone: int, limits: Ints, by_code: Ints
) -> int:
    """Return why this start can't be, or -1."""
    if message < 0 or profile < 0 or usable < -1:
        return codes.BAD_VALUE
    if _outside(plan, limits[N_PLANS]) or _outside(zone, limits[N_ZONES]):
        return codes.BAD_VALUE
    if by_code[message] >= 0:
        return codes.DUPLICATE_MESSAGE
    return -1


@hot
def _reject(
    rejected: Ints, bad: int, table: int, at: int, code: int, channel: int, reason: int
) -> int:
    """Write down a row that can't be; return the new number of these."""
    rejected[0, bad] = table
    rejected[1, bad] = at
    rejected[2, bad] = code
    rejected[3, bad] = channel
    rejected[4, bad] = reason
    return bad + 1


@kernel
def sort_rows(rows: Records, n: int, bits: int, other: Records) -> None:
    """Sort rows by profile, keeping their order within a profile.

    First into parts small enough for the near cache, by the upper bits of the profile, then
    each part by the others.

    Parameters
    ----------
    rows
        Records `START` or `EVENT`, shape (at least n,).
    n
        Number of rows.
    bits
        Bits in use by profile codes.
    other
        Room for as many.
    """
    upper = 0
    while upper < min(bits, 10) and (n >> (PART + upper)) > 0:
        upper += 1
    lower = bits - upper
    ends = np.zeros((1 << upper) + 1, dtype=np.int64)
    _deal(rows, 0, n, other, 32 + lower, upper, ends)
    passes = 1 if lower <= 10 else 3  # an odd number, so that all end in `rows`
    digit = (lower + passes - 1) // passes
    places = np.empty((1 << digit) + 1, dtype=np.int64)
    low = 0
    for part in range(1 << upper):
        high = ends[part]
        _deal(other, low, high, rows, 32, digit, places)
        if passes == 3:
            _deal(rows, low, high, other, 32 + digit, digit, places)
            _deal(other, low, high, rows, 32 + 2 * digit, digit, places)
        low = high


@hot
def _deal(
    source: Records,
    low: int,
    high: int,
    target: Records,
    shift: int,
    digit: int,
    places: Ints,
) -> None:
    """Deal rows low .. high - 1 out by one digit; `places` becomes the ends of the heaps."""
    mask = (1 << digit) - 1
    places[:] = 0
    for i in range(low, high):
        places[((source[i]["when"] >> shift) & mask) + 1] += 1
    places[0] = low
    for d in range(mask + 1):
        places[d + 1] += places[d]
    for i in range(low, high):
        d = (source[i]["when"] >> shift) & mask
        at = places[d]
        places[d] = at + 1
        target[at] = source[i]
