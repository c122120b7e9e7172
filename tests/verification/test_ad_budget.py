"""The story of the crib shop's money for ads: auctions, a budget, an audience, buyers left out."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from tests.verification.worlds import DAY, load, log, run

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow

PEOPLE = 500  # a town
SCENARIO = load_scenario("ad-budget-v1").with_customers(PEOPLE)
CHANNELS = [c.name for c in SCENARIO.channels]
ADS = [CHANNELS.index(name) for name in ("social_ad", "audience_ad")]


@cache
def life() -> Any:
    return log(run(SCENARIO, load(SCENARIO, "omnichannel"), pilot=100), "omnichannel")


@cache
def ads() -> Any:
    sent = rows.of_kind(life(), rows.SENT)
    return sent[np.isin(sent["channel"], ADS)]


def test_everything_of_the_story_happens() -> None:
    assert (np.bincount(ads()["channel"], minlength=max(ADS) + 1)[ADS] > 0).all()
    reasons = rows.of_kind(life(), rows.NOT_SHOWN)["reason"]
    assert {1, 2} <= set(reasons.tolist())  # nobody found by the address, outbid
    ends = rows.of_kind(life(), rows.FINAL)["status"]
    assert (ends == rows.FINAL_BUYER).any()
    assert len(rows.of_kind(life(), rows.UNFUNDED)) > 0


def test_no_day_of_the_town_costs_more_than_its_part_of_the_budget() -> None:
    (budget,) = SCENARIO.brand.budgets
    part = budget.per_day * PEOPLE / 1000 * 100_000  # milli-cents
    spent = np.bincount(ads()["time"] // DAY, weights=ads()["cost"])
    assert spent.max() <= part
    assert spent.max() > 0.8 * part  # it binds on some day


def test_no_ad_costs_more_than_its_bid_and_prices_differ() -> None:
    own = ads()["cost"][ads()["channel"] == ADS[0]]
    social = SCENARIO.channels[ADS[0]].message
    assert social is not None
    assert social.auction is not None
    assert own.max() <= social.auction.bid * 100_000
    assert len(np.unique(own)) > 20


def test_nobody_sees_two_of_a_channels_ads_on_a_day() -> None:
    who = np.stack((ads()["person"], ads()["channel"], ads()["time"] // DAY))
    _, n = np.unique(who, axis=1, return_counts=True)
    assert n.max() == 1


def test_half_of_the_addresses_are_found_and_always_the_same() -> None:
    shown = set(ads()["person"][ads()["channel"] == ADS[1]].tolist())
    missed = rows.of_kind(life(), rows.NOT_SHOWN)
    lost = set(missed["person"][(missed["channel"] == ADS[1]) & (missed["reason"] == 1)].tolist())
    assert len(shown & lost) <= 3  # who has a second address
    assert 0.35 < len(shown) / len(shown | lost) < 0.65
