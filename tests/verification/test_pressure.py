"""What a weekly volume of messages does to attention and to opt-outs is what the formulas say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnilab.kernels.bundle import Bundle
from omnilab.kernels.compiling import kernel
from omnilab.kernels.record import Record, Records, record_array
from omnilab.world import fatigue
from omnilab.world.fatigue import LoweredFatigue, Pressure

EXPONENT, CONVEXITY = 0.5, 1.5


class Parameters(Bundle):
    """What the rules of fatigue read."""

    fatigue: LoweredFatigue


class People(Bundle):
    """One person."""

    person: Records[Pressure]


def one(record: type[Record], **values: float) -> Any:
    made = record_array(record, 1)
    for field, value in values.items():
        made[0][field] = value
    return made


@kernel
def feel(model: Any, people: Any, out: Any) -> None:
    """Feel one more message, and write what the volume before it does."""
    person = people.person[0]
    weekly = fatigue.feel_message(model, person, 0, 1.0)
    out[0] = fatigue.attention(model, weekly)
    out[1] = fatigue.opt_out_factor(model, person, weekly)
    out[2] = 1.0 if weekly > 2.0 * person.ideal else 0.0


@example(1.5, 3.0)
@example(0.8, 0.2)
@example(0.0, 3.0)
@given(st.just(0.0) | st.floats(0.05, 30.0), st.floats(0.05, 30.0))
def test_attention_and_opt_outs_are_those_of_the_volume(weekly: float, ideal: float) -> None:
    pressure = 1.0 / math.expm1(1.0 / weekly) if weekly else 0.0
    parts = one(
        LoweredFatigue, memory=1.0, memory_weeks=1.0, exponent=EXPONENT, convexity=CONVEXITY
    )
    people = People({"person": one(Pressure, pressure=pressure, ideal=ideal)})
    out = np.zeros(3)
    feel(Parameters({"fatigue": parts}), people, out)

    assert people.person[0].pressure == pressure + 1.0
    assert out[0] == pytest.approx(max(weekly, 1.0) ** -EXPONENT)
    assert out[1] == pytest.approx(1.0 + CONVEXITY * max(weekly / ideal - 1.0, 0.0) ** 2)
    if weekly != pytest.approx(2.0 * ideal):
        assert out[2] == (weekly > 2.0 * ideal)
