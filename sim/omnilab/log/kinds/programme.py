"""Rows of targets, tiers, balances and apologies.

``need`` is the person's own number of a need.
"""

from __future__ import annotations

from omnilab.kernels.record import i4, i8
from omnilab.log.kinds.declared import RowKey

__all__: list[str] = []  # they are used by their file's name: programme.TargetSet


class TargetSet(RowKey):
    """A person sees a message that promises a target, and takes part."""

    message: i8  # id
    target: i4  # number in the scenario's list
    lasts: i4  # seconds


class TargetReached(RowKey):
    """An order reaches a target: the reward is handed out."""

    need: i4
    target: i4  # number in the scenario's list
    own: i8  # by the person's own count: purchases, or cents
    seen: i8  # the same as the place sees it


class TargetMissed(RowKey):
    """A target's last day is over, and its reward was not handed out."""

    target: i4  # number in the scenario's list
    near: i4  # millionths of it, by the person's own count
    own: i8  # that count: purchases, or cents


class TierShown(RowKey):
    """A place shows a person another tier than the last."""

    tier: i4  # number in the scenario's list, -1 none
    before: i4  # the one before it, -1 none


class TopUp(RowKey):
    """Money is loaded on the card or account, after an order."""

    need: i4
    amount: i8  # cents
    left: i8  # cents that are there since, as the place sees it


class PaidFrom(RowKey):
    """An order is paid from the balance, or a part of it."""

    need: i4
    amount: i8  # cents
    left: i8  # cents that are still there, as the place sees it


class Apology(RowKey):
    """A person sees an apology."""

    message: i8  # id
    worth: i8  # cents that come with it
    back: i4  # millionths of the bad experiences that it takes back
    heard: i4  # thousandths: apologies before it that are not forgotten
