"""Common random numbers: who is compared with whom changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.experiment import job as comparing
from omnilab.log.rows import columns
from omnilab.measure import MEASURES
from omnilab.strategy.plan import Sharing
from tests.effort import random_worlds
from tests.verification.worlds import (
    BUILT_IN,
    JOURNEYS,
    KIND,
    all_on,
    build,
    digests,
    either_way,
    load,
    log,
    mixture,
    of_kinds,
    run,
    same_rows,
    sums,
    values,
    world,
)

CHOICE = st.sampled_from(("silo", "handoff", "all"))


@either_way
@pytest.mark.parametrize("engine", ["compiled", "simpy"])
@pytest.mark.parametrize("name", ["no_contact", "omnichannel"])
def test_a_strategy_against_itself_differs_by_nothing(name, engine, mechanisms):
    scenario = mechanisms(world(population={"customers": 30}))
    (strategy,) = load(scenario, name)
    twin = replace(strategy, name="twin")
    result = run(scenario, [strategy, twin, *load(scenario, "multichannel")], engine=engine)
    same_rows(log(result, name), log(result, "twin"))
    assert digests(result)[name] == digests(result)["twin"]
    defined = 0
    for measure in MEASURES:
        difference = result.moments.difference(measure, name, "twin")
        if difference.value is None:
            assert result.moments.estimate(measure, name).value is None, measure
            continue
        # One replication has one draw of each mailshot: no interval, and still no difference.
        alone = measure in comparing.OF_MAILSHOTS and mechanisms is all_on
        assert tuple(difference[:4]) == (0.0, *[None if alone else 0.0] * 3), measure
        defined += 1
    assert defined > 20


@either_way
def test_multichannel_with_all_six_choices_all_is_omnichannel(mechanisms):
    scenario = mechanisms(world(population={"customers": 60}))
    multi, omni = load(scenario, "multichannel", "omnichannel")
    shared = replace(multi, name="shared", plan=multi.plan.with_sharing(
        identity="all", context="all", triggers="all", channel="all", stop="all",
        contact_policy="all",
    ))  # fmt: skip
    result = run(scenario, [multi, omni, shared])
    same_rows(log(result, "omnichannel"), log(result, "shared"))
    assert digests(result)["omnichannel"] == digests(result)["shared"]
    assert digests(result)["omnichannel"] != digests(result)["multichannel"]


@random_worlds(2, 8)
@either_way
@given(rest=st.tuples(CHOICE, CHOICE, CHOICE, CHOICE, CHOICE))
def test_where_identity_links_nothing_the_other_choices_do_nothing(mechanisms, rest):
    scenario = mechanisms(world(population={"customers": 20}))
    loose = mixture(scenario, Sharing("silo", *rest))
    result = run(scenario, [*load(scenario, "multichannel"), loose])
    assert digests(result)["multichannel"] == digests(result)["mixture"]


# One more household


@either_way
def test_more_households_change_nobody_in_another_cell(mechanisms):
    """The last cell of the smaller world is cut, so everybody before it has a twin."""
    few, many = (mechanisms(world(population={"customers": n})) for n in (30, 45))
    before, after = (run(s, load(s)) for s in (few, many))
    for name in BUILT_IN:
        old, new = log(before, name), log(after, name)
        edge = _last_cell(old)
        assert edge > 20
        same_rows(old[old["person"] < edge], new[new["person"] < edge])


def _last_cell(rows: np.ndarray, per_cell: int = 2) -> int:
    """Return the first person of the last cell (households are numbered from 0)."""
    born = of_kinds(rows, "person")
    last = int(born["household"].max()) // per_cell * per_cell
    return int(born["person"][born["household"] >= last].min())


@random_worlds(2, 16)
@either_way
@given(seed=st.integers(0, 10_000), persons=st.integers(2, 9))
def test_one_more_household_in_the_cell_changes_no_neighbour(mechanisms, seed, persons):
    """Without tips and typing errors a neighbour is nobody; serials are a cell's: not compared."""
    alone = {
        "population": {"customers": persons, "households_per_cell": 16,
                       "household_sizes": [1.0]},
        "world": {"tips": {"per_order": 0.0}, "identifiers": {"typo": 0.0, "typo_hits": 0.0}},
        # Copies that outlive a cookie, and ads that go to it.
        "brand": {"journeys": [*JOURNEYS, {
            "name": "long", "trigger": "browse", "sequence": ["web"], "steps": [
                {"delay": "25d"}, {"message": {"channels": ["social_ad"], "fallback_after": "20d"}},
                {"delay": "30d"}, {"message": {"channels": ["social_ad"]}},
            ]}], "cookie_ttl": "10d"},
    }  # fmt: skip
    few = mechanisms(world(**alone))
    many = few.changed({"population": {"customers": persons + 1}})
    before, after = (run(s, load(s, "multichannel", "omnichannel"), seed=seed) for s in (few, many))
    for name in ("multichannel", "omnichannel"):
        old, new = log(before, name), log(after, name)
        new = new[new["person"] < persons]
        same_rows(*(_without_serials(x) for x in (old, new)))


#: Fields that count profiles, journey instances or messages of a cell.
SERIALS = {"profile", "survivor", "absorbed", "copy_serial", "message", "maker"}


def _without_serials(rows: np.ndarray) -> np.ndarray:
    """Blank what counts profiles, copies or messages of the whole cell."""
    rows = rows.copy()
    for kind in np.unique(rows["kind"]).tolist():
        mine, fields = rows["kind"] == kind, columns(rows, kind)
        for name in SERIALS & set(fields.dtype.names):
            fields[name][mine] = -1
    visit, cause = rows["kind"] == KIND["visit"], columns(rows, KIND["visit"]).cause
    cause[visit] = np.minimum(cause[visit], 0)  # led by a message or not
    return rows


# Order, chunks, labels


@either_way
def test_the_order_of_strategies_changes_no_number(mechanisms):
    scenario = mechanisms(world())
    forth = run(scenario, load(scenario), keep=False)
    back = run(scenario, load(scenario, *reversed(BUILT_IN)), keep=False)
    alone = run(scenario, load(scenario, "cross_channel"), keep=False)
    assert digests(forth) == digests(back)
    assert digests(alone)["cross_channel"] == digests(forth)["cross_channel"]
    for name in BUILT_IN:
        assert values(forth, name) == values(back, name)


@either_way
@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_chunks_change_nothing(engine, mechanisms, monkeypatch):
    scenario = mechanisms(world(population={"customers": 30}))
    strategies = load(scenario, "multichannel", "omnichannel")
    results = []
    for size in (1, 7, 1000):
        monkeypatch.setitem(comparing.CHUNK, engine, size)
        results.append(run(scenario, strategies, engine=engine, keep=False, replications=2))
    for other in results[1:]:
        assert digests(other) == digests(results[0])
        assert sums(other) == sums(results[0])
        assert values(other, "omnichannel") == values(results[0], "omnichannel")


def test_replications_and_seeds_are_other_populations():
    scenario = world(population={"customers": 12})
    strategies = load(scenario, "multichannel")
    seen = {
        digests(run(scenario, strategies, seed=s, keep=False))["multichannel"] for s in range(4)
    }
    assert len(seen) == 4
    two = run(scenario, strategies, replications=2)
    assert (of_kinds(log(two, "multichannel"), "person")["person"] == 0).sum() == 2


@either_way
def test_relabelled_journeys_give_the_same_log(mechanisms):
    scenario = mechanisms(world())
    renamed = [{**j.model_dump(), "name": f"x{n}"} for n, j in enumerate(scenario.brand.journeys)]
    other = scenario.changed({"brand": {"journeys": renamed}})
    assert [j.name for j in other.brand.journeys] != [j.name for j in scenario.brand.journeys]
    assert digests(run(scenario, load(scenario))) == digests(run(other, load(other)))


@either_way
def test_a_strategys_name_is_in_no_draw(mechanisms):
    scenario = mechanisms(world())
    strategies = load(scenario)
    renamed = [replace(s, name=f"n{i}") for i, s in enumerate(strategies)]
    first, second = run(scenario, strategies, keep=False), run(scenario, renamed, keep=False)
    assert list(digests(first).values()) == list(digests(second).values())


def _tags(rows: np.ndarray, moved: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the rows with their journeys' numbers mapped."""
    rows = rows.copy()
    for kind in np.unique(rows["kind"]).tolist():
        mine, fields = rows["kind"] == kind, columns(rows, kind)
        if "journey" in fields.dtype.names:
            fields.journey[mine] = moved(fields.journey[mine])
    return rows


@either_way
def test_where_a_journey_stands_in_the_plan_reaches_nobody(mechanisms):
    """A journey that can reach no one comes first, so that all others have another number."""
    idle = {"name": "nobody", "trigger": "weekly", "sequence": ["web"],
            "steps": [{"message": {"channels": ["email"]}}]}  # fmt: skip
    # A cohort is the brand's own draw, and its address holds the journey's place.
    flows = [{**j, "steps": [s for s in j["steps"] if "cohort" not in s]} if "steps" in j else j
             for j in JOURNEYS]  # fmt: skip
    scenario = mechanisms(world(brand={"journeys": flows}))
    more = scenario.changed({"brand": {"journeys": [
        build({**_bare(), "brand": {"journeys": [idle]}}).brand.journeys[0].model_dump(),
        *(j.model_dump() for j in scenario.brand.journeys),
    ]}})  # fmt: skip
    # Nobody can be reached by it: it has no channel within the strategies' silos.
    silos = tuple(s for s in scenario.silos if s != "email")
    for name in ("multichannel", "omnichannel"):
        a, b = (
            replace(s, plan=replace(s.plan, silos=silos))
            for s in (load(scenario, name)[0], load(more, name)[0])
        )
        scenario_, more_ = (
            s.changed({"brand": {"status_quo": "no_contact"}}) for s in (scenario, more)
        )
        old, new = log(run(scenario_, [a]), name), log(run(more_, [b]), name)
        assert (old["kind"] == KIND["sent"]).sum() > 100
        same_rows(old, _tags(new, lambda j: j - 1))


def _bare() -> dict[str, object]:
    return {
        "id": "bare-v1",
        "population": {"personas": [{"name": "all", "share": 1.0}]},
        "categories": [{"name": "beans", "every": "10d", "spend": {"mean": 20.0}}],
        "channels": ["web", "email"],
    }
