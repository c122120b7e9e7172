"""Stories that need no mechanism of their own: what has to happen in each, and by what."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from tests.verification.worlds import load, log, run, values

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow

DAY = 86400


@cache
def life(story: str, customers: int, strategy: str = "omnichannel", **choices: str) -> Any:
    """Return a comparison of one strategy, and the same with some sharing choices as ``other``."""
    scenario = load_scenario(story).with_customers(customers)
    (one,) = load(scenario, strategy)
    compared = [one]
    if choices:
        compared.append(replace(one, name="other", plan=one.plan.with_sharing(**choices)))
    return run(scenario, compared, pilot=100)


def test_a_number_that_both_desks_see_makes_one_customer_of_two() -> None:
    found = life("two-strangers-v1", 600, identity="silo")
    one, two = values(found, "omnichannel"), values(found, "other")
    assert one["asked_all_again"].value < two["asked_all_again"].value
    assert one["answer_time"].value < two["answer_time"].value
    events = log(found, "omnichannel")
    contacts = rows.of_kind(events, rows.CONTACT)
    desks = set(zip(contacts["person"].tolist(), contacts["channel"].tolist(), strict=True))
    people = [p for p, _ in desks]
    assert len(people) > len(set(people))  # some came to both


def test_heaters_are_bought_in_the_season_and_mailed_the_year_round() -> None:
    scenario = load_scenario("heaters-season-v1")
    events = log(life("heaters-season-v1", 600, "fixed_blasts"), "fixed_blasts")
    needs = rows.of_kind(events, rows.NEED)
    day = (needs["time"][needs["category"] == 0] - scenario.time.burn_in) // DAY
    summer, winter = (((day >= a) & (day < a + 105)).sum() for a in (0, 147))
    assert winter > 4 * summer
    week = (rows.of_kind(events, rows.SENT)["time"] - scenario.time.burn_in) // (7 * DAY)
    assert set(range(52)) <= set(np.unique(week).tolist())


def test_the_cart_is_still_full_at_the_site() -> None:
    found = life("dinner-order-v1", 300, context="silo")
    follows, empty = values(found, "omnichannel"), values(found, "other")
    assert follows["continuity"].value > empty["continuity"].value
    assert follows["give_ups_per_customer"].value < empty["give_ups_per_customer"].value
