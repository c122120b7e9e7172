"""The additive sums of a cell, their breakdowns, and what is remembered of a person between rows.

Each person under one strategy has a record of `SUMS`, all 64-bit integers; a cell's record is the
sum over its persons, and so is the record of a group of customers (`omnilab.measure.groups`).
Everything reported is a combination of those sums, so that chunks, threads and machines merge by
adding integers. "In the window" means ``window_start <= time < window_end``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.log.act_kinds import ACTS
from omnilab.log.kinds.declared import N_KINDS
from omnilab.log.rows import KIND_NAMES
from omnilab.world.device import DEVICE_NAMES

__all__ = [
    "CHANNEL_SUMS",
    "FIXED_BITS",
    "JOURNEY_SUMS",
    "N_CLOCK",
    "N_SUMS",
    "PEOPLE",
    "PERSONA_SUMS",
    "SUMS",
    "as_integers",
    "names_of",
]

FIXED_BITS: Final = 20  # fixed-point numbers have 2^20 as their 1: discount factors, B-cubed
FIXED_ONE: Final = 1 << FIXED_BITS
HOUR_S: Final = 3600
DAY_S: Final = 86400
CLICK_DAYS: Final = 30  # how long an order is a click's, as in the published lags (CHAPELLE)
WEEK_S: Final = 7 * DAY_S

# The clock's entries, in s from the scenario's start, but for the last.
WINDOW_START: Final = 0
WINDOW_MID: Final = 1
WINDOW_END: Final = 2
RUN_END: Final = 3
N_DAYS: Final = 4  # days that the discount table holds
N_CLOCK: Final = 5

N_MESSAGE_KINDS: Final = 7  # SENT to SPAMREPORT, in the order of their kinds

# What is remembered of a person: the latest needs, of which those that have ended give way first,
# so that it takes 17 open ones for one to be forgotten; and the latest messages, where one that
# shares its slot with a later one is forgotten: that takes two of them 32 apart.
NEED_SLOTS: Final = 16
MESSAGE_SLOTS: Final = 32
NEED_CROSSED: Final = 1  # bits of need_flags: two channels or more were visited
NEED_CART_LEFT: Final = 2  # its cart was left in the window
NEED_LED: Final = 4  # a message led to one of its visits
NEED_PAID: Final = 8  # a paid click did
NEED_SOURCED: Final = 16  # from here on a bit each: an unpaid result, a search of the name, a post
AD: Final = 1  # bits of what a channel is: it shows ads
SEARCH: Final = 2  # its clicks are bought
MESSAGE_DELIVERED: Final = 1  # bits of message_flags
MESSAGE_OPENED: Final = 2
MESSAGE_CLICKED: Final = 4

#: A cell's sums under one strategy. A field with several numbers is indexed as said beside it.
SUMS: Final = np.dtype(
    [
        ("rows", "i8", (N_KINDS,)),  # rows in the window, by kind
        ("persons", "i8"),  # all persons: the frozen denominator
        ("buyers", "i8"),  # persons with an order in the window
        ("new_buyers", "i8"),  # of them, those whose first order ever it is
        ("buyers_first_half", "i8"),
        ("retained", "i8"),  # persons with orders in both halves
        ("repeat_buyers", "i8"),  # persons with two orders or more
        ("revenue", "i8"),  # cents paid, before refunds
        ("refunds", "i8"),  # cents
        ("margin", "i8"),  # cents, net of discounts, before returns
        ("margin_lost", "i8"),  # cents, by returns
        ("discount", "i8"),  # cents
        ("send_cost", "i8"),  # milli-cents (1/1000 cent)
        ("click_cost", "i8"),  # milli-cents of paid clicks
        ("fixed_cost", "i8"),  # milli-cents beside sends and clicks (omnilab.lowering.money)
        ("fixed_ltv", "i8"),  # the same, discounted as the LTV is
        ("ltv", "i8"),  # milli-cents, run-out included, rounded once a person
        ("led_visits", "i8"),  # a message led there
        ("paid_visits", "i8"),
        ("first_visits", "i8"),  # the first of their need
        ("switches", "i8"),  # channel changes within a need with something to carry
        ("carried", "i8"),  # of them, those where it was carried
        ("repeated_steps", "i8"),  # steps that made somebody give up
        ("carts_recovered", "i8"),  # orders of needs whose cart was left in the window
        ("path_orders", "i8"),  # orders whose need is remembered
        ("path_visits", "i8"),  # visits of those needs
        ("cross_orders", "i8"),  # of those orders, with two channels or more on the way
        ("led_orders", "i8"),  # of those orders, with a visit that a message led to
        # By device, on channels that are visited by one; orders whose need is remembered:
        ("device_visits", "i8", (3,)),
        ("device_orders", "i8", (3,)),
        ("device_revenue", "i8", (3,)),  # cents
        ("device_began", "i8", (3,)),  # of the orders: by the device of the need's first visit
        ("device_kept", "i8", (3,)),  # and of them, those on that device
        ("device_several", "i8"),  # of the orders, those on whose way were two devices or more
        # Of those orders with a visit that a click led to, of a message or paid, in 30 days before:
        ("click_orders", "i8"),
        ("click_hour", "i8"),  # within an hour of the last of these visits
        ("click_day", "i8"),  # within 24 hours
        ("aware_message", "i8"),
        ("aware_tip", "i8"),
        ("lost", "i8", (3,)),  # needs lost by fate - 1
        ("service_known", "i8"),  # with the history at hand
        ("waited", "i8"),  # seconds in lines, of those served and those who gave up
        ("known_of", "i8"),  # persons of whom the log says whether they know the brand
        ("known", "i8", (3,)),  # of them, who do at the window's start, middle and end
        ("new_by", "i8", (7,)),  # of the new buyers, by what first told of the brand
        ("media_cost", "i8"),  # milli-cents of media without an address; `send_cost` has them, too
        ("reads_moved", "i8"),  # reads whose reader went on to the goods
        ("post_paid", "i8"),  # posts seen that were paid for
        ("post_shared", "i8"),  # that a friend shared
        ("post_does", "i8", (4,)),  # likes, comments, shares, clicks
        ("sourced_visits", "i8", (3,)),  # visits by their source - 1
        ("sourced_orders", "i8", (3,)),  # orders whose need is remembered, with such a visit
        ("offer_cost", "i8"),  # cents: money off by offers that were used, and what gifts cost
        ("delivered_late", "i8"),  # orders handed over after their promise
        ("agent_cost", "i8"),  # milli-cents of agents' answers
        ("act_cost", "i8"),  # milli-cents of what acts brought those who did them
        ("acts", "i8", (len(ACTS),)),  # by kind
        ("line_value", "i8"),  # cents of lines of orders
        ("first_lines", "i8"),  # orders of goods
        ("lines_told", "i8"),  # lines of goods that were recommended
        ("traded_down", "i8"),  # orders of goods cheaper than the one liked best at first
        ("traded_up", "i8"),
        ("answered", "i8"),  # questions answered for good
        ("answered_first", "i8"),  # of them, by a page or at the first contact
        ("answered_page", "i8"),  # of them, by a page
        ("contacts_known", "i8"),  # contacts in which the agent sees what went before
        ("agent_answers", "i8"),  # contacts that an agent has answered
        ("agent_wait", "i8"),  # seconds until they did
        ("agent_time", "i8"),  # seconds of their answers
        ("bad", "i8", (9,)),  # bad experiences by reason - 1
        ("left_why", "i8", (3,)),  # persons who left the brand, by cause: see `_LABELS`
        ("skipped", "i8", (2,)),  # by reason - 1
        ("final", "i8", (12,)),  # messages by final status - 1
        ("ad", "i8", (N_MESSAGE_KINDS,)),  # of the rows, those of ads, by kind - SENT
        ("ad_persons", "i8"),  # persons who were shown an ad
        ("seen_opens", "i8"),  # receipts of opens, the first of a send, ads apart
        ("seen_clicks", "i8"),
        ("fallbacks", "i8"),  # sends after a message's first
        ("reached", "i8", (4,)),  # messages that reached success, by send - 1; the last: or later
        # Messages to an address, once each however many sends they took:
        ("delivered_messages", "i8"),
        ("opened_messages", "i8"),
        ("clicked_messages", "i8"),
        ("engaged_messages", "i8"),  # opened or clicked
        ("need_value", "i8"),  # cents
        ("accounts", "i8"),  # persons who are an account's user
        ("account_cycle", "i8"),  # seconds from the need to the order, of accounts' orders
        ("runout_orders", "i8"),  # orders from the window's end to the run's end
        ("true_pairs", "i8"),  # pairs of sightings: same person, same profile
        ("false_pairs", "i8"),  # two persons, one profile
        ("missed_pairs", "i8"),  # one person, two profiles
        ("bcubed_precision", "i8"),  # sum over sightings, 2^20 = 1
        ("bcubed_recall", "i8"),
        ("sightings", "i8"),
        ("profiles", "i8"),
        ("collapsed", "i8"),  # profiles with two persons or more
        ("seen_persons", "i8"),
        ("split_persons", "i8"),  # persons with two profiles or more
    ]
)
N_SUMS: Final = SUMS.itemsize // 8

_EVENTS: Final = ("sent", "delivered", "bounce", "open", "click", "unsubscribe", "spamreport")
_LABELS: Final[dict[str, tuple[str, ...]]] = {
    "rows": tuple(f"n_{KIND_NAMES.get(k, f'kind_{k}')}" for k in range(N_KINDS)),
    "acts": tuple(f"act_{name}" for name in ACTS),
    "known": ("known_start", "known_middle", "known_end"),
    "new_by": (
        *("new_by_knew", "new_by_visits", "new_by_tips", "new_by_media", "new_by_posts"),
        *("new_by_content", "new_by_paid_search"),
    ),
    "post_does": ("post_likes", "post_comments", "post_shares", "post_clicks"),
    "sourced_visits": ("organic_visits", "name_visits", "post_visits"),
    "sourced_orders": ("organic_orders", "name_orders", "post_orders"),
    "lost": ("lost_rival", "lost_dropped", "lost_left"),
    "bad": (
        *("bad_service", "bad_repeat", "bad_spam", "bad_stop", "bad_return"),
        *("bad_wait", "bad_stock", "bad_late", "bad_code"),
    ),
    "left_why": ("left_after_order", "left_annoyed", "left_messages"),
    "skipped": ("skipped_address", "skipped_consent"),
    "final": (
        *("final_reached", "final_exhausted", "final_skipped", "final_capped", "final_suppressed"),
        *("final_converted", "final_declined", "final_open", "final_control"),
        *("final_unfunded", "final_unshown", "final_buyer"),
    ),
    "reached": ("reached_1", "reached_2", "reached_3", "reached_later"),
    **{
        f"device_{what}": tuple(f"{device}_{what}" for device in DEVICE_NAMES)
        for what in ("visits", "orders", "revenue", "began", "kept")
    },
    "message": _EVENTS,
    "ad": tuple(f"ad_{event}" for event in _EVENTS),
}

#: By channel, shape (n_channels + 1,); the last record takes what has no channel (index -1).
CHANNEL_SUMS: Final = np.dtype(
    [
        ("message", "i8", (N_MESSAGE_KINDS,)),  # rows in the window by kind - SENT
        ("ad", "i8", (N_MESSAGE_KINDS,)),  # the same rows again where the channel shows ads
        ("seen_opens", "i8"),  # receipts, as in `SUMS`
        ("seen_clicks", "i8"),
        ("skipped", "i8", (2,)),
        ("cost", "i8"),  # milli-cents, sends and paid clicks; a click's is the search channel's
        ("visits", "i8"),
        ("orders", "i8"),
        ("revenue", "i8"),  # cents
        ("margin", "i8"),  # cents
        ("carts_left", "i8"),
        ("led_visits", "i8"),  # from here on: of the last message or paid click that led there
        ("led_orders", "i8"),
        ("led_revenue", "i8"),  # cents
        ("led_margin", "i8"),  # cents
    ]
)

#: By journey, shape (n_journeys + 1,); the last record takes what has no journey (index -1).
JOURNEY_SUMS: Final = np.dtype(
    [
        ("message", "i8", (N_MESSAGE_KINDS,)),
        ("ad", "i8", (N_MESSAGE_KINDS,)),  # of them, those of ads
        ("seen_opens", "i8"),  # receipts, as in `SUMS`
        ("seen_clicks", "i8"),
        ("entered", "i8"),
        ("cost", "i8"),  # milli-cents of sends
        ("final", "i8", (12,)),  # messages by final status - 1
        ("reached", "i8", (4,)),  # messages with success, by the cascade's step - 1
        ("led_visits", "i8"),  # from here on: the journey of the last message that led there
        ("led_orders", "i8"),
        ("led_revenue", "i8"),  # cents
        ("led_margin", "i8"),  # cents
    ]
)

#: By persona, shape (n_personas,).
PERSONA_SUMS: Final = np.dtype(
    [
        ("persons", "i8"),
        ("buyers", "i8"),
        ("new_buyers", "i8"),
        ("orders", "i8"),
        ("revenue", "i8"),  # cents, less refunds
        ("margin", "i8"),  # cents, less returns
        ("cost", "i8"),  # milli-cents
        ("ltv", "i8"),  # milli-cents
        ("sent", "i8"),
        ("visits", "i8"),
    ]
)

#: A person between two rows, beside the person's record of `SUMS`; `ltv` is in milli-cents, and its
#: part below one in 2^-20 of them.
PEOPLE: Final = np.dtype(
    [
        ("persona", "i8"),
        ("prior", "i8"),  # 1 if a buyer before the start
        ("entry", "i8"),  # second of a cohort's entry or a newcomer's, else 0
        ("entry_channel", "i8"),  # the channel by which a newcomer enters, -1
        ("before", "i8"),  # orders before the window
        ("first_order", "i8"),  # second of the first of them
        ("first_channel", "i8"),  # of the first visit before the window, -1
        ("on_phone", "i8"),  # visits before the window
        ("on_computer", "i8"),
        ("on_tablet", "i8"),
        ("channels", "i8"),  # visited for a need in the window, a bit each
        ("journeys", "i8"),  # that sent a message in the window, a bit each
        ("known_by", "i8"),  # what first told of the brand, 0 it was known
        ("known_from", "i8"),  # since when it is known, and until when, s
        ("known_until", "i8"),
        ("last_bad", "i8"),  # reason of the last bad experience, 0
        ("orders_first", "i8"),  # orders in the window's first half
        ("orders_second", "i8"),
        ("ltv", "i8"),
        ("ltv_part", "i8"),
        ("need_next", "i8"),  # where a slot for the next need is looked for
        ("need_over", "i4", (NEED_SLOTS,)),  # 1: it has ended
        ("need", "i8", (NEED_SLOTS,)),  # -1 empty
        ("need_visits", "i4", (NEED_SLOTS,)),
        ("need_channel", "i4", (NEED_SLOTS,)),  # last visited channel or -1
        ("need_previous", "i4", (NEED_SLOTS,)),  # the one before that visit
        ("need_devices", "i4", (NEED_SLOTS,)),  # visited on, a bit each
        ("need_device", "i4", (NEED_SLOTS,)),  # of the first visit on one, -1
        ("need_last_device", "i4", (NEED_SLOTS,)),
        ("need_path", "i8", (NEED_SLOTS,)),  # its channels, see `path_name`
        ("need_length", "i4", (NEED_SLOTS,)),  # of the path, repeats left out
        ("need_flags", "i4", (NEED_SLOTS,)),
        ("need_led_channel", "i4", (NEED_SLOTS,)),  # last message or paid click that led here
        ("need_led_journey", "i4", (NEED_SLOTS,)),
        ("need_led_time", "i8", (NEED_SLOTS,)),  # of the last visit that a click led to
        ("message", "i8", (MESSAGE_SLOTS,)),  # -1 empty
        ("message_flags", "i4", (MESSAGE_SLOTS,)),
        ("message_channel", "i4", (MESSAGE_SLOTS,)),  # of its last send
        ("message_journey", "i4", (MESSAGE_SLOTS,)),
    ]
)


def names_of(dtype: np.dtype[np.void]) -> tuple[str, ...]:
    """Return one name for each integer of a record of sums, in their order in memory."""
    names: list[str] = []
    for field in dtype.names or ():
        names.extend(_LABELS[field] if dtype[field].shape else (field,))
    return tuple(names)


def as_integers(records: NDArray[np.void]) -> NDArray[np.int64]:
    """Return records of sums as plain integers, one more axis at the end; shares the memory.

    Parameters
    ----------
    records
        Contiguous array of `SUMS`, `CHANNEL_SUMS`, `JOURNEY_SUMS` or `PERSONA_SUMS`, any shape.
    """
    plain: NDArray[Any] = np.ascontiguousarray(records).view(np.ndarray)
    return plain.view(np.int64).reshape(*plain.shape, plain.dtype.itemsize // 8)
