"""The gate's statistics: exact p-values, error rates and power on synthetic pairs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from bench.gate.power import BENCHMARKS, NOISES, simulate
from bench.gate.rounds import pair_of
from bench.gate.sequential import RULES, estimate, judge, p_above

PAIRS = st.lists(
    st.floats(-1, 1, allow_subnormal=False).filter(lambda x: abs(x) > 1e-6),
    min_size=1, max_size=12, unique_by=abs,
)  # fmt: skip
MOST = RULES.looks[-1].pairs


@given(PAIRS)
def test_p_is_wilcoxons(pairs: list[float]) -> None:
    wanted = wilcoxon(pairs, alternative="greater", method="exact").pvalue
    assert p_above(np.array(pairs), 0.0) == pytest.approx(wanted)


@given(PAIRS)
def test_p_is_the_share_of_sign_patterns(pairs: list[float]) -> None:
    """The definition: under the null hypothesis every pair might as well be on the other side."""
    ranks = np.argsort(np.argsort(np.abs(pairs))) + 1
    observed = ranks[np.array(pairs) > 0].sum()
    signs = np.array(list(itertools.product([0, 1], repeat=len(pairs))))
    assert p_above(np.array(pairs), 0.0) == pytest.approx(np.mean(signs @ ranks >= observed))


@given(PAIRS, st.floats(-0.5, 0.5))
def test_a_bound_is_a_shift(pairs: list[float], bound: float) -> None:
    x = np.array(pairs)
    assert p_above(x, bound) == p_above(x - bound, 0.0)


def test_pairs_on_the_bound_are_no_evidence() -> None:
    assert p_above(np.zeros(10), 0.0) == 1.0


def test_the_estimate_is_the_median_of_means_of_two() -> None:
    x = [0.0, 0.1, 0.4]
    means = [(a + b) / 2 for i, a in enumerate(x) for b in x[i:]]
    assert estimate(x).ratio == pytest.approx(math.exp(np.median(means)))


@given(PAIRS)
def test_the_interval_holds_the_estimate(pairs: list[float]) -> None:
    found = estimate(pairs)
    assert found.low <= found.ratio <= found.high


def test_the_interval_covers_as_it_says() -> None:
    rng = np.random.default_rng(1)
    samples = rng.standard_t(3, size=(1000, 12)) * 0.05 + 0.1
    inside = [e.low <= math.exp(0.1) <= e.high for e in map(estimate, samples)]
    assert 0.93 < np.mean(inside) < 0.98


def test_the_first_look_can_only_clear() -> None:
    five = RULES.looks[0].pairs
    assert judge(np.full(five, 0.0) + np.arange(five) / 1000, BENCHMARKS) == "fine"
    assert judge(np.full(five, 1.0) + np.arange(five) / 1000, BENCHMARKS) == "undecided"


def test_between_looks_nothing_is_decided() -> None:
    looks = {look.pairs for look in RULES.looks}
    for n in set(range(MOST)) - looks:
        assert judge(np.linspace(0.5, 0.6, n), BENCHMARKS) == "undecided"


def test_the_last_look_decides() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        assert judge(rng.normal(0.08, 0.2, MOST), BENCHMARKS) != "undecided"


def test_chances_of_error_add_up_to_what_is_said() -> None:
    assert RULES.alpha == pytest.approx(0.01)
    assert RULES.beta < 0.05
    pairs = [look.pairs for look in RULES.looks]
    assert pairs == sorted(set(pairs))


def test_every_look_that_spends_can_decide() -> None:
    """A look whose share is below what so few pairs can show would spend it in vain."""
    for look in RULES.looks:
        for share in (look.alpha / BENCHMARKS, look.beta):
            assert share == 0 or share >= 2.0**-look.pairs


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("spread", [0.05, 0.1])
def test_identical_code_passes(noise: str, spread: float) -> None:
    """No false alarm in 3,000 benchmarks, which is over 400 gate runs."""
    assert simulate(noise, spread, 0.0, repeats=3000).slower == 0


@pytest.mark.parametrize("noise", NOISES)
def test_false_alarms_at_the_edge_of_what_is_tolerated(noise: str) -> None:
    """The worst case of the null hypothesis: all benchmarks slower by all that is tolerated."""
    n = 8000
    alarms = n * simulate(noise, 0.05, RULES.tolerated, repeats=n).slower
    allowed = n * RULES.alpha / BENCHMARKS
    assert alarms <= allowed + 3 * math.sqrt(allowed)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("spread", [0.03, 0.05])
def test_a_slowdown_of_15_percent_is_caught(noise: str, spread: float) -> None:
    assert simulate(noise, spread, 0.15, repeats=500).slower > 0.95


def test_a_quiet_pass_is_short() -> None:
    assert simulate("normal", 0.045, 0.0).pairs < 5.5


def test_a_larger_slowdown_is_found_more_often_and_sooner() -> None:
    found = [simulate("normal", 0.05, slowdown) for slowdown in (0.05, 0.08, 0.12, 0.2)]
    assert sorted(found, key=lambda o: o.slower) == found
    assert found[-1].pairs < found[1].pairs


@given(st.permutations(range(6)), st.floats(0.5, 2.0))
def test_a_pair_does_not_feel_a_speed_that_both_share(places: list[int], ratio: float) -> None:
    """However fast the machine is from turn to turn, neighbours share it."""
    speed = np.array([1.0, 3.0, 0.5, 2.0, 1.5, 0.7])[places]
    assert pair_of(list(speed), list(speed * ratio)) == pytest.approx(math.log(ratio))


def test_a_pair_stands_two_disturbed_runs_in_six() -> None:
    base, head = [1.0] * 6, [1.1] * 6
    head[1], base[4] = 9.0, 7.0
    assert pair_of(base, head) == pytest.approx(math.log(1.1))
