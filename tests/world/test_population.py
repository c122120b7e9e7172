"""What a person is born with, each trait against the law of its draw."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special

from omnilab.cell.memory import Cell
from omnilab.draws import streams
from omnilab.engine.loop import people
from omnilab.kernels.compiling import kernel
from omnilab.world import population
from tests.plain import plain
from tests.worlds import (
    APP,
    DAY,
    EMAIL,
    PUSH,
    WEB,
    cell_of,
    corner,
    drawn,
    inhabited,
    model_of,
)

RULES = (
    "world/state.py", "world/fatigue.py", "world/satisfaction.py", "world/response.py",
    "world/choice.py", "world/money.py", "world/identifiers.py", "world/idle.py",
)  # fmt: skip
N = 60
MODEL = model_of(
    intent={"threshold": 1.0, "threshold_sd": 0.5}, fatigue={"ideal": 1.2, "ideal_sigma": 0.6},
    birth={"prior": 0.3, "entry_over": 0},
    identifiers={"shared_pc": 0.6, "short_share": 0.4, "address_life": 300.0 * DAY},
)  # fmt: skip
CELL = inhabited(MODEL, N)


def draws(who: int, stream: int, occasion: int = 0) -> tuple[float, ...]:
    return drawn(MODEL, stream, CELL.person[who].entity, occasion)


def quantile(table: int, u: float) -> float:
    """Return a table's value at ``u``: tables are tested against their laws with the draws."""
    from omnilab.draws.inverse import from_table

    return float(plain(from_table)(MODEL.table[table], u))


@pytest.mark.parametrize("who", range(N))
def test_nature(who: int) -> None:
    person = CELL.person[who]
    u, v, x, y = draws(who, streams.PERSON)
    assert person.entity == 8 * who
    assert person.persona == int(u >= 0.4)
    assert person.effect == pytest.approx(special.ndtri(v), abs=1e-8)
    assert person.threshold == pytest.approx(1.0 + 0.5 * special.ndtri(x), abs=1e-8)
    assert person.ideal == pytest.approx(1.2 * math.exp(0.6 * special.ndtri(y)), rel=1e-8)
    u, v, _, _ = draws(who, streams.PERSON, 1)
    assert person.prior == person.purchases == int(u < 0.3)
    assert person.dropout == quantile(MODEL.classes[0].table_dropout, v)
    assert person.address_t == int(-math.log(draws(who, streams.PERSON_START)[0]) * 300 * DAY)


@pytest.mark.parametrize("who", range(0, N, 4))
def test_rates_and_spending(who: int) -> None:
    factor = (1.5, 1.0)[CELL.person[who].persona]
    for c in range(2):
        u, v, _, _ = draws(who, streams.PERSON_RATES, c)
        law = MODEL.demand[c]
        rate = quantile(law.table_rate, u) * law.rate_scale * factor
        assert CELL.rate[who, c] == pytest.approx(rate, rel=1e-14)
        assert CELL.spend[who, c] == pytest.approx(law.spend_scale / quantile(law.table_spread, v))


def test_the_stingiest_person_spends_a_finite_sum() -> None:
    model = model_of()
    for law in model.demand:
        model.table[law.table_spread] = 0.0
    cell = inhabited(model, 1)
    assert cell.spend[0].tolist() == pytest.approx([law.spend_scale * 1e6 for law in model.demand])


@pytest.mark.parametrize("who", range(N))
def test_reach_and_permission(who: int) -> None:
    person = CELL.person[who]
    persona = int(person.persona)
    reach = consent = 0
    idle = 0.0
    for c, lead in enumerate((0, 1, 2, 3, 1, 0)):
        if draws(who, streams.PERSON_REACH, lead)[0] < MODEL.reach[persona, c]:
            reach |= 1 << c
            idle += {WEB: 2.0, APP: 1.0}.get(c, 0.0)
            writes = c >= EMAIL
            if writes and draws(who, streams.PERSON_OPT_IN, c)[0] < MODEL.opt_in[persona, c]:
                consent |= 1 << c
    assert (person.reach, person.consent, person.idle_rate) == (reach, consent, idle)
    assert (reach >> APP) & 1 or not (consent >> PUSH) & 1


def test_devices() -> None:
    total = np.cumsum(MODEL.identifiers.reset_cumulative)
    assert len(total) == 3
    for n in range(2 * N):
        device, who, place = CELL.device[n], n // 2, n % 2
        a, b, d, _ = drawn(MODEL, streams.COOKIE_RESET, 2 * CELL.person[who].entity + place, 0)
        kind = sum(b >= x for x in MODEL.identifiers.reset_cumulative[:2])
        assert (device.owner, device.entity) == (who, 2 * CELL.person[who].entity + place)
        assert device.short == int(a < 0.4)
        assert device.reset_rate == MODEL.identifiers.reset_rate[kind]
        assert device.until == int(-math.log(d) / device.reset_rate)
        assert (device.epoch, device.resets, device.seen) == (0, 0, -1)
    assert len(set(CELL.device.reset_rate.tolist())) > 1


def household(model: Any, sizes: list[int]) -> Cell:
    cell = cell_of(sum(sizes), model)
    plain(people)(cell, model, 7, len(sizes), np.array(sizes))
    return cell


def test_a_household_shares_its_first_persons_computer_or_none() -> None:
    cell = household(MODEL, [4] * 12)
    shared = 0
    for who, person in enumerate(cell.person[:48]):
        home = 7 + who // 4
        assert person.entity == home * 8 + who % 4
        assert person.household == who // 4
        assert person.phone_device == 2 * who
        shares = drawn(MODEL, streams.HOUSEHOLD, home, 0)[1] < 0.6
        first = who // 4 * 4
        assert person.pc_device == 2 * (first if shares else who) + 1
        shared += shares
    assert 0 < shared < 48


def test_the_first_values_of_a_person() -> None:
    """Nothing has happened yet, whoever had the slot before."""
    cell = cell_of(1, MODEL)
    for name in cell.person.dtype.names or ():
        cell.person[0][name] = 3
    plain(people)(cell, MODEL, 0, 1, np.array([1]))
    person = cell.person[0]
    none = ("last_channel", "spill_channel", "first_need", "offer_until")
    assert {n: int(person[n]) for n in none} == dict.fromkeys(none, -1)
    zero = ("left", "stopped", "needs", "entry", "spill", "spill_t", "recent_at", "pressure",
            "pressure_t", "exposure", "exposure_t", "failures", "failures_t", "offer",
            "address_epoch", "idle", "row_seq")  # fmt: skip
    assert {n: float(person[n]) for n in zero} == {**dict.fromkeys(zero, 0.0), "row_seq": 1.0}
    assert person.recent.tolist() == [-1] * 4
    assert person.recent_n.tolist() == [0] * 4
    assert person.item_seq == 1 + 2 + 1  # permissions, two needs, an idle visit
    assert cell.gaps[0].tolist() == [1, 1]


def test_the_sizes_of_households() -> None:
    cumulative = np.array([0.4, 0.9, 1.0])
    sizes = [plain(population.household_size)(5, 6, n, cumulative) for n in range(2000)]
    assert np.bincount(sizes)[1:] / 2000 == pytest.approx([0.4, 0.5, 0.1], abs=0.03)
    assert plain(population.household_size)(5, 6, 1, np.array([0.0])) == 1


def test_a_cohort_enters_by_the_weeks_shares() -> None:
    model = model_of(corner(population={"entry": {"over": "20d", "by_week": [1.0, 0.0, 3.0]}}))
    entry = plain(population._entry)
    assert [entry(model, u) for u in (0.0, 0.125, 0.2499)] == pytest.approx(
        [0, 20 * DAY / 6, 20 * DAY / 3], abs=300
    )
    assert entry(model, 0.25) == pytest.approx(40 * DAY / 3, abs=1)
    assert entry(model, 0.625) == pytest.approx(50 * DAY / 3, abs=1)
    assert 19.99 * DAY < entry(model, 0.99999) < 20 * DAY
    cell = inhabited(model, 20)
    for person in cell.person[:20]:
        u = drawn(model, streams.PERSON_START, person.entity, 0)[1]
        assert (person.prior, person.purchases) == (0, 0)
        assert person.entry == entry(model, u)


def test_a_week_nobody_enters_in_is_entered_in_its_middle() -> None:
    model = model_of(birth={"entry_over": 1000})
    model.set("entry_cum", np.array([0.0, 0.0]))
    assert plain(population._entry)(model, 0.5) == 750


HISTORIES = [
    {"share": 0.25, "orders": 1, "alive": 0.4, "shape": 0.8, "every": "30d", "q": 3.0,
     "spend": 20.0, "dropout": {"a": 1.0, "b": 3.0}},
    {"share": 0.75, "orders": 6, "alive": 0.9, "shape": 4.0, "every": "10d", "q": 5.0,
     "spend": 50.0, "dropout": {"a": 1.0, "b": 9.0}},
]  # fmt: skip


def test_histories() -> None:
    model = model_of(corner(
        population={"histories": HISTORIES},
        categories=[{"name": "beans", "every": "12d", "spend": {"mean": 20.0}}],
    ))  # fmt: skip
    cell = cell_of(80, model)
    cell.meta.first = 900
    plain(people)(cell, model, 0, 80, np.ones(80, np.int64))
    groups = np.zeros(2, int)
    for who, person in enumerate(cell.person[:80]):
        golden = 2654435769  # 2**32 over the golden ratio
        place = (((900 + who) * golden + 1325177) % 2**32 + 0.5) / 2**32
        group = int(place >= 0.25)
        groups[group] += 1
        history = model.history[group]
        _, leaves, here, _ = drawn(model, streams.PERSON, person.entity, 1)
        u, v, _, _ = drawn(model, streams.PERSON_RATES, person.entity, 0)
        assert person.purchases == HISTORIES[group]["orders"]
        assert person.prior == 1
        assert person.left == int(here >= (0.4, 0.9)[group])
        shape, q = (0.8, 3.0) if group == 0 else (4.0, 5.0)
        rate = special.gammaincinv(shape, u) * history.rate_scale
        assert cell.rate[who, 0] == pytest.approx(rate, rel=1e-3)
        spend = history.spend_scale / special.gammaincinv(q, v)
        assert cell.spend[who, 0] == pytest.approx(spend, rel=1e-3)
        chance = special.betaincinv(1.0, (3.0, 9.0)[group], leaves)
        assert person.dropout == pytest.approx(chance, rel=1e-2)
    assert groups.tolist() == pytest.approx([20, 60], abs=1)  # about as often as all have


@kernel
def size_of(out: Any, cumulative: Any) -> None:
    for n in range(len(out)):
        out[n] = population.household_size(5, 6, n, cumulative)


def test_compiled_and_plain_are_equal() -> None:
    cumulative = np.array([0.4, 0.9, 1.0])
    found = [np.zeros(50, np.int64), np.zeros(50, np.int64)]
    size_of(found[0], cumulative)
    plain(size_of)(found[1], cumulative)
    assert found[0].tolist() == found[1].tolist()
