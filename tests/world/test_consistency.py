"""Themes over channels: what a person remembers of them is what a naive model does."""

from __future__ import annotations

import math
import random

import pytest

from omnilab.world.consistency import KEPT, agrees, hear_theme
from tests.plain import plain
from tests.worlds import DAY, inhabited, model_of

RULES = ("world/consistency.py",)

T = 40 * DAY
MEMORY = 7 * DAY
ON = {"on": 1, "echo": 0.4, "clash": 0.6, "memory": float(MEMORY)}


@pytest.mark.parametrize("seed", range(4))
def test_it_remembers_what_a_naive_model_does(seed: int) -> None:
    """The naive one keeps all that was seen, and counts the last sight of the latest pairs."""
    model = model_of(consistency=ON)
    cell = inhabited(model, 2)
    chance, seen, t = random.Random(seed), [], T
    for _ in range(300):
        t += chance.randrange(1, 2 * DAY)
        theme, channel = chance.randrange(4), chance.randrange(5)
        last: dict[tuple[int, int], int] = {}
        for pair, at in seen:
            last.pop(pair, None)
            last[pair] = at
        kept = list(last.items())[-KEPT:]
        same = sum(
            math.exp((at - t) / MEMORY) for (h, c), at in kept if h == theme and c != channel
        )
        other = sum(math.exp((at - t) / MEMORY) for (h, _), at in kept if h != theme)
        expected = 0.4 * math.log1p(same) - 0.6 * math.log1p(other)
        found = plain(agrees)(cell, model, 1, theme, channel, t)
        assert found == pytest.approx(expected, abs=1e-12)
        plain(hear_theme)(cell, model, 1, theme, channel, t)
        seen.append(((theme, channel), t))
    assert (cell.heard[0]["theme"] == -1).all()


def test_a_second_channel_adds_and_another_theme_costs() -> None:
    model = model_of(consistency=ON)
    cell = inhabited(model, 1)
    plain(hear_theme)(cell, model, 0, 3, 1, T)
    same, again, other = (
        plain(agrees)(cell, model, 0, theme, channel, T + MEMORY)
        for theme, channel in ((3, 2), (3, 1), (0, 1))
    )
    assert same == pytest.approx(0.4 * math.log1p(math.exp(-1)))
    assert again == 0.0  # the same channel says nothing new by its theme
    assert other == pytest.approx(-0.6 * math.log1p(math.exp(-1)))


def test_messages_without_a_theme_neither_feel_nor_leave_anything() -> None:
    model = model_of(consistency=ON)
    cell = inhabited(model, 1)
    plain(hear_theme)(cell, model, 0, -1, 1, T)
    assert plain(agrees)(cell, model, 0, 2, 3, T) == 0.0
    plain(hear_theme)(cell, model, 0, 2, 1, T)
    assert plain(agrees)(cell, model, 0, -1, 3, T) == 0.0


def test_off_there_is_no_memory() -> None:
    model = model_of()
    cell = inhabited(model, 1)
    plain(hear_theme)(cell, model, 0, 3, 1, T)
    assert plain(agrees)(cell, model, 0, 0, 1, T) == 0.0
    assert len(cell.heard) == 0
