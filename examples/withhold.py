"""The plan's coupons, but not for who has ordered lately and so orders anyway."""

import numpy as np

from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing


class Withhold:
    name = "withhold"

    def __init__(self, orders: int = 1, within_days: float = 60.0) -> None:
        self.orders, self.within_days = orders, within_days

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        often = pending.orders >= self.orders
        regular = often & (pending.days_since_order < self.within_days)
        # "" leaves a message its own offer; "none" sends it as if it was written without.
        return Choices(np.ones(len(pending), bool), offer=np.where(regular, "none", ""))
