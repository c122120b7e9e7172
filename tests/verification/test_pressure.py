"""A weekly volume of messages is not computed where it changes nothing: nothing changes by that."""

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

EXPONENT, CONVEXITY = 0.5, 1.5


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
