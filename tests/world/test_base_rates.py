"""The numbers behind base rates: what the census counts, and the intercepts solved for it."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.engine import calibrate, intercepts
from omnilab.engine.calibrate import STANDING_STEP, _noted, census
from omnilab.engine.intercepts import intercept_at
from omnilab.log import rows
from tests.worlds import corner, model_of


def counted(match: np.ndarray, standing: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return a log of the census's rows, with rows of another kind between them."""
    log = np.zeros(2 * len(match), rows.ROW)
    log["kind"] = rows.VISIT
    log["kind"][::2] = rows.CENSUS
    log["time"][::2] = time
    seen = rows.columns(log, rows.CENSUS)
    seen.match[::2], seen.standing[::2] = match, standing
    return log


@pytest.mark.parametrize("blocks", [1, 3])
def test_the_census_counts_pairs_of_match_and_standing(
    monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    """As a table of pairs, sorted, does: also where standing lowers answers."""
    chance = np.random.default_rng(4)
    match = chance.choice([0, 250_000, 1_000_000], 600)
    standing = chance.integers(-3_000_000, 3_000_000, 600)
    time = chance.integers(0, 2_000, 600)
    scenario = corner()
    model = model_of(scenario)
    assert model.response.need != 0.0
    model.clock.switch = 1_000
    logs = np.array_split(counted(match, standing, time), blocks)
    monkeypatch.setattr(calibrate, "pilot_rows", lambda *_args, **_more: iter(logs))
    got = census(scenario, model)
    late = time >= 1_000
    steps = np.rint(standing[late] / 1e6 / STANDING_STEP)
    pairs, n = np.unique(np.stack([match[late], steps], axis=1), axis=0, return_counts=True)
    np.testing.assert_array_equal(got[0], pairs[:, 0] / 1e6)
    np.testing.assert_array_equal(got[1], n / n.sum())
    np.testing.assert_array_equal(got[2], pairs[:, 1].astype(int) * STANDING_STEP)
    assert len(_noted(logs[0], 0)) == len(match) // blocks


def slowly(shift: np.ndarray, joint: np.ndarray, target: float, again: float = 0.0) -> float:
    """Halve eighty times, whatever comes out."""
    low, high = -40.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2.0
        seen = 1.0 / (1.0 + np.exp(-np.clip(middle + shift, -700.0, 700.0)))
        if again:
            seen = 1.0 - (1.0 - seen) * np.exp(-again * seen)
        if float((joint * seen).sum()) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


@pytest.mark.parametrize("again", [0.0, 0.4, 25.0])
@pytest.mark.parametrize("width", [0.0, 0.3, 2.0, 300.0, 2000.0])
@pytest.mark.parametrize("target", [1e-9, 0.0003, 0.02, 0.5, 0.97])
def test_an_intercept_is_that_of_eighty_halvings(width: float, target: float, again: float) -> None:
    chance = np.random.default_rng(9)
    shift = chance.normal(0.0, 1.0, (5, 41)) * width
    joint = chance.random((5, 41))
    joint /= joint.sum()
    kept = shift.copy()
    assert intercept_at(shift, joint, target, again) == slowly(shift, joint, target, again)
    np.testing.assert_array_equal(shift, kept)


def test_most_halves_are_known_without_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    logistic = intercepts.logistic

    def counted(x: np.ndarray) -> np.ndarray:
        looked.append(x.size)
        return logistic(x)

    monkeypatch.setattr(intercepts, "logistic", counted)
    monkeypatch.setattr(intercepts, "_SOLVED", {})
    shift = np.random.default_rng(9).normal(0.0, 1.0, (30, 41))
    joint = np.full(shift.shape, 1.0 / shift.size)
    first = intercept_at(shift, joint, 0.2)
    assert len(looked) < 30
    # What was solved is not solved again, and what differs in one number is.
    n = len(looked)
    assert intercept_at(shift.copy(), joint.copy(), 0.2) == first
    assert len(looked) == n
    shift[3, 4] += 1e-3
    assert intercept_at(shift, joint, 0.2) == slowly(shift, joint, 0.2) != first
