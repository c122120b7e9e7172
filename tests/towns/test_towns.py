"""Towns: what holds whatever rooms are on."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from omnilab.cell.memory import allocate
from omnilab.log.rows import PERSON, of_kind
from tests.effort import random_worlds
from tests.property.random_worlds import strategies
from tests.towns.random_towns import towns
from tests.verification.worlds import digests, load, log, run, same_rows, sums, values


@random_worlds(2, 16)
@given(st.data())
def test_both_engines_write_one_log_in_random_towns(data: st.DataObject) -> None:
    scenario = data.draw(towns())
    compared = data.draw(strategies(scenario))
    seed = data.draw(st.integers(0, 2**62))
    fast = run(scenario, compared, seed=seed, engine="compiled")
    other = run(
        scenario, compared[::-1], seed=seed, threads=data.draw(st.sampled_from((1, 3))),
        chunk=data.draw(st.sampled_from((1, 2, 7))), against=fast.held_against,
    )  # fmt: skip
    assert digests(fast) == digests(other)
    assert sums(fast) == sums(other)
    slow = run(scenario, compared, seed=seed, engine="simpy")
    assert not fast.failures
    assert not slow.failures
    for strategy in compared:
        same_rows(log(fast, strategy.name), log(slow, strategy.name))
        assert values(fast, strategy.name) == values(slow, strategy.name)
    assert digests(fast) == digests(slow)
    assert sums(fast) == sums(slow)


@random_worlds(2, 16)
@given(st.data())
def test_a_town_more_changes_no_other(data: st.DataObject) -> None:
    scenario = data.draw(towns())
    compared = load(scenario, data.draw(st.sampled_from(("omnichannel", "cross_channel"))))
    people = scenario.population
    assert people.town is not None
    few = scenario.with_customers(people.town)
    many = scenario.with_customers(people.town * 3)
    assume(people.entry is None)  # a cohort's members are some of all customers
    one, three = (run(s, compared, seed=7, pilot=4) for s in (few, many))
    name = compared[0].name
    households = people.per_cell
    whole = [_of_town(log(r, name), households) for r in (one, three)]
    same_rows(*whole)


@random_worlds(2, 16)
@given(st.data())
def test_a_used_cell_is_as_good_as_a_new_one(data: st.DataObject) -> None:
    scenario = data.draw(towns())
    scenario = scenario.with_customers(2 * (scenario.population.town or 1))
    compared = load(scenario, data.draw(st.sampled_from(("omnichannel", "multichannel"))))
    new = run(scenario, compared, seed=3, pilot=4)

    def used(*sizes: Any) -> Any:
        cell = allocate(*sizes)
        for name, array in cell.arrays().items():
            if name not in ("meta", "idle", "lane", "word"):
                array.view(np.ndarray).view(np.uint8).fill(1)
        return cell

    with patch("omnilab.engine.chunk.allocate", used):
        again = run(scenario, compared, seed=3, pilot=4)
    assert digests(new) == digests(again)


def _of_town(rows_: np.ndarray, households: int) -> np.ndarray:
    """Return the rows of the first town's persons, but for the last household's, which is cut."""
    born = of_kind(rows_, PERSON)
    inside = born[born["household"] < households - 1]["person"]
    return rows_[np.isin(rows_["person"], inside)]
