"""Gates and plans over customers that were simulated: their laws are skewed and full of zeros.

The twins of each cell swap their strategies at random: so nothing differs but by chance, and what
a strategy does to the spread of customers stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch

import numpy as np
import pytest
from scipy import stats

from omnilab.experiment.compare import compare
from omnilab.experiment.gate.decide import DISCUSS, DO_NOT, chance_of_failing, decide
from omnilab.experiment.live.planned import Wanted, _Values, plan_test
from omnilab.experiment.statistics import Moments
from omnilab.measure.catalogue import MEASURES
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP
from tests.experiment.gate.made import AT, gate_of
from tests.scenario.samples import load_text

pytestmark = pytest.mark.slow

RUNS = 400
PAIR = ("multichannel", "omnichannel")
GATE = """\
goal: {measure: ltv, better_by: 0 EUR}
guardrails:
  - {measure: unsubscribe_rate, worse_by: 0.1%}
  - {measure: complaint_rate, worse_by: 0.05%}
  - {measure: purchase_rate, worse_by: 1%}
"""
HARM = "goal: {measure: purchase_rate}\nguardrails:\n  - {measure: ltv, worse_by: 0.2 EUR}\n"
UNITS = 100_000  # of a euro in the sums of LTV


class Shop:
    """Customers of a shop under two strategies."""

    def __init__(self, folder: Path) -> None:
        self.scenario = load_text(folder, SHOP).with_customers(1500)
        self.values = _Values("ltv", PAIR)
        blocks: list[np.ndarray] = []
        add = Moments.add

        def keep(moments: Moments, block: np.ndarray) -> None:
            blocks.append(np.array(block))
            add(moments, block)

        with patch.object(Moments, "add", keep):
            compare(self.scenario, self.strategies, customers=self.values, quick=True, threads=1)
        #: Sums of each cell, shape ``(n_cells, 2, n_sums)``.
        self.cells = np.concatenate([b for b in blocks if len(b) > 1])

    @property
    def strategies(self) -> list:  # type: ignore[type-arg]
        return [load_strategy(name, self.scenario) for name in PAIR]

    def swapped(self, rng: np.random.Generator) -> np.ndarray:
        """Return the cells of as many drawn ones, each with its twins swapped or not."""
        cells = self.cells[rng.integers(0, len(self.cells), len(self.cells))]
        swap = rng.random(len(cells)) < 0.5
        cells[swap] = cells[swap][:, ::-1]
        return cells


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield Shop(tmp_path_factory.mktemp("shop"))


def moments(cells: np.ndarray) -> Moments:
    measures = ("ltv", "unsubscribe_rate", "complaint_rate", "purchase_rate")
    found = Moments(PAIR, {name: MEASURES[name] for name in measures})
    found.add(cells)
    return found


def test_where_nothing_differs_a_gate_speaks_in_at_most_5_percent(
    shop: Shop, tmp_path: Path
) -> None:
    gate, rng = gate_of(tmp_path, GATE), np.random.default_rng(1)
    verdicts = [
        decide(gate, moments(shop.swapped(rng)), PAIR[1], PAIR[0]).verdict for _ in range(RUNS)
    ]
    spoke = RUNS - verdicts.count(DISCUSS)
    assert stats.binomtest(spoke, RUNS, 0.05, alternative="greater").pvalue > 0.01, spoke
    assert spoke > 0  # the goal alone can speak, at its own level on each side


@pytest.mark.parametrize("times", [1.5, 3.0])
def test_planted_harm_fails_a_gate_as_often_as_is_promised(
    shop: Shop, tmp_path: Path, times: float
) -> None:
    gate, rng = gate_of(tmp_path, HARM), np.random.default_rng(2)
    drawn = [moments(shop.swapped(rng)).difference("ltv", *PAIR).error for _ in range(100)]
    errors = [error for error in drawn if error is not None]
    harm, n = 0.2 + times * float(np.mean(errors)), len(shop.cells)
    fired = 0
    for _ in range(RUNS):
        cells = shop.swapped(rng)
        persons = cells[:, 1, AT["persons"]]
        cells[:, 1, AT["ltv"]] -= np.rint(harm * UNITS * persons).astype(np.int64)
        fired += decide(gate, moments(cells), PAIR[1], PAIR[0]).verdict == DO_NOT
    # Few customers of a skewed law: the error that a plan begins with varies, and so its promise.
    promised = [chance_of_failing(-harm, 0.2, e, n, gate.level, len(gate.guards)) for e in errors]
    assert fired / RUNS == pytest.approx(float(np.mean(promised)), abs=0.06)


def test_drawn_live_tests_find_it_as_often_as_the_plan_says(shop: Shop) -> None:
    plan = plan_test(Wanted(difference=4.0), shop.scenario, *reversed(shop.strategies), threads=1)
    rng, values = np.random.default_rng(3), shop.values.values
    half = plan.arms.units // 2
    found = 0
    for _ in range(RUNS):
        old = rng.choice(values[0], half)
        new = rng.choice(values[1], half)
        new = new - values[1].mean() + values[0].mean() + plan.arms.difference
        test = stats.ttest_ind(new, old, equal_var=False)
        found += test.pvalue < plan.wanted.level and test.statistic > 0
    assert found / RUNS == pytest.approx(plan.wanted.power, abs=0.06)
