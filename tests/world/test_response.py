"""Whether a message is seen and clicked, when, and the address of its draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.compiling import kernel
from omnilab.world import response
from omnilab.world.channel import Channel
from omnilab.world.clock import hour_level
from omnilab.world.needs import Need
from tests.plain import plain
from tests.worlds import EMAIL, cell_of, corner, middles, model_of, record

MODEL = model_of(
    response={"need": 0.6, "personal": 0.9, "hour": 0.5, "campaign_hour": 0.2, "slot": 3600}
)
CHANNEL = record(
    Channel, base_open=0.3, open_logit=-1.1, base_click=0.1, click_logit=-2.0,
    delay_median=100.0, delay_sigma=0.5,
)  # fmt: skip
HOURLY = np.linspace(-1.0, 1.0, 168)
MODEL.set("act_level", HOURLY)
open_chance, address = plain(response.open_chance), plain(response.address)


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


@pytest.mark.parametrize("match", [0.0, 0.5, 1.0])
def test_seeing_is_a_logit_of_need_person_creative_and_hour(match: float) -> None:
    effect = -0.7
    for hour, quality, factor in ((0, 0.0, 1.0), (33, 0.4, 0.8), (167, -0.1, 0.3)):
        t = hour * 3600 + 1800  # the corner shop's scenario begins on a Monday
        x = -1.1 + 0.6 * match - 0.9 * 0.7 + quality + 0.5 * (HOURLY[hour] - 0.2)
        found = open_chance(MODEL, effect, CHANNEL, t, match, quality, factor)
        assert found == pytest.approx(factor * logistic(x))


def test_where_nothing_tells_messages_apart_the_share_is_the_channels() -> None:
    flat = model_of(response={"hour": 0.0, "need": 0.6, "personal": 0.9})
    effect = 0.0
    found = [open_chance(flat, effect, CHANNEL, 0, 0.0, 0.0, x) for x in (1.0, 0.5)]
    assert found == pytest.approx([logistic(-1.1), 0.5 * logistic(-1.1)])
    hourly = model_of(response={"hour": 1.0, "campaign_hour": 0.2})
    found = open_chance(hourly, effect, CHANNEL, 0, 0.0, 0.0, 1.0)  # all hours of the shop are 0
    assert found == pytest.approx(logistic(-1.3))


def test_base_rates_are_those_of_tuesday_at_ten() -> None:
    hours, days = [10.0] * 10 + [90.0] * 14, [100, 150, 100, 80, 60, 50, 40]
    model = model_of(corner(world={"hour_index": hours, "day_index": days}))
    mean = np.mean(hours) * np.mean(days)
    assert model.response.campaign_hour == pytest.approx(math.log(90.0 * 150 / mean))
    level = plain(hour_level)(model, 86400 + 10 * 3600)  # the corner shop opens on a Monday
    assert model.response.campaign_hour == pytest.approx(level)


def test_what_nobody_sees_and_what_all_see() -> None:
    effect = 0.0
    hidden = record(Channel, base_open=0.0, open_logit=3.0)
    shown = record(Channel, base_open=1.0, open_logit=-3.0)
    nearly = record(Channel, base_open=0.999999, open_logit=-3.0)
    assert open_chance(MODEL, effect, hidden, 0, 1.0, 0.0, 1.0) == 0.0
    assert open_chance(MODEL, effect, shown, 0, 0.0, 0.0, 0.6) == 0.6
    assert open_chance(MODEL, effect, nearly, 0, 0.0, 0.0, 0.6) == 0.6


def test_clicking_is_a_logit_of_need_person_and_creative() -> None:
    effect = 0.5
    found = plain(response.click_chance)(MODEL, effect, CHANNEL, 0.5, -0.2)
    assert found == pytest.approx(logistic(-2.0 + 0.3 + 0.45 - 0.2))
    never = record(Channel, base_click=0.0, click_logit=2.0)
    assert plain(response.click_chance)(MODEL, effect, never, 1.0, 0.0) == 0.0


def test_opening_takes_a_lognormal_time() -> None:
    delays = [plain(response.open_delay)(CHANNEL, u) for u in middles(4001)]
    assert np.median(delays) == 101
    assert np.std(np.log(delays)) == pytest.approx(0.5, rel=0.02)
    assert plain(response.open_delay)(record(Channel, delay_median=60.0), 0.9) == 61
    wide = record(Channel, delay_median=1.0, delay_sigma=5.0)
    assert plain(response.open_delay)(wide, 0.999) == 1 + int(math.exp(12.0))
    assert plain(response.open_delay)(wide, 0.001) == 1


def test_the_address_is_channel_slot_creative_and_repeat() -> None:
    person = record(response.Responsiveness, recent=[-1] * 4)
    first = address(MODEL, person, 3, 7300, 9)
    assert first == (2 << 32) | (3 << 24) | (9 << 8)
    others = [address(MODEL, person, *w) for w in ((3, 7199, 9), (4, 7300, 9), (3, 7300, 8))]
    assert len({first, *others}) == 4
    assert [address(MODEL, person, 3, 10_799, 9) - first for _ in range(3)] == [1, 2, 3]
    fifth = address(MODEL, person, 5, 0, 0)  # the first of the four that are kept is forgotten
    assert fifth == 5 << 24
    assert address(MODEL, person, 3, 7300, 9) == first
    assert address(MODEL, person, 5, 0, 0) == fifth + 1
    assert address(MODEL, person, 3, 7199, 9) == others[0], "forgotten too"
    assert address(MODEL, person, 3, 7300, 8) == others[2] + 1


def test_repeats_are_counted_up_to_a_bound() -> None:
    person = record(response.Responsiveness, recent=[-1] * 4)
    found = [address(MODEL, person, 1, 0, 2) & 255 for _ in range(130)]
    assert found == [*range(120), *[120] * 10]


@kernel
def respond(cell: Any, model: Any, out: Any) -> None:
    person, channel = cell.person[0], model.ch[EMAIL]
    out[0] = response.open_chance(model, person.effect, channel, 5000, 0.5, 0.1, 0.9)
    out[1] = response.click_chance(model, person.effect, channel, 0.5, 0.1)
    out[2] = response.open_delay(channel, 0.7)
    out[3] = response.address(model, person, EMAIL, 90_000, 77)


def test_compiled_and_plain_are_equal() -> None:
    found = [np.zeros(4), np.zeros(4)]
    for function, out in zip((respond, plain(respond)), found, strict=True):
        function(cell_of(1), MODEL, out)
    assert found[0].tolist() == pytest.approx(found[1].tolist(), rel=1e-14)


def test_what_a_message_shows_catches_the_eye_and_all_of_a_shop_by_chance() -> None:
    model, need = model_of(response={"generic": 0.25}), record(Need, visits=1)
    for u in (0.249, 0.251, 0.999):
        assert all(
            plain(response.catches_eye)(model, need, category, specific, u)
            for category in (0, 1, 7)
            for specific in (False, True)
        )
        assert plain(response.catches_eye)(model, need, -1, False, u) == (u < 0.25)
