"""The weekly volume is only followed where it matters, and there it does."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from tests.verification.worlds import digests, load, run, world

NOTHING = {"exponent": 0.0, "convexity": 0.0, "spam_bad": 0.0}
LITTLE = {"ideal": 0.2, "ideal_sigma": 0.0}  # so little is welcome that most gets too much


def logs(fatigue: dict[str, Any], *, followed: bool | None) -> Any:
    scenario = world(population={"customers": 120}, world={"fatigue": LITTLE | NOTHING | fatigue})
    strategies = load(scenario)
    if followed is None:
        return digests(run(scenario, strategies))
    with patch("omnilab.lowering.model._crowds", return_value=followed):
        return digests(run(scenario, strategies))


def test_where_it_matters_to_nothing_the_log_is_the_same_without_it() -> None:
    assert logs({}, followed=None) == logs({}, followed=True) == logs({}, followed=False)


@pytest.mark.parametrize("fatigue", [{"exponent": 0.3}, {"convexity": 9.0}, {"spam_bad": 0.5}])
def test_where_it_matters_to_one_thing_it_is_followed(fatigue: dict[str, Any]) -> None:
    assert logs(fatigue, followed=None) == logs(fatigue, followed=True)
    assert logs(fatigue, followed=None) != logs(fatigue, followed=False)
