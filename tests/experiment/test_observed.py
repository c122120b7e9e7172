"""Groups, weeks, the funnel, paths and spread against the same counted from the log's rows."""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from omnilab.experiment.comparison import Comparison
from omnilab.experiment.lifts import ratio_estimate
from omnilab.experiment.notable import most_notable
from omnilab.experiment.spread import gini
from omnilab.experiment.statistics import Estimate, Moments
from omnilab.experiment.tables import TABLES, table_rows
from omnilab.log.rows import FINAL_CONTROL
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.groups import DIMENSIONS, N_KEYS, Grouping
from omnilab.measure.layout import SUMS, names_of
from omnilab.measure.lifts import bin_of
from omnilab.measure.observed import COLUMNS, LEFT_CAUSES, path_length
from tests.experiment import observing
from tests.verification.worlds import (
    BUILT_IN,
    DAY,
    WEEK,
    frame,
    inert_world,
    load,
    run,
    sums,
    world,
)

REFERENCE = "multichannel"
NAMES = names_of(SUMS)
OF_PERSONS = NAMES[: NAMES.index("true_pairs")]


@cache
def compared(engine: str = "compiled") -> Comparison:
    scenario = world(population={"customers": 120})
    return run(scenario, load(scenario), engine=engine, seed=3)


@cache
def tables() -> dict[str, pd.DataFrame]:
    journeys = {s: [j.name for j in compared().scenario.brand.journeys] for s in BUILT_IN}
    journeys["no_contact"] = []
    return {name: pd.DataFrame(rows) for name, rows in table_rows(compared(), journeys).items()}


def grouping() -> Grouping:
    n = compared().observed["opted_out"][REFERENCE].shape[1] - 1
    return Grouping(compared().scenario, n)


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_the_groups_of_a_dimension_add_up_to_all(engine: str) -> None:
    comparison = compared(engine)
    first = grouping().first
    for name, total in sums(comparison).items():
        table = comparison.observed["by_group"][name]
        for d in range(N_KEYS):
            added = table[first[d] : first[d + 1]].sum(axis=0)
            found = dict(zip(NAMES, added.tolist(), strict=True))
            assert {n: found[n] for n in OF_PERSONS} == {n: total[n] for n in OF_PERSONS}
            assert (table[first[d] : first[d + 1], 0] >= 0).all()


def test_both_engines_observe_the_same() -> None:
    one, two = compared("compiled"), compared("simpy")
    assert one.notable == two.notable
    for table, strategies in one.observed.items():
        for name, found in strategies.items():
            np.testing.assert_array_equal(found, two.observed[table][name], err_msg=table)


@pytest.mark.parametrize("strategy", ["omnichannel", "multichannel", "no_contact"])
def test_groups_have_the_customers_that_the_log_says(strategy: str) -> None:
    people = observing.customers(compared(), strategy)
    groups = tables()["groups"].query("strategy == @strategy and measure == 'orders_per_customer'")
    for by in ("persona", "segment", "first_channel", "device", "channels_used"):
        found = groups[groups["by"] == by].set_index("group")
        expected = people.groupby(by)["orders"].agg(["size", "mean"])
        assert len(expected) > 1, by
        assert found["persons"][found["persons"] > 0].to_dict() == expected["size"].to_dict(), by
        for group, mean in expected["mean"].items():
            assert found["value"][group] == pytest.approx(mean, rel=1e-12)
    mixes = groups[groups["by"] == "channel_mix"].set_index("group")["persons"]
    known = [c.name for c in compared().scenario.channels if c.visit is not None]
    named = known if len(known) <= 6 else known[:5]
    words = [
        " + ".join([c for c in named if c in x] + (["other"] if x - set(named) else [])) or "none"
        for x in people["channels"]
    ]
    assert mixes[mixes > 0].to_dict() == pd.Series(words).value_counts().to_dict()
    cohorts = groups[groups["by"] == "cohort"].set_index("group")["persons"]
    new = [p for g, p in cohorts.items() if g.startswith("from ")]
    assert sum(new) == people["new_in_burn_in"].sum()


def linearised(measure: str, strategy: str) -> Estimate:
    """Return the difference as these tables have it, without exact bounds of rare shares."""
    with patch.object(Moments, "_rare", return_value=None):
        return compared().moments.difference(measure, strategy, REFERENCE)


def test_all_customers_have_the_intervals_of_the_whole() -> None:
    groups = tables()["groups"].query("by == 'all'").set_index(["strategy", "measure"])
    for strategy in set(BUILT_IN) - {REFERENCE}:
        for measure in COLUMNS:
            e = linearised(measure, strategy)
            row = groups.loc[strategy, measure]
            assert (row.difference, row.low, row.high) == pytest.approx((e.value, e.low, e.high))


@pytest.mark.parametrize("by", ["persona", "channels_used", "recipients"])
def test_a_groups_difference_is_of_the_same_customers(by: str) -> None:
    strategy = "omnichannel"
    own, of = (observing.customers(compared(), s) for s in (strategy, REFERENCE))
    cell = observing.cells(compared())
    rows = tables()["groups"].query("strategy == @strategy and by == @by")
    journeys = [j.name for j in compared().scenario.brand.journeys]
    checked = 0
    for row in rows[rows["measure"] == "messages_per_customer"].itertuples():
        if by == "recipients":
            member = np.array([journeys.index(row.group) in j for j in own["journeys"]])
        else:  # under the reference: of a persona that is the same
            member = (of[by] == row.group).to_numpy()
        if member.sum() == 0:
            continue
        gain = (own["sent"] - of["sent"]).to_numpy() * member
        top, bottom = (np.bincount(cell, w) for w in (gain, member.astype(float)))
        assert row.clusters == (bottom > 0).sum()
        if row.clusters < 2:
            assert pd.isna(row.low)
            continue
        value, error = observing.interval(top, bottom)
        half = student.ppf(0.975, row.clusters - 1) * error
        assert row.difference == pytest.approx(value)
        assert (row.low, row.high) == pytest.approx((value - half, value + half), abs=1e-9)
        checked += 1
    assert checked > 1


def test_a_group_settled_before_the_window_differs_by_the_two_values() -> None:
    groups = tables()["groups"]
    for by in ("all", "persona", "segment", "cohort", "first_channel", "device"):
        part = groups[(groups["by"] == by)]
        own = part[part["strategy"] == "omnichannel"].set_index(["group", "measure"])
        of = part[part["strategy"] == REFERENCE].set_index(["group", "measure"])
        assert list(own.index) == list(of.index)
        assert (own["persons"] == of["persons"]).all()
        both = own["difference"].notna()
        assert both.sum() > len(COLUMNS)
        difference = (own["value"] - of["value"])[both & (own.index.get_level_values(1) != "roi")]
        assert difference.to_dict() == pytest.approx(own["difference"][difference.index].to_dict())


def test_weeks_and_days_are_the_logs() -> None:
    for name, width in (("weeks", WEEK), ("days", DAY)):
        table = tables()[name].query("strategy == 'omnichannel'")
        number = name[:-1]
        for measure, kind in (("orders_per_customer", "order"), ("messages_per_customer", "sent"),
                              ("visits_per_customer", "visit")):  # fmt: skip
            rows = table[table["measure"] == measure].sort_values(number)
            counted = observing.by_time(compared(), "omnichannel", kind, width)
            assert sum(counted) > 0
            assert sum(counted[len(rows) :]) == 0
            assert (rows["value"] * 120).round(6).tolist() == counted[: len(rows)]
            assert rows["cumulative"].iloc[-1] * 120 == pytest.approx(sum(counted))


def test_what_accumulates_ends_at_the_measure() -> None:
    weeks = tables()["weeks"]
    for strategy in BUILT_IN:
        for measure in ("ltv", "purchase_rate", "revenue", "margin", "contact_cost"):
            rows = weeks.query("strategy == @strategy and measure == @measure")
            last = rows.sort_values("week").iloc[-1]
            value = compared().moments.estimate(measure, strategy).value
            assert last.cumulative == pytest.approx(value, rel=1e-12), (strategy, measure)
            if strategy != REFERENCE and measure in ("ltv", "purchase_rate"):
                e = linearised(measure, strategy)
                assert (last.low, last.high) == pytest.approx((e.low, e.high))


def test_a_weeks_band_is_that_of_the_orders_so_far() -> None:
    comparison, week = compared(), 7
    start = observing.clock(comparison)[0]
    counts = []
    for name in ("omnichannel", REFERENCE):
        log = frame(comparison, name)
        early = log[(log["kind"] == "order") & (log["time"] >= start)]
        early = early[early["time"] < start + (week + 1) * WEEK]
        counts.append(np.bincount(early["person"], minlength=120))
    cell = observing.cells(comparison)
    top = np.bincount(cell, counts[0] - counts[1])
    value, error = observing.interval(top, np.bincount(cell))
    row = tables()["weeks"].query(
        "strategy == 'omnichannel' and week == @week and measure == 'orders_per_customer'"
    )
    half = student.ppf(0.975, len(top) - 1) * error
    assert row["difference"].item() == pytest.approx(value)
    assert row["low"].item() == pytest.approx(value - half)


@pytest.mark.parametrize("strategy", ["omnichannel", "cross_channel", "single_channel"])
def test_each_due_message_ends_at_one_stage(strategy: str) -> None:
    due = observing.due_messages(compared(), strategy)
    funnel = tables()["funnel"].query("strategy == @strategy")
    whole = funnel[funnel["by"] == "all"].set_index("stage")["messages"]
    assert whole[whole > 0].to_dict() == due["stage"].value_counts().to_dict()
    assert len(due) > 500
    for by in ("journey", "channel", "segment", "held"):
        added = funnel[funnel["by"] == by].groupby("stage")["messages"].sum()
        assert added.to_dict() == whole.to_dict(), by
    journeys = [j.name for j in compared().scenario.brand.journeys]
    counted = due.groupby([due["journey"].map(journeys.__getitem__), "stage"]).size()
    found = funnel[funnel["by"] == "journey"].set_index(["name", "stage"])["messages"]
    assert found[found > 0].to_dict() == counted.to_dict()
    held = funnel.query("by == 'held' and name == 'held'")["messages"].sum()
    assert held == due["held"].sum()
    shares = funnel.groupby(["by", "name"])["share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)


def test_a_control_group_is_a_stage() -> None:
    scenario = world(population={"customers": 60}, brand={"control": 0.5})
    comparison = run(scenario, load(scenario, "omnichannel"))
    final = frame(comparison, "omnichannel")
    start, end, _ = observing.clock(comparison)
    final = final[(final["kind"] == "final") & (final["time"] >= start) & (final["time"] < end)]
    stages = comparison.observed["funnel"]["omnichannel"]
    n = (final["status"] == FINAL_CONTROL).sum()
    assert n > 50
    assert stages[-2:, 0].sum() == n


def test_causes_add_up_to_what_happened() -> None:
    causes = tables()["causes"]
    for strategy, total in sums(compared()).items():
        found = causes[causes["strategy"] == strategy].groupby("what")["count"].sum()
        expected = {
            "left": total["n_left"], "gave_up": total["n_give_up"],
            "need_lost": total["n_need_lost"],
            "opted_out": total["n_unsubscribe"] + total["n_spamreport"] + total["n_stop_all"],
        }  # fmt: skip
        assert found.to_dict() == {k: v for k, v in expected.items() if v}
        left = causes.query("strategy == @strategy and what == 'left'")
        bad = left[left["cause"].isin(set(LEFT_CAUSES[1:]) - {"of themselves"})]
        assert bad["count"].sum() == total["left_annoyed"] + total["left_messages"]
        assert left["count"].sum() == total["left_after_order"] + bad["count"].sum()
    assert {"left", "gave_up", "need_lost", "opted_out"} <= set(causes["what"])


@pytest.mark.parametrize("strategy", ["omnichannel", "no_contact"])
def test_paths_are_the_logs(strategy: str) -> None:
    needs, orders, cents = observing.paths(compared(), strategy)
    channels = [c.name for c in compared().scenario.channels]
    most = path_length(len(channels))
    expected: dict[str, list[int]] = {}
    for path, n in needs.items():
        names = [channels[c] for c in path]
        cut = [*names[:most], *(["..."] if len(path) > most else [])]
        row = expected.setdefault(" > ".join(cut) or "none", [0, 0, 0])
        for i, part in enumerate((n, orders[path], cents[path])):
            row[i] += part
    found = tables()["paths"].query("strategy == @strategy").set_index("path")
    assert any(" > " in path for path in expected)
    assert {p: [r.needs, r.orders, round(r.revenue * 100)] for p, r in found.iterrows()} == expected
    total = sums(compared())[strategy]
    assert found["orders"].sum() == total["path_orders"]


def test_transitions_leave_a_channel_as_often_as_they_reach_it_or_end() -> None:
    moves = tables()["transitions"].query("strategy == 'omnichannel'")
    total = sums(compared())["omnichannel"]
    assert moves[moves["to"] == "order"]["count"].sum() == total["path_orders"]
    assert moves[moves["to"] == "lost"]["count"].sum() <= total["n_need_lost"]
    assert moves.groupby("from")["share"].sum().to_numpy() == pytest.approx(1.0)


def test_the_spread_is_that_of_the_customers() -> None:
    comparison = compared()
    collected = Collected()
    run_customers(comparison, collected)
    ltv, margin, orders, sent = (N_KEYS + 5 + COLUMNS.index(m) for m in
                                 ("ltv", "margin", "orders_per_customer",
                                  "messages_per_customer"))  # fmt: skip
    own, of = collected.rows["omnichannel"], collected.rows[REFERENCE]
    gain = (own[:, margin] - of[:, margin]) / 100
    worth = (own[:, ltv] - of[:, ltv]) / 100_000
    rows = tables()["spread"].query("strategy == 'omnichannel'").set_index("measure")
    value = rows["value"].to_dict()
    people = observing.customers(comparison, "omnichannel")
    assert value["never_reached"] == pytest.approx((people["delivered"] == 0).mean())
    assert value["differs"] == pytest.approx((gain != 0).mean())
    assert value["gained"] == pytest.approx((gain > 0).mean())
    assert value["harmed"] == pytest.approx((gain < 0).mean())
    assert value["gain_mean"] == pytest.approx(gain[gain > 0].mean())
    assert value["harm_mean"] == pytest.approx(-gain[gain < 0].mean())
    assert value["higher_ltv"] == pytest.approx((worth > 0).mean())
    assert value["lower_ltv"] == pytest.approx((worth < 0).mean())
    more = own[:, orders] - of[:, orders]
    assert value["more_orders"] == pytest.approx((more > 0).mean())
    assert value["fewer_orders"] == pytest.approx((more < 0).mean())
    assert value["gini_contacts"] == pytest.approx(naive_gini(own[:, sent]), abs=2e-3)
    assert value["gini_gain"] == pytest.approx(naive_gini(np.maximum(gain, 0)), abs=2e-3)
    cell = observing.cells(comparison)
    _, error = observing.interval(np.bincount(cell, gain < 0), np.bincount(cell))
    half = student.ppf(0.975, cell.max()) * error
    assert rows["high"]["harmed"] - value["harmed"] == pytest.approx(half)
    best = sorted(range(120), key=lambda i: (-worth[i], i))[:5]
    kept = tables()["notable"].query("strategy == 'omnichannel' and kind == 'won'")
    assert kept["customer"].tolist() == [i for i in best if worth[i] > 0]
    assert kept["difference"].tolist() == pytest.approx([worth[i] for i in best if worth[i] > 0])


def test_where_messages_do_nothing_nobody_gains_or_is_harmed() -> None:
    """Sends cost money, so LTV is lower; what customers buy is the same."""
    scenario = inert_world(population={"customers": 60})
    comparison = run(scenario, load(scenario, "no_contact", "multichannel"), seed=3)
    names = {"no_contact": [], "multichannel": [j.name for j in scenario.brand.journeys]}
    spread = pd.DataFrame(table_rows(comparison, names)["spread"])
    value = spread.query("strategy == 'no_contact'").set_index("measure")["value"]
    assert (value[["differs", "gained", "harmed", "more_orders", "fewer_orders"]] == 0).all()
    assert value["higher_ltv"] > 0.5


class Collected:
    """Keeps the customers' rows."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Any]] = {}

    def add(self, replication: int, first: int, rows: dict[str, Any]) -> None:
        assert replication == 0
        assert first == sum(len(p) for p in next(iter(self.parts.values()), []))
        for name, part in rows.items():
            self.parts.setdefault(name, []).append(part)

    @property
    def rows(self) -> dict[str, Any]:
        return {name: np.concatenate(parts) for name, parts in self.parts.items()}


def run_customers(comparison: Comparison, to: Collected) -> None:
    from unittest.mock import patch

    from omnilab.experiment.compare import compare

    with patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40):
        compare(
            comparison.scenario, load(comparison.scenario), seed=comparison.seed, chunk=7,
            customers=to,
        )  # fmt: skip


def naive_gini(values: Any) -> float:
    x = np.sort(np.asarray(values, dtype=float))
    n = len(x)
    return float(2 * (np.arange(1, n + 1) * x).sum() / (n * x.sum()) - (n + 1) / n)


def test_gini_of_known_distributions() -> None:
    assert gini(np.array([[10, 50]])) == 0.0
    assert gini(np.array([[9, 0], [1, 100]])) == pytest.approx(0.9)
    assert gini(np.array([[1, 1], [1, 3]])) == pytest.approx(0.25)
    assert gini(np.array([[5, 0]])) is None


def test_bins_keep_the_order_and_are_a_sixteenth_wide() -> None:
    sizes = [*range(100), *(2**k + d for k in range(7, 61) for d in (-1, 0, 1))]
    bins = [int(bin_of(x)) for x in sizes]
    assert bins == sorted(bins)
    assert bins[:32] == list(range(32))
    assert max(bins) < 1024
    for a, b, i, j in zip(sizes, sizes[1:], bins, bins[1:], strict=False):
        assert i != j or b <= a * 17 / 16


def test_products_of_large_differences_are_exact() -> None:
    from omnilab.measure.lifted import product_of
    from omnilab.measure.lifts import _add_product
    from tests.plain import plain

    rng = np.random.default_rng(5)
    table, total = np.zeros((1, 4), np.int64), 0
    for _ in range(300):
        x, y = (int(rng.integers(-(2**b), 2**b)) for b in rng.integers(1, 62, 2))
        plain(_add_product)(x, y, table, 0, 0)
        total += x * y
    assert product_of(table[0].tolist()) == total


def test_a_ratio_without_members_has_no_value_and_one_cell_no_interval() -> None:
    assert ratio_estimate(0, 0, (0, 0, 0), 0).value is None
    one = ratio_estimate(6, 3, (36, 18, 9), 1)
    assert (one.value, one.low) == (2.0, None)


def test_the_notable_do_not_hang_on_the_order_of_chunks() -> None:
    rng = np.random.default_rng(2)
    chunks = []
    for chunk in range(6):
        sizes = -np.sort(-rng.integers(1, 6, 10).reshape(2, 5), axis=1)
        names = np.sort(rng.choice(100, 10, replace=False)).reshape(2, 5) + 100 * chunk
        chunks.append(np.stack([sizes, names], axis=2).reshape(10, 2))
    forth, back = [], []
    for chunk in chunks:
        forth = most_notable(forth, chunk, 0)
    for chunk in reversed(chunks):
        back = most_notable(back, chunk, 0)
    assert forth == back
    assert [n.kind for n in forth] == ["won"] * 5 + ["lost"] * 5


def test_every_table_has_its_columns_and_one_row_a_key() -> None:
    keys = {
        "groups": ["strategy", "by", "group", "measure"], "weeks": ["strategy", "week", "measure"],
        "days": ["strategy", "day", "measure"], "funnel": ["strategy", "by", "name", "stage"],
        "causes": ["strategy", "what", "cause"], "transitions": ["strategy", "from", "to"],
        "paths": ["strategy", "path"], "spread": ["strategy", "measure"],
        "notable": ["strategy", "kind", "replication", "customer"],
    }  # fmt: skip
    for name, key in keys.items():
        table = tables()[name]
        assert list(table.columns) == [c.name for c in TABLES[name]], name
        assert not table.duplicated(key).any(), name
        assert len(table) > 0


def test_measures_of_persons_are_a_customers_columns() -> None:
    assert {"ltv", "purchase_rate", "revenue", "margin", "contact_cost"} <= set(COLUMNS)
    assert all(MEASURES[name].denominator[0][0] == "persons" for name in COLUMNS)
    assert len({d.name for d in DIMENSIONS}) == len(DIMENSIONS)
