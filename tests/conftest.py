"""What all tests share: the Hypothesis profiles and the neighbour folder with real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# A compiled kernel's first call takes seconds, so no deadline and no complaint about slow draws.
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# `default` draws the same examples each time, so that a change's tests fail for the change alone;
# `long` (make test-long) looks for new ones.
settings.register_profile(
    "default", max_examples=25, deadline=None, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile(
    "long", max_examples=300, deadline=None, print_blob=True, suppress_health_check=_SLOW
)
# `slow` (make test-slow) has the random worlds of tests/effort.py tried more often.
settings.register_profile(
    "slow", max_examples=25, deadline=None, derandomize=True, suppress_health_check=_SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the neighbour folder with published data, or skip where there is none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of published data is not there")
    return folder
