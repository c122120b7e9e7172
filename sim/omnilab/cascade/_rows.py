"""A batch as rows: three tables checked and dealt out by profile.

Profiles never touch each other, so that once rows are sorted by profile each profile's story
is told from its first row to its last while all of it is in the processor's nearest cache.
Rows are first dealt out to *parts*, ranges of profiles whose rows fit that cache, and each part
is sorted when its turn comes. Starts and events (receipts and signals) are kept apart, since a
start is known beforehand as something that falls due, and needs no place among the events.
"""

from __future__ import annotations

import numpy as np

from omnilab.cascade import codes
from omnilab.cascade._hot import hot, hot_entry, wide
from omnilab.cascade._send import steps_of
from omnilab.cascade._wheel import next_tick
from omnilab.cascade.plan import MAX_TIME_S
from omnilab.cascade.state import WAITING, Ints, Parts, Records

__all__ = [
    "begin_parts",
    "count_events",
    "count_starts",
    "place_starts",
    "sort_part",
    "take_events",
    "take_starts",
]

N_RECEIPTS, N_SIGNALS = len(codes.RECEIPTS), len(codes.SIGNALS)
SIGNAL_ROW = 16
ALL_CHANNELS = 255
STARTS_TABLE, RECEIPTS_TABLE, SIGNALS_TABLE = 0, 1, 2
# Places in `limits`
CLOCK, ORIGIN, N_PLANS, N_ZONES, N_CHANNELS, TICK_S = range(6)
NEVER = 1 << 62
PART_ROWS, MOST_PARTS = 1 << 11, 1 << 10


def begin_parts(n: int, n_profiles: int) -> tuple[int, Ints]:
    """Return the bits of profile codes within a part, and a counter for each part.

    Parameters
    ----------
    n
        Number of rows.
    n_profiles
        One more than the highest profile code.
    """
    bits = max(1, n_profiles - 1).bit_length()
    parts = min(1 << bits, MOST_PARTS, 1 << (n // PART_ROWS).bit_length())
    return bits - parts.bit_length() + 1, np.zeros(parts + 1, dtype=np.int64)


@hot_entry
def count_starts(starts: tuple[Ints, ...], lower: int, ends: Ints) -> None:
    """Turn the counters into where each part begins; no part can have more rows.

    Parameters
    ----------
    starts
        Columns at, message, profile, plan, usable, zone.
    lower, ends
        As from `begin_parts`.
    """
    for s in range(starts[0].size):
        if starts[2][s] >= 0:
            ends[(starts[2][s] >> lower) + 1] += 1
    for part in range(ends.size - 1):
        ends[part + 1] += ends[part]


@hot_entry
def count_events(
    receipts: tuple[Ints, ...], signals: tuple[Ints, ...], by_code: Ints, lower: int, ends: Ints
) -> None:
    """Do the same for the rows of `take_events`."""
    n_codes = by_code.size
    for r in range(receipts[0].size):
        message = receipts[1][r]
        if 0 <= message < n_codes:
            profile = by_code[message] >> 32
            if profile >= 0:
                ends[(profile >> lower) + 1] += 1
    for g in range(signals[0].size):
        if signals[1][g] >= 0:
            ends[(signals[1][g] >> lower) + 1] += 1
    for part in range(ends.size - 1):
        ends[part + 1] += ends[part]


@hot_entry
def take_starts(
    starts: tuple[Ints, ...],
    limits: Ints,
    by_code: Ints,
    rows: Records,
    lower: int,
    ends: Ints,
    rejected: Ints,
) -> int:
    """Make rows of starts in their parts, refusing what can't be.

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
    lower, ends
        Bits of profile codes within a part; where each part begins, becomes where it ends.
    rejected
        Room for all: columns table, at, code, channel, reason; shape (5, n).

    Returns
    -------
    int
        Number of rejections.
    """
    bad = 0
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
        part = profile >> lower
        row = rows[ends[part]]
        ends[part] += 1
        row["when"] = (profile << 32) | next_tick(at - limits[ORIGIN], limits[TICK_S])
        row["message"] = message
        row["at"] = at - limits[ORIGIN]
        row["usable"] = usable & every_channel  # -1 is all of them
        row["plan"] = plan
        row["zone"] = zone
    return bad


@hot_entry
def place_starts(
    rows: Records,
    parts: Parts,
    by_code: Ints,
    messages: Records,
    place: int,
    plans: Records,
    when: Ints,
) -> int:
    """Write the records of new messages, profile by profile.

    Parameters
    ----------
    rows, parts
        Rows of `take_starts`, and how to sort them.
    by_code, messages
        The engine's state.
    place
        First record of `messages` that is free.
    plans
        The plans' records.
    when
        Filled with each new message's profile and due time, in the order of their places.

    Returns
    -------
    int
        The number of new messages.
    """
    n = 0
    near = parts.near[0]
    for part in range(parts.begins.size):
        begin, end = parts.begins[part], parts.ends[part]
        size = sort_part(rows, begin, end, parts.lower, parts.near, parts.places)
        for i in range(size):  # by itself, so that many of these far jumps are under way at once
            by_code[near[i]["message"]] = (near[i]["when"] >> 32 << 32) | (place + n + i)
        for i in range(size):
            row = near[i]
            when[n] = row["when"]
            message = messages[place + n]
            message["due"] = row["when"] & 0xFFFFFFFF
            message["at"] = row["at"]
            message["code"] = row["message"]
            message["next"] = -1
            message["unsubscribed"] = 0
            message["status"] = 0
            message["plan"] = row["plan"]
            message["zone"] = row["zone"]
            message["usable"] = steps_of(wide(row["usable"]), plans[row["plan"]])
            message["sent"] = 0
            message["position"] = 0
            message["phase"] = WAITING
            n += 1
    return n


@hot_entry
def take_events(
    receipts: tuple[Ints, ...],
    signals: tuple[Ints, ...],
    limits: Ints,
    by_code: Ints,
    rows: Records,
    lower: int,
    ends: Ints,
    rejected: Ints,
    bad: int,
) -> int:
    """Make rows of receipts and signals in their parts by time, refusing what can't be.

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
    lower, ends, rejected
        As in `take_starts`.
    bad
        Number of rejections so far.

    Returns
    -------
    int
        Number of rejections.
    """
    r = 0
    at_r, at_g = receipts[0], signals[0]
    for g in range(at_g.size + 1):
        t_g = at_g[g] if g < at_g.size else NEVER
        while r < at_r.size and at_r[r] <= t_g:
            at, message, channel, kind = at_r[r], receipts[1][r], receipts[2][r], receipts[3][r]
            r += 1
            reason, known = _refuse_time(at, limits), -1
            if 0 <= message < by_code.size:
                known = by_code[message]  # profile and place
            if _outside(channel, limits[N_CHANNELS]) or _outside(kind, N_RECEIPTS) or message < 0:
                reason = codes.BAD_VALUE
            elif reason < 0 and known < 0:
                reason = codes.UNKNOWN_MESSAGE
            if reason >= 0:
                bad = _reject(rejected, bad, RECEIPTS_TABLE, at, message, channel, reason)
                continue
            what = ((known & 0xFFFFFFFF) << 16) | (channel << 8) | kind
            _put(rows, ends, lower, known >> 32, at - limits[ORIGIN], what)
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
            what = ((channel & 255) << 8) | (kind + SIGNAL_ROW)
            _put(rows, ends, lower, profile, t_g - limits[ORIGIN], what)
    return bad


@hot
def _put(rows: Records, ends: Ints, lower: int, profile: int, since: int, what: int) -> None:
    """Write an event at the end of its part."""
    part = profile >> lower
    row = rows[ends[part]]
    ends[part] += 1
    row["when"] = (profile << 32) | since
    row["what"] = what


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


@hot
def sort_part(
    rows: Records,
    begin: int,
    end: int,
    lower: int,
    near: tuple[Records, Records],
    places: Ints,
) -> int:
    """Sort a part by profile, keeping the order within a profile; return the number of rows.

    Parameters
    ----------
    rows, begin, end
        The part's rows, begin .. end - 1.
    lower
        Bits of profile codes that tell them apart.
    near
        The first table is filled with the sorted rows, the second one may be used.
    places
        Room for 1024 numbers and one.
    """
    size = end - begin
    if lower <= 10:
        _deal(rows, begin, size, near[0], 32, lower, places)
    else:
        digit = (lower + 2) // 3  # an odd number of passes, so that all end in the first table
        _deal(rows, begin, size, near[0], 32, digit, places)
        _deal(near[0], 0, size, near[1], 32 + digit, digit, places)
        _deal(near[1], 0, size, near[0], 32 + 2 * digit, digit, places)
    return size


@hot
def _deal(
    source: Records,
    begin: int,
    size: int,
    target: Records,
    shift: int,
    digit: int,
    places: Ints,
) -> None:
    """Deal rows out by one digit of the profile."""
    mask = (1 << digit) - 1
    places[: mask + 2] = 0
    for i in range(begin, begin + size):
        places[((source[i]["when"] >> shift) & mask) + 1] += 1
    for d in range(mask + 1):
        places[d + 1] += places[d]
    for i in range(begin, begin + size):
        d = (source[i]["when"] >> shift) & mask
        at = places[d]
        places[d] = at + 1
        target[at] = source[i]
