"""Plans of live tests: their closed forms against tests that are drawn, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from unittest.mock import Mock, patch

import numpy as np
import pytest
from scipy import stats

from omnilab.errors import OptionError
from omnilab.experiment.gate.power import size_for, wrong_sign
from omnilab.experiment.live.planned import Arms, Wanted, _simulated, plan_test
from omnilab.experiment.statistics import Estimate
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy
from tests.cli.laboratory import SHOP
from tests.scenario.samples import load_text


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Scenario:
    return load_text(tmp_path, SHOP).with_customers(200)


def planned(shop: Scenario, a: str, b: str, **wanted):  # type: ignore[no-untyped-def]
    pair = load_strategy(a, shop), load_strategy(b, shop)
    return plan_test(Wanted(**wanted), shop, *pair)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_drawn_tests_find_the_difference_as_often_as_is_promised(share: float) -> None:
    """Two arms of other people, skewed as LTV is, by Welch's test."""
    rng, effect, runs = np.random.default_rng(1), 3.0, 3000
    sd = 8.0
    spread = sqrt(sd**2 / share + sd**2 / (1 - share))
    units = round(size_for(effect, spread, 0.025, 0.8))
    arms = Arms(30, Estimate(effect, 0, 0), effect, spread, units, units, 1.0, None)
    first = round(units * share)
    a = rng.gamma(4.0, sd / 2, (runs, first)) + effect
    b = rng.gamma(4.0, sd / 2, (runs, units - first))
    found = stats.ttest_ind(a, b, axis=1, equal_var=False)
    fired = ((found.pvalue < 0.05) & (found.statistic > 0)).mean()
    assert arms.power(units, 0.05) == pytest.approx(0.8, abs=0.02)
    assert fired == pytest.approx(arms.power(units, 0.05), abs=0.03)
    few = units // 8
    n = max(2, round(few * share))
    wrong = (a[:, :n].mean(axis=1) < b[:, : few - n].mean(axis=1)).mean()
    assert wrong == pytest.approx(wrong_sign(effect, spread / sqrt(few)), abs=0.03)


def test_a_plan_stands_on_the_spread_between_customers(shop: Scenario) -> None:
    found = planned(
        shop, "multichannel", "no_contact", measure="messages_per_customer", days=(30, 60),
        reach=500,
    )  # fmt: skip
    short, arms = found.durations
    assert (short.days, arms.days) == (30, 60)
    assert arms.difference == arms.simulated.value
    assert arms.difference > short.difference > 0
    power = [row["power"] for row in found.curve]
    wrong = [row["wrong_arm"] for row in found.curve]
    assert power == sorted(power)
    assert wrong == sorted(wrong, reverse=True)
    assert any(row["customers"] == 500 for row in found.curve)
    assert arms.power(arms.units, 0.05) >= 0.8 - 1e-3
    assert found.view is not None
    assert 0 <= found.view.several <= 1


def test_a_smaller_difference_takes_as_many_more_as_its_square(shop: Scenario) -> None:
    sizes = [
        planned(shop, "multichannel", "no_contact", measure="ltv", difference=d).arms.units
        for d in (0.1, 0.2)
    ]
    assert sizes[0] == pytest.approx(4 * sizes[1], rel=0.01)


@pytest.mark.parametrize(
    ("a", "wanted", "said"),
    [
        ("no_contact", {}, "against itself differs by 0"),
        (
            "multichannel",
            {"measure": "discount"},
            "is 0: there is nothing to confirm: name another strategy",
        ),
        ("multichannel", {"difference": 0.0}, "give the smallest difference that matters"),
        ("multichannel", {"measure": "ltvv"}, "did you mean 'ltv'"),
        ("multichannel", {"measure": "open_rate"}, "no mean over customers"),
        ("multichannel", {"unit": "town"}, "has no towns"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    shop: Scenario, a: str, wanted: dict[str, object], said: str
) -> None:
    with pytest.raises(OptionError) as error:
        planned(shop, a, "no_contact", **wanted)
    assert said in str(error.value)


def test_a_difference_that_may_be_0_says_how_many_to_simulate() -> None:
    with pytest.raises(OptionError) as error:
        _simulated(Estimate(0.5, -0.5, 1.5, 0.51), "ltv", 1000, "new", "old")
    assert "may be 0: +0.5 (-0.5 to +1.5): simulate 6,000 customers, or give" in str(error.value)
    assert _simulated(Estimate(0.5, 0.1, 0.9, 0.2), "ltv", 1000, "new", "old") == 0.5


def test_by_town_the_variance_is_that_of_towns(tmp_path: Path) -> None:
    text = SHOP.replace("customers: 200", "customers: 400\n  town: 20")
    towns = load_text(tmp_path, text)
    found = planned(
        towns, "multichannel", "no_contact", measure="messages_per_customer", unit="town"
    )
    assert found.view is None
    assert found.arms.per_unit == pytest.approx(20, rel=0.4)
    assert found.arms.customers == pytest.approx(found.arms.units * found.arms.per_unit, abs=1)
