"""Priorities under a cap: a message leaves room for more important ones that are due."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omnilab.brand.codes import OP_DELAY, OP_MESSAGE, OP_WAIT
from omnilab.brand.context import context_of, remember_send
from omnilab.brand.policy import may_send
from omnilab.brand.sharing import NUMBERS
from omnilab.brand.state import CASCADING, DECIDING, DELAYED, WAITING
from omnilab.cell.memory import reset
from omnilab.errors import ScenarioError
from omnilab.experiment.comparison import Comparison
from omnilab.kernels.compiling import kernel
from omnilab.log import rows
from tests.verification.worlds import digests, load, log, run, same_rows, world
from tests.worlds import cell_of, plan_of

SILOS, JOURNEYS, PERIOD, NOW = 3, 4, 100, 500

DUE = st.sampled_from((NOW - 1, NOW, NOW + 1, NOW + 50, NOW + 90, NOW + PERIOD - 1, NOW + PERIOD))
copies = st.lists(
    st.tuples(
        st.integers(0, JOURNEYS - 1), st.integers(0, SILOS - 1),
        st.sampled_from((DECIDING, DECIDING, DELAYED, WAITING, CASCADING)), st.integers(0, 1), DUE,
    ),
    max_size=5,
)  # fmt: skip
sends = st.lists(
    st.tuples(st.integers(0, SILOS - 1), st.integers(NOW - PERIOD - 20, NOW)), max_size=4
)

RULES = ("brand/policy.py", "brand/journeys.py", "brand/judge.py")


@kernel
def begin(cell: Any) -> None:
    reset(cell, 0, 0)
    cell.context_of[:] = -1


@kernel
def has_sent(cell: Any, silo: int, t: int) -> None:
    remember_send(cell, context_of(cell, 0, silo), t)


@kernel
def allowed(cell: Any, plan: Any, journey: int, silo: int) -> bool:
    return may_send(cell, plan, 0, journey, silo, 0, NOW)


def naive(case: Any, priority: list[int], sequence: list[int], choice: str, cap: int,
          journey: int, silo: int) -> bool:  # fmt: skip
    """Return whether a message may be sent, by lists and the words of the rule."""
    waiting, sent = case

    def counted(of: int, by: int) -> set[int]:
        if choice == "all":
            return set(range(SILOS))
        more = (
            {s for s in range(SILOS) if (sequence[of] >> s) & 1} if choice == "handoff" else set()
        )
        return more | {by}

    def within(silos: set[int], at: int) -> int:
        return sum(s in silos and at - PERIOD < t <= at for s, t in sent)

    if within(counted(journey, silo), NOW) + 1 > cap:
        return False
    rivals = [
        (due, j, s) for j, s, state, step, due in waiting
        if priority[j] > priority[journey] and NOW <= due < NOW + PERIOD
        and (state == DECIDING or (state == DELAYED and step == 1))
    ]  # fmt: skip
    for due, j, s in rivals:
        silos = counted(j, s)
        before = sum(d <= due and other in silos for d, _, other in rivals)
        if silo in silos and within(silos, due) + 1 + before > cap:
            return False
    return True


#: A rival that is due together with the message, one send allowed: it takes the room.
ONE_RIVAL = (([(1, 0, DECIDING, 1, NOW)], []), [0, 1, 0, 0], [0] * 4, "all", 1, 0, 0)
#: The same in another silo, each with a cap of its own: it takes nothing.
ELSEWHERE = (([(1, 1, DECIDING, 1, NOW)], []), [0, 1, 0, 0], [0] * 4, "silo", 1, 0, 0)

#: Two of three were sent: one more, or the rival, and not both.
TWO_OF_THREE = (
    ([(1, 0, DECIDING, 1, NOW)], [(0, NOW - 5), (0, NOW - 9)]), [0, 1, 0, 0], [0] * 4, "all", 3, 0,
    0,
)  # fmt: skip
#: One of four was sent: there is room for both, and for a second rival.
ONE_OF_FOUR = (
    ([(1, 0, DECIDING, 1, NOW), (2, 0, DECIDING, 1, NOW + 1)], [(0, NOW - 5)]), [0, 1, 1, 0],
    [0] * 4, "all", 4, 0, 0,
)  # fmt: skip


@settings(max_examples=200)
@example(*TWO_OF_THREE)
@example(*ONE_OF_FOUR)
@example(*ONE_RIVAL)
@example(*ELSEWHERE)
@given(
    st.tuples(copies, sends),
    st.lists(st.sampled_from((0, 1, 2, 2)), min_size=JOURNEYS, max_size=JOURNEYS),
    st.lists(st.integers(0, 7), min_size=JOURNEYS, max_size=JOURNEYS),
    st.sampled_from(sorted(NUMBERS)), st.integers(1, 4), st.integers(0, JOURNEYS - 1),
    st.integers(0, SILOS - 1),
)  # fmt: skip
def test_it_is_what_a_naive_model_says(case, priority, sequence, choice, cap, journey, silo):
    plan = plan_of(
        rules={"contact_policy": NUMBERS[choice], "n_silos": SILOS, "cap_messages": cap,
               "cap_period": PERIOD, "ranked": 1},
        journey={"n_steps": 2}, step={},
    )  # fmt: skip
    plan.set("journey", np.repeat(plan.arrays()["journey"][:1], JOURNEYS).view(np.recarray))
    steps = np.repeat(plan.arrays()["step"][:1], JOURNEYS, axis=0)
    plan.set("step", np.ascontiguousarray(steps).view(np.recarray))
    for j in range(JOURNEYS):
        plan.journey[j].priority = priority[j]
        plan.journey[j].sequence = sequence[j]
        plan.journey[j].n_steps = 2
        plan.step[j, 0].op = OP_WAIT if j % 2 else OP_DELAY
        plan.step[j, 1].op = OP_MESSAGE
    cell = cell_of(plan=plan, copy=8)
    assert cell.ring.shape[1] >= cap
    begin(cell)
    waiting, sent = case
    cell.profile[0].first_copy = -1
    for i, (j, s, state, step, due) in enumerate(waiting):
        copy = cell.copy[i]
        copy.journey, copy.last_silo, copy.state, copy.step, copy.due = j, s, state, step, due
        copy.next = cell.profile[0].first_copy
        cell.profile[0].first_copy = i
    for s, t in sorted(sent, key=lambda x: x[1]):
        has_sent(cell, s, t)
    expected = naive(case, priority, sequence, choice, cap, journey, silo)
    assert allowed(cell, plan, journey, silo) == expected


NEWS = {"name": "news", "trigger": "weekly", "at": "10:00", "sequence": ["email"],
        "steps": [{"message": {"channels": ["email"]}}]}  # fmt: skip
THANKS = {
    "name": "thanks", "trigger": "order", "sequence": ["web", "email"],
    "steps": [{"delay": "3d"}, {"message": {"shows": "bought", "channels": ["email"]}}],
}  # fmt: skip


@cache
def ran(news: int, thanks: int, engine: str = "compiled") -> Comparison:
    """Return a world in which one message a week is allowed: the newsletter or the thanks."""
    shows = [{"type": "email", "share": 1.0, "when": "order"}]
    flows = [{**NEWS, "priority": news}, {**THANKS, "priority": thanks}]
    scenario = world(
        population={"customers": 24, "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": 0, "window": "60d", "run_out": 0},
        channels=[
            {"preset": "web", "visit": {"identifiers": shows}},
            {"preset": "email", "message": {"opt_in": 1.0, "opt_out": 0.0}},
        ],
        brand={"cap": {"messages": 1, "per": "6d"}, "journeys": flows, "quiet_hours": None},
    )
    return run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=5)


def capped(comparison: Comparison, journey: int) -> int:
    final = rows.of_kind(log(comparison, "omnichannel"), rows.FINAL)
    return int(((final.journey == journey) & (final.status == rows.FINAL_CAPPED)).sum())


def test_what_ranks_higher_finds_room() -> None:
    equal, ranked = ran(0, 0), ran(0, 5)
    assert capped(equal, 1) >= 5
    assert capped(ranked, 1) <= capped(equal, 1) // 2
    assert capped(ranked, 0) > capped(equal, 0)  # newsletters left the room
    assert capped(ran(5, 0), 1) == capped(equal, 1)  # weekly ones don't wait: nothing is due


def test_equal_priorities_are_as_none() -> None:
    assert digests(ran(0, 0)) == digests(ran(7, 7))


def test_both_engines_rank_alike() -> None:
    same_rows(log(ran(0, 5), "omnichannel"), log(ran(0, 5, "simpy"), "omnichannel"))


@pytest.mark.parametrize("priority", [1.5, "high", 1001, None])
def test_a_bad_priority_is_one_clear_error(priority: Any) -> None:
    with pytest.raises(ScenarioError, match=r"priority") as caught:
        ran.__wrapped__(priority, 0)
    assert "\n" not in str(caught.value)
