"""The engine's state: the tables that the kernels walk over.

A decision touches many fields of one message and of one profile, so a message is one record of
32 bytes, half a line of the processor's cache, and a profile a row beside its rings of earlier
sends. Records of messages are made in the order of profiles and starts, so that a profile's
messages are neighbours. Fields without a sign spare the kernels the question whether an index
counts from the end. Times are seconds since the engine's origin, so that 32 bits hold them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from omnilab.cascade import codes
from omnilab.cascade import rules as the_rules
from omnilab.cascade.plan import (
    EVER,
    MAX_CHANNELS,
    MAX_STEPS,
    MAX_TIME_S,
    SUCCESS,
    CascadePlan,
    ContactPolicy,
)

__all__ = ["Rules", "new_codes", "new_messages", "new_profiles", "new_rules"]

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]
Masks = npt.NDArray[np.uint8]
Records = npt.NDArray[Any]
Record = Any

_MESSAGE = [
    ("at", "i4"),
    ("code", "i4"),
    ("unsubscribed", "u4"),  # bit mask of channels
    ("status", "u4"),  # three bits a step: strength of what its receipts prove
    ("plan", "u2"),
    ("zone", "u2"),
    ("usable", "u1"),  # bit mask of steps
    ("sent", "u1"),  # bit mask of steps; those before `position` that weren't are skipped
    ("position", "u1"),
    ("phase", "u1"),
]
_DUE = [
    ("due", "i4"),  # below 0 once it has ended: -1 - its end
    ("next", "i4"),  # in the list of its profile's open messages
]
MESSAGE = np.dtype([*(_DUE if sys.byteorder == "little" else reversed(_DUE)), *_MESSAGE])
# Rows of a batch; `when` is (profile, seconds): when a start is due, when an event came in. A
# start is its message's record already, with the profile in place of the list.
START = np.dtype([("when", "i8"), *_MESSAGE])
EVENT = np.dtype([("when", "i8"), ("what", "i8")])  # `what`: (record of message, channel, kind)
ENTRY = np.dtype([("due", "i8"), ("what", "i8")])  # of the heap
# A send (`what`: step and channel) or a final status (`what`: its end)
OUT = np.dtype([("at", "i4"), ("message", "i4"), ("what", "i4")])
PLAN = np.dtype(
    [
        ("n_steps", "i8"),
        ("priority", "i8"),
        ("expires", "i8"),
        ("until_converted", "i8"),
        ("capped", "i8"),
        ("fallback", "i8", MAX_STEPS),
        ("channel", "u1", MAX_STEPS),
        ("step", "i1", MAX_CHANNELS + 1),  # by channel, -1 if there is none
    ]
)
CAP = np.dtype(
    [
        ("begin", "i8"),  # of its ring in a profile's row
        ("end", "i8"),
        ("period", "i8"),
        ("mask", "i8"),  # of channels
        ("defers", "i8"),
    ]
)
# An end is status, reason and step, a send's `what` step and channel: bits that these take
STATUS_BITS, REASON_BITS, STEP_BITS, CHANNEL_BITS = 3, 4, 3, 5
# Phases
WAITING, HELD, PENDING = 1, 2, 3
# Columns of a profile's row; behind them each cap's next place in its ring, then the rings
WITHDRAWN, CONVERTED, FLAGS, HEAD, WAKE, AFTER, BEFORE, PLACES = range(8)
SUPPRESSED_FLAG, CONTROL_FLAG = 1, 2
# Places in the contact policy
TICK, QUIET_FROM, QUIET_TO, QUIET_LENGTH, QUIET_MASK, ORIGIN, SUPPRESS_BOUNCED = range(7)
# What a receipt changes, by its step's success status, strength before and kind of receipt: by how
# much the strength grows, and flags
GROWTH, SAME, WINS, WINS_FIRST, FAILS = 7, 3, 4, 5, 6  # a mask, then bits
KIND_BITS, BEFORE_BITS = 4, 3
# Places of the counters
N_SENDS, N_FINALS, N_REJECTED, TIMERS, RELEASES, REPEATED, LATE, LAST_AT = range(8)

NO_DUE = (1 << 31) - 1  # later than every time since the origin
NO_PROFILE = (1 << 31) - 1  # behind every profile's code
LONG_AGO = -(1 << 31)  # no period reaches back to it
NEVER = MAX_TIME_S * 4  # a change of clocks that doesn't come
NEAR_ROWS = 8  # of changes of clocks, in a batch
SLOTS, SLOT_S = 4096, 256  # the wheel of wake-up times: a turn takes 12 days


class Rules(NamedTuple):
    """Plans and contact policy as arrays."""

    plans: Records
    policy: Ints
    caps: Records
    evidence: npt.NDArray[np.uint8]  # what a receipt changes, by plan and (step, before, kind)
    steps: npt.NDArray[np.uint8]  # bit mask of steps by plan and (byte, value) of channels' mask
    first: npt.NDArray[np.uint8]  # lowest step by bit mask of steps, 8 if there is none
    change_at: Ints  # by (zone, row)
    offset: Ints


def new_codes(n: int) -> Ints:
    """Return (profile, record) by message code, for codes of which none has started."""
    return np.full(n, -1, dtype=np.int64)


def new_messages(n: int) -> Records:
    """Return `n` records of messages, not filled in yet, none of them across lines of the cache."""
    raw = np.empty((n + 2) * MESSAGE.itemsize, dtype=np.uint8)
    shift = -raw.ctypes.data % 64  # NumPy itself promises only 16 bytes
    return raw[shift : shift + n * MESSAGE.itemsize].view(MESSAGE)


def new_profiles(n: int, policy: ContactPolicy) -> Words:
    """Return the rows of `n` profiles of which nothing is known."""
    block = _new_block(policy)
    rows = np.empty((n, block.shape[1]), dtype=np.int32)
    whole = n // len(block) * len(block)  # in blocks, since NumPy repeats short rows one by one
    rows[:whole].reshape(-1, block.size)[:] = block.ravel()
    rows[whole:] = block[: n - whole]
    return rows


@lru_cache(maxsize=16)
def _new_block(policy: ContactPolicy) -> Words:
    """Return 64 rows of profiles of which nothing is known, which all engines copy."""
    rings = sum(cap.limit for cap in policy.caps)
    first = PLACES + len(policy.caps)
    row = np.zeros(first + rings, dtype=np.int32)
    row[first:] = LONG_AGO
    for i, cap in enumerate(policy.caps):
        row[PLACES + i] = first
        first += cap.limit
    row[CONVERTED] = row[HEAD] = -1
    row[WAKE] = NO_DUE
    return np.tile(row, (64, 1))


def grown(table: npt.NDArray[Any], bigger: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the bigger table, beginning with the rows of the smaller one."""
    bigger[: len(table)] = table
    return bigger


def new_rules(
    plans: Sequence[CascadePlan], policy: ContactPolicy, channels: Sequence[str]
) -> Rules:
    """Return plans and policy as arrays; `channels` gives the channels' numbers."""
    rules = _rules(tuple(plans), policy, tuple(channels))
    return rules._replace(policy=rules.policy.copy())  # each engine writes its origin there


@lru_cache(maxsize=16)
def _rules(
    plans: tuple[CascadePlan, ...], policy: ContactPolicy, channels: tuple[str, ...]
) -> Rules:
    """Make the arrays, which all engines of the same plans and policy share."""
    number = {name: i for i, name in enumerate(channels)}

    def mask(names: Sequence[str]) -> int:
        return sum(1 << number[name] for name in names) or (1 << len(channels)) - 1

    table = np.zeros(len(plans), dtype=PLAN)
    table["step"] = -1
    evidence = np.zeros((len(plans), MAX_STEPS, 1 << (BEFORE_BITS + KIND_BITS)), dtype=np.uint8)
    for i, (plan, row) in enumerate(zip(plans, table, strict=True)):
        row["n_steps"], row["priority"] = len(plan.steps), plan.priority
        row["expires"] = plan.expires_after_s or MAX_TIME_S
        row["until_converted"] = plan.until_converted
        row["capped"] = plan.capped
        for j, step in enumerate(plan.steps):
            row["channel"][j] = number[step.channel]
            row["step"][number[step.channel]] = j
            evidence[i, j] = _evidence(SUCCESS[step.success_status])
            row["fallback"][j] = -(-step.fallback_after_s // policy.tick_s) * policy.tick_s
    low, high = policy.quiet_from_s, policy.quiet_to_s
    quiet = (low, high, (high - low) % the_rules.DAY_S, mask(policy.quiet_channels))
    words = (policy.tick_s, *quiet, 0, policy.suppress_bounced)
    ring = PLACES + len(policy.caps)
    caps = np.empty(len(policy.caps), dtype=CAP)
    for cap, row in zip(policy.caps, caps, strict=True):
        row["begin"], row["end"] = ring, ring + cap.limit
        row["period"], row["mask"] = cap.period_s, mask(cap.channels)
        row["defers"] = cap.defers
        ring += cap.limit
    widest = max(len(zone.change_at) for zone in policy.zones)
    change_at = np.full((len(policy.zones), widest), NEVER, dtype=np.int64)
    offset = np.zeros_like(change_at)
    for i, zone in enumerate(policy.zones):
        change_at[i, : len(zone.change_at)] = zone.change_at
        change_at[i, 0] = EVER
        offset[i, : len(zone.offset_s)] = zone.offset_s
    first = np.array([(m & -m).bit_length() - 1 if m else MAX_STEPS for m in range(256)])
    steps = _steps(plans, number)
    flat = evidence.reshape(len(plans), -1)
    return Rules(table, _ints(words), caps, flat, steps, first.astype(np.uint8), change_at, offset)


def _steps(plans: Sequence[CascadePlan], number: Mapping[str, int]) -> npt.NDArray[np.uint8]:
    """Return each plan's steps on the channels of a bit mask, for each byte of the mask."""
    found = np.zeros((len(plans), -(-len(number) // 8), 256), dtype=np.uint8)
    values = np.arange(256)
    for plan, rows in zip(plans, found, strict=True):
        for j, step in enumerate(plan.steps):
            byte, bit = divmod(number[step.channel], 8)
            rows[byte] |= ((values >> bit & 1) << j).astype(np.uint8)
    return found.reshape(len(plans), -1)


def near(rules: Rules, begin: int, end: int, origin: int) -> Rules:
    """Return the rules with the changes of zones that matter from `begin` to `end`.

    A batch rarely sees more than a few, which are filled up to `NEAR_ROWS` by ones that never
    come. The times of change count from the origin.
    """
    margin = 5 * 86400  # day starts look back and quiet hours forward
    later = (rules.change_at[:, 1:] <= begin - margin).sum(axis=1)
    before_end = (rules.change_at <= end + margin).sum(axis=1)
    some = slice(int(later.min()), int(before_end.max()) + 1)
    change_at, offset = rules.change_at[:, some], rules.offset[:, some]
    n_zones, n = change_at.shape
    size = (n_zones, max(n, NEAR_ROWS))
    near_change_at, near_offset = np.full(size, NEVER), np.zeros(size, dtype=np.int64)
    near_change_at[:, :n], near_offset[:, :n] = change_at, offset
    return rules._replace(change_at=near_change_at - origin, offset=near_offset)


def _strength(status: int) -> int:
    """Return the place of a status among the strengths of evidence."""
    deferred = status == the_rules.DEFERRED
    return codes.STRENGTHS.index(the_rules.PROCESSED if deferred else status)


@lru_cache
def _evidence(wanted: int) -> npt.NDArray[np.uint8]:
    """Return what receipts change on a step with this success status."""
    reached = getattr(the_rules.reached, "py_func", the_rules.reached)
    wins = [reached(status, wanted) for status in codes.STRENGTHS]
    failed = [codes.STRENGTHS.index(status) for status in (the_rules.DROPPED, the_rules.BOUNCED)]
    found = np.zeros(1 << (BEFORE_BITS + KIND_BITS), dtype=np.uint8)
    for before in range(len(codes.STRENGTHS)):
        for kind, status in enumerate(codes.EVIDENCE):
            now = max(before, _strength(status))
            won = wins[now] and now > before
            flags = (now == before) << SAME | won << WINS | (won and not wins[before]) << WINS_FIRST
            flags |= (before < min(failed) and now in failed) << FAILS
            found[before << KIND_BITS | kind] = (now - before) | flags
    return found


def _ints(values: Iterable[int]) -> Ints:
    """Return the values as a 64-bit array."""
    return np.array(list(values), dtype=np.int64)
