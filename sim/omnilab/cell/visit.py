"""The visit that is under way: a record that the steps of one visit hand on to each other."""

from __future__ import annotations

from omnilab.kernels.record import Record, f8, i8

__all__ = ["Visit"]


class Visit(Record):
    """Who is where and why, and what the brand makes of it.

    A cell has one such record, since one visit is over before another begins.
    """

    who: i8  # person in the cell
    channel: i8 = -1
    family: i8  # address of the visit's draws: whose offspring it is
    occasion: i8
    extra: i8 = 0  # an identifier that the way here carried (a click), 0 none
    carry: i8 = -1  # and the silo that it came from
    cause: i8 = -1  # id of the message that led here
    looks_at: i8 = -1  # category that a visitor without a need comes to see, -1 any
    cost: i8 = 0  # milli-cents of a paid click
    sure: i8 = 0  # 1: it ends with the order whatever chance says (a cohort's first order)
    phone: i8 = 0  # 1: made on the phone, where the channel can be used on both
    returning: i8 = 0  # 1: not the first visit for its need
    carry_needed: i8 = 0  # 1: the channel changed within the need, with something to carry
    carried: i8 = 0  # 1: and it was carried
    profile: i8 = -1  # whom the brand takes the visitor for
    shown: i8 = 0  # identifiers of the visit in ``cell.code``
    points: i8 = 0  # loyalty points that an order spends
    ready: f8 = 0.0  # uniform: whether the person chooses
    complete: f8 = 0.0  # uniform: whether the person buys what was chosen
