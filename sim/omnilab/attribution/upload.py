"""What an ad platform counts where the brand uploads its buyers: one more observer.

The brand uploads the addresses of buyers that it holds. The platform finds a share of the persons
behind them, and counts every order of theirs for itself before which it has shown them an ad within
one window, or had it clicked within another. It tells a number and no names, and knows nothing of
other channels. So several platforms may count one order, and none asks whether it would have come
anyway.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream

__all__ = ["Buyer", "Claim", "Contacts", "claimed", "is_found"]

UPLOAD_FOUND: Final = stream("UPLOAD_FOUND", 252)  # person, the platform's channel


@dataclass(frozen=True)
class Buyer:
    """An order of a buyer: the true person, when, and whether the brand can upload an address."""

    person: int
    time: int
    has_address: bool


@dataclass(frozen=True)
class Contacts:
    """When a platform showed a person ads, and when one was clicked: seconds, rising."""

    shown: Sequence[int] = ()
    clicked: Sequence[int] = ()


@dataclass(frozen=True)
class Claim:
    """What one platform says.

    Attributes
    ----------
    buyers, uploaded, matched
        Persons who bought, those of them whose address is uploaded, those that are found.
    orders
        That the platform counts for itself.
    """

    buyers: int
    uploaded: int
    matched: int
    orders: int


def is_found(key: tuple[int, int], person: int, channel: int, rate: float) -> bool:
    """Tell whether a platform finds a person by the address, with a chance of ``rate``.

    Each platform, by the number of its channel, finds other persons, the same each time.
    """
    return bool(draw4(key[0], key[1], UPLOAD_FOUND, person, channel)[0] < rate)


def claimed(
    buyers: Sequence[Buyer], contacts: Mapping[int, Contacts], *, key: tuple[int, int],
    channel: int, rate: float, view_window: int, click_window: int,
) -> Claim:  # fmt: skip
    """Return what a platform counts.

    Parameters
    ----------
    buyers
        All orders.
    contacts
        Of the platform's ads, by person.
    key
        Of the draws of who is found.
    channel
        The platform's, by number.
    rate
        Chance that it finds a person, 0 to 1.
    view_window, click_window
        Seconds before an order in which an ad that was shown, or clicked, counts.
    """
    persons = {b.person for b in buyers}
    sent = {b.person for b in buyers if b.has_address}
    found = {person for person in sent if is_found(key, person, channel, rate)}
    orders = 0
    for b in buyers:
        if b.person in found and b.person in contacts:
            seen = contacts[b.person]
            orders += _within(seen.clicked, b.time, click_window) or _within(
                seen.shown, b.time, view_window
            )
    return Claim(len(persons), len(sent), len(found), orders)


def _within(times: Sequence[int], end: int, window: int) -> bool:
    """Tell whether one of some rising times lies within a window before its end."""
    at = bisect_left(times, end + 1)
    return at > 0 and times[at - 1] >= end - window
