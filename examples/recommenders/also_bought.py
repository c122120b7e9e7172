"""A recommender from item to item: those who bought or looked at this also bought that.

Which goods are bought by the same profile is counted every night, in what the brand has seen. Goods
are alike as the cosine of their columns of buyers, as in Linden, Smith and York (2003),
"Amazon.com recommendations: item-to-item collaborative filtering", IEEE Internet Computing 7(1).
"""

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing

Floats = npt.NDArray[np.float64]


class AlsoBought:
    name = "also_bought"

    def __init__(self, number: int = 3) -> None:
        self.number = number  # goods a message, at most 4
        self.bought: dict[int, set[int]] = defaultdict(set)
        self.alike: Floats = np.zeros((0, 0))
        self.together: Floats = self.alike

    def plan(self, brand: Brand) -> Plan:
        self.together = np.zeros((len(brand.goods), len(brand.goods)))
        self.alike = self.together
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        # What is known of the reader: bought counts twice what was only looked at.
        known = pending.viewed + 2.0 * pending.bought
        score = np.where(pending.bought, -1.0, known @ self.alike)
        best = np.argsort(-score, axis=1, kind="stable")[:, : self.number]
        goods = np.zeros(pending.bought.shape, dtype=np.bool_)
        np.put_along_axis(goods, best, True, axis=1)
        return Choices(np.ones(len(pending), dtype=np.bool_), goods=goods & (score > 0.0))

    def learn(self, observed: Events) -> None:
        orders = observed.of_kind("order")
        for profile, goods in zip(
            observed.profile[orders].tolist(), observed.goods[orders], strict=True
        ):
            before = self.bought[profile]
            for good in set(np.flatnonzero(goods).tolist()) - before:
                for other in before:
                    self.together[good, other] += 1.0
                    self.together[other, good] += 1.0
                self.together[good, good] += 1.0  # buyers of it
                before.add(good)
        buyers = np.sqrt(np.maximum(np.diagonal(self.together), 1.0))
        self.alike = self.together / buyers[:, None] / buyers[None, :]
        np.fill_diagonal(self.alike, 0.0)
