"""The parts of a scenario stand in files of one idea, and all of them are had from the model."""

from __future__ import annotations

from importlib import import_module

import pytest
from pydantic import BaseModel

from omnilab.scenario import model


@pytest.mark.parametrize("part", ["calendar", "channels", "customers", "journeys", "means"])
def test_the_model_offers_all_parts(part: str) -> None:
    file = import_module(f"omnilab.scenario.{part}")
    assert [n for n in file.__all__ if getattr(model, n, None) is not getattr(file, n)] == []
    assert set(file.__all__) <= set(model.__all__)
    assert any(isinstance(x, type) and issubclass(x, BaseModel) for x in vars(file).values())
