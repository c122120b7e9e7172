"""Early repeats after a cohort's first orders: by their formula, and no brand's doing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario import scenario_digest
from tests.verification.test_needs import purchase_world
from tests.verification.worlds import DAY, digests, frame, load, log, of_kinds, run, world

LATE = {"every": "60d", "shape": 1.0, "regularity": 2}


def cohort(n: int, days: int, **early: Any) -> Any:
    entry: dict[str, Any] = {"over": "1d"}
    if early:
        entry["early"] = early
    return purchase_world(n, days, **LATE).changed(
        {"population": {"dropout": {"a": 0.001, "b": 1000.0}, "entry": entry}}
    )


def needs_of(scenario: Any) -> Any:
    rows = of_kinds(log(run(scenario, load(scenario, "no_contact")), "no_contact"), "need")
    return rows[np.lexsort((rows["need"], rows["person"]))]


def test_early_repeats_come_on_top_and_are_as_many_as_the_formula_says() -> None:
    """Mean and variance over persons: Poisson given the rate, exponential over persons."""
    n, share, times, half = 5000, 0.4, 3.0, 20.0
    plainly = needs_of(cohort(n, 130))
    burst = needs_of(cohort(n, 130, share=share, times=times, half_life="20d"))
    own = burst[burst["need"] <= 1 << 24]
    for name in plainly.dtype.names:
        if name != "seq":
            assert (plainly[name] == own[name]).all(), name
    extra = burst[burst["need"] > 1 << 24]
    entered = own["time"][own["need"] == 1 << 24]
    age = (extra["time"] - entered[extra["person"]]) / DAY
    for until in (10, 30, 120):
        x = np.bincount(extra["person"][age < until], minlength=n)
        mean = times / 60.0 * half / math.log(2.0) * (1.0 - 2.0 ** (-until / half))
        assert abs(x.mean() - share * mean) < 4 * x.std() / math.sqrt(n), until
        # Of those who have any, geometric: variance mean + mean^2; with the share in it:
        variance = share * (mean + 2 * mean * mean) - (share * mean) ** 2
        assert x.var() == pytest.approx(variance, rel=0.12)


def test_early_repeats_are_the_same_under_every_strategy() -> None:
    entry = {"over": "40d", "early": {"share": 0.8, "times": 20.0, "half_life": "15d"}}
    scenario = world(population={"customers": 60, "entry": entry, "dropout": {"a": 0.001, "b": 99}})
    result = run(scenario, load(scenario, "no_contact", "omnichannel"))
    found = []
    for name in ("no_contact", "omnichannel"):
        table = frame(result, name)
        gone = table[table["kind"] == "left"].groupby("person")["time"].min()
        burst = table[(table["kind"] == "need") & (table["need"] > 1 << 24)]
        burst = burst[burst["need"] < 1 << 25]
        found.append((burst, gone))
    (one, left_one), (other, left_other) = found
    assert len(one) > 60
    stay = set(range(60)) - set(left_one.index) - set(left_other.index)
    keep = ["time", "person", "need", "value"]
    rows = [t[t["person"].isin(stay)][keep].to_numpy() for t in (one, other)]
    assert len(stay) > 20
    assert (rows[0] == rows[1]).all()


def test_early_repeats_off_is_the_log_that_was_and_engines_agree() -> None:
    entry = {"over": "40d"}
    before = world(population={"customers": 20, "entry": entry})
    after = world(population={"customers": 20, "entry": entry | {"early": {"share": 0.0}}})
    on = world(
        population={"customers": 20, "entry": entry | {"early": {"share": 0.9, "times": 9.0}}}
    )
    assert scenario_digest(before) == scenario_digest(after) != scenario_digest(on)
    compiled, simpy = (
        [digests(run(s, load(s, "omnichannel"), engine=e)) for s in (before, on)]
        for e in ("compiled", "simpy")
    )
    assert compiled == simpy
    assert compiled[0] != compiled[1]


@pytest.mark.parametrize(
    "early", [{"half_life": "0d"}, {"times": -1.0}, {"share": 1.5}, {"halflife": "3d"}]
)
def test_what_cannot_be_is_an_error_that_names_it(early: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match=rf"early\.{next(iter(early))}"):
        world(population={"entry": {"over": "5d", "early": early}})
