"""One attempt to send a message's next step: the rules in their order, then the send."""

from __future__ import annotations

import numpy as np

from omnilab.cascade import codes
from omnilab.cascade._heap import INDEX
from omnilab.cascade._wheel import next_tick
from omnilab.cascade.plan import MAX_DEFER_S
from omnilab.cascade.rules import DAY_S, allowed_at, day_start, zone_row
from omnilab.cascade.state import (
    CHANNEL_BITS,
    CONTROL_FLAG,
    CONVERTED,
    FLAGS,
    HELD,
    N_FINALS,
    N_SENDS,
    NEAR_ROWS,
    PENDING,
    PLACES,
    QUIET_FROM,
    QUIET_LENGTH,
    QUIET_MASK,
    QUIET_TO,
    REASON_BITS,
    RELEASES,
    STEP_BITS,
    SUPPRESSED_FLAG,
    TICK,
    TIMERS,
    WITHDRAWN,
    Ints,
    Masks,
    Record,
    Records,
    Rules,
    Words,
)
from omnilab.kernels.compiling import inlined
from omnilab.kernels.unchecked import wide

__all__ = ["attempt", "finish", "resume", "steps_of"]


@inlined
def resume(
    now: int,
    message: Record,
    profile: Words,
    rules: Rules,
    counts: Ints,
    sends: Records,
    finals: Records,
) -> int:
    """Go on with a message that has waited; return when it is due again, or -1."""
    phase, sent = wide(message["phase"]), wide(message["sent"])
    counts[TIMERS] += phase == PENDING
    counts[RELEASES] += phase == HELD
    position = wide(message["position"]) + int(phase == PENDING)
    return attempt(now, message, position, sent, profile, rules, counts, sends, finals)


@inlined
def attempt(
    now: int,
    message: Record,
    position: int,
    sent: int,
    profile: Words,
    rules: Rules,
    counts: Ints,
    sends: Records,
    finals: Records,
) -> int:
    """Send a message's next step, hold it, or end it; return when it is due again, or -1.

    What is taken now and then is computed without branches, since the processor can't guess it.
    """
    plan, policy = rules.plans[message["plan"]], rules.policy
    n_steps = plan["n_steps"]
    if position >= n_steps:
        message["position"] = position
        finish(now, message, codes.FAILED, codes.EXHAUSTED, position - 1, counts, finals)
        return -1
    reason = _forbidden(now, message, profile, plan)
    if reason != codes.NO_REASON:
        message["position"] = position
        finish(now, message, codes.ABORTED, reason, position, counts, finals)
        return -1
    usable = wide(message["usable"]) & (256 - (1 << position))
    usable &= ~steps_of(profile[WITHDRAWN], message["plan"], rules.steps)
    step = min(wide(rules.first[usable]), n_steps)
    message["position"] = step
    if step >= n_steps:
        status = codes.FAILED if sent else codes.SKIPPED
        reason = codes.EXHAUSTED if sent else codes.NO_CHANNEL
        finish(now, message, status, reason, step - 1, counts, finals)
        return -1
    channel = wide(plan["channel"][step & 7])
    changes, offsets = rules.change_at[message["zone"]], rules.offset[message["zone"]]
    row = _zone_row(now, changes) & INDEX
    # A remainder without a sign takes fewer steps; no zone is two days behind.
    second = wide(np.uint64(now + offsets[row] + 2 * DAY_S) % np.uint64(DAY_S))
    quiet = second - policy[QUIET_FROM]  # seconds since the last time that they began
    quiet += DAY_S * (quiet < 0)
    # One comparison: the processor would guess two separately, and be wrong more often.
    if quiet < policy[QUIET_LENGTH] * ((policy[QUIET_MASK] >> channel) & 1):
        free = _free(now, quiet, row, changes, offsets, policy)
        if free > message["at"] + plan["expires"]:
            finish(now, message, codes.ABORTED, codes.QUIET_HOURS, step, counts, finals)
            return -1
        message["phase"] = HELD
        message["due"] = free
        return free
    today = now - second
    if changes[row] > now - 2 * DAY_S:  # the clocks changed lately
        today = day_start(now, changes, offsets, changes.size)
    if plan["capped"] and not _take_caps(now, today, channel, rules.caps, profile):
        tomorrow = now + DAY_S - second
        if row + 1 < changes.size:
            tomorrow = min(tomorrow, changes[row + 1])  # looked at anew where the clocks change
        free = next_tick(_room(now, today, tomorrow, channel, rules.caps, profile), policy[TICK])
        if now < free <= message["at"] + min(plan["expires"], MAX_DEFER_S):
            message["phase"] = HELD
            message["due"] = free
            return free
        finish(now, message, codes.ABORTED, codes.FREQUENCY_CAPPED, step, counts, finals)
        return -1
    k = counts[N_SENDS] & INDEX
    counts[N_SENDS] = k + 1
    send = sends[k]
    send["at"] = now
    send["message"] = message["code"]
    send["what"] = (step << CHANNEL_BITS) | channel
    message["sent"] = sent | (1 << step)
    message["phase"] = PENDING
    due = now + plan["fallback"][step & 7]
    message["due"] = due
    return due


@inlined
def steps_of(channels: int, plan: int, steps: Masks) -> int:
    """Return a plan's steps on these channels; both are bit masks."""
    found = wide(steps[plan, channels & 255])
    if steps.shape[1] > 256:
        for byte in range(1, steps.shape[1] >> 8):
            part = (channels >> (8 * byte)) & 255
            found |= wide(steps[plan, ((byte << 8) | part) & INDEX])
    return found


@inlined
def _forbidden(now: int, message: Record, profile: Words, plan: Record) -> int:
    """Return why the message may not be sent on any channel, or 0."""
    at, flags = message["at"], profile[FLAGS]
    converted = plan["until_converted"] & (profile[CONVERTED] >= at)
    if not flags | converted | (now > at + plan["expires"]):
        return codes.NO_REASON
    if flags & CONTROL_FLAG:
        return codes.CONTROL_GROUP
    if flags & SUPPRESSED_FLAG:
        return codes.SUPPRESSED
    return codes.CONVERSION if converted else codes.EXPIRED


@inlined
def _zone_row(now: int, changes: Ints) -> int:
    """Return the last row whose change is at or before `now`.

    Few rows are all looked at, since the processor can't guess the way of a search.
    """
    if changes.size != NEAR_ROWS:
        return zone_row(now, changes, changes.size)
    half = NEAR_ROWS // 2
    row = 0
    for i in range(1, half):
        row += int(changes[i] <= now)
    if changes[half] <= now:  # never, where a batch is short
        for i in range(half, NEAR_ROWS):
            row += int(changes[i] <= now)
    return row


@inlined
def _free(now: int, quiet: int, row: int, changes: Ints, offsets: Ints, policy: Ints) -> int:
    """Return the first tick from `now` on that is outside the quiet hours.

    They began `quiet` seconds ago. Where no clock changes until it, that is the first tick after
    their end, since a tick takes less than the hour that is always free.
    """
    low, high = policy[QUIET_FROM], policy[QUIET_TO]
    free = next_tick(now + policy[QUIET_LENGTH] - quiet, policy[TICK])
    if row + 1 >= changes.size or free < changes[row + 1]:
        return free
    while True:
        free = allowed_at(now, low, high, changes, offsets, changes.size)
        if free == now:
            return now
        now = next_tick(free, policy[TICK])


@inlined
def _take_caps(now: int, today: int, channel: int, caps: Records, profile: Words) -> bool:
    """Take a place under every cap that holds for the channel, or none and return false.

    A cap of `limit` sends is full exactly when the send made `limit` sends ago still counts,
    which is what `rules.under_cap` finds by counting. Each cap keeps its last `limit` sends in
    a ring; the next place to write holds the oldest.
    """
    full = 0
    for c in range(caps.size):
        cap = caps[c]
        oldest = profile[profile[(PLACES + c) & INDEX] & INDEX]
        begin = now - cap["period"] + 1 if cap["period"] else today
        full |= ((cap["mask"] >> channel) & 1) & (oldest >= begin)
    if full:
        return False
    for c in range(caps.size):
        cap = caps[c]
        counts = (cap["mask"] >> channel) & 1
        place = profile[(PLACES + c) & INDEX] & INDEX
        oldest = wide(profile[place])
        profile[place] = oldest + ((now - oldest) & -counts)
        place += counts
        size = cap["end"] - cap["begin"]  # of the ring; the place may be behind it
        profile[(PLACES + c) & INDEX] = place - (size & -int(place >= cap["end"]))
    return True


@inlined
def _room(now: int, today: int, tomorrow: int, channel: int, caps: Records, profile: Words) -> int:
    """Return when the caps that are full may have room, or 0 where one of them doesn't defer."""
    when = now
    for c in range(caps.size):
        cap = caps[c]
        oldest = wide(profile[profile[(PLACES + c) & INDEX] & INDEX])
        begin = now - cap["period"] + 1 if cap["period"] else today
        if (cap["mask"] >> channel) & 1 and oldest >= begin:
            if not cap["defers"]:
                return 0
            when = max(when, oldest + cap["period"] if cap["period"] else tomorrow)
    return when


@inlined
def finish(
    now: int,
    message: Record,
    status: int,
    reason: int,
    step: int,
    counts: Ints,
    finals: Records,
) -> None:
    """Give the message its one final status."""
    end = (((status << REASON_BITS) | reason) << STEP_BITS) | step
    message["due"] = -1 - end
    k = counts[N_FINALS] & INDEX
    counts[N_FINALS] = k + 1
    final = finals[k]
    final["at"] = now
    final["message"] = message["code"]
    final["what"] = end
