"""Discounts, margins, and whether a cart is bought: cents are whole and come out as on paper."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.compiling import kernel
from omnilab.world.channel import Channel
from omnilab.world.device import COMPUTER, PHONE, TABLET
from omnilab.world.money import OfferInHand, completes, discount_cents, margin_cents
from tests.plain import plain
from tests.worlds import STORE, WEB, model_of, record

MODEL = model_of(offers={"offer": 3.0})


@pytest.mark.parametrize(
    ("t", "value", "points", "off"),
    [
        (50, 1005, 0, 101),  # a tenth, half a cent up
        (50, 1004, 0, 100),
        (100, 1000, 30, 130),  # the offer's last second; the card adds
        (101, 1000, 30, 30),
        (101, 1000, 0, 0),
        (50, 20, 500, 20),  # no more than all of it
        (101, 500, 500, 500),
    ],
)
def test_the_discount(t: int, value: int, points: int, off: int) -> None:
    person = record(OfferInHand, offer=0.1, offer_until=100)
    assert plain(discount_cents)(person, t, value, points) == off


@pytest.mark.parametrize(
    ("value", "discount", "margin", "commission", "left"),
    [
        (1000, 0, 0.4, 0.0, 400),
        (1000, 150, 0.4, 0.0, 250),
        (1000, 200, 0.4, 0.1, 400 - 200 - 80),  # the commission is on what was paid
        (1001, 0, 0.5, 0.0, 501),  # half a cent up
        (1000, 0, 0.0, 0.1235, -124),
        (100, 90, 0.2, 0.0, -70),
    ],
)
def test_the_margin(value: int, discount: int, margin: float, commission: float, left: int) -> None:
    assert plain(margin_cents)(value, discount, margin, commission) == left


def test_a_cart_is_bought_by_a_logit_of_place_device_and_offer() -> None:
    channel = record(
        Channel, completes=0.3, completes_logit=-0.5, phone_logit=-0.8, tablet_logit=-0.2
    )
    for device, share in product((COMPUTER, PHONE, TABLET), (0.0, 0.2)):
        x = -0.5 - (0.0, 0.8, 0.2)[device] + 3.0 * (share - 0.1) + 0.3
        assert plain(completes)(MODEL, channel, device, share - 0.1, 0.3) == pytest.approx(
            1.0 / (1.0 + math.exp(-x))
        )


def test_where_all_complete_the_chance_is_one() -> None:
    assert (
        plain(completes)(MODEL, record(Channel, completes=1.0, completes_logit=-9.0), PHONE, 0, 0.0)
        == 1
    )
    assert plain(completes)(MODEL, MODEL.ch[WEB], COMPUTER, 0.0, 0.0) == pytest.approx(0.4)


@kernel
def buy(model: Any, out: Any) -> None:
    out[0] = completes(model, model.ch[STORE], COMPUTER, 0.1, 0.0)
    out[1] = margin_cents(1005, 5, 0.4, 0.1)


def test_compiled_and_plain_are_equal() -> None:
    found = [np.zeros(2), np.zeros(2)]
    buy(MODEL, found[0])
    plain(buy)(MODEL, found[1])
    assert found[0].tolist() == pytest.approx(found[1].tolist(), rel=1e-14)
    assert found[0][1] == 402 - 5 - 100
