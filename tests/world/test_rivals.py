"""Rivals as places: a logit beside the brand's channels, and what is felt there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.errors import ScenarioError
from omnilab.world import rivals
from tests.plain import plain
from tests.verification.worlds import load, log, run, same_rows, world
from tests.worlds import corner, due, eager, happen, logged, middles, model_of, plan_of

chosen = plain(rivals.rival_chosen)


def at_choice(who: int = 0, **changes: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return a model with rivals, a person and a need that has just come."""
    model = model_of(**{"rivals": {"number": 2, "utility": -0.3}, **changes})
    cell = eager(model)
    need = cell.need[0]
    need.let_down, need.stock, need.stock_t = 0, 0.0, 0
    cell.person[who].last_channel, cell.person[who].rival = 0, -1
    return model, cell.person[who], need


def shares(model: Any, person: Any, need: Any, weight: list[float], stock: float = 0.0) -> Any:
    """Return the share of attempts that go to the brand, and to each rival."""
    n = 2000
    found = [chosen(model, person, need, 0, stock, np.array(weight), u) for u in middles(n)]
    return [found.count(k) / n for k in range(-1, 2)]


WEIGHTS = [1.0, 0.0, 2.5, 0.0, 0.0, 0.0]


def test_the_shares_are_those_of_the_logit() -> None:
    model, person, need = at_choice()
    one = math.exp(-0.3)
    total = 3.5 + 2 * one
    assert shares(model, person, need, WEIGHTS) == pytest.approx(
        [3.5 / total, one / total, one / total], abs=1e-3
    )


def test_who_was_there_last_rather_goes_there_again() -> None:
    model, person, need = at_choice(choice={"inertia": 1.2})
    person.last_channel, person.rival = -1, 1
    one = math.exp(-0.3)
    total = 3.5 + one + one * math.exp(1.2)
    assert shares(model, person, need, WEIGHTS) == pytest.approx(
        [3.5 / total, one / total, one * math.exp(1.2) / total], abs=1e-3
    )


def test_being_let_down_and_a_bad_preference_send_more_there() -> None:
    model, person, need = at_choice(
        rivals={"number": 2, "utility": 0.0, "let_down": 0.7, "completes": 0.9},
        preference={"pull": 1.5, "on": 1}, choice={"closing": 0.5},
    )  # fmt: skip
    need.let_down, person.preference = 2, -0.4
    x = 0.0 + 0.7 * 2 + 1.5 * 0.4 + 0.5 * 0.6 * (0.9 - 0.3)
    away = 2 * math.exp(x)
    assert shares(model, person, need, WEIGHTS, stock=0.6)[0] == pytest.approx(
        3.5 / (3.5 + away), abs=1e-3
    )


def test_nobody_goes_where_the_brand_is_closed_and_who_does_not_know_it_goes_nowhere_else() -> None:
    model, person, need = at_choice()
    assert shares(model, person, need, [0.0] * 6)[0] == 1.0
    person.knows = 0
    assert shares(model, person, need, WEIGHTS) == [0.0, 0.5, 0.5]


def attempt(threshold: float, **there: Any) -> tuple[Any, Any]:
    """Let a need come and be noticed; return the cell and the need's ordinal."""
    model = model_of(rivals=there, intent={"returns": 1.0, "slope": 50.0})
    cell = eager(model)
    cell.person[0].threshold = threshold
    happen(cell, model, plan_of(), 1000, queue.NEED, 0, 0, 0)
    at, _, _, ordinal, _ = due(cell, queue.NOTICE)[0]
    cell.meta.rows = 0
    happen(cell, model, plan_of(), at, queue.NOTICE, 0, ordinal)
    return cell, ordinal


def test_a_rival_who_sells_meets_the_need() -> None:
    cell, ordinal = attempt(-50.0, number=1, utility=40.0, completes=1.0)
    (there,) = logged(cell, "rival_visit")
    assert (there["need"], there["rival"], there["bought"]) == (ordinal, 0, 1)
    (lost,) = logged(cell, "need_lost")
    assert (lost["need"], lost["fate"]) == (ordinal, 1)
    assert not logged(cell, "visit")
    assert cell.person[0].first_need == -1


@pytest.mark.parametrize(("threshold", "completes"), [(50.0, 1.0), (-50.0, 0.0)])
def test_who_does_not_buy_there_comes_back_with_the_need(
    threshold: float, completes: float
) -> None:
    cell, ordinal = attempt(threshold, number=1, utility=40.0, completes=completes)
    (there,) = logged(cell, "rival_visit")
    assert there["bought"] == 0
    assert not logged(cell, "need_lost", "visit")
    assert cell.person[0].first_need >= 0
    assert [item[3] & 0xFFFFFFFF for item in due(cell, queue.REVISIT)] == [ordinal]


def test_the_rest_go_to_the_brand_as_without_rivals() -> None:
    with_rivals, without = (attempt(-50.0, number=n, utility=-50.0)[0] for n in (2, 0))
    assert logged(with_rivals, "order")
    assert logged(with_rivals) == logged(without)
    assert due(with_rivals) == due(without)


def test_without_rivals_nothing_of_them_is_read() -> None:
    """The log is the same whatever the other keys say."""
    small = {"population": {"customers": 8}, "time": {"burn_in": "5d", "window": "20d"}}
    on = {"rivals": {"utility": 5.0, "completes": 1.0, "let_down": 3.0}}
    one, other = (
        run(s, load(s, "omnichannel"), engine="simpy", pilot=2)
        for s in (world(**small), world(**small, world=on))
    )
    same_rows(log(one, "omnichannel"), log(other, "omnichannel"))


@pytest.mark.parametrize(
    ("preference", "named"), [({"pull": 1.0}, "pull"), ({"known": 0.5}, "known")]
)
def test_a_preference_without_rivals_is_refused(preference: dict[str, Any], named: str) -> None:
    with pytest.raises(ScenarioError) as error:
        corner(world={"preference": preference})
    assert f"world.preference.{named}" in str(error.value)
    assert "world.rivals.number" in str(error.value)
    assert "\n" not in str(error.value).strip()
