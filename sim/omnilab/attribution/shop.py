"""What of a scenario decides how touches are counted: its channels, as a brand's tools see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["Shop", "shop_of"]

_ADDRESSES = ("email", "phone")  # what ad platforms take as the address of a buyer


@dataclass(frozen=True)
class Shop:
    """A scenario's channels by number.

    Attributes
    ----------
    names
        Of the channels.
    sells
        Whether something can be bought there.
    phones
        Whether a visit is a call: each shows the caller's number.
    ads
        Whether messages over it are ads.
    uploads
        Whether messages over it go to an address that ad platforms take.
    search
        Number of the channel with paid search, -1 without.
    """

    names: tuple[str, ...]
    sells: tuple[bool, ...]
    phones: tuple[bool, ...]
    ads: tuple[bool, ...]
    uploads: tuple[bool, ...]
    search: int


def shop_of(scenario: Scenario) -> Shop:
    """Return the channels of a scenario."""
    channels = scenario.channels
    visits = [c.visit for c in channels]
    sides = [c.message for c in channels]
    return Shop(
        names=tuple(c.name for c in channels),
        sells=tuple(v is not None and v.completes > 0.0 for v in visits),
        phones=tuple(
            v is not None
            and any(
                x.type == "phone" and x.share == 1.0 and x.when == "visit" for x in v.identifiers
            )
            for v in visits
        ),
        ads=tuple(m is not None and m.ad for m in sides),
        uploads=tuple(m is not None and m.address in _ADDRESSES for m in sides),
        search=next((i for i, c in enumerate(channels) if c.search is not None), -1),
    )
