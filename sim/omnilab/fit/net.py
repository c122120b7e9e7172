"""Take what was given back off a log's orders."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from omnilab.fit.fields import Fields
from omnilab.fit.sieve import Mask, Sieve
from omnilab.fit.sold import take_back

__all__ = ["net_of_refunds"]


def net_of_refunds(
    sieve: Sieve, fields: Fields, *, keep_zero: bool
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Take what was given back off the orders, and throw out what is nothing after that."""
    usable, money = sieve.keep, fields.money
    signed = np.where(fields.negative, -np.abs(money), money)
    net, reduced = _less_refunds(signed, fields, usable)
    fully = usable & ~fields.negative & (money > 0) & (net <= 0.005)
    sieve.out("refunded", fully)
    taken = take_back(
        sieve.keep.copy(), fields.negative, net, fields.buyers.ids, fields.time_s, fields.numbers,
        fields.originals,
    )  # fmt: skip
    belongs = taken.unmatched[[_names_lost_order(fields, sieve, row) for row in taken.unmatched]]
    sieve.out("credit", np.concatenate([taken.credits, belongs.astype(np.int64)]))
    sieve.out("taken_back", taken.cancelled)
    sieve.out("negative", taken.unmatched)
    if not keep_zero:
        sieve.out("zero", taken.money == 0)
    notes = []
    if reduced:
        notes.append(f"{_orders(reduced)} counted net of what was refunded")
    if taken.reduced:
        notes.append(f"{_orders(taken.reduced)} counted net of a part that was taken back")
    return taken.money, notes


def _orders(n: int) -> str:
    return "1 order is" if n == 1 else f"{n:,} orders are"


def _names_lost_order(fields: Fields, sieve: Sieve, row: int) -> bool:
    """Return whether a refund names an order that was left out for another reason already."""
    named = [x[row] for x in (fields.numbers, fields.originals) if x is not None and x[row]]
    if not named or fields.numbers is None:
        return False
    same = np.isin(fields.numbers, named) & ~sieve.keep & ~fields.negative
    return bool(same.any())


def _less_refunds(
    money: npt.NDArray[np.float64], fields: Fields, usable: Mask
) -> tuple[npt.NDArray[np.float64], int]:
    """Return amounts less the refunds in a column of their own, and how many orders have some.

    A refund that stands on several lines of an order is the order's, and taken off once.
    """
    if fields.refunded is None:
        return money, 0
    back = np.where(np.isnan(fields.refunded), 0.0, np.abs(fields.refunded))
    rows = np.flatnonzero(usable & (money > 0))
    keys = [fields.numbers[r] if fields.numbers is not None else "" for r in rows]
    frame = pd.DataFrame(
        {"order": [k or f"\0{r}" for k, r in zip(keys, rows, strict=True)],
         "money": money[rows], "back": back[rows]}, index=rows,
    )  # fmt: skip
    groups = frame.groupby("order", sort=False)
    total = groups["money"].transform("sum")
    alike = groups["back"].transform("min") == groups["back"].transform("max")
    owed = groups["back"].transform("max").where(alike, groups["back"].transform("sum"))
    left = ((total - owed) / total).clip(lower=0.0)
    net = money.copy()
    net[rows] = (frame["money"] * left).to_numpy()
    part = frame["order"][(owed > 0) & (left > 0)].nunique()
    return net, int(part)
