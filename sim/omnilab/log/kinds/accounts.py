"""Rows of accounts: who is in one, and how it gets from a need to an order.

``need`` is the account's number of a need: the user's own. ``user`` is the user's global id.
"""

from __future__ import annotations

from omnilab.kernels.record import i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: accounts.AccountTalk


class AccountMember(RowKey):
    """A person is a member of an account: once, at time 0."""

    roles: i8  # a sum of 1 user, 2 decider, 4 buyer; 0 an influencer
    members: i8  # of the account, this one too


class AccountStep(RowKey):
    """An account meets, or its papers are signed; the row is the user's."""

    need: i8
    stage: i4  # from now on: 0 needed, 1 shortlisted, 2 decided, 3 the buyer may order
    agreed: i4  # deciders who have agreed so far, a bit each by the place in the account
    meeting: i8  # its number for this need, 0 the first


class AccountTold(RowKey):
    """A member is told of a need of the account."""

    need: i8
    user: i8  # the user's global id
    looks: i8  # 1: and will look for itself


class AccountTalk(RowKey):
    """A member hears of another what that one knows."""

    need: i8
    speaker: i8  # global id
    gain: i8  # what it adds to the member's stock, millionths


class AccountAgrees(RowKey):
    """A decider agrees to an order."""

    need: i8
    user: i8  # the user's global id
    stock: i8  # the decider's, millionths
    meeting: i8  # its number for this need, 0 the first


class AccountOrder(RowKey):
    """An account's order, placed by its buyer; the row `order` stands before it."""

    need: i8
    user: i8  # the user's global id
    opened: i8  # second in which the need arose
    meetings: i8  # it took
