from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta, gamma, hyp2f1

from omnilab.errors import DataError
from omnilab.fit import BgNbd, Summary, fit_bgnbd
from omnilab.fit.bgnbd import _terms
from tests.fit.generative import buyers, summary_of

CDNOW = BgNbd(0.2426, 4.4135, 0.7929, 2.4258)
PLAIN = BgNbd(1.3, 6.0, 1.5, 4.0)
models = st.builds(
    BgNbd,
    st.floats(0.1, 8),
    st.floats(0.5, 50),
    st.floats(0.2, 8),
    st.floats(0.3, 20),
)


def test_the_published_sample_has_the_published_maximum(shared_data):
    sample = pd.read_csv(shared_data / "cdnow_sample_summary.csv")
    summary = Summary(
        sample["frequency"].to_numpy(),
        sample["recency"].to_numpy(),
        sample["T"].to_numpy(),
        np.full(len(sample), np.nan),
    )
    fit = fit_bgnbd(summary)
    assert [round(e.value, 4) for e in fit.estimates] == [0.2426, 4.4135, 0.7929, 2.4258]
    assert round(fit.log_likelihood, 2) == -9582.43
    assert fit.n_customers == 2357
    assert fit.notes == ()
    # The paper's own rounded parameters are a hair below it.
    paper = BgNbd(0.243, 4.414, 0.793, 2.426)
    there = paper.log_likelihood(summary.frequency, summary.recency, summary.T).sum()
    assert fit.log_likelihood - 0.01 < there < fit.log_likelihood


@pytest.mark.parametrize("model", [CDNOW, PLAIN])
@pytest.mark.parametrize("history", [(0, 0.0, 7.0), (1, 2.0, 9.0), (4, 6.5, 20.0), (3, 5.0, 5.0)])
def test_the_likelihood_is_the_one_customers_share_averaged_over_the_mixing_laws(model, history):
    x, t_x, t = history

    def over_rates(until):
        """E[rate**x exp(-rate until)]; in v = rate**r, which takes the density's pole away."""

        def at(v):
            return v ** (x / model.r) * np.exp(-(model.alpha + until) * v ** (1 / model.r))

        top = (60 / (model.alpha + until)) ** model.r
        area, _ = quad(at, 0, top, epsabs=0, epsrel=1e-10, limit=200)
        return area * model.alpha**model.r / (model.r * gamma(model.r))

    def over_chances(stops, goes_on):
        """E[p**stops (1 - p)**goes_on]."""
        ends = (model.a - 1, model.b - 1)
        area, _ = quad(lambda p: p**stops * (1 - p) ** goes_on, 0, 1, weight="alg", wvar=ends)
        return area / beta(model.a, model.b)

    average = over_chances(0, x) * over_rates(t)
    if x:
        average += over_chances(1, x - 1) * over_rates(t_x)
    assert np.exp(model.log_likelihood(x, t_x, t)) == pytest.approx(average, rel=1e-7)


@given(models, st.integers(0, 30), st.floats(0, 1), st.floats(0.1, 200))
def test_the_gradient_is_the_slope_of_the_likelihood(model, x, part, age):
    history = np.array([float(x)]), np.array([part * age if x else 0.0]), np.array([age])
    gradient = _terms(model, *history)[1][:, 0]
    for i, name in enumerate(("r", "alpha", "a", "b")):
        theta = [model.r, model.alpha, model.a, model.b]
        h = 1e-5 * theta[i]
        up, down = theta.copy(), theta.copy()
        up[i] += h
        down[i] -= h
        rise = BgNbd(*up).log_likelihood(*history) - BgNbd(*down).log_likelihood(*history)
        assert gradient[i] == pytest.approx(rise[0] / (2 * h), rel=1e-4, abs=1e-5), name


def test_the_likelihood_stays_finite_where_its_terms_leave_the_range_of_floats():
    model = BgNbd(0.01, 1e-3, 1e-3, 1e4)
    values = model.log_likelihood([0, 1, 5000, 5000], [0, 1e-6, 900, 1], [1e4, 1e4, 1e4, 1e4])
    assert np.isfinite(values).all()
    assert (values[1:] < 0).any()


@given(models, st.floats(0, 300))
def test_expected_repeats_are_the_papers_closed_form(model, t):
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    if abs(a - 1) < 0.02:  # the closed form's pole
        a = model.a + 0.05
    z = t / (alpha + t)
    closed = (a + b - 1) / (a - 1)
    closed *= 1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, z)
    ours = BgNbd(r, alpha, a, b).expected_repeats(t)
    assert ours == pytest.approx(closed, rel=1e-6, abs=1e-8)


def test_expected_repeats_have_no_pole_and_keep_the_shape_of_the_ages():
    around = [BgNbd(0.5, 3.0, a, 2.0).expected_repeats(30.0) for a in (1 - 1e-6, 1.0, 1 + 1e-6)]
    assert around[0] > around[1] > around[2]
    assert around[0] == pytest.approx(around[2], rel=1e-5)
    ages = np.array([[0.0, 1.0], [5.0, 1.0]])
    expected = CDNOW.expected_repeats(ages)
    assert expected.shape == ages.shape
    assert expected[0, 0] == 0
    assert expected[0, 1] == expected[1, 1]


def test_hardly_stopping_customers_buy_as_a_mixed_poisson_does():
    model = BgNbd(2.0, 5.0, 1e-4, 1e4)
    assert model.expected_repeats(30.0) == pytest.approx(2.0 / 5.0 * 30, rel=1e-4)


@given(models, st.floats(0, 60))
def test_probabilities_add_up_and_agree_with_likelihood_and_mean(model, t):
    top = 400
    chances = model.repeat_probabilities(t, top=top)
    assert chances.shape == (top + 1,)
    assert (chances >= 0).all()
    assert chances.sum() == pytest.approx(1)
    assert chances[0] == pytest.approx(float(np.exp(model.log_likelihood(0, 0.0, t))))
    if chances[-1] < 1e-9:
        mean = float(chances @ np.arange(top + 1))
        assert mean == pytest.approx(float(model.expected_repeats(t)), rel=1e-5, abs=1e-5)


def test_probabilities_take_counts_together_from_the_top_on():
    t = np.array([3.0, 20.0])
    fine, coarse = CDNOW.repeat_probabilities(t, top=9), CDNOW.repeat_probabilities(t, top=3)
    assert coarse.shape == (2, 4)
    assert coarse[:, :3] == pytest.approx(fine[:, :3])
    assert coarse[:, 3] == pytest.approx(fine[:, 3:].sum(axis=1))


@pytest.mark.parametrize("model", [CDNOW, PLAIN])
def test_closed_forms_against_the_story_told_many_times(model):
    n, age = 20_000, 39.0
    frequency, _ = buyers(model, np.full(n, age), seed=5)
    error = frequency.std() / np.sqrt(n)
    assert abs(frequency.mean() - float(model.expected_repeats(age))) < 4 * error
    chances = model.repeat_probabilities(age, top=6)
    shares = np.bincount(np.minimum(frequency, 6), minlength=7) / n
    assert (np.abs(shares - chances) < 4 * np.sqrt(chances * (1 - chances) / n)).all()


@pytest.mark.slow
def test_the_fit_finds_what_was_put_in_and_its_standard_errors_are_right():
    rng = np.random.default_rng(3)
    scores = []
    for seed in range(12):
        ages = rng.uniform(20, 60, size=1000)
        fit = fit_bgnbd(summary_of(PLAIN, ages, seed))
        assert fit.log_likelihood >= PLAIN.log_likelihood(*_columns(PLAIN, ages, seed)).sum()
        # Compared in logarithms, where the estimates are nearer to normal.
        scores.append(
            [
                np.log(e.value / true) / (e.standard_error / e.value)
                for e, true in zip(fit.estimates, (1.3, 6.0, 1.5, 4.0), strict=True)
            ]
        )
    scores = np.array(scores)
    assert (np.abs(scores.mean(axis=0)) < 4 / np.sqrt(12)).all()
    # 12 squares each: mean 1, standard deviation sqrt(2/12) = .41.
    squares = (scores**2).mean(axis=0)
    assert (squares > 0.2).all()
    assert (squares < 2.7).all()


def _columns(model, ages, seed):
    return (*buyers(model, ages, seed), ages)


def test_the_unit_of_time_only_scales_alpha():
    ages = np.random.default_rng(8).uniform(10, 50, size=3000)
    weeks = summary_of(PLAIN, ages, seed=8)
    days = Summary(weeks.frequency, weeks.recency * 7, weeks.T * 7, weeks.monetary_value, "day")
    a, b = fit_bgnbd(weeks), fit_bgnbd(days)
    scale = (1, 7, 1, 1)
    for one, other, factor in zip(a.estimates, b.estimates, scale, strict=True):
        assert other.value == pytest.approx(factor * one.value, rel=1e-4)
        assert other.standard_error == pytest.approx(factor * one.standard_error, rel=1e-3)
    assert b.unit == "day"
    ages = [3.0, 30.0]
    assert a.model.expected_repeats(ages) == pytest.approx(
        b.model.expected_repeats([21.0, 210.0]), rel=1e-5
    )


def test_parameters_the_data_say_nothing_of_are_said_to_be_loose():
    # Nobody ever stops: a and b can't both be told.
    model = BgNbd(2.0, 4.0, 1e-5, 1e5)
    fit = fit_bgnbd(summary_of(model, np.full(2000, 30.0), seed=1))
    assert any("a" in note and "b" in note and "pin" in note for note in fit.notes)
    assert fit.model.expected_repeats(30.0) == pytest.approx(15.0, rel=0.05)
    # All the same, more time means more repeats.
    assert all(x < y for x, y in pairwise(fit.model.expected_repeats([1.0, 5.0, 9.0, 30.0])))


def test_nobody_bought_twice():
    nothing = Summary(np.zeros(5, dtype=np.int64), np.zeros(5), np.full(5, 9.0), np.full(5, np.nan))
    with pytest.raises(DataError, match="no customer bought twice"):
        fit_bgnbd(nothing)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("place", range(4))
def test_impossible_parameters(bad, place):
    theta = [1.0, 1.0, 1.0, 1.0]
    theta[place] = bad
    with pytest.raises(ValueError, match="above 0 and finite"):
        BgNbd(*theta)
