"""Site search: at a visit for a need a person may type what is wanted into the brand's own box.

What is typed hangs on how far the person is. Who has seen no good for the need yet types the
category; who has seen some may name the one liked best. A visit without a need types nothing. So
what is typed tells a need, and a category looked at need not: who looks around sees any.

Typing changes nothing for the person. It is what the brand may learn of it.

References
----------
Moe (2003), "Buying, searching, or browsing: differentiating between online shoppers using
in-store navigational clickstream"; Rutz and Bucklin (2011), "From generic to branded", for general
words that come before names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = ["NOTHING_TYPED", "LoweredSiteSearch", "SiteSearch", "good_typed"]

SITE_SEARCH: Final = stream("SITE_SEARCH", 128)  # whether, and what: person and family, occasion

NOTHING_TYPED: Final = -2

_ENTITY_BITS: Final = 40


class SiteSearch(Parameters):
    """What persons type into the search box of the brand's own site or app."""

    each: Share = key(
        0.0,
        "Chance that a person types what is wanted, at a visit for a need on a computer, phone or "
        "tablet.",
        kind="A",
        source="off by default",
        swept=("5%", "60%"),
    )
    specific: Share = key(
        0.5,
        "Of those who have seen goods for the need, the share that types the name of the one liked "
        "best; the others type its category, as all do who have seen none.",
        kind="A",
        source="form of RUTZ11: general words first, names later",
        swept=("0%", "100%"),
    )


class LoweredSiteSearch(Record):
    """What the rules read of `SiteSearch`."""

    each: f8
    specific: f8


@inner
def good_typed(model: Model, person: Person, need: Need, family: int, occasion: int) -> int:
    """Return the good that a person names in the search box at a visit for a need.

    Returns
    -------
    int
        Number of the good; -1 where the category is typed, `NOTHING_TYPED` where nothing is.
    """
    entity = (family << _ENTITY_BITS) | person.entity
    types, names, _, _ = draw4(model.key.k0, model.key.k1, SITE_SEARCH, entity, occasion)
    if types >= model.site_search.each:
        return NOTHING_TYPED
    if need.good >= 0 and names < model.site_search.specific:
        return int(need.good)
    return -1
