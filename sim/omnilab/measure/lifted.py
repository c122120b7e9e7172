"""How the tables of `omnilab.measure.lifts` lie: comparisons of the same customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["BINS", "LIFTED", "NOTABLE", "SPREAD", "WORDS", "product_of"]

BITS: Final = 31
WORDS: Final = 4
BINS: Final = 1024
NOTABLE: Final = 5  # customers to a strategy, won and lost

#: How benefits are spread: a sum over customers, what its unit is made of, and what it is divided
#: by. Who gains and who is harmed is told by what a customer buys: by LTV each message's cost would
#: make a loser of its reader. Margin is that of the window, so that the same bought on another day
#: is the same.
SPREAD: Final = (
    ("never_reached", "share", 1, "Customers to whom nothing was delivered in the window / all."),
    ("differs", "share", 1,
     "Customers whose margin, before contact cost, is not that under the reference / all."),
    ("gained", "share", 1,
     "Customers whose purchases bring more margin, before contact cost and less returns / all."),
    ("harmed", "share", 1,
     "Customers whose purchases bring less margin, before contact cost and less returns / all."),
    ("gain_mean", "EUR", 100, "Margin gained / those who gained."),
    ("harm_mean", "EUR", 100, "Margin lost / those harmed."),
    ("more_orders", "share", 1, "Customers with more orders in the window / all."),
    ("fewer_orders", "share", 1, "Customers with fewer orders in the window / all."),
    ("higher_ltv", "share", 1, "Customers whose LTV is higher / all."),
    ("lower_ltv", "share", 1,
     "Customers whose LTV is lower / all; the cost of a message more makes it so."),
)  # fmt: skip
#: Columns: sum, divisor, and the products of sum and sum, sum and divisor, divisor and divisor.
SPREAD_WIDTH: Final = 2 + 3 * WORDS
#: Columns of a lift: sum under the strategy and the reference, difference squared, and by persons.
LIFT_WIDTH: Final = 2 + 2 * WORDS
WEEK_WIDTH: Final = 2 * WORDS
#: Columns of a group: persons, cells with any, persons squared over cells.
MEMBER_WIDTH: Final = 3
#: The tables that add up over chunks, by strategy.
LIFTED: Final = ("members", "lifts", "week_lifts", "spread", "contacts", "gains")


def product_of(words: Sequence[int]) -> int:
    """Return the number that is kept in words of 31 bits."""
    return sum(int(word) << (BITS * i) for i, word in enumerate(words))
