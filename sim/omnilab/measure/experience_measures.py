"""Measures of bad experiences, waiting, late deliveries and lost needs."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import Measure, mean, share, terms

__all__ = ["EXPERIENCE"]

EXPERIENCE: Final[list[Measure]] = [
    mean(
        "bad_experiences_per_customer",
        "Bad experiences per customer",
        "bad experiences / persons",
        "n_bad_experience",
        "persons",
        "lower",
        what=(
            "Bad experiences for each customer: repeated steps, unwanted messages, "
            "service without history."
        ),
    ),
    share(
        "gave_up_waiting",
        "Gave up waiting",
        "persons who gave up in a line / persons who came to one",
        "n_line_left",
        "n_line_joined",
        "lower",
        what="Of those who came to a line, at a till or a desk, the share that went unserved.",
    ),
    Measure(
        "wait_minutes",
        "Wait in line",
        "number",
        "minutes waited in lines / persons who were served or gave up",
        terms("waited"),
        terms("n_served n_line_left", 60),
        "lower",
        what="Minutes that a person waits in a line, whether served in the end or not.",
    ),
    share(
        "late_share",
        "Late deliveries",
        "orders handed over after their promise / orders handed over",
        "delivered_late",
        "n_handed_over",
        "lower",
        what="Of the orders that were brought or collected, the share that was ready later "
        "than promised.",
    ),
    mean(
        "path_length",
        "Path length",
        "visits of the needs that were ordered / their orders",
        "path_visits",
        "path_orders",
        what="Visits on the way to an order, for the needs that were ordered.",
    ),
    share(
        "cross_channel_orders",
        "Cross-channel orders",
        "orders whose need visited two channels or more / orders",
        "cross_orders",
        "path_orders",
        what="Share of orders on whose way two channels or more were visited.",
    ),
    share(
        "lost_to_rival_rate",
        "Lost to a rival",
        "needs lost to a rival / (needs lost + orders)",
        "lost_rival",
        "n_need_lost n_order",
        "lower",
        what=(
            "Of the needs that ended in the window, as orders or unmet, the share that a rival got."
        ),
    ),
]
