"""The minimal customer model that all peers carry: its numbers, and what a run adds up to.

A customer has three mechanisms and nothing else:

- a *timer* rings on average `VISITS_PER_DAY` times a day, and the customer visits;
- the visit is made in the app with chance `P_APP`, else on the web: a *channel move* if the visit
  before was elsewhere;
- once a week a *message* comes. The customer answers it with chance `P_ANSWER`, a lognormal delay
  later.

A *customer-event* is a visit, a message that arrived, or an answer. What a framework does beside
(steps of idle agents, rows of a log) is not counted.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

__all__ = [
    "ANSWER_MEDIAN_DAYS",
    "ANSWER_SIGMA",
    "DAYS",
    "MESSAGE_DAY",
    "P_ANSWER",
    "P_APP",
    "VISITS_PER_DAY",
    "Counts",
    "check_counts",
]

DAYS = 91
VISITS_PER_DAY = 0.5
P_APP = 0.4
MESSAGE_DAY = 1  # of the week; the first day is 0
P_ANSWER = 0.25
ANSWER_MEDIAN_DAYS = 2 / 24
ANSWER_SIGMA = 1.0


class Counts(NamedTuple):
    """What happened to all customers together."""

    visits: int
    moves: int
    messages: int
    answers: int

    @property
    def events(self) -> int:
        """Customer-events: a move is a part of its visit."""
        return self.visits + self.messages + self.answers


def check_counts(counts: Counts, customers: int, *, moves: bool = True) -> None:
    """Check a run against the model's expected values; messages are exact.

    Parameters
    ----------
    counts
        Of the run.
    customers
        How many there were.
    moves
        Whether moves were counted.

    Raises
    ------
    AssertionError
        If a mean is further off than 5 standard errors.
    """
    messages = customers * len(range(MESSAGE_DAY, DAYS, 7))
    assert counts.messages == messages, f"{counts.messages} messages, {messages} expected"
    visits = VISITS_PER_DAY * DAYS
    # Mean and variance a customer. Visits are Poisson, or binomial in steps of a day, which vary
    # less. The first visit comes from nowhere and is no move; neighbouring moves share a visit,
    # so each pair adds p/2 - p^2 twice to the p of a thinned Poisson process.
    p = 2 * P_APP * (1 - P_APP)
    answers = P_ANSWER * messages / customers
    expected = {"visits": (visits, visits), "answers": (answers, answers * (1 - P_ANSWER))}
    if moves:
        expected["moves"] = ((visits - 1) * p, 2 * p * (1 - p) * visits)
    for name, (mean, variance) in expected.items():
        got = getattr(counts, name) / customers
        error = sqrt(variance / customers)
        assert abs(got - mean) < 5 * error, f"{name}: {got:.4f} a customer, {mean:.4f} expected"
