"""The minimal model in Mesa 3: a step a day, all agents by `agents.do`.

In steps of a day the timer rings with that chance each day, and an answer's delay has no room:
it is given in the step that the message comes.
"""

from __future__ import annotations

import mesa

from bench.peers.model import DAYS, MESSAGE_DAY, P_ANSWER, P_APP, VISITS_PER_DAY, Counts

__all__ = ["run"]


class Customer(mesa.Agent):
    """A customer who does one day a step."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.channel = ""
        self.visits = self.moves = self.messages = self.answers = 0

    def step(self) -> None:
        """Live a day."""
        if self.random.random() < VISITS_PER_DAY:
            channel = "app" if self.random.random() < P_APP else "web"
            self.moves += self.channel not in ("", channel)
            self.channel = channel
            self.visits += 1
        if self.model.writes_today:
            self.messages += 1
            self.answers += self.random.random() < P_ANSWER


class Shop(mesa.Model):
    """The customers, and the weekly newsletter."""

    def __init__(self, customers: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.day = 0
        self.writes_today = False
        Customer.create_agents(self, customers)

    def step(self) -> None:
        """Simulate a day."""
        self.writes_today = self.day % 7 == MESSAGE_DAY
        self.agents.do("step")
        self.day += 1


def run(customers: int, seed: int) -> Counts:
    """Return what happened to so many customers."""
    shop = Shop(customers, seed)
    for _ in range(DAYS):
        shop.step()
    return Counts(*(int(sum(shop.agents.get(name))) for name in Counts._fields))
