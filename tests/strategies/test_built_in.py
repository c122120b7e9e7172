"""The built-in strategies: told apart by the six sharing choices and nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from omnilab.brand.sharing import CHOICES
from omnilab.scenario.model import Scenario
from omnilab.strategy import Plan, Sharing
from omnilab.strategy.loading import load_strategy
from omnilab.strategy.protocol import Brand
from omnilab.testing import sample_scenario
from omnilab_strategies import STRATEGIES

SCENARIO = sample_scenario()


def plan(name: str, scenario: Scenario = SCENARIO) -> Plan:
    return load_strategy(name, scenario).plan


def without(*channels: str) -> Scenario:
    kept = [c.model_dump() for c in SCENARIO.channels if c.name not in channels]
    return SCENARIO.changed({"channels": kept, "brand": {"journeys": []}})


def test_entry_points_are_the_packages_own_list(root: Path) -> None:
    table = tomllib.loads((root / "pyproject.toml").read_text())
    assert table["project"]["entry-points"]["omnilab.strategies"] == STRATEGIES


@pytest.mark.parametrize("name", STRATEGIES)
def test_names_agree(name: str) -> None:
    module, _, attribute = STRATEGIES[name].partition(":")
    assert getattr(import_module(module), attribute).name == name
    assert load_strategy(name, SCENARIO).name == name


def test_three_strategies_differ_by_sharing_only() -> None:
    of = {"multichannel": "silo", "cross_channel": "handoff", "omnichannel": "all"}
    for name, value in of.items():
        assert plan(name).sharing == Sharing(**dict.fromkeys(CHOICES, value))  # type: ignore[arg-type]
    plans = [replace(plan(name), sharing=Sharing()) for name in of]
    assert plans[0] == plans[1] == plans[2]
    assert plans[0].journeys == SCENARIO.brand.journeys
    assert plans[0].cap == SCENARIO.brand.cap
    assert plans[0].silos is None
    assert plans[0].paid


def test_multichannel_with_all_six_choices_is_omnichannel() -> None:
    every = dict.fromkeys(CHOICES, "all")
    assert plan("multichannel").with_sharing(**every) == plan("omnichannel")  # type: ignore[arg-type]


def test_no_contact_does_nothing() -> None:
    nothing = plan("no_contact")
    assert (nothing.journeys, nothing.paid, nothing.sharing) == ((), False, Sharing())


@pytest.mark.parametrize("silo", SCENARIO.silos)
def test_single_channel_is_one_silo_of_multichannel(silo: str) -> None:
    one = plan(f"single_channel(silo={silo})")
    searches = any(c.search and c.silo == silo for c in SCENARIO.channels)
    assert one == replace(plan("multichannel"), silos=(silo,), paid=searches)


def test_single_channel_takes_email_or_else_the_first_that_writes() -> None:
    assert plan("single_channel").silos == ("email",)
    assert not plan("single_channel").paid
    assert plan("single_channel", without("email")).silos == ("app",)
    assert plan("single_channel", without("email", "push", "sms")).silos == ("web",)
    assert plan("single_channel", without("email", "push", "sms")).paid
    silent = without("email", "push", "sms", "social_ad")
    assert (plan("single_channel", silent).silos, plan("single_channel", silent).paid) == (
        (),
        False,
    )


def test_a_brand_knows_no_rate_of_its_customers() -> None:
    brand = Brand.of(SCENARIO)
    assert [c.name for c in brand.channels] == [c.name for c in SCENARIO.channels]
    assert brand.silos == SCENARIO.silos
    known = {"name", "silo", "visits", "messages", "search", "ad", "address", "cost"}
    assert set(vars(brand.channels[0])) == known
    email, store = brand.channel("email"), brand.channel("store")
    assert (email.messages, email.visits, email.address, email.cost) == (
        True,
        False,
        "email",
        0.001,
    )
    assert (store.messages, store.visits, store.address, store.cost) == (False, True, None, 0.0)
    assert brand.channel("search_ad").search
    assert brand.channel("social_ad").ad
    assert brand.journey("cart") is SCENARIO.brand.journeys[2]
    for ask, name in ((brand.journey, "crat"), (brand.channel, "emial")):
        with pytest.raises(LookupError, match="did you mean"):
            ask(name)
