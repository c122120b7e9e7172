"""A churn score: how long a customer has been silent, as the branches of a YAML journey read it."""

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing

Floats = npt.NDArray[np.float64]


class Churn:
    name = "churn"

    def __init__(self, usual_days: float = 45.0, gone: float = 97.0) -> None:
        self.usual_days = usual_days  # of silence after one order at which half are gone
        self.gone = gone  # above this score nothing is sent

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        score = self.score(pending)
        keeps = score if pending.keeps_scores else None  # where brand.score has `decided: true`
        return Choices(send=score <= self.gone, score=keeps)

    def score(self, pending: Decisions) -> Floats:
        """Return the chance to be gone in percent, shape (n,); -1 where nothing was bought."""
        # Who bought more often is expected back sooner: so here a model of your own comes in.
        usual = self.usual_days / np.sqrt(np.maximum(pending.orders, 1))
        x = (pending.days_since_order / usual - 1.0) * 3.0
        chance = 100.0 / (1.0 + np.exp(-np.clip(np.nan_to_num(x), -30.0, 30.0)))
        # The last bits of an exponential may depend on the batch; rounded, equal scores stay equal.
        return np.where(pending.orders > 0, chance.round(6), -1.0)
