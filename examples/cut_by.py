"""A budget by any model of credit: after a while, stop paying for the channel with the least."""

import numpy as np
import numpy.typing as npt

from omnilab.attribution.models import credit_of
from omnilab.attribution.paths import Sale, Touch, join
from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing

DAY_S = 86_400


class CutBy:
    name = "cut_by"

    def __init__(
        self, model: str = "markov", after_days: int = 60, lookback_days: int = 30, cut: str = ""
    ) -> None:
        self.model, self.after_days, self.lookback_s = model, after_days, lookback_days * DAY_S
        self.named = cut  # by a report of before, from the first day on; so paid search can be cut
        self.days, self.cut = 0, -1
        self.names: list[str] = []
        self.talks: list[bool] = []  # customers order over it, and the brand calls or writes, too
        self.spent: npt.NDArray[np.float64] = np.zeros(0)
        self.price = self.spent
        self.touches: dict[int, list[tuple[int, Touch]]] = {}  # by profile, in the order of time
        self.sales: dict[int, list[tuple[int, Sale]]] = {}

    def plan(self, brand: Brand) -> Plan:
        self.names = [channel.name for channel in brand.channels]
        self.price = np.array([channel.cost for channel in brand.channels])
        self.spent = np.zeros(len(self.names))
        self.talks = [channel.visits and channel.messages for channel in brand.channels]
        searched = False
        if self.named:
            searched = brand.channel(self.named).search
            self.cut = self.names.index(self.named)
        return Plan(Sharing.every("all"), journeys=brand.journeys, paid=not searched)

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
        self.days += 1
        if self.named or self.days > self.after_days:
            return
        np.add.at(self.spent, observed.channel[observed.of_kind("sent")], 1)
        clicks, orders = observed.of_kind("click"), observed.of_kind("order")
        for row in np.flatnonzero(clicks | orders).tolist():
            profile, t = int(observed.profile[row]), int(observed.time_s[row])
            channel = int(observed.channel[row])
            if clicks[row] or self.talks[channel]:
                touch = Touch(t, self.names[channel], message=int(observed.message_id[row]))
                self.touches.setdefault(profile, []).append((row, touch))
            if orders[row]:
                cents = int(observed.cents[row])
                self.sales.setdefault(profile, []).append((row + 1, Sale(t, cents, cents)))
        if self.days == self.after_days:
            self.cut = self.least()

    def least(self) -> int:
        """Return the channel with the least credit for each unit of its cost, -1 if none costs."""
        paths = [
            path
            for profile in {**self.touches, **self.sales}
            for path in join(
                self.touches.get(profile, []), self.sales.get(profile, []), self.lookback_s
            )
        ]
        credited = credit_of(paths, self.model)
        per_cost = np.full(len(self.names), np.inf)
        for i, cost in enumerate(self.spent * self.price):
            if cost > 0:
                name = self.names[i]
                per_cost[i] = (credited[name].revenue if name in credited else 0.0) / cost
        return int(per_cost.argmin()) if np.isfinite(per_cost).any() else -1
