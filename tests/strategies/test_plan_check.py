"""Plans against the scenario that they are to run in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.cascade.rules import under_cap
from omnilab.errors import StrategyError
from omnilab.scenario.model import Scenario
from omnilab.strategy import Cap, Journey, Message, Plan, Sharing, Step
from omnilab.strategy.plan_check import check_plan
from omnilab.strategy.protocol import Brand
from omnilab.testing import sample_scenario

SCENARIO = sample_scenario()
BRAND = Brand.of(SCENARIO)
CART = BRAND.journey("cart")
DAY = 86400


def refused(plan: Any, scenario: Scenario = SCENARIO) -> str:
    with pytest.raises(StrategyError) as caught:
        check_plan(plan, scenario, strategy="mine")
    assert caught.value.hook == "plan"
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix("strategy 'mine', plan: ")


def with_message(**changes: Any) -> Plan:
    message = Message(channels=("email",)).model_copy(update=changes)
    step = Step(delay=1).model_copy(update={"delay": None, "message": message})
    return Plan(journeys=(CART.model_copy(update={"steps": (step,)}),))


def test_a_plan_comes_back_complete() -> None:
    plan = check_plan(Plan(journeys=list(BRAND.journeys), silos=["app"]), SCENARIO)  # type: ignore[arg-type]
    assert plan == Plan(journeys=BRAND.journeys, cap=BRAND.cap, silos=("app",), wiring=BRAND.wiring)
    assert check_plan(plan, SCENARIO) == plan


def test_a_plan_in_a_world_without_caps_has_none() -> None:
    free = SCENARIO.changed({"brand": {"cap": None}})
    assert check_plan(Plan(), free).cap is None
    cap = Cap(messages=8, per=60)
    assert check_plan(Plan(cap=cap), free).cap == cap


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (None, "returned NoneType, not a Plan"),
        ({"sharing": "all"}, "returned dict, not a Plan"),
        (Plan(sharing="all"), "sharing: is str, not Sharing"),  # type: ignore[arg-type]
        (Plan(journeys="cart"), "journeys: is str, not a tuple of Journey"),  # type: ignore[arg-type]
        (Plan(journeys=("cart",)), "journeys[0]: is str, not a Journey"),  # type: ignore[arg-type]
        (Plan(journeys=(CART, CART)), "journeys.cart: a second journey of this name"),
        (Plan(journeys=(CART.model_copy(update={"cooldown": -5}),)), "journeys.cart.cooldown: "),
        (Plan(journeys=(CART.model_copy(update={"trigger": "crat"}),)), "journeys.cart.trigger: "),
        (
            Plan(journeys=(CART.model_copy(update={"sequence": ("emial",)}),)),
            "journeys.cart.sequence: unknown silo 'emial' (did you mean 'email'?)",
        ),
        (
            with_message(channels=("push", "emial")),
            "journeys.cart.steps[0].message.channels: unknown channel 'emial'",
        ),
        (with_message(channels=("store",)), "no message can be sent over channel 'store'"),
        (with_message(offer=0.95), "journeys.cart.steps[0].message.offer: "),
        (with_message(quality=0.5), "message.quality: 0.5 is above 0, the best of the scenario's"),
        (Plan(silos=("appp",)), "silos: unknown silo 'appp' (did you mean 'app'?)"),
        (Plan(silos=("push",)), "silos: unknown silo 'push'; channel 'push' is in silo 'app'"),
        (Plan(silos=("zzz",)), "silos: unknown silo 'zzz'; there are web, app, store, email, sms"),
        (Plan(silos=("app", "app")), "silos: names a silo twice"),
        (Plan(silos="app"), "silos: is str, not a tuple of names"),  # type: ignore[arg-type]
        (Plan(silos=3), "silos: is int, not a tuple of names"),  # type: ignore[arg-type]
        (Plan(cap=4), "cap: is int, not a Cap"),  # type: ignore[arg-type]
        (Plan(cap=Cap.model_construct(messages=0, per=DAY)), "cap.messages: "),
        (Plan(cap=Cap(messages=5, per=7 * DAY)), "a plan may lower the cap, not raise it"),
        (Plan(paid="no"), "paid: is 'no', not True or False"),  # type: ignore[arg-type]
    ],
)
def test_every_fault_is_told_in_one_line(plan: Any, said: str) -> None:
    assert said in refused(plan)


def test_too_many_journeys() -> None:
    many = tuple(CART.model_copy(update={"name": f"j{i}"}) for i in range(61))
    assert "at most 60 journeys, the plan has 61" in refused(Plan(journeys=many))


def sends_in(cap: Cap, window_s: int, step_s: int) -> int:
    """Return the most sends in any window of a sender that sends whenever the cap lets it."""
    import numpy as np

    keeps = getattr(under_cap, "py_func", under_cap)  # no need to compile it
    times: list[int] = []
    for t in range(0, 4 * window_s, step_s):
        while keeps(np.array(times or [-1]), len(times), t, cap.per, cap.messages):
            times.append(t)
    return max(sum(t - window_s < x <= t for x in times) for t in times)


@given(
    cap=st.builds(Cap, messages=st.integers(1, 3), per=st.sampled_from([1, 2, 3, 5, 7, 10])),
    limit=st.builds(Cap, messages=st.integers(1, 8), per=st.sampled_from([1, 2, 3, 5, 7])),
)
def test_a_cap_is_lower_if_no_sender_could_use_the_difference(cap: Cap, limit: Cap) -> None:
    scenario = SCENARIO.changed({"brand": {"cap": limit.model_dump()}})
    plan = Plan(cap=cap)
    if sends_in(cap, limit.per, 1) <= limit.messages:
        assert check_plan(plan, scenario).cap == cap
    else:
        assert "not raise it" in refused(plan, scenario)


def test_quality_up_to_the_scenarios_own_is_fine() -> None:
    journey = Journey.model_validate(
        {"name": "n", "trigger": "weekly", "sequence": ("email",),
         "steps": ({"message": {"quality": 0.5, "channels": ("email",)}},)}
    )  # fmt: skip
    scenario = SCENARIO.changed({"brand": {"journeys": [journey.model_dump()]}})
    check_plan(Plan(journeys=(journey,)), scenario)
    step = Step(message=Message(shows="cart", quality=0.5, channels=("email",)))
    other = replace(Plan(), journeys=(journey.model_copy(update={"steps": (step,)}),))
    assert "messages that show 'cart'" in refused(other, scenario)


def test_sharing_is_checked_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="did you mean 'all'"):
        Sharing(stop="al")  # type: ignore[arg-type]
