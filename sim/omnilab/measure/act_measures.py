"""Measures of acts: how many of each kind, what their incentives cost, and what a lead costs."""

from __future__ import annotations

from typing import Final

from omnilab.log.act_kinds import ACTS
from omnilab.measure.ratio import Measure, mean, millicents

__all__ = ["act_measures"]

#: Title of each act's measure, and what is counted.
_TITLES: Final = {
    "leave_address": ("Addresses left", "Addresses that visitors leave by an act"),
    "follow": ("Follows", "Acts of following the brand"),
    "install": ("Installs", "Acts of installing the app"),
    "join": ("Joins", "Acts of joining the loyalty programme"),
    "request": ("Leads", "Acts of asking for a call or a quote"),
    "log_in": ("Accounts", "Acts of making an account and logging in"),
}


def act_measures(cost: str) -> list[Measure]:
    """Return the measures.

    Parameters
    ----------
    cost
        The sums of which contact cost consists.
    """
    counts = [
        mean(
            f"{name}_per_customer",
            f"{_TITLES[name][0]} per customer",
            f"acts {name} in the window / persons",
            f"act_{name}",
            "persons",
            "higher",
            what=f"{_TITLES[name][1]} in the window, for each customer.",
        )
        for name in ACTS
    ]
    return [
        *counts,
        millicents(
            "act_cost",
            "Incentives of acts and answers per customer",
            "incentives paid for acts and answers / persons",
            "act_cost",
            "persons",
            "lower",
            what="The part of contact cost that is paid to customers for what they do, such as "
            "gifts for an address or an answer. Points and offers cost when they are spent.",
        ),
        millicents(
            "cost_per_lead",
            "Cost per lead",
            "contact cost / acts request in the window",
            cost,
            "act_request",
            "lower",
            what="Contact cost of the window, for each act of asking for a call or a quote.",
        ),
    ]
