"""Rows of a need, and the visits made for it.

``need`` is the person's own number of a need.
"""

from __future__ import annotations

from omnilab.kernels.record import i1, i2, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: needs.NeedRow


class NeedRow(RowKey):
    """A need arises."""

    need: i8
    category: i4
    origin: i4  # 0 by itself, 1 a message, 2 a visit without a need, 3 a tip, 4 the brand's word
    value: i8  # cents
    maker: i8  # the message's id; flights count from 65536, articles from 131072, posts from 196608


class Aware(RowKey):
    """A need is noticed."""

    need: i8
    cause: i8  # 0 itself, 1 message, 2 tip, 3 looking around, 4 place, 5 medium, 6 told, 7 habit


class Visit(RowKey):
    """A visit."""

    need: i8  # -1 without one
    cause: i8  # id of the message that led here, or -1
    cost: i8  # milli-cents of a paid click, 0 for none
    returning: i1  # 1: not the first visit for this need
    carry_needed: i1  # 1: the channel changed within the need, with something to carry
    carried: i1  # 1: and it was carried
    on_device: i1  # 0 a computer or none, 1 the phone, 2 a tablet
    source: i1  # 1 an unpaid search result, 2 a search of the name after a medium, 3 a post, else 0


class Identifier(RowKey):
    """A visit shows an identifier."""

    code: i8  # the brand's code of it
    type: i8
    profile: i8  # serial of the profile that the brand links it to, -1
    carried_from: i8  # silo that a hand-off carried it from, -1


class View(RowKey):
    """Something is looked at."""

    need: i8  # -1 without one
    category: i8


class SiteSearch(RowKey):
    """Something is typed into the search box of the brand's own site or app."""

    need: i8
    category: i8
    good: i8  # that is named, counted over all categories; -1 the category alone


class Cart(RowKey):
    """The need's choice is put into the cart."""

    need: i8
    amount: i8  # cents


class CartLeft(RowKey):
    """A cart was made here and left, for the first time for this need."""

    need: i8


class GiveUp(RowKey):
    """The person gives the visit up, since steps had to be repeated."""

    need: i8
    steps: i8


class NeedLost(RowKey):
    """A need ends without an order."""

    need: i8
    fate: i8  # FATE_*


class RivalVisit(RowKey):
    """A visit to a rival for a need."""

    need: i4
    rival: i2  # which of them
    bought: i1  # 1: there, and the need is lost
    let_down: i1  # visits before at which the brand failed the person for this need
