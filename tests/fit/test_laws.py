"""The laws of purchase: closed forms against customers told one order after another."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from omnilab.errors import DataError
from omnilab.fit import occasions_of
from omnilab.fit.laws import Laws, Past, stand
from omnilab.fit.likely import choose_laws, fit_laws, log_likelihood, past_of
from omnilab.fit.mbgnbd import MbgNbd, fit_mbgnbd
from omnilab.fit.needs import Cohort
from omnilab.fit.pareto import ParetoNbd, fit_pareto_nbd
from omnilab.fit.summary import Summary, regularity

LAWS = Laws(0.9, 18.0, 0.6, 4.0, stages=2, burst=1.5, burst_days=20.0)
SUMMARY = Path(__file__).resolve().parents[3] / "shared" / "data" / "cdnow_sample_summary.csv"
DAY = 86_400


def lives(laws: Laws, n: int, days: float, seed: int) -> list[np.ndarray]:
    """Return the ages at which each of ``n`` customers orders again in so many days."""
    rng = np.random.default_rng(seed)
    ages = np.linspace(0, days, 20_001)
    clock = laws.operational(ages)
    found = []
    for _ in range(n):
        rate, leaves = rng.gamma(laws.r) / laws.alpha, rng.beta(laws.a, laws.b)
        now, own = 0.0, []
        while rng.random() >= leaves:
            now += rng.gamma(laws.stages) / laws.stages / max(rate, 1e-12)
            if now > clock[-1]:
                break
            own.append(float(np.interp(now, clock, ages)))
        found.append(np.array(own))
    return found


def past_until(found: list[np.ndarray], age: float) -> Past:
    seen = [own[own <= age] for own in found]
    gaps = [np.diff(own, prepend=0.0) for own in seen]
    return Past(
        np.array([float(len(own)) for own in seen]),
        np.array([own[-1] if len(own) else 0.0 for own in seen]),
        np.full(len(seen), age),
        np.concatenate(gaps),
        np.concatenate(seen),
    )


def test_what_the_laws_expect_comes_about() -> None:
    """Orders and buyers after the end, group by group, with stages, a burst and leaving."""
    found = lives(LAWS, 3000, 300.0, seed=1)
    past = past_until(found, 100.0)
    standing = stand(LAWS, past, past.repeats)
    came = np.array([np.count_nonzero(own > 100.0) for own in found])
    expected, chance = standing.expected_orders(200.0), standing.chance_to_order(200.0)
    silent = past.age - past.last
    for rows in (
        slice(None), past.repeats == 0, past.repeats == 1, past.repeats > 5,
        (past.repeats > 2) & (silent > 40), (past.repeats > 2) & (silent < 10),
    ):  # fmt: skip
        error = came[rows].std() / math.sqrt(len(came[rows]))
        assert abs(came[rows].mean() - expected[rows].mean()) < 4 * error
        buyers = (came[rows] > 0).mean()
        assert abs(buyers - chance[rows].mean()) < 4 * math.sqrt(0.25 / len(came[rows]))


def test_the_closed_form_of_a_cohort_knows_the_burst() -> None:
    laws = Laws(0.9, 18.0, 0.6, 4.0, burst=1.5, burst_days=20.0)
    found = lives(laws, 4000, 200.0, seed=9)
    n = len(found)
    cohort = Cohort(occasions_of(np.arange(n), np.zeros(n, dtype=np.int64), np.ones(n), n_days=201))
    model, season = MbgNbd(laws.r, laws.alpha, laws.a, laws.b), (1.0,) * 12
    for until in (20, 66, 200):
        came = np.array([np.count_nonzero(own <= until) for own in found])
        expected = cohort.repeats(model, season, burst=(1.5, 20.0), until=until) / n
        assert abs(came.mean() - expected) < 4 * came.std() / math.sqrt(n)
    shares = cohort.probabilities(model, season, burst=(1.5, 20.0))
    none = np.mean([len(own) == 0 for own in found])
    assert abs(none - shares[0]) < 4 * math.sqrt(0.25 / n)
    assert cohort.repeats(model, season, until=66) / n < expected  # without a burst


def test_one_stage_without_a_burst_is_mbg_nbd() -> None:
    laws = Laws(0.8, 16.0, 0.9, 3.0)
    past = past_until(lives(laws, 800, 150.0, seed=2), 150.0)
    model = MbgNbd(laws.r, laws.alpha, laws.a, laws.b)
    standing = stand(laws, past, past.repeats)
    args = (past.repeats, past.last, past.age)
    np.testing.assert_allclose(standing.alive, model.alive_probabilities(*args), rtol=1e-9)
    wanted = model.expected_orders(90.0, *args)
    np.testing.assert_allclose(standing.expected_orders(90.0), wanted, rtol=2e-3, atol=1e-6)
    theirs, ours = fit_mbgnbd(*args), fit_laws(past, laws, bursts=False, doubt=False).laws
    assert ours.r == pytest.approx(theirs.r, rel=0.05)
    assert ours.alpha / ours.r == pytest.approx(theirs.alpha / theirs.r, rel=0.05)


def test_likelihood_chooses_stages_and_burst_and_finds_them() -> None:
    past = past_until(lives(LAWS, 1500, 250.0, seed=3), 250.0)
    found = choose_laws(past)
    assert found.laws.stages == 2
    assert found.laws.burst == pytest.approx(1.5, rel=0.5)
    assert found.dropout_identified
    mean = LAWS.a / (LAWS.a + LAWS.b)
    assert found.laws.a / (found.laws.a + found.laws.b) == pytest.approx(mean, rel=0.25)
    assert log_likelihood(found.laws, past) > log_likelihood(LAWS, past)
    plain = choose_laws(past_until(lives(Laws(0.8, 16.0, 0.9, 3.0), 800, 150.0, seed=4), 150.0))
    assert (plain.laws.stages, plain.laws.burst) == (1, 0.0)


def test_a_log_in_which_nobody_leaves_does_not_tell_of_leaving() -> None:
    laws = Laws(1.0, 30.0, 1e-6, 10.0)
    found = choose_laws(past_until(lives(laws, 700, 200.0, seed=5), 200.0))
    assert not found.dropout_identified
    with pytest.raises(DataError, match="bought twice"):
        choose_laws(past_until([np.zeros(0)] * 5, 10.0))


def test_pareto_nbd_is_the_published_one() -> None:
    """Fader & Hardie (2005): r .553, alpha 10.578, s .606, beta 11.669, LL -9595.0 on CDNOW."""
    if not SUMMARY.is_file():
        pytest.skip("the folder of published data is not there")
    columns = np.genfromtxt(SUMMARY, delimiter=",", names=True)
    x, t_x, t = (columns[name] for name in columns.dtype.names[-3:])
    model = fit_pareto_nbd(Summary(x.astype(np.int64), t_x, t, np.full(len(x), np.nan)))
    assert (model.r, model.alpha) == pytest.approx((0.553, 10.578), rel=0.01)
    assert (model.s, model.beta) == pytest.approx((0.606, 11.669), rel=0.02)
    assert model.log_likelihood(x, t_x, t).sum() == pytest.approx(-9595.0, abs=0.1)
    # Averaged over what may be seen by T, the conditional mean is what comes after T.
    rng = np.random.default_rng(6)
    n = 20_000
    model = ParetoNbd(0.8, 10.0, 0.9, 15.0)
    rate, stay = rng.gamma(0.8, 1 / 10, n), rng.exponential(1 / rng.gamma(0.9, 1 / 15, n))
    early = rng.poisson(rate * np.minimum(stay, 30.0))
    later = rng.poisson(rate * (np.minimum(stay, 50.0) - np.minimum(stay, 30.0)))
    last = np.where(
        early > 0, np.minimum(stay, 30) * rng.random(n) ** (1 / np.maximum(early, 1)), 0
    )
    each = model.expected_orders(20.0, early.astype(float), last, np.full(n, 30.0))
    assert abs(each.mean() - later.mean()) < 4 * later.std() / math.sqrt(n)


@pytest.mark.parametrize("stages", [1, 3])
def test_regularity_is_that_of_the_gaps(stages: int) -> None:
    rng = np.random.default_rng(7)
    gaps = rng.gamma(stages, 40 * DAY / stages, (3000, 5))
    when = np.concatenate([np.zeros((3000, 1)), gaps.cumsum(axis=1)], axis=1).astype(np.int64)
    who = np.repeat(np.arange(3000), 6)
    found = occasions_of(who, when.ravel(), np.ones(18_000), n_days=9000)
    assert regularity(found) == pytest.approx(stages, rel=0.12)


def test_days_of_a_log_are_ages() -> None:
    log = occasions_of(
        np.array([0, 0, 1, 1, 1]), np.array([1, 5, 2, 3, 9]) * DAY, np.ones(5), n_days=11
    )
    past = past_of(log)
    assert past.repeats.tolist() == [1.0, 2.0]
    assert past.last.tolist() == [4.0, 7.0]
    assert past.age.tolist() == [9.0, 8.0]
    assert past.gap.tolist() == [4.0, 1.0, 6.0]
    assert past.until.tolist() == [4.0, 1.0, 7.0]
