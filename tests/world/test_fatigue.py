"""Contact pressure: it fades, dulls attention, drives opt-outs; ads wear out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import kernel
from omnilab.world import fatigue
from tests.plain import plain
from tests.worlds import model_of, record

EXPONENT, CONVEXITY, MEMORY = 0.5, 1.5, 1000.0
MODEL = model_of(
    fatigue={"memory": MEMORY, "memory_weeks": 1.0, "exponent": EXPONENT, "wear_out": 4.0,
             "convexity": CONVEXITY}
)  # fmt: skip
attention, wear_out = plain(fatigue.attention), plain(fatigue.wear_out)


class Felt(Bundle):
    """A person's pressure, and the model's."""

    fatigue: fatigue.LoweredFatigue
    person: fatigue.Pressure


@kernel
def feel(felt: Any, out: Any) -> None:
    """Feel one more message, and write what the volume before it does."""
    person = felt.person
    person.calm = fatigue.pressure_of(felt, min(person.ideal, 1.0))
    weekly = fatigue.feel_message(felt, person, 0, 1.0)
    out[0] = fatigue.attention(felt, weekly)
    out[1] = fatigue.opt_out_factor(felt, person, weekly)
    out[2] = 1.0 if weekly > 2.0 * person.ideal else 0.0
    out[3] = fatigue.weekly_messages(felt, person.calm)


@example(1.5, 3.0)
@example(0.8, 0.2)
@example(0.0, 3.0)
@given(st.just(0.0) | st.floats(0.05, 30.0), st.floats(0.05, 30.0))
def test_attention_and_opt_outs_are_those_of_the_volume(weekly: float, ideal: float) -> None:
    """A volume is not computed where it changes nothing, and nothing changes by that."""
    pressure = 1.0 / math.expm1(1.0 / weekly) if weekly else 0.0
    felt = Felt.make({})
    felt.fatigue.memory = felt.fatigue.memory_weeks = 1.0
    felt.fatigue.exponent, felt.fatigue.convexity = EXPONENT, CONVEXITY
    felt.person.pressure, felt.person.ideal = pressure, ideal
    out = np.zeros(4)
    feel(felt, out)

    assert felt.person.pressure == pressure + 1.0
    assert out[0] == pytest.approx(max(weekly, 1.0) ** -EXPONENT)
    assert out[1] == pytest.approx(1.0 + CONVEXITY * max(weekly / ideal - 1.0, 0.0) ** 2)
    if weekly != pytest.approx(2.0 * ideal):
        assert out[2] == (weekly > 2.0 * ideal)
    if felt.person.calm > 1e-9:
        assert out[3] == pytest.approx(min(ideal, 1.0), rel=1e-6)


@pytest.mark.parametrize(("weekly", "memory_weeks"), [(0.3, 1.0), (1.0, 1.0), (5.0, 2.0)])
def test_even_sends_leave_the_pressure_of_their_volume(weekly: float, memory_weeks: float) -> None:
    """The n-th part of a week after a send, e-folding over the memory, for ever."""
    model = model_of(fatigue={"memory_weeks": memory_weeks})
    kept = math.exp(-memory_weeks / weekly)
    pressure = sum(kept**k for k in range(1, 400))
    assert plain(fatigue.pressure_of)(model, weekly) == pytest.approx(pressure)
    assert plain(fatigue.weekly_messages)(model, pressure) == pytest.approx(weekly)


def test_next_to_no_pressure_is_no_message_and_the_least_volume_is_finite() -> None:
    assert plain(fatigue.weekly_messages)(MODEL, 0.9e-9) == 0.0
    assert plain(fatigue.weekly_messages)(MODEL, 2e-9) > 0.0
    assert 0.0 < plain(fatigue.pressure_of)(MODEL, 1e-4) < 1e-300


def test_messages_fade_and_add_up_by_weight() -> None:
    person = record(fatigue.Pressure, ideal=1.0, calm=9.0)
    for t, weight in ((100, 1.0), (400, 0.5), (900, 2.0)):
        assert plain(fatigue.feel_message)(MODEL, person, t, weight) == 0.0  # calm so far
    left = math.exp(-800 / MEMORY) + 0.5 * math.exp(-500 / MEMORY)
    assert person.pressure == pytest.approx(left + 2.0)
    assert person.pressure_t == 900
    person.calm = 0.0
    volume = plain(fatigue.feel_message)(MODEL, person, 900, 1.0)  # what was there before it
    assert volume == pytest.approx(1.0 / math.log(1.0 + 1.0 / (left + 2.0)))


def test_ads_fade_and_add_up_apart() -> None:
    person = record(fatigue.Pressure)
    before = [plain(fatigue.feel_ad)(MODEL, person, t) for t in (0, 700, 1500)]
    first, second = math.exp(-0.7), math.exp(-1.5) + math.exp(-0.8)
    assert before == pytest.approx([0.0, first, second])
    assert person.exposure == pytest.approx(second + 1.0)
    assert (person.exposure_t, person.pressure) == (1500, 0.0)


@pytest.mark.parametrize(
    ("seen", "left"),
    [(0.0, 1.0), (4.0, 1.0), (5.0, 1 - 1 / 16), (6.0, 0.75), (7.6, 0.19), (8.0, 0.0), (9.0, 0.0)],
)
def test_an_ad_wears_out_from_its_peak_to_twice_it(seen: float, left: float) -> None:
    assert wear_out(MODEL, seen) == pytest.approx(left)


def test_without_a_peak_no_ad_wears_out() -> None:
    assert wear_out(model_of(fatigue={"wear_out": 0.0}), 50.0) == 1.0
    assert wear_out(model_of(fatigue={"wear_out": 0.5}), 0.75) == pytest.approx(0.75)


def test_attention_falls_from_one_message_a_week_on() -> None:
    assert [attention(MODEL, n) for n in (0.1, 1.0, 1.21, 4.0)] == pytest.approx(
        [1, 1, 1 / 1.1, 0.5]
    )
    assert attention(model_of(fatigue={"exponent": 0.0}), 9.0) == 1.0


def test_opt_outs_grow_from_the_ideal_on() -> None:
    person = record(fatigue.Pressure, ideal=2.0)
    factor = [plain(fatigue.opt_out_factor)(MODEL, person, n) for n in (0.0, 2.0, 3.0, 4.0)]
    assert factor == pytest.approx([1.0, 1.0, 1.0 + 1.5 * 0.25, 2.5])
