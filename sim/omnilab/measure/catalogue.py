"""Every measure of a strategy, once: its name, unit, formula, and the sums whose ratio it is.

Both parts of the ratio are whole-number combinations of the additive sums in `layout`, so that a
measure can be taken from any merged sums, and its interval from their products. Of persons, the
denominator is everybody, contacted or not. Without a denominator a measure is null.
"""

from __future__ import annotations

from typing import Final

from omnilab.errors import OptionError, nearest
from omnilab.measure.layout import FIXED_ONE
from omnilab.measure.ratio import Measure, cents, mean, millicents, share, table, terms

__all__ = ["MEASURES", "find_measure"]

_COST: Final = "send_cost click_cost"
# Rates of messages are of those to an address. An ad is shown: nobody opens it or signs off, it
# would water down every rate, and its clicks have a rate of their own.
_SENT: Final = "n_sent -ad_sent"
_DELIVERED: Final = "n_delivered -ad_delivered"
_PAIRS_F1: Final = (("true_pairs", 2), ("false_pairs", 1), ("missed_pairs", 1))
_ROI: Final = Measure(
    "roi",
    "ROI",
    "ratio",
    "(margin - margin under no_contact, same customers) / contact cost",
    terms("margin -margin_lost", 1000),
    terms(_COST),
    "higher",
    above_baseline=True,
)

#: All measures of a strategy, by name, in the order in which tables show them.
MEASURES: Final[dict[str, Measure]] = table(
    [
        # Sales
        share(
            "purchase_rate",
            "Purchase rate",
            "persons with at least one order in the window / persons",
            "buyers",
            "persons",
            "higher",
        ),
        mean(
            "orders_per_customer",
            "Orders per customer",
            "orders in the window / persons",
            "n_order",
            "persons",
            "higher",
        ),
        cents("aov", "Average order value", "paid / orders", "revenue", "n_order", "higher"),
        cents(
            "revenue",
            "Revenue per customer",
            "(paid - refunded) / persons",
            "revenue -refunds",
            "persons",
            "higher",
        ),
        cents(
            "margin",
            "Margin per customer",
            "(margin of orders, net of discounts - margin of returns) / persons",
            "margin -margin_lost",
            "persons",
            "higher",
        ),
        cents(
            "discount",
            "Discount per customer",
            "discounts given / persons",
            "discount",
            "persons",
            "lower",
        ),
        millicents(
            "ltv",
            "LTV",
            "sum over window and run-out of e^(-r t) (margin - contact cost) / persons, "
            "t from the window's start",
            "ltv",
            "persons",
            "higher",
        ),
        share(
            "repeat_rate",
            "Repeat purchase rate",
            "persons with two orders or more / persons with one or more",
            "repeat_buyers",
            "buyers",
            "higher",
        ),
        share(
            "retention",
            "Retention",
            "persons who bought in both halves of the window / in the first half",
            "retained",
            "buyers_first_half",
            "higher",
        ),
        share(
            "churn",
            "Churn",
            "1 - retention",
            "buyers_first_half -retained",
            "buyers_first_half",
            "lower",
        ),
        share(
            "leave_rate",
            "Leave rate",
            "persons who left the brand for good in the window / persons",
            "n_left",
            "persons",
            "lower",
        ),
        mean(
            "runout_orders_per_customer",
            "Run-out orders per customer",
            "orders from the window's end to the run's end / persons",
            "runout_orders",
            "persons",
        ),
        # Cost
        mean(
            "messages_per_customer",
            "Messages per customer",
            "sends, fallbacks included / persons",
            "n_sent",
            "persons",
        ),
        millicents(
            "contact_cost",
            "Contact cost per customer",
            "(cost of sends + cost of paid clicks) / persons",
            _COST,
            "persons",
            "lower",
        ),
        millicents(
            "cac",
            "CAC",
            "contact cost / persons whose first order ever is in the window",
            _COST,
            "new_buyers",
            "lower",
        ),
        millicents("cpa", "CPA", "contact cost / orders", _COST, "n_order", "lower"),
        _ROI,
        # Messages
        share(
            "delivery_rate",
            "Delivery rate",
            "sends delivered / sends, ads apart",
            _DELIVERED,
            _SENT,
            "higher",
        ),
        share(
            "bounce_rate",
            "Bounce rate",
            "sends bounced / sends, ads apart",
            "n_bounce -ad_bounce",
            _SENT,
            "lower",
        ),
        share(
            "open_rate",
            "Open rate",
            "sends opened, once each / sends delivered, ads apart",
            "n_open -ad_open",
            _DELIVERED,
            "higher",
        ),
        share(
            "click_rate",
            "Click rate",
            "sends clicked, once each / sends delivered, ads apart",
            "n_click -ad_click",
            _DELIVERED,
            "higher",
        ),
        share(
            "ad_click_rate",
            "Ad click rate",
            "ads clicked, once each / ads shown",
            "ad_click",
            "ad_delivered",
            "higher",
        ),
        share(
            "engagement_rate",
            "Engagement rate",
            "messages opened or clicked on any channel / messages delivered on any channel, ads "
            "apart",
            "engaged_messages",
            "delivered_messages",
            "higher",
        ),
        share(
            "unsubscribe_rate",
            "Unsubscribe rate",
            "unsubscribes / sends delivered, ads apart",
            "n_unsubscribe -ad_unsubscribe",
            _DELIVERED,
            "lower",
        ),
        share(
            "complaint_rate",
            "Complaint rate",
            "spam reports / sends delivered, ads apart",
            "n_spamreport -ad_spamreport",
            _DELIVERED,
            "lower",
        ),
        share(
            "stop_rate",
            "Stop-all rate",
            "'stop all' / persons",
            "n_stop_all",
            "persons",
            "lower",
        ),
        share(
            "fallback_rate",
            "Fallback rate",
            "sends after their message's first / sends",
            "fallbacks",
            "n_sent",
        ),
        share(
            "reach_rate",
            "Reach rate",
            "messages that met their success status / messages ended",
            "final_reached",
            "n_final",
            "higher",
        ),
        share(
            "capped_rate",
            "Capped rate",
            "messages aborted by the frequency cap / messages ended",
            "final_capped",
            "n_final",
        ),
        # Journey
        mean(
            "visits_per_customer", "Visits per customer", "visits / persons", "n_visit", "persons"
        ),
        share(
            "conversion_rate", "Conversion rate", "orders / visits", "n_order", "n_visit", "higher"
        ),
        share(
            "led_order_rate",
            "Orders after a message",
            "orders whose need had a visit that a message led to / orders",
            "led_orders",
            "path_orders",
        ),
        share(
            "cart_recovery_rate",
            "Cart recovery rate",
            "needs ordered in the window after their cart was left in it / needs whose cart was "
            "left in it",
            "carts_recovered",
            "n_cart_left",
            "higher",
        ),
        share(
            "continuity",
            "Continuity",
            "channel changes within a need where the context was carried / those with something "
            "to carry",
            "carried",
            "switches",
            "higher",
        ),
        mean(
            "give_ups_per_customer",
            "Give-ups per customer",
            "visits given up over repeated steps / persons",
            "n_give_up",
            "persons",
            "lower",
        ),
        share(
            "service_continuity",
            "Service continuity",
            "service contacts with the history at hand / service contacts",
            "service_known",
            "n_service",
            "higher",
        ),
        mean(
            "bad_experiences_per_customer",
            "Bad experiences per customer",
            "bad experiences / persons",
            "n_bad_experience",
            "persons",
            "lower",
        ),
        mean(
            "path_length",
            "Path length",
            "visits of the needs that were ordered / their orders",
            "path_visits",
            "path_orders",
        ),
        share(
            "cross_channel_orders",
            "Cross-channel orders",
            "orders whose need visited two channels or more / orders",
            "cross_orders",
            "path_orders",
        ),
        share(
            "lost_to_rival_rate",
            "Lost to a rival",
            "needs lost to a rival / (needs lost + orders)",
            "lost_rival",
            "n_need_lost n_order",
            "lower",
        ),
        # Identity
        share(
            "identity_precision",
            "Identity precision",
            "pairs of sightings of one person / pairs within a profile",
            "true_pairs",
            "true_pairs false_pairs",
            "higher",
        ),
        share(
            "identity_recall",
            "Identity recall",
            "pairs of sightings within a profile / pairs of one person",
            "true_pairs",
            "true_pairs missed_pairs",
            "higher",
        ),
        Measure(
            "identity_f1",
            "Identity F1",
            "share",
            "harmonic mean of pairwise precision and recall",
            (("true_pairs", 2),),
            _PAIRS_F1,
            "higher",
        ),
        Measure(
            "identity_bcubed_precision",
            "Identity precision, B-cubed",
            "share",
            "mean over sightings of the share of its profile's sightings that are its person's",
            terms("bcubed_precision"),
            terms("sightings", FIXED_ONE),
            "higher",
        ),
        Measure(
            "identity_bcubed_recall",
            "Identity recall, B-cubed",
            "share",
            "mean over sightings of the share of its person's sightings that are in its profile",
            terms("bcubed_recall"),
            terms("sightings", FIXED_ONE),
            "higher",
        ),
        share(
            "false_merge_rate",
            "Graph collapse",
            "profiles with two persons or more / profiles",
            "collapsed",
            "profiles",
            "lower",
        ),
        share(
            "false_split_rate",
            "False splits",
            "persons with two profiles or more / persons seen",
            "split_persons",
            "seen_persons",
            "lower",
        ),
    ]
)


def find_measure(name: str) -> Measure:
    """Return the measure of that name.

    Raises
    ------
    OptionError
        If there is none; names the nearest.
    """
    if name not in MEASURES:
        raise OptionError(f"there is no measure {name!r}{nearest(name, MEASURES)}")
    return MEASURES[name]
