"""Score: one number of what a silo sees that a profile bought, by weights that the brand declares.

    score = recency exp(-days since the last order / memory) + frequency ln(1 + orders)
            + monetary ln(1 + paid)

Each part as far as the silo sees it (`omnilab.brand.at_hand`), so teams that share nothing have
scores of their own of one customer.

References
----------
Recency, frequency and monetary value as what a mailing list is sorted by: Bult and Wansbeek (1995),
"Optimal selection for direct mail", Marketing Science 14(4). The form is an assumption.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.brand.at_hand import last_order, orders_at_hand, paid_at_hand
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["LoweredScore", "score_at_hand"]

CENTS: Final = 100.0


class LoweredScore(Record):
    """The weights of the score."""

    score_recency: f8
    score_memory: f8  # seconds
    score_frequency: f8
    score_monetary: f8


@inner
def score_at_hand(cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int) -> float:
    """Return a profile's score at ``t``, seconds, as a silo sees it; never below 0."""
    orders = orders_at_hand(cell, plan, profile, silo)
    if orders == 0:
        return 0.0
    rules = plan.rules
    age = t - last_order(cell, plan, profile, silo)
    paid = paid_at_hand(cell, plan, profile, silo) / CENTS
    return (
        rules.score_recency * math.exp(-age / rules.score_memory)
        + rules.score_frequency * math.log(1.0 + orders)
        + rules.score_monetary * math.log(1.0 + paid)
    )
