"""Whoever has to repeat steps gives up at each with the same chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.kernels.compiling import kernel
from omnilab.world.continuity import gives_up
from tests.plain import plain
from tests.worlds import middles, model_of

MODEL = model_of(continuity={"give_up": 0.2})


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_the_share_that_gives_up(steps: int) -> None:
    gave_up = sum(plain(gives_up)(MODEL, steps, u) for u in middles(10_000))
    assert gave_up / 10_000 == pytest.approx(1.0 - 0.8**steps, abs=1e-4)


def test_the_last_of_the_patient() -> None:
    assert not plain(gives_up)(MODEL, 1, 0.7999)
    assert plain(gives_up)(MODEL, 1, 0.8)


@kernel
def count(model: Any, out: Any) -> None:
    for k in range(1000):
        out[0] += int(gives_up(model, 2, (k + 0.5) / 1000))


def test_compiled() -> None:
    out = np.zeros(1, np.int64)
    count(MODEL, out)
    assert out[0] == 360
