"""What a brand's measuring takes in: tags, a number for each source, views, and who agrees to it.

Sources of visits are seen by tags in links (UTM). Without them a click on an ad or a paid result is
a visit like any other. What the brand's own sending tools report of their clicks is theirs, tagged
or not: it helps where identity puts the mail tool's profile and the shop's together.

A call has a source only with call tracking: the number on the page is the visitor's own, so who
calls for what was looked at there is known to be that visitor. Without it an order by phone comes
from nowhere, unless it is made in a call that the brand itself began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream

__all__ = ["Measuring", "agrees"]

MEASURING_CONSENT: Final = stream("MEASURING_CONSENT", 253)  # person


@dataclass(frozen=True)
class Measuring:
    """What a brand measures.

    Attributes
    ----------
    utm
        Whether links of messages, ads and paid results are tagged.
    call_tracking
        Whether calls are joined to the visit whose number was dialled.
    views
        Whether opens that come back to a sending tool are touches, too.
    consent
        Share of persons who agree to be measured, 0 to 1. Of the others the brand has no touches:
        their orders come from nowhere.
    """

    utm: bool = True
    call_tracking: bool = True
    views: bool = False
    consent: float = 1.0


def agrees(key: tuple[int, int], person: int, measuring: Measuring) -> bool:
    """Tell whether a person agrees to be measured."""
    if measuring.consent >= 1.0:
        return True
    return bool(draw4(key[0], key[1], MEASURING_CONSENT, person, 0)[0] < measuring.consent)
