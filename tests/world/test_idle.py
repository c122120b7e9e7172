"""Visits without a need, against a Poisson process of the draws at their addresses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.draws.streams import VISIT_IDLE
from omnilab.kernels.compiling import kernel
from omnilab.world import idle
from tests.plain import plain
from tests.worlds import WEEK, drawn, inhabited, model_of

MODEL = model_of()


def someone(rate: float) -> Any:
    person = inhabited(MODEL, 1).person[0]
    person.idle, person.idle_rate, person.entity = 0, rate, (1 << 34) + 77
    return person


@pytest.mark.parametrize("rate", [0.9, 4.0])
def test_visits_are_a_poisson_process_with_draws_of_their_own(rate: float) -> None:
    person = someone(rate)
    at = plain(idle.start_idle)(MODEL, person, 12_000)
    wanted = 12_000.0
    for number in range(30):
        where, device, what, gap = drawn(MODEL, VISIT_IDLE, person.entity, number)
        wanted += -math.log(gap) * WEEK / rate
        if wanted < MODEL.clock.run_end:
            assert at == pytest.approx(wanted, abs=1.5)
        assert plain(idle.idle_uniforms)(MODEL, person) == pytest.approx(
            (where, device, what), abs=1e-9
        )
        assert person.idle == number
        at = plain(idle.next_idle)(MODEL, person)


def test_visits_past_the_end_are_due_at_the_clocks_end() -> None:
    person = someone(1e-6)
    at = plain(idle.start_idle)(MODEL, person, 0)
    end = float(MODEL.act_end[0]) * 3600
    assert at == pytest.approx(end, abs=1)
    assert at > MODEL.clock.run_end
    assert plain(idle.next_idle)(MODEL, person) == at + 1


def test_who_looks_around_nowhere_never_does() -> None:
    person = someone(0.0)
    assert plain(idle.start_idle)(MODEL, person, 0) > MODEL.clock.run_end


def test_no_two_visits_are_in_one_second() -> None:
    person = someone(1e7)
    times = [plain(idle.start_idle)(MODEL, person, 50)]
    times += [plain(idle.next_idle)(MODEL, person) for _ in range(20)]
    assert times == list(range(51, 72))


@kernel
def visits(cell: Any, model: Any, out: Any) -> None:
    person = cell.person[0]
    out[0, 0] = idle.start_idle(model, person, 700)
    for k in range(1, len(out)):
        out[k, 0] = idle.next_idle(model, person)
        out[k, 1], out[k, 2], out[k, 3] = idle.idle_uniforms(model, person)


def test_compiled_and_plain_are_equal() -> None:
    found = [np.zeros((20, 4)), np.zeros((20, 4))]
    for function, out in zip((visits, plain(visits)), found, strict=True):
        cell = inhabited(MODEL, 1)
        cell.person[0].idle = 0
        function(cell, MODEL, out)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-14)


def test_who_never_looks_around_is_due_at_the_clocks_end_too() -> None:
    assert plain(idle.mean_gap)(someone(0.0)) == idle.NEVER > 1e4 * float(MODEL.act_end[0])
    at = plain(idle.start_idle)(MODEL, someone(0.0), 0)
    assert at == pytest.approx(float(MODEL.act_end[0]) * 3600, abs=1)
