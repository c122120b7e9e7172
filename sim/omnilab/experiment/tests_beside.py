"""The split tests of compared strategies: what the brand's tool reads of each, beside the truth.

A comparison keeps no log, so a test is read in a run of its own, by
`omnilab.experiment.arm_tests.run_test` as ``omnilab arms`` does: the first replication's customers,
`STANDING` at most. It takes that run and one for each arm, so it is done for two strategies at
most; of the others, and where it is left out, the test and its arms stand alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import StrategyError
from omnilab.experiment.arm_data import arms_data
from omnilab.experiment.arm_tests import WITHIN, run_test, used_tests, within_of
from omnilab.experiment.equal_volume import STANDING, standing_pair
from omnilab.experiment.request import Request

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.split_tests import SplitTest
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["BETTER", "CHANCE", "SAME", "WORSE", "reads_as", "split_rows", "tests_read"]

#: What is compared between arms: of a profile as the tool reads it, of a customer in truth.
MEASURE: Final = "revenue"
BETTER: Final = "better"
WORSE: Final = "worse"
CHANCE: Final = "may be chance"
SAME: Final = "no difference"
_MOST_READ: Final = 2  # strategies

Row = dict[str, Any]


def split_rows(
    scenario: Scenario, strategies: Sequence[LoadedStrategy], request: Request, *, read: bool
) -> list[Row]:
    """Return a row for each strategy, test that it has a step of, and arm.

    Parameters
    ----------
    scenario
        With the customers of the comparison.
    strategies
        Those that were compared.
    request
        Of the comparison.
    read
        Whether the tests are read, too; else there are names and shares alone.
    """
    having = [s for s in strategies if used_tests(scenario, s)]
    names = [s.name for s in strategies]
    first = standing_pair(names, scenario, request.against) or ()
    having.sort(key=lambda s: (s.name not in first, s.name))
    rows = []
    for number, strategy in enumerate(having):
        for test in used_tests(scenario, strategy):
            found = None
            if read and number < _MOST_READ:
                found = _read(scenario, strategy, test, request)
            rows += _rows(scenario.currency, strategy.name, test, found)
    return rows


def tests_read(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether any test of a kept result was read."""
    return any(row["customers"] is not None for row in rows)


def reads_as(estimate: Mapping[str, float | None]) -> str | None:
    """Say how one reads a difference by its interval; None where it has none."""
    low, high = estimate["low"], estimate["high"]
    if low is None or high is None:
        return None
    if low == high == 0.0:  # nobody bought, or all twins alike
        return SAME
    return BETTER if low > 0.0 else WORSE if high < 0.0 else CHANCE


def _read(
    scenario: Scenario, strategy: LoadedStrategy, test: SplitTest, request: Request
) -> Row | None:
    """Return what ``omnilab arms`` finds; None where a strategy fails that did not before."""
    customers = min(scenario.population.customers, STANDING)
    what = f"reading the test {test.name} under {strategy.name}"
    try:
        found = run_test(
            scenario.with_customers(customers), strategy, test, within=within_of(WITHIN),
            seed=request.seed, engine=request.engine, threads=request.threads,
            progress=lambda _, done: request.say(what, done),
        )  # fmt: skip
    except StrategyError as error:  # no reason to lose the comparison
        request.say(f"the test {test.name} is not read: {error}", 1.0)
        return None
    return arms_data(found)


def _rows(currency: str, strategy: str, test: SplitTest, found: Row | None) -> list[Row]:
    first = next(iter(test.arms))
    data = found or {"customers": None, "contamination": None, "arms": (), "truth": ()}
    seen = {row["arm"]: row for row in data["arms"] if row["unit"] == "profile"}
    true = {row["arm"]: row for row in data["truth"] if row["measure"] == MEASURE}
    return [
        {
            "strategy": strategy,
            "test": test.name,
            "by": test.by,
            "arm": arm,
            "share": share,
            "against": None if arm == first else first,
            "customers": data["customers"],
            "within_s": within_of(WITHIN),
            "contamination": data["contamination"],
            "profiles": seen[arm]["units"] if found else None,
            "buyers": seen[arm]["buyers"] if found else None,
            "unit": currency,
            **_difference("seen", seen.get(arm, {}).get(f"{MEASURE}_difference")),
            **_difference("true", true.get(arm)),
        }
        for arm, share in test.arms.items()
    ]


def _difference(name: str, estimate: Mapping[str, Any] | None) -> Row:
    found = estimate or {"value": None, "low": None, "high": None}
    return {
        name: found["value"], f"{name}_low": found["low"], f"{name}_high": found["high"],
        f"{name}_verdict": reads_as(found),
    }  # fmt: skip
