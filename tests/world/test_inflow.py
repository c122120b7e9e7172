"""People who do not know the brand come by channels: when, where, for what, and nothing before."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, kstest

from omnilab.cell import queue
from omnilab.errors import ScenarioError
from omnilab.experiment.comparison import Comparison
from omnilab.lowering.model import with_key
from omnilab.measure.groups import DIMENSIONS, ENTRY, Grouping
from omnilab.measure.layout import SUMS, names_of
from omnilab.scenario import scenario_digest
from omnilab.scenario.model import Scenario
from omnilab.world.inflow import INFLOW
from omnilab.world.needs import next_arrival
from omnilab.world.newcomer import is_awaited
from tests.plain import plain
from tests.verification.worlds import (
    DAY,
    NO_FIELD,
    digests,
    frame,
    load,
    log,
    run,
    same_rows,
    world,
)
from tests.worlds import APP, PUSH, STORE, WEB, corner, drawn, due, happen, inhabited, model_of

RULES = ("world/inflow.py", "world/newcomer.py", "interaction/inflow.py")

BY = {"web": 0.4, "store": 0.35, "app": 0.25}
ENTRY_OF = {"over": "60d", "after": "10d", "by": BY}
OPENS, CLOSES = 9 * 3600, 20 * 3600
#: Rows that say at the start what is true, and those of a town's shelves: of nobody's doing.
OF_THE_START = ("person", "knows", "lives", "stands")


def shop(**changes: Any) -> Scenario:
    """Return the corner shop, whose store has hours, with newcomers."""
    channels = corner().model_dump()["channels"]
    channels[STORE]["visit"] |= {"opens": OPENS, "closes": CLOSES}
    entry = ENTRY_OF | changes.pop("entry", {})
    whole = corner(population={"entry": entry}, **changes)
    return whole.changed({"channels": channels})


@cache
def born(n: int = 1200) -> Any:
    """Return the newcomers of a shop as they are born: by way, moment, category, reach."""
    model = model_of(shop())
    cell = inhabited(model, n)
    return model, cell, cell.person[:n]


def test_the_shares_of_the_ways_are_those_of_the_file_and_categories_those_of_the_needs() -> None:
    _, cell, people = born()
    n = len(people)
    found = np.bincount(people.way_in - 1, minlength=3)
    expected = n * np.array(list(BY.values()))
    assert ((found - expected) ** 2 / expected).sum() < chi2.ppf(0.999, 2)
    rates = np.asarray(cell.rate[:n])
    cups = rates[:, 1] / rates.sum(axis=1)  # each person's own chance to come for the second
    off = (people.comes_for - cups).sum()
    assert abs(off) < 4 * np.sqrt((cups * (1 - cups)).sum())
    assert 0.1 < people.comes_for.mean() < 0.5


def test_the_moment_is_even_over_the_days_and_over_the_channels_hours() -> None:
    _, _, people = born()
    day, second = np.divmod(people.entry, DAY)
    assert day.min() >= 10
    assert day.max() < 70
    assert kstest((day - 10 + 0.5) / 60, "uniform").pvalue > 0.001
    store = people.way_in == 2
    assert kstest((second[store] - OPENS) / (CLOSES - OPENS), "uniform").pvalue > 0.001
    assert kstest(second[~store] / DAY, "uniform").pvalue > 0.001
    assert second[store].min() >= OPENS
    assert second[store].max() < CLOSES


def test_weeks_have_their_weights() -> None:
    model = model_of(shop(entry={"over": "21d", "by_week": [3.0, 0.0, 1.0]}))
    cell = inhabited(model, 2000)
    week = (cell.person[:2000].entry // DAY - 10) // 7
    found = np.bincount(week, minlength=3) / 2000
    assert found[1] == 0
    assert found[0] == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / 2000))


def test_a_newcomer_has_nothing_and_gets_the_channel_within_reach() -> None:
    model, _, people = born()
    assert (people.prior == 0).all()
    assert (people.purchases == 0).all()
    assert (people.knows == 0).all()
    assert (people.consent == 0).all()
    by = np.array([WEB, STORE, APP])[people.way_in - 1]
    assert ((people.reach >> by) & 1 == 1).all()

    far = shop()  # nobody has the app at birth: who enters by it installs it, and has its push
    channels = far.model_dump()["channels"]
    channels[APP]["visit"]["reach"] = 0.0
    model = model_of(far.changed({"channels": channels}))
    people = inhabited(model, 400).person[:400]
    enters = people.way_in == 3
    for c in (APP, PUSH):
        assert ((people.reach >> c & 1 == 1) == enters).all()
    assert set(people.idle_rate[enters]) == {3.0}  # web's two and the app's one
    assert set(people.idle_rate[~enters]) == {2.0}


def test_a_push_that_a_persona_has_less_of_is_not_brought_by_the_app() -> None:
    scenario = shop(entry={"by": {"app": 1.0}})
    personas = scenario.model_dump()["population"]["personas"]
    for persona in personas:
        persona["reach"] = {"app": 0.5, "push": 0.0}
    people = inhabited(
        model_of(scenario.changed({"population": {"personas": personas}})), 50
    ).person
    assert (people[:50].reach >> PUSH & 1 == 0).all()
    assert (people[:50].reach >> APP & 1 == 1).all()


def test_the_rest_are_there_from_the_start_and_are_who_they_were() -> None:
    """More newcomers take from those who are there; who stays is the same person."""
    fewer, more = (
        inhabited(model_of(shop(entry={"share": share})), 500).person[:500].copy()
        for share in (0.3, 0.6)
    )
    none = inhabited(model_of(corner()), 500).person[:500]
    assert (fewer.way_in > 0).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 500))
    assert ((more.way_in > 0) >= (fewer.way_in > 0)).all()
    stay = more.way_in == 0
    for name in ("prior", "purchases", "reach", "consent", "entry", "knows", "threshold"):
        assert (more[name][stay] == none[name][stay]).all(), name
    both = fewer.way_in > 0
    assert (fewer.entry[both] == more.entry[both]).all()


def test_who_finds_the_channel_shut_comes_the_next_day_and_else_not_at_all() -> None:
    scenario = shop(entry={"by": {"store": 1.0}, "over": "10d", "after": "40d"})
    open_days = inhabited(model_of(scenario), 200).person[:200].entry.copy()
    # Days of a change count from the window's start; the burn-in has 30 days.
    shut = scenario.changed(
        {"changes": [{"name": "shut", "from_day": 10, "to_day": 14, "closed": ["store"]}]}
    )
    later = inhabited(model_of(shut), 200).person[:200].entry
    before = open_days // DAY < 45
    assert before.any()
    assert (~before).any()
    assert (later[~before] == open_days[~before]).all()
    assert (later[before] // DAY == 45).all()
    assert (later[before] % DAY == open_days[before] % DAY).all()
    gone = scenario.changed({"changes": [{"name": "shut", "from_day": 5, "closed": ["store"]}]})
    model = model_of(gone)
    cell = inhabited(model, 50)
    assert (cell.person[:50].entry > model.clock.run_end).all()


def test_the_first_gap_of_the_category_that_one_comes_for_is_whole() -> None:
    """Erlang gaps: a newcomer's own need renews its category, the others are as they were."""
    model, cell, people = born()
    for who in range(40):
        for category, k in ((0, 2), (1, 1)):
            cell.gaps[who, category] = 0
            t = int(people[who].entry)
            at = plain(next_arrival)(cell, model, who, category, t)
            u = drawn(model, 10, int(people[who].entity), category << 40)
            stages = k
            if k > 1 and people[who].comes_for != category:
                first = drawn(model, 10, int(people[who].entity), (category << 40) | 2)[0]
                stages = 1 + int(first * k)
            gap = -np.log(np.prod(u[:stages])) / k / cell.rate[who, category]
            expected = min(t + gap * 3600, float(model.clock.run_end) + 1)
            assert at == pytest.approx(expected, abs=2)


def test_nobody_is_awaited_where_all_are_there() -> None:
    model, _, people = born()
    t = int(people[0].entry)
    assert plain(is_awaited)(model, people[0], t - 1)
    assert not plain(is_awaited)(model, people[0], t)
    cohort = model_of(corner(population={"entry": {"over": "60d"}}))
    person = inhabited(cohort, 1).person[0]
    assert person.way_in == 0
    assert not plain(is_awaited)(cohort, person, 0)


def test_a_first_visit_is_there_for_the_need_and_what_goes_before_reaches_nobody() -> None:
    scenario = shop(entry={"by": {"app": 1.0}})
    model = model_of(scenario)
    from tests.worlds import logged, plan_of

    plan = plan_of(scenario)
    cell = inhabited(model, 2, plan)
    person = cell.person[0]
    t = int(person.entry)
    happen(cell, model, plan, t - 1, queue.TIP, 0, 1, 0)
    happen(cell, model, plan, t - 1, queue.WARNING, 0, 1, 1)
    happen(cell, model, plan, t - 1, queue.SEES, 0, 0, 0)
    happen(cell, model, plan, t - 1, queue.CENSUS, 0)
    assert logged(cell) == []
    happen(cell, model, plan, t, queue.ENTRY, 0)
    kinds = [row["kind"] for row in logged(cell)]
    assert kinds[:3] == ["need", "aware", "visit"]
    (visit,) = logged(cell, "visit")
    assert (visit["channel"], visit["cost"], visit["returning"]) == (APP, 0, 0)
    assert logged(cell, "identify")
    assert person.knows == 1
    (need,) = logged(cell, "need")
    assert need["category"] == person.comes_for
    happen(cell, model, plan, t, queue.TIP, 0, 1, int(person.comes_for) << 40)
    assert logged(cell, "tip")


def test_the_log_says_the_way_and_the_queue_holds_nothing_before_the_entry() -> None:
    scenario = shop(entry={"share": 0.5})
    model = model_of(scenario)
    from omnilab.engine.loop import people as fill
    from tests.worlds import cell_of, logged

    cell = cell_of(60, model)
    plain(fill)(cell, model, 0, 60, np.ones(60, np.int64))
    told = {row["person"]: row for row in logged(cell, "person")}
    names = np.array([-1, WEB, STORE, APP])
    for who in range(60):
        person = cell.person[who]
        assert told[who]["channel"] == names[person.way_in]
        assert told[who]["entry"] == person.entry
    for t, kind, who, *_ in due(cell):
        if who < 60:
            assert t >= cell.person[who].entry
            assert kind != queue.START or cell.person[who].way_in == 0
            assert kind != queue.ENTRY or cell.person[who].way_in > 0


# ---- whole runs ----

HOME = {"customers": 60, "household_sizes": [0.2, 0.3, 0.5]}
BY_MANY = {"web": 0.35, "store": 0.25, "app": 0.2, "search_ad": 0.2}
#: Everything that may reach somebody by way of others.
LOUD: dict[str, Any] = {
    "tips": {"per_order": 0.9, "warns": 0.9}, "friends": {"each": 2},
    "identifiers": {"typo": 0.6, "typo_hits": 1.0, "shared_pc": 1.0},
}  # fmt: skip


def inflow_world(**changes: Any) -> Scenario:
    people = HOME | {
        "entry": {"over": "120d", "after": "20d", "share": 0.7, "by": BY_MANY}
        | changes.pop("entry", {})
    }
    return world(population=people, **changes)


@cache
def loud(*names: str) -> Comparison:
    scenario = inflow_world(world=LOUD)
    return run(scenario, load(scenario, *names))


def newcomers(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of newcomers, each with the moment and the channel of the entry."""
    there = table[table["kind"] == "person"].set_index("person")
    own = table.assign(
        enters=table["person"].map(there["entry"]), way=table["person"].map(there["channel"])
    )
    return own[own["way"] >= 0]


BOTH = ("omnichannel", "multichannel", "no_contact")


@pytest.mark.parametrize("name", BOTH)
def test_nothing_happens_to_anybody_before_the_entry(name: str) -> None:
    """Not by a household's computer, a mistyped address, a friend or a weekly journey."""
    rows = newcomers(frame(loud(*BOTH), name))
    assert len(rows) > 1000
    early = rows[(rows["time"] < rows["enters"]) & ~rows["kind"].isin(OF_THE_START)]
    assert early.empty, early["kind"].value_counts().to_dict()
    first = rows[rows["time"] == rows["enters"]].groupby("person")["kind"].apply(list)
    assert set(first.index) == set(rows["person"])
    assert all(kinds[:3] == ["need", "aware", "visit"] for kinds in first)


def test_who_does_not_buy_at_the_first_visit_comes_back_as_after_any() -> None:
    for times in ({}, {"looking": "4min", "choosing": "2min", "buying": "1min"}):
        scenario = inflow_world(world={"visit_time": times}, entry={"share": 1.0, "by": {"web": 1}})
        table = frame(run(scenario, load(scenario, "no_contact")), "no_contact")
        own = table[(table["kind"] == "visit") & (table["need"] == 1 << 24)]
        visits = own.groupby("person").size()
        assert len(visits) == 60
        assert (visits > 1).sum() > 10


def test_every_strategy_meets_the_same_newcomers_at_the_same_moment() -> None:
    found = []
    for name in BOTH:
        rows = newcomers(frame(loud(*BOTH), name))
        first = rows[rows["kind"] == "visit"].groupby("person").first()
        assert (first["time"] == first["enters"]).all()
        lands = first["way"].where(first["way"] != 9, 0)  # a search leads to the web shop
        assert (first["channel"] == lands).all()
        found.append(first[["time", "channel", "way", "on_device", "need"]])
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)


def test_a_paid_result_costs_a_click_where_the_strategy_buys_it_and_only_there() -> None:
    costs = {}
    for name in BOTH:
        rows = newcomers(frame(loud(*BOTH), name))
        first = rows[rows["kind"] == "visit"].groupby("person").first()
        inside = first["time"] >= 45 * DAY
        assert (first["cost"][first["way"] != 9] == 0).all()
        costs[name] = first["cost"][(first["way"] == 9) & inside].to_numpy()
    assert len(costs["omnichannel"]) > 0
    assert (costs["omnichannel"] == 269_000).all()  # the preset's 2.69 EUR
    assert (costs["multichannel"] == 269_000).all()
    assert (costs["no_contact"] == 0).all()


def test_the_groups_by_entry_channel_add_up_to_all_and_have_the_money_of_their_members() -> None:
    found = loud(*BOTH)
    grouping = Grouping(found.scenario, 7)
    names = names_of(SUMS)
    labels = grouping.labels(ENTRY)
    assert DIMENSIONS[ENTRY].name == "entry_channel"
    assert labels[-1] == "there from the start"
    for name in BOTH:
        table = np.asarray(found.observed["by_group"][name])
        mine = table[grouping.first[ENTRY] : grouping.first[ENTRY + 1]]
        for column in ("persons", "ltv", "margin", "send_cost", "click_cost", "new_buyers"):
            k = names.index(column)
            assert mine[:, k].sum() == table[0, k], column
        log_ = frame(found, name)
        there = log_[log_["kind"] == "person"].set_index("person")["channel"]
        of = {label: int((there == n).sum()) for n, label in enumerate(labels[:-1])}
        of[labels[-1]] = int((there < 0).sum())
        assert dict(zip(labels, mine[:, names.index("persons")].tolist(), strict=True)) == of
        start, end = 45 * DAY, 165 * DAY
        visits = log_[(log_["kind"] == "visit") & log_["time"].between(start, end - 1)]
        paid = visits.groupby(visits["person"].map(there))["cost"].sum()
        clicks = mine[:, names.index("click_cost")]
        for n in range(len(labels) - 1):
            assert clicks[n] == paid.get(n, 0)


def test_without_by_the_log_is_what_it_was_and_the_engines_agree_with_it() -> None:
    plainly = world(population=HOME | {"entry": {"over": "40d"}})
    empty = world(population=HOME | {"entry": {"over": "40d", "by": {}, "share": 1.0}})
    assert scenario_digest(plainly) == scenario_digest(empty)
    on = inflow_world(world=LOUD)
    fast, slow = (run(on, load(on, "omnichannel"), engine=e) for e in ("compiled", "simpy"))
    assert digests(fast) == digests(slow)
    same_rows(log(fast, "omnichannel"), log(slow, "omnichannel"))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"by": {"web": 0.5, "store": 0.4}}, r"entry\.by: the shares must add up to 1, .* 0\.9"),
        ({"by": {"stor": 1.0}}, r"entry\.by\.stor: unknown channel 'stor' \(did you mean 'store'"),
        ({"by": {"email": 1.0}}, r"entry\.by\.email: nobody visits 'email'; .* 'web'"),
        ({"by": {"social": 1.0}}, r"entry\.by\.social: nothing is sold at 'social' .* web, app"),
        ({"over": "300d"}, r"entry\.over: .* at most 145d here"),
        ({"early": {"share": 0.2}}, r"entry\.early: .* leave out `early`, or `by`"),
        ({"by": {}}, r"entry\.(share|after): .* set `by`"),
    ],
)
def test_what_cannot_be_is_one_line_with_the_key_and_what_is_right(
    entry: dict[str, Any], message: str
) -> None:
    whole = {"over": "120d", "after": "20d", "share": 0.7, "by": BY_MANY} | entry
    with pytest.raises(ScenarioError, match=message) as error:
        world(population={"entry": whole})
    assert "\n" not in str(error.value)


def test_by_without_over_is_a_missing_key() -> None:
    with pytest.raises(ScenarioError, match=r"population\.entry\.over: missing key 'over'"):
        world(population={"entry": {"by": {"web": 1.0}}})


def test_the_way_has_an_address_of_its_own() -> None:
    """Another replication has other newcomers; one more channel in `by` moves no moment."""
    model, _, people = born()
    u = drawn(model, INFLOW, int(people[0].entity), 0)
    bounds = np.cumsum(list(BY.values()))
    assert people[0].way_in - 1 == np.searchsorted(bounds, u[1], side="right")
    other = inhabited(with_key(model, 1, 1), 100).person[:100]
    assert (other.entry != people[:100].entry).mean() > 0.9
    assert NO_FIELD < 0
