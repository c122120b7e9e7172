"""Scores are those of a naive scorer, of cases by hand, and of nobody's order."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from omnilab.experiment.evidence.result import ClaimResult
from omnilab.experiment.evidence.score import Rate, Score, score_claims
from tests.experiment.evidence import naive
from tests.experiment.evidence.claims import claim, lacking, random_claims

NAMES = ("signs", "balanced", "pairs", "sizes")


def shares(score: Score) -> dict[str, float | None]:
    return {
        f"{name} {who}": getattr(getattr(score, name), who)
        for name in NAMES
        for who in ("value", "baseline")
    }


@pytest.mark.parametrize("seed", range(25))
def test_a_naive_scorer_finds_the_same(seed: int) -> None:
    claims = random_claims(seed)
    scores = score_claims(claims, resamples=10)
    for only, score in ((True, scores.simulated), (False, scores.every)):
        wanted = naive.scores(claims, only_simulated=only)
        assert shares(score) == pytest.approx(wanted, nan_ok=False)
    for family, both in scores.families.items():
        mine = [c for c in claims if c.family == family]
        for only, score in zip((True, False), both, strict=True):
            assert shares(score) == pytest.approx(naive.scores(mine, only_simulated=only))


def test_a_study_of_many_claims_counts_as_one_of_few() -> None:
    """One study with three of four right and one with none of one: not 3 in 5 but 3 in 8."""
    signs = [claim(f"A{c}") for c in "abc"] + [claim("Ad", "-"), claim("Ba", "-")]
    score = score_claims(signs).simulated
    assert score.signs.value == pytest.approx(3 / 8)
    assert (score.signs.right, score.signs.of, score.signs.studies) == (3, 5, 2)
    assert score.balanced.value == pytest.approx((1 + 0) / 2)
    assert score.by_sign["0"].value is None


def test_balanced_is_the_mean_over_the_three_signs() -> None:
    claims = [
        *(claim(f"A{c}") for c in "abcd"), claim("Ba", "-", low=-2.0, simulated=-1.0, high=-0.1),
        claim("Bb", "-"), claim("Ca", "0", zero_within=0.1),
    ]  # fmt: skip
    score = score_claims(claims).simulated
    assert score.balanced.value == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert score.balanced.baseline == pytest.approx(1 / 3)
    assert score.signs.value == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert score.signs.baseline == pytest.approx(1 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_what_came_into_the_model_is_not_predicted(seed: int) -> None:
    claims = [
        replace(c, informed="its sign" if number % 3 == 0 else "")
        for number, c in enumerate(random_claims(seed))
    ]
    scores = score_claims(claims, resamples=10)
    wanted = naive.scores([c for c in claims if not c.informed], only_simulated=True)
    assert shares(scores.predicted) == pytest.approx(wanted)
    assert scores.predicted.claims < scores.simulated.claims
    plain = score_claims([replace(c, informed="") for c in claims], resamples=10)
    assert plain.predicted == plain.simulated == scores.simulated


def test_a_pair_is_right_only_whole() -> None:
    below = {"simulated": -1.0, "low": -1.5, "high": -0.5}
    one = [claim("Aa", pair="p"), claim("Ab", "-", pair="p")]
    assert score_claims(one).simulated.pairs.value == 0.0
    both = [claim("Aa", pair="p"), claim("Ab", "-", pair="p", **below)]
    assert score_claims(both).simulated.pairs == Rate(
        1.0, None, None, 0.0, 1.0, None, None, 1, 0, 1, 1
    )
    other = [replace(c, study="B", claim=c.claim + "2") for c in one]
    assert score_claims([*both, *other]).simulated.pairs.value == 0.5  # of the same name


def test_an_incomplete_pair_is_none_of_those_that_ran_and_wrong_among_all() -> None:
    claims = [claim("Aa", pair="p"), lacking("Ab", "-", pair="p")]
    scores = score_claims(claims)
    assert scores.simulated.pairs.value is None
    assert (scores.every.pairs.value, scores.every.pairs.of) == (0.0, 1)


@pytest.mark.parametrize("status", ["lacks", "failed"])
def test_what_did_not_run_is_counted_and_wrong_among_all(status: str) -> None:
    claims = [claim("Aa"), lacking("Ab", status=status), lacking("Ba", status=status)]
    scores = score_claims(claims)
    assert (scores.simulated.signs.value, scores.simulated.claims, scores.simulated.studies) == (
        1.0, 1, 1,
    )  # fmt: skip
    assert (scores.every.signs.value, scores.every.claims, scores.every.studies) == (0.25, 3, 2)
    assert scores.every.signs.baseline == 1.0
    assert [v.claim.claim for v in scores.of_status(status)] == ["Ab", "Ba"]
    assert len(scores.verdicts) == 3


def test_a_size_that_was_asked_and_did_not_run_is_wrong_among_all() -> None:
    claims = [lacking("Aa", kind="size", published=0.1), claim("Ba", kind="size", published=1.0)]
    scores = score_claims(claims)
    assert (scores.simulated.sizes.right, scores.simulated.sizes.of) == (1, 1)
    assert (scores.every.sizes.right, scores.every.sizes.of) == (1, 2)


@pytest.mark.parametrize("seed", range(5))
def test_order_changes_nothing(seed: int) -> None:
    claims = random_claims(seed)
    shuffled = claims[:]
    random.Random(seed).shuffle(shuffled)
    assert score_claims(shuffled) == score_claims(claims)


def test_names_of_studies_change_no_share() -> None:
    claims = random_claims(3)
    renamed = [replace(c, study=c.study[::-1]) for c in claims]
    assert shares(score_claims(renamed).every) == pytest.approx(shares(score_claims(claims).every))


@pytest.mark.parametrize("seed", range(5))
def test_a_world_that_says_plus_is_exactly_the_baseline(seed: int) -> None:
    def plus(c: ClaimResult) -> ClaimResult:
        return replace(c, zero_within=None, status="simulated", simulated=9, low=8.9, high=9.1)

    scores = score_claims([plus(c) for c in random_claims(seed)])
    for score in (scores.simulated, scores.every):
        for name in ("signs", "balanced", "pairs"):
            rate = getattr(score, name)
            assert rate.value == rate.baseline
            assert (rate.gain, rate.gain_low, rate.gain_high) == (0.0, 0.0, 0.0)
            assert rate.right == rate.baseline_right
    assert scores.every.balanced.baseline == pytest.approx(1 / 3)


def test_a_perfect_world_has_all() -> None:
    at = {"+": 1.0, "-": -1.0, "0": 0.0}
    claims = [
        replace(c, zero_within=0.2, status="simulated", simulated=at[c.sign],
                low=at[c.sign] - 0.1, high=at[c.sign] + 0.1, published=at[c.sign],
                published_low=None, published_high=None)
        for c in random_claims(1)
    ]  # fmt: skip
    score = score_claims(claims).every
    for name in NAMES:
        rate = getattr(score, name)
        assert (rate.value, rate.low, rate.high) == (1.0, 1.0, 1.0)
    assert score.balanced.gain == pytest.approx(2 / 3)
    assert (score.undecided, score.wide) == (0, 0)


def test_the_bootstrap_is_the_same_again_and_another_with_another_seed() -> None:
    claims = random_claims(2)
    assert score_claims(claims).every.signs == score_claims(claims).every.signs
    a, b = (score_claims(claims, seed=s).every.signs for s in (1, 2))
    assert a.value == b.value
    assert (a.low, a.high) != (b.low, b.high)


def test_few_studies_have_no_interval() -> None:
    four = [claim(f"{s}a") for s in "ABCD"]
    assert score_claims(four).simulated.signs.low is None
    assert score_claims([*four, claim("Ea")]).simulated.signs.low == 1.0


def test_a_sign_of_one_study_has_no_interval_of_the_balanced_rate() -> None:
    claims = [*(claim(f"{s}a") for s in "ABCDEF"), claim("Ga", "-")]
    score = score_claims(claims).simulated
    assert score.balanced.low is None
    assert score.signs.low is not None


def test_the_interval_covers_a_known_truth() -> None:
    """Studies whose claims are right with a chance of their own: the truth is the mean chance."""
    rng = np.random.default_rng(7)
    trials, covered, balanced = 200, 0, 0
    for _ in range(trials):
        claims = []
        for s in range(40):
            chance = rng.beta(3, 2)  # of mean .6
            for c in range(int(rng.integers(1, 5))):
                sign, right = str(rng.choice(["+", "-"])), rng.random() < chance
                up = (sign == "+") == right
                at = 1.0 if up else -1.0
                claims.append(
                    claim(f"S{s:02}{c}", sign, simulated=at, low=at - 0.5, high=at + 0.5)
                )  # fmt: skip
        score = score_claims(claims, resamples=300).simulated
        for rate, name in ((score.signs, "signs"), (score.balanced, "balanced")):
            assert rate.low is not None
            assert rate.high is not None
            hit = rate.low <= 0.6 <= rate.high
            covered += hit and name == "signs"
            balanced += hit and name == "balanced"
    # 95% of 200 less what 40 studies cost a percentile interval; 3 standard errors are 4 points.
    assert 0.89 <= covered / trials <= 0.985
    assert 0.89 <= balanced / trials <= 0.985


def test_nothing_is_scored_as_nothing() -> None:
    scores = score_claims([])
    assert scores.every.signs == Rate(None, None, None, None, None, None, None, 0, 0, 0, 0)
    assert scores.families == {}


def test_a_claim_twice_and_a_pair_of_one_are_refused() -> None:
    with pytest.raises(ValueError, match="claim Aa comes twice"):
        score_claims([claim("Aa"), claim("Aa")])
    with pytest.raises(ValueError, match="study A: pair p has one claim"):
        score_claims([claim("Aa", pair="p"), claim("Ab", pair="q"), claim("Ac", pair="q")])
