"""Ads add up: each less than the one before, none nothing, and less right after another."""

from __future__ import annotations

import math
from typing import Any

import pytest

from omnilab.cell import queue
from omnilab.draws import streams
from omnilab.world import repetition
from omnilab.world.repetition import Repeated
from tests.interaction.test_message import Post, T
from tests.plain import plain
from tests.worlds import AD, DAY, due, model_of, record

RULES = ("world/repetition.py",)

HALF, MEMORY = 10.0, 14.0 * DAY
LONG = {"on": 1, "half": HALF, "memory": 1e15}
repeat_ad = plain(repetition.repeat_ad)


def worths(times: list[int], worn: float = 0.5, **rule: float) -> list[float]:
    """Return what each of the ads shown at these times is worth."""
    model, person = model_of(repetition={"on": 1, **rule}), record(Repeated)
    return [repeat_ad(model, person, t, worn) for t in times]


def test_each_ad_is_worth_the_slope_of_a_concave_curve_without_an_end() -> None:
    found = worths([T] * 2000, **LONG)
    assert found[:3] == pytest.approx([1.0, 1 / (1 + 1 / HALF), 1 / (1 + 2 / HALF)])
    assert found[10] == pytest.approx(0.5)
    assert found == sorted(found, reverse=True)
    assert found[-1] > 0.0
    for n in (20, 200, 2000):  # the sum is the curve, but for its steps of one ad
        curve = HALF * math.log(1 + n / HALF)
        assert curve < sum(found[:n]) < curve + 0.55


def test_ads_fade_one_by_one_and_a_pause_restores_them() -> None:
    times = [T, T + DAY, T + 4 * DAY, T + 200 * DAY]
    found = worths(times, half=HALF, memory=MEMORY)
    for k, t in enumerate(times):
        met = sum(math.exp(-(t - s) / MEMORY) for s in times[:k])
        assert found[k] == pytest.approx(1 / (1 + met / HALF))
    assert found[3] > 0.999


@pytest.mark.parametrize("gap", [0, 3600, DAY, 7 * DAY])
def test_right_after_another_an_ad_adds_less_than_a_week_later(gap: int) -> None:
    massed, apart = 0.8, 2.0 * DAY
    first, second = worths([T, T + gap], 0.7, massed=massed, apart=apart, memory=MEMORY)
    assert first == 0.7  # the first is what wear-out leaves of it, whenever it comes
    assert second == pytest.approx(0.7 * (1 - massed * math.exp(-gap / apart)))


def test_the_same_ads_do_more_spread_than_bunched() -> None:
    rule = {"half": HALF, "memory": MEMORY, "massed": 0.5, "apart": 2.0 * DAY}
    bunched = sum(worths([T + 60 * k for k in range(8)], **rule))
    spread = sum(worths([T + 7 * DAY * k for k in range(8)], **rule))
    assert spread > 1.5 * bunched
    without = {k: v for k, v in rule.items() if k != "massed"}
    assert sum(worths([T + 60 * k for k in range(8)], **without)) > bunched


def test_thirty_four_ads_do_nearly_twice_what_seventeen_do() -> None:
    rule: Any = {"half": 100.0, "memory": 1e15}
    both = [sum(worths([T] * n, **rule)) for n in (34, 17)]
    assert both[0] / both[1] == pytest.approx(math.log(1.34) / math.log(1.17), abs=0.01)


def test_without_a_half_ads_wear_out_as_they_did() -> None:
    assert worths([T, T, T], 0.3, massed=0.0) == [0.3, 0.3, 0.3]


def test_the_ad_is_seen_by_its_worth() -> None:
    opened = 0
    for number in range(14):
        post = Post("ad", number=number, repetition={"on": 1, "half": 3.0, "memory": MEMORY})
        post.person.ads, post.person.ads_t = 6.0, T
        post.person.exposure, post.person.exposure_t = 1e6, T  # worn out, were it for that
        post.send()
        seen = post.draws(streams.MESSAGE, AD)[1]
        assert bool(due(post.cell, queue.OPEN)) == (seen < 1 / 3)
        assert post.person.ads == pytest.approx(7.0)
        opened += seen < 1 / 3
    assert 0 < opened < 14
