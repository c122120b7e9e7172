"""The brand's referral programme: money for who brings a friend, and for the friend.

A link names the identifier that its owner showed at the order at which it was made. By that the
brand finds the owner's profile when a friend buys with it, as far as its choice of identity links
it, counts the friend, and may start a journey (trigger ``referral``); see
`omnilab.brand.observe`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import DAY, Amount, Duration

__all__ = ["Programme"]


class Programme(Parameters):
    """A referral programme, the same for every strategy; without money there is none."""

    reward: Annotated[Amount, Field(ge=0)] = key(
        0.0,
        "What who brings a friend gets off the next order, for each friend's first order. What is "
        "more than that order is lost.",
        kind="A",
        source="off by default; SCHMITT has a bank that paid",
        swept=("2 EUR", "25 EUR"),
    )
    friend: Annotated[Amount, Field(ge=0)] = key(
        0.0,
        "What the friend gets off the first order.",
        kind="A",
        source="off by default",
        swept=("0 EUR", "15 EUR"),
    )
    lasts: Annotated[Duration, Field(gt=0)] = key(
        90 * DAY,
        "How long a link counts after it is given.",
        kind="A",
        swept=("14d", "365d"),
    )
