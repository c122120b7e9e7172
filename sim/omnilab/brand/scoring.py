"""Score: one number of what a silo sees that a profile bought, by weights that the brand declares.

    score = recency exp(-days since the last order / memory) + frequency ln(1 + orders)
            + monetary ln(1 + paid)

Each part as far as the silo sees it (`omnilab.brand.at_hand`), so teams that share nothing have
scores of their own of one customer. Where the brand lets strategies say it, a score that `decide`
gave stands in its place: it is kept in the silo that asked, and of those that a silo sees the
latest counts.

References
----------
Recency, frequency and monetary value as what a mailing list is sorted by: Bult and Wansbeek (1995),
"Optimal selection for direct mail", Marketing Science 14(4). The form is an assumption.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.brand.at_hand import last_order, orders_at_hand, paid_at_hand
from omnilab.brand.context import seen
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["NO_SCORE", "LoweredScore", "note_score", "score_at_hand"]

CENTS: Final = 100.0
NO_SCORE: Final = -1.0  # `decide` gave none


class LoweredScore(Record):
    """The weights of the score."""

    score_recency: f8
    score_memory: f8  # seconds
    score_frequency: f8
    score_monetary: f8
    scores: i1  # 1: the brand keeps a score
    score_decided: i1  # 1: and `decide` may give one


@inner
def score_at_hand(cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int) -> float:
    """Return a profile's score at ``t``, seconds, as a silo sees it; never below 0."""
    if plan.rules.scores == 0:
        return 0.0
    if plan.rules.score_decided == 1:
        given = _given(cell, plan, profile, silo)
        if given != NO_SCORE:
            return given
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


@inner
def _given(cell: BrandCell, plan: LoweredPlan, profile: int, silo: int) -> float:
    """Return the latest score that `decide` gave a profile, of those that a silo sees."""
    latest, score = -1, NO_SCORE
    for s in range(cell.context_of.shape[1]):
        i = seen(cell, plan, profile, silo, s)
        if i >= 0 and cell.context[i].given_t > latest:
            latest = int(cell.context[i].given_t)
            score = float(cell.context[i].given)
    return score


@inner
def note_score(cell: BrandCell, profile: int, silo: int, t: int, score: float) -> None:
    """Keep the score that `decide` gave a profile, `NO_SCORE` none, in the silo that asked."""
    i = int(cell.context_of[profile, silo])
    if score != NO_SCORE and i >= 0:  # a silo that may be given one has a context
        cell.context[i].given = score
        cell.context[i].given_t = t
