"""A bandit: Thompson sampling of the channel, by journey, for clicks that are worth their cost."""

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing


class Thompson:
    name = "thompson"

    def __init__(self, click_worth: float = 0.5) -> None:
        self.click_worth = click_worth  # in the brand's currency
        self.cost: npt.NDArray[np.float64] = np.zeros(0)
        self.sent: npt.NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self.clicked = self.sent

    def plan(self, brand: Brand) -> Plan:
        self.cost = np.array([c.cost for c in brand.channels])
        # An arm is a journey's message on a channel.
        self.sent = np.zeros((len(brand.journeys), len(brand.channels)), dtype=np.int64)
        self.clicked = np.zeros_like(self.sent)
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        # The click rate is Beta(1, 19) before anything is known: about 5%, and anything goes.
        good = 1.0 + self.clicked
        bad = 19.0 + np.maximum(self.sent - self.clicked, 0)
        # One draw a row and arm, from the posterior of what was learned until last night.
        chance = pending.chance(len(pending.channel_names))
        rate = betaincinv(good[pending.journey], bad[pending.journey], chance)
        gain = np.where(pending.allowed, rate * self.click_worth - self.cost, -np.inf)
        return Choices(send=gain.max(axis=1) > 0, channel=gain.argmax(axis=1))

    def learn(self, observed: Events) -> None:
        for kind, count in (("sent", self.sent), ("click", self.clicked)):
            rows = observed.of_kind(kind)
            np.add.at(count, (observed.journey[rows], observed.channel[rows]), 1)
