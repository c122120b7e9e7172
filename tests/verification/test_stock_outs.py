"""What people do who find nothing, counted from logs, beside what Corsten and Gruen found."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from tests.verification.worlds import load, log, run
from tests.world.test_stock import RANGES, shop

#: It runs thousands of persons for some hundred empty shelves.
pytestmark = pytest.mark.slow

ANSWERS = {
    "substitute": (rows.DOES_SUBSTITUTE,),
    "elsewhere": (rows.DOES_ELSEWHERE, rows.DOES_RIVAL),
    "wait": (rows.DOES_WAIT,),
    "nothing": (rows.DOES_NOTHING,),
    "by stock": (rows.DOES_SHIP, rows.DOES_RESERVE),
}


@cache
def answers(units: int, customers: int, strategy: str = "multichannel") -> dict[str, float]:
    """Return percentages of what is done at a need's first empty shelf, by the engine's log."""
    scenario = shop(units=units) if units else load_scenario("shoe-size-v1")
    return shares(first_outs(scenario.with_customers(customers), strategy))


def first_outs(scenario: Scenario, strategy: str) -> Any:
    """Return the first row of each need that met an empty shelf."""
    done = run(scenario, load(scenario, strategy), pilot=200)
    outs = rows.of_kind(log(done, strategy), rows.STOCK_OUT)
    keys = np.stack((outs["person"].astype(np.int64), outs["need"].astype(np.int64)))
    _, first = np.unique(keys, axis=1, return_index=True)
    return outs[np.sort(first)]


def shares(outs: Any) -> dict[str, float]:
    assert len(outs) >= 60
    return {
        name: 100.0 * float(np.isin(outs["does"], done).mean()) for name, done in ANSWERS.items()
    }


def test_where_brands_run_out_one_by_one_answers_are_in_the_published_ranges() -> None:
    """Of 100 persons who share 180 units of five brands, one brand in some is out at a time."""
    found = answers(180, 3000)
    assert sum(found.values()) == pytest.approx(100.0)
    for name, (low, high) in RANGES.items():
        assert low - 3 <= found[name] <= high + 3, (name, found)


def test_on_a_shelf_that_is_empty_of_all_brands_they_are_not() -> None:
    """Nobody takes a substitute that is out, too: the ranges are of single goods."""
    found = answers(50, 600)
    assert found["substitute"] < 10
    assert found["elsewhere"] > RANGES["elsewhere"][1]


def test_of_shoes_few_take_another_size_and_a_chain_that_sees_its_units_keeps_half() -> None:
    apart, seen = answers(0, 6000), answers(0, 6000, "omnichannel")
    assert apart["substitute"] < 15
    assert apart["by stock"] == 0.0
    assert seen["by stock"] > 30
    assert seen["elsewhere"] < apart["elsewhere"]
