"""The story of the friends: what they tell brings buyers, and links pay for who is brought."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from tests.verification.worlds import load, log, run

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow

TOLD = {"world": {"tips": {"per_order": 0.0, "warns": 0.0}}}


@cache
def life(*, told: bool) -> Any:
    """Return the log of omnichannel in eight towns, or in the same where nobody tells anything."""
    scenario = load_scenario("friends-v1").with_customers(4000)
    if not told:
        scenario = scenario.changed(TOLD)
    return log(run(scenario, load(scenario, "omnichannel"), pilot=200), "omnichannel")


def orders(*, told: bool) -> int:
    return int((life(told=told)["kind"] == rows.ORDER).sum())


def test_everything_of_the_story_happens() -> None:
    kinds = set(life(told=True)["kind"].tolist())
    assert {
        rows.RIVAL_VISIT, rows.TIP, rows.WARNING, rows.REVIEW, rows.REVIEW_READ, rows.REFERRAL,
        rows.REFERRED,
    } <= kinds  # fmt: skip


def test_what_friends_tell_brings_orders() -> None:
    assert orders(told=True) > orders(told=False)


def test_a_link_takes_its_worth_off_the_first_order() -> None:
    events = life(told=True)
    used = rows.of_kind(events, rows.REFERRED)
    bought = rows.of_kind(events, rows.ORDER)
    at = {
        (p, n): d
        for p, n, d in zip(
            bought["person"].tolist(), bought["need"].tolist(), bought["discount"].tolist(),
            strict=True,
        )
    }  # fmt: skip
    assert len(used) > 3
    for person, need in zip(used["person"].tolist(), used["need"].tolist(), strict=True):
        assert at[person, need] > 0
