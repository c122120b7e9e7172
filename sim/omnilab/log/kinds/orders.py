"""Rows of an order: what is bought, at which offer, how it is handed over, and what follows.

``need`` is the person's own number of a need.
"""

from __future__ import annotations

from omnilab.kernels.record import i1, i2, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: orders.Order


class Order(RowKey):
    """An order: it closes the need."""

    need: i4
    cart_left: i1  # 1 where the cart had been left before
    paid: i8  # cents
    margin: i8  # cents, net of the discount
    discount: i8  # cents


class Return(RowKey):
    """An order is sent back."""

    need: i8
    refund: i8  # cents
    margin: i8  # cents that are lost


class Service(RowKey):
    """A service contact about an order."""

    need: i8
    known: i8  # 1 if the history was at hand


class GoodsSeen(RowKey):
    """Goods of a category are shown at a visit."""

    need: i8  # -1 without one
    good: i4  # the one liked best so far, counted over all categories
    seen: i2  # goods that had not been seen for the need
    told: i2  # goods of the page that were recommended


class Line(RowKey):
    """A line of an order: one good."""

    need: i8
    good: i4  # counted over all categories
    told: i1  # 1: it came into sight by a recommendation
    is_first: i1  # 1: the good that was chosen first
    moved: i1  # of the first: -1 cheaper than the one liked best at the first look, 1 dearer
    price: i8  # cents


class RecommendedRow(RowKey):
    """A message shows goods."""

    message: i8  # its id
    goods: i8  # a bit each, counted over all categories


class Offered(RowKey):
    """A person sees a message with an offer, or does an act that brings one, and keeps it."""

    message: i8  # id; -1 of an act that no message asked for
    offer: i4  # number in the scenario's list, -1 a share off
    lasts: i4  # seconds


class Redeemed(RowKey):
    """An order uses an offer."""

    need: i4
    offer: i4  # number in the scenario's list, -1 a share off
    message: i8  # id of the message that gave it; -1 where an act did, unasked
    off: i8  # cents off, as far as the price went
    gift_cost: i8  # cents that the brand pays for a gift


class CodeUnknown(RowKey):
    """A code is shown where nobody knows it, and counts for nothing."""

    need: i4
    offer: i4  # number in the scenario's list
    message: i8  # id of the message that gave it


class Collecting(RowKey):
    """A person comes to collect what was ordered."""

    need: i4
    way: i4  # of delivery, its index


class HandedOver(RowKey):
    """What was ordered is with its person."""

    need: i4
    way: i4  # of delivery, its index
    late: i8  # seconds after the promise, 0 in time


class Promise(RowKey):
    """A delivery is promised for an order."""

    need: i4
    way: i4  # of delivery, its index
    promised: i8  # seconds from the order
    fee: i8  # cents
    fulfilment_cost: i8  # cents that the brand pays for it
