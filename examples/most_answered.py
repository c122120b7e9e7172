"""A rule in ten lines: not to fresh buyers, and to everyone on the channel they answer most."""

import numpy as np

from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing


class MostAnswered:
    name = "most_answered"

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        rate = (pending.answered + 1) / (pending.received + 4)
        best = np.where(pending.allowed, rate, -1).argmax(axis=1)
        fresh = pending.days_since_order < 7  # NaN, never ordered, is not fresh
        return Choices(send=pending.allowed.any(axis=1) & ~fresh, channel=best)
