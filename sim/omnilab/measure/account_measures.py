"""Measures of accounts, whose members buy as one."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import Measure, mean, terms

__all__ = ["ACCOUNTS"]

ACCOUNTS: Final[list[Measure]] = [
    mean(
        "account_orders",
        "Orders per account",
        "orders of accounts / accounts",
        "n_account_order",
        "accounts",
        "higher",
        what="Orders that buyers place for accounts of several persons, for each account.",
    ),
    Measure(
        "account_cycle",
        "Cycle of an account, days",
        "number",
        "days from the need to the order, summed over orders of accounts / these orders",
        terms("account_cycle"),
        terms("n_account_order", 86400),
        what="Days from the need of an account to its order. Needs that do not become an order "
        "are not in it, nor those that will after the window, so a short window shows short ones.",
    ),
]
