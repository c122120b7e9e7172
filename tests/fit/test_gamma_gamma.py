from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma

from omnilab.errors import DataError
from omnilab.fit import (
    GammaGamma,
    fit_gamma_gamma,
    purchase_occasions,
    read_transactions,
    summarise,
)
from omnilab.fit.gamma_gamma import _terms
from tests.fit.generative import spenders

PUBLISHED = GammaGamma(6.249, 3.745, 15.448)
models = st.builds(GammaGamma, st.floats(0.3, 20), st.floats(0.5, 12), st.floats(0.1, 500))


def test_the_published_model_has_the_published_mean():
    assert PUBLISHED.mean == pytest.approx(35.2, abs=0.05)


@pytest.mark.parametrize("n_orders", [1, 3, 12])
def test_the_density_is_one_customers_averaged_over_nu(n_orders):
    for z in (4.0, 35.0, 120.0):

        def one_customer(nu, z=z):
            # A mean of n gammas is a gamma.
            p, q, g = PUBLISHED.p, PUBLISHED.q, PUBLISHED.gamma
            mean = gamma.pdf(z, p * n_orders, scale=1 / (nu * n_orders))
            return mean * gamma.pdf(nu, q, scale=1 / g)

        average, _ = quad(one_customer, 0, 5, limit=400)
        density = float(np.exp(PUBLISHED.log_likelihood(n_orders, z)))
        assert density == pytest.approx(average, rel=1e-6)


def test_density_mean_and_spread_belong_together():
    def density(z):
        return float(np.exp(PUBLISHED.log_likelihood(1, z)))

    moments = [
        sum(quad(lambda z, k=k: z**k * density(z), lo, hi, limit=400)[0] for lo, hi in parts)
        for k in (0, 1, 2)
        for parts in [((0, 50), (50, 500), (500, np.inf))]
    ]
    assert moments[0] == pytest.approx(1, rel=1e-6)
    assert moments[1] == pytest.approx(PUBLISHED.mean, rel=1e-6)
    assert np.sqrt(moments[2] - moments[1] ** 2) == pytest.approx(PUBLISHED.sd, rel=1e-4)


@given(models, st.integers(1, 40), st.floats(0.01, 1e4))
def test_the_gradient_is_the_slope_of_the_likelihood(model, n_orders, mean):
    row = np.array([float(n_orders)]), np.array([mean])
    gradient = _terms(model, *row)[1][:, 0]
    theta = [model.p, model.q, model.gamma]
    for i in range(3):
        h = 1e-5 * theta[i]
        up, down = theta.copy(), theta.copy()
        up[i] += h
        down[i] -= h
        rise = GammaGamma(*up).log_likelihood(*row) - GammaGamma(*down).log_likelihood(*row)
        assert gradient[i] == pytest.approx(rise[0] / (2 * h), rel=1e-4, abs=1e-5)


def test_the_fit_finds_what_was_put_in_and_its_standard_errors_are_right():
    rng = np.random.default_rng(4)
    truth = (PUBLISHED.p, PUBLISHED.q, PUBLISHED.gamma)
    scores = []
    for seed in range(10):
        n_orders = 1 + rng.geometric(0.15, size=800)
        fit = fit_gamma_gamma(n_orders, spenders(PUBLISHED, n_orders, seed))
        scores.append(
            [
                np.log(e.value / true) / (e.standard_error / e.value)
                for e, true in zip(fit.estimates, truth, strict=True)
            ]
        )
        assert fit.notes == ()
        assert fit.model.mean == pytest.approx(PUBLISHED.mean, rel=0.15)
    scores = np.array(scores)
    assert (np.abs(scores.mean(axis=0)) < 4 / np.sqrt(10)).all()
    squares = (scores**2).mean(axis=0)
    assert (squares > 0.15).all()
    assert (squares < 2.9).all()


def test_moments_against_the_story_told_many_times():
    n = 30_000
    model = GammaGamma(3.0, 8.0, 70.0)
    one = spenders(model, np.ones(n, dtype=np.int64), seed=2)
    assert one.mean() == pytest.approx(model.mean, abs=4 * model.sd / np.sqrt(n))
    assert one.std() == pytest.approx(model.sd, rel=0.03)
    many = spenders(model, np.full(2000, 400), seed=3)
    assert many.std() == pytest.approx(model.sd_between, rel=0.09)


def test_an_expected_amount_lies_between_the_customers_mean_and_everybodys():
    assert PUBLISHED.expected_amount(0, np.nan) == pytest.approx(PUBLISHED.mean)
    few, many = PUBLISHED.expected_amount([1, 50], [100.0, 100.0])
    assert PUBLISHED.mean < few < many < 100
    # The law of total expectation: averaged over data, the mean comes back.
    n_orders = np.full(20_000, 2)
    amounts = spenders(PUBLISHED, n_orders, seed=9)
    back = PUBLISHED.expected_amount(n_orders, amounts)
    assert back.mean() == pytest.approx(PUBLISHED.mean, rel=0.015)


def test_the_currency_only_scales_gamma():
    n_orders = 1 + np.random.default_rng(1).geometric(0.4, size=2000)
    amounts = spenders(PUBLISHED, n_orders, seed=1)
    a, b = fit_gamma_gamma(n_orders, amounts), fit_gamma_gamma(n_orders, amounts * 1000)
    for one, other, factor in zip(a.estimates, b.estimates, (1, 1, 1000), strict=True):
        assert other.value == pytest.approx(factor * one.value, rel=1e-4)
    assert b.log_likelihood == pytest.approx(a.log_likelihood - 2000 * np.log(1000))
    assert a.log_likelihood == pytest.approx(a.model.log_likelihood(n_orders, amounts).sum())


def test_the_whole_cdnow_log_is_near_its_published_sample(shared_data):
    # The sample's customers aren't named in the log, so only nearness can be asked: the sample
    # is a tenth, its standard errors about 3.2 times those of the whole.
    log = read_transactions(shared_data / "cdnow_weeks_1_39.csv.gz", keep_duplicates=True)
    summary = summarise(purchase_occasions(log))
    fit = fit_gamma_gamma(summary.frequency, summary.monetary_value)
    for e, published in zip(fit.estimates, (6.249, 3.745, 15.448), strict=True):
        assert abs(e.value - published) < 2 * np.sqrt(1 + 10) * e.standard_error
    assert fit.model.mean == pytest.approx(PUBLISHED.mean, rel=0.04)


def test_heavy_tails_are_told():
    model = GammaGamma(4.0, 0.7, 10.0)
    assert model.mean == model.sd == model.sd_between == np.inf
    n_orders = np.full(1500, 3)
    fit = fit_gamma_gamma(n_orders, spenders(model, n_orders, seed=1))
    assert any("no finite mean" in note for note in fit.notes)
    model = GammaGamma(4.0, 1.6, 10.0)
    assert model.mean == pytest.approx(40 / 0.6)
    assert model.sd == np.inf
    fit = fit_gamma_gamma(n_orders, spenders(model, n_orders, seed=1))
    assert any("no finite variance" in note for note in fit.notes)


def test_customers_without_orders_or_money_are_left_out():
    n_orders = np.array([0, 2, 3, 1, 4, 2, 0])
    means = np.array([np.nan, 10.0, 20.0, 0.0, 15.0, 12.0, 50.0])
    assert fit_gamma_gamma(n_orders, means).n_customers == 4


def test_too_little_to_fit():
    with pytest.raises(DataError, match="2 customers with repeat orders"):
        fit_gamma_gamma([1, 1, 0], [5.0, 6.0, 7.0])
    with pytest.raises(DataError, match="every customer spends 5"):
        fit_gamma_gamma([1, 2, 3, 4], [5.0, 5.0, 5.0, 5.0])


@pytest.mark.parametrize("place", range(3))
def test_impossible_parameters(place):
    theta = [1.0, 1.0, 1.0]
    theta[place] = 0.0
    with pytest.raises(ValueError, match="above 0 and finite"):
        GammaGamma(*theta)
