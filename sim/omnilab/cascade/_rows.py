"""A batch as rows: three tables merged in order of time, checked, and sorted by profile.

Profiles never touch each other, so that once rows are sorted by profile each profile's story
is told from its first row to its last while all of it is in the processor's nearest cache. A
row is two words: (profile, seconds since the origin) and (message, channel, kind).
"""

from __future__ import annotations

import numpy as np

from omnilab._jit import kernel
from omnilab.cascade import codes
from omnilab.cascade._hot import hot, hot_entry
from omnilab.cascade.plan import MAX_TIME_S
from omnilab.cascade.state import (
    AT,
    CODE,
    PLAN,
    PROFILE_OF,
    ROW_OF,
    USABLE,
    ZONE,
    Ints,
    Words,
)

__all__ = ["merge_rows", "place_rows", "sort_rows"]

N_RECEIPTS, N_SIGNALS = len(codes.RECEIPTS), len(codes.SIGNALS)
SIGNAL_ROW, START_ROW, WAKE_ROW = 16, 32, 33
ALL_CHANNELS = 255
STARTS_TABLE, RECEIPTS_TABLE, SIGNALS_TABLE = 0, 1, 2
# Places in `limits`
CLOCK, ORIGIN, N_PLANS, N_ZONES, N_CHANNELS = range(5)
NEVER = 1 << 62


@hot_entry
def merge_rows(
    woken: Ints,
    starts: tuple[Ints, ...],
    receipts: tuple[Ints, ...],
    signals: tuple[Ints, ...],
    limits: Ints,
    by_code: Words,
    rows: Ints,
    fields: Words,
    rejected: Ints,
) -> tuple[int, int]:
    """Merge the tables by time into `rows`, refusing what can't be.

    At the same second receipts come before signals and these before starts.

    Parameters
    ----------
    woken
        Profiles for which something is due.
    starts
        Columns at, message, profile, plan, usable, zone; each shape (n,), in order of time.
    receipts
        Columns at, message, channel, kind; each shape (n,), in order of time.
    signals
        Columns at, profile, kind, channel (-1 for all); each shape (n,), in order of time.
    limits
        Clock, origin, numbers of plans, zones and channels.
    by_code
        The profile is filled in for new messages.
    rows
        Room for all, shape (n, 2).
    fields
        Room for message, plan, usable and zone of starts, shape (n_starts, 4).
    rejected
        Room for all: columns table, at, code, channel, reason; shape (5, n).

    Returns
    -------
    tuple of int
        Number of rows and number of rejections.
    """
    n, bad = 0, 0
    for i in range(woken.size):
        rows[n, 0] = woken[i] << 32
        rows[n, 1] = WAKE_ROW
        n += 1
    origin, clock = limits[ORIGIN], limits[CLOCK]
    s, r, g = 0, 0, 0
    at_s, at_r, at_g = starts[0], receipts[0], signals[0]
    n_s, n_r, n_g = at_s.size, at_r.size, at_g.size
    while s < n_s or r < n_r or g < n_g:
        t_s = at_s[s] if s < n_s else NEVER
        t_r = at_r[r] if r < n_r else NEVER
        t_g = at_g[g] if g < n_g else NEVER
        at = min(t_r, t_g, t_s)
        reason = -1
        if at < 0 or at >= MAX_TIME_S:
            reason = codes.BAD_VALUE
        elif at < clock:
            reason = codes.TIME_BACKWARDS
        if t_r == at:
            message, channel, kind = receipts[1][r], receipts[2][r], receipts[3][r]
            table, code, r = RECEIPTS_TABLE, message, r + 1
            second = (message << 16) | (channel << 8) | kind
            profile = -1
            if message < 0 or _outside(channel, limits[N_CHANNELS]) or _outside(kind, N_RECEIPTS):
                reason = codes.BAD_VALUE
            elif reason < 0:
                if message < by_code.shape[0]:
                    profile = int(by_code[message, PROFILE_OF])
                if profile < 0:
                    reason = codes.UNKNOWN_MESSAGE
        elif t_g == at:
            profile, kind, channel = signals[1][g], signals[2][g], signals[3][g]
            table, code, g = SIGNALS_TABLE, profile, g + 1
            if profile < 0 or _outside(kind, N_SIGNALS) or _outside(channel + 1, limits[4] + 1):
                reason = codes.BAD_VALUE
            second = ((channel & 255) << 8) | (kind + SIGNAL_ROW)
        else:
            code, profile, channel = starts[1][s], starts[2][s], -1
            if reason < 0:
                plan, usable, zone = starts[3][s], starts[4][s], starts[5][s]
                reason = _refuse_start(code, profile, plan, usable, zone, limits, by_code)
            if reason < 0:
                by_code[code, PROFILE_OF] = profile
                fields[s, 0], fields[s, 1], fields[s, 3] = code, plan, zone
                # Only the low bits are channels; -1 is all of them.
                fields[s, 2] = usable & ((1 << limits[N_CHANNELS]) - 1)
            table, second = STARTS_TABLE, (np.int64(s) << 16) | START_ROW
            s += 1
        if reason < 0:
            rows[n, 0] = (profile << 32) | (at - origin)
            rows[n, 1] = second
            n += 1
        else:
            rejected[0, bad] = table
            rejected[1, bad] = at
            rejected[2, bad] = code
            rejected[3, bad] = channel
            rejected[4, bad] = reason
            bad += 1
    return n, bad


@hot
def _outside(code: int, n: int) -> bool:
    """Tell whether a code is not one of 0 .. n - 1."""
    return code < 0 or code >= n


@hot
def _refuse_start(
    message: int, profile: int, plan: int, usable: int, zone: int, limits: Ints, by_code: Words
) -> int:
    """Return why this start can't be, or -1."""
    if message < 0 or profile < 0 or usable < -1:
        return codes.BAD_VALUE
    if _outside(plan, limits[N_PLANS]) or _outside(zone, limits[N_ZONES]):
        return codes.BAD_VALUE
    if by_code[message, PROFILE_OF] >= 0:
        return codes.DUPLICATE_MESSAGE
    return -1


@kernel
def sort_rows(rows: Ints, n: int, bits: int, other: Ints) -> int:
    """Sort rows by profile, keeping their order within a profile; return the passes made.

    After an odd number of passes the answer is in `other`. A radix sort with
    digits of at most 10 bits, so that all open ends of a pass stay in the nearest cache.

    Parameters
    ----------
    rows
        Rows, shape (at least n, 2).
    n
        Number of rows.
    bits
        Bits in use by profile codes.
    other
        Room for as many.
    """
    passes = (bits + 9) // 10
    if n < 2 or passes == 0:
        return 0
    digit = (bits + passes - 1) // passes
    size = 1 << digit
    places = np.zeros(size + 1, dtype=np.int64)
    for p in range(passes):
        shift = 32 + p * digit
        places[:] = 0
        for i in range(n):
            places[((rows[i, 0] >> shift) & (size - 1)) + 1] += 1
        for d in range(size):
            places[d + 1] += places[d]
        for i in range(n):
            d = (rows[i, 0] >> shift) & (size - 1)
            at = places[d]
            places[d] = at + 1
            other[at, 0] = rows[i, 0]
            other[at, 1] = rows[i, 1]
        rows, other = other, rows
    return passes


@hot_entry
def place_rows(
    rows: Ints, n: int, fields: Words, by_code: Words, messages: Words, next_row: int
) -> int:
    """Give new messages their rows of state, and let starts and receipts refer to these.

    A loop of its own, because it jumps all over the memory: here the processor can do many such
    jumps at once, in the midst of decisions each would wait for the one before.

    Parameters
    ----------
    rows, n
        Sorted rows; the message or start in the second word becomes the message's row.
    fields
        Message, plan, usable and zone of each start, shape (n_starts, 4).
    by_code, messages
        The engine's state.
    next_row
        First row of `messages` that is free.

    Returns
    -------
    int
        The first row that is free afterwards.
    """
    for i in range(n):
        second = rows[i, 1]
        kind = second & 255
        if kind < SIGNAL_ROW:
            rows[i, 1] = (np.int64(by_code[second >> 16, ROW_OF]) << 16) | (second & 0xFFFF)
        elif kind == START_ROW:
            s = second >> 16
            message = int(fields[s, 0])
            by_code[message, ROW_OF] = next_row
            messages[next_row, CODE] = message
            messages[next_row, AT] = rows[i, 0] & 0xFFFFFFFF
            messages[next_row, PLAN] = fields[s, 1]
            messages[next_row, USABLE] = fields[s, 2]
            messages[next_row, ZONE] = fields[s, 3]
            rows[i, 1] = (np.int64(next_row) << 16) | START_ROW
            next_row += 1
    return next_row
