"""The adjustment: it finds needs that lie behind losses and delays it knows nothing of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from omnilab.errors import DataError
from omnilab.fit import GammaGamma, Occasions, occasions_of
from omnilab.fit.adjust import adjust
from omnilab.fit.likely import choose_laws, past_of
from omnilab.fit.misfit import Misfit, Noise, misfit_of
from omnilab.fit.needs import Cohort, Needs, found_season
from omnilab.fit.needs import first_guess as first_guess_of
from omnilab.fit.season import LEVEL, calendar_of, monthly_repeats, ratio, stopped_months
from tests.fit.shop import DAY, shop

TRUTH = Needs(40.0, 0.6, 0.8, 1.6, LEVEL, 30.0, 6.0, 4.0)
SPEND = GammaGamma(6.0, 4.0, 15.0)


def first_guess(cohort: Cohort, spend: GammaGamma) -> Needs:
    """Return needs as though each were an order at once, with the log's season."""
    season = found_season(cohort)
    laws = choose_laws(past_of(cohort.occasions, season)).laws
    return first_guess_of(cohort, laws, season, spend)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Return customers who lose half of their needs and are late with the rest; busy in March."""
    return Cohort(shop(TRUTH, 6000, conversion=0.5, delay=6.0, seed=5, busy=1.5))


def test_the_first_guess_has_the_orders_of_needs_that_are_orders_at_once() -> None:
    cohort = Cohort(shop(TRUTH, 6000, seed=2, busy=1.5))
    guess = first_guess(cohort, SPEND)
    assert 1 / guess.every == pytest.approx(1 / 40.0 * 1.05, rel=0.15)
    assert guess.season[2] / np.mean([guess.season[m] for m in (3, 4, 5)]) > 1.25
    model_repeats = misfit_of(cohort.occasions, shop(guess, 6000, seed=8)).curve
    assert max(map(abs, model_repeats)) < 0.09


@pytest.mark.slow
def test_simulated_customers_match_the_log(cohort: Cohort) -> None:
    start = first_guess(cohort, SPEND)

    def simulate(needs: Needs) -> Occasions:
        # Unlike the closed forms: late, with discounts, and twice as apt to leave.
        harsh = replace(needs, b=needs.b / 2)
        return shop(harsh, 6000, conversion=0.4, delay=12.0, seed=11, paid=0.9)

    before = misfit_of(cohort.occasions, simulate(start.rounded()))
    told: list[Misfit] = []
    found = adjust(cohort, start, simulate, tell=lambda _n, misfit: told.append(misfit))
    assert max(map(abs, before.curve)) > 0.2  # else there was nothing to adjust
    assert max(map(abs, found.misfit.curve)) < 0.02
    assert max(map(abs, found.misfit.shares)) < 0.01
    assert abs(found.misfit.spend) < 0.02
    assert found.misfit == min(told, key=lambda misfit: misfit.total)
    assert found.needs == found.needs.rounded()
    # What it returns is what those parameters give, and again the same.
    assert misfit_of(cohort.occasions, simulate(found.needs)) == found.misfit
    again: list[Misfit] = []
    adjust(cohort, start, simulate, rounds=2, tell=lambda _n, misfit: again.append(misfit))
    assert again == told[:2]


@pytest.mark.slow
def test_needs_are_more_frequent_where_half_of_them_are_lost(cohort: Cohort) -> None:
    start = first_guess(cohort, SPEND)
    found = adjust(cohort, start, lambda n: shop(n, 6000, conversion=0.5, delay=6.0, seed=5))
    assert found.needs.every < 0.75 * start.every
    assert found.needs.every == pytest.approx(TRUTH.every, rel=0.2)


def test_a_match_at_once_needs_one_round(cohort: Cohort) -> None:
    found = adjust(cohort, TRUTH, lambda _n: cohort.occasions)
    assert (found.rounds, found.needs) == (1, TRUTH)
    assert found.misfit.size == 0


def test_a_shop_where_nobody_buys_again_is_an_error(cohort: Cohort) -> None:
    n = 100
    silent = occasions_of(np.arange(n), np.zeros(n, dtype=np.int64), np.full(n, 30.0), n_days=273)
    with pytest.raises(DataError, match="hardly ever buy again"):
        adjust(cohort, TRUTH, lambda _n: silent)


def test_numbers_stay_within_what_a_file_can_hold() -> None:
    wild = replace(TRUTH, every=1e9, shape=1e-9, a=1e9, b=0.0, q=0.7, spend=0.0, season=(1e9,) * 12)
    tame = wild.rounded()
    assert (tame.shape, tame.a, tame.b, tame.q, tame.spend) == (0.02, 1000.0, 0.02, 1.2, 0.01)
    assert tame.every == 20_000.0
    assert set(tame.season) == {20.0}


@pytest.mark.parametrize(
    ("a", "b"), [(1163.0, 2.4e6), (2.4e6, 1163.0), (0.004, 0.008), (0.8, 1.6), (40_000.0, 10_000.0)]
)
def test_limits_keep_the_share_that_leaves(a: float, b: float) -> None:
    tame = replace(TRUTH, a=a, b=b).rounded()
    assert tame.a / (tame.a + tame.b) == pytest.approx(a / (a + b), rel=2e-3)
    assert min(tame.a, tame.b) >= 0.02
    assert tame.a + tame.b <= 1001


@pytest.mark.slow
def test_a_log_in_which_hardly_anybody_leaves() -> None:
    # Its likelihood is flat towards shapes in the millions.
    faithful = replace(TRUTH, a=1.0, b=4000.0)
    cohort = Cohort(shop(faithful, 6000, conversion=0.6, seed=3))
    start = first_guess(cohort, SPEND)
    assert start.a + start.b < 1001
    likely = choose_laws(past_of(cohort.occasions))
    assert not likely.dropout_identified
    # That some leave at once and the others never looks like rates near 0 (of a correlation of .94
    # with r): the mean chance may be some 5% then, of who stayed once it is below 1%.
    assert likely.laws.a / (likely.laws.a + likely.laws.b + 1) < 0.01
    found = adjust(
        cohort, start, lambda n: shop(n, 6000, conversion=0.4, delay=6.0, seed=4), leaving=False
    )
    assert not found.misfit.far
    # The log does not tell it: it stays where likelihood and prior put it.
    assert (found.needs.a, found.needs.b) == (start.rounded().a, start.rounded().b)


def test_what_is_far() -> None:
    assert not Misfit((0.029, -0.029), (0.0149, -0.0149), -0.029).far
    assert Misfit((0.0, -0.031), (0.0, 0.0), 0.0).far
    assert Misfit((0.0, 0.0), (0.0, -0.016), 0.0).far
    assert Misfit((0.0, 0.0), (0.0, 0.0), 0.031).far


def test_nothing_is_far_within_three_standard_errors_of_a_small_log() -> None:
    noise = Noise(curve=(0.04, 0.03), shares=(0.02, 0.01), spend=0.05)
    assert not Misfit((0.11, -0.08), (0.05, -0.02), -0.14, noise=noise).far
    assert Misfit((0.13, 0.0), (0.0, 0.0), 0.0, noise=noise).far
    assert Misfit((0.0, 0.0), (0.0, 0.031), 0.0, noise=noise).far
    # And half of one is close enough to stop.
    assert Misfit((0.019, -0.014), (0.009, 0.004), 0.02, noise=noise).size < 1
    assert Misfit((0.0, 0.016), (0.0, 0.0), 0.0, noise=noise).size > 1


def test_the_noise_of_a_log_is_what_samples_of_it_differ_by() -> None:
    logs = [shop(TRUTH, 300, seed=seed) for seed in range(40)]
    found = [misfit_of(logs[0], log, tailed=True, regular=True) for log in logs[1:]]
    alone = 2**-0.5  # of the two logs' errors together, each with half of the variance
    for part in ("spend", "regularity"):
        said = alone * np.mean([getattr(one.noise, part) for one in found])
        assert np.std([getattr(one, part) for one in found]) == pytest.approx(said, rel=0.45), part
    for part in ("curve", "shares"):
        said = alone * np.mean([getattr(one.noise, part) for one in found], axis=0)
        have = np.std([getattr(one, part) for one in found], axis=0)
        np.testing.assert_allclose(have, said, rtol=0.45, err_msg=part)


def test_the_noise_of_a_spread_is_that_of_customers_whose_orders_are_alike() -> None:
    """Of a law that has a fourth moment: without one, a spread has no standard error."""
    alike = replace(TRUTH, p=40.0, q=12.0)
    logs = [shop(alike, 1000, seed=seed) for seed in range(40)]
    found = [misfit_of(logs[0], log, tailed=True) for log in logs[1:]]
    said = 2**-0.5 * np.mean([one.noise.spread for one in found])
    assert np.std([one.spread for one in found]) == pytest.approx(said, rel=0.2)


def test_months_the_log_does_not_cover_are_average() -> None:
    occasions = occasions_of(
        np.array([0, 0, 1]), np.array([0, 40, 50]) * DAY, np.ones(3), n_days=60,
        start=shop(TRUTH, 2).start,
    )  # fmt: skip
    calendar = calendar_of(occasions)
    assert list(np.flatnonzero(calendar.seen)) == [0, 1]
    season = calendar.levelled(np.array([2.0, 1.0] + [9.0] * 10))
    assert season == (2 / 1.5, 1 / 1.5, *[1.0] * 10)
    assert list(monthly_repeats(occasions, calendar)) == [0, 1] + [0] * 10
    clock = calendar.clock(season)
    assert clock[31] == pytest.approx(31 * 2 / 1.5)


def test_few_repeats_make_no_season() -> None:
    few = np.array([3.0, 0.0] + [0.0] * 10)
    assert np.abs(ratio(few, few[::-1]) - 1).max() < 0.1
    many = 1000 * few + 1000
    assert ratio(many, np.full(12, 1.0))[0] > 2


def test_a_season_that_runs_away_is_stopped_and_named() -> None:
    """No month moves further than twice from the log's own factor, nor beyond 0.1 to 8."""
    occasions = occasions_of(
        np.array([0, 1]), np.array([0, 50]) * DAY, np.ones(2), n_days=366,
        start=date(2024, 1, 1),
    )  # fmt: skip
    calendar = calendar_of(occasions)
    near = (1.0, 1.0, 6.0, 0.15, *(1.0,) * 8)
    wild = np.array([5.0, 0.2, 90.0, 0.001, *(1.0,) * 8])
    season = calendar.levelled(wild * 12 / wild.sum(), near)
    assert season[1:4] == (0.5, 8.0, 0.1)
    assert stopped_months(season, near)[:3] == [
        "February at 0.50", "March at 8.00", "April at 0.10",
    ]  # fmt: skip
    assert stopped_months((2.0, 0.5, 1.9, 0.6, *(1.0,) * 8), LEVEL) == [
        "January at 2.00", "February at 0.50",
    ]  # fmt: skip
    assert stopped_months(LEVEL, LEVEL) == []


@pytest.mark.slow
def test_the_adjustment_does_not_follow_a_month_that_runs_away(cohort: Cohort) -> None:
    """Nobody simulated orders in August, whatever its factor: it would grow round by round."""
    start = replace(TRUTH, every=60.0)

    def simulate(needs: Needs) -> Occasions:
        found = shop(needs, 3000, conversion=0.5, seed=11)
        days = found.time_s // DAY
        kept = found.first | (calendar_of(found).month[days] != 7)
        return occasions_of(
            found.customer[kept], found.time_s[kept], found.amount[kept], n_days=found.n_days,
            start=found.start,
        )  # fmt: skip

    seen: list[Needs] = []
    adjust(cohort, start, lambda n: (seen.append(n), simulate(n))[1], rounds=5)
    assert max(n.season[7] for n in seen) == pytest.approx(2.0)
    assert "August at 2.00" in stopped_months(seen[-1].season, start.season)
