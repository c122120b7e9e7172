"""Put sends and final statuses in order of time: packed into one word each, sorted, unpacked."""

from __future__ import annotations

import numpy as np

from omnilab.cascade._hot import hot_entry, wide
from omnilab.cascade.state import Ints, Records, Words

__all__ = ["Columns", "columns"]

TIME_BITS = 31  # that a time takes at most

Columns = tuple[Ints, Words, Words, Words]


def columns(
    rows: Records, origin: int, n_codes: int, bits: tuple[int, int], *, sort: bool
) -> Columns:
    """Return the columns at, message, and two parts of `what`.

    Parameters
    ----------
    rows
        Records `OUT`; no two have the same time and message.
    origin
        Added to the times.
    n_codes
        One more than the highest code that any message can have.
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
    low, time_bits, message_bits = 0, TIME_BITS, (n_codes - 1).bit_length()
    if time_bits + message_bits + sum(bits) > 63:  # millions of messages: look closer
        low, high, last_message = (int(n) for n in _extent(rows))
        time_bits, message_bits = (high - low).bit_length(), last_message.bit_length()
    if time_bits + message_bits + sum(bits) > 63:  # years, billions of messages
        _split(rows[np.lexsort((rows["message"], rows["at"]))], origin, bits[1], *out)
        return out
    words = out[0]
    _pack(rows, low, message_bits, sum(bits), words)
    words.sort()  # one word a row: nothing else has to be moved
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
