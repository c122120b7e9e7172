"""Bad experiences add up, fade, are made good in part, and end relations as stated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.kernels.compiling import kernel
from omnilab.world.satisfaction import drops_out, fail, leave_chance, leaves_after, recover
from omnilab.world.state import Person
from tests.plain import plain
from tests.worlds import cell_of, corner, model_of, record

FORGET = 5000
MODEL = model_of(
    satisfaction={"forget": FORGET, "recovery": 0.25, "kappa": 0.5, "leave_base": -2.0,
                  "leave_failure": 0.7, "leave_purchases": 0.4}
)  # fmt: skip


def test_failures_fade_and_add_up() -> None:
    person = record(Person)
    sums = [plain(fail)(MODEL, person, t) for t in (1000, 1000 + FORGET, 1000 + 3 * FORGET)]
    assert sums == pytest.approx([1.0, 1.0 + math.exp(-1), 1.0 + math.exp(-2) + math.exp(-3)])
    assert person.failures == sums[-1]
    assert person.failures_t == 1000 + 3 * FORGET


def test_a_good_contact_takes_a_part_back() -> None:
    person = record(Person, failures=2.0)
    plain(recover)(MODEL, person)
    assert person.failures == 1.5


@pytest.mark.parametrize(("failures", "purchases"), [(1.0, 0), (3.0, 0), (2.5, 7)])
def test_the_chance_to_leave(failures: float, purchases: int) -> None:
    person = record(Person, failures=failures, purchases=purchases)
    x = -2.0 + 0.7 * failures - 0.4 * math.log(1 + purchases)
    assert plain(leave_chance)(MODEL, person) == pytest.approx(0.5 / (1.0 + math.exp(-x)))


def test_the_stated_shares_leave_after_one_failure_and_after_three() -> None:
    stated = {"after_one": 0.2, "after_several": 0.6, "kappa": 0.5, "purchases": 0.3}
    model = model_of(corner(world={"satisfaction": stated}))
    chances = [plain(leave_chance)(model, record(Person, failures=n)) for n in (1.0, 3.0)]
    assert chances == pytest.approx([0.1, 0.3], rel=0.01)


def test_each_bad_experience_counts_before_it_is_asked_who_leaves() -> None:
    x = -2.0 + 0.7 * (2.0 * math.exp(-1) + 1.0) - 0.4 * math.log(4.0)
    chance = 0.5 / (1.0 + math.exp(-x))
    for u in (chance - 1e-9, chance + 1e-9):
        one = record(Person, failures=2.0, failures_t=700, purchases=3)
        assert plain(leaves_after)(MODEL, one, 700 + FORGET, u) == (u < chance)
        assert one.failures == pytest.approx(2.0 * math.exp(-1) + 1.0)


def test_who_drops_out_after_an_order() -> None:
    person = record(Person, dropout=0.3)
    assert [bool(plain(drops_out)(person, u)) for u in (0.299, 0.301)] == [True, False]


@kernel
def fail_twice(cell: Any, model: Any, out: Any) -> None:
    person = cell.person[0]
    out[0] = fail(model, person, 500)
    out[1] = fail(model, person, 900)
    recover(model, person)
    out[2] = leave_chance(model, person)


def test_compiled_and_plain_are_equal() -> None:
    found = [np.zeros(3), np.zeros(3)]
    for function, out in zip((fail_twice, plain(fail_twice)), found, strict=True):
        function(cell_of(1), MODEL, out)
    assert found[0].tolist() == pytest.approx(found[1].tolist(), rel=1e-14)
    assert found[0].min() > 0.0
