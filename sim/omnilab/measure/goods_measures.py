"""Measures of goods: baskets, prices, trading down, and what recommended goods sell."""

from __future__ import annotations

from omnilab.measure.ratio import Measure, cents, mean, share

__all__ = ["goods_measures"]


def goods_measures() -> list[Measure]:
    """Return the measures; all are null where no category has `goods`."""
    return [
        mean(
            "items_per_order",
            "Items per order",
            "lines of orders / orders of goods",
            "n_line",
            "first_lines",
            "higher",
            what="Goods in an order, mean over the orders of categories that have goods.",
        ),
        cents(
            "item_price",
            "Price of an item",
            "prices of lines / lines of orders",
            "line_value",
            "n_line",
            what="What a good in an order costs before discounts, mean over lines.",
        ),
        share(
            "recommended_share",
            "Recommended items",
            "lines of goods that came into sight by a recommendation / lines of orders",
            "lines_told",
            "n_line",
            what=(
                "Of the goods in orders, the share that a message or a page recommended before the "
                "customer saw them otherwise for this need. It says what went through "
                "recommendations, not what they brought."
            ),
        ),
        share(
            "trade_down_rate",
            "Orders traded down",
            "orders of a good cheaper than the one liked best at the first look / orders of goods",
            "traded_down",
            "first_lines",
            what=(
                "Of the orders of goods, the share whose first good is cheaper than the one that "
                "the customer liked best at the first look for the need."
            ),
        ),
        share(
            "trade_up_rate",
            "Orders traded up",
            "orders of a good dearer than the one liked best at the first look / orders of goods",
            "traded_up",
            "first_lines",
            what="The same for a dearer good.",
        ),
        mean(
            "looks_per_order",
            "Looks at goods per order",
            "visits that show goods / orders of goods",
            "n_goods_seen",
            "first_lines",
            what="Visits at which goods were shown, with a need or without, for each such order.",
        ),
    ]
