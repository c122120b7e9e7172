"""Intervals against naive formulas, a bootstrap and their coverage; the laws of merging."""

from __future__ import annotations

import json
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from omnilab.errors import CapacityError, DataError, OptionError
from omnilab.experiment.exact import BLOCK_ROWS, digits_of, products, totals
from omnilab.experiment.statistics import MINIMUM_REPLICATIONS, Moments, holm
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.layout import N_SUMS, SUMS, names_of

NAMES = names_of(SUMS)
AT = {name: i for i, name in enumerate(NAMES)}
SOME = {name: MEASURES[name] for name in ("purchase_rate", "aov", "margin", "ltv", "roi")}
TRIO = ("no_contact", "multichannel", "omnichannel")


def clusters(seed, n, strategies=3, effect=0.3, noise=0.3):
    """Return sums of cells of 1 to 5 persons, alike under all strategies but for some noise."""
    rng = np.random.default_rng(seed)
    block = np.zeros((n, strategies, N_SUMS), np.int64)
    persons = rng.integers(1, 6, n)
    wealth = rng.gamma(2.0, 1.0, n)  # shared by a cell's persons and by the twins
    for s in range(strategies):
        rate = persons * wealth * (0.5 + effect * s)
        orders = np.floor(rate + noise * rng.exponential(1.0, n)).astype(np.int64)
        block[:, s, AT["persons"]] = persons
        block[:, s, AT["n_order"]] = orders
        block[:, s, AT["buyers"]] = np.minimum(orders, persons)
        block[:, s, AT["revenue"]] = orders * rng.integers(1000, 9000, n)
        block[:, s, AT["margin"]] = block[:, s, AT["revenue"]] // 3
        block[:, s, AT["margin_lost"]] = block[:, s, AT["margin"]] // rng.integers(5, 50, n)
        block[:, s, AT["send_cost"]] = s * persons * rng.integers(10_000, 90_000, n)
        block[:, s, AT["click_cost"]] = s * rng.integers(0, 50_000, n)
        block[:, s, AT["ltv"]] = block[:, s, AT["margin"]] * 1000 - block[:, s, AT["send_cost"]]
    return block


def moments(block, measures=SOME, names=TRIO):
    result = Moments(names, measures)
    result.add(block)
    return result


def parts(block, measure, s):
    """Return each cluster's numerator and denominator, straight from the catalogue."""
    top, bottom = (
        sum(f * block[:, s, AT[name]].astype(float) for name, f in terms)
        for terms in (SOME[measure].numerator, SOME[measure].denominator)
    )
    if measure == "roi":
        top = top - parts_of_margin(block, 0)
    return top, bottom


def parts_of_margin(block, s):
    return 1000.0 * (block[:, s, AT["margin"]] - block[:, s, AT["margin_lost"]])


def influence(block, measure, s):
    top, bottom = parts(block, measure, s)
    ratio = top.sum() / bottom.sum()
    return ratio, (top - ratio * bottom) / bottom.sum()


# Exactness and merging


@given(st.integers(0, 2**32), st.lists(st.integers(0, 40), max_size=5))
def test_any_blocks_in_any_order_give_equal_moments(seed, cuts):
    block = clusters(seed, 40)
    whole, parts_ = moments(block), Moments(TRIO, SOME)
    shuffled = block[np.random.default_rng(seed).permutation(40)]
    pieces = [moments(piece) for piece in np.split(shuffled, sorted(cuts))]
    for piece in reversed(pieces):
        parts_.merge(piece)
    assert parts_ == whole
    assert parts_.estimate("roi", "omnichannel") == whole.estimate("roi", "omnichannel")


@given(st.integers(0, 2**32))
def test_merging_is_commutative_and_associative_with_a_neutral(seed):
    blocks = [clusters(seed + k, 5 + k) for k in range(3)]
    left, right = moments(blocks[0]), moments(blocks[2])
    for other in (blocks[1], blocks[2]):
        left.merge(moments(other))
    for other in (blocks[0], blocks[1]):
        right.merge(moments(other))
    right.merge(Moments(TRIO, SOME))
    assert left == right
    assert left != moments(blocks[0])


def test_more_rows_than_a_block():
    block = clusters(1, 2 * BLOCK_ROWS + 7)
    whole, halves = moments(block), moments(block[: BLOCK_ROWS + 1])
    halves.add(block[BLOCK_ROWS + 1 :])
    assert whole == halves
    assert whole.clusters == len(block)
    assert whole.sums("omnichannel")["revenue"] == int(block[:, 2, AT["revenue"]].sum())


integers = st.integers(-(2**62) + 1, 2**62 - 1)


@given(st.lists(st.tuples(integers, integers, integers), max_size=20))
def test_products_and_totals_are_exact(rows):
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    exact = columns.astype(object)
    got = products(digits_of(columns), digits_of(columns)) + np.zeros((3, 3), dtype=object)
    assert got.tolist() == (exact @ exact.T + 0).tolist()
    assert totals(columns).tolist() == [sum(map(int, column)) for column in columns]


def test_a_full_block_of_the_largest_numbers_is_exact():
    columns = np.full((2, BLOCK_ROWS), 2**62 - 1, dtype=np.int64)
    columns[1] = -(2**19) - 2**39 - 2**59
    a, b = 2**62 - 1, int(columns[1, 0])
    n = BLOCK_ROWS
    digits = digits_of(columns)
    assert products(digits, digits).tolist() == [[n * a * a, n * a * b], [n * a * b, n * b * b]]
    assert totals(columns).tolist() == [n * a, n * b]


def test_what_is_too_large_is_refused():
    with pytest.raises(CapacityError, match="2\\^62"):
        digits_of(np.full((1, 1), 2**62, dtype=np.int64))
    with pytest.raises(CapacityError):
        digits_of(np.full((1, 1), -(2**63), dtype=np.int64))
    with pytest.raises(ValueError, match="at most"):
        digits_of(np.zeros((1, BLOCK_ROWS + 1), dtype=np.int64))


def test_state_survives_json():
    before = moments(clusters(3, 50) * 10**6)
    after = Moments.from_state(json.loads(json.dumps(before.state())), SOME)
    assert after == before
    assert after.difference("ltv", *TRIO[1:]) == before.difference("ltv", *TRIO[1:])


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.pop("sums"),
        lambda state: state["sums"].pop(),
        lambda state: state["products"].pop(),
        lambda state: state["measures"].remove("aov"),
        lambda state: state["products"][1].pop(),
        lambda state: state["sums"][0].__setitem__(0, 1.5),
        lambda state: state.update(clusters="many"),
    ],
)
def test_a_damaged_state_is_refused(damage):
    state = moments(clusters(3, 5)).state()
    damage(state)
    with pytest.raises(DataError, match="saved moments"):
        Moments.from_state(state, SOME)


# Values and intervals


@pytest.mark.parametrize("measure", list(SOME))
def test_the_delta_method_is_the_textbooks(measure):
    n = 2000  # of a share few that do not buy would have bounds of their own
    block = clusters(5, n)
    found = moments(block)
    quantile = stats.t.ppf(0.975, n - 1)
    value, own = influence(block, measure, 2)
    other_value, other = influence(block, measure, 1)
    error = sqrt(n * own.var(ddof=1))
    got = found.estimate(measure, "omnichannel")
    assert got.value == pytest.approx(value)
    assert got.error == pytest.approx(error)
    assert got.high == pytest.approx(value + quantile * error)
    assert got.relative == pytest.approx(quantile * error / abs(value))
    error = sqrt(n * (own - other).var(ddof=1))
    got = found.difference(measure, "omnichannel", "multichannel")
    assert got.value == pytest.approx(value - other_value)
    assert got.low == pytest.approx(value - other_value - quantile * error)
    assert got.p_value == pytest.approx(2 * stats.t.sf(abs(got.value) / error, n - 1), rel=1e-6)
    expected = (own - other).var() / (own.var() + other.var())
    ratio = found.paired_variance_ratio(measure, "omnichannel", "multichannel")
    assert ratio == pytest.approx(expected)


@pytest.mark.parametrize("measure", ["aov", "ltv", "roi"])
def test_the_delta_method_is_near_a_bootstrap(measure):
    block = clusters(8, 500)
    rng = np.random.default_rng(1)
    values = []
    for _ in range(2000):
        again = block[rng.integers(0, 500, 500)][:, :, :]
        sides = [parts(again, measure, s) for s in (2, 1)]
        values.append(sides[0][0].sum() / sides[0][1].sum() - sides[1][0].sum() / sides[1][1].sum())
    got = moments(block).difference(measure, "omnichannel", "multichannel")
    assert got.error == pytest.approx(np.std(values), rel=0.08)


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say():
    """Of 1,000 simulated experiments, 95% (give or take 3 standard errors) hold the true value."""
    truth = moments(clusters(10**6, 400_000))
    chosen = ("purchase_rate", "aov", "ltv", "roi")
    hits = dict.fromkeys([(m, kind) for m in chosen for kind in ("value", "difference")], 0)
    trials = 1000
    for seed in range(trials):
        found = moments(clusters(10**7 + seed, 150))
        for m in chosen:
            value, true = found.estimate(m, TRIO[2]), truth.estimate(m, TRIO[2])
            hits[m, "value"] += value.low <= true.value <= value.high
            value, true = found.difference(m, *TRIO[:0:-1]), truth.difference(m, *TRIO[:0:-1])
            hits[m, "difference"] += value.low <= true.value <= value.high
    for name, count in hits.items():
        assert 0.929 <= count / trials <= 0.971, (name, count / trials)


def test_twins_need_fewer_customers_than_independent_populations():
    alike = moments(clusters(2, 3000, noise=0.1))
    assert alike.paired_variance_ratio("ltv", *TRIO[1:]) < 0.8
    block = clusters(2, 3000)
    block[:, 2] = clusters(3, 3000)[:, 2]  # other people
    apart = moments(block).paired_variance_ratio("purchase_rate", *TRIO[1:])
    assert apart == pytest.approx(1.0, abs=0.1)


# What is exactly zero, and what is null


@given(st.integers(0, 2**32), st.integers(1, 30))
def test_a_strategy_against_itself_is_exactly_zero(seed, n):
    block = clusters(seed, n)
    block[:, 1] = block[:, 2]  # another name for the same results
    found = Moments(TRIO)
    found.add(block)
    for measure in MEASURES:
        for a, b in (("omnichannel", "omnichannel"), ("omnichannel", "multichannel")):
            got = found.difference(measure, a, b)
            if got.value is not None:
                assert got.value == 0.0
                assert (got.low, got.high) in {(0.0, 0.0), (None, None)}
                assert found.paired_variance_ratio(measure, a, b) in {0.0, None}


def test_no_denominator_is_null():
    found = Moments(TRIO)
    found.add(clusters(1, 9))
    assert found.estimate("open_rate", "omnichannel") == (None,) * 5
    assert found.difference("open_rate", *TRIO[1:]) == (None,) * 5
    assert found.paired_variance_ratio("open_rate", *TRIO[1:]) is None
    assert found.estimate("roi", "no_contact").value is None  # nothing was spent
    assert found.difference("roi", "omnichannel", "no_contact").value is None
    assert Moments(TRIO).estimate("aov", "no_contact").value is None


def test_roi_needs_no_contact():
    found = Moments(("multichannel", "omnichannel"), SOME)
    found.add(clusters(1, 20)[:, 1:])
    assert found.estimate("roi", "omnichannel").value is None
    assert found.estimate("margin", "omnichannel").value is not None


def test_one_cluster_has_a_value_but_no_interval():
    got = moments(clusters(4, 1)).estimate("margin", "omnichannel")
    assert got.value is not None
    assert (got.low, got.high, got.relative) == (None, None, None)


def test_replications_are_clusters_of_which_ten_are_needed():
    found = Moments.by_replication(TRIO, SOME)
    per_replication = [clusters(seed, 30).sum(axis=0) for seed in range(MINIMUM_REPLICATIONS)]
    for k, total in enumerate(per_replication):
        got = found.difference("ltv", *TRIO[1:])
        assert (got.low is None) == (k < MINIMUM_REPLICATIONS), k
        found.add(total[None])
    got = found.difference("ltv", *TRIO[1:])
    assert got.low < got.value < got.high
    assert found == Moments.from_state(found.state(), SOME)


# Bad use


def test_wrong_names_are_answered_with_the_nearest():
    found = moments(clusters(1, 3))
    with pytest.raises(OptionError, match="did you mean 'margin'"):
        found.estimate("margins", "omnichannel")
    with pytest.raises(OptionError, match="did you mean 'omnichannel'"):
        found.estimate("margin", "omni_channel")
    with pytest.raises(OptionError, match="twice"):
        Moments(("a", "a"))


def test_wrong_shapes_and_partners_are_refused():
    found = moments(clusters(1, 3))
    with pytest.raises(ValueError, match="shape"):
        found.add(np.zeros((3, 2, N_SUMS), np.int64))
    with pytest.raises(ValueError, match="same strategies"):
        found.merge(Moments(("a", "b", "c"), SOME))
    with pytest.raises(ValueError, match="same strategies"):
        found.merge(Moments(TRIO))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, None, 0.9]) == [1.0, None, 1.0]
    assert holm([]) == []


@given(st.lists(st.none() | st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_and_stays_under_bonferroni(p_values):
    adjusted = holm(p_values)
    known = [(p, q) for p, q in zip(p_values, adjusted, strict=True) if p is not None]
    assert [q for q in adjusted if q is None] == [p for p in p_values if p is None]
    for p, q in known:
        assert p <= q <= min(1.0, len(known) * p) or q == pytest.approx(min(1.0, len(known) * p))
    ordered = [q for _, q in sorted(known)]
    assert ordered == sorted(ordered)


# Contrasts and joint covariances


@given(st.integers(0, 2**32), st.sampled_from(sorted(SOME)), st.data())
def test_a_contrast_is_that_of_the_clusters_influences(seed, measure, data):
    n = 1500 if measure == "purchase_rate" else 30  # a share with few events has other bounds
    block = clusters(seed, n)
    weights = data.draw(
        st.lists(st.fractions(-3, 3, max_denominator=60), min_size=3, max_size=3), label="weights"
    )
    shown = range(1 if measure == "roi" else 0, 3)  # no_contact has no ROI: it costs nothing
    found = [influence(block, measure, s) for s in shown]
    w = np.array([float(weights[s]) for s in shown])
    value = w @ [ratio for ratio, _ in found]
    z = sum(x * each for x, (_, each) in zip(w, found, strict=True))
    error = sqrt(n / (n - 1) * (z**2).sum())
    got = moments(block).contrast(measure, [(TRIO[s], weights[s]) for s in shown])
    assert got.value == pytest.approx(value, rel=1e-9, abs=1e-7)
    assert got.error == pytest.approx(error, rel=1e-6, abs=1e-7)


def test_a_difference_is_a_contrast_and_a_name_twice_has_the_sum_of_its_weights():
    all_ = moments(clusters(3, 50))
    for measure in SOME:
        plain = all_.difference(measure, "omnichannel", "multichannel")
        halves = [("omnichannel", Fraction(1, 2))] * 2 + [("multichannel", -1)]
        assert all_.contrast(measure, halves) == plain
        assert all_.contrast(measure, [("omnichannel", 1), ("omnichannel", -1)]) == (0, 0, 0, 0, 1)
    assert all_.exact("ltv", [("omnichannel", 1)]) == Fraction(
        all_.sums("omnichannel")["ltv"], 100_000 * all_.sums("omnichannel")["persons"]
    )
    with pytest.raises(OptionError, match="did you mean 'omnichannel'"):
        all_.contrast("ltv", [("omnichanel", 1)])


def test_contrasts_of_what_has_no_denominator_have_no_value():
    all_ = moments(clusters(3, 50))
    assert all_.contrast("roi", [("omnichannel", 1), ("no_contact", -1)]).value is None
    assert all_.exact("roi", [("no_contact", 1)]) is None
    assert all_.joint("roi", TRIO) is None


@pytest.mark.parametrize("measure", ["ltv", "aov", "roi"])
def test_the_joint_covariance_is_that_of_the_influences(measure):
    block = clusters(9, 80)
    names = TRIO[1:]
    values, table = moments(block).joint(measure, names)
    found = [influence(block, measure, s) for s in (1, 2)]
    z = np.array([each for _, each in found])
    assert values == pytest.approx([ratio for ratio, _ in found])
    assert table == pytest.approx(80 / 79 * (z @ z.T))
    spread = moments(block).difference(measure, "omnichannel", "multichannel").error
    assert table[0, 0] + table[1, 1] - 2 * table[0, 1] == pytest.approx(spread**2)
