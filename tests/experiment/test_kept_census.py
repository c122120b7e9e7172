"""A world that is run again in one process is not counted again; another world is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.engine import calibrate
from omnilab.experiment.kept_census import kept_census
from omnilab.lowering.model import build_model
from omnilab.scenario import load_scenario


def test_equal_worlds_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "PILOT_CUSTOMERS", 20)
    scenario = load_scenario("mapples-coffee-v1")
    counted: list[Any] = []
    census = calibrate.census

    def count(scenario: Any, model: Any) -> Any:
        counted.append(census(scenario, model))
        return counted[-1]

    monkeypatch.setattr(calibrate, "census", count)
    for customers in (50, 60):  # how many run says nothing of the pilot
        of_size = scenario.with_customers(customers)
        found = kept_census(of_size, build_model(of_size))
    assert len(counted) == 1
    for kept, own in zip(found, census(of_size, build_model(of_size)), strict=True):
        np.testing.assert_array_equal(kept, own)
    shorter = scenario.changed({"time": {"window": "350d"}})
    kept_census(shorter, build_model(shorter))
    assert len(counted) == 2
