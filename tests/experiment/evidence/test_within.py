"""Studies over worlds within what is assumed: what moves, and the interval that comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from scipy import stats

from omnilab.errors import OptionError
from omnilab.experiment.evidence.result import ClaimResult
from omnilab.experiment.evidence.running import StudyResult, run_study
from omnilab.experiment.evidence.study import Study
from omnilab.experiment.evidence.within import MovedStudy, moving, run_within, together
from omnilab.experiment.paths import number_at
from tests.experiment.evidence.studies import study

WITHIN = "omnilab.experiment.evidence.within"


def claim(value: float | None, error: float = 0.1, **more: Any) -> ClaimResult:
    half = None if value is None else stats.norm.ppf(0.975) * error
    return ClaimResult(
        claim="C1", study="S1", family="A", sign="+", kind="sign", simulated=value,
        low=None if value is None or half is None else value - half,
        high=None if value is None or half is None else value + half, **more,
    )  # fmt: skip


def half_of(found: ClaimResult) -> float:
    assert found.low is not None
    assert found.high is not None
    return (found.high - found.low) / 2


def test_where_worlds_agree_the_interval_is_that_of_chance_in_their_mean() -> None:
    found = together([claim(1.0)] * 8)
    assert found.simulated == pytest.approx(1.0)
    assert half_of(found) == pytest.approx(stats.t.ppf(0.975, 7) * 0.1 / np.sqrt(8))


def test_where_chance_is_none_the_interval_is_that_of_the_worlds() -> None:
    values = [0.2, 0.5, 0.9, 1.4]
    found = together([claim(v, 0.0) for v in values])
    assert found.simulated == pytest.approx(np.mean(values))
    assert half_of(found) == pytest.approx(stats.t.ppf(0.975, 3) * np.std(values, ddof=1))


def test_the_interval_has_the_next_world_in_it_as_often_as_it_says() -> None:
    rng, inside, runs = np.random.default_rng(1), 0, 2_000
    for _ in range(runs):
        worlds = rng.normal(3.0, 1.0, 9)
        seen = [claim(x, 0.5) for x in (worlds + rng.normal(0.0, 0.5, 9))[:8]]
        found = together(seen)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= worlds[8] <= found.high
    assert inside / runs == pytest.approx(0.93, abs=0.03)


def test_what_has_no_interval_in_most_worlds_has_none() -> None:
    bare = claim(1.0)
    bare = ClaimResult(**{**bare.__dict__, "low": None, "high": None})
    assert together([bare, bare, bare, claim(1.0)]).low is None
    lacks = claim(None, status="lacks", reason="something")
    assert together([lacks, lacks]) == lacks


def test_what_the_file_declares_does_not_move_and_the_rest_does(tmp_path: Path) -> None:
    free = moving(study(tmp_path))
    assert len(free) >= 3
    key, other = free[0].path, free[1].path
    base = {"scenario": "./shop.yaml", "changes": {key: free[0].at(0.5).value}}
    held = study(tmp_path, base=base)
    paths = [vary.path for vary in moving(held)]
    assert key not in paths
    assert other in paths


def test_a_moved_study_has_its_numbers_in_all_its_worlds(tmp_path: Path) -> None:
    whole = study(tmp_path)
    vary = moving(whole)[0]
    moved = MovedStudy(whole, {vary.path: vary.at(1.0).value})
    for world in moved.worlds(50):
        assert number_at(world.scenario, vary.path) == pytest.approx(vary.high)
        assert world.scenario.population.customers == 50


def test_worlds_that_cannot_be_run_are_left_out_unless_they_are_most(tmp_path: Path) -> None:
    whole = study(tmp_path)
    calls = 0

    def fails(every: int) -> Any:
        def run(one: Study, **more: Any) -> StudyResult:
            nonlocal calls
            calls += 1
            if calls % every == 0:
                raise OptionError("no value of it meets the rate")
            return run_study(one, **more)

        return run

    with patch(f"{WITHIN}.run_study", fails(4)):
        found = run_within(whole, 4, seed=3, customers=80)
    assert (found.worlds, found.asked) == (3, 4)
    with (
        patch(f"{WITHIN}.run_study", fails(1)),
        pytest.raises(OptionError, match="4 of 4 worlds can't be run: no value of it meets"),
    ):
        run_within(whole, 4, seed=3, customers=80)


def test_other_worlds_give_another_interval_than_chance_alone(tmp_path: Path) -> None:
    opens = {"channels.email.message.opt_in": 1.0, "world.fatigue.ideal": 50}
    visits = {
        "id": "ONE1",
        "title": "It is seen",
        "kind": "sign",
        "found": {"sign": "+"},
        "effect": {"outcome": "visits", "arm": "none", "as": "value"},
    }
    whole = study(
        tmp_path,
        base={"scenario": "./shop.yaml", "changes": opens},
        outcomes=[{"name": "visits", "count": "visit"}],
        claims=[visits],
    )
    found = run_within(whole, 4, seed=3, customers=300)
    alone = run_study(whole, seed=3, customers=300)
    assert [c.claim for c in found.claims] == [c.claim for c in alone.claims]
    assert [c.simulated for c in found.claims] != [c.simulated for c in alone.claims]
    assert (found.worlds, alone.worlds) == (4, 0)
