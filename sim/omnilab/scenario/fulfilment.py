"""How what was chosen gets to the customer: tills, ways of delivery, slots, desks to collect at.

Each key says where its default comes from (`omnilab.parameters.declared`).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from omnilab.parameters.declared import Few, key
from omnilab.parameters.quantity import (
    DAY,
    Amount,
    Clock,
    Duration,
    Logit,
    Name,
    Share,
    format_duration,
)
from omnilab.scenario.part import Frozen

__all__ = [
    "MOST_SERVERS",
    "MOST_WAYS",
    "DeliveryWay",
    "Slots",
    "TillSide",
    "WithoutNumber",
]

MOST_SERVERS = 10_000  # of one line
MOST_WAYS = 63  # of delivery, over all channels
MOST_AHEAD = 60 * DAY

WithoutNumber: TypeAlias = Literal["none"]
Long = Annotated[Duration, Field(gt=0)]


class TillSide(Frozen):
    """Where one pays after standing in line; who waits too long goes without."""

    servers: Annotated[int, Field(ge=1, le=MOST_SERVERS)] | WithoutNumber = key(
        "none",
        "Tills that are open at once in each town; `none` is without number, so that nobody waits.",
        unit="tills",
        kind="A",
    )
    service: Long = key(
        120,
        "Median time that one customer takes at the till.",
        kind="A",
        swept=("30s", "5min"),
    )
    spread: Few = key(
        0.6,
        "Lognormal sigma of that time.",
        unit="of the natural logarithm",
        kind="A",
        swept=("0", "1.2"),
    )
    patience: Long = key(
        2278,
        "Mean of the exponential time after which a customer who still waits goes without: 10% "
        "leave where the wait is longer than 4 minutes.",
        kind="S/D",
        source="MARC08: 240 s / -ln(0.9)",
    )
    too_long: Duration = key(
        240,
        "Wait from which it may be taken badly; satisfaction falls from 4 minutes on.",
        kind="S",
        source="MARC08",
    )
    annoys: Share = key(
        0.43,
        "Chance that a wait which was longer, or in vain, is a bad experience: 43% say that long "
        "lines change where they shop.",
        kind="S",
        source="MARC08",
    )


class Slots(Frozen):
    """Windows of the day in which so many orders can be delivered, or collected."""

    capacity: Annotated[int, Field(ge=1, le=1_000_000)] = key(
        ..., "Orders a window and town.", unit="orders"
    )
    opens: Clock = key(8 * 3600, "When the day's first window begins.", kind="A")
    closes: Clock = key(22 * 3600, "When the last one ends at the latest.", kind="A")
    every: Annotated[Duration, Field(ge=300, le=DAY)] = key(
        2 * 3600, "How long a window is.", kind="A", swept=("30min", "4h")
    )
    ahead: Annotated[Duration, Field(gt=0, le=MOST_AHEAD)] = key(
        7 * DAY, "How far ahead windows can be booked.", kind="A", swept=("1d", "14d")
    )

    @model_validator(mode="after")
    def _has_a_window(self) -> Self:
        if self.closes - self.opens < self.every:
            from omnilab.scenario.problem import FieldError

            apart = format_duration(max(self.closes - self.opens, 0))
            raise FieldError(
                f"no window of {format_duration(self.every)} fits between `opens` and `closes`,"
                f" which are {apart} apart",
                "every",
            )
        return self

    @property
    def windows(self) -> int:
        """Windows a day."""
        return (self.closes - self.opens) // self.every


class DeliveryWay(Frozen):
    """One way to get what is ordered at a place: brought, or collected."""

    name: Name = key(..., "What the way is called.")
    promised: Annotated[Duration, Field(gt=0)] = key(
        3 * DAY,
        "Time from the order in which it is promised; with slots, in which an order can be ready.",
        kind="A",
        swept=("1d", "7d"),
    )
    late: Annotated[Share, Field(lt=1)] = key(
        0.27, "Share that comes after its promise.", kind="S", source="HUBBOX24"
    )
    spread: Few = key(
        0.4,
        "Lognormal sigma of the time that it takes; not with slots.",
        unit="of the natural logarithm",
        kind="A",
        swept=("0.1", "1"),
    )
    fee: Amount = key(0.0, "What the customer pays for it.", kind="A")
    free_from: Amount | None = key(
        None, "Basket from which on it costs nothing.", without="The fee is the same for all."
    )
    cost: Amount = key(0.0, "What it costs the brand.", kind="A")
    likes: Logit = key(
        0.0,
        "What people like about it besides its time and fee.",
        unit="logit of buying the cart",
        kind="A",
        swept=("-1", "1"),
    )
    returns: Logit = key(
        0.0,
        "What it adds to the logit of the category's `returns`. Of what is bought online 17.6% "
        "come back, of what is bought in stores 10%: 0.65.",
        unit="logit",
        kind="A",
        source="0 where `returns` is that of orders which were not seen before; NRF23 (I)",
        swept=("0", "0.65"),
    )
    return_fee: Amount = key(0.0, "What the customer pays to send it back.", kind="A")
    slots: Slots | None = key(
        None, "Windows in which it comes, the first with room.", without="It comes when it comes."
    )
    at: Name | None = key(
        None, "The place where it is collected.", without="It is brought to the customer."
    )
    desk: TillSide | None = key(
        None,
        "The desk where it is handed over to who collects it.",
        without="It is handed over at once.",
    )

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.desk is not None and self.at is None:
            raise ValueError("desk: nobody comes to it; say the place, as in at: store")
        if self.slots is not None and self.slots.ahead < self.promised:
            from omnilab.scenario.problem import FieldError

            raise FieldError(
                f"windows are booked at most {format_duration(self.slots.ahead)} ahead, and no"
                f" order is ready before {format_duration(self.promised)} (promised): none can be"
                " booked",
                "slots",
                "ahead",
            )
        return self
