"""Familiarity: a channel not tried is an effort, which falls by the power law of practice."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.draws import streams
from omnilab.engine.loop import people
from omnilab.interaction.places import what_draws
from omnilab.world import familiarity
from omnilab.world.choice import choose
from omnilab.world.familiarity import USUAL_CHANNEL
from tests.interaction.test_visit import PLAN, looking, model_with
from tests.plain import plain
from tests.verification.worlds import frame as table
from tests.verification.worlds import having, load, log, run, same_rows, world
from tests.worlds import APP, DAY, STORE, WEB, cell_of, drawn, happen, inhabited, middles, model_of

RULES = ("world/familiarity.py",)

ON: dict[str, Any] = {"on": 1, "effort": 1.5, "power": -math.log2(0.81), "before": 10}
MODEL = model_of(familiarity=ON)


@pytest.mark.parametrize(("visits", "doublings"), [(0, 0), (1, 1), (3, 2), (7, 3), (127, 7)])
def test_each_doubling_takes_19_percent_off(visits: int, doublings: int) -> None:
    cell = inhabited(MODEL, 1)
    cell.been[0, APP] = visits
    effort = plain(familiarity.effort_in)(cell, MODEL, 0, APP)
    assert effort == pytest.approx(1.5 * 0.81**doublings)


def test_it_is_lowered_from_what_the_scenario_says() -> None:
    x = model_of(world(world={"familiarity": {"effort": 0.7, "learns": 0.5}})).familiarity
    assert (x.on, x.effort, x.power, x.before) == (1, 0.7, 1.0, 10)
    assert model_of(world()).familiarity.on == 0


def test_choice_is_the_logit_less_the_efforts() -> None:
    cell = inhabited(MODEL, 1)
    person = cell.person[0]
    person.reach, person.last_channel, person.persona = 1 << WEB | 1 << APP | 1 << STORE, -1, 0
    cell.been[0, :] = 0
    cell.been[0, APP], cell.been[0, STORE] = 3, 15
    plain(what_draws)(cell, MODEL, 0, 0)
    chosen = [
        plain(choose)(MODEL, person, 0, 12 * 3600, 0.0, u, cell.weight, cell.pull, 0)
        for u in middles(4000)
    ]
    weights = np.exp(np.array([0.5 - 1.5, -1.5 * 0.81**2, -1.5 * 0.81**4]))
    found = np.bincount(chosen, minlength=3) / 4000
    np.testing.assert_allclose(found, weights / weights.sum(), atol=1e-3)


def test_an_empty_experience_is_the_same_everywhere_and_changes_no_choice() -> None:
    cell = inhabited(MODEL, 1)
    cell.been[:] = 0
    plain(what_draws)(cell, MODEL, 0, 0)
    assert len(set(cell.pull.tolist())) == 1


def test_visits_are_counted_where_they_are_made_up_to_a_byte() -> None:
    model = model_with(familiarity=ON)
    cell, _ = looking(model)
    cell.been[:] = 0
    for n, place in enumerate((WEB, WEB, APP, WEB)):
        cell.person[0].reach = 1 << place
        happen(cell, model, PLAN, 2000 + n, queue.REVISIT, 0, streams.VISIT_TIP << 32, n)
    assert cell.been[0].tolist() == [3, 1, 0, 0, 0, 0]
    assert cell.been[1].tolist() == [0] * 6
    cell.been[0, WEB] = 126
    for _ in range(3):
        plain(familiarity.count_visit)(cell, model, 0, WEB)
    assert cell.been[0, WEB] == 127


def test_who_bought_before_knows_one_channel_as_likely_as_it_is_chosen() -> None:
    n = 400
    cell = cell_of(n, MODEL)
    cell.been[:] = 99  # whoever had the slot before
    plain(people)(cell, MODEL, 0, n, np.ones(n, np.int64))
    known: Counter[int] = Counter()
    expected = np.zeros(3)
    for who in range(n):
        person = cell.person[who]
        been = cell.been[who].tolist()
        if person.prior == 0:
            assert been == [0] * 6
            continue
        assert sorted(been) == [0] * 5 + [10]
        weights = np.zeros(3)
        for c in (WEB, APP, STORE):
            likes = float(MODEL.ch[c].utility) + float(MODEL.prefers[person.persona, c])
            weights[c] = math.exp(likes) if (person.reach >> c) & 1 else 0.0
        u = drawn(MODEL, USUAL_CHANNEL, int(person.entity), 0)[0]
        place = int(np.searchsorted(np.cumsum(weights), u * weights.sum()))
        assert been.index(10) == place
        known[place] += 1
        expected += weights / weights.sum()
    assert sum(known.values()) > 50
    for c in range(3):
        assert known[c] == pytest.approx(expected[c], abs=4 * math.sqrt(expected[c] + 1))


def shop(effort: float, customers: int = 60) -> Any:
    return world(
        population={"customers": customers}, world={"familiarity": {"effort": effort}},
        time={"burn_in": "60d", "window": "60d"}, brand={"journeys": []},
    )  # fmt: skip


def test_effort_keeps_persons_to_fewer_channels() -> None:
    """Channels of the window's visits for needs, a person."""
    found = []
    for effort in (0.0, 3.0):
        scenario = shop(effort)
        rows = having(table(run(scenario, load(scenario, "no_contact"), pilot=20), "no_contact"),
                      "visit")  # fmt: skip
        rows = rows[(rows["need"] >= 0) & (rows["time"] > 60 * DAY)]
        found.append(float(rows.groupby("person")["channel"].nunique().mean()))
    assert found[1] < found[0] - 0.2


def test_both_engines_agree() -> None:
    scenario = world(population={"customers": 12}, world={"familiarity": {"effort": 1.0}})
    compiled, simpy = (
        run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=10)
        for engine in ("compiled", "simpy")
    )
    same_rows(log(compiled, "omnichannel"), log(simpy, "omnichannel"))
