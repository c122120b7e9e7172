"""Where the person is now: mail at home and at work, what buzzes for who is out or in a store."""

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing

AT_HOME, AT_WORK, ELSEWHERE, IN_STORE = 0, 1, 2, 3


class WhereNow:
    name = "where_now"

    def __init__(self) -> None:
        self.mail: list[int] = []
        self.phone: list[int] = []

    def plan(self, brand: Brand) -> Plan:
        writes = [(n, c.address) for n, c in enumerate(brand.channels) if c.messages and not c.ad]
        self.mail = [n for n, address in writes if address == "email"]
        self.phone = [n for n, address in writes if address != "email"]
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        channel = np.full(len(pending), -1)  # unknown: as the journey says
        sits = (pending.where == AT_HOME) | (pending.where == AT_WORK)
        self.put(channel, pending, sits, self.mail)
        self.put(channel, pending, pending.where >= ELSEWHERE, self.phone)
        return Choices(np.ones(len(pending), bool), channel)

    @staticmethod
    def put(
        channel: npt.NDArray[np.int64], pending: Decisions, rows: npt.NDArray[np.bool_],
        channels: list[int],
    ) -> None:  # fmt: skip
        """Put rows on the first of the channels that is allowed there."""
        for c in reversed(channels):
            channel[rows & pending.allowed[:, c]] = c
