"""The visit that is under way: a record that the steps of one visit hand on to each other."""

from __future__ import annotations

from omnilab.kernels.record import Ints, Record, f8, i8, several

__all__ = ["Stay", "Visit"]


class Visit(Record):
    """Who is where and why, and what the brand makes of it.

    A cell has one such record of the visit that is going on. Where a step takes time the visit is
    put aside as a `Stay` meanwhile.
    """

    who: i8  # person in the cell
    channel: i8 = -1
    family: i8  # address of the visit's draws: whose offspring it is
    occasion: i8
    extra: i8 = 0  # an identifier that the way here carried (a click), 0 none
    carry: i8 = -1  # and the silo that it came from
    cause: i8 = -1  # id of the message that led here
    asks: i8 = 0  # the act that the message asks for + 1, 0 none
    incentive: i8 = 0  # milli-cents that it offers for that
    cost: i8 = 0  # milli-cents of a paid click
    source: i8 = 0  # 1 an unpaid search result, 2 a search of the name, 3 a post; 0 none of these
    sure: i8 = 0  # 1: it ends with the order whatever chance says (a cohort's first order)
    on_device: i8 = 0  # computer, phone or tablet (omnilab.world.device), where one is used
    returning: i8 = 0  # 1: not the first visit for its need
    carry_needed: i8 = 0  # 1: the channel changed within the need, with something to carry
    carried: i8 = 0  # 1: and it was carried
    profile: i8 = -1  # whom the brand takes the visitor for
    shown: i8 = 0  # identifiers of the visit in ``cell.code``
    points: i8 = 0  # loyalty points that an order spends
    tier: i8 = 0  # of the visitor, from 1, as the place sees it; 0 none
    off: i8 = 0  # cents that the offer in hand takes off, where it is used
    redeems: i8 = 0  # 1: the order uses it
    told: i8 = 0  # goods that its message showed, a bit each
    goods: i8 = 0  # goods of what it came to, a bit each
    refused: i8 = 0  # 1: its code was not known
    way: i8 = -1  # of delivery, in ``Model.way``; -1 none
    fee: i8 = 0  # for it, cents
    step: i8 = 0  # the next one, of `omnilab.world.visit_time`
    had_cart: i8 = 0  # 1: the need's cart was there before
    shelf: i8 = -1  # from which the good is taken, -1 where there is always enough
    unit: i8 = 0  # how it is kept (omnilab.interaction.stock)
    away: i8 = 0  # 1: it was out, and what comes next is settled
    category: i8 = -1  # looked at without a need; -1 any
    site: i8 = -1  # the place of the town where it is made, -1 none (omnilab.world.places)
    ready: f8 = 0.0  # uniform: whether the person chooses
    complete: f8 = 0.0  # uniform: whether the person buys what was chosen
    returns: f8 = 1.0  # uniform: whether the person comes back by itself
    quick: f8 = 0.0  # uniforms: when
    gap: f8 = 0.0


class Stay(Visit):
    """A visit that has been put aside until its next step."""

    need: i8 = -1  # ordinal of the need that it is for, -1 without one
    code: Ints = several(14, i8)  # identifiers that it has shown, as in `Cell.code`
    from_silo: Ints = several(14, i8)  # as in `Cell.carry`
