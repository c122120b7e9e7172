"""Put sends and final statuses in order of time: packed into one word each, sorted, unpacked."""

from __future__ import annotations

import numpy as np

from omnilab.cascade._hot import hot, hot_entry, wide
from omnilab.cascade._parts import FAR
from omnilab.cascade.state import Ints, Records, Words

__all__ = ["Columns", "columns"]

DIGIT_BITS = 10  # sorted by in one pass; more would not fit a processor's near cache

Columns = tuple[Ints, Words, Words, Words]


def columns(rows: Records, origin: int, bits: tuple[int, int], *, sort: bool) -> Columns:
    """Return the columns at, message, and two parts of `what`.

    Parameters
    ----------
    rows
        Records `OUT`; no two have the same time and message.
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
    low, high, last_message = (int(n) for n in _extent(rows))
    time_bits, message_bits = (high - low).bit_length(), last_message.bit_length()
    if time_bits + message_bits + sum(bits) > 63:  # years, billions of messages
        _split(rows[np.lexsort((rows["message"], rows["at"]))], origin, bits[1], *out)
        return out
    words = out[0]
    _pack(rows, low, message_bits, sum(bits), words)
    n_digits = -(-(time_bits + message_bits) // DIGIT_BITS)
    _sort(words, np.empty_like(words), sum(bits), n_digits, np.empty(1 << DIGIT_BITS, np.int64))
    _unpack(low + origin, message_bits, bits[0], bits[1], *out)
    return out


@hot_entry
def _extent(rows: Records) -> tuple[int, int, int]:
    """Return the first time, the last and the highest message, in one pass over the rows."""
    low = high = wide(rows[0]["at"])
    message = wide(rows[0]["message"])
    for i in range(rows.size):
        row = rows[i]
        low = min(low, wide(row["at"]))
        high = max(high, wide(row["at"]))
        message = max(message, wide(row["message"]))
    return low, high, message


@hot_entry
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
        at[i] = row["at"] + origin
        message[i] = row["message"]
        upper[i] = row["what"] >> lower_bits
        lower[i] = row["what"] & ((1 << lower_bits) - 1)


@hot_entry
def _pack(rows: Records, low: int, message_bits: int, what_bits: int, words: Ints) -> None:
    """Fill the words, time first."""
    for i in range(rows.size):
        row = rows[i]
        word = ((wide(row["at"]) - low) << message_bits) | row["message"]
        words[i] = (word << what_bits) | row["what"]


@hot_entry
def _sort(words: Ints, spare: Ints, low: int, n_digits: int, places: Ints) -> None:
    """Sort words without a sign by that many digits and more, the lowest from bit `low` on.

    A library's sort by comparisons takes as long on some processors and seven times as long on
    others, whose vector unit is slow to pick lanes.
    """
    for digit in range(0, n_digits, 2):  # in pairs, after which the words are where they were
        shift = low + DIGIT_BITS * digit
        _deal(words, spare, shift, places)
        _deal(spare, words, min(shift + DIGIT_BITS, 63 - DIGIT_BITS), places)


@hot
def _deal(source: Ints, target: Ints, shift: int, places: Ints) -> None:
    """Deal words out by one digit, keeping the order of those that have the same."""
    mask = (1 << DIGIT_BITS) - 1
    places[:] = 0
    for i in range(source.size):
        places[((source[i] >> shift) & mask) & FAR] += 1
    first = 0
    for digit in range(mask + 1):
        n = places[digit & FAR]
        places[digit & FAR] = first
        first += n
    for i in range(source.size):
        word = source[i]
        digit = (word >> shift) & mask
        place = places[digit & FAR]
        places[digit & FAR] = place + 1
        target[place & FAR] = word


@hot_entry
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
