"""The war of newsletters: what comes from four sides is looked at again, wears out and clashes."""

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
def life(part: str = "", key: str = "") -> Any:
    """Return the log of multichannel, or of the same people with one number at 0."""
    scenario = load_scenario("spam-war-v1").with_customers(400)
    if part:
        scenario = scenario.changed({"world": {part: {key: 0.0}}})
    return log(run(scenario, load(scenario, "multichannel"), pilot=200), "multichannel")


def count(kind: int, *off: str) -> int:
    return int((life(*off)["kind"] == kind).sum())


def test_everything_of_the_story_happens() -> None:
    kinds = set(life()["kind"].tolist())
    assert {rows.LOOK_AGAIN, rows.UNSUBSCRIBE, rows.STOP_ALL, rows.CLICK, rows.ORDER} <= kinds


def test_seven_templates_wear_out() -> None:
    assert count(rows.OPEN) < count(rows.OPEN, "creatives", "wear")


def test_other_teams_themes_cost_attention() -> None:
    assert count(rows.OPEN) < count(rows.OPEN, "consistency", "clash")


def test_months_of_it_drive_more_away() -> None:
    assert count(rows.UNSUBSCRIBE) > count(rows.UNSUBSCRIBE, "fatigue", "slow")
