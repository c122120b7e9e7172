"""A batch as rows: three tables checked and dealt out by profile.

Profiles never touch each other, so that once rows are sorted by profile each profile's story
is told from its first row to its last while all of it is in the processor's nearest cache.
Starts and events (receipts and signals) are kept apart, since a
start is known beforehand as something that falls due, and needs no place among the events.
"""

from __future__ import annotations

from omnilab.cascade import codes
from omnilab.cascade._parts import FAR, Parts, place_in, sort_part
from omnilab.cascade._send import steps_of
from omnilab.cascade._wheel import next_tick
from omnilab.cascade.plan import MAX_TIME_S
from omnilab.cascade.state import WAITING, Ints, Records, Rules
from omnilab.kernels.compiling import inlined, uncounted_kernel
from omnilab.kernels.prefetch import prefetch_to_read as prefetch
from omnilab.kernels.prefetch import prefetch_to_write as fetch

__all__ = [
    "ascends",
    "place_starts",
    "take_events",
    "take_starts",
]

N_RECEIPTS, N_SIGNALS = len(codes.RECEIPTS), len(codes.SIGNALS)
SIGNAL_ROW = 16
ALL_CHANNELS = 255
STARTS_TABLE, RECEIPTS_TABLE, SIGNALS_TABLE = 0, 1, 2
# Places in `limits`
CLOCK, ORIGIN, N_PLANS, N_ZONES, N_CHANNELS, TICK_S, UNTIL = range(7)
NEVER = 1 << 62
AHEAD = 16  # rows, for which the message is fetched


@uncounted_kernel
def ascends(times: tuple[Ints, ...], step: int) -> bool:
    """Tell whether every step-th number is at least the one before it."""
    at = times[0]
    falls = 0
    for k in range(step, at.size, step):
        falls |= at[k & FAR] < at[(k - step) & FAR]
    return falls == 0


@uncounted_kernel
def take_starts(
    starts: tuple[Ints, ...],
    step: int,
    limits: Ints,
    by_code: Ints,
    rules: Rules,
    parts: Parts,
    rejected: Ints,
) -> int:
    """Make rows of starts in their parts, refusing what can't be.

    Parameters
    ----------
    starts, step
        Columns at, message, profile, plan, usable, zone, in order of time; every step-th number
        is a row's.
    limits
        Clock, origin, numbers of plans, zones and channels, tick, end of the batch.
    by_code
        The profile is filled in for new messages.
    rules
        The engine's.
    parts
        Room for all: records `START`.
    rejected
        Room for all: columns table, at, code, channel, reason; shape (5, n).

    Returns
    -------
    int
        Number of rejections.
    """
    bad = 0
    origin, tick, due = limits[ORIGIN], limits[TICK_S], 0
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
        by_code[message & FAR] = profile << 32
        place = place_in(parts, profile)
        fetch(parts.rows, place + 4)
        row = parts.rows[place]
        if at - origin > due:  # seldom: many starts share a tick, and division takes long
            due = next_tick(at - origin, tick)
        row["when"] = (profile << 32) | due
        row["at"] = at - origin
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


@uncounted_kernel
def place_starts(
    parts: Parts,
    by_code: Ints,
    messages: Records,
    place: int,
    when: Ints,
) -> int:
    """Write the records of new messages, profile by profile.

    Parameters
    ----------
    parts
        Rows of `take_starts`.
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
    for part in range(parts.ends.size - 1):
        size = sort_part(parts, part, messages, place + n)
        for i in range(n, n + size):
            row = messages[(place + i) & FAR]
            when[i & FAR] = row["when"]
            by_code[row["code"]] = (row["when"] >> 32 << 32) | (place + i)
            row["when"] = row["when"] | (-1 << 32)  # in no list yet
        n += size
    return n


@uncounted_kernel
def take_events(
    receipts: tuple[Ints, ...],
    step: int,
    signals: tuple[Ints, ...],
    signal_step: int,
    limits: Ints,
    by_code: Ints,
    parts: Parts,
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
    parts
        Room for all: records `EVENT`.
    rejected
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
            elif reason < 0 and known < 0:  # it may start in this second, in the next batch
                reason = codes.UNDECIDED + kind if at == limits[UNTIL] else codes.UNKNOWN_MESSAGE
            if reason >= 0:
                bad = _reject(rejected, bad, RECEIPTS_TABLE, at, message, channel, reason)
                continue
            what = ((known & 0xFFFFFFFF) << 16) | (channel << 8) | kind
            _put(parts, known >> 32, at - limits[ORIGIN], what)
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
            _put(parts, profile, t_g - limits[ORIGIN], what)
    return bad


@inlined
def _put(parts: Parts, profile: int, since: int, what: int) -> None:
    """Write an event at the end of its part."""
    place = place_in(parts, profile)
    fetch(parts.rows, place + 8)
    row = parts.rows[place]
    row["when"] = (profile << 32) | since
    row["what"] = what


@inlined
def _refuse_time(at: int, limits: Ints) -> int:
    """Return why nothing can be at this time, or -1."""
    if at < 0 or at >= MAX_TIME_S:
        return codes.BAD_VALUE
    if at < limits[CLOCK]:
        return codes.TIME_BACKWARDS
    return -1


@inlined
def _outside(code: int, n: int) -> bool:
    """Tell whether a code is not one of 0 .. n - 1."""
    return code < 0 or code >= n


@inlined
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


@inlined
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
