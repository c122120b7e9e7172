"""Sums of patterns of messages. Each returns the sums over some whole persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.patterns.lives import DAY_S
from omnilab.experiment.patterns.sending import sent_with_volume

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.patterns.lives import Lives

__all__ = [
    "answered",
    "buyers_of_clickers",
    "click_to_order",
    "delay",
    "open_rate_after",
    "open_ratio_by_volume",
    "opens_by_person",
    "triggered_share",
]

Options = Mapping[str, Any]

#: An order within so long of a click is that message's, as vendors count (Klaviyo, Omnisend).
ORDER_WITHIN_S: Final = 5 * DAY_S
#: Clicks and the orders after them are looked for over so long (Chapelle).
CONVERSION_S: Final = 30 * DAY_S
#: Months of a person's rates.
MONTH_S: Final = 30 * DAY_S
#: Persons with fewer messages say little of their own rate.
LEAST_MESSAGES: Final = 10


def buyers_of_clickers(lives: Lives, of: Options) -> list[float]:
    """Clicked messages, and those of them with an order soon after, before the next click."""
    clicked = _sent(lives, of)
    clicked = clicked[clicked["click"].notna()]
    paid = lives.paid_after[lives.paid_after["since"] <= ORDER_WITHIN_S]["send"]
    return [int(clicked.index.isin(paid).sum()), len(clicked)]


def click_to_order(lives: Lives, of: Options) -> list[float]:
    """Orders within so long of the last click before, and those within 30 days of it."""
    since: Any = lives.paid_after["since"].to_numpy()
    since = since[since <= CONVERSION_S]
    return [int((since <= of["within"]).sum()), len(since)]


def delay(lives: Lives, of: Options) -> list[float]:
    """Messages of a channel answered within so long of being sent, and all that were answered."""
    sends = _sent(lives, of)
    took: Any = (sends[of["answer"]] - sends["time"]).dropna().to_numpy()
    return [int((took <= of["within"]).sum()), len(took)]


def answered(lives: Lives, of: Options) -> list[float]:
    """Delivered messages that were opened, clicked or led to an order, and all delivered."""
    sends = _sent(lives, of)
    sends = sends[sends["delivered"]]
    if of["answer"] != "order":
        return [len(sends[of["answer"]].dropna()), len(sends)]
    paid = lives.paid_after_open[lives.paid_after_open["since"] <= ORDER_WITHIN_S]["send"]
    return [int(sends.index.isin(paid).sum()), len(sends)]


def triggered_share(lives: Lives, of: Options) -> list[float]:
    """Messages, or cents of orders soon after one was opened or clicked: of triggers, of all."""
    sends = lives.inside(lives.sends)
    sends = sends[sends["channel"].isin(lives.channels(of["channels"]))]
    triggered = sends["journey"].isin(lives.journeys(("triggered",)))
    if of["what"] == "sends":
        return [int(triggered.sum()), len(sends)]
    orders = lives.paid_after_open
    paid = orders[orders["since"] <= ORDER_WITHIN_S].groupby("send")["paid"].sum()
    cents: Any = paid.reindex(sends.index, fill_value=0).to_numpy()
    return [int(cents[triggered.to_numpy()].sum()), int(cents.sum())]


def opens_by_person(lives: Lives, of: Options) -> list[float]:
    """Persons with enough messages: how many, the sum of their open rates, and of the squares."""
    sends = _sent(lives, of)
    sends = sends[sends["delivered"]]
    by = sends.assign(opened=sends["open"].notna()).groupby("person")["opened"]
    rate = by.mean()[by.size() >= LEAST_MESSAGES]
    return [len(rate), float(rate.sum()), float((rate * rate).sum())]


def open_rate_after(lives: Lives, of: Options) -> list[float]:
    """Count opened and delivered messages of months after one with an open rate in a band."""
    sends = _sent(lives, of)
    sends = sends[sends["delivered"]]
    month = (sends["time"] - lives.opens_s) // MONTH_S
    by = sends.assign(opened=sends["open"].notna(), month=month).groupby(["person", "month"])
    counts = by["opened"].agg(["sum", "size"]).reset_index()
    before = counts.assign(month=counts["month"] + 1)
    pairs = counts.merge(before, on=["person", "month"], suffixes=("", "_before"))
    rate = pairs["sum_before"] / pairs["size_before"]
    low, high = of["band"]
    mine = pairs[(rate >= low) & ((rate < high) | (high >= 1.0))]
    return [int(mine["sum"].sum()), int(mine["size"].sum())]


def open_ratio_by_volume(lives: Lives, of: Options) -> list[float]:
    """Count opened and delivered messages at many in the 30 days up to each, and at few."""
    seen = sent_with_volume(lives, of)
    sums: list[float] = []
    for low, high in (of["many"], of["few"]):
        mine = seen[(seen["volume"] >= low) & (seen["volume"] <= high)]
        sums += [int(mine["open"].notna().sum()), len(mine)]
    return sums


def _sent(lives: Lives, of: Options) -> pd.DataFrame:
    """Return the window's messages of some journeys, all without, over some channels."""
    sends = lives.inside(lives.sends)
    sends = sends[sends["channel"].isin(lives.channels(of["channels"]))]
    if of.get("journeys"):
        sends = sends[sends["journey"].isin(lives.journeys(of["journeys"]))]
    return sends
