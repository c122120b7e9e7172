"""Measures of the way to an order: visits, devices, clicks, carts, and what is carried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from omnilab.measure.ratio import Measure, cents, mean, share

__all__ = ["JOURNEY"]

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


JOURNEY: Final[list[Measure]] = [
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
]
