"""How many random worlds a test tries: few in `make test`, many in `make test-slow`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")


def random_worlds(few: int, many: int = 25) -> Callable[[Any], Any]:
    """Return a decorator for a test that simulates what Hypothesis draws.

    It tries ``few`` examples in `make test` and ``many`` in `make test-slow`, whose first ones
    those are; in `make test-long` twelve times as many. A failing world is not made smaller: that
    would take hours.
    """
    examples = {"slow": many, "long": 12 * many}.get(PROFILE, few)
    tried = settings(
        max_examples=examples,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: pytest.mark.worlds(tried(test))
