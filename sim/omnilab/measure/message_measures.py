"""Measures of what becomes of messages and ads."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import Measure, mean, share

__all__ = ["MESSAGES"]

# Rates of messages are of those to an address. An ad is shown: nobody opens it or signs off, it
# would water down every rate, and its clicks have a rate of their own.
_SENT: Final = "n_sent -ad_sent"
_DELIVERED: Final = "n_delivered -ad_delivered"

MESSAGES: Final[list[Measure]] = [
    share(
        "delivery_rate",
        "Delivery rate",
        "sends delivered / sends, ads apart",
        _DELIVERED,
        _SENT,
        "higher",
        what="Share of sends that are delivered. Ads are left out.",
    ),
    share(
        "bounce_rate",
        "Bounce rate",
        "sends bounced / sends, ads apart",
        "n_bounce -ad_bounce",
        _SENT,
        "lower",
        what="Share of sends that come back. Ads are left out.",
    ),
    share(
        "open_rate",
        "Open rate",
        "sends opened, once each / sends delivered, ads apart",
        "n_open -ad_open",
        _DELIVERED,
        "higher",
        what=(
            "Share of delivered messages that a person truly opens, each counted once, whether "
            "or not the brand learns of it. Ads are left out."
        ),
    ),
    share(
        "click_rate",
        "Click rate",
        "sends clicked, once each / sends delivered, ads apart",
        "n_click -ad_click",
        _DELIVERED,
        "higher",
        what=(
            "Share of delivered messages that a person truly clicks, each counted once. Ads "
            "are left out."
        ),
    ),
    share(
        "seen_open_rate",
        "Open rate as the brand sees it",
        "sends with a receipt of an open, a machine's too / sends delivered, ads apart",
        "seen_opens",
        _DELIVERED,
        what=(
            "Share of delivered messages for which an open comes back to the brand. Machines "
            "raise it above the open rate, and clients that hide opens lower it. Ads are left "
            "out."
        ),
    ),
    share(
        "seen_click_rate",
        "Click rate as the brand sees it",
        "sends with a receipt of a click, a scanner's too / sends delivered, ads apart",
        "seen_clicks",
        _DELIVERED,
        what=(
            "Share of delivered messages for which a click comes back to the brand, a "
            "security scanner's or a person's. Ads are left out."
        ),
    ),
    share(
        "ad_click_rate",
        "Ad click rate",
        "ads clicked, once each / ads shown",
        "ad_click",
        "ad_delivered",
        "higher",
        what="Share of ads shown that are clicked, each counted once.",
    ),
    share(
        "ad_reach",
        "Reach of ads",
        "persons who were shown an ad / persons",
        "ad_persons",
        "persons",
        "higher",
        what="Share of customers who were shown at least one ad in the window.",
    ),
    mean(
        "ad_frequency",
        "Frequency of ads",
        "ads shown / persons who were shown an ad",
        "ad_sent",
        "ad_persons",
        what="Ads shown to each customer who was shown any.",
    ),
    share(
        "ad_show_rate",
        "Ads shown",
        "ads shown / (ads shown + ads that the platform did not show)",
        "ad_sent",
        "ad_sent n_not_shown",
        "higher",
        what=(
            "Of the ads that the brand handed to an ad platform, the share that was shown. "
            "The others met nobody, were outbid, or were one too many for that day."
        ),
    ),
    share(
        "unfunded_rate",
        "Without money",
        "messages that no budget could pay / messages ended",
        "final_unfunded",
        "n_final",
        what="Share of ended messages that were not sent since no budget could pay them.",
    ),
    share(
        "left_out_rate",
        "Buyers left out",
        "messages not sent since a recent order was known / messages ended",
        "final_buyer",
        "n_final",
        what=(
            "Share of ended messages that left out a recent buyer. Only an order that the "
            "sender knows of keeps its message back."
        ),
    ),
    share(
        "engagement_rate",
        "Engagement rate",
        "messages opened or clicked on any channel / messages delivered on any channel, ads apart",
        "engaged_messages",
        "delivered_messages",
        "higher",
        what=(
            "Share of messages delivered on any channel that are opened or clicked on any "
            "channel; the sends of one cascade are one message. Ads are left out."
        ),
    ),
    mean(
        "looks_again",
        "Looks again",
        "later looks at messages that lie about / opens, ads apart",
        "n_look_again",
        "n_open -ad_open",
        what=(
            "Times that a message is looked at again later for each that is opened. It is 0 "
            "where no channel's messages lie about (`looks_again`)."
        ),
    ),
    share(
        "unsubscribe_rate",
        "Unsubscribe rate",
        "unsubscribes / sends delivered, ads apart",
        "n_unsubscribe -ad_unsubscribe",
        _DELIVERED,
        "lower",
        what="Withdrawn permissions for each delivered message. Ads are left out.",
    ),
    share(
        "complaint_rate",
        "Complaint rate",
        "spam reports / sends delivered, ads apart",
        "n_spamreport -ad_spamreport",
        _DELIVERED,
        "lower",
        what="Reports as spam for each delivered message. Ads are left out.",
    ),
    share(
        "stop_rate",
        "Stop-all rate",
        "'stop all' / persons",
        "n_stop_all",
        "persons",
        "lower",
        what="Share of customers who ask for no messages at all.",
    ),
    share(
        "fallback_rate",
        "Fallback rate",
        "sends after their message's first / sends",
        "fallbacks",
        "n_sent",
        what="Share of sends that are a message's second or later.",
    ),
    share(
        "reach_rate",
        "Reach rate",
        "messages that met their success status / messages ended",
        "final_reached",
        "n_final",
        "higher",
        what="Share of ended messages that reached their success status, such as opened.",
    ),
    share(
        "capped_rate",
        "Capped rate",
        "messages aborted by the frequency cap / messages ended",
        "final_capped",
        "n_final",
        what="Share of ended messages that the frequency cap stopped.",
    ),
]
