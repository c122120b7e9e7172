"""Measures of what contacts and the strategy cost, and what they return."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import BASELINE, SEARCH_ONLY, Measure, mean, millicents, terms

__all__ = ["COST", "COST_SUMS"]

COST_SUMS: Final = "send_cost click_cost agent_cost act_cost"  # of contact cost
_MEDIA: Final = "send_cost click_cost"
_ROI: Final = Measure(
    "roi",
    "ROI",
    "ratio",
    "(margin - margin under no_contact, same customers) / (cost of sends + cost of paid clicks)",
    terms("margin -margin_lost", 1000),
    terms(_MEDIA),
    "higher",
    baseline=BASELINE,
    what=(
        "Return on investment: the margin above that under no_contact on the same "
        "customers, for each euro that sends and paid clicks cost. 0 means that contacts gain "
        "nothing before their cost, 1 that they pay for themselves. It needs no_contact in the "
        "comparison."
    ),
)
_MESSAGE_ROI: Final = Measure(
    "message_roi",
    "ROI of messages",
    "ratio",
    "(margin - margin under search_only, same customers) / cost of sends",
    terms("margin -margin_lost", 1000),
    terms("send_cost"),
    "higher",
    baseline=SEARCH_ONLY,
    what=(
        "Return on what messages cost: the margin above that of the same paid search without "
        "messages, for each euro that sends cost. So it is not charged for clicks that are "
        "bought under both. It needs search_only in the comparison."
    ),
)

COST: Final[list[Measure]] = [
    mean(
        "messages_per_customer",
        "Messages per customer",
        "sends, fallbacks included / persons",
        "n_sent",
        "persons",
        what="Sends in the window for each customer, fallbacks and ads included.",
    ),
    millicents(
        "contact_cost",
        "Contact cost per customer",
        "(cost of sends + cost of paid clicks + cost of agents + incentives of acts) / persons",
        COST_SUMS,
        "persons",
        "lower",
        what="What sends, paid clicks, agents' answers to questions and incentives of acts "
        "cost in the window, for each customer.",
    ),
    millicents(
        "search_cost",
        "Paid search per customer",
        "cost of paid clicks / persons",
        "click_cost",
        "persons",
        "lower",
        what="The part of contact cost that is paid for clicks on search ads.",
    ),
    millicents(
        "cac",
        "CAC",
        "contact cost / persons whose first order ever is in the window",
        COST_SUMS,
        "new_buyers",
        "lower",
        what=(
            "Customer acquisition cost: all contact cost of the window, for each customer "
            "whose first order ever falls in it. Who would have come anyway is counted "
            "too."
        ),
    ),
    millicents(
        "cpa",
        "CPA",
        "contact cost / orders",
        COST_SUMS,
        "n_order",
        "lower",
        what="Cost per acquisition: contact cost of the window, for each order.",
    ),
    _ROI,
    _MESSAGE_ROI,
    millicents(
        "fixed_cost",
        "Fixed cost per customer",
        "(what is paid once + monthly costs of strategy, staff and channels) / persons",
        "fixed_cost",
        "persons",
        "lower",
        what=(
            "What the strategy and its channels cost in the window beside sends and clicks, "
            "for each customer: set-up, licences, staff. It is 0 where no costs are declared."
        ),
    ),
    Measure(
        "profit",
        "Profit per customer",
        "EUR",
        "(margin - contact cost - fixed cost) / persons",
        (
            *terms("margin -margin_lost", 1000),
            *terms("-send_cost -click_cost -agent_cost -act_cost -fixed_cost"),
        ),
        terms("persons", 100_000),
        "higher",
        what=(
            "Margin of the window after discounts and returns, less contact cost and fixed "
            "cost, for each customer."
        ),
    ),
    millicents(
        "ltv_net",
        "LTV, net of fixed cost",
        "LTV - fixed cost discounted to the window's start / persons",
        "ltv -fixed_ltv",
        "persons",
        "higher",
        what=(
            "The LTV less what the strategy and its channels cost beside sends and clicks, "
            "each day's part discounted in the same way."
        ),
    ),
]
