"""Advertising: whom an ad platform finds, how often it shows an ad, and who wins the auction.

**Match.** An audience is uploaded as hashed addresses. The platform finds a share ``match`` of the
persons behind them. Who is found stays found, and the brand does not learn who it is.

**Auction.** Each chance to be shown goes to the highest bid, which pays the second highest
(Vickrey). The highest bid of the others is lognormal with median m and spread s, drawn anew for
each chance. So a bid b is shown with the chance F(b) = Phi((ln b - ln m) / s), and pays on average

    m exp(s^2 / 2) Phi((ln b - ln m) / s - s) / F(b).

**Frequency.** The platform counts a channel's ads by person and local day, and stops at a cap.

References
----------
Vickrey, W. (1961). Counterspeculation, auctions, and competitive sealed tenders. Journal of Finance
16, 8-37.
Cui, Y., Zhang, R., Li, W. and Mao, J. (2011). Bid landscape forecasting in online ad exchange
marketplace. KDD, 265-273.
Ostrovsky, M. and Schwarz, M. (2023). Reserve prices in internet advertising auctions: a field
experiment. Journal of Political Economy 131, 3352-3376.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "MILLICENTS",
    "LoweredAdvertising",
    "count_shown",
    "is_matched",
    "rival_bid",
    "search_rival_bid",
    "shown_today",
    "without_ads",
]

AUCTION: Final = stream("AUCTION", 140)  # person, second and channel and content
MATCH: Final = stream("MATCH", 141)  # person, platform and type of address
SEARCH_AUCTION: Final = stream("SEARCH_AUCTION", 142)  # person and family, occasion of the visit

MILLICENTS: Final = 100_000  # in a unit of currency
_DAY: Final = 86400
_FEW_BITS: Final = 20  # for the ads of one day
_ENTITY_BITS: Final = 40  # as in omnilab.world.search
_FARTHEST: Final = 12.0  # logs from the median: a bid stays a whole number of 64 bits


class LoweredAdvertising(Record):
    """What the rules read that is not a channel's."""

    on: i8  # 1 where some ad is sold by auction, matched or counted
    search_auction: i8  # 1 where clicks on paid search are sold by auction
    search_rivals: f8  # median, milli-cents
    search_spread: f8
    frequency: i8  # 1 where ads are counted


@fills(LoweredAdvertising)
def _lower(scenario: ScenarioParts) -> Values:
    sides = [c.message for c in scenario.channels if c.message is not None]
    search = next((c.search for c in scenario.channels if c.search), None)
    auction = None if search is None else search.auction
    return {
        "on": int(any(m.auction or m.match < 1.0 or m.most_a_day is not None for m in sides)),
        "frequency": int(any(m.most_a_day is not None for m in sides)),
        "search_auction": int(auction is not None),
        "search_rivals": auction.rivals * MILLICENTS if auction else 0.0,
        "search_spread": auction.spread if auction else 0.0,
    }


@inner
def is_matched(model: Model, person: Person, c: int) -> bool:
    """Tell whether the platform of channel ``c`` finds the person by its type of address."""
    channel = model.ch[c]
    if channel.match >= 1.0:
        return True
    occasion = (int(channel.silo) << 8) | int(channel.address)
    u, _, _, _ = draw4(model.key.k0, model.key.k1, MATCH, person.entity, occasion)
    return u < channel.match


@inner
def rival_bid(model: Model, person: Person, c: int, t: int, creative: int) -> int:
    """Return the highest bid of the others for showing the person an ad at ``t``, milli-cents.

    Whatever else is sent at another moment, this chance has the same others in it.
    """
    channel = model.ch[c]
    occasion = (t << 24) | (c << 16) | creative
    u, _, _, _ = draw4(model.key.k0, model.key.k1, AUCTION, person.entity, occasion)
    return lognormal(channel.rivals, channel.spread, u)


@inner
def search_rival_bid(model: Model, person: Person, family: int, occasion: int) -> int:
    """Return the highest bid of the others for a click of a visit's search, milli-cents."""
    entity = (family << _ENTITY_BITS) | person.entity
    u, _, _, _ = draw4(model.key.k0, model.key.k1, SEARCH_AUCTION, entity, occasion)
    return lognormal(model.advertising.search_rivals, model.advertising.search_spread, u)


@inner
def lognormal(median: float, spread: float, u: float) -> int:
    """Return a lognormal number rounded up, so that it is no more than a bid if x is not."""
    x = spread * normal(u)
    x = median * math.exp(min(x, _FARTHEST))
    below = int(x)
    return below if below == x else below + 1


@inner
def shown_today(cell: WorldCell, who: int, c: int, t: int) -> int:
    """Return how many ads of channel ``c`` the person has been shown on this local day."""
    kept = int(cell.shown[who, c])
    if kept >> _FEW_BITS != quotient(t, _DAY):
        return 0
    return kept & ((1 << _FEW_BITS) - 1)


@inner
def count_shown(cell: WorldCell, who: int, c: int, t: int) -> None:
    """Count an ad that the person is shown."""
    n = shown_today(cell, who, c, t) + 1
    cell.shown[who, c] = (quotient(t, _DAY) << _FEW_BITS) | n


@inner
def without_ads(cell: WorldCell, who: int) -> None:
    """Let a new person have been shown no ads."""
    for c in range(cell.shown.shape[1]):
        cell.shown[who, c] = 0
