"""The laws' doubt is honest: the truth of simulated towns lies in it as often as it says.

References
----------
Talts, Betancourt, Simpson, Vehtari & Gelman (2018), Validating Bayesian inference algorithms with
simulation-based calibration.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from omnilab.fit.laws import Laws
from omnilab.fit.likely import fit_laws, past_of
from tests.fit.town import town

DAYS, CUSTOMERS, DRAWS = 200, 600, 99
#: Truths are drawn from these, and the same are the priors of the fit: else ranks need not be even.
TOWNS = {
    "r": (math.log(0.8), 0.4),
    "alpha": (math.log(16.0), 0.6),
    "leaves": (math.log(0.15 / 0.85), 0.5),
    "alike": (math.log(4.0), 0.4),
}


def laws_at(x: np.ndarray, stages: int) -> Laws:
    mean, alike = 1 / (1 + math.exp(-x[2])), math.exp(x[3])
    a, b = mean * alike, (1 - mean) * alike
    return Laws(math.exp(x[0]), math.exp(x[1]), a, b, stages=stages)


@pytest.mark.parametrize("stages", [1, 3])
def test_orders_of_a_town_follow_its_laws(stages: int) -> None:
    """Repeats, the first gap and the later ones, and who leaves, as the laws have them."""
    laws = Laws(400.0, 400.0 * 12.0, 200.0, 3800.0, stages=stages)  # all alike: 12 days
    found = town(laws, 1200, 240, seed=4)
    past = past_of(found.occasions)
    # Who left after the m-th repeat: a geometric chance of 5%, of all repeats that were made.
    assert found.left["annoyed"] == 0
    share = found.left["order"] / past.repeats.sum()
    assert share == pytest.approx(0.05, abs=4 * math.sqrt(0.05 / past.repeats.sum()) + 0.004)
    first = past.gap == past.until
    for gaps in (past.gap[first], past.gap[~first]):
        early = gaps[gaps < 40]  # later ones may be cut by the window's end
        usual = stats.gamma(stages, scale=12.0 / stages)
        mean = usual.expect(lambda t: t, ub=40.0, conditional=True)
        assert early.mean() == pytest.approx(
            mean, abs=4 * early.std() / math.sqrt(len(early)) + 0.2
        )


@pytest.mark.long
def test_ranks_are_even_over_known_towns() -> None:
    """The rank of the truth among draws of the posterior, over 200 towns of the simulated world."""
    rng = np.random.default_rng(8)
    ranks: dict[str, list[int]] = {"r": [], "pace": [], "leaves": []}
    for number in range(200):
        x = np.array([rng.normal(*TOWNS[name]) for name in ("r", "alpha", "leaves", "alike")])
        truth = laws_at(x, stages=1 + number % 2)
        past = past_of(town(truth, CUSTOMERS, DAYS, seed=1000 + number).occasions)
        found = fit_laws(past, truth, bursts=False, priors=TOWNS)
        assert found.dropout_identified
        draws = found.draws(DRAWS, seed=number)
        mean = truth.a / (truth.a + truth.b)
        ranks["r"].append(sum(one.r < truth.r for one in draws))
        pace = truth.alpha / truth.r
        ranks["pace"].append(sum(one.alpha / one.r < pace for one in draws))
        ranks["leaves"].append(sum(one.a / (one.a + one.b) < mean for one in draws))
    for name, found_ranks in ranks.items():
        counts = np.histogram(found_ranks, bins=10, range=(0, DRAWS + 1))[0]
        print(f"{name}: {counts.tolist()}, p {stats.chisquare(counts).pvalue:.3f}")
        assert stats.chisquare(counts).pvalue > 0.005, (name, counts)
