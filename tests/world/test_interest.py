"""Interest without a need: whose it is, what it leads to, and that it moves nothing else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from omnilab.draws.streams import V_AGAIN, VISIT_NEED
from omnilab.errors import ScenarioError
from omnilab.scenario import scenario_digest
from omnilab.world.interest import (
    AFTER_ORDER_LOOK,
    BORN_ORDINAL,
    after_visit,
    next_after_order,
)
from omnilab.world.state import Person
from tests.plain import plain
from tests.verification.worlds import (
    FLAT,
    digests,
    frame,
    having,
    inert_world,
    load,
    orders,
    run,
    world,
)
from tests.worlds import (
    corner,
    drawn,
    inhabited,
    model_of,
    needs_of,
    record,
)

DAY = 86400
DECAY = 0.36 / DAY


# How often a person looks around


def factors(**interest: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the factor on visits and the rate of needs in each category, of 800 persons."""
    model = model_of(corner(world={"interest": interest}))
    factor, rate = [], []
    for _ in range(4):
        cell = inhabited(model, 200)
        factor += cell.person.times[:200].tolist()
        rate += cell.rate[:200].tolist()
        model = model_of(corner(world={"interest": interest}), key={"k0": 10_000 + len(factor)})
    return np.array(factor), np.array(rate)


@pytest.mark.slow
def test_without_it_all_look_around_alike() -> None:
    factor, _ = factors(with_needs=0.7)
    assert (factor == 1.0).all()


def test_persons_differ_by_a_gamma_of_mean_one() -> None:
    factor, rate = factors(shape=0.7)
    assert stats.kstest(factor, stats.gamma(0.7, scale=1 / 0.7).cdf).pvalue > 1e-3
    for c in range(2):
        assert abs(stats.spearmanr(factor, rate[:, c]).statistic) < 4 / math.sqrt(len(factor))


@pytest.mark.slow
def test_the_rank_correlation_with_needs_is_the_one_asked_for() -> None:
    factor, rate = factors(shape=2.0, with_needs=0.6)
    assert stats.kstest(factor, stats.gamma(2.0, scale=0.5).cdf).pvalue > 1e-3
    # The personas' factors on needs blur it a little: 1.5 and 1.
    found = [stats.spearmanr(factor, rate[:, c]).statistic for c in range(2)]
    np.testing.assert_allclose(found, 0.3, atol=0.1)


# What visits and orders lead to


def test_a_visit_leads_to_another_with_its_chance_after_an_exponential_time() -> None:
    model = model_of(interest={"after_visit": 0.4, "fades": 3.0 * DAY})
    person = record(Person, entity=24)
    leads = 0
    for occasion in range(400):
        whether, delay, *_ = drawn(model, VISIT_NEED + V_AGAIN, 24, occasion)
        at, address = plain(after_visit)(model, person, 1000, VISIT_NEED, occasion)
        assert (at >= 0) == (whether < 0.4)
        if at >= 0:
            leads += 1
            assert at == pytest.approx(1000 - math.log(delay) * 3 * DAY, abs=1.5)
            assert 0 <= address < 1 << 56
    assert abs(leads - 160) < 40


def test_an_order_leads_to_a_poisson_number_of_visits_the_more_the_fresher_it_is() -> None:
    model = model_of(interest={"after_order": 2.5, "fades": 4.0 * DAY})
    person = record(Person, entity=8)
    counts, ages = [], []
    for ordinal in range(500):
        total, number = 0.0, 0
        while True:
            total -= math.log(drawn(model, AFTER_ORDER_LOOK, 8, (ordinal << 8) | number)[0])
            at, _ = plain(next_after_order)(model, person, 500, ordinal, number)
            if total >= 2.5:
                assert at == -1
                break
            wanted = -math.log(1 - total / 2.5) * 4 * DAY
            assert at == pytest.approx(500 + wanted, abs=1.5)
            ages.append(at - 500)
            number += 1
        counts.append(number)
    assert np.mean(counts) == pytest.approx(2.5, abs=4 * math.sqrt(2.5 / 500))
    assert np.var(counts) == pytest.approx(2.5, rel=0.3)
    assert stats.kstest(ages, stats.expon(scale=4 * DAY).cdf).pvalue > 1e-3


# Logs


def shop(**interest: Any) -> Any:
    return world(
        population={
            "customers": 60,
            "household_sizes": [1.0],
            "personas": [{"name": "one", "share": 1.0}],
            "dropout": {"a": 0.001, "b": 1000.0},
        },
        channels=[{"preset": "web", "visit": {"idle": 0.5}}, "store", "email"],
        brand={"journeys": []},
        world={**FLAT, "interest": interest},
    )


def visits_of(scenario: Any) -> Any:
    return having(frame(run(scenario, load(scenario, "no_contact")), "no_contact"), "visit")


def test_what_visits_lead_to_is_laid_over_them_and_moves_none() -> None:
    before, after = visits_of(shop()), visits_of(shop(after_visit=0.5, fades="2d"))
    where = ["time", "person", "channel"]
    idle = [v[v["need"] < 0] for v in (before, after)]
    kept = idle[0].merge(idle[1], on=where)
    assert len(kept) == len(idle[0])
    # Each visit, for a need too, has 1 / (1 - p) of them in its line.
    assert len(after) / len(before) == pytest.approx(2.0, abs=0.15)


def test_orders_lead_to_visits_soon_after_them() -> None:
    plain_log, log = (
        frame(run(s, load(s, "no_contact")), "no_contact")
        for s in (shop(), shop(after_order=4, fades="1d"))
    )
    visits, sold = having(log, "visit"), having(log, "order")
    more = len(visits) - len(having(plain_log, "visit"))
    assert more == pytest.approx(4 * len(sold), rel=0.15)
    idle = visits[visits["need"] < 0]
    soon = sum(
        ((idle["person"] == o.person) & (idle["time"] > o.time) & (idle["time"] < o.time + 3 * DAY))
        .any()
        for o in sold.itertuples()
    )  # fmt: skip
    assert soon > 0.9 * len(sold)


def test_looking_ripens_the_open_need_or_the_next_one() -> None:
    model = model_of(interest={"readies": 0.5}, intent={"decay": DECAY})
    from omnilab.interaction.interest import stir_need
    from omnilab.interaction.need import add_need

    cell = inhabited(model, 1)
    plain(stir_need)(cell, model, 0, 0, 1)
    plain(stir_need)(cell, model, 2 * DAY, 0, 1)
    plain(stir_need)(cell, model, 2 * DAY, 0, 0)
    plain(add_need)(cell, model, 4 * DAY, 0, 1, 1)
    (need,) = needs_of(cell, 0)
    left = 0.5 * math.exp(-0.36 * 2) * (1 + math.exp(-0.36 * 2))
    assert need.stock == pytest.approx(left)
    assert (need.stock_t, cell.interest[0, 1]) == (4 * DAY, 0.0)
    plain(stir_need)(cell, model, 5 * DAY, 0, 1)
    assert need.stock == pytest.approx(left * math.exp(-0.36) + 0.5)
    assert cell.interest[0].tolist() == [0.5, 0.0]


def test_a_visit_can_end_in_a_need_which_is_its_own() -> None:
    log = frame(run(s := shop(creates=0.1), load(s, "no_contact")), "no_contact")
    needs, visits = having(log, "need"), having(log, "visit")
    born = needs[needs["need"] >= BORN_ORDINAL]
    idle = (visits["need"] < 0).sum()
    assert len(born) / (idle + len(born)) == pytest.approx(0.1, abs=0.03)
    assert not born.duplicated(["person", "need"]).any()
    assert ((needs["origin"] == 2) == (needs["need"] >= BORN_ORDINAL)).all()
    first = visits[visits["need"] >= BORN_ORDINAL].groupby(["person", "need"]).first().reset_index()
    both = born.merge(first, on=["person", "need"])
    assert len(both) == len(born)
    assert (both["time_x"] == both["time_y"]).all()
    assert (both["returning"] == 0).all()
    noticed = having(log, "aware")
    assert (noticed.loc[noticed["need"] >= BORN_ORDINAL, "cause"] == 3).all()
    # All other needs are those of a world without such visits.
    without = having(frame(run(s := shop(), load(s, "no_contact")), "no_contact"), "need")
    keys = ["time", "person", "need", "value"]
    own = needs[needs["need"] < BORN_ORDINAL]
    left = set(having(log, "left")["person"])
    assert own[~own["person"].isin(left)][keys].merge(without[keys]).shape[0] == len(
        own[~own["person"].isin(left)]
    )


ON: dict[str, Any] = {
    "shape": 1.5, "with_needs": 0.5, "after_order": 1.0, "after_visit": 0.3, "readies": 0.4,
    "creates": 0.02,
}  # fmt: skip


def test_keys_at_their_defaults_change_neither_digest_nor_log() -> None:
    before = world(population={"customers": 24})
    after = world(population={"customers": 24},
                  world={"interest": dict.fromkeys(ON, 0.0)})  # fmt: skip
    assert scenario_digest(before) == scenario_digest(after)
    results = [digests(run(s, load(s, "omnichannel"))) for s in (before, after)]
    assert results[0] == results[1]


@pytest.mark.parametrize("key", sorted(set(ON) - {"with_needs"}))
def test_each_key_changes_the_log(key: str) -> None:
    off, on = shop(), shop(**{key: ON[key]})
    logs = [digests(run(s, load(s, "no_contact"))) for s in (off, on)]
    assert logs[0] != logs[1]
    assert scenario_digest(off) != scenario_digest(on)


def test_both_engines_have_the_same_log() -> None:
    scenario = world(population={"customers": 16}, world={"interest": ON})
    strategies = load(scenario, "omnichannel", "multichannel")
    compiled, simple = (digests(run(scenario, strategies, engine=e)) for e in ("compiled", "simpy"))
    assert compiled == simple


def test_messages_without_effect_still_change_no_order() -> None:
    scenario = inert_world(population={"customers": 80}, world={"interest": ON})
    result = run(scenario, load(scenario, "no_contact", "omnichannel"))
    assert orders(result, "no_contact") == orders(result, "omnichannel") != []


@pytest.mark.parametrize(
    ("key", "value"), [("after_visit", 0.95), ("creates", 1.5), ("shape", -1.0), ("fades", "soon")]
)
def test_a_value_out_of_its_range_is_an_error_that_names_it(key: str, value: Any) -> None:
    with pytest.raises(ScenarioError, match=rf"interest\.{key}"):
        world(world={"interest": {key: value}})
