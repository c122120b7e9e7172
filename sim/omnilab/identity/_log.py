"""Keep the log of merges: eight bytes each, its time included.

The log is one array of int64. From the front it has a row a merge: the survivor, the absorbed
profile, and how many seconds after the merge before it was; the sign tells a split. Ids take as
many bits as the graph's largest needs, ``meta[LOG_BITS]``, and the seconds all that are left: 23
bits in a graph of a million nodes, 7 in one of 268 million. For the rare merge after a longer
wait there is a row at the back, ``merge << 32 | second``. Such waits can't be many, as all times
lie within 2**31 s. Where nodes outgrow their bits the log is written anew.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.kernels.compiling import inlined, inner, kernel
from omnilab.kernels.unchecked import store, wide

__all__ = ["append_row", "keep_merge", "new_meta", "pack", "recode", "unpack"]

Longs = NDArray[np.int64]

#: Where the log's counters stand in `meta`, beside those in `_links`; times since the origin.
N_MERGES, N_TICKS, LAST_MERGE, LOG_BITS = 0, 14, 15, 16
N_META = 17
#: Ids of fewer bits would leave more for the seconds than are of use.
FEWEST_BITS = 20
LOW = 0xFFFFFFFF
UNSIGNED = (1 << 63) - 1


def new_meta() -> Longs:
    """Return the counters of an empty graph."""
    meta = np.zeros(N_META, np.int64)
    meta[LOG_BITS] = FEWEST_BITS
    return meta


def bits_for(n_ids: int) -> int:
    """Return the bits that ids below `n_ids` need in a row."""
    return max(FEWEST_BITS, max(n_ids - 1, 0).bit_length())


@inner
def keep_merge(log: Longs, meta: Longs, survivor: int, absorbed: int, now: int) -> None:
    """Append one merge to the log, which must have room, and count it."""
    merges = meta[N_MERGES]
    if len(log) > 1:
        bits = meta[LOG_BITS]
        low = 63 - 2 * bits
        gap = now - meta[LAST_MERGE]
        if gap >= 1 << low:
            meta[N_TICKS] += 1
            log[len(log) - meta[N_TICKS]] = merges << 32 | now
            gap = 0
        log[merges] = survivor << (low + bits) | absorbed << low | gap
        meta[LAST_MERGE] = now
    meta[N_MERGES] = merges + 1


@inlined
def append_row(
    log: Longs, row: int, merges: int, tick: int, before: int, survivor: int, absorbed: int,
    now: int, merged: int, low: int, high: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Do the same for loops that keep the counters in hand, whether something is merged or not.

    Parameters
    ----------
    row
        1 with a log, 0 without: then all that is written goes to its one place.
    merges, tick, before
        Merges so far, place of the next tick, and second of the last merge.
    merged
        1, or 0 for two that stay apart.
    low, high
        Lowest bits of the absorbed profile and of the survivor.

    Returns
    -------
    tuple of int
        The new `merges`, `tick` and `before`.
    """
    # What was no merge is overwritten by the next.
    gap = now - before
    if gap >= 1 << low:
        store(log, tick, merges << 32 | now)
        tick -= merged * row
        gap = 0
    store(log, merges * row, survivor << high | absorbed << low | gap)
    return merges + merged, tick, now if merged != 0 else before


@kernel
def recode(old: Longs, new: Longs, meta: Longs, bits: int) -> None:
    """Write the log to a longer array, with ids of so many bits."""
    had = meta[LOG_BITS]
    mask = (1 << had) - 1
    had_low, low = 63 - 2 * had, 63 - 2 * bits
    read, written = 0, 0
    now, before = wide(0), wide(0)
    for i in range(meta[N_MERGES]):
        row = old[i]
        now += row & ((1 << had_low) - 1)
        if read < meta[N_TICKS] and old[len(old) - 1 - read] >> 32 == i:
            now = old[len(old) - 1 - read] & LOW
            read += 1
        gap = now - before
        before = now
        if gap >= 1 << low:
            written += 1
            new[len(new) - written] = i << 32 | now
            gap = 0
        ids = ((row >> (had_low + had)) & mask) << (low + bits) | ((row >> had_low) & mask) << low
        new[i] = row & ~UNSIGNED | ids | gap
    meta[N_TICKS] = written
    meta[LOG_BITS] = bits


def unpack(rows: Longs, ticks: Longs, bits: int) -> tuple[Longs, Longs, Longs, NDArray[np.bool_]]:
    """Return the survivors, absorbed, times since the first and splits of a log's rows."""
    low = 63 - 2 * bits
    times = np.cumsum(rows & ((1 << low) - 1))
    spots = ticks >> 32
    if len(ticks):
        moved = np.append(0, (ticks & LOW) - times[spots])
        times += np.repeat(moved, np.diff(np.concatenate([[0], spots, [len(rows)]])))
    mask = (1 << bits) - 1
    return (rows >> (low + bits)) & mask, (rows >> low) & mask, times, rows < 0


def pack(
    survivors: Longs, absorbed: Longs, times: Longs, split: NDArray[np.bool_], bits: int, last: int
) -> tuple[Longs, NDArray[np.intp]]:
    """Return rows for merges whose `times` begin after `last`, and which of them need a tick."""
    low = 63 - 2 * bits
    gaps = np.diff(times, prepend=last)
    late = gaps >= 1 << low
    sign = np.where(split, ~UNSIGNED, 0)
    rows = sign | survivors << (low + bits) | absorbed << low | np.where(late, 0, gaps)
    return rows, np.flatnonzero(late)
