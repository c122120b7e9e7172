"""The stimulus stock of a need decays, is stirred, and makes ready past a person's threshold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.compiling import kernel
from omnilab.world import intent
from omnilab.world.needs import EXPLORING, LATENT, Need
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import cell_of, middles, model_of, record

MODEL = model_of(
    intent={"decay": 0.001, "slope": 1.5, "quick_share": 0.4, "quick": 100.0, "slow": 5000.0},
    response={"generic": 0.3},
)


@pytest.mark.parametrize("x", [-30.0, -1.0, 0.0, 0.4, 30.0])
def test_logistic(x: float) -> None:
    assert plain(intent.logistic)(x) == pytest.approx(math.exp(x) / (1.0 + math.exp(x)))


def test_logistic_never_overflows() -> None:
    assert plain(intent.logistic)(-1e5) == 0.0
    assert plain(intent.logistic)(-700.5) == 0.0
    assert plain(intent.logistic)(-699.0) > 0.0
    assert plain(intent.logistic)(1e5) == 1.0


def test_stimuli_decay_and_add_up() -> None:
    need = record(Need, stock=1.0, stock_t=1000)
    assert plain(intent.stimulate)(MODEL, need, 1500, 0.7) == pytest.approx(0.7 + math.exp(-0.5))
    assert plain(intent.stimulate)(MODEL, need, 1500, 0.1) == pytest.approx(0.8 + math.exp(-0.5))
    assert plain(intent.stimulate)(MODEL, need, 1501, 0.0) == need.stock
    assert need.stock == pytest.approx((0.8 + math.exp(-0.5)) * math.exp(-0.001))
    assert need.stock_t == 1501


def test_readiness_is_a_logit_of_the_stock_over_the_threshold() -> None:
    person = record(Person, threshold=0.5)
    for stock in (0.0, 0.5, 2.0):
        ready = sum(plain(intent.is_ready)(MODEL, person, stock, u) for u in middles(5000)) / 5000
        assert ready == pytest.approx(1.0 / (1.0 + math.exp(-1.5 * (stock - 0.5))), abs=2e-4)


def test_the_next_visit_is_soon_or_late() -> None:
    """Two exponentials: the share of one, the mean of each."""
    soon = [plain(intent.delay_to_next)(MODEL, 0.399, v) for v in middles(20_000)]
    late = [plain(intent.delay_to_next)(MODEL, 0.4, v) for v in middles(20_000)]
    assert np.mean(soon) == pytest.approx(100.0, rel=1e-3)
    assert np.mean(late) == pytest.approx(5000.0, rel=1e-3)
    assert np.median(late) == pytest.approx(5000.0 * math.log(2.0), rel=1e-3)
    assert plain(intent.delay_to_next)(MODEL, 0.0, 0.25) == pytest.approx(100.0 * math.log(4.0))


@pytest.mark.parametrize(
    ("needs", "category", "meets"),
    [
        ([], 0, 0.0),
        ([(0, LATENT)], 0, 0.5),
        ([(0, EXPLORING)], 0, 1.0),
        ([(0, EXPLORING)], 1, 0.0),
        ([(0, EXPLORING), (0, LATENT)], 0, 1.0),
        ([(0, LATENT), (1, EXPLORING)], 0, 0.5),
        ([(0, LATENT), (1, EXPLORING)], -1, 0.3),
        ([(0, LATENT)], -1, 0.15),
        ([], -1, 0.0),
    ],
)
def test_what_a_message_meets(needs: list[tuple[int, int]], category: int, meets: float) -> None:
    cell = cell_of(1)
    person = cell.person[0]
    person.first_need = -1
    for i, (kind, stage) in enumerate(needs):
        need = cell.need[i]
        need.category, need.stage, need.next = kind, stage, person.first_need
        person.first_need = i
    assert plain(intent.match)(cell, MODEL, person, category, False) == pytest.approx(meets)
    assert plain(intent.match)(cell, MODEL, person, category, True) == pytest.approx(meets)


@kernel
def stir(cell: Any, model: Any, out: Any) -> None:
    need = cell.need[0]
    out[0] = intent.stimulate(model, need, 300, 1.0)
    out[1] = intent.stimulate(model, need, 900, 0.5)
    out[2] = intent.delay_to_next(model, 0.1, 0.3)
    out[3] = int(intent.is_ready(model, cell.person[0], out[1], 0.5))


def test_compiled_and_plain_are_equal() -> None:
    found = [np.zeros(4), np.zeros(4)]
    for function, out in zip((stir, plain(stir)), found, strict=True):
        function(cell_of(1), MODEL, out)
    assert found[0].tolist() == pytest.approx(found[1].tolist(), rel=1e-14)
