"""Rows about accounts as words: roles, steps, talks, consent, orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from omnilab.log import rows
from omnilab.world.accounts import BUYER, DECIDER, USER

__all__ = ["OF_ACCOUNTS", "of_accounts"]

OF_ACCOUNTS: Final = (
    rows.ACCOUNT_MEMBER, rows.ACCOUNT_STEP, rows.ACCOUNT_TOLD, rows.ACCOUNT_TALK,
    rows.ACCOUNT_AGREES, rows.ACCOUNT_ORDER,
)  # fmt: skip
_ROLES: Final = ((USER, "user"), (DECIDER, "decider"), (BUYER, "buyer"))
_STAGES: Final = (
    "has not been with the brand yet",
    "has the brand on its shortlist",
    "has decided",
    "may order",
)


def of_accounts(fact: Mapping[str, int]) -> str:
    """Return the words of a row, "" where there is nothing to tell."""
    kind = fact["kind"]
    if kind == rows.ACCOUNT_MEMBER:
        roles = [name for bit, name in _ROLES if fact["roles"] & bit] or ["influencer"]
        return f"is {' and '.join(roles)} in an account of {fact['members']}"
    if kind == rows.ACCOUNT_STEP:
        return f"the account meets: it {_STAGES[fact['stage']]}"
    if kind == rows.ACCOUNT_TOLD:
        return f"is told of a need of the account{', and will look' if fact['looks'] else ''}"
    if kind == rows.ACCOUNT_TALK:
        return "learns from a colleague" if fact["gain"] > 0 else ""
    if kind == rows.ACCOUNT_AGREES:
        return "agrees to an order"
    days = (fact["time"] - fact["opened"]) / 86400
    return f"orders for the account, {days:.0f} days after the need arose"
