"""The engine's memory: what is known of messages and profiles, as tables the kernels walk over.

A decision touches many fields of one message and of one profile, so a message is one row of 64
bytes, a line of the processor's cache, and a profile a row beside its rings of earlier sends.
Rows of messages are made in the order in which messages start, profile by profile, so that a
profile's messages are neighbours. Few tables, because each one that is handed from kernel to
kernel costs time. Times are seconds since the engine's origin, so that 32 bits hold them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from omnilab.cascade import codes, rules
from omnilab.cascade.plan import EVER, MAX_STEPS, MAX_TIME_S, SUCCESS, CascadePlan, ContactPolicy

__all__ = ["Rules", "new_codes", "new_messages", "new_profiles", "new_rules"]

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

# Columns by message code
PROFILE_OF, ROW_OF = 0, 1  # -1: never started
# Columns of a message's row; STATUS has three bits a step, SENT and SKIPPED one
DUE, AT, USABLE, UNSUBSCRIBED, CODE, NEXT, PLAN, ZONE = range(8)
SENT, SKIPPED, STATUS, POSITION, PHASE, FINAL, REASON, LAST = range(8, 16)
MESSAGE_WORDS = 16
# Phases; a message that has its final status is CLOSED
WAITING, HELD, PENDING, CLOSED = 1, 2, 3, 4
# Columns of a profile's row; behind them each cap's next place in its ring, then the rings
WITHDRAWN, CONVERTED, FLAGS, HEAD, WAKE, AFTER, BEFORE, PLACES = range(8)
SUPPRESSED_FLAG, CONTROL_FLAG = 1, 2
# Columns of a plan
N_STEPS, PRIORITY, EXPIRES, UNTIL_CONVERTED = range(4)
SUCCESS_AT, FALLBACK_AT, STEP_OF = 4, 4 + MAX_STEPS, 4 + 2 * MAX_STEPS  # SUCCESS: bit mask
# Places in the contact policy; caps have four words each
TICK, QUIET_FROM, QUIET_TO, QUIET_MASK, N_CAPS, ORIGIN = range(6)
EVIDENCE_AT, CAPS_AT = 6, 6 + len(codes.RECEIPTS)
CAP_BEGIN, CAP_END, CAP_PERIOD, CAP_MASK, CAP_WORDS = range(5)
# Places of the counters
N_SENDS, N_FINALS, N_REJECTED, TIMERS, RELEASES, REPEATED, LATE = range(7)

NO_DUE = (1 << 31) - 1  # later than every time since the origin
NO_PROFILE = (1 << 31) - 1  # behind every profile's code
LONG_AGO = -(1 << 31)  # no period reaches back to it
SLOTS, SLOT_S = 4096, 256  # the wheel of wake-up times: a turn takes 12 days


class Rules(NamedTuple):
    """Plans and contact policy as arrays."""

    order: npt.NDArray[np.int8]  # channel by (plan, step)
    plans: Ints
    policy: Ints
    change_at: Ints  # by (zone, row), absolute seconds
    offset: Ints


def new_codes(n: int) -> Words:
    """Return the table by code for codes of which none has started."""
    return np.full((n, 2), -1, dtype=np.int32)


def new_messages(n: int) -> Words:
    """Return `n` rows for messages, each in one line of the cache, not filled in yet."""
    raw = np.empty((n + 1) * MESSAGE_WORDS, dtype=np.int32)
    shift = -raw.ctypes.data % 64 // 4  # NumPy itself promises only 16 bytes
    return raw[shift : shift + n * MESSAGE_WORDS].reshape(n, MESSAGE_WORDS)


def new_profiles(n: int, policy: ContactPolicy) -> Words:
    """Return the rows of `n` profiles of which nothing is known."""
    rings = sum(cap.limit for cap in policy.caps)
    first = PLACES + len(policy.caps)
    row = np.zeros(first + rings, dtype=np.int32)
    row[first:] = LONG_AGO
    for i, cap in enumerate(policy.caps):
        row[PLACES + i] = first
        first += cap.limit
    row[CONVERTED] = row[HEAD] = -1
    row[WAKE] = NO_DUE
    rows = np.empty((n, row.size), dtype=np.int32)
    rows[:] = row
    return rows


def grown(table: Words, bigger: Words) -> Words:
    """Return the bigger table with the rows of the smaller one at its beginning."""
    bigger[: len(table)] = table
    return bigger


def new_rules(
    plans: Sequence[CascadePlan], policy: ContactPolicy, channels: Sequence[str]
) -> Rules:
    """Return plans and policy as arrays; `channels` gives the channels' numbers."""
    number = {name: i for i, name in enumerate(channels)}

    def mask(names: Sequence[str]) -> int:
        return sum(1 << number[name] for name in names) or (1 << len(channels)) - 1

    order = np.zeros((len(plans), MAX_STEPS), dtype=np.int8)
    table = np.zeros((len(plans), STEP_OF + len(channels)), dtype=np.int64)
    table[:, STEP_OF:] = -1
    for i, plan in enumerate(plans):
        table[i, :SUCCESS_AT] = (
            len(plan.steps),
            plan.priority,
            plan.expires_after_s,
            plan.until_converted,
        )
        for j, step in enumerate(plan.steps):
            order[i, j] = number[step.channel]
            table[i, STEP_OF + number[step.channel]] = j
            table[i, SUCCESS_AT + j] = _successes(SUCCESS[step.success_status])
            table[i, FALLBACK_AT + j] = -(-step.fallback_after_s // policy.tick_s) * policy.tick_s
    quiet = (policy.quiet_from_s, policy.quiet_to_s, mask(policy.quiet_channels))
    words = [policy.tick_s, *quiet, len(policy.caps), 0]
    words += [_strength(status) for status in codes.EVIDENCE]
    ring = PLACES + len(policy.caps)
    for cap in policy.caps:
        words += [ring, ring + cap.limit, cap.period_s, mask(cap.channels)]
        ring += cap.limit
    widest = max(len(zone.change_at) for zone in policy.zones)
    change_at = np.full((len(policy.zones), widest), MAX_TIME_S * 4, dtype=np.int64)
    offset = np.zeros_like(change_at)
    for i, zone in enumerate(policy.zones):
        change_at[i, : len(zone.change_at)] = zone.change_at
        change_at[i, 0] = EVER
        offset[i, : len(zone.offset_s)] = zone.offset_s
    return Rules(order, table, _ints(words), change_at, offset)


def near(rules: Rules, begin: int, end: int, origin: int) -> Rules:
    """Return the rules with the changes of zones that matter from `begin` to `end`.

    A batch rarely sees more than one change, and looking among two rows is quicker than among
    a hundred. The times of change count from the origin.
    """
    margin = 5 * 86400  # day starts look back and quiet hours forward
    later = (rules.change_at[:, 1:] <= begin - margin).sum(axis=1)
    before_end = (rules.change_at <= end + margin).sum(axis=1)
    some = slice(int(later.min()), int(before_end.max()) + 1)
    change_at = np.ascontiguousarray(rules.change_at[:, some]) - origin
    return rules._replace(change_at=change_at, offset=np.ascontiguousarray(rules.offset[:, some]))


def _strength(status: int) -> int:
    """Return the place of a status among the strengths of evidence."""
    return codes.STRENGTHS.index(rules.PROCESSED if status == rules.DEFERRED else status)


def _successes(wanted: int) -> int:
    """Return a bit mask of the strengths that meet a step's success status."""
    reached = getattr(rules.reached, "py_func", rules.reached)
    return sum(1 << k for k, status in enumerate(codes.STRENGTHS) if reached(status, wanted))


def _ints(values: Iterable[int]) -> Ints:
    """Return the values as a 64-bit array."""
    return np.array(list(values), dtype=np.int64)
