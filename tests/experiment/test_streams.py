"""The streams of a run: both engines make them, they say what happened, both cores take them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand.codes import SHOWS
from omnilab.cascade.files import Replay, replay
from omnilab.cascade.plan_file import load_plans
from omnilab.export import row_groups
from omnilab.export import streams as streams_module
from omnilab.export.spool import Spool
from omnilab.export.streams import identity_columns, identity_policy, slots_of
from omnilab.identity import IdentityGraph, IdentityPolicy
from omnilab.log import rows
from omnilab.measure.identity import pair_counts
from omnilab.scenario.model import Scenario
from omnilab.world.identifiers import TYPES
from omnilab.world.receipts import COMES_BACK
from tests.effort import random_worlds
from tests.experiment.streamed import (
    FILES,
    Seen,
    cells_of,
    read,
    read_log,
    record,
    seconds,
    watched,
)
from tests.property.random_worlds import scenarios, strategies
from tests.verification.worlds import CHANNELS, NO_FIELD, all_on, frame, load, run, sums, world

#: Of a scenario that several tests look at, with everything in it.
CUSTOMERS = 60


@pytest.fixture(scope="module")
def shop():
    return world(population={"customers": CUSTOMERS})


@pytest.fixture(scope="module")
def kept(shop, tmp_path_factory):
    """Return the folder of a run on SimPy, and what the engine knew."""
    folder = tmp_path_factory.mktemp("streams") / "kept"
    with watched(shop) as seen:
        record(folder, shop, load(shop, "omnichannel")[0], engine="simpy")
    return folder, seen


# -- whatever the world ---------------------------------------------------------------------------


@random_worlds(1, 12)
@given(st.data())
def test_both_engines_make_the_same_streams_in_random_worlds(tmp_path_factory, data):
    scenario = data.draw(scenarios())
    for strategy in data.draw(strategies(scenario)):
        folder = tmp_path_factory.mktemp("engines")
        options = {"engine": "compiled", "chunk": data.draw(st.sampled_from((1, 3, None)))}
        found = record(folder / "compiled", scenario, strategy, **options)
        assert not found.failures
        record(folder / "simpy", scenario, strategy, engine="simpy")
        for name in (*FILES, "plans.yaml"):
            one, other = (folder / engine / name for engine in ("compiled", "simpy"))
            assert one.read_bytes() == other.read_bytes(), name
        assert sorted(p.name for p in (folder / "simpy").iterdir()) == sorted(
            [*FILES, "plans.yaml", "events.parquet"]
        )
        counts_are_those_of_the_log(folder / "simpy", scenario)


def counts_are_those_of_the_log(folder, scenario):
    """Hold the streams against the log's rows: messages, their profiles, sends, sightings."""
    log = read_log(folder)
    mine = log[log.time_s >= scenario.time.burn_in]
    final = mine[mine.kind == "final"]
    begun = final[~final.status.isin([rows.FINAL_CONTROL, rows.FINAL_DECLINED])]
    unsent = [rows.FINAL_OPEN, rows.FINAL_UNFUNDED, rows.FINAL_UNSHOWN, rows.FINAL_BUYER]
    begun = begun[~begun.status.isin(unsent) | (begun.sends > 0)]
    starts = read(folder, "starts", scenario)
    assert starts.time.is_monotonic_increasing
    profile = (np.array(cells_of(scenario, begun.person), np.int64) << 24) | begun.profile
    assert sorted(zip(starts.message_id, starts.person, starts.profile_id, strict=True)) == sorted(
        zip(begun.message, begun.person, profile, strict=True)
    )
    receipts = read(folder, "receipts", scenario)
    assert set(receipts.message_id) <= set(starts.message_id)
    sent = mine[(mine.kind == "sent")]
    taken = receipts[receipts.event == "processed"]
    assert sorted(zip(taken.message_id, taken.time - 1, taken.channel, strict=True)) == sorted(
        zip(sent.message, sent.time_s, sent.channel.astype(str), strict=True)
    )
    told = mine.kind.isin(["open", "machine_open", "click", "scanner_click"])
    back = mine[mine.kind.isin(["delivered", "bounce"]) | (told & (mine.receipt == COMES_BACK))]
    back = back[back.message.isin(set(starts.message_id))]
    assert len(receipts) - len(taken) == len(back)
    sights = read(folder, "identifiers", scenario)
    columns = [column for _, column in identity_columns(scenario).identifiers]
    found = {
        (time, person, code)
        for column in columns
        for time, person, code in sights[["time", "person", column]]
        .dropna()
        .itertuples(index=False)
    }
    shown = log[log.kind.isin(["identify", "opt_in", "address"])]
    at_once = set(zip(shown.time_s, shown.person, shown.code, strict=True))
    assert at_once <= found
    for time, person, code in found - at_once:
        assert code in shown_before(log[log.person == person], time)


def shown_before(log, time):
    """Return what one person has shown at the meeting that goes on, such as before a till."""
    mine = log[log.time_s <= time]
    met = mine[mine.kind.isin(["visit", "service", "contact", "collecting"])].index[-1]
    return set(mine[(mine.index > met) & (mine.kind == "identify")].code)


def test_tables_have_room_for_the_receipts_of_machines_too(tmp_path, monkeypatch):
    made, make = [], streams_module.make_tables
    monkeypatch.setattr(
        streams_module, "make_tables", lambda *parts: made.append(make(*parts)) or made[-1]
    )
    scenario = all_on(world(population={"customers": 20}, time={"burn_in": 0}))
    found = record(tmp_path / "run", scenario, load(scenario, "omnichannel")[0], chunk=2)
    machines = [rows.MACHINE_OPEN, rows.SCANNER_CLICK]
    assert sum(np.isin(t.row.kind, machines).sum() for t in made) > 100
    for tables in made:
        arrays = tables.arrays()
        for name in ("sight", "start", "receipt", "signal"):
            assert tables.count[name] <= len(arrays[name]), name
    assert not found.failures


# -- sightings ------------------------------------------------------------------------------------


def test_sightings_are_what_the_brand_took_in(shop, kept):
    """Exactly: visits, service contacts, permissions, and addresses from before the start."""
    folder, seen = kept
    assert sightings_of(folder, shop, seen) > 500


def sightings_of(folder: Path, shop: Scenario, seen: Seen) -> int:
    """Return how many sightings the burn-in's stream has: those that the brand took in."""
    sights = read(folder, "identifiers", shop)
    columns = [column for _, column in identity_columns(shop).identifiers]
    found: dict[int, list] = {cell: [] for cell in seen.tapes}
    early = sights[sights.time < shop.time.burn_in]
    cells = cells_of(shop, early.person)
    for cell, (time, *codes) in zip(
        cells, early[["time", *columns]].itertuples(index=False), strict=True
    ):
        found[cell].append((time, frozenset(int(c) for c in codes if not pd.isna(c))))
    assert found == seen.tapes
    return sum(map(len, found.values()))


def test_what_acts_give_and_what_records_have_are_sightings_too(tmp_path):
    """Of few people: a card with what the visit showed, a record by itself."""
    acts = [
        {"act": "join", "base": 0.4, "carries": "store"}, {"act": "log_in", "base": 0.3},
        {"act": "leave_address", "base": 0.3, "allows": ["email"]},
    ]  # fmt: skip
    has = {"loyalty": 0.8, "email": 0.7}
    crm = [{"silo": "store", "has": has, "duplicates": 0.5, "wrong": 0.2}]
    shop = world(
        population={"customers": 12}, brand={"crm": crm},
        time={"burn_in": "20d", "window": "10d", "run_out": 0},
        channels=[{"preset": c, "acts": acts} if c == "web" else c for c in CHANNELS],
    )  # fmt: skip
    with watched(shop) as seen:
        record(tmp_path / "run", shop, load(shop, "omnichannel")[0], engine="simpy")
    log = read_log(tmp_path / "run")
    assert {"act", "record"} <= set(log.kind)
    assert sightings_of(tmp_path / "run", shop, seen) > 20


def test_without_rules_of_order_profiles_are_the_brands_own(tmp_path):
    """Two identifiers seen together are one profile: there the graph and the brand must agree."""
    shop = world(
        population={"customers": CUSTOMERS}, brand={"unique": [], "cookie_ttl": "1000d"},
    )  # fmt: skip
    with watched(shop) as seen:
        record(tmp_path / "run", shop, load(shop, "omnichannel")[0], engine="simpy")
    assert len(judged(tmp_path / "run", shop, seen)) == 0


def test_with_the_brands_rules_most_profiles_are_its_own(shop, kept):
    """A brand sweeps cookies at midnight and asks the identifiers in the order shown."""
    folder, seen = kept
    assert len(judged(folder, shop, seen)) <= 0.1 * len(seen.nodes)


def judged(folder, shop, seen):
    """Return the cells whose identifiers are put together otherwise than by the brand."""
    graph = IdentityGraph(identity_policy(shop))
    table = pq.read_table(folder / "identifiers.parquet")
    end = shop.time.burn_in + shop.time.window
    table = table.filter(pa.array(seconds(table, shop) < end))
    pairs = identity_columns(shop).identifiers
    graph.observe(
        [table[column].cast(pa.string()).combine_chunks() for _, column in pairs],
        types=[kind for kind, _ in pairs], time=seconds(table, shop), returning=False,
    )  # fmt: skip
    other = []
    for cell, nodes in seen.nodes.items():
        nodes = nodes[nodes["code"] != 0]
        profile = np.empty(len(nodes), np.int64)
        for i, node in enumerate(nodes):
            code = str(seen.shown(cell, int(node["code"])))
            profile[i] = graph.resolve(code, types=TYPES[int(node["type"])])
        assert (profile >= 0).all()
        _, false_pairs, missed = pair_counts(nodes["profile"].astype(np.int64), profile, len(nodes))
        if false_pairs or missed:
            other.append(cell)
    return other


# -- messages -------------------------------------------------------------------------------------


def test_messages_go_by_the_profile_that_they_were_sent_for(shop, kept):
    """Exactly: the profile that the brand wrote to, or the one that this was merged into since."""
    folder, seen = kept
    starts = read(folder, "starts", shop)
    log = read_log(folder)
    log = log[log.time_s >= shop.time.burn_in]
    merged = log[log.kind == "merge"]
    into = {
        (cell, absorbed): (time, survivor)
        for cell, absorbed, time, survivor in zip(
            cells_of(shop, merged.person), merged.absorbed, merged.time_s, merged.survivor,
            strict=True,
        )
    }  # fmt: skip
    end = log[log.kind == "final"].set_index("message").time_s
    changed = 0
    for message, profile in zip(starts.message_id, starts.profile_id, strict=True):
        cell, until = message >> 24, end[message]
        serial = seen.profiles[message]
        may = {serial}
        while (cell, serial) in into and into[cell, serial][0] <= until:
            time, serial = into[cell, serial]
            # Of two messages of one journey that meet so, one ends with the profile it had.
            may = {*may, serial} if time == until else {serial}
        changed += serial != seen.profiles[message]
        assert profile in {(cell << 24) | s for s in may}, message
    assert len(starts) > 1000
    assert changed > 0


def test_a_sent_row_says_what_the_message_shows(shop, kept):
    """The step's plan says which; a cart's need is one that had a cart in it."""
    folder, _ = kept
    (strategy,) = load(shop, "omnichannel")
    log = read_log(folder)
    sent = log[(log.kind == "sent") & (log.time_s >= shop.time.burn_in)]
    plan = strategy.plan.journeys
    names = [plan[j].steps[k].message.shows for j, k in zip(sent.journey, sent.step, strict=True)]
    assert [SHOWS[name] for name in names] == sent.shows.tolist()
    assert set(names) == set(SHOWS)
    everything = sent.category < 0
    assert everything[sent.shows == SHOWS["generic"]].all()
    assert (sent.category < len(shop.categories)).all()
    carts = sent[sent.shown_need >= 0]
    assert len(carts) > 50
    assert (carts.shows == SHOWS["cart"]).all()
    # One whom the brand takes for the addressee may have filled the cart: a cell's person.
    left = log[log.kind == "cart"]
    made = set(zip(cells_of(shop, left.person), left.need, strict=True))
    shown = set(zip(cells_of(shop, carts.person), carts.shown_need, strict=True))
    assert shown <= made


def sent_again(folder: Path, shop, *, bounces: bool = True) -> tuple[Replay, set, set]:
    """Replay a run; return it, the log's sends and the replay's until the window's end."""
    receipts = folder / "receipts.parquet"
    if not bounces:
        table = pq.read_table(receipts)
        receipts = folder.parent / f"{folder.name}-without-bounces.parquet"
        pq.write_table(table.filter(pa.compute.not_equal(table["event"], "bounce")), receipts)
    plans, policy = load_plans(folder / "plans.yaml")
    found = replay(
        folder / "starts.parquet", receipts, plans, policy, signals=folder / "signals.parquet"
    )
    begin = streams_module.start_second(shop)
    end = shop.time.burn_in + shop.time.window
    log = read_log(folder)
    sent = log[(log.kind == "sent") & (log.time_s >= shop.time.burn_in)]
    mine = set(zip(sent.time_s, sent.message, sent.channel.astype(str), strict=True))
    again = found.sends.to_pandas()
    again = again[again["at"] < begin + end]
    ids = again.message_id.astype(np.int64)
    return found, mine, set(zip(again["at"] - begin, ids, again.channel, strict=True))


def agreement(one: set, other: set) -> float:
    return len(one & other) / len(one | other)


FINALS = {
    rows.FINAL_REACHED: "succeeded", rows.FINAL_EXHAUSTED: "failed", rows.FINAL_SKIPPED: "skipped"
}  # fmt: skip


@pytest.mark.parametrize("name", ["multichannel", "cross_channel", "omnichannel"])
def test_without_caps_the_core_sends_what_the_simulator_sent(tmp_path, name):
    """All but bounces (the simulator waits) and what ends a message from outside."""
    shop = world(
        population={"customers": CUSTOMERS}, brand={"cap": None}, world={"fatigue": {"stop_all": 0}}
    )
    record(tmp_path / "run", shop, load(shop, name)[0])
    found, mine, again = sent_again(tmp_path / "run", shop, bounces=False)
    assert len(mine) > 1000
    assert agreement(mine, again) > 0.999
    log = read_log(tmp_path / "run")
    ends = log[log.kind == "final"].set_index("message")
    final = ends.status[ends.status.isin(FINALS)].map(FINALS)
    outcomes = found.outcomes.to_pandas()
    outcomes.index = outcomes.message_id.astype(np.int64)
    both = outcomes.join(final.rename("log"), how="inner")
    assert (both.status == both.log).mean() > 0.998
    at = ends.time_s + streams_module.start_second(shop)
    later = (both.final_at - at.reindex(both.index))[both.status == both.log]
    assert later.isin([0, 1]).mean() > 0.99  # a receipt comes a second after what it is about


@pytest.mark.parametrize("name", ["multichannel", "omnichannel"])
def test_with_caps_and_bounces_nearly_so(tmp_path, shop, name):
    record(tmp_path / "run", shop, load(shop, name)[0])
    _, mine, again = sent_again(tmp_path / "run", shop)
    assert agreement(mine, again) > 0.95


def test_plans_say_what_the_strategy_does(shop, kept):
    folder, _ = kept
    plans, policy = load_plans(folder / "plans.yaml")
    names = [plan.name for plan in plans]
    assert {name.partition(".")[0] for name in names} <= {j.name for j in shop.brand.journeys}
    assert any(":" in name for name in names)  # omnichannel puts the most engaged channel first
    (cap,) = policy.caps
    assert (cap.limit, cap.period_s, cap.channels) == (3, 5 * 86400, ())
    assert (policy.quiet_from_s, policy.quiet_to_s, policy.tick_s) == (75600, 28800, 900)
    assert "social_ad" not in policy.quiet_channels
    (zone,) = policy.zones
    assert zone.name == "Europe/Amsterdam"
    cart = next(plan for plan in plans if plan.name.startswith("cart.2"))
    assert [step.fallback_after_s for step in cart.steps] == [43200] * 3
    assert cart.until_converted
    assert not next(plan for plan in plans if plan.name.startswith("newsletter")).until_converted


def test_silos_have_their_own_caps_and_cascades(tmp_path, shop):
    record(tmp_path / "run", shop, load(shop, "multichannel")[0])
    plans, policy = load_plans(tmp_path / "run" / "plans.yaml")
    silos = {c.name: c.silo for c in shop.channels}
    for cap in policy.caps:
        assert len({silos[c] for c in cap.channels}) == 1
    starts = read(tmp_path / "run", "starts", shop)
    used = starts.channels.fillna("").astype(str)
    assert all(len({silos[c] for c in line.split()}) < 2 for line in used.unique())
    # A copy whose silo has no channel of a step comes to none: its plan has all, and uses nothing.
    came = set(starts.plan[used != ""])
    assert len(came) > 10
    for plan in plans:
        if plan.name in came:
            assert len({silos[step.channel] for step in plan.steps}) == 1, plan.name


def test_a_team_has_one_cap_and_cascades_over_all_its_silos(tmp_path):
    shop = world(population={"customers": 20}, brand={"wiring": "one_suite"})
    record(tmp_path / "run", shop, load(shop, "multichannel")[0])
    plans, policy = load_plans(tmp_path / "run" / "plans.yaml")
    (cap,) = [cap for cap in policy.caps if "push" in cap.channels]
    assert {"push", "messenger", "email"} <= set(cap.channels)
    named = {plan.name: [step.channel for step in plan.steps] for plan in plans}
    # Whatever came of the first channel, the others of the team were to follow.
    assert named["after_order.6"] == ["push", "messenger"]
    assert not [name for name in named if name.startswith("after_order.6:")]


def test_a_strategy_that_sends_nothing_has_empty_streams(tmp_path, shop):
    record(tmp_path / "run", shop, load(shop, "no_contact")[0])
    assert len(read(tmp_path / "run", "identifiers", shop)) > 1000
    for name in ("starts", "receipts", "signals"):
        assert len(read(tmp_path / "run", name, shop)) == 0


# -- files ----------------------------------------------------------------------------------------


def test_row_groups_change_nothing(tmp_path, shop, monkeypatch):
    strategy = load(shop, "omnichannel")[0]
    record(tmp_path / "one", shop, strategy)
    monkeypatch.setattr(row_groups, "ROWS_IN_GROUP", 700)
    record(tmp_path / "many", shop, strategy, chunk=2)
    for name in (*FILES, "events.parquet"):
        one, many = (pq.ParquetFile(tmp_path / f / name) for f in ("one", "many"))
        assert one.metadata.num_row_groups == 1
        sizes = [many.metadata.row_group(i).num_rows for i in range(many.metadata.num_row_groups)]
        assert set(sizes[:-1]) <= {700}
        assert sizes[-1] <= 700
        left, right = one.read(), many.read()
        if name == "events.parquet":  # its rows come as the chunks do
            assert left.num_rows == right.num_rows
            continue
        assert left.equals(right)
    assert many.metadata.num_row_groups > 5


def test_the_kept_log_is_the_whole_log(tmp_path, shop):
    strategy = load(shop, "omnichannel")[0]
    found = record(tmp_path / "run", shop, strategy, chunk=3)
    held = run(shop, [strategy])
    assert found.strategies == held.strategies
    assert sums(found) == sums(held)
    log = read_log(tmp_path / "run").sort_values(["person", "seq"], ignore_index=True)
    want = frame(held, "omnichannel")
    assert set(log.strategy) == {"omnichannel"}
    assert len(log.columns) == len(want.columns) + 1
    names = {"channel": [c.name for c in shop.channels], "silo": list(shop.silos)}
    for field in want.columns:
        column = log[rows.WITH_UNITS.get(field, field)]
        if field in names:
            found = [-1 if pd.isna(x) else names[field].index(x) for x in column]
        elif field == "kind":
            found = column.tolist()
        else:
            found = column.fillna(NO_FIELD).tolist()
        assert found == want[field].tolist(), field


@given(
    st.lists(st.lists(st.integers(0, 100), max_size=20), max_size=6),
    st.integers(1, 9),
    st.integers(0, 100),
)
def test_a_spool_sorts_by_time_and_keeps_the_order_within_a_second(
    tmp_path_factory, parts, spans, end
):
    folder = tmp_path_factory.mktemp("spool") / "spool"
    dtype = np.dtype([("time", "i8"), ("n", "i4")])
    spool = Spool(folder, dtype, end, spans)
    n = 0
    for part in parts:
        records = np.array([(time, n + i) for i, time in enumerate(part)], dtype)
        n += len(part)
        spool.add(records)
    found = [tuple(record) for block in spool.sorted() for record in block.tolist()]
    flat = [time for part in parts for time in part]
    assert found == sorted((time, i) for i, time in enumerate(flat))
    assert not folder.exists()


def test_slots_hold_all_that_can_be_seen_together():
    shop = world()
    slots = dict(zip(TYPES, np.diff(slots_of(shop)).tolist(), strict=True))
    assert slots["email"] == 3  # asked for by the order, carried by the click, given with it
    assert slots["cookie"] == 2  # its own, and the ad's that was clicked
    assert slots["loyalty"] == 1
    assert identity_policy(shop) == IdentityPolicy(
        identity_policy(shop).types, unique=("login", "loyalty"),
        time_to_live={"cookie": shop.brand.cookie_ttl},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["multichannel", "omnichannel"])
def test_a_cap_apart_from_ads_is_written_so(tmp_path, name):
    """The cascade core, told of channels that the cap is over, sends the same."""
    shop = world(
        population={"customers": 20},
        brand={"cap_counts_ads": False},
        world={"fatigue": {"stop_all": 0}},
    )
    record(tmp_path / "run", shop, load(shop, name)[0])
    _, policy = load_plans(tmp_path / "run" / "plans.yaml")
    assert policy.caps
    assert all("social_ad" not in cap.channels and cap.channels for cap in policy.caps)
    _, mine, again = sent_again(tmp_path / "run", shop, bounces=False)
    assert any(channel == "social_ad" for _, _, channel in mine)
    assert agreement(mine, again) > 0.95
