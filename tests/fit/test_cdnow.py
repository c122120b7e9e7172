"""The shipped `cdnow-v1`: its simulated customers buy as those of CDNOW did."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from omnilab.fit import (
    Occasions,
    cumulative_repeats,
    later_occasions,
    purchase_occasions,
    read_transactions,
    repeat_distribution,
    summarise,
)
from omnilab.fit.histories import groups_of, standing_of
from omnilab.fit.laws import Laws
from omnilab.fit.needs import Cohort, Needs
from omnilab.fit.scenario import simulated_occasions
from omnilab.fit.season import LEVEL
from omnilab.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "scenarios" / "cdnow-v1.yaml"
DATA = ROOT.parent / "shared" / "data" / "cdnow_weeks_1_39.csv.gz"
WEEKS = (13, 26, 39)


def simulated(seed: int) -> Occasions:
    """Return what all customers of the scenario buy, by its own number, under its status quo."""
    scenario = load_scenario(FILE)
    return simulated_occasions(scenario, scenario.time.window // 86_400, seeds=(seed,))


def facts(occasions: Occasions) -> tuple[np.ndarray, np.ndarray, float]:
    """Return repeats by the weeks a customer, shares with 0, 1, 2, 3+ repeats, mean spend."""
    n = occasions.n_customers
    curve = cumulative_repeats(occasions)[np.array(WEEKS) - 1] / n
    shares = repeat_distribution(summarise(occasions).frequency) / n
    return curve, shares, float(occasions.amount.mean())


def stated() -> tuple[np.ndarray, np.ndarray, float]:
    """Return the same, of the data, as the file's header states it."""
    header = FILE.read_text(encoding="utf-8")

    def number(words: str) -> float:
        found = re.search(rf"^# +{re.escape(words)}: +([0-9.,]+?)%?, ", header, re.MULTILINE)
        assert found, words
        return float(found[1].replace(",", ""))

    curve = [number(f"repeat purchases by week {week}") / 23_570 for week in WEEKS]
    words = ("0 repeats", "1 repeat", "2 repeats", "3+ repeats")
    shares = [number(f"customers with {word}") / 100 for word in words]
    return np.array(curve), np.array(shares), number("mean spend per order")


def test_the_header_states_the_data() -> None:
    if not DATA.is_file():
        pytest.skip("the folder of published data is not there")
    log = read_transactions(DATA, keep_zero=True, keep_duplicates=True)
    occasions = purchase_occasions(log)
    assert occasions.n_customers == load_scenario(FILE).population.customers == 23_570
    for stated_fact, fact in zip(stated(), facts(occasions), strict=True):
        np.testing.assert_allclose(stated_fact, fact, rtol=2e-4, atol=6e-4)


def test_groups_fitted_on_26_weeks_tell_the_orders_of_the_next_13() -> None:
    if not DATA.is_file():
        pytest.skip("the folder of published data is not there")
    log = read_transactions(DATA, keep_zero=True, keep_duplicates=True)
    end = date(1997, 7, 1)
    seen = purchase_occasions(log, end=end)
    later, days = later_occasions(log, end=end, days=91)
    assert later is not None
    assert (seen.n_days, days, len(later.customer)) == (182, 91, 7195)
    cohort = Cohort(seen)
    model = cohort.fit(LEVEL)
    mean = float(seen.amount.mean())
    needs = Needs(model.alpha / model.r, model.r, model.a, model.b, LEVEL, mean, 6.0, 4.0)
    laws = Laws(model.r, model.alpha, model.a, model.b)
    groups = groups_of(standing_of(cohort, laws, LEVEL), needs, mean, 91.0)
    assert sum(group.customers for group in groups) == 23_570
    assert sum(group.expected_orders(91.0) for group in groups) == pytest.approx(7195, rel=0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_simulated_customers_buy_as_those_of_the_data(seed: int) -> None:
    # An order is a customer's day, as in all that is published on CDNOW: 1,179 of the log's 49,086
    # rows (repeats of one day, many of them one purchase in two invoices) are added to another.
    occasions = simulated(seed)
    assert occasions.n_customers == 23_570
    curve, shares, spend = facts(occasions)
    wanted_curve, wanted_shares, wanted_spend = stated()
    assert np.abs(curve / wanted_curve - 1).max() < 0.03
    assert np.abs(shares - wanted_shares).max() < 0.015
    assert abs(spend / wanted_spend - 1) < 0.03
