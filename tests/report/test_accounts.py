"""Accounts in words."""

from __future__ import annotations

import pytest

from omnilab.log import rows
from omnilab.report.accounts import OF_ACCOUNTS, of_accounts
from omnilab.world.accounts import BUYER, DECIDER, USER


@pytest.mark.parametrize(
    ("kind", "fact", "words"),
    [
        (rows.ACCOUNT_MEMBER, {"roles": 0, "members": 5}, "is influencer in an account of 5"),
        (rows.ACCOUNT_MEMBER, {"roles": USER | BUYER, "members": 2},
         "is user and buyer in an account of 2"),
        (rows.ACCOUNT_MEMBER, {"roles": DECIDER, "members": 3}, "is decider in an account of 3"),
        (rows.ACCOUNT_STEP, {"stage": 1}, "the account meets: it has the brand on its shortlist"),
        (rows.ACCOUNT_TOLD, {"looks": 1}, "is told of a need of the account, and will look"),
        (rows.ACCOUNT_TOLD, {"looks": 0}, "is told of a need of the account"),
        (rows.ACCOUNT_TALK, {"gain": 3}, "learns from a colleague"),
        (rows.ACCOUNT_TALK, {"gain": 0}, ""),
        (rows.ACCOUNT_AGREES, {}, "agrees to an order"),
        (rows.ACCOUNT_ORDER, {"time": 90 * 86400, "opened": 10 * 86400},
         "orders for the account, 80 days after the need arose"),
    ],
)  # fmt: skip
def test_words(kind: int, fact: dict[str, int], words: str) -> None:
    assert kind in OF_ACCOUNTS
    assert of_accounts({"kind": kind, **fact}) == words
