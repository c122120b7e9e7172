"""Measures by channel, by journey and by persona."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import Measure, cents, mean, millicents, share, table

__all__ = ["CHANNEL_MEASURES", "JOURNEY_MEASURES", "PERSONA_MEASURES"]

_SENT: Final = "sent -ad_sent"
_DELIVERED: Final = "delivered -ad_delivered"
_MESSAGE_RATES: Final = (
    share("delivery_rate", "Delivered", "delivered / sent, ads apart", _DELIVERED, _SENT, "higher"),
    share(
        "open_rate",
        "Opened",
        "opened / delivered, ads apart",
        "open -ad_open",
        _DELIVERED,
        "higher",
    ),
    share(
        "click_rate",
        "Clicked",
        "clicked / delivered, ads apart",
        "click -ad_click",
        _DELIVERED,
        "higher",
    ),
    share(
        "seen_open_rate",
        "Opened, as seen",
        "with a receipt of an open / delivered, ads apart",
        "seen_opens",
        _DELIVERED,
    ),
    share(
        "seen_click_rate",
        "Clicked, as seen",
        "with a receipt of a click / delivered, ads apart",
        "seen_clicks",
        _DELIVERED,
    ),
    share(
        "ad_click_rate",
        "Ads clicked",
        "ads clicked / ads shown",
        "ad_click",
        "ad_delivered",
        "higher",
    ),
    share(
        "unsubscribe_rate",
        "Unsubscribed",
        "unsubscribes / delivered, ads apart",
        "unsubscribe -ad_unsubscribe",
        _DELIVERED,
        "lower",
    ),
    share(
        "complaint_rate",
        "Complaints",
        "spam reports / delivered, ads apart",
        "spamreport -ad_spamreport",
        _DELIVERED,
        "lower",
    ),
    share(
        "led_order_rate",
        "Orders per message",
        "orders with it as the last message on their path / sent",
        "led_orders",
        "sent",
        "higher",
    ),
    cents(
        "led_revenue",
        "Revenue per message",
        "paid in orders with it as the last message on their path / sent",
        "led_revenue",
        "sent",
        "higher",
        what=(
            "What is paid in orders whose last message on the way was of this channel or "
            "journey, for each of its sends."
        ),
    ),
    millicents(
        "cost_per_led_order",
        "CPA",
        "cost / those orders",
        "cost",
        "led_orders",
        "lower",
        what=(
            "Cost of this channel's or journey's sends and paid clicks, for each order whose "
            "last message or paid click on the way was its own."
        ),
    ),
)

#: By channel, over `CHANNEL_SUMS`.
CHANNEL_MEASURES: Final[dict[str, Measure]] = table(
    [
        *_MESSAGE_RATES,
        share("conversion_rate", "Conversion", "orders / visits", "orders", "visits", "higher"),
        cents("aov", "Average order value", "paid / orders", "revenue", "orders", "higher"),
    ]
)

#: By journey, over `JOURNEY_SUMS`.
JOURNEY_MEASURES: Final[dict[str, Measure]] = table(
    [
        *_MESSAGE_RATES,
        share(
            "reach_rate",
            "Reached",
            "messages that met their success status / messages ended",
            "final_reached",
            "final_reached final_exhausted final_skipped final_capped final_suppressed "
            "final_converted final_declined final_open final_control final_unfunded "
            "final_unshown final_buyer",
            "higher",
        ),
        share(
            "reach_by_fallback",
            "Reached by a fallback",
            "messages that met it at their second send or later / messages that met it",
            "reached_2 reached_3 reached_later",
            "final_reached",
            what=(
                "Of the messages that reached their success status, the share that did so at "
                "their second send or later."
            ),
        ),
    ]
)

#: By persona, over `PERSONA_SUMS`.
PERSONA_MEASURES: Final[dict[str, Measure]] = table(
    [
        share("purchase_rate", "Purchase rate", "buyers / persons", "buyers", "persons", "higher"),
        mean("orders_per_customer", "Orders", "orders / persons", "orders", "persons", "higher"),
        cents("revenue", "Revenue", "(paid - refunded) / persons", "revenue", "persons", "higher"),
        cents("margin", "Margin", "margin / persons", "margin", "persons", "higher"),
        millicents("ltv", "LTV", "as of all / persons", "ltv", "persons", "higher"),
        millicents(
            "contact_cost", "Contact cost", "contact cost / persons", "cost", "persons", "lower"
        ),
        mean("messages_per_customer", "Messages", "sends / persons", "sent", "persons"),
        share("conversion_rate", "Conversion", "orders / visits", "orders", "visits", "higher"),
    ]
)
