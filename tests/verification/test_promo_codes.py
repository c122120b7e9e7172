"""The story of the codes: found online and used in the store, where the store knows of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from tests.verification.worlds import load, log, run

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow


@cache
def life(name: str) -> Any:
    """Return the log of a strategy for two thousand customers."""
    scenario = load_scenario("promo-codes-v1").with_customers(2000)
    return log(run(scenario, load(scenario, name), pilot=200), name)


def times(name: str, kind: int) -> int:
    return int((life(name)["kind"] == kind).sum())


def test_everything_of_the_story_happens() -> None:
    kinds = set(life("omnichannel")["kind"].tolist())
    assert {rows.OFFERED, rows.REDEEMED, rows.CODE_UNKNOWN} <= kinds
    used = rows.of_kind(life("omnichannel"), rows.REDEEMED)
    store = [c.name for c in load_scenario("promo-codes-v1").channels].index("store")
    assert (used["channel"] == store).any()  # found online, used in the store
    assert (used["offer"] == 1).any()  # and the other way


def test_silos_lose_the_codes_of_other_channels() -> None:
    assert times("multichannel", rows.CODE_UNKNOWN) > 2 * times("omnichannel", rows.CODE_UNKNOWN)
    assert times("multichannel", rows.REDEEMED) < times("omnichannel", rows.REDEEMED)
