"""What all tests share: the Hypothesis profiles and the neighbour folder with real data."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A fit's matrices have a few hundred numbers, for which threads of their own cost more than they
# give; and a second worker's tests take the other core. It is read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests import fast_records

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


fast_records.put_in()
# Tests leave little that only a search finds, and each search costs as much as a test.
gc.set_threshold(20_000, 20, 20)


def pytest_collection_finish() -> None:
    """Leave ten thousand collected tests out of each search for garbage."""
    gc.collect()
    gc.freeze()


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
