"""Two stories of credit, run again with few customers: what is sure in them, and always holds.

The engine's rules are in no digest of tests/docs/test_found_credit.py. The signs held here are
those whose kept intervals are so far from zero that a fourth of the customers shows them, too.
"""

from __future__ import annotations

from functools import cache

import pytest

from omnilab.attribution.models import MODELS, Credit
from omnilab.experiment.credit_options import read_asked
from omnilab.experiment.crediting import Crediting, credit_channels
from omnilab.scenario import load_scenario
from omnilab.strategy.loading import load_strategy

#: It runs shipped scenarios without each of their channels.
pytestmark = pytest.mark.slow

CUSTOMERS = 1500
STORIES = {
    "crib-attribution-v1": ("social_ad", "email", "search_ad"),
    "course-sale-v1": ("sms", "email", "search_ad"),
}


@cache
def story(name: str) -> Crediting:
    scenario = load_scenario(name).with_customers(CUSTOMERS)
    loaded = load_strategy("omnichannel", scenario)
    asked = read_asked(loaded, scenario, channels=STORIES[name])
    return credit_channels(scenario, loaded, asked, seed=2)


def given(found: Crediting, channel: str) -> list[float]:
    """Return the orders that each model credits to a channel."""
    return [found.seen[model].get(channel, Credit()).orders for model in MODELS]


@pytest.mark.parametrize("name", STORIES)
def test_each_models_credits_add_up_to_the_orders(name: str) -> None:
    found = story(name)
    assert found.orders > 30
    for part in (found.seen, found.true):
        for model in MODELS:
            assert sum(c.orders for c in part[model].values()) == pytest.approx(found.orders)


@pytest.mark.parametrize(
    ("name", "channel"), [("crib-attribution-v1", "social_ad"), ("course-sale-v1", "sms")]
)
def test_what_brings_most_gets_less_from_every_model(name: str, channel: str) -> None:
    found = story(name)
    truth = found.truth[channel]["orders_per_customer"]
    assert truth.low > 0.0
    assert max(given(found, channel)) < truth.value
    others = [found.truth[c]["orders_per_customer"].value for c in STORIES[name] if c != channel]
    assert max(others) < truth.value


@pytest.mark.parametrize("name", STORIES)
def test_the_last_touch_that_is_not_direct_is_nearer_than_the_first(name: str) -> None:
    found = story(name)
    errors = {model: found.error(model) for model in MODELS}
    assert errors["last_non_direct"] < errors["first_click"]
