"""Counting in the log against loops over it, and outcomes against what compare says."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omnilab.experiment.evidence.lives import KIND_OF, Lives
from omnilab.experiment.evidence.model import Only, Outcome
from omnilab.experiment.evidence.names import _OF_PROFILES
from omnilab.experiment.evidence.outcome import person_sums
from omnilab.measure.catalogue import MEASURES
from tests.verification.worlds import frame, load, run, world

OF_PERSONS = [
    name
    for name, m in MEASURES.items()
    if not m.above_baseline
    and not any(p in _OF_PROFILES for p, _ in (*m.numerator, *m.denominator))
]


@cache
def lived() -> Any:
    """Return a small world's log under a strategy that does all there is, as rows and a table."""
    scenario = world(population={"customers": 120})
    (strategy,) = load(scenario, "omnichannel")
    found = run(scenario, [strategy], seed=7)
    rows = np.concatenate(found.events["omnichannel"])
    journeys = {j.name: i for i, j in enumerate(strategy.plan.journeys)}
    (status_quo,) = load(scenario, scenario.brand.status_quo)
    usual = [j.name for j in status_quo.plan.journeys]
    lives = Lives(rows, 0, 120, scenario, list(journeys), usual)
    channels = [c.name for c in scenario.channels]
    return SimpleNamespace(
        scenario=scenario, lives=lives, found=found, journeys=journeys, channels=channels,
        log=list(frame(found, "omnichannel").itertuples(index=False)),
        start=scenario.time.burn_in, end=scenario.time.burn_in + scenario.time.window,
    )  # fmt: skip


def each_life() -> dict[int, list[Any]]:
    """Return each person's rows in the order of time."""
    found = defaultdict(list)
    for row in sorted(lived().log, key=lambda r: (r.time, r.priority, r.seq)):
        found[row.person].append(row)
    return found


def loop(kind: str, **only: Any) -> list[int]:
    """Count a kind's rows in the window, person by person and row by row."""
    w = lived()
    counts = [0] * 120
    for person, rows in each_life().items():
        category: dict[int, str] = {}
        led: set[int] = set()
        for row in rows:
            if row.kind == "need":
                category[row.need] = w.scenario.categories[row.category].name
            is_led = row.kind == "visit" and row.cause >= 0
            if is_led and row.need >= 0:
                led.add(row.need)
            if row.kind != kind or not w.start <= row.time < w.end:
                continue
            of = category.get(row.need) if row.kind != "view" or row.need >= 0 else None
            if row.kind == "view" and row.need < 0:
                of = w.scenario.categories[row.category].name
            counts[person] += all([
                "channel" not in only or w.channels[row.channel] in only["channel"],
                "category" not in only or of is None or of in only["category"],
                "not_category" not in only or of not in only["not_category"],
                "offer" not in only or (row.discount > 0) == (only["offer"] == "used"),
                "led" not in only
                or (is_led if row.kind == "visit" else row.need in led) == only["led"],
                "journey" not in only
                or row.journey in [w.journeys[name] for name in only["journey"]],
            ])  # fmt: skip
    return counts


@pytest.mark.parametrize(
    ("kind", "only"),
    [
        ("order", {}),
        ("order", {"channel": ("store",)}),
        ("order", {"channel": ("web", "app")}),
        ("order", {"category": ("cups",)}),
        ("order", {"not_category": ("cups",)}),
        ("order", {"offer": "used"}),
        ("order", {"offer": "not_used"}),
        ("order", {"led": True}),
        ("order", {"led": False}),
        ("visit", {"led": True}),
        ("visit", {"channel": ("store",), "category": ("beans",)}),
        ("view", {"category": ("cups",)}),
        ("sent", {"journey": ("newsletter",)}),
        ("click", {"journey": ("cart", "browse")}),
        ("cart_left", {"category": ("beans",)}),
    ],
)
def test_counting_is_a_loop_over_the_log(kind: str, only: dict[str, Any]) -> None:
    w = lived()
    found = w.lives.counted(KIND_OF[kind], Only(**only), w.start, w.end)
    assert found.tolist() == loop(kind, **only)
    assert sum(found) > 0


def test_money_is_that_of_the_rows() -> None:
    w = lived()
    paid: Counter[int] = Counter()
    for row in w.log:
        if row.kind == "order" and w.start <= row.time < w.end:
            paid[row.person] += row.paid
    found = w.lives.counted(KIND_OF["order"], Only(), w.start, w.end, amount=True)
    assert found.tolist() == [paid[i] for i in range(120)]


def test_who_can_be_reached_is_a_loop_over_what_was_allowed_and_withdrawn() -> None:
    w = lived()
    reached = set()
    for person, rows in each_life().items():
        allowed, stopped = False, False
        for row in rows:
            if row.time >= w.end:
                break
            on = row.channel >= 0 and w.channels[row.channel] == "email"
            allowed = allowed or (on and row.kind in ("address", "opt_in"))
            if on and row.kind in ("unsubscribe", "spamreport"):
                allowed = False
            stopped = stopped or row.kind == "stop_all"
        if allowed and not stopped:
            reached.add(person)
    found = w.lives.reachable(("email",), w.end)
    assert set(np.flatnonzero(found)) == reached
    assert 0 < len(reached) < 120


def test_a_cart_is_open_until_its_need_has_ended() -> None:
    w = lived()
    found_open = set()
    for person, rows in each_life().items():
        carts: set[int] = set()
        for row in rows:
            if row.time >= w.end:
                break
            if row.kind == "cart_left" and row.time >= w.start:
                carts.add(row.need)
            if row.kind in ("order", "need_lost"):
                carts.discard(row.need)
        if carts:
            found_open.add(person)
    assert set(np.flatnonzero(w.lives.cart_open(w.start, w.end))) == found_open
    assert found_open


@pytest.mark.parametrize("measure", OF_PERSONS)
def test_a_measure_of_everybody_is_that_of_compare(measure: str) -> None:
    w = lived()
    outcome = Outcome(name="it", measure=measure)
    sums = person_sums({"it": outcome}, w.lives, w.scenario)["it"]
    bottom = float(sums.bottom.sum())
    value = float(sums.top.sum()) / bottom if bottom else None
    if measure in (
        "ltv",
        "ltv_net",
        "runout_orders_per_customer",
    ):  # of the period alone, not the run-out
        return
    expected = w.found.moments.estimate(measure, "omnichannel").value
    assert value == (None if expected is None else pytest.approx(expected, rel=1e-12))


def test_a_measure_over_parts_of_the_window_adds_up_to_the_whole() -> None:
    w = lived()
    whole = Outcome(name="whole", measure="revenue")
    half = w.scenario.time.window // 2
    context = {"seconds": True}
    parts = [
        Outcome.model_validate({"name": n, "measure": "revenue", "period": p}, context=context)
        for n, p in (("first", (0, half)), ("second", (half, 2 * half)))
    ]
    found = person_sums({o.name: o for o in (whole, *parts)}, w.lives, w.scenario)
    # In the currency: cents are divided before they are added up here.
    assert np.allclose(found["whole"].top, found["first"].top + found["second"].top, atol=1e-9)
    assert found["first"].top.sum() > 0
    by_channel = [Outcome(name=c, measure="revenue", only=Only(channel=(c,))) for c in w.channels]
    split = person_sums({o.name: o for o in by_channel}, w.lives, w.scenario)
    # A return is of its order's channel, so it counts once.
    assert w.lives.counted(KIND_OF["return"], Only(), w.start, w.end).sum() > 0
    assert np.allclose(sum(s.top for s in split.values()), found["whole"].top, atol=1e-9)
