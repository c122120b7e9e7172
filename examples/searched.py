"""What was typed and what was said: messages show what was searched for, and spare the unhappy."""

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing


class Searched:
    name = "searched"

    def __init__(self, fresh_days: int = 7, bad_stars: int = 2, spare_days: int = 30) -> None:
        self.fresh_days, self.bad_stars, self.spare_days = fresh_days, bad_stars, spare_days
        self.by_category: npt.NDArray[np.bool_] = np.zeros((0, 0), bool)

    def plan(self, brand: Brand) -> Plan:
        # The goods of each category, four at most: so many a message can show.
        self.by_category = np.zeros((len(brand.categories), len(brand.goods)), bool)
        for n, name in enumerate(brand.categories):
            own = [g for g, good in enumerate(brand.goods) if good.category == name]
            self.by_category[n, own[:4]] = True
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        # Who has just left a bad review hears nothing but service.
        stars = (pending.last_stars > 0) & (pending.last_stars <= self.bad_stars)
        spared = stars & (pending.days_since_review < self.spare_days) & pending.may_offer
        return Choices(~spared, offer=self.offer(pending), goods=self.goods(pending))

    def fresh(self, pending: Decisions) -> npt.NDArray[np.bool_]:
        return pending.days_since_search < self.fresh_days

    def goods(self, pending: Decisions) -> npt.NDArray[np.bool_]:
        """Show the goods named in the search box; where none was, those of the category typed."""
        of_category = (
            self.by_category[pending.last_searched] & (pending.last_searched >= 0)[:, None]
        )
        named = pending.searched & of_category
        goods = np.where(named.any(axis=1)[:, None], named, of_category)
        return goods & self.fresh(pending)[:, None]

    def offer(self, pending: Decisions) -> npt.NDArray[np.int64]:
        """Give the first offer to who searches and has never bought; else the message's own."""
        offer = np.full(len(pending), -1)
        if len(pending.offer_names) > 1:  # the last is `none`
            new = self.fresh(pending) & (pending.orders == 0) & pending.may_offer
            offer[new] = 0
        return offer
