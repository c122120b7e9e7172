"""Files of evidence over a small shop, for tests: a whole one, changed key by key."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from omnilab.experiment.evidence.declared import read_study
from omnilab.experiment.evidence.study import Study
from omnilab.scenario.write import scenario_to_yaml
from tests.verification.worlds import world

#: One mailshot to everybody with an address, on the second day.
MAILSHOT = {
    "name": "mailshot", "trigger": "once", "day": 1, "sequence": ["email"],
    "steps": [{"message": {"shows": "generic", "channels": ["email"]}}],
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "id": "ONE26",
    "title": "A mailshot",
    "family": "E content",
    "source": {"citation": "Nobody 2026", "how_read": "abstract", "design": "RCT"},
    "base": {"scenario": "./shop.yaml"},
    "customers": 300,
    "warm_up": "30d",
    "window": "28d",
    "run_out": "14d",
    "arms": [
        {"name": "none", "control": True, "without": "all"},
        {"name": "sent", "without": "all", "journeys": [MAILSHOT]},
    ],
    "outcomes": [
        {"name": "orders", "measure": "orders_per_customer"},
        {"name": "buys", "any": "order"},
    ],
    "claims": [
        {
            "id": "ONE1", "title": "It sells", "kind": "sign", "found": {"sign": "+"},
            "effect": {"outcome": "orders", "arm": "sent"},
        }
    ],
}  # fmt: skip


def tree(**changes: Any) -> dict[str, Any]:
    """Return a whole file's data with other values under some keys; None takes one away."""
    found = copy.deepcopy(WHOLE) | changes
    return {key: value for key, value in found.items() if value is not None}


def write(folder: Path, data: dict[str, Any], name: str = "one.yaml") -> Path:
    """Write a file of evidence, a key a line, and the shop that it is about."""
    if not (shop := folder / "shop.yaml").exists():
        shop.write_text(scenario_to_yaml(world()))
    path = folder / name
    path.write_text(dumped(data))
    return path


def study(folder: Path, **changes: Any) -> Study:
    """Return a study that was read from a changed file."""
    return read_study(write(folder, tree(**changes)))


def dumped(data: dict[str, Any]) -> str:
    """Return data as YAML: a line for each key at the top, and for each item of a list there."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            lines += [f"{key}:", *(f"  - {json.dumps(item)}" for item in value)]
        else:
            lines.append(f"{key}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"
