"""Put sends and final statuses in order of time: packed into one word each, sorted, unpacked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omnilab.cascade._parts import FAR
from omnilab.cascade.state import Ints, Records, Words
from omnilab.kernels.compiling import inlined, uncounted_kernel
from omnilab.kernels.unchecked import wide

__all__ = ["Columns", "Within", "columns"]

DIGIT_BITS = 10  # sorted by in one pass; more would not fit a processor's near cache

Columns = tuple[Ints, Words, Words, Words]


class Within(NamedTuple):
    """What times and message codes of rows lie in; the less it is, the faster they are sorted."""

    first: int  # time
    last: int
    n_codes: int  # one more than the highest code


def columns(
    rows: Records, within: Within, origin: int, bits: tuple[int, int], *, sort: bool
) -> Columns:
    """Return the columns at, message, and two parts of `what`.

    Parameters
    ----------
    rows
        Records `OUT`; no two have the same time and message.
    within
        What their times and messages lie in.
    origin
        Added to the times.
    bits
        Bits that the upper and the lower part of `what` take.
    sort
        Whether to sort by (at, message); otherwise rows stay in their order.
    """
    n = rows.size
    message, upper, lower = (np.empty(n, dtype=np.int32) for _ in range(3))
    out: Columns = (np.empty(n, dtype=np.int64), message, upper, lower)
    if not sort or n < 2:
        _split(rows, origin, bits[1], *out)
        return out
    low, message_bits = within.first, (within.n_codes - 1).bit_length()
    time_bits = (within.last - low).bit_length()
    if time_bits + message_bits + sum(bits) > 63:  # years, billions of messages
        _split(rows[np.lexsort((rows["message"], rows["at"]))], origin, bits[1], *out)
        return out
    words = out[0]
    _pack(rows, low, message_bits, sum(bits), words)
    n_digits = -(-(time_bits + message_bits) // DIGIT_BITS)
    _sort(
        words, np.empty_like(words), sum(bits), n_digits, np.empty((2, 1 << DIGIT_BITS), np.int64)
    )
    _unpack(low + origin, message_bits, bits[0], bits[1], *out)
    return out


@uncounted_kernel
def _split(
    rows: Records,
    origin: int,
    lower_bits: int,
    at: Ints,
    message: Words,
    upper: Words,
    lower: Words,
) -> None:
    """Fill the columns from rows as they are."""
    for i in range(rows.size):
        row = rows[i]
        at[i] = wide(row["at"]) + origin
        message[i] = row["message"]
        upper[i] = row["what"] >> lower_bits
        lower[i] = row["what"] & ((1 << lower_bits) - 1)


@uncounted_kernel
def _pack(rows: Records, low: int, message_bits: int, what_bits: int, words: Ints) -> None:
    """Fill the words, time first."""
    for i in range(rows.size):
        row = rows[i]
        word = ((wide(row["at"]) - low) << message_bits) | row["message"]
        words[i] = (word << what_bits) | row["what"]


@uncounted_kernel
def _sort(words: Ints, spare: Ints, low: int, n_digits: int, places: Ints) -> None:
    """Sort words without a sign by that many digits and more, the lowest from bit `low` on.

    A library's sort by comparisons takes as long on some processors and seven times as long on
    others, whose vector unit is slow to pick lanes.
    """
    mask = (1 << DIGIT_BITS) - 1
    ahead, behind = places[0], places[1]
    ahead[:] = 0
    for i in range(words.size):
        ahead[((words[i] >> low) & mask) & FAR] += 1
    shift = low
    for _ in range(0, n_digits, 2):  # in pairs, after which the words are where they were
        after = min(shift + DIGIT_BITS, 63 - DIGIT_BITS)
        _deal(words, spare, shift, after, ahead, behind)
        shift = min(after + DIGIT_BITS, 63 - DIGIT_BITS)
        _deal(spare, words, after, shift, behind, ahead)


@inlined
def _deal(source: Ints, target: Ints, shift: int, after: int, places: Ints, counts: Ints) -> None:
    """Deal words out by one digit, keeping the order of those that have the same."""
    mask = (1 << DIGIT_BITS) - 1
    first = 0
    for digit in range(mask + 1):
        n = places[digit & FAR]
        places[digit & FAR] = first
        counts[digit & FAR] = 0
        first += n
    for i in range(source.size):
        word = source[i]
        digit = (word >> shift) & mask
        place = places[digit & FAR]
        places[digit & FAR] = place + 1
        counts[((word >> after) & mask) & FAR] += 1
        target[place & FAR] = word


@uncounted_kernel
def _unpack(
    origin: int,
    message_bits: int,
    upper_bits: int,
    lower_bits: int,
    words: Ints,
    message: Words,
    upper: Words,
    lower: Words,
) -> None:
    """Fill the columns from the words, which become the times."""
    what_bits = upper_bits + lower_bits
    for i in range(words.size):
        word = words[i]
        lower[i] = word & ((1 << lower_bits) - 1)
        upper[i] = (word >> lower_bits) & ((1 << upper_bits) - 1)
        message[i] = (word >> what_bits) & ((1 << message_bits) - 1)
        words[i] = (word >> (what_bits + message_bits)) + origin
