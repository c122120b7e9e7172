"""Touches and orders out of a log: as the brand's tools join them, and as they truly were.

The brand joins by profile: those that its identity resolution holds to be one at the window's end,
as a report made then would. Who is really behind them it does not know. The true paths are by
person, over all that happened, whoever measured it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from omnilab.attribution.log_facts import Answer, Facts, Order, Visit
from omnilab.attribution.measuring import Measuring, agrees
from omnilab.attribution.paths import Path, Sale, Touch, join
from omnilab.attribution.shop import Shop
from omnilab.attribution.upload import Buyer, Contacts

__all__ = ["Joined", "brand_paths", "buyers_of", "contacts_of", "true_paths"]


#: Sources of visits that are no channel's: what they are, and what the brand's tools call them.
_SOURCES: Final = (
    ("", ""),
    ("unpaid_search", "unpaid_search"),
    ("media", "unpaid_search"),  # who heard the name searches it
    ("posts", "posts"),
)
FROM_POST: Final = 3


def true_paths(facts: Facts, shop: Shop, lookback: int, *, views: bool = False) -> list[Path]:
    """Return the paths of the persons: each true click and visit, with what truly led to it.

    Parameters
    ----------
    facts
        Of some whole cells.
    shop
        Whose channels they are.
    lookback
        Seconds, > 0.
    views
        Whether opens are touches, too.
    """
    book = _Book()
    for visit in facts.visits:
        book.touch(visit.person, visit.at, _visited(visit, shop, tagged=True, true=True))
    for answer in (*facts.clicks, *(facts.opens if views else ())):
        if not answer.machine:
            book.touch(answer.person, answer.at, _answered(answer, shop))
    for order in facts.orders:
        book.sale(order.person, order)
    return book.paths(lookback)


def brand_paths(
    facts: Facts, shop: Shop, lookback: int, measuring: Measuring, key: tuple[int, int]
) -> list[Path]:
    """Return the paths that the brand sees.

    Parameters
    ----------
    facts
        Of some whole cells.
    shop
        Whose channels they are.
    lookback
        Seconds, > 0.
    measuring
        What it measures.
    key
        Of the draws of who agrees to it.

    Returns
    -------
    list
        A path for each order; without touches where the brand can't say whose it was. And those
        that led nowhere.
    """
    one = Joined()
    for survivor, absorbed in facts.merges:
        one.join(survivor, absorbed)
    if measuring.call_tracking:
        for a, b in _dialled(facts, shop, lookback):
            one.join(a, b)
    agreed = _Agreed(key, measuring)
    book = _Book()
    for visit in facts.visits:
        if visit.profile < 0 or not agreed.of(visit.person):
            continue
        if not shop.phones[visit.channel] or measuring.call_tracking or _called(visit, shop):
            touch = _visited(visit, shop, tagged=measuring.utm)
            book.touch(one.of(visit.profile), visit.at, touch)
    for answer in (*facts.clicks, *(facts.opens if measuring.views else ())):
        told = answer.told and answer.profile >= 0 and not shop.ads[answer.channel]
        if told and agreed.of(answer.person):
            book.touch(one.of(answer.profile), answer.at, _answered(answer, shop))
    for order in facts.orders:
        known = order.profile >= 0 and agreed.of(order.person)
        if shop.phones[order.channel] and not measuring.call_tracking:
            known = known and _called(order, shop)
        book.sale(one.of(order.profile) if known else None, order)
    return book.paths(lookback)


def buyers_of(facts: Facts) -> list[Buyer]:
    """Return the orders as buyers that may be uploaded to an ad platform."""
    one = Joined()
    for survivor, absorbed in facts.merges:
        one.join(survivor, absorbed)
    known = {one.of(profile) for profile in facts.has_address}
    return [
        Buyer(o.person, o.time, o.profile >= 0 and one.of(o.profile) in known)
        for o in facts.orders
    ]  # fmt: skip


def contacts_of(facts: Facts, channel: int) -> dict[int, Contacts]:
    """Return when each person was shown an ad of a channel, and clicked one."""
    shown: dict[int, list[int]] = defaultdict(list)
    clicked: dict[int, list[int]] = defaultdict(list)
    for time, person, over in facts.shown:
        if over == channel:
            shown[person].append(time)
    for answer in facts.clicks:
        if answer.channel == channel and not answer.machine:
            clicked[answer.person].append(answer.time)
    return {
        person: Contacts(sorted(shown[person]), sorted(clicked[person]))
        for person in {*shown, *clicked}
    }


class _Agreed:
    """Who agrees to be measured, each person asked once."""

    def __init__(self, key: tuple[int, int], measuring: Measuring) -> None:
        self._key, self._measuring = key, measuring
        self._known: dict[int, bool] = {}

    def of(self, person: int) -> bool:
        if person not in self._known:
            self._known[person] = agrees(self._key, person, self._measuring)
        return self._known[person]


@dataclass
class _Entry:
    touches: list[tuple[int, Touch]]
    sales: list[tuple[int, Sale]]


class _Book:
    """Touches and orders by whom they are thought to be of; None is nobody that is known."""

    def __init__(self) -> None:
        self._entries: dict[int | None, _Entry] = {}

    def touch(self, of: int, at: int, touch: Touch) -> None:
        self._entry(of).touches.append((at, touch))

    def sale(self, of: int | None, order: Order) -> None:
        self._entry(of).sales.append((order.at, Sale(order.time, order.revenue, order.margin)))

    def paths(self, lookback: int) -> list[Path]:
        return [
            path
            for of, entry in self._entries.items()
            for path in join(entry.touches, entry.sales, lookback)
        ]

    def _entry(self, of: int | None) -> _Entry:
        return self._entries.setdefault(of, _Entry([], []))


class Joined:
    """Which profiles are one."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def of(self, profile: int) -> int:
        """Return the profile that stands for all that are one with it."""
        root = profile
        while (above := self._above.get(root, root)) != root:
            root = above
        while profile != root:
            self._above[profile], profile = root, self._above.get(profile, profile)
        return root

    def join(self, a: int, b: int) -> None:
        """Take two profiles for one from now on."""
        self._above[self.of(b)] = self.of(a)


def _visited(visit: Visit, shop: Shop, *, tagged: bool, true: bool = False) -> Touch:
    """Return a visit as a touch: of what led to it where that is seen, else of the place."""
    if tagged and visit.cost > 0 and shop.search >= 0:
        return Touch(visit.time, shop.names[shop.search])
    # The result of a search tells where it led from; a post's link has to be tagged.
    if visit.source > 0 and (tagged or visit.source != FROM_POST):
        return Touch(visit.time, _SOURCES[visit.source][0 if true else 1])
    seen = true or (visit.clicked and (tagged or shop.phones[visit.channel]))
    if visit.sender >= 0 and seen:
        return Touch(visit.time, shop.names[visit.sender], message=visit.message)
    return Touch(visit.time, shop.names[visit.channel], direct=shop.sells[visit.channel])


def _answered(answer: Answer, shop: Shop) -> Touch:
    return Touch(answer.time, shop.names[answer.channel], message=answer.message)


def _called(of: Visit | Order, shop: Shop) -> bool:
    """Tell whether a call was begun by the brand."""
    return of.sender >= 0 and shop.phones[of.sender]


def _dialled(facts: Facts, shop: Shop, lookback: int) -> Iterator[tuple[int, int]]:
    """Yield the profiles of a call and of the last visit before it for the same need."""
    last: dict[tuple[int, int], Visit] = {}
    for visit in sorted(facts.visits, key=lambda v: v.at):
        of = (visit.person, visit.need)
        if not shop.phones[visit.channel]:
            last[of] = visit
        elif visit.need >= 0 and (before := last.get(of)) is not None:
            seen = visit.profile >= 0 and before.profile >= 0
            if seen and before.time >= visit.time - lookback:
                yield before.profile, visit.profile
