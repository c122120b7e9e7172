"""The minimal model in plain SimPy: a process a customer, a process an answer."""

from __future__ import annotations

from collections.abc import Generator
from math import log
from random import Random

import simpy

from bench.peers.model import (
    ANSWER_MEDIAN_DAYS,
    ANSWER_SIGMA,
    DAYS,
    MESSAGE_DAY,
    P_ANSWER,
    P_APP,
    VISITS_PER_DAY,
    Counts,
)

__all__ = ["run"]

Process = Generator[simpy.Event, None, None]


class Customer:
    """A customer whose timer is a process."""

    def __init__(self, env: simpy.Environment, random: Random) -> None:
        self.env, self.random = env, random
        self.channel = ""
        self.visits = self.moves = self.messages = self.answers = 0
        env.process(self.live())

    def live(self) -> Process:
        """Visit whenever the timer rings."""
        while True:
            yield self.env.timeout(self.random.expovariate(VISITS_PER_DAY))
            channel = "app" if self.random.random() < P_APP else "web"
            self.moves += self.channel not in ("", channel)
            self.channel = channel
            self.visits += 1

    def receive(self) -> None:
        """Get a message, and perhaps answer it later."""
        self.messages += 1
        if self.random.random() < P_ANSWER:
            self.env.process(self.answer())

    def answer(self) -> Process:
        """Answer after a while."""
        yield self.env.timeout(self.random.lognormvariate(log(ANSWER_MEDIAN_DAYS), ANSWER_SIGMA))
        self.answers += 1


def newsletter(env: simpy.Environment, customers: list[Customer]) -> Process:
    """Write to all customers once a week."""
    yield env.timeout(MESSAGE_DAY)
    while True:
        for customer in customers:
            customer.receive()
        yield env.timeout(7)


def run(customers: int, seed: int) -> Counts:
    """Return what happened to so many customers."""
    env, random = simpy.Environment(), Random(seed)
    everybody = [Customer(env, random) for _ in range(customers)]
    env.process(newsletter(env, everybody))
    env.run(until=DAYS)
    return Counts(*(sum(getattr(c, name) for c in everybody) for name in Counts._fields))
