"""A rule for each segment: offers by what the relation is worth, channel by device, tact."""

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing

DAY_S = 86_400
COMPUTER, PHONE = 0, 1


class Tailored:
    name = "tailored"

    def __init__(self, lapsed_days: int = 60, regular_orders: int = 3, hold_days: int = 2) -> None:
        self.lapsed_days, self.regular_orders = lapsed_days, regular_orders
        self.hold_days = hold_days
        self.by_device: dict[int, list[int]] = {}

    def plan(self, brand: Brand) -> Plan:
        writes = [(n, c.address) for n, c in enumerate(brand.channels) if c.messages and not c.ad]
        self.by_device = {
            PHONE: [n for n, address in writes if address != "email"],
            COMPUTER: [n for n, address in writes if address == "email"],
        }
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        # Who has just asked something hears nothing else until it is settled.
        asks = np.nan_to_num(pending.days_since_question, nan=np.inf) < self.hold_days
        delay = np.where(asks, self.hold_days * DAY_S, 0)
        return Choices(np.ones(len(pending), bool), self.channel(pending), self.offer(pending),
                       delay)  # fmt: skip

    def offer(self, pending: Decisions) -> npt.NDArray[np.int64]:
        """Win lapsed buyers back by the first offer; regular ones, and new ones, need none."""
        offer = np.full(len(pending), -1)
        if len(pending.offer_names) > 1:  # the last is `none`
            lapsed = pending.days_since_order > self.lapsed_days
            regular = pending.orders >= self.regular_orders
            offer[lapsed & ~regular & pending.may_offer] = 0
        return offer

    def channel(self, pending: Decisions) -> npt.NDArray[np.int64]:
        """By the device in hand: mail for who sits at a computer, what buzzes for a phone."""
        channel = np.full(len(pending), -1)
        for device, channels in self.by_device.items():
            for c in reversed(channels):
                channel[(pending.last_device == device) & pending.allowed[:, c]] = c
        return channel
