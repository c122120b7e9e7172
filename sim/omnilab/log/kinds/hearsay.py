"""Rows of what people hear of the brand: from friends, reviews, media and posts.

``need`` is the person's own number of a need.
"""

from __future__ import annotations

from omnilab.kernels.record import i2, i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: hearsay.Tip


class Tip(RowKey):
    """A friend's tip is heard."""

    friend: i8  # the friend's global id
    category: i8


class WarningHeard(RowKey):
    """A friend's warning of a bad experience is heard."""

    friend: i8  # the friend's global id
    why: i8  # BAD_* of the friend's experience


class Review(RowKey):
    """A review is written of an order."""

    need: i8
    stars: i8  # 1 to 5
    category: i8


class ReviewRead(RowKey):
    """The reviews of a category are read at a visit for a need."""

    need: i8
    average: i8  # hundredths of a star, as shown in town
    count: i8  # reviews


class Referral(RowKey):
    """A friend's tip brings a referral link."""

    friend: i8  # the friend's global id


class Referred(RowKey):
    """A first order uses a friend's link."""

    need: i8
    friend: i8  # the friend's global id
    reward: i8  # cents off the friend's next order


class MediaContact(RowKey):
    """A contact with a flight of radio, television or print, which has no address."""

    flight: i4  # number of the flight in the media plan
    noticed: i2  # 1: it was noticed
    does: i2  # 0 nothing, 1 it met a noticed need, 2 and the brand's name will be searched
    cost: i8  # milli-cents


class Read(RowKey):
    """An article of the brand is found by a search and read."""

    article: i4  # number of the article
    need: i4  # that it was read for, -1 without one
    moves: i8  # 1: and the reader goes on to the goods


class PostSeen(RowKey):
    """A post of the brand is seen."""

    series: i4  # number of the series of posts
    how: i2  # 0 in the feed, 1 paid for, 2 a friend shared it
    does: i2  # 1 likes, 2 comments, 4 shares, 8 follows the link; added up
    cost: i8  # milli-cents
