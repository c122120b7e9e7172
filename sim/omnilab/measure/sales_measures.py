"""Measures of what customers buy, what that is worth, and who stays."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import Measure, cents, mean, millicents, share

__all__ = ["SALES"]

SALES: Final[list[Measure]] = [
    share(
        "purchase_rate",
        "Purchase rate",
        "persons with at least one order in the window / persons",
        "buyers",
        "persons",
        "higher",
        what=(
            "Share of customers who order at least once in the window. Everybody counts, "
            "contacted or not."
        ),
    ),
    mean(
        "orders_per_customer",
        "Orders per customer",
        "orders in the window / persons",
        "n_order",
        "persons",
        "higher",
        what="Orders in the window for each customer.",
    ),
    cents(
        "aov",
        "Average order value",
        "paid / orders",
        "revenue",
        "n_order",
        "higher",
        what="What is paid in an order after discounts, mean over orders.",
    ),
    cents(
        "revenue",
        "Revenue per customer",
        "(paid - refunded) / persons",
        "revenue -refunds",
        "persons",
        "higher",
        what="What is paid in the window less what is refunded, for each customer.",
    ),
    cents(
        "margin",
        "Margin per customer",
        "(margin of orders, net of discounts - margin of returns) / persons",
        "margin -margin_lost",
        "persons",
        "higher",
        what=(
            "The brand's margin on orders in the window, after discounts, commissions and "
            "returns and before contact cost, for each customer."
        ),
    ),
    cents(
        "discount",
        "Discount per customer",
        "discounts given / persons",
        "discount",
        "persons",
        "lower",
        what="Discounts given in the window, for each customer.",
    ),
    share(
        "redemption_rate",
        "Offers used",
        "offers used / offers seen",
        "n_redeemed",
        "n_offered",
        what=(
            "Of the offers that customers saw in the window, the share that an order used. "
            "Offers are counted where `brand.offers` or `world.offers` says more of them than "
            "that all are used."
        ),
    ),
    share(
        "offer_order_share",
        "Orders at an offer",
        "orders that use an offer / orders",
        "n_redeemed",
        "n_order",
        what="Of the orders in the window, the share that used an offer that is counted.",
    ),
    cents(
        "offer_cost",
        "Offers per customer",
        "(money off by offers + cost of gifts) / persons",
        "offer_cost",
        "persons",
        "lower",
        what="What offers that were used cost the brand, for each customer.",
    ),
    share(
        "code_loss_rate",
        "Codes not known",
        "codes shown where nobody knew them / codes shown there and offers used",
        "n_code_unknown",
        "n_code_unknown n_redeemed",
        "lower",
        what=(
            "Of the offers that customers wanted to use, the share whose code the place did "
            "not know."
        ),
    ),
    millicents(
        "ltv",
        "LTV",
        "sum over window and run-out of e^(-r t) (margin - contact cost) / persons, "
        "t from the window's start",
        "ltv",
        "persons",
        "higher",
        what=(
            "The contribution of a customer over window and run-out: margin of orders, "
            "less that of returns, less contact cost, each discounted to the window's "
            "start. It ends with the run-out, so it is not the value of a whole lifetime "
            "and predicts nothing beyond."
        ),
    ),
    share(
        "repeat_rate",
        "Repeat purchase rate",
        "persons with two orders or more / persons with one or more",
        "repeat_buyers",
        "buyers",
        "higher",
        what=("Of the customers who order in the window, the share that orders at least twice."),
    ),
    share(
        "retention",
        "Retention",
        "persons who bought in both halves of the window / in the first half",
        "retained",
        "buyers_first_half",
        "higher",
        what=(
            "Of the customers who order in the window's first half, the share that orders "
            "in the second half too."
        ),
    ),
    share(
        "churn",
        "Churn",
        "1 - retention",
        "buyers_first_half -retained",
        "buyers_first_half",
        "lower",
        what=(
            "Of the customers who order in the window's first half, the share that does "
            "not order in the second half."
        ),
    ),
    share(
        "leave_rate",
        "Leave rate",
        "persons who left the brand for good in the window / persons",
        "n_left",
        "persons",
        "lower",
        what=(
            "Share of customers who leave the brand for good in the window, after an "
            "order, a bad experience, a message that woke them, or of themselves."
        ),
    ),
    share(
        "leave_after_order_rate",
        "Left without a reason",
        "persons who left for good after an order, by their chance to drop out, or of themselves"
        " / persons",
        "left_after_order",
        "persons",
        "lower",
        what=(
            "Share of customers who leave for good in the window without a reason: after an "
            "order, the dropout of BG/NBD, or at any time (`world.attrition`)."
        ),
    ),
    share(
        "leave_annoyed_rate",
        "Left annoyed",
        "persons who left for good after a bad service contact or repeated steps / persons",
        "left_annoyed",
        "persons",
        "lower",
        what=(
            "Share of customers who leave for good in the window after a bad experience that "
            "no message made: repeated steps, service without history."
        ),
    ),
    share(
        "leave_messages_rate",
        "Left over messages",
        "persons who left for good after spam, messages past a stop all, or woken by one / persons",
        "left_messages",
        "persons",
        "lower",
        what=(
            "Share of customers who leave for good in the window over messages: too many, any "
            "after they asked for none, or one that woke them."
        ),
    ),
    mean(
        "runout_orders_per_customer",
        "Run-out orders per customer",
        "orders from the window's end to the run's end / persons",
        "runout_orders",
        "persons",
        what=(
            "Orders in the run-out for each customer. Fewer than under no_contact means "
            "that messages brought orders forward."
        ),
    ),
]
