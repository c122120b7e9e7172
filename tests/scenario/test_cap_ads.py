"""Ads apart from the frequency cap: what is found without effect, and what a run shows."""

from __future__ import annotations

import pytest

from omnilab.scenario.document import parse_document
from omnilab.scenario.effect import without_effect
from omnilab.scenario.effect.cap import most_sends
from omnilab.scenario.load import validate_tree
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import expand_presets, name_presets
from omnilab.scenario.write import scenario_digest

SHOP = """\
id: shop-v1
time: {burn_in: 10d, window: 60d, run_out: 5d}
population: {customers: 60, personas: [{name: keen, share: 100%, needs: 4.0}]}
categories: [{name: beans, every: 12d, spend: {mean: 20 EUR}}]
channels: [web, email, social_ad]
brand:
  cap: {messages: 1, per: 7d}
  cap_counts_ads: false
  journeys:
    - preset: cart
      sequence: [web, email]
      steps: [{message: {shows: cart, channels: [email, social_ad], fallback_after: 1h}}]
"""


def read(text: str) -> tuple[Scenario, list[str]]:
    root = expand_presets(name_presets(parse_document(text, "shop.yaml")))
    scenario = validate_tree(Scenario, root)
    return scenario, [str(f) for f in without_effect(scenario, root)]


def test_nothing_is_found_where_the_cap_leaves_ads_out() -> None:
    assert read(SHOP)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cap: {messages: 1, per: 7d}", "cap: null", "there is none"),
        ("[web, email, social_ad]", "[web, email, {preset: social_ad, message: {ad: false}}]",
         "no channel has `ad: true`"),
    ],
)  # fmt: skip
def test_a_choice_that_nothing_hangs_on_is_found(old: str, new: str, said: str) -> None:
    found = [f for f in read(SHOP.replace(old, new))[1] if "cap_counts_ads" in f]
    assert len(found) == 1
    assert said in found[0]


def test_the_bound_of_a_journeys_sends_leaves_out_what_is_not_counted() -> None:
    (cart,) = read(SHOP)[0].brand.journeys
    weekly = cart.model_copy(update={"trigger": "weekly", "cooldown": 0})
    assert most_sends(weekly, 86400) == 2
    assert most_sends(weekly, 86400, frozenset({"social_ad"})) == 1


def test_the_default_is_what_was_before_and_keeps_the_digest() -> None:
    before = SHOP.replace("  cap_counts_ads: false\n", "")
    said = SHOP.replace("cap_counts_ads: false", "cap_counts_ads: true")
    assert scenario_digest(read(before)[0]) == scenario_digest(read(said)[0])
    assert scenario_digest(read(before)[0]) != scenario_digest(read(SHOP)[0])
