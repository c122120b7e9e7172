"""Deliveries, tills and desks in whole runs: what changes nothing, and what nobody does twice."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from omnilab.log import rows
from omnilab.scenario.model import Scenario
from tests.towns.fulfilment import nothing_is_done_twice
from tests.verification.worlds import DAY, load, log, run, same_rows
from tests.worlds import _CORNER, corner

OWN = (rows.PROMISE, rows.HANDED_OVER, rows.LINE_JOINED, rows.SERVED, rows.SERVICE_DONE)


def shop(customers: int, *patches: dict[str, Any], world: dict[str, Any] | None = None) -> Scenario:
    """Return a small corner shop whose web shop, app and store are changed."""
    channels = copy.deepcopy(_CORNER["channels"])
    for channel, patch in zip(channels, patches, strict=False):
        channel.update(patch)
    return corner(
        channels=channels, population={"customers": customers, "town": max(customers // 2, 2)},
        time={"burn_in": "10d", "window": "30d", "run_out": "5d"},
        **({"world": {**_CORNER["world"], **world}} if world else {}),
    )  # fmt: skip


def told(scenario: Scenario) -> Any:
    """Return the log under one strategy, its rows numbered anew without those of fulfilment."""
    found = log(run(scenario, load(scenario, "omnichannel"), pilot=2), "omnichannel")
    found = found[~np.isin(found["kind"], OWN)].copy()
    found["seq"] = 0
    return found


def test_a_way_that_is_free_and_as_fast_as_usual_changes_nothing() -> None:
    way = {"name": "home", "promised": "1min", "late": 0.0, "spread": 0.0}
    never = {"fulfilment": {"per_day": 0.0}}
    same_rows(told(shop(10, {"delivery": [way]}, world=never)), told(shop(10, world=never)))


def test_nobody_is_served_twice_and_no_order_comes_twice() -> None:
    till = {"servers": 1, "service": "20h", "spread": 1.0, "patience": "3h", "too_long": 0}
    ways = [
        {"name": "home", "promised": "1d", "late": 0.5, "return_fee": 2.0},
        {"name": "desk", "promised": "2h", "at": "store", "desk": till, "likes": 1.0,
         "slots": {"capacity": 1, "every": "4h"}},
    ]  # fmt: skip
    scenario = shop(24, {"delivery": ways}, {"till": till}, {"till": till})
    often = [{**c.model_dump(), "every": 3 * DAY} for c in scenario.categories]
    scenario = scenario.changed({"categories": often, "population": {"town": 24}})
    compared = load(scenario, "omnichannel")
    fast, slow = (run(scenario, compared, pilot=2, engine=e) for e in ("compiled", "simpy"))
    same_rows(log(fast, "omnichannel"), log(slow, "omnichannel"))
    nothing_is_done_twice(log(fast, "omnichannel"))
    kinds = set(log(fast, "omnichannel")["kind"].tolist())
    assert kinds >= {*OWN, rows.LINE_LEFT}
