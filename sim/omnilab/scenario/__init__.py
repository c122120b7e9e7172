"""Scenario files: YAML in, frozen and validated objects out, every error with its line."""

from __future__ import annotations

from typing import Any

from omnilab.scenario.catalogue import ShippedScenario, find_scenario, list_scenarios
from omnilab.scenario.load import load_scenario
from omnilab.scenario.model import Scenario
from omnilab.scenario.problem import FieldError, InvalidScenarioError
from omnilab.scenario.schema import file_schema
from omnilab.scenario.write import mapping_to_yaml, scenario_digest, scenario_to_yaml

__all__ = [
    "FieldError",
    "InvalidScenarioError",
    "Scenario",
    "ShippedScenario",
    "find_scenario",
    "json_schema",
    "list_scenarios",
    "load_scenario",
    "mapping_to_yaml",
    "scenario_digest",
    "scenario_to_yaml",
]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, with ``extends`` and presets."""
    return file_schema(Scenario)
