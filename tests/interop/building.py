"""A small shop whose exports the tests look at, made once a session."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any
from unittest.mock import Mock, patch

import yaml

from omnilab.interop.source import Source
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP
from tests.verification.worlds import merged

PEOPLE = 60

_CHANGES: dict[str, Any] = {
    "id": "interop-v1",
    "population": {"customers": PEOPLE},
    "channels": [
        {"name": "web", "silo": "web", "visit": {
            "completes": 0.6, "idle": 1.0,
            "identifiers": [{"type": "cookie", "share": 1.0},
                            {"type": "email", "share": 0.9, "when": "order"}]}},
        {"name": "email", "silo": "email", "message": {
            "address": "email", "delivered": 0.98, "open": 0.4, "click": 0.1, "opt_out": 0.002,
            "cost": 0.01, "landing": "web", "opt_in": 0.7, "machine_opens": 0.3,
            "hidden_opens": 0.2, "scanner_clicks": 0.05}},
    ],
}  # fmt: skip


def shop(**changes: Any) -> Scenario:
    """Return the shop, changed."""
    tree = merged(merged(copy.deepcopy(yaml.safe_load(SHOP)), _CHANGES), changes)
    return Scenario.model_validate(tree)


@cache
def source(**changes: Any) -> Source:
    """Return the shop's export under `multichannel`, its customers having lived."""
    scenario = shop(**{k: dict(v) for k, v in changes.items()})
    found = Source(
        scenario, (load_strategy("multichannel", scenario),), load_strategy("no_contact", scenario),
        seed=3,
    )  # fmt: skip
    with quick():
        _ = found.lives, found.crediting
    return found


def quick() -> Any:
    """Leave out what only makes patterns exact: a pilot of few customers, no regularity."""
    from contextlib import ExitStack

    stack = ExitStack()
    stack.enter_context(patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40))
    stack.enter_context(patch("omnilab.engine.calibrate.solve_regularity", Mock()))
    return stack
