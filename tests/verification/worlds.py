"""Small scenarios for the tests of what is always true, and shorthands to run and read them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pandas as pd
import pytest

from omnilab.engine.regularity import solve_regularity
from omnilab.experiment.compare import Comparison, compare
from omnilab.log.rows import KIND_NAMES, columns, table_fields
from omnilab.measure import MEASURES
from omnilab.scenario.document import parse_document
from omnilab.scenario.load import validate_tree
from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import expand_presets, name_presets
from omnilab.strategy.loading import LoadedStrategy, load_strategy
from omnilab.strategy.plan import Sharing

DAY = 86400
WEEK = 7 * DAY
KIND = {name: number for number, name in KIND_NAMES.items()}
NO_FIELD = int(np.iinfo(np.int64).min)  # in a table of rows, where a row's kind has no such field
BUILT_IN = ("no_contact", "single_channel", "multichannel", "cross_channel", "omnichannel")
CHANNELS = (
    "web", "app", "push", "store", "email", "sms", "messenger", "social", "social_ad",
    "search_ad", "call", "mail", "marketplace",
)  # fmt: skip
FLAT = {"hour_index": [100] * 24, "day_index": [100] * 7}

#: Every trigger, kind of step and way to send, over silos that a hand-off can and can't link.
JOURNEYS: list[dict[str, Any]] = [
    {"preset": "welcome", "sequence": ["email", "app"]},
    {"preset": "browse"},
    {"preset": "cart"},
    {
        "name": "after_order", "trigger": "order", "sequence": ["web", "store", "app", "email"],
        "until": ["order"],
        "steps": [
            {"wait_for": {"event": "visit", "up_to": "5d"}},
            {"split": {"has": "order", "otherwise": "skip", "skip": 1}},
            {"message": {"shows": "bought", "channels": ["email", "push", "sms"],
                         "fallback_after": "6h", "success": "clicked"}},
            {"cohort": 0.7},
            {"delay": "20d"},
            {"message": {"shows": "generic", "offer": 0.15, "channels": ["push", "messenger"]}},
        ],
    },
    {
        "name": "letters", "trigger": "order", "sequence": ["store", "call", "sms"],
        "cooldown": "20d",
        "steps": [
            {"delay": "9d"},
            {"message": {"channels": ["mail", "call"], "fallback_after": "3d",
                         "success": "delivered"}},
        ],
    },
    {
        "name": "late_text", "trigger": "weekly", "weekday": 4, "at": "20:45",
        "sequence": ["sms", "messenger", "app"],
        "steps": [{"message": {"channels": ["sms", "push", "messenger"],
                               "fallback_after": "45min"}}],
    },
    {"preset": "newsletter"},
]  # fmt: skip

_BASE: dict[str, Any] = {
    "id": "small-v1",
    "time": {"burn_in": "45d", "window": "120d", "run_out": "20d"},
    "population": {
        "customers": 40,
        "personas": [
            {"name": "busy", "share": 0.5, "needs": 1.5, "reach": {"app": 0.7, "push": 0.7}},
            {"name": "calm", "share": 0.5, "needs": 0.7, "opt_in": {"sms": 0.8, "call": 0.6}},
        ],
    },
    "categories": [
        {"name": "beans", "every": "12d", "regularity": 2, "spend": {"mean": 19.5}},
        {"name": "cups", "every": "40d", "spend": {"mean": 45.0}, "patience": "40d"},
    ],
    "channels": list(CHANNELS),
    "brand": {
        "cap": {"messages": 3, "per": "5d"}, "journeys": JOURNEYS,
        "loyalty": {"card": 60, "worth": 5.0},
    },
}  # fmt: skip


def merged(base: dict[str, Any], patch_: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the nested patch over it; lists are replaced."""
    out = dict(base)
    for key, value in patch_.items():
        old = out.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        out[key] = merged(old, value) if both else value
    return out


def build(tree: dict[str, Any]) -> Scenario:
    """Validate a tree as if it stood in a scenario file (JSON is YAML)."""
    root = parse_document(json.dumps(tree), "world")
    return validate_tree(Scenario, expand_presets(name_presets(root)))


def world(**changes: Any) -> Scenario:
    """Return the small world with everything in it, changed."""
    return build(merged(copy.deepcopy(_BASE), changes))


#: World parameters under which no message does anything to anybody.
INERT: dict[str, Any] = {
    "fatigue": {"spam_bad": 0.0},
    "continuity": {"give_up": 0.0, "annoys": 0.0, "unknown_annoys": 0.0},
    "satisfaction": {"recovery": 0.0},
    "identifiers": {"click_carries": False},
}
_MUTE = {"open": 0.0, "click": 0.0, "opt_out": 0.0, "complaint": 0.0}
_WRITES = ("push", "email", "sms", "messenger", "social_ad", "call", "mail")


def inert_world(**changes: Any) -> Scenario:
    """Return a world where messages have no effect: (b), or (c) with ``give_up`` above 0."""
    channels: list[Any] = [
        {"preset": c, "message": _MUTE} if c in _WRITES else c for c in CHANNELS if c != "search_ad"
    ]
    journeys = copy.deepcopy(JOURNEYS)
    journeys[0]["steps"] = [{"delay": "1h"}, {"message": {"channels": ["email", "push"]}}]
    journeys[2]["steps"] = [
        {"delay": "1h"},
        {"message": {"shows": "cart", "channels": ["push", "email", "social_ad"],
                     "fallback_after": "12h"}},
    ]  # fmt: skip
    journeys[3]["steps"][-1]["message"]["offer"] = 0.0
    base = {
        "channels": channels,
        "world": INERT,
        "brand": {"loyalty": {"card": 0, "worth": 0.0}, "journeys": journeys},
    }
    return world(**merged(base, changes))


#: Receipts that lie, of any channel.
LIES = {"machine_opens": 0.3, "hidden_opens": 0.2, "scanner_clicks": 0.15}
#: Own tastes and hours, and mailshots as XCAMPAIGN has them.
TASTES: dict[str, Any] = {
    "affinity": {"own": 0.5, "hours": 0.4}, "mailshot": {"sd": 0.4}, "choice": {"waits": 0.5},
    "taste": {"spread": 0.6, "bought": 0.5}, "exposure": {"seen": 0.1, "delivered": 0.02},
    "recency": {"fades": 0.2, "never": -0.4, "orders": 0.15, "young": 0.3},
    "saturation": {"slope": 0.2}, "habit": {"fades": "60d"},
}  # fmt: skip
#: What a person remembers of messages, and of the months.
MEMORIES: dict[str, Any] = {
    "fatigue": {"slow": 1.0, "slow_memory": "90d"},
    "opt_out": {"need": -1.0, "quality": -2.0},
    "interruption": {"takes": 5.0, "calm": "20d"},
    "waking": {"leaves": 0.3, "sleeps": "6d", "by_visits": False},
    "attrition": {
        "yearly": 0.6,
        "shape": 1.2,
        "ageing": 0.8,
        "before": "200d",
        "care": 4.0,
        "answers": 1.0,
    },
    "stage": {"fits": 0.6, "narrows": 1.5},
    "repetition": {"half": 2.0, "memory": "20d", "massed": 0.5, "apart": "1d"},
    "creatives": {"novelty": 0.2, "wear": 0.3},
    "consistency": {"echo": 0.3, "clash": 0.3},
}
THEMES: dict[str, Any] = {
    "calendar": ["harvest", "thrift"], "lasts": "9d", "teams": {"email": ["thrift", "roast"]},
}  # fmt: skip
#: Three devices, and what draws a visit to one of them.
DEVICES: dict[str, Any] = {
    "devices": {"ripe": 0.5, "dear": 0.4, "keeps": 2.0, "session": "30min",
                "phone_threshold": 0.3, "tablet_threshold": 0.1}
}  # fmt: skip
#: Visits without a need that differ by person, follow others, ripen needs and end in some.
INTEREST: dict[str, Any] = {
    "interest": {"shape": 1.5, "with_needs": 0.5, "after_order": 1.0, "after_visit": 0.2,
                 "readies": 0.3, "creates": 0.01, "inertia": False, "fades": "1d"}
}  # fmt: skip
#: A send to all on one day of the window.
LAUNCH: dict[str, Any] = {
    "name": "launch", "priority": 2, "trigger": "once", "day": 4, "at": "11:15",
    "sequence": ["email", "app"],
    "steps": [{"message": {"channels": ["email", "push"], "theme": "roast", "creative": "new",
                           "retains": True}}],
}  # fmt: skip
#: Visits that take time.
TIMES: dict[str, Any] = {
    "visit_time": {
        "looking": "3min",
        "choosing": "5min",
        "buying": "20min",
        "spread": 1.0,
        "phone": 0.6,
        "tablet": 1.3,
        "elsewhere": 2.0,
    }
}
#: Searches after which some stay away, of those who know the brand fewer.
SEARCHES: dict[str, Any] = {
    "search": {"brand": 0.4, "brand_comes": 0.6, "other_comes": 0.5, "knows": 0.3, "rival": 0.4}
}
#: A loyalty card that draws when it is nearly full.
GOAL: dict[str, Any] = {"goal": {"gradient": 0.4}}
#: What promotions and visits teach.
LEARNING: dict[str, Any] = {
    "reference_price": {"gain": 1.5, "seen": 0.3}, "familiarity": {"effort": 1.2, "before": 7},
    "routine": {"cues": 2.0, "pull": 0.6, "needs": 0.1, "steep": 1.2, "until": 30.0},
}  # fmt: skip
#: Amounts with a tail, and customers of two classes. How often they need is what it was.
AMOUNTS = {"law": "lognormal", "order_sd": 0.5, "customer_sd": 0.4, "with_rate": 0.3}
CLASSES = [{"name": "plain", "share": 0.75}, {"name": "dear", "share": 0.25, "spend": {"times": 3}}]
EARLY = {"share": 0.5, "times": 3.0, "half_life": "20d"}


def as_shipped(scenario: Scenario) -> Scenario:
    """Return the scenario itself: what came later is off unless it says so."""
    return scenario


def all_on(scenario: Scenario) -> Scenario:
    """Return the scenario with all that came later on: tastes, lies, tablets, classes and more."""
    tree = scenario.model_dump()
    for channel in tree["channels"]:
        if channel["visit"]:
            channel["visit"] |= {"tablet_logit": -1.5}
        if channel["search"]:
            channel["search"] |= {"brand_click": 0.3, "brand_cost": 0.4}
        if channel["message"]:
            channel["message"] |= LIES | {"signs_up_visit": 0.02}
            lies = {"looks_again": 1.5, "half_life": "30h"}
            channel["message"] |= {} if channel["message"]["ad"] else lies
    for n, journey in enumerate(tree["brand"]["journeys"]):
        journey["priority"] = n % 3 + 1
        for k, step in enumerate(journey["steps"]):
            if step["message"]:
                theme = ("harvest", "thrift")[n % 2]  # so that journeys clash, not only the launch
                step["message"] |= {"theme": theme, "creative": f"poster{(n + k) % 4}"}
                step["message"] |= {"retains": True}
            if step["split"]:
                step["split"] |= {"has": "answered", "within": "20d"}
    if "email" in scenario.silos:
        tree["brand"]["journeys"] = [*tree["brand"]["journeys"], _launch(scenario)]
    for persona in tree["population"]["personas"]:
        persona["tablet"] = 0.15
    for category in tree["categories"]:
        category["spend"] |= AMOUNTS
        category["order_regularity"] = 1.0  # gaps of needs as random as they were
    people: dict[str, Any] = {"classes": CLASSES, "personas": tree["population"]["personas"]}
    if scenario.population.entry:
        people["entry"] = {"early": EARLY}
    return scenario.changed({
        "channels": tree["channels"],
        "categories": tree["categories"],
        "world": TASTES | MEMORIES | DEVICES | INTEREST | TIMES | SEARCHES | GOAL | LEARNING,
        "population": people,
        "brand": {"journeys": tree["brand"]["journeys"], "cap_counts_ads": False,
                  "themes": _themes(scenario)},
    })  # fmt: skip


def _themes(scenario: Scenario) -> dict[str, Any]:
    """Return the calendars of themes: that of all, and those of teams that there are."""
    own = {silo: line for silo, line in THEMES["teams"].items() if silo in scenario.silos}
    return THEMES | {"teams": own}


def _launch(scenario: Scenario) -> dict[str, Any]:
    """Return the send to all, which names several categories where there are several."""
    launch = copy.deepcopy(LAUNCH)
    named = [c.name for c in scenario.categories][:2]
    if len(named) == 2:
        launch["steps"][0]["message"]["shows"] = dict(zip(named, (0.7, 0.3), strict=True))
    return launch


#: For tests that hold whether what came later is off or on.
either_way = pytest.mark.parametrize(
    "mechanisms", [as_shipped, all_on], ids=["as shipped", "all on"]
)


def load(scenario: Scenario, *names: str) -> list[LoadedStrategy]:
    """Load strategies by name, the five built-in ones without a name."""
    return [load_strategy(name, scenario) for name in names or BUILT_IN]


def mixture(scenario: Scenario, sharing: Sharing, name: str = "mixture") -> LoadedStrategy:
    """Return the scenario's journeys under any six sharing choices."""
    loaded = load_strategy("omnichannel", scenario)
    return replace(loaded, name=name, plan=replace(loaded.plan, sharing=sharing))


def run(
    scenario: Scenario, strategies: Sequence[LoadedStrategy], *, engine: str = "compiled",
    seed: int = 1, replications: int = 1, pilot: int = 40, keep: bool = True, threads: int = 1,
    chunk: int | None = None, against: str | None = None, solves: bool = False,
) -> Comparison:  # fmt: skip
    """Compare; the pilot that sets the response intercepts is small unless it is what is tested.

    Needs are as regular as orders are asked to be, unless it is tested how that is solved.
    """
    solve = solve_regularity if solves else Mock()
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", pilot),
        patch("omnilab.engine.calibrate.solve_regularity", solve),
    ):
        return compare(
            scenario, strategies, seed=seed, replications=replications, engine=engine,
            keep_events=keep, threads=threads, chunk=chunk, against=against,
        )  # fmt: skip


def log(comparison: Comparison, name: str) -> np.ndarray:
    """Return a strategy's whole log in the canonical order (time, priority, person, seq)."""
    rows = np.concatenate(comparison.events[name]).view(np.ndarray)
    return rows[np.lexsort((rows["seq"], rows["person"], rows["priority"], rows["time"]))]


def frame(comparison: Comparison, name: str, *kinds: str) -> pd.DataFrame:
    """Return a strategy's log as a table, with the names of kinds; persons in their own order.

    A field that a row's kind doesn't have is `NO_FIELD` there. Of a large log a test takes the
    kinds that it reads: a whole table has a column for each field of any kind.
    """
    rows = np.concatenate(comparison.events[name]).view(np.ndarray)
    if kinds:
        rows = rows[np.isin(rows["kind"], [KIND[k] for k in kinds])]
    return table_of(rows[np.lexsort((rows["seq"], rows["person"]))])


def table_of(rows: np.ndarray) -> pd.DataFrame:
    """Return rows as a table with a column for each field of any kind, in their order."""
    names = table_fields()
    found = np.full((len(names), len(rows)), NO_FIELD, np.int64)
    for kind in np.unique(rows["kind"]).tolist():
        mask = rows["kind"] == kind
        seen = columns(rows[mask], kind)
        for name in seen.dtype.names or ():
            found[names.index(name), mask] = seen[name]
    table = pd.DataFrame(found.T, columns=list(names), copy=False)
    table["kind"] = table["kind"].map(KIND_NAMES)
    return table


def having(table: pd.DataFrame, *kinds: str) -> pd.DataFrame:
    """Return a table's rows of some kinds, with the columns that all of these kinds have."""
    found = table[table["kind"].isin(kinds)]
    return found[[name for name in table if not (found[name] == NO_FIELD).any()]]


def of_kinds(rows: np.ndarray, *kinds: str) -> Any:
    """Return the rows of some kinds; of a single kind, with its fields under their names."""
    found = rows[np.isin(rows["kind"], [KIND[k] for k in kinds])]
    return columns(found, KIND[kinds[0]]).view(np.ndarray) if len(kinds) == 1 else found


#: What the log says at the start of who is not there yet, and of a town's shelves, which stand in
#: the log under some person.
_BEFORE_ENTRY = (
    "person", "knows", "lives", "stands", "units_ordered", "units_came", "units_spoiled",
)  # fmt: skip


def nothing_before_the_entry(rows: np.ndarray) -> None:
    """Check that nothing of a newcomer happens until it enters."""
    people = of_kinds(rows, "person")
    entry = np.zeros(int(rows["person"].max(initial=0)) + 1, np.int64)
    new = people["channel"] >= 0
    entry[people["person"][new]] = people["entry"][new]
    early = rows[rows["time"] < entry[rows["person"]]]
    assert {KIND_NAMES[kind] for kind in early["kind"].tolist()} <= set(_BEFORE_ENTRY)


def orders(comparison: Comparison, name: str) -> list[tuple[int, ...]]:
    """Return a strategy's orders: time, person, need, paid, margin, channel."""
    rows = of_kinds(log(comparison, name), "order")
    fields = ("time", "person", "need", "paid", "margin", "channel")
    return list(zip(*(rows[f].tolist() for f in fields), strict=True))


def digests(comparison: Comparison) -> dict[str, tuple[str, int]]:
    """Return each strategy's digest and number of rows."""
    return {s.name: (s.log_digest, s.events) for s in comparison.strategies}


def sums(comparison: Comparison) -> dict[str, dict[str, int]]:
    """Return every additive sum of every strategy."""
    return {s.name: comparison.moments.sums(s.name) for s in comparison.strategies}


def values(comparison: Comparison, name: str) -> dict[str, Any]:
    """Return every measure of a strategy with its interval."""
    return {m: comparison.moments.estimate(m, name) for m in MEASURES}


def same_rows(a: np.ndarray, b: np.ndarray, fields: Iterable[str] | None = None) -> None:
    """Assert that two logs are equal, and show the first row that isn't."""
    names = tuple(fields or a.dtype.names or ())
    n = min(len(a), len(b))
    differ = np.zeros(n, np.bool_)
    for f in names:
        differ |= a[f][:n] != b[f][:n]
    if differ.any():
        i = int(differ.argmax())
        left, right = ({f: int(x[i][f]) for f in names} for x in (a, b))
        raise AssertionError(
            f"row {i}: {KIND_NAMES[int(a[i]['kind'])]} {left}"
            f" against {KIND_NAMES[int(b[i]['kind'])]} {right}"
        )
    assert len(a) == len(b), f"{len(a)} rows against {len(b)}"
