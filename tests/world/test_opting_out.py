"""Opting out where one reads: the base rate stays, need and quality move it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from omnilab.engine.calibrate import solve_intercepts
from omnilab.world.fatigue import opt_out_hazard
from omnilab.world.opting_out import opts_out_reading
from omnilab.world.state import Message
from tests.plain import plain
from tests.worlds import AD, EMAIL, PUSH, drawn, inhabited, model_of, record

RULES = ("world/opting_out.py",)

ON = {"on": 1, "need": -1.5, "quality": -1.0}
MATCH, SHARE = np.array([0.0, 0.15, 0.3]), np.array([0.6, 0.1, 0.3])


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def solved(**opt_out: float):
    model = model_of(opt_out=ON | opt_out)
    solve_intercepts(model, MATCH, SHARE)
    return model


@pytest.mark.parametrize("need", [-2.0, -0.5, 0.0])
def test_the_mean_over_the_population_is_the_declared_rate(need: float) -> None:
    """An independent mean: persons from the normal distribution, laid out evenly."""
    model = solved(need=need)
    channel = model.ch[EMAIL]
    effects = [math.sqrt(2) * x for x in _erfinv_nodes(2001)]
    total = 0.0
    for match, share in zip(MATCH, SHARE, strict=True):
        opens = [
            logistic(channel.open_logit + model.response.need * match + model.response.personal * z)
            for z in effects
        ]
        out = logistic(channel.opt_out_logit + need * match)
        total += share * out * sum(opens) / len(opens)
    assert total == pytest.approx(channel.opt_out, rel=2e-3)


def _erfinv_nodes(n: int) -> list[float]:
    from statistics import NormalDist

    normal = NormalDist()
    return [normal.inv_cdf((k + 0.5) / n) / math.sqrt(2) for k in range(n)]


def test_the_chance_is_the_formula() -> None:
    model = solved()
    person = inhabited(model, 1).person[0]
    x = model.ch[EMAIL].opt_out_logit
    for k in range(300):
        person.consent = 63
        message = record(Message, channel=EMAIL, occasion=k, quality=(k % 3) - 1.0)
        meets, over = (k % 5) / 4, 1.0 + k % 2
        u = drawn(model, 183, person.entity, k)[0]
        chance = logistic(x - 1.5 * meets - 1.0 * message.quality) * over
        assert plain(opts_out_reading)(model, person, message, meets, over) is bool(u < chance)


def test_it_takes_the_place_of_the_chance_at_delivery() -> None:
    for on, channel, at_delivery in ((0, EMAIL, True), (1, EMAIL, False), (1, AD, True)):
        model = model_of(opt_out=ON | {"on": on})
        person = inhabited(model, 1).person[0]
        hazard = plain(opt_out_hazard)(model, person, model.ch[channel], 1.0)
        assert bool(hazard > 0.0) is at_delivery
        message = record(Message, channel=channel, quality=-50.0)
        person.consent = 63
        assert plain(opts_out_reading)(model, person, message, 0.0, 1.0) is not at_delivery


def test_nobody_opts_out_twice() -> None:
    model = solved()
    person = inhabited(model, 1).person[0]
    person.consent = 63 & ~(1 << PUSH)
    message = record(Message, channel=PUSH, quality=-50.0)
    assert not plain(opts_out_reading)(model, person, message, 0.0, 1.0)
