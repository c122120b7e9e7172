"""Past tests, each predicted from the others: lifts as measured beside lifts as predicted.

The response is fitted to all lifts but those of the tests that are left out, whose control arms
alone are used, for their base rates. The simulated points are those of one search: they say which
lifts a point has, and nothing of what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from datetime import date as Date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from omnilab.errors import DataError, OptionError
from omnilab.fit.backtest.request import BacktestRequest, experiment_request, tests_file_in
from omnilab.fit.backtest.verdict import CHANCE, Verdict, judge
from omnilab.fit.experiment.course import carry_out_test
from omnilab.fit.experiment.found import FittedTest
from omnilab.fit.experiment.moments import Found, Moment
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.tests_file import read_requests, read_tests

__all__ = ["MEAN", "NO_LIFT", "PastLift", "TestsBacktest", "backtest_tests"]

Floats = npt.NDArray[np.float64]
Say = Callable[[str], None]
Show = Callable[[str, float], None]

#: Simple rules: the other tests' mean lift, and none at all.
MEAN, NO_LIFT = "mean of the others", "no lift"
_Z: Final = float(norm.ppf((1 + CHANCE) / 2))
#: A lift that is left out has so many times its standard error: as good as no weight.
_LEFT_OUT: Final = 100.0


@dataclass(frozen=True)
class PastLift:
    """A lift of a test that was left out.

    Parameters
    ----------
    source
        The test's table.
    moment
        Whose lift, of what, in which group.
    measured, measured_error
        In the test, with its standard error.
    predicted, predicted_error
        From the other tests, with the doubt of parameters and simulation.
    mean
        The other tests' mean lift of that outcome.
    """

    source: str
    moment: Moment
    measured: float
    measured_error: float
    predicted: float
    predicted_error: float
    mean: float

    @property
    def error(self) -> float:
        """Standard error of the difference."""
        return float(np.hypot(self.measured_error, self.predicted_error))

    @property
    def z(self) -> float:
        """Prediction less measurement, in standard errors of both."""
        return (self.predicted - self.measured) / self.error if self.error > 0 else 0.0

    @property
    def is_inside(self) -> bool:
        """Whether the two differ by no more than 90% of chance."""
        return abs(self.z) <= _Z


@dataclass(frozen=True)
class TestsBacktest:
    """What came of predictions of past tests.

    Parameters
    ----------
    source
        The file of tests.
    how
        Which were predicted from which, in words.
    lifts
        Test after test.
    verdict
        By the lifts.
    warnings
        What a reader must know of the tables.
    """

    __test__ = False

    source: str
    how: str
    lifts: tuple[PastLift, ...]
    verdict: Verdict
    warnings: tuple[str, ...]


def backtest_tests(
    request: BacktestRequest, *, threads: int = 1, say: Say = lambda _line: None,
    show: Show = lambda _what, _share: None,
) -> TestsBacktest:  # fmt: skip
    """Predict past tests from each other.

    Parameters
    ----------
    request
        With ``tests``.

    Raises
    ------
    DataError, OptionError, ScenarioError
        What is wrong with the file, a table or the base, in one line.
    """
    assert request.tests is not None
    file = tests_file_in(request.tests)
    requests = read_requests(experiment_request(request, file))
    requests = [replace(one, holdout="0%", splits=1) for one in requests]
    for one in requests:
        one.check()
    if len(requests) < 2:
        raise DataError("one test: at least 2 are needed, one to fit and one to predict", file=file)
    left_out, how = _left_out(request, requests)
    fitted = carry_out_test(
        requests, scenario_id="backtest-v1", threads=threads, say=say, show=show
    )
    lifts = [lift for out in left_out for lift in _predicted(fitted, out)]
    return TestsBacktest(
        file.name, how, tuple(lifts), _judged(lifts, request), tuple(fitted.warnings)
    )


def _left_out(
    request: BacktestRequest, requests: Sequence[ExperimentRequest]
) -> tuple[list[list[int]], str]:
    """Return the numbers of the tests that are left out together, and how in words."""
    n = len(requests)
    each = [[number] for number in range(n)]
    if request.first_day is None:
        return each, "each test is predicted from all others"
    tests = read_tests(requests)[1]
    sent = [test.sent for test in tests]
    if any(one is None for one in sent):
        return each, "not all tests have dates: each is predicted from all others"
    days = [_day(one[0]) for one in sent if one is not None]
    after = [number for number, day in enumerate(days) if day >= request.first_day]
    if not after or len(after) == n:
        if request.log is not None:  # the date is the log's first
            return each, f"all tests are on one side of {request.first_day}: each from all others"
        raise OptionError(
            f"--from {request.first_day}: the tests were sent from {min(days)} to {max(days)}, and "
            "some are needed on either side of the date; without --from each is predicted from "
            "the others"
        )
    return [after], f"{len(after)} tests from {request.first_day} on, from {n - len(after)} before"


def _day(second: int) -> Date:
    return datetime.fromtimestamp(second, tz=UTC).date()


def _predicted(fitted: FittedTest, out: Sequence[int]) -> list[PastLift]:
    """Return the lifts of some tests as they are predicted from all others."""
    wanted = fitted.wanted
    gone = np.array([m.test in out for m in wanted.moments])
    scale = np.where(gone, _LEFT_OUT, 1.0)
    known = np.outer(~gone, ~gone) | np.outer(gone, gone)  # tests have customers of their own
    # What was left out is known to nobody here: the others' mean stands in its place, and weakly.
    others = [_mean(wanted, m, gone) for m in wanted.moments]
    weak = Found(
        wanted.moments, np.where(gone, others, wanted.values),
        wanted.covariance * np.outer(scale, scale) * known,
    )  # fmt: skip
    value, covariance = fitted.searched.again(weak).predicted()
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return [
        PastLift(
            fitted.parts[m.test].test.source, m, float(wanted.values[k]),
            float(wanted.errors[k]), float(value[k]), float(error[k]), _mean(wanted, m, gone),
        )
        for k, m in enumerate(wanted.moments) if gone[k]
    ]  # fmt: skip


def _mean(wanted: Found, moment: Moment, gone: npt.NDArray[np.bool_]) -> float:
    """Return the others' mean lift of an outcome, in the same group where they have it."""
    of = [k for k, m in enumerate(wanted.moments) if m.outcome == moment.outcome and not gone[k]]
    same = [
        k for k in of
        if (wanted.moments[k].stratum, wanted.moments[k].group) == (moment.stratum, moment.group)
    ]  # fmt: skip
    return float(wanted.values[same or of].mean()) if of else 0.0


def _judged(lifts: Sequence[PastLift], request: BacktestRequest) -> Verdict:
    """Return the verdict; lifts are in standard errors, so that points and money stand together."""
    error = np.array([max(lift.error, 1e-12) for lift in lifts])
    actual = np.array([lift.measured for lift in lifts]) / error
    predicted = np.array([lift.predicted for lift in lifts]) / error
    rules = {
        MEAN: np.array([lift.mean for lift in lifts]) / error, NO_LIFT: np.zeros(len(lifts)),
    }  # fmt: skip
    return judge(
        actual, predicted, predicted - _Z, predicted + _Z, rules,
        noise=np.array([lift.measured_error for lift in lifts]) / error,
        weights=np.ones(len(lifts)), limits=request.limits, what="lifts",
    )  # fmt: skip
