"""Bad experiences are counted and logged; who leaves loses all needs and hears of nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from omnilab.cell import queue
from omnilab.interaction import leaving
from omnilab.world.satisfaction import leave_chance
from tests.plain import plain
from tests.worlds import eager, happen, logged, model_of, needs_of, plan_of, quiet

MODEL = model_of(satisfaction={"kappa": 0.5, "leave_base": 0.0, "leave_failure": 0.0,
                               "leave_purchases": 0.0})  # fmt: skip
PLAN = plan_of()


def with_needs(n: int = 3) -> Any:
    cell = eager(MODEL)
    for number in range(n):
        happen(cell, MODEL, PLAN, 100 + number, queue.NEED, 0, 0, number)
    quiet(cell)
    return cell


@pytest.mark.parametrize(("u", "leaves"), [(0.2499, True), (0.25, False)])
def test_a_bad_experience_may_end_it(u: float, leaves: bool) -> None:
    cell = with_needs()
    assert plain(leave_chance)(MODEL, cell.person[0]) == 0.25
    assert plain(leaving.bad_experience)(cell, MODEL, 500, 0, 3, u) == leaves
    bad, *rest = logged(cell)
    assert (bad["kind"], bad["why"], bad["time"]) == ("bad_experience", 3, 500)
    assert (cell.person[0].failures, cell.person[0].failures_t) == (1.0, 500)
    if not leaves:
        assert rest == []
        assert len(needs_of(cell, 0)) == 3
        return
    left, *lost = rest
    assert (left["kind"], left["why"]) == ("left", 2)
    assert [x["need"] for x in lost] == [2 * MODEL.needs.stride, MODEL.needs.stride, 0]
    assert {x["fate"] for x in lost} == {3}
    assert cell.person[0].left == 1
    assert needs_of(cell, 0) == []
    assert cell.meta.free_need >= 0


def test_who_left_has_no_more_experiences() -> None:
    cell = with_needs(0)
    cell.person[0].left = 1
    assert not plain(leaving.bad_experience)(cell, MODEL, 500, 0, 3, 0.0)
    assert logged(cell) == []
    assert cell.person[0].failures == 0.0
