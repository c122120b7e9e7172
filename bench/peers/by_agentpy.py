"""The minimal model in AgentPy: a step a day, all agents of an `AgentList`.

As with Mesa, the timer rings with its chance each day, and answers come in the message's step.
"""

from __future__ import annotations

import agentpy as ap

from bench.peers.model import DAYS, MESSAGE_DAY, P_ANSWER, P_APP, VISITS_PER_DAY, Counts

__all__ = ["run"]


class Customer(ap.Agent):
    """A customer who does one day a step."""

    def setup(self) -> None:
        """Begin nowhere."""
        self.channel = ""
        self.visits = self.moves = self.messages = self.answers = 0

    def live(self) -> None:
        """Live a day."""
        random = self.model.random
        if random.random() < VISITS_PER_DAY:
            channel = "app" if random.random() < P_APP else "web"
            self.moves += self.channel not in ("", channel)
            self.channel = channel
            self.visits += 1
        if self.model.writes_today:
            self.messages += 1
            self.answers += random.random() < P_ANSWER


class Shop(ap.Model):
    """The customers, and the weekly newsletter."""

    def setup(self) -> None:
        """Make the customers."""
        self.customers = ap.AgentList(self, self.p.customers, Customer)
        self.writes_today = False

    def step(self) -> None:
        """Simulate a day; AgentPy counts steps from 1."""
        self.writes_today = (self.t - 1) % 7 == MESSAGE_DAY
        self.customers.live()


def run(customers: int, seed: int) -> Counts:
    """Return what happened to so many customers."""
    shop = Shop({"customers": customers, "steps": DAYS, "seed": seed})
    shop.run(display=False)
    return Counts(*(int(sum(getattr(shop.customers, name))) for name in Counts._fields))
