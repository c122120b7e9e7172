"""A batch as rows: three tables checked and dealt out by profile.

Profiles never touch each other, so that once rows are sorted by profile each profile's story
is told from its first row to its last while all of it is in the processor's nearest cache.
Rows are first dealt out to *parts*, ranges of profiles whose rows fit that cache, and each part
is sorted when its turn comes. Starts and events (receipts and signals) are kept apart, since a
start is known beforehand as something that falls due, and needs no place among the events.
"""

from __future__ import annotations

import numpy as np

from omnilab._fetch import prefetch_to_read as prefetch
from omnilab.cascade import codes
from omnilab.cascade._hot import hot, hot_entry
from omnilab.cascade._send import steps_of
from omnilab.cascade._wheel import next_tick
from omnilab.cascade.plan import MAX_TIME_S
from omnilab.cascade.state import MOST_BITS, WAITING, Ints, Parts, Records, Rules

__all__ = [
    "ascends",
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
FAR = (1 << 62) - 1  # tells the compiler that an index doesn't count from the end
AHEAD = 16  # rows, for which the message is fetched
PART_ROWS, MOST_PARTS = 1 << 12, 1 << 10


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
def ascends(times: tuple[Ints, ...], step: int) -> bool:
    """Tell whether every step-th number is at least the one before it."""
    at = times[0]
    falls = 0
    for k in range(step, at.size, step):
        falls |= at[k & FAR] < at[(k - step) & FAR]
    return falls == 0


@hot_entry
def count_starts(starts: tuple[Ints, ...], step: int, lower: int, ends: Ints) -> None:
    """Turn the counters into where each part begins; no part can have more rows.

    Parameters
    ----------
    starts, step
        Columns at, message, profile, plan, usable, zone; every step-th number is a row's.
    lower, ends
        As from `begin_parts`.
    """
    for k in range(0, starts[0].size, step):
        profile = starts[2][k]
        if profile >= 0:
            ends[(profile >> lower) + 1] += 1
    for part in range(ends.size - 1):
        ends[part + 1] += ends[part]


@hot_entry
def count_events(
    receipts: tuple[Ints, ...],
    step: int,
    signals: tuple[Ints, ...],
    signal_step: int,
    by_code: Ints,
    lower: int,
    ends: Ints,
) -> None:
    """Do the same for the rows of `take_events`."""
    n_codes = by_code.size
    for r in range(0, receipts[0].size, step):
        message = receipts[1][r]
        if 0 <= message < n_codes:
            profile = by_code[message] >> 32
            if profile >= 0:
                ends[(profile >> lower) + 1] += 1
    for g in range(0, signals[0].size, signal_step):
        if signals[1][g] >= 0:
            ends[(signals[1][g] >> lower) + 1] += 1
    for part in range(ends.size - 1):
        ends[part + 1] += ends[part]


@hot_entry
def take_starts(
    starts: tuple[Ints, ...],
    step: int,
    limits: Ints,
    by_code: Ints,
    rules: Rules,
    rows: Records,
    lower: int,
    ends: Ints,
    rejected: Ints,
) -> int:
    """Make rows of starts in their parts, refusing what can't be.

    Parameters
    ----------
    starts, step
        As in `count_starts`, in order of time.
    limits
        Clock, origin, numbers of plans, zones and channels, tick.
    by_code
        The profile is filled in for new messages.
    rules
        The engine's.
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
    for s in range(0, starts[0].size, step):
        k = s & FAR
        at, message, profile = starts[0][k], starts[1][k], starts[2][k]
        plan, usable, zone = starts[3][k], starts[4][k], starts[5][k]
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
        row["at"] = at - limits[ORIGIN]
        row["code"] = message
        row["unsubscribed"] = 0
        row["status"] = 0
        row["plan"] = plan
        row["zone"] = zone
        row["usable"] = steps_of(usable & every_channel, plan, rules.steps)  # -1 is all of them
        row["sent"] = 0
        row["position"] = 0
        row["phase"] = WAITING
    return bad


@hot_entry
def place_starts(
    rows: Records,
    parts: Parts,
    by_code: Ints,
    messages: Records,
    place: int,
    when: Ints,
) -> int:
    """Write the records of new messages, profile by profile.

    Parameters
    ----------
    rows, parts
        Rows of `take_starts`, and how to sort them.
    by_code, messages
        The engine's state; messages as records `START`.
    place
        First record of `messages` that is free.
    when
        Filled with each new message's profile and due time, in the order of their places.

    Returns
    -------
    int
        The number of new messages.
    """
    n = 0
    for part in range(parts.begins.size):
        begin, end = parts.begins[part], parts.ends[part]
        sort_part(rows, begin, end, parts, messages, place + n)
        for i in range(n, n + end - begin):
            row = messages[(place + i) & FAR]
            when[i & FAR] = row["when"]
            by_code[row["code"]] = (row["when"] >> 32 << 32) | (place + i)
            row["when"] = row["when"] | (-1 << 32)  # in no list yet
        n += end - begin
    return n


@hot_entry
def take_events(
    receipts: tuple[Ints, ...],
    step: int,
    signals: tuple[Ints, ...],
    signal_step: int,
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
    receipts, step
        Columns at, message, channel, kind, in order of time; every step-th number is a row's.
    signals, signal_step
        Columns at, profile, kind, channel (-1 for all), in order of time, likewise.
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
    last = at_r.size - 1
    for g in range(0, at_g.size + signal_step, signal_step):
        t_g = at_g[g] if g < at_g.size else NEVER
        while r < at_r.size and at_r[r] <= t_g:
            k = r & FAR
            at, message, channel, kind = at_r[k], receipts[1][k], receipts[2][k], receipts[3][k]
            r += step
            prefetch(by_code, receipts[1][min(k + AHEAD * step, last) & FAR])
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
    rows: Records, begin: int, end: int, parts: Parts, target: Records, first: int
) -> None:
    """Sort a part by profile, keeping the order within a profile.

    Parameters
    ----------
    rows, begin, end
        The part's rows, begin .. end - 1.
    parts
        Bits of profile codes that tell them apart, and room to work in.
    target, first
        Where the sorted rows go; may be `parts.near[0]` and 0.
    """
    size, lower, near = end - begin, parts.lower, parts.near
    if lower <= MOST_BITS:
        _deal(rows, begin, size, target, first, 32, lower, parts.places)
    else:
        digit = (lower + 2) // 3
        _deal(rows, begin, size, near[0], 0, 32, digit, parts.places)
        _deal(near[0], 0, size, near[1], 0, 32 + digit, digit, parts.places)
        _deal(near[1], 0, size, target, first, 32 + 2 * digit, digit, parts.places)


@hot
def _deal(
    source: Records,
    begin: int,
    size: int,
    target: Records,
    first: int,
    shift: int,
    digit: int,
    places: Ints,
) -> None:
    """Deal rows out by one digit of the profile."""
    mask = (1 << digit) - 1
    places[: mask + 2] = 0
    for i in range(begin, begin + size):
        places[((source[i & FAR]["when"] >> shift) & mask) + 1] += 1
    places[0] = first
    for d in range(mask + 1):
        places[d + 1] += places[d]
    for i in range(begin, begin + size):
        d = (source[i & FAR]["when"] >> shift) & mask
        at = places[d]
        places[d] = at + 1
        target[at & FAR] = source[i & FAR]
