"""Orders are as regular as a category says, and the needs that make them are no brand's doing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from omnilab.draws.inverse import from_table
from omnilab.engine.regularity import Fates, regularity_of
from omnilab.errors import ScenarioError
from omnilab.lowering.laws import gap_tables
from omnilab.scenario import scenario_digest
from tests.plain import plain
from tests.verification.test_needs import purchase_world
from tests.verification.worlds import (
    DAY,
    digests,
    frame,
    load,
    log,
    of_kinds,
    run,
    world,
)

STAYS = {"population": {"dropout": {"a": 0.001, "b": 1000.0}}}
RNG = np.random.default_rng(7)


def gamma_gaps(k: float, persons: int = 400, n: int = 60) -> tuple[Any, Any]:
    """Return persons and times of events with gamma gaps, each person at an own pace."""
    pace = RNG.gamma(1.5, size=(persons, 1)) + 0.05
    times = np.cumsum(RNG.gamma(k, size=(persons, n)) / k * pace, axis=1)
    return np.repeat(np.arange(persons), n), times.ravel()


@pytest.mark.parametrize("k", [0.5, 1.0, 2.0, 6.0])
def test_regularity_is_the_shape_of_gamma_gaps_whatever_the_pace(k: float) -> None:
    person, time = gamma_gaps(k)
    mixed = RNG.permutation(len(person))
    found, pairs = regularity_of(person[mixed], time[mixed])
    assert pairs == 400 * 58
    assert found == pytest.approx(k, rel=0.06)


def test_events_of_one_moment_count_once_and_two_events_say_nothing() -> None:
    assert regularity_of(np.array([0, 0, 1, 1]), np.array([1, 5, 2, 3])) == (0.0, 0)
    person, time = np.array([0, 0, 0, 0, 0]), np.array([0, 0, 4, 4, 8])
    assert regularity_of(person, time)[1] == 1


@pytest.mark.parametrize("k", [0.6, 1.0, 2.5, 40.0])
def test_tables_of_gaps_are_gamma_and_the_first_is_the_forward_recurrence(k: float) -> None:
    gap, first = gap_tables(k)
    u = (np.arange(4000) + 0.5) / 4000
    gaps = np.array([plain(from_table)(gap, x) for x in u])
    assert stats.kstest(gaps, stats.gamma(k, scale=1 / k).cdf).statistic < 1e-3
    waits = np.array([plain(from_table)(first, x) for x in u])
    assert waits.mean() == pytest.approx((1 + 1 / k) / 2, rel=0.01)  # E[G^2] / (2 E[G])


@pytest.mark.parametrize(("k", "p"), [(1.5, 1.0), (2.0, 0.8)])
def test_the_shape_is_solved_against_losses_and_delays(k: float, p: float) -> None:
    """Fates without delay: a share p of needs is ordered; simulated apart, orders have k."""
    person, time = gamma_gaps(1.0, 600)
    seconds = (time * 1e6).astype(np.int64)
    kept = RNG.random(len(person)) < p
    late = (RNG.exponential(0.1e6, len(person))).astype(np.int64)
    fates = Fates.of(person, seconds, np.where(kept, seconds + late, -1))
    assert fates.share == pytest.approx(p, abs=0.02)
    shape = fates.shape_for(k, "x")
    assert shape > k
    who, times = gamma_gaps(shape, 600)
    kept = RNG.random(len(who)) < p
    delay = RNG.exponential(0.1, len(who))
    assert regularity_of(who[kept], (times + delay)[kept])[0] == pytest.approx(k, rel=0.08)


def test_what_losses_and_delays_forbid_is_an_error_that_says_what_is_possible() -> None:
    person, time = gamma_gaps(1.0, 400)
    seconds = (time * 1e6).astype(np.int64)
    ordered = np.where(RNG.random(len(person)) < 0.3, seconds, -1)
    with pytest.raises(ScenarioError, match=r"the regularity 4: 30% of needs .* lies from 0\.\d"):
        Fates.of(person, seconds, ordered).shape_for(4.0, "food")
    with pytest.raises(ScenarioError, match=r"categories\.food\.order_regularity"):
        Fates.of(person[:60], seconds[:60], ordered[:60]).shape_for(1.0, "food")


@pytest.mark.parametrize("k", [1.7, 4.0])
def test_notices_are_a_stationary_renewal_process_whatever_stays_unnoticed(k: float) -> None:
    n, every = 1200, 8
    scenario = purchase_world(
        n, 150, every=f"{every}d", shape=1e6, order_regularity=k, latent="3d"
    ).changed(STAYS)
    table = frame(run(scenario, load(scenario, "no_contact")), "no_contact")
    aware, needs = (table[table["kind"] == kind] for kind in ("aware", "need"))
    for low, high in ((0, 4), (4, 20), (100, 140)):
        inside = aware["time"].between(low * DAY, high * DAY - 1)
        each = np.bincount(aware["person"][inside], minlength=n)
        error = each.std() / math.sqrt(n)
        assert abs(each.mean() - (high - low) / every) < 4.5 * error, (low, each.mean())
    aware = aware.sort_values(["person", "time"])
    place = aware.groupby("person").cumcount()
    gaps = aware.groupby("person")["time"].diff()[(place >= 1) & (place <= 6)] / DAY
    assert stats.kstest(gaps, stats.gamma(k, scale=every / k).cdf).pvalue > 1e-4
    both = aware.merge(needs, on=["person", "need"], suffixes=("", "_arrives"))
    hidden = (both["time"] - both["time_arrives"]) / DAY
    assert (hidden > 0).all()
    assert 1.5 < hidden[both["need"] > 0].mean() < 3.0  # cut where the need before came later


def test_orders_have_the_regularity_that_is_asked_for() -> None:
    """A shop in which four of five needs are ordered, some days late; with messages too."""

    def shop(**category: Any) -> Any:
        base = purchase_world(500, 365, every="10d", shape=20.0, patience="30d", **category)
        (place,) = base.model_dump()["channels"]
        place["visit"]["completes"] = 0.6
        return base.changed({
            "channels": [place], **STAYS,
            "world": {"intent": {"returns_by_itself": 0.8}, "continuity": {"annoys": 0.0,
                      "give_up": 0.0}},
        })  # fmt: skip

    found = {}
    for name, category in (
        ("stages", {"regularity": 2, "latent": "2d"}),
        ("asked", {"order_regularity": 1.8, "latent": "2d"}),
    ):
        scenario = shop(**category)
        result = run(scenario, load(scenario, "no_contact"), solves=True)
        rows = of_kinds(log(result, "no_contact"), "order")
        found[name] = regularity_of(rows["person"], rows["time"])[0]
    assert found["stages"] < 1.5
    assert found["asked"] == pytest.approx(1.8, rel=0.1)


def test_needs_are_the_same_under_every_strategy() -> None:
    categories = world().model_dump()["categories"]
    for category in categories:
        category["order_regularity"] = 2.5
    scenario = world(population={"customers": 60}).changed({"categories": categories, **STAYS})
    result = run(scenario, load(scenario, "no_contact", "omnichannel"))
    needs, gone = [], set()
    for name in ("no_contact", "omnichannel"):
        table = frame(result, name)
        gone |= set(table.loc[table["kind"] == "left", "person"])
        needs.append(table[table["kind"] == "need"])
    rows = [t[~t["person"].isin(gone)][["time", "person", "need", "value"]] for t in needs]
    assert len(rows[0]) > 300
    assert (rows[0].to_numpy() == rows[1].to_numpy()).all()


def test_off_is_the_scenario_and_the_log_that_were_and_engines_agree() -> None:
    before = world(population={"customers": 20})
    tree = before.model_dump()["categories"]

    def asked(regularity: float) -> Any:
        some = [category | {"order_regularity": regularity} for category in tree]
        return before.changed({"categories": some})

    assert scenario_digest(before) == scenario_digest(asked(0.0)) != scenario_digest(asked(2.0))
    compiled, simpy = (
        [digests(run(s, load(s, "omnichannel"), engine=e)) for s in (asked(0.0), asked(2.0))]
        for e in ("compiled", "simpy")
    )
    assert compiled == simpy
    assert compiled[0] == digests(run(before, load(before, "omnichannel"))) != compiled[1]


@pytest.mark.parametrize("regularity", [-1.0, 51.0])
def test_a_regularity_out_of_its_range_is_an_error_that_names_it(regularity: float) -> None:
    tree = world().model_dump()["categories"]
    tree[0]["order_regularity"] = regularity
    with pytest.raises(ScenarioError, match="order_regularity"):
        world().changed({"categories": tree})
