"""Declared offers, and none, between the engine, which numbers them, and a strategy's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.brand.leeway import OWN, WITHOUT_OFFER
from omnilab.errors import ScenarioError
from omnilab.scenario.offers import NO_OFFER, given_by
from omnilab.strategy.goods import as_columns

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["as_numbers", "check_given", "offer_columns", "offer_names"]


def offer_names(scenario: Scenario) -> tuple[str, ...]:
    """Return what `decide` can choose from: the scenario's declared offers, then `none`."""
    return (*(offer.name for offer in scenario.brand.offers), NO_OFFER)


def offer_columns(asked: Any, n: int, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the names and wide columns of `Decisions` for the first ``n`` rows of a table."""
    return {
        "offer_names": names,
        "offers_given": as_columns(asked.given[:n], len(names)),
        "offers_used": as_columns(asked.used[:n], len(names)),
    }


def as_numbers(chosen: Any, names: tuple[str, ...]) -> Any:
    """Return the engine's numbers of the offers of a checked answer; ``chosen`` None: their own."""
    if chosen is None:
        return OWN
    return np.where(chosen == len(names) - 1, WITHOUT_OFFER, np.asarray(chosen, np.int64) + 1)


def check_given(scenario: Scenario, strategies: Sequence[LoadedStrategy]) -> None:
    """Refuse an offer that is left to strategies (`Offer.decided`) of which none can give it.

    Raises
    ------
    ScenarioError
        If no strategy has a `decide`, and no plan a journey that gives it.
    """
    if any(strategy.decides for strategy in strategies):
        return
    given = given_by(scenario.brand.journeys, scenario.brand.programme)
    for strategy in strategies:
        given |= given_by(strategy.plan.journeys, None)
    for n, offer in enumerate(scenario.brand.offers):
        if offer.decided and offer.name not in given:
            raise ScenarioError(
                f"nobody can get {offer.name!r}: no strategy here has a `decide`, and no journey"
                f" of a plan gives it; let a message have `gives: {offer.name}`",
                key=f"brand.offers.{n}.decided",
            )
