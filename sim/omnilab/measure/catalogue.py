"""Every measure of a strategy, once: its name, unit, formula, and the sums whose ratio it is.

Both parts of the ratio are whole-number combinations of the additive sums in `layout`, so that a
measure can be taken from any merged sums, and its interval from their products. Of persons, the
denominator is everybody, contacted or not. Without a denominator a measure is null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from omnilab.errors import OptionError, nearest
from omnilab.measure.act_measures import act_measures
from omnilab.measure.goods_measures import goods_measures
from omnilab.measure.layout import FIXED_ONE
from omnilab.measure.media_measures import media_measures
from omnilab.measure.ratio import (
    BASELINE,
    SEARCH_ONLY,
    Measure,
    cents,
    mean,
    millicents,
    share,
    table,
    terms,
)

__all__ = ["MEASURES", "find_measure"]

_MEDIA: Final = "send_cost click_cost"
_COST: Final = "send_cost click_cost agent_cost act_cost"
_ENDED: Final = "answered n_unanswered"
# Rates of messages are of those to an address. An ad is shown: nobody opens it or signs off, it
# would water down every rate, and its clicks have a rate of their own.
_SENT: Final = "n_sent -ad_sent"
_DELIVERED: Final = "n_delivered -ad_delivered"
_PAIRS_F1: Final = (("true_pairs", 2), ("false_pairs", 1), ("missed_pairs", 1))
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

_DEVICES: Final = (
    ("computer", "on a computer"),
    ("phone", "on the phone"),
    ("tablet", "on a tablet"),
)


def _by_device(
    name: str,
    kind: Callable[..., Measure],
    title: str,
    formula: str,
    top: str,
    bottom: str,
    what: str,
) -> list[Measure]:
    """Return a measure for each device: of the sums ``DEVICE_top`` and ``DEVICE_bottom``."""
    return [
        kind(
            f"{name}_{device}",
            title.format(device),
            formula.format(on=on),
            f"{device}_{top}",
            f"{device}_{bottom}",
            what=what.format(on=on),
        )
        for device, on in _DEVICES
    ]


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
            what=(
                "Of the customers who order in the window, the share that orders at least twice."
            ),
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
                "order or a bad experience."
            ),
        ),
        share(
            "leave_after_order_rate",
            "Left after an order",
            "persons who left for good after an order, by their chance to drop out / persons",
            "left_after_order",
            "persons",
            "lower",
            what=(
                "Share of customers who leave for good in the window after an order, without a "
                "reason: the dropout of BG/NBD."
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
            "persons who left for good after spam or messages past a stop all / persons",
            "left_messages",
            "persons",
            "lower",
            what=(
                "Share of customers who leave for good in the window over messages: too many, or "
                "any after they asked for none."
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
        # Cost
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
            _COST,
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
            _COST,
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
            _COST,
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
        # Messages
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
            "messages opened or clicked on any channel / messages delivered on any channel, ads "
            "apart",
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
        # Journey
        mean(
            "visits_per_customer",
            "Visits per customer",
            "visits / persons",
            "n_visit",
            "persons",
            what="Visits to any channel in the window for each customer.",
        ),
        share(
            "conversion_rate",
            "Conversion rate",
            "orders / visits",
            "n_order",
            "n_visit",
            "higher",
            what="Orders for each visit.",
        ),
        *_by_device(
            "conversion",
            share,
            "Conversion, {}",
            "orders {on} / visits {on}",
            "orders",
            "visits",
            "Orders {on} for each visit {on}, of the channels that are visited by device.",
        ),
        *_by_device(
            "aov",
            cents,
            "Order value, {}",
            "paid in orders {on} / orders {on}",
            "revenue",
            "orders",
            "What is paid in an order {on} after discounts, mean over orders.",
        ),
        *_by_device(
            "device_kept",
            share,
            "Begun and ended, {}",
            "orders begun and placed {on} / orders begun {on}",
            "kept",
            "began",
            "Of the orders whose need was first visited {on}, the share that is placed {on} too.",
        ),
        share(
            "several_devices",
            "Orders over several devices",
            "orders whose need was visited on two devices or more / orders placed on a device",
            "device_several",
            "computer_orders phone_orders tablet_orders",
            what=(
                "Share of orders on whose way two devices or more were used, of the channels that "
                "are visited by device."
            ),
        ),
        share(
            "click_to_order_hour",
            "Ordered within an hour",
            "orders within an hour of the last click that led to a visit for their need / those "
            "within 30 days",
            "click_hour",
            "click_orders",
            what=(
                "Of the orders within 30 days of a click on a message or a paid search result that "
                "led to a visit for their need, the share within an hour of the last such click."
            ),
        ),
        share(
            "click_to_order_day",
            "Ordered within a day",
            "orders within 24 hours of the last click that led to a visit for their need / those "
            "within 30 days",
            "click_day",
            "click_orders",
            what="The same within 24 hours.",
        ),
        share(
            "led_order_rate",
            "Orders after a message",
            "orders whose need had a visit that a message led to / orders",
            "led_orders",
            "path_orders",
            what=(
                "Share of orders whose need had a visit to which a message led. It does not "
                "say that the message caused the order."
            ),
        ),
        share(
            "cart_recovery_rate",
            "Cart recovery rate",
            "needs ordered in the window after their cart was left in it / needs whose cart was "
            "left in it",
            "carts_recovered",
            "n_cart_left",
            "higher",
            what=(
                "Of the needs whose cart was left in the window, the share that is ordered in "
                "it all the same."
            ),
        ),
        share(
            "continuity",
            "Continuity",
            "channel changes within a need where the context was carried / those with something "
            "to carry",
            "carried",
            "switches",
            "higher",
            what=(
                "Of the visits that come back to a need in another channel than before, the "
                "share where the cart or the goods looked at were still there. Where they are "
                "not, the person has to repeat steps and may give up."
            ),
        ),
        mean(
            "give_ups_per_customer",
            "Give-ups per customer",
            "visits given up over repeated steps / persons",
            "n_give_up",
            "persons",
            "lower",
            what="Visits that end because steps had to be repeated, for each customer.",
        ),
        share(
            "service_continuity",
            "Service continuity",
            "service contacts with the history at hand / service contacts",
            "service_known",
            "n_service",
            "higher",
            what="Share of service contacts in which the customer's orders were at hand.",
        ),
        share(
            "answer_rate",
            "Questions answered",
            "questions answered / questions that ended",
            "answered",
            _ENDED,
            "higher",
            what="Share of questions that are answered for good, by a page or an agent, of those "
            "that end in the window.",
        ),
        share(
            "first_contact_resolution",
            "First contact resolution",
            "questions answered by a page or at the first contact / questions that ended",
            "answered_first",
            _ENDED,
            "higher",
            what="Share of questions that are answered by a page or at the first contact.",
        ),
        share(
            "self_service",
            "Answered by a page",
            "questions answered by a page / questions that ended",
            "answered_page",
            _ENDED,
            what="Share of questions that a page answers, so that nobody is asked.",
        ),
        share(
            "asked_all_again",
            "Contacts without history",
            "contacts in which the agent does not see what went before / contacts",
            "n_contact -contacts_known",
            "n_contact",
            "lower",
            what="Share of contacts about questions in which the agent sees neither the order, "
            "nor what was looked at, nor the earlier contact, and asks for all of it again.",
        ),
        mean(
            "answer_wait",
            "Wait for an agent, s",
            "seconds until an agent answers / contacts answered",
            "agent_wait",
            "agent_answers",
            "lower",
            what="Seconds that who is answered has waited in a line.",
        ),
        mean(
            "answer_time",
            "Handle time, s",
            "seconds of agents' answers / contacts answered",
            "agent_time",
            "agent_answers",
            "lower",
            what="Seconds that an agent's answer takes.",
        ),
        millicents(
            "agent_cost",
            "Agents per customer",
            "cost of agents' answers / persons",
            "agent_cost",
            "persons",
            "lower",
            what="The part of contact cost that is agents' time.",
        ),
        *act_measures(_COST),
        *goods_measures(),
        *media_measures(),
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
                "Of the needs that ended in the window, as orders or unmet, the share that a "
                "rival got."
            ),
        ),
        # Identity
        share(
            "identity_precision",
            "Identity precision",
            "pairs of sightings of one person / pairs within a profile",
            "true_pairs",
            "true_pairs false_pairs",
            "higher",
            what=(
                "Of all pairs of sightings that the brand puts into one profile, the share "
                "that is of one person. Low means strangers were joined."
            ),
        ),
        share(
            "identity_recall",
            "Identity recall",
            "pairs of sightings within a profile / pairs of one person",
            "true_pairs",
            "true_pairs missed_pairs",
            "higher",
            what=(
                "Of all pairs of sightings of one person, the share that the brand puts into "
                "one profile. Low means persons were not known again."
            ),
        ),
        Measure(
            "identity_f1",
            "Identity F1",
            "share",
            "harmonic mean of pairwise precision and recall",
            (("true_pairs", 2),),
            _PAIRS_F1,
            "higher",
            what=(
                "How well profiles match persons at the window's end: the harmonic mean of "
                "identity precision and identity recall. 100% means each profile is one whole "
                "person."
            ),
        ),
        Measure(
            "identity_bcubed_precision",
            "Identity precision, B-cubed",
            "share",
            "mean over sightings of the share of its profile's sightings that are its person's",
            terms("bcubed_precision"),
            terms("sightings", FIXED_ONE),
            "higher",
            what=(
                "Mean over sightings of the share of the profile's sightings that are of the "
                "same person."
            ),
        ),
        Measure(
            "identity_bcubed_recall",
            "Identity recall, B-cubed",
            "share",
            "mean over sightings of the share of its person's sightings that are in its profile",
            terms("bcubed_recall"),
            terms("sightings", FIXED_ONE),
            "higher",
            what=(
                "Mean over sightings of the share of the person's sightings that are in the "
                "same profile."
            ),
        ),
        share(
            "false_merge_rate",
            "Graph collapse",
            "profiles with two persons or more / profiles",
            "collapsed",
            "profiles",
            "lower",
            what="Graph collapse: share of profiles that hold two persons or more.",
        ),
        share(
            "false_split_rate",
            "False splits",
            "persons with two profiles or more / persons seen",
            "split_persons",
            "seen_persons",
            "lower",
            what="Share of persons seen who are spread over two profiles or more.",
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
