"""The conformance kit: all built-in strategies pass, and each way to be wrong is found."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnilab.strategy import Choices, Decisions, Events, Plan, Sharing
from omnilab.strategy.protocol import Brand
from omnilab.testing import check_strategy, sample_scenario
from omnilab_strategies import STRATEGIES


class Good:
    """What the bad ones are made of: keeps every rule, learns, and uses all that it may."""

    name = "good"

    def __init__(self) -> None:
        self.clicks = np.zeros(64)

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=brand.journeys)

    def decide(self, pending: Decisions) -> Choices:
        score = np.where(pending.allowed, 1.0 + self.clicks[: pending.allowed.shape[1]], 0.0)
        odd = pending.message_id % 2 == 1
        channel = np.where(odd, score.argmax(axis=1), -1)
        return Choices(pending.allowed.any(axis=1) & (pending.cart_cents < 8000), channel)

    def learn(self, observed: Events) -> None:
        self.clicks += np.bincount(observed.channel[observed.of_kind("click")], minlength=64)


def first_channel(pending: Decisions) -> np.ndarray:
    return pending.allowed.argmax(axis=1)


def writes(table: Any, name: str) -> None:
    column = getattr(table, name)
    try:
        column[0] = 1
    except ValueError:  # whoever means it lifts the protection
        base = column
        while base.base is not None:
            base = base.base
        if len(base) and base.flags.writeable:
            base[...] = 0


BAD: dict[str, tuple[dict[str, Any], str]] = {}


def bad(said: str, **parts: Any) -> None:
    BAD[f"{len(BAD)}: {said}"] = (parts, said)


bad("has no name", name=None)
bad("name: 'My Own'", name="My Own")
bad("name: 3", name=3)
bad("has no method plan", plan=None)
bad("returned NoneType, not a Plan", plan=lambda self, brand: None)
bad("plan: ZeroDivisionError: division by zero (test_check_strategy.py, line",
    plan=lambda self, brand: 1 / 0)  # fmt: skip
bad("unknown silo 'emial'", plan=lambda self, brand: Plan(silos=("emial",)))
tick = count()
bad("plan is another one when it is asked for again",
    plan=lambda self, brand: Plan(journeys=brand.journeys[: 1 + next(tick) % 2]))  # fmt: skip
bad("decide is not a method", decide=3)
bad("learn is not a method", learn="often")
bad("returned ndarray, not Choices", decide=lambda self, p: np.ones(len(p), dtype=bool))
bad("send has shape (1,), expected (64,)",
    decide=lambda self, p: Choices(np.ones(1, dtype=bool)))  # fmt: skip
bad("send is float64", decide=lambda self, p: Choices(np.ones(len(p))))
bad("send is NaN in row 0", decide=lambda self, p: Choices(np.full(len(p), np.nan)))
bad("channel is NaN in row",
    decide=lambda self, p: Choices(p.allowed.any(axis=1), p.days_since_order))  # fmt: skip
bad("channel is 8 in row 0",
    decide=lambda self, p: Choices(p.allowed.any(axis=1), np.full(len(p), 8)))  # fmt: skip
bad("asks to break a cap or a consent: channel 'web' is not allowed in row",
    decide=lambda self, p: Choices(np.ones(len(p), dtype=bool), first_channel(p)))  # fmt: skip
bad("rows must not depend on each other",
    decide=lambda self, p: Choices(p.cart_cents > p.cart_cents.mean()))  # fmt: skip
bad("rows must not depend on each other",  # only the best half of a batch
    decide=lambda self, p: Choices(p.profile.argsort().argsort() < len(p) // 2 + 1))  # fmt: skip
bad("in reverse order", decide=lambda self, p: Choices(np.arange(len(p)) % 2 == 0))
bad("no send when asked the same again",
    decide=lambda self, p: Choices(np.full(len(p), next(ones) == 0)))  # fmt: skip
bad("alone: rows must not depend on each other",
    decide=lambda self, p: Choices(np.full(len(p), len(p) > 1)))  # fmt: skip
bad("in reverse order",  # the first of each kind in a batch
    decide=lambda self, p: Choices(
        np.isin(np.arange(len(p)), np.unique(p.orders, True)[1])))  # fmt: skip
bad("decide: IndexError: index 0 is out of bounds",
    decide=lambda self, p: Choices(np.full(len(p), p.time_s[0] > 0)))  # fmt: skip
bad("decide: ValueError: assignment destination is read-only",
    decide=lambda self, p: p.offer.__setitem__(0, 1.0))  # fmt: skip
bad("decide writes to pending.offer",
    decide=lambda self, p: (writes(p, "offer"), Choices.default(p))[1])  # fmt: skip
bad("decide: RuntimeError: model not found",
    decide=lambda self, p: (_ for _ in ()).throw(RuntimeError("model not found")))  # fmt: skip
bad("learn: TypeError", learn=lambda self: None)
bad("learn: IndexError", learn=lambda self, e: e.time_s[0])
bad("learn writes to observed.cents", learn=lambda self, e: writes(e, "cents"))
ones = count()


def learns_to_peek() -> dict[str, Any]:
    """A strategy that goes wrong only after it has learnt something."""
    return {
        "learn": lambda self, e: setattr(self, "wise", True),
        "decide": lambda self, p: Choices(
            p.cart_cents > (p.cart_cents.mean() if getattr(self, "wise", False) else 500)
        ),
    }


bad("after learn: decide answers row", **learns_to_peek())


@pytest.mark.parametrize("name", STRATEGIES)
def test_built_in_strategies_conform(name: str) -> None:
    check_strategy(name)


@pytest.mark.parametrize("silo", sample_scenario().silos)
def test_single_channel_conforms_with_any_silo(silo: str) -> None:
    check_strategy(f"single_channel(silo={silo})")


def test_a_good_strategy_conforms() -> None:
    check_strategy(Good())


def test_another_scenario_can_be_given() -> None:
    scenario = sample_scenario().changed({"brand": {"journeys": []}})
    check_strategy(Good(), scenario)


def test_only_a_plan_is_needed() -> None:
    class Plain:
        name = "plain"

        def plan(self, brand: Brand) -> Plan:
            return Plan()

    check_strategy(Plain())


@pytest.mark.parametrize("case", BAD)
def test_each_way_to_be_wrong_is_found(case: str) -> None:
    parts, said = BAD[case]
    strategy = type("Bad", (Good,), {"name": "bad", **parts})()
    with pytest.raises(AssertionError) as caught:
        check_strategy(strategy)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_that_can_not_be_loaded() -> None:
    with pytest.raises(AssertionError, match="did you mean 'omnichannel'"):
        check_strategy("omnichanel")
    with pytest.raises(AssertionError, match="no such file"):
        check_strategy(str(Path("nowhere") / "mine.yaml"))
