"""Past tests predicted from each other: small simulations of two tests, and lifts made by hand."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from omnilab.errors import OmnilabError
from omnilab.fit.backtest import past_tests
from omnilab.fit.backtest.past_tests import PastLift, TestsBacktest, backtest_tests
from omnilab.fit.backtest.request import BacktestRequest
from omnilab.fit.experiment.course import carry_out_test
from omnilab.fit.experiment.found import FittedTest
from omnilab.fit.experiment.moments import Moment
from tests.fit.experiment.tables import rows_of, write_table

COFFEE = "mapples-coffee-v1"
ABOVE = "control: control\nwithin: 14d\n"
CONTENT = "content: {men: everything, women: everything}"


def two_tests(folder: Path, sent: tuple[str, str] = ("2026-03-02", "2026-06-01")) -> Path:
    """Write two tests of one law, of other customers, and the file that names them."""
    for name, seed, day in zip(("march", "june"), (1, 2), sent, strict=True):
        columns = rows_of(900, seed=seed)
        columns["customer"] = columns["customer"] + 10_000 * seed
        columns = {k: v for k, v in columns.items() if k not in ("men", "women", "newbie")}
        write_table(folder / f"{name}.csv", columns, sent_at=np.full(900, day))
    file = folder / "past.yaml"
    items = "".join(f"  - {{table: {name}.csv, {CONTENT}}}\n" for name in ("march", "june"))
    file.write_text(f"{ABOVE}tests:\n{items}", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[TestsBacktest, FittedTest]:
    """Return a backtest of two tests, each left out by turns, and the fit to both."""
    folder = tmp_path_factory.mktemp("tests")
    two_tests(folder)
    kept: list[FittedTest] = []

    def small(*args, **more) -> FittedTest:
        kept.append(partial(carry_out_test, customers=400, take_part=80, waves=(6, 3))(
            *args, **more
        ))  # fmt: skip
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past_tests, "carry_out_test", small)
        patch.setattr("omnilab.fit.experiment.search._ANCHORS", 1)
        patch.setattr("omnilab.fit.experiment.search._FINAL_COPIES", 2)
        found = backtest_tests(BacktestRequest(scenario=COFFEE, tests=folder))
    return found, kept[0]


@pytest.mark.long
def test_each_test_is_predicted_from_the_other(made: tuple[TestsBacktest, FittedTest]) -> None:
    found, fitted = made
    assert found.how == "each test is predicted from all others"
    assert {lift.source for lift in found.lifts} == {"march.csv", "june.csv"}
    assert len(found.lifts) == len(fitted.wanted.moments) == found.verdict.n
    assert all(part.held is None for part in fitted.parts)  # nothing is held out of a test
    for lift in found.lifts:
        assert lift.predicted_error > 0
        assert lift.is_inside == (abs(lift.z) <= 1.6449)
    of_all = [x for x in found.lifts if x.moment.stratum == "all" and x.moment.outcome == "visit"]
    march = [x.measured for x in of_all if x.source == "march.csv"]
    assert [x.mean for x in of_all if x.source == "june.csv"] == pytest.approx(
        [np.mean(march)] * len(march)
    )
    assert found.verdict.inside == sum(lift.is_inside for lift in found.lifts)


@pytest.mark.long
def test_a_test_does_not_predict_itself(made: tuple[TestsBacktest, FittedTest]) -> None:
    _, fitted = made
    # Each from the same simulations: a fit adds some of its own.
    before = {x.moment: x for x in past_tests._predicted(deepcopy(fitted), [1])}
    last = fitted.parts[1]
    other = replace(last.wanted, values=last.wanted.values + 4 * last.wanted.errors)
    changed = replace(fitted, parts=(fitted.parts[0], replace(last, wanted=other)))
    for lift in past_tests._predicted(deepcopy(changed), [1]):
        was = before[lift.moment]
        assert lift.measured == pytest.approx(was.measured + 4 * was.measured_error)
        assert lift.predicted == pytest.approx(was.predicted, rel=1e-9)


def test_tests_after_the_date_are_predicted_from_those_before(tmp_path: Path) -> None:
    file = two_tests(tmp_path)
    request = BacktestRequest(scenario=COFFEE, tests=file, first_day=date(2026, 5, 1))
    requests = past_tests.read_requests(past_tests.experiment_request(request, file))
    left_out, how = past_tests._left_out(request, requests)
    assert left_out == [[1]]
    assert how == "1 tests from 2026-05-01 on, from 1 before"
    late = replace(request, first_day=date(2026, 7, 1))
    with pytest.raises(OmnilabError, match="from 2026-03-02 to 2026-06-01") as error:
        past_tests._left_out(late, requests)
    assert "\n" not in str(error.value)


def lifts_of(measured: np.ndarray, predicted: np.ndarray, mean: float = 0.3) -> list[PastLift]:
    moment = Moment("visit", "men", "all", 0, "all")
    return [
        PastLift("june.csv", moment, float(m), 0.01, float(p), 0.005, mean)
        for m, p in zip(measured, predicted, strict=True)
    ]


def test_lifts_are_judged_as_weeks_are() -> None:
    request = BacktestRequest(scenario=COFFEE, tests=Path("past.yaml"))
    rng = np.random.default_rng(4)
    truth = rng.uniform(0.04, 0.12, 20)
    measured = truth + rng.normal(0, 0.01, 20)
    right = past_tests._judged(lifts_of(measured, truth), request)
    assert right.verdict == "trust", right.reason
    twice = past_tests._judged(lifts_of(measured, 2 * truth), request)
    assert twice.verdict == "correct", twice.reason
    assert twice.factor == pytest.approx(0.5, rel=0.1)
    assert "of lifts" in twice.reason
    noise = past_tests._judged(lifts_of(measured, rng.permutation(truth) * 3 - 0.1), request)
    assert noise.verdict == "don't", noise.reason
    none = past_tests._judged(lifts_of(rng.normal(0, 0.01, 20), truth), request)
    assert none.worse_than == "no lift" or none.verdict != "trust"
