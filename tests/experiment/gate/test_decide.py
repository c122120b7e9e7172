"""Verdicts: their chance where nothing differs, their power where harm is planted."""

from __future__ import annotations

from math import inf, sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from omnilab.errors import OptionError
from omnilab.experiment.gate.decide import (
    DISCUSS,
    DO_NOT,
    SHIP,
    Verdict,
    chance_of_failing,
    decide,
)
from omnilab.experiment.gate.harmed import HarmCount
from tests.experiment.gate.made import AT, PAIR, SOME, TAIL, gate_of, moments, pairs

RUNS = 400
OLD, NEW = PAIR


def verdict_of(tmp_path: Path, block: np.ndarray, text: str | None = None, **more) -> Verdict:  # type: ignore[no-untyped-def]
    gate = gate_of(tmp_path) if text is None else gate_of(tmp_path, text)
    return decide(gate, moments(block), NEW, OLD, **more)


def at_most(found: int, share: float) -> bool:
    """Tell whether so many of `RUNS` fit a chance of at most ``share``."""
    return stats.binomtest(found, RUNS, share, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize("margins", [pytest.param("some", marks=pytest.mark.slow), "none"])
def test_on_a_against_a_a_verdict_comes_out_in_at_most_5_percent(
    tmp_path: Path, margins: str
) -> None:
    """Twins that differ by chance alone, swapped at random: the law is the same, exactly."""
    rng = np.random.default_rng(1)
    none = "guardrails:\n" + "".join(
        f"  - {{measure: {m}, worse_by: 0}}\n" for m in ("purchase_rate", "complaint_rate")
    )
    gate = gate_of(tmp_path) if margins == "some" else gate_of(tmp_path, none)
    verdicts = []
    for run in range(RUNS):
        block = pairs(run)
        swap = rng.random(len(block)) < 0.5
        block[swap] = block[swap][:, ::-1]
        verdicts.append(decide(gate, moments(block), NEW, OLD).verdict)
    said = len(verdicts) - verdicts.count(DISCUSS)
    assert at_most(said, 0.05), said
    if margins == "some":  # the goal alone can speak: it does, at its own level on each side
        assert said / RUNS > 0.01


def test_a_strategy_against_itself_is_to_be_discussed(tmp_path: Path) -> None:
    block = pairs(1)
    block[:, 1] = block[:, 0]
    found = verdict_of(tmp_path, block)
    assert found.verdict == DISCUSS
    assert [j.state for j in found.judged] == ["undecided", "passes", "passes"]


def test_a_gain_ships_and_a_loss_does_not(tmp_path: Path) -> None:
    gained, lost = pairs(1, 400, gain=2.0), pairs(1, 400, gain=-2.0)
    assert verdict_of(tmp_path, gained).verdict == SHIP
    assert verdict_of(tmp_path, lost).verdict == DO_NOT


def test_one_guard_that_does_not_pass_keeps_it_from_shipping(tmp_path: Path) -> None:
    text = "guardrails:\n  - {measure: purchase_rate, worse_by: 2%}\n"
    block = pairs(1, 40, gain=2.0)
    found = verdict_of(tmp_path, block, text)
    assert found.judged[0].state == "passes"
    assert found.judged[1].state == "undecided"  # 120 persons can't tell two points
    assert found.verdict == DISCUSS


def test_tests_are_those_of_student_by_hand(tmp_path: Path) -> None:
    block = pairs(3)
    found = verdict_of(tmp_path, block, "guardrails:\n  - {measure: purchase_rate, worse_by: 2%}\n")
    persons = block[:, 0, AT["persons"]].astype(float)
    n, total = len(block), persons.sum()
    d = (block[:, 1] - block[:, 0])[:, AT["buyers"]].astype(float)
    value = d.sum() / total
    error = sqrt(n / (n - 1) * ((d - value * persons) ** 2).sum()) / total
    guard = found.judged[1]
    assert guard.estimate.value == pytest.approx(value)
    assert guard.error == pytest.approx(error)
    assert guard.p_pass == pytest.approx(stats.t.sf((value + 0.02) / error, n - 1))
    assert guard.p_fail == pytest.approx(stats.t.cdf((value + 0.02) / error, n - 1))


def test_a_margin_that_is_a_share_moves_with_the_reference(tmp_path: Path) -> None:
    block = pairs(4, 300)
    text = "guardrails:\n  - {measure: cpa, worse_by_share: 10%}\n"
    block[:, 1, AT["send_cost"]] = block[:, 0, AT["send_cost"]] * 105 // 100
    assert verdict_of(tmp_path, block, text).judged[1].state == "passes"
    block[:, 1, AT["send_cost"]] = block[:, 0, AT["send_cost"]] * 115 // 100
    found = verdict_of(tmp_path, block, text)
    assert found.judged[1].state == "fails"
    assert found.judged[1].limit == pytest.approx(0.05)  # 10% of 0.50 EUR an order
    assert found.judged[1].excess == pytest.approx(0.55 - 0.575)


@pytest.mark.parametrize("harm", [-0.2, -0.6])
def test_a_planted_harm_fails_the_gate_with_the_power_that_is_promised(
    tmp_path: Path, harm: float
) -> None:
    """The harm is beyond its margin of 0.1 EUR; the power is the closed form's."""
    gate = gate_of(
        tmp_path, "goal: {measure: purchase_rate}\nguardrails:\n"
        "  - {measure: ltv, worse_by: 0.1 EUR}\n",
    )  # fmt: skip
    n = 60
    rng = np.random.default_rng(5)
    fired, promised = 0, []
    for run in range(RUNS):
        block = pairs(run, n)
        block[:, :, AT["persons"]] = 2
        block[:, 1, AT["buyers"]] = block[:, 0, AT["buyers"]] = 1
        old = block[:, 0, AT["ltv"]].copy()
        change = rng.normal(harm, 1.5, n)
        block[:, 1, AT["ltv"]] = old + np.rint(change * 2 * 100_000).astype(np.int64)
        found = decide(gate, moments(block), NEW, OLD)
        fired += found.judged[1].state == "fails"
    # A goal of which nothing varies leaves Holm two guards all the same.
    promised = chance_of_failing(harm, 0.1, 1.5 / sqrt(n), n, gate.level, guards=2)
    assert abs(fired / RUNS - promised) < 3.5 * sqrt(promised * (1 - promised) / RUNS) + 1e-9
    assert 0.03 < promised < 0.999


@pytest.mark.slow
def test_a_harm_of_exactly_its_margin_passes_in_half_the_level(tmp_path: Path) -> None:
    gate = gate_of(
        tmp_path, "goal: {measure: purchase_rate}\nguardrails:\n"
        "  - {measure: ltv, worse_by: 0.5 EUR}\n",
    )  # fmt: skip
    rng, passed = np.random.default_rng(6), 0
    for run in range(RUNS):
        block = pairs(run, 60)
        block[:, :, AT["persons"]] = 2
        change = rng.normal(-0.5, 1.5, 60)
        block[:, 1, AT["ltv"]] = block[:, 0, AT["ltv"]] + np.rint(change * 2e5).astype(np.int64)
        passed += decide(gate, moments(block), NEW, OLD).judged[1].state == "passes"
    assert at_most(passed, 0.025)
    assert passed > 0


def test_what_never_happened_passes_only_with_enough_of_it(tmp_path: Path) -> None:
    text = "guardrails:\n  - {measure: complaint_rate, worse_by: 0.1%}\n"
    few, many = pairs(1, 20, gain=2.0), pairs(1, 2000, gain=2.0)
    for block in (few, many):
        block[:, :, AT["n_spamreport"]] = 0
    found = verdict_of(tmp_path, few, text).judged[1]
    n = int(few[:, 0, AT["n_delivered"]].sum())
    assert found.p_pass == pytest.approx((1 - 0.001) ** n)
    assert found.state == "undecided"
    assert "never happened" in found.why
    assert verdict_of(tmp_path, many, text).judged[1].state == "passes"


def test_so_many_customers_decide_it_with_the_power_that_is_said(tmp_path: Path) -> None:
    """As many times the cells with the same difference and spread: found in about 80%."""
    gate = gate_of(
        tmp_path, "goal: {measure: purchase_rate}\nguardrails:\n"
        "  - {measure: ltv, worse_by: 0.5 EUR}\n",
    )  # fmt: skip

    def block_of(seed: int, n: int) -> np.ndarray:
        rng, block = np.random.default_rng(seed), pairs(seed, n)
        block[:, :, AT["persons"]] = 2
        change = rng.normal(0.0, 4.0, n)
        block[:, 1, AT["ltv"]] = block[:, 0, AT["ltv"]] + np.rint(change * 2e5).astype(np.int64)
        return block

    first = decide(gate, moments(block_of(3, 100)), NEW, OLD).judged[1]
    assert (first.state, first.error) == ("undecided", pytest.approx(0.4, rel=0.2))
    assert first.times is not None
    assert first.excess is not None
    times = first.times * (first.excess / 0.5) ** 2 * (0.4 / (first.error or 0.4)) ** 2
    passed = sum(
        decide(gate, moments(block_of(100 + k, round(times * 100))), NEW, OLD).judged[1].state
        == "passes"
        for k in range(200)
    )
    assert passed / 200 == pytest.approx(0.8, abs=0.1)


def test_a_difference_at_its_bound_is_decided_by_no_number(tmp_path: Path) -> None:
    block = pairs(1)
    block[:, 1] = block[:, 0]
    goal = verdict_of(tmp_path, block).judged[0]
    assert (goal.state, goal.times) == ("undecided", inf)
    gate = gate_of(tmp_path, "goal: {measure: ltv, better_by: 5 EUR}\n" + TAIL)
    between = decide(gate, moments(pairs(1, gain=1.0)), NEW, OLD).judged[0]
    assert (between.estimate.value or 0.0) > 0.0
    assert between.times == inf


def test_what_never_happened_says_its_bound_and_what_would_decide_it(tmp_path: Path) -> None:
    block = pairs(1, 20, gain=2.0)
    block[:, :, AT["n_spamreport"]] = 0
    text = "guardrails:\n  - {measure: complaint_rate, worse_by: 0.1%}\n"
    found = verdict_of(tmp_path, block, text).judged[1]
    n = int(block[:, 0, AT["n_delivered"]].sum())
    assert found.estimate.high == pytest.approx(1 - 0.025 ** (1 / n))
    assert found.times == pytest.approx(np.log(0.025) / (n * np.log(0.999)))


def test_a_side_without_events_is_not_certain_of_a_harm(tmp_path: Path) -> None:
    """The reference sent too little for a complaint: no wrong do not, and no wrong ship."""
    block = pairs(1, 400, gain=2.0)
    rng = np.random.default_rng(2)
    few = np.zeros((400, 2), int)
    few[:, 0], few[:, 1] = np.repeat([1, 0], [100, 300]), 30
    block[:, :, AT["n_delivered"]] = few
    block[:, :, AT["n_spamreport"]] = rng.binomial(few, 0.004)
    block[:, 0, AT["n_spamreport"]] = 0
    text = "guardrails:\n  - {measure: complaint_rate, worse_by: 0.05%}\n"
    assert verdict_of(tmp_path, block, text).judged[1].state == "undecided"
    assert verdict_of(tmp_path, block[:, ::-1], text).judged[1].state == "undecided"


def test_no_change_ships_without_asking_for_the_goal(tmp_path: Path) -> None:
    block = pairs(1)
    block[:, 1] = block[:, 0]
    found = verdict_of(tmp_path, block, no_change=True)
    assert (found.verdict, found.no_change) == (SHIP, True)
    assert {j.state for j in found.judged} == {"passes"}


def counted(harmed: list[bool], gained: list[bool]) -> HarmCount:
    count = HarmCount(None, 1, NEW, OLD, 1.0)  # type: ignore[arg-type]
    count.count(0, np.arange(len(harmed)), np.array(harmed), np.array(gained))
    return count


HARMED = "guardrails:\n  - {harmed: 25%, by: 1 EUR}\n"


def test_the_share_harmed_fails_only_where_more_are_harmed_than_gain(tmp_path: Path) -> None:
    block, n = pairs(1, gain=2.0), 400
    many = [i % 2 == 0 for i in range(n)]
    others = [not x for x in many]
    nobody = [False] * n
    few = [i % 10 == 0 for i in range(n)]
    states = {
        (a, b): verdict_of(tmp_path, block, HARMED, harmed=counted(x, y)).judged[1].state
        for a, x in (("many", many), ("few", few), ("nobody", nobody))
        for b, y in (("others", others), ("nobody", nobody))
    }
    assert states[("many", "nobody")] == "fails"
    assert states[("many", "others")] == "undecided"  # as chance alone may do
    assert states[("few", "nobody")] == states[("nobody", "nobody")] == "passes"
    (share, error) = (counted(few, nobody).harmed.value, counted(few, nobody).harmed.error)
    assert share == 0.1
    assert error == pytest.approx(sqrt(0.1 * 0.9 / (n - 1)))
    with pytest.raises(OptionError, match="no customers were counted"):
        verdict_of(tmp_path, block, HARMED)


def test_nobody_harmed_among_few_is_no_proof(tmp_path: Path) -> None:
    found = verdict_of(tmp_path, pairs(1), HARMED, harmed=counted([False] * 5, [False] * 5))
    assert found.judged[1].p_pass == pytest.approx(0.75**5)
    assert found.judged[1].state == "undecided"


def test_worlds_pass_by_their_lower_bound_and_never_fail(tmp_path: Path) -> None:
    block, text = pairs(1, 400, gain=2.0), "guardrails:\n  - {worlds: 80%}\n"

    def state(low: float, share: float) -> str:
        row = {"strategy": NEW, "share": share, "low": low, "high": 1.0}
        worlds = {"worlds": 20, "shares": [row]}
        return verdict_of(tmp_path, block, text, worlds=worlds).verdict

    assert state(0.85, 0.9) == SHIP
    assert state(0.7, 0.9) == DISCUSS
    assert state(0.0, 0.01) == DISCUSS
    without = verdict_of(tmp_path, block, text)
    assert without.verdict == DISCUSS
    assert "no worlds were run" in without.judged[1].why


def test_coupled_customers_leave_it_undecided(tmp_path: Path) -> None:
    from omnilab.experiment.statistics import Moments

    found = Moments(PAIR, SOME, minimum_clusters=1000)
    found.add(pairs(1, gain=2.0))
    verdict = decide(gate_of(tmp_path), found, NEW, OLD)
    assert verdict.verdict == DISCUSS
    assert "--replications" in verdict.judged[0].why
