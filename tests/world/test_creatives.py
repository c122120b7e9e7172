"""Creatives wear out by person: the memory is a naive one's, down to whom it forgets."""

from __future__ import annotations

import math
import random

import pytest

from omnilab.world.creatives import KEPT, see_creative, worn
from tests.plain import plain
from tests.worlds import DAY, inhabited, model_of

RULES = ("world/creatives.py",)

T = 40 * DAY
MEMORY = 30 * DAY
ON = {"on": 1, "novelty": 0.3, "wear": 0.5, "memory": float(MEMORY)}


def effect(times: float) -> float:
    return 0.3 * (math.exp(-times) - 1.0) - 0.5 * math.log(1.0 + times)


class Naive:
    """All sights of the creatives that are remembered: (creative -> times of sights)."""

    def __init__(self) -> None:
        self.sights: dict[int, list[int]] = {}

    def left(self, creative: int, t: int) -> float:
        return sum(math.exp((at - t) / MEMORY) for at in self.sights.get(creative, []))

    def see(self, creative: int, t: int) -> None:
        if creative not in self.sights and len(self.sights) == KEPT:
            del self.sights[min(self.sights, key=lambda c: self.left(c, t))]
        self.sights.setdefault(creative, []).append(t)


@pytest.mark.parametrize("seed", range(4))
def test_it_remembers_what_a_naive_model_does(seed: int) -> None:
    model = model_of(creatives=ON)
    cell = inhabited(model, 2)
    chance, naive, t = random.Random(seed), Naive(), T
    for _ in range(300):
        t += chance.randrange(1, 3 * DAY)
        creative = min(chance.randrange(1, 15), chance.randrange(1, 15))
        expected = effect(naive.left(creative, t)) if creative in naive.sights else 0.0
        assert plain(worn)(cell, model, 1, creative, t) == pytest.approx(expected, abs=1e-9)
        plain(see_creative)(cell, model, 1, creative, t)
        naive.see(creative, t)
    assert not cell.recalled[0]["seen"].any()  # another person has seen none of it


def test_a_steady_rate_comes_to_its_geometric_sum() -> None:
    model = model_of(creatives=ON)
    cell = inhabited(model, 1)
    found = []
    for day in range(400):
        found.append(plain(worn)(cell, model, 0, 7, T + day * DAY))
        plain(see_creative)(cell, model, 0, 7, T + day * DAY)
    assert found[0] == 0.0  # base rates are of what is new
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(effect(1.0 / math.expm1(DAY / MEMORY)), abs=1e-4)
    year = plain(worn)(cell, model, 0, 7, T + 4000 * DAY)
    assert year == pytest.approx(0.0, abs=1e-9)  # and it recovers


def test_what_is_another_one_each_time_is_never_known() -> None:
    model = model_of(creatives=ON)
    cell = inhabited(model, 1)
    for day in range(5):
        plain(see_creative)(cell, model, 0, 0, T + day * DAY)
    assert plain(worn)(cell, model, 0, 0, T + 5 * DAY) == 0.0


def test_off_there_is_no_memory() -> None:
    model = model_of()
    cell = inhabited(model, 1)
    plain(see_creative)(cell, model, 0, 7, T)
    assert plain(worn)(cell, model, 0, 7, T + 1) == 0.0
    assert len(cell.recalled) == 0
