"""What a pattern can measure, each declared once: its words, options, sums and value.

A measure adds up over persons: `PatternMeasure.sums` gives the sums of some whole persons, and
`PatternMeasure.value` what all of them together say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.patterns import messaging, sending, shopping
from omnilab.experiment.patterns.lives import DEVICES

if TYPE_CHECKING:
    from omnilab.experiment.patterns.lives import Lives

__all__ = ["DAYS", "MEASURES", "Option", "PatternMeasure"]

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Option:
    """What a pattern may say about a measure.

    Attributes
    ----------
    kind
        ``word`` of ``values``, ``channels``, ``journeys``, ``duration``, ``whole``, ``band`` (two
        shares) or ``span`` (two whole numbers).
    values
        Words that may be chosen from.
    low, high
        Ends of what a whole number may be.
    default
        Taken where nothing is said; `NEEDED` where something must be.
    """

    kind: str
    values: tuple[str, ...] = ()
    low: int = 0
    high: int = 10**6
    default: Any = "needed"

    @property
    def is_needed(self) -> bool:
        """Whether a pattern has to say it."""
        return bool(self.default == "needed")


@dataclass(frozen=True)
class PatternMeasure:
    """One thing that can be measured of lives.

    Attributes
    ----------
    name
        As a pattern's file has it.
    unit
        ``share`` or ``ratio``.
    what
        One sentence, by which a reader could measure it again.
    options
        By their names.
    sums
        Lives and options -> sums.
    value
        Those sums of all persons -> the value; None where a denominator is 0.
    """

    name: str
    unit: str
    what: str
    options: Mapping[str, Option]
    sums: Callable[[Lives, Mapping[str, Any]], Sequence[float]]
    value: Callable[[Sequence[float], Mapping[str, Any]], float | None]


def _share(sums: Sequence[float], _of: Mapping[str, Any]) -> float | None:
    return sums[0] / sums[1] if sums[1] else None


def _ratio(sums: Sequence[float], _of: Mapping[str, Any]) -> float | None:
    """Return the ratio of two ratios."""
    a, b, c, d = sums
    return (a / b) / (c / d) if b and c and d else None


def _mean(sums: Sequence[float], _of: Mapping[str, Any]) -> float | None:
    """Return a mean, or a ratio of two sums, that is no share."""
    return sums[0] / sums[1] if sums[1] else None


def _mean_or_sd(sums: Sequence[float], of: Mapping[str, Any]) -> float | None:
    n, total, squares = sums
    if not n:
        return None
    mean = total / n
    return mean if of["statistic"] == "mean" else sqrt(max(squares / n - mean * mean, 0.0))


_PLACE = Option("word", ("store", "online"))
_DEVICE = Option("word", DEVICES)
_CHANNELS = Option("channels")
_JOURNEYS = Option("journeys", default=())
_WITHIN = Option("duration")


def _all() -> list[PatternMeasure]:
    one = PatternMeasure
    return [
        one("buyers_by_place", "share", "Of customers who bought and visited for a need, those who "
            "did so in stores and online (`several`), in stores alone, or online alone.",
            {"place": Option("word", ("several", "store", "online"))},
            shopping.buyers_by_place, _share),
        one("roomed", "share", "Of customers who bought, those with an order in one place after a "
            "visit to the other for the same need.",
            {"looked": _PLACE, "bought": _PLACE}, shopping.roomed, _share),
        one("conversion", "share", "Orders a visit, by any device or one.",
            {"channels": _CHANNELS, "device": Option("word", DEVICES, default=None)},
            shopping.conversion, _share),
        one("conversion_ratio", "ratio", "Orders a visit by one device, over those by another.",
            {"channels": _CHANNELS, "device": _DEVICE, "against": _DEVICE},
            shopping.conversion_ratio, _ratio),
        one("order_value_ratio", "ratio", "Paid an order by one device, over that by another.",
            {"channels": _CHANNELS, "device": _DEVICE, "against": _DEVICE},
            shopping.order_value_ratio, _ratio),
        one("carts_left", "share", "Of visits with a cart, those without an order.",
            {"place": _PLACE}, shopping.carts_left, _share),
        one("cart_bought", "share", "Of what was in a cart of a place, what was ordered there at "
            "last.", {"place": _PLACE}, shopping.cart_bought, _share),
        one("visitors", "share", "Of cookies seen online in 30 days, those with a single visit, "
            "with several in one day, or on several days.",
            {"journey": Option("word", ("single", "same_day", "longer"))},
            shopping.visitors, _share),
        one("devices_of_order", "share", "Of orders by a device, those looked at before with "
            "another one, too.", {}, shopping.devices_of_order, _share),
        one("ends_where_begun", "share", "Of orders that were first looked at with this device, "
            "those made with it.", {"device": _DEVICE}, shopping.ends_where_begun, _share),
        one("day_index", "ratio", "Online orders of a day of the week, over those of a mean day.",
            {"day": Option("word", DAYS)}, shopping.day_index, _share),
        one("hour_index", "ratio", "Online orders an hour in some hours of the day, over those of "
            "a mean hour.", {"hours": Option("span", low=0, high=24)},
            shopping.hour_index, _share),
        one("month_share", "share", "Of what was paid in a year, that of a month.",
            {"month": Option("whole", low=1, high=12)}, shopping.month_share, _share),
        one("buyers_again", "share", "Of customers who bought in the window, those with so many "
            "orders in it or more.", {"orders": Option("whole", low=2, high=1000)},
            shopping.buyers_again, _share),
        one("buyers_of_clickers", "share", "Of clicked messages, those with an order within five "
            "days and before the customer's next click.",
            {"journeys": _JOURNEYS, "channels": _CHANNELS},
            messaging.buyers_of_clickers, _share),
        one("click_to_order", "share", "Of orders within 30 days of the customer's last click, "
            "those within so long of it.", {"within": _WITHIN}, messaging.click_to_order, _share),
        one("delay", "share", "Of messages that were opened or clicked, those within so long of "
            "being sent.",
            {"answer": Option("word", ("open", "click")), "channels": _CHANNELS,
             "journeys": _JOURNEYS, "within": _WITHIN}, messaging.delay, _share),
        one("answered", "share", "Of delivered messages, those opened, clicked, or with an order "
            "within five days of the last open or click.",
            {"answer": Option("word", ("open", "click", "order")), "channels": _CHANNELS,
             "journeys": _JOURNEYS}, messaging.answered, _share),
        one("triggered_share", "share", "Of messages over some channels, or of what was paid "
            "within five days of opening or clicking one, that of triggered journeys.",
            {"what": Option("word", ("sends", "revenue")), "channels": _CHANNELS},
            messaging.triggered_share, _share),
        one("opens_by_person", "share", "Mean, or standard deviation, over customers of the share "
            "of their messages that they opened; of those who got 10 or more.",
            {"statistic": Option("word", ("mean", "sd")), "channels": _CHANNELS},
            messaging.opens_by_person, _mean_or_sd),
        one("open_rate_after", "share", "Of messages to a customer who opened such a share in the "
            "30 days before, those opened.",
            {"band": Option("band"), "channels": _CHANNELS}, messaging.open_rate_after, _share),
        one("open_ratio_by_volume", "ratio", "Share opened of messages to those who got many in "
            "30 days, over the share at few.",
            {"many": Option("span", low=1), "few": Option("span", low=1), "channels": _CHANNELS},
            messaging.open_ratio_by_volume, _ratio),
        one("open_ratio_within", "ratio", "Share opened at many messages in 30 days over that at "
            "few, each customer beside themselves (Mantel and Haenszel's ratio).",
            {"many": Option("span", low=1), "few": Option("span", low=1), "channels": _CHANNELS},
            sending.open_ratio_within, _mean),
        one("sent_share", "share", "Of messages over some channels, those of some journeys.",
            {"journeys": Option("journeys"), "channels": _CHANNELS}, sending.sent_share, _share),
        one("bounced", "share", "Of messages sent, those that did not arrive.",
            {"channels": _CHANNELS}, sending.bounced, _share),
        one("opted_out", "share", "Of delivered messages, those after which the permission ended.",
            {"channels": _CHANNELS}, sending.opted_out, _share),
        one("clicked_unopened", "share", "Of clicked messages, those of which no open is known.",
            {"channels": _CHANNELS}, sending.clicked_unopened, _share),
        one("machine_opened", "share", "Of messages whose open came back, those that a machine "
            "opened.", {"channels": _CHANNELS}, sending.machine_opened, _share),
        one("hours_to_answer", "ratio", "Mean hours from sending to the first open or click.",
            {"answer": Option("word", ("open", "click")), "channels": _CHANNELS},
            sending.hours_to_answer, _mean),
    ]  # fmt: skip


#: Name -> measure.
MEASURES: Final[Mapping[str, PatternMeasure]] = {m.name: m for m in _all()}
