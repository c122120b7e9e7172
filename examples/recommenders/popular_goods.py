"""A recommender: every message shows the goods that sold most until last night."""

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing


class PopularGoods:
    name = "popular_goods"

    def __init__(self, number: int = 3) -> None:
        self.number = number  # goods a message, at most 4
        self.sold: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def plan(self, brand: Brand) -> Plan:
        self.sold = np.zeros(len(brand.goods), dtype=np.int64)
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        # Not what the reader has bought; of equals the first of the list.
        score = np.where(pending.bought, -1, self.sold)
        best = np.argsort(-score, axis=1, kind="stable")[:, : self.number]
        goods = np.zeros(pending.bought.shape, dtype=np.bool_)
        np.put_along_axis(goods, best, True, axis=1)
        return Choices(np.ones(len(pending), dtype=np.bool_), goods=goods & (score > 0))

    def learn(self, observed: Events) -> None:
        self.sold += observed.goods.sum(axis=0)
