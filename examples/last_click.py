"""A budget by last click: after a while, stop paying for the channel with the least credit."""

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing

DAY_S = 86_400


class LastClick:
    name = "last_click"

    def __init__(self, after_days: int = 60, lookback_days: int = 30) -> None:
        self.after_days, self.lookback_s = after_days, lookback_days * DAY_S
        self.days = 0
        self.price: npt.NDArray[np.float64] = np.zeros(0)
        self.spent = self.credit = self.price
        self.cut = -1  # the channel that is not paid any more
        self.clicked: dict[int, tuple[int, int]] = {}  # time and channel of a profile's last click

    def plan(self, brand: Brand) -> Plan:
        self.price = np.array([channel.cost for channel in brand.channels])
        self.spent = np.zeros(len(self.price))
        self.credit = np.zeros(len(self.price))
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        if self.cut < 0:
            return Choices.default(pending)
        # What was to go over it goes over the first other channel that is allowed, or not at all.
        left = pending.allowed.copy()
        left[:, self.cut] = False
        moved = pending.default == self.cut
        channel = np.where(moved & left.any(axis=1), left.argmax(axis=1), -1)
        return Choices(~moved | left.any(axis=1), channel)

    def learn(self, observed: Events) -> None:
        np.add.at(self.spent, observed.channel[observed.of_kind("sent")], 1)
        clicks, orders = observed.of_kind("click"), observed.of_kind("order")
        for row in np.flatnonzero(clicks | orders).tolist():
            profile, t = int(observed.profile[row]), int(observed.time_s[row])
            if clicks[row]:
                self.clicked[profile] = t, int(observed.channel[row])
                continue
            last, channel = self.clicked.get(profile, (-self.lookback_s - 1, -1))
            if t - last <= self.lookback_s:
                self.credit[channel] += observed.cents[row] / 100
        self.days += 1
        if self.days == self.after_days:
            self.cut = self.least()

    def least(self) -> int:
        """Return the channel with the least credit for each unit of its cost, -1 if none costs."""
        cost = self.spent * self.price
        per_cost = np.where(cost > 0, self.credit / np.where(cost > 0, cost, 1.0), np.inf)
        return int(per_cost.argmin()) if np.isfinite(per_cost).any() else -1
