"""A base written out, so that what a log says can be put in its place by names."""

from __future__ import annotations

from typing import Any

from omnilab.scenario.document import parse_document
from omnilab.scenario.model import Scenario
from omnilab.scenario.tree import plain
from omnilab.scenario.write import scenario_to_yaml

__all__ = ["written_out"]


def written_out(origin: Scenario) -> dict[str, Any]:
    """Return a scenario as plain data: presets filled in, each channel and journey by its name."""
    written: dict[str, Any] = plain(parse_document(scenario_to_yaml(origin, brief=True), origin.id))
    written.setdefault("brand", {}).setdefault("journeys", [])
    return written
