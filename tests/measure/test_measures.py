"""Every measure against the same thing counted with pandas on random logs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.errors import OptionError
from omnilab.log import rows as kinds
from omnilab.measure import breakdowns
from omnilab.measure.catalogue import MEASURES, find_measure
from omnilab.measure.clock import discount_factors, make_clock
from omnilab.measure.identity import pair_counts, score_identity
from omnilab.measure.layout import (
    CHANNEL_SUMS,
    FIXED_ONE,
    JOURNEY_SUMS,
    PERSONA_SUMS,
    SUMS,
    names_of,
)
from omnilab.measure.observed import LEFT_CAUSES
from tests.log.building import log_of
from tests.measure.worlds import (
    ADS,
    CLOCK,
    DAY,
    FIRST_PERSON,
    N_CHANNELS,
    N_JOURNEYS,
    frame,
    led_by,
    named,
    path,
    random_log,
    reference_identity,
    reference_measures,
    tallied,
)

IDENTITY = {name for name in MEASURES if name.startswith(("identity_", "false_"))}
logs = st.tuples(st.integers(0, 2**32), st.integers(0, 250), st.integers(1, 3))


@given(logs)
def test_each_measure_is_what_pandas_counts(world):
    log = random_log(*world)
    [sums] = named(tallied(log, world[2]).sums)
    expected = reference_measures(log)
    assert set(expected) == set(MEASURES) - IDENTITY - {"roi", "message_roi"}
    for name, value in expected.items():
        got = MEASURES[name].value(sums)
        if value is None:
            assert got is None, name
        else:  # the table of discount factors has 20 bits
            assert got == pytest.approx(value, rel=1e-5 if name == "ltv" else 1e-12, abs=1e-4), name


@given(logs, st.data())
def test_blocks_of_any_size_add_up(world, data):
    log = random_log(*world)
    cuts = data.draw(st.lists(st.integers(0, len(log)), max_size=6))
    whole, parts = tallied(log, world[2]), tallied(log, world[2], cuts)
    for name in vars(whole):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name


@given(logs)
def test_breakdowns_are_what_pandas_counts(world):
    log = random_log(*world)
    result, t = tallied(log, world[2]), frame(log)
    w = t[t["in"]]
    messages = ("sent", "delivered", "bounce", "open", "click", "unsubscribe", "spamreport")
    orders = [
        (order, path(t, i)) for i, order in w[w.name == "order"].iterrows() if order.need >= 0
    ]
    visits = w[(w.name == "visit") & (w.cause >= 0)]
    led = [led_by(t, i) for i in visits.index]
    channels, journeys = named(result.channels), named(result.journeys)
    for c in range(N_CHANNELS):
        here = w[w.channel == c]
        for name in messages:
            assert channels[c][name] == (here.name == name).sum()
            assert channels[c][f"ad_{name}"] == channels[c][name] * (c in ADS)
        assert (
            channels[c]["cost"]
            == here[
                here.name.isin(["sent", "visit", "answer", "act", "reply", "accept"])
            ].cost.sum()
        )
        assert channels[c]["visits"] == (here.name == "visit").sum()
        assert channels[c]["orders"] == (here.name == "order").sum()
        assert channels[c]["revenue"] == here[here.name == "order"].paid.sum()
        assert channels[c]["carts_left"] == (here.name == "cart_left").sum()
        # No channel's clicks are bought here, so a paid click stands with the place that it led to.
        paid = ((here.name == "visit") & (here.cost > 0)).sum()
        assert channels[c]["led_visits"] == sum(x.channel == c for x in led) + paid
        assert channels[c]["led_orders"] == sum(p.channel == c for _, p in orders)
        assert channels[c]["led_revenue"] == sum(o.paid for o, p in orders if p.channel == c)
    for j in range(N_JOURNEYS):
        here = w[(w.journey == j) & w.kind.between(kinds.SENT, kinds.FINAL)]
        final = here[here.name == "final"]
        ads = here[here.channel.isin(ADS)]
        for name in messages:
            assert journeys[j][name] == (here.name == name).sum()
            assert journeys[j][f"ad_{name}"] == (ads.name == name).sum()
        assert journeys[j]["entered"] == ((w.name == "enter") & (w.journey == j)).sum()
        assert journeys[j]["cost"] == here[here.name == "sent"].cost.sum()
        assert journeys[j]["final_converted"] == (final.status == kinds.FINAL_CONVERTED).sum()
        assert journeys[j]["reached_2"] == (final.sends[final.status == 1] == 2).sum()
        assert journeys[j]["reached_later"] == (final.sends[final.status == 1] >= 4).sum()
        assert journeys[j]["led_visits"] == sum(x.journey == j for x in led)
        assert journeys[j]["led_orders"] == sum(p.journey == j for _, p in orders)
        assert journeys[j]["led_margin"] == sum(o.margin for o, p in orders if p.journey == j)
    ends = result.moves[:, N_CHANNELS]
    assert ends.tolist() == [sum(p.last == c for _, p in orders) for c in [*range(N_CHANNELS), -1]]
    with_need = w[(w.name == "visit") & (w.need >= 0)]
    arrivals = result.moves[:, :N_CHANNELS].sum(axis=0).tolist()
    assert arrivals == [(with_need.channel == c).sum() for c in range(N_CHANNELS)]


@given(logs)
def test_personas_add_up_to_all(world):
    log = random_log(*world)
    result = tallied(log, world[2])
    [sums] = named(result.sums)
    total = {name: int(result.personas[name].sum()) for name in PERSONA_SUMS.names}
    pairs = {name: sums[name] for name in ("persons", "buyers", "new_buyers", "ltv")}
    pairs["orders"] = sums["n_order"]
    pairs["sent"], pairs["visits"] = sums["n_sent"], sums["n_visit"]
    pairs["revenue"] = sums["revenue"] - sums["refunds"]
    pairs["margin"] = sums["margin"] - sums["margin_lost"]
    pairs["cost"] = sums["send_cost"] + sums["click_cost"] + sums["agent_cost"]
    pairs["cost"] += sums["act_cost"]
    assert total == pairs
    t = frame(log)
    for persona in range(2):
        mine = t[(t.name == "person") & (t.persona == persona)].person
        orders = t[(t.name == "order") & t["in"] & t.person.isin(mine)]
        assert result.personas["orders"][persona] == len(orders)


def at_the_start(rows):
    """Return the log of one person's rows, all at the window's start."""
    log = log_of(rows)
    log["person"], log["time"] = FIRST_PERSON, CLOCK[0]
    return log


@pytest.mark.parametrize(("later", "known"), [(15, 1), (16, 0)])
@pytest.mark.parametrize("stride", [1, 4, 16])
def test_the_latest_sixteen_needs_are_remembered_whatever_their_numbers(later, known, stride):
    rows = [
        {"kind": kinds.PERSON}, {"kind": kinds.NEED, "need": 2},
        {"kind": kinds.VISIT, "need": 2, "cause": -1},
        *({"kind": kinds.NEED, "need": 2 + stride * (i + 1)} for i in range(later)),
        {"kind": kinds.ORDER, "need": 2},
    ]  # fmt: skip
    log = at_the_start(rows)
    [sums] = named(tallied(log, 1).sums)
    assert (sums["n_order"], sums["path_orders"], sums["buyers"]) == (1, known, 1)


def test_a_person_row_forgets_the_cell_before():
    before = tallied(random_log(1, 600, 1), 1)
    people = before.people
    assert 2 in people["need"]
    assert 5 in people["message"]
    rows = [
        {"kind": kinds.PERSON}, {"kind": kinds.ORDER, "need": 2},
        {"kind": kinds.VISIT, "need": -1, "cause": 5},
    ]  # fmt: skip
    log = at_the_start(rows)
    fresh, reused = tallied(log, 1), tallied(log, 1, people=people)
    for name in set(vars(fresh)) - {"people"}:
        assert np.array_equal(getattr(fresh, name), getattr(reused, name)), name
    [sums] = named(reused.sums)
    assert (sums["n_order"], sums["path_orders"], reused.channels["led_visits"].sum()) == (1, 0, 0)


def test_ltv_in_closed_form():
    """A margin of 10 EUR at the start and after a year, 3 EUR spent then, all within the run."""
    clock = make_clock(0, 400 * DAY, 500 * DAY)
    rows = [
        {"kind": kinds.PERSON}, {"kind": kinds.ORDER, "margin": 1000},
        {"kind": kinds.ORDER, "margin": 1000}, {"kind": kinds.SENT, "cost": 300_000},
        {"kind": kinds.ORDER, "margin": 1000},
    ]  # fmt: skip
    log = at_the_start(rows)
    log["time"] = [0, 0, 365 * DAY, 365 * DAY, 500 * DAY]  # the last is after the run
    [sums] = named(tallied(log, 1, clock=clock, discount=discount_factors(clock, 0.10)).sums)
    assert MEASURES["ltv"].value(sums) == pytest.approx(10 + 7 / 1.10, abs=1e-5)


def test_roi_is_margin_above_no_contact_over_cost():
    names = names_of(SUMS)
    nothing = dict.fromkeys(names, 0)
    own = nothing | {
        "margin": 5000,
        "margin_lost": 500,
        "send_cost": 900_000,
        "click_cost": 100_000,
    }
    base = nothing | {"margin": 2000}
    assert MEASURES["roi"].value(own, base) == pytest.approx((45 - 20) / 10)
    assert MEASURES["roi"].value(own) is None
    assert MEASURES["roi"].value(base, base) is None


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14))
def test_identity_quality_is_what_pandas_counts(sightings):
    owner, profile = (np.array(column, dtype=np.int64) for column in zip(*sightings, strict=True))
    sums = np.zeros(1, SUMS)
    score_identity(owner, profile, len(owner), sums[0])
    expected = reference_identity(owner, profile)
    assert set(expected) == IDENTITY
    [found] = named(sums)
    for name, value in expected.items():
        got = MEASURES[name].value(found)
        assert (got is None) == (value is None), name
        assert value is None or got == pytest.approx(value, abs=1e-6), name


def test_pair_counts_read_only_what_is_valid():
    owner = np.array([1, 1, 2, 2, 9, 9], dtype=np.int64)
    profile = np.array([5, 5, 5, 6, 7, 7], dtype=np.int64)
    assert pair_counts(owner, profile, 4) == (1, 2, 1)
    assert pair_counts(owner, profile, 0) == (0, 0, 0)


def test_discount_factors():
    clock = make_clock(7 * DAY, 8 * DAY, 380 * DAY)
    factors = discount_factors(clock, 0.10)
    assert len(factors) == clock[4] == 373
    assert factors[0] == FIXED_ONE
    assert factors[365] == pytest.approx(FIXED_ONE / 1.10, abs=1)
    assert (np.diff(factors) < 0).all()
    assert (discount_factors(clock, 0.0) == FIXED_ONE).all()
    with pytest.raises(ValueError, match="yearly rate"):
        discount_factors(clock, -1.0)


@pytest.mark.parametrize("times", [(-1, 5, 6), (5, 5, 6), (0, 5, 4)])
def test_a_window_needs_its_order(times):
    with pytest.raises(ValueError, match="window"):
        make_clock(*times)


def test_measures_name_sums_that_exist():
    known = {
        "MEASURES": (MEASURES, SUMS),
        "CHANNEL_MEASURES": (breakdowns.CHANNEL_MEASURES, CHANNEL_SUMS),
        "JOURNEY_MEASURES": (breakdowns.JOURNEY_MEASURES, JOURNEY_SUMS),
        "PERSONA_MEASURES": (breakdowns.PERSONA_MEASURES, PERSONA_SUMS),
    }
    for table, dtype in known.values():
        names = names_of(dtype)
        assert len(names) == len(set(names)) == dtype.itemsize // 8
        for name, measure in table.items():
            assert name == measure.name
            assert measure.title
            assert measure.formula
            for term, factor in (*measure.numerator, *measure.denominator):
                assert term in names
                assert factor != 0
            assert measure.value(dict.fromkeys(names, 0), dict.fromkeys(names, 0)) is None


def test_the_promised_measures_are_there():
    promised = (
        "purchase_rate ltv orders_per_customer aov revenue margin contact_cost cac roi retention "
        "open_rate click_rate engagement_rate conversion_rate unsubscribe_rate cart_recovery_rate "
        "messages_per_customer continuity identity_precision identity_recall identity_f1"
    )
    assert set(promised.split()) <= set(MEASURES)
    with pytest.raises(OptionError, match="did you mean 'open_rate'"):
        find_measure("openrate")


_DUMP = """
import sys
from tests.measure.worlds import random_log, tallied
result = tallied(random_log(5, 300, 3), 3)
for name, array in sorted(vars(result).items()):
    print(name, array.tobytes().hex())
"""


def test_compiled_and_plain_kernels_agree():
    outputs = []
    for plain in ("0", "1"):
        paths = [str(Path(__file__).parents[2]), *sys.path]
        done = subprocess.run(
            [sys.executable, "-c", _DUMP],
            env=os.environ | {"OMNILAB_PLAIN": plain, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert "sums" in outputs[0]


def test_each_bad_experience_is_a_cause_of_leaving():
    """One without a place would be counted as another, or beyond the table's end.

    The first cause is an order, the last two are that one leaves of itself, and that a message woke
    who slept.
    """
    whys = [value for name, value in vars(kinds).items() if name.startswith("BAD_")]
    assert sorted(whys) == list(range(1, len(LEFT_CAUSES) - 2))
