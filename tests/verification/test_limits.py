"""Limits: no cap, consent or quiet hour is broken; from the log alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.scenario.model import Cap
from omnilab.strategy import Choices
from omnilab.strategy.loading import LoadedStrategy
from omnilab.strategy.plan import Plan
from tests.effort import random_worlds
from tests.property.random_worlds import scenarios, strategies
from tests.verification.worlds import BUILT_IN, DAY, KIND, build, frame, load, log, run, world


def exact_world(**changes):
    """Return a world in which each person is one profile under identity `all`.

    Every visit shows the log-in, every address was given in one hand-over, nothing is mistyped.
    """
    tree = {
        "id": "exact-v1",
        "time": {"burn_in": "30d", "window": "150d", "run_out": "20d"},
        "population": {"customers": 60, "personas": [{"name": "all", "share": 1.0}],
                       "household_sizes": [1.0]},
        "categories": [{"name": "beans", "every": "6d", "spend": {"mean": 20.0}}],
        "channels": [
            {"name": "shop", "silo": "shop", "visit": {"idle": 1.0, "identifiers": [
                {"type": "login", "share": 1.0}]}},
            {"name": "desk", "silo": "desk", "visit": {"idle": 1.0, "identifiers": [
                {"type": "login", "share": 1.0}]}},
            *({"name": n, "silo": s, "message": {
                "address": "login", "delivered": 0.98, "open": 0.2, "click": 0.05,
                "opt_out": 0.01, "cost": 0.01, "landing": "shop", "signs_up": 0.05}}
              for n, s in (("mail_a", "shop"), ("mail_b", "desk"), ("mail_c", "third"))),
        ],
        "brand": {"cap": {"messages": 2, "per": "5d"}, "journeys": [
            {"name": f"daily_{d}", "trigger": "weekly", "weekday": d, "at": at,
             "sequence": ["shop", "desk"], "steps": [
                {"message": {"channels": order, "fallback_after": "7h"}}]}
            for d, (at, order) in enumerate([
                ("03:00", ["mail_a", "mail_b"]), ("12:00", ["mail_b", "mail_c"]),
                ("20:59", ["mail_c", "mail_a"]), ("23:30", ["mail_a", "mail_b", "mail_c"]),
                ("07:59", ["mail_b"])])
        ] + [{"name": "cart", "trigger": "cart", "sequence": ["shop", "desk"], "steps": [
            {"message": {"shows": "cart", "channels": ["mail_a", "mail_b", "mail_c"]}}]}]},
    }  # fmt: skip
    for key, value in changes.items():
        tree[key] = {**tree[key], **value}
    return build(tree)


def most_in(times: list[int], period: int) -> int:
    """Return the most sends in any window of ``period`` seconds, its end not included."""
    times = sorted(times)
    best = low = 0
    for high in range(len(times)):
        while times[high] - times[low] >= period:
            low += 1
        best = max(best, high - low + 1)
    return best


def sends(rows: np.ndarray) -> np.ndarray:
    return rows[rows["kind"] == KIND["sent"]]


@pytest.mark.parametrize("status_quo", ["no_contact", "omnichannel"])
def test_the_cap_holds_for_each_person_and_scope_where_identity_is_exact(status_quo):
    scenario = exact_world()
    scenario = scenario.changed({"brand": {"status_quo": status_quo}})
    result = run(scenario, load(scenario))
    cap = scenario.brand.cap
    binding = 0
    for name in ("single_channel", "multichannel", "omnichannel"):
        times = defaultdict(list)
        for row in sends(log(result, name)):
            scope = -1 if name == "omnichannel" else int(row["silo"])
            if scope >= 0 and row["time"] < scenario.time.burn_in:
                continue  # the status quo's sends were capped over all silos
            times[int(row["person"]), scope].append(int(row["time"]))
        most = Counter(most_in(t, cap.per) for t in times.values())
        assert max(most) <= cap.messages, (name, most)
        binding += most[cap.messages]
    assert binding > 50


def test_a_plans_lower_cap_holds_too():
    scenario = exact_world()
    (omni,) = load(scenario, "omnichannel")
    strict = replace(omni, plan=replace(omni.plan, cap=Cap(messages=1, per=9 * DAY)))
    rows = sends(log(run(scenario.changed({"brand": {"status_quo": "no_contact"}}), [strict]),
                     "omnichannel"))  # fmt: skip
    assert len(rows) > 100
    for person in np.unique(rows["person"]):
        assert most_in(rows["time"][rows["person"] == person].tolist(), 9 * DAY) == 1


class Pushy:
    """A plug-in that wants everything sent at once, over the channel of its choice."""

    name = "pushy"

    def decide(self, pending):
        first = np.argmax(pending.allowed, axis=1)
        wanted = np.where(pending.allowed.any(axis=1), first, -1).astype(np.int64)
        return Choices(np.ones(len(pending), dtype=bool), wanted)


def _pushy(scenario) -> LoadedStrategy:
    (omni,) = load(scenario, "omnichannel")
    plan = Plan(omni.plan.sharing, omni.plan.journeys, omni.plan.cap)
    return LoadedStrategy("pushy", plan, Pushy(), "", True, False)  # type: ignore[arg-type]


def check_time(scenario, result, name: str) -> None:
    """Check that sends fall on the ticks that all strategies share, and before the window's end."""
    sent = sends(log(result, name))
    assert (sent["time"] < scenario.time.burn_in + scenario.time.window).all()
    assert (sent["time"] % scenario.time.tick == 0).all()


def check_consent(scenario, result, name: str) -> None:
    """Nothing goes to (person, channel) without permission, nor after UNSUBSCRIBE until OPT_IN."""
    table = frame(result, name)
    table = table[table["kind"].isin(["address", "sent", "unsubscribe", "opt_in"])]
    out: set[tuple[int, int]] = set()
    given: set[tuple[int, int]] = set()
    # A cookie is nothing to hand over: who doesn't mind ads from the start has no row of it.
    cookies = {
        n for n, c in enumerate(scenario.channels) if c.message and c.message.address == "cookie"
    }
    for row in table.sort_values(["person", "seq"]).itertuples():
        key = (row.person, row.channel)
        if row.kind == "unsubscribe":
            out.add(key)
        elif row.kind == "address":
            given.add(key)
        elif row.kind == "opt_in":
            assert key not in given or key in out, f"{key} gave what it had given"
            given.add(key)
            out.discard(key)
        else:
            assert key in given or row.channel in cookies, (
                f"{name}: sent to {key} at {row.time} without permission"
            )
            assert key not in out, f"{name}: sent to {key} at {row.time} after unsubscribe"


def check_quiet(scenario, result, name: str) -> None:
    """Check each send's local hour with the zone data base."""
    quiet = scenario.brand.quiet_hours
    if quiet is None:
        return
    zone = ZoneInfo(scenario.time.zone)
    midnight = datetime.combine(scenario.time.start, datetime.min.time(), zone)
    start = midnight.timestamp()
    ads = [n for n, c in enumerate(scenario.channels) if c.message and c.message.ad]
    for row in sends(log(result, name)):
        if row["channel"] in ads:
            continue  # an ad waits for its reader
        local = datetime.fromtimestamp(start + int(row["time"]), zone)
        second = local.hour * 3600 + local.minute * 60 + local.second
        inside = (
            quiet.start <= second < quiet.end
            if quiet.start <= quiet.end
            else second >= quiet.start or second < quiet.end
        )
        assert not inside, f"sent at {local}"


CHECKS = (check_time, check_consent, check_quiet)
STARTS = ("2025-01-06", "2025-08-04")  # the runs cross the change to summer time, or from it


@cache
def _crossing(start: str):
    # The end falls into quiet hours, with messages held over it.
    scenario = exact_world(time={"start": start, "window": "3558h"})
    return scenario, run(scenario, [*load(scenario), _pushy(scenario)])


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("start", STARTS)
def test_no_strategy_sends_when_or_where_it_may_not(start, check):
    scenario, result = _crossing(start)
    assert not result.failures
    for name in (*BUILT_IN[1:], "pushy"):
        assert len(sends(log(result, name))) > 200
        check(scenario, result, name)
    rows = log(result, "omnichannel")
    assert (rows["kind"] == KIND["held"]).sum() > 50
    assert (rows["kind"] == KIND["unsubscribe"]).sum() > 10


@pytest.mark.parametrize("start", STARTS)
def test_held_messages_go_out_at_the_local_end_of_quiet_hours_summer_and_winter(start):
    scenario, result = _crossing(start)
    zone = ZoneInfo(scenario.time.zone)
    first = datetime.combine(scenario.time.start, datetime.min.time(), zone)
    assert first.utcoffset() != (first + timedelta(days=100)).utcoffset()
    morning = Counter()
    for row in sends(log(result, "omnichannel")):
        at = datetime.fromtimestamp(first.timestamp() + int(row["time"]), zone)
        if (at.hour, at.minute) == (8, 0):
            morning[at.utcoffset()] += 1
    assert len(morning) == 2
    assert min(morning.values()) > 20


@random_worlds(2, 16)
@given(st.data())
def test_limits_hold_in_random_worlds(data):
    scenario = data.draw(scenarios())
    compared = data.draw(strategies(scenario))
    result = run(scenario, compared, seed=data.draw(st.integers(0, 2**62)))
    for strategy in compared:
        for check in CHECKS:
            check(scenario, result, strategy.name)


def test_consent_is_needed_to_begin_with():
    """Who neither allowed a channel at the start nor signed up for it hears nothing over it."""
    scenario = world()
    closed = [
        {**c, "message": {**c["message"], "opt_in": 0.0}} if c["message"] else c
        for c in scenario.model_dump()["channels"]
    ]
    personas = [{**p, "opt_in": {}} for p in scenario.model_dump()["population"]["personas"]]
    scenario = scenario.changed({"channels": closed, "population": {"personas": personas}})
    result = run(scenario, load(scenario))
    for name in BUILT_IN:
        table = frame(result, name)
        given: set[tuple[int, int]] = set()
        for row in table[table["kind"].isin(["sent", "opt_in"])].itertuples():
            if row.kind == "opt_in":
                given.add((row.person, row.channel))
            else:
                assert (row.person, row.channel) in given
        assert name == "no_contact" or len(given) > 5


def test_stop_all_stops_every_silo_where_all_is_shared_and_identity_exact():
    scenario = exact_world(time={"burn_in": 0})
    scenario = scenario.changed({"world": {"fatigue": {"stop_all": 1.0}}})
    result = run(scenario, load(scenario))
    after = {}
    for name in ("multichannel", "omnichannel"):
        table = frame(result, name)
        stopped = table[table["kind"] == "stop_all"].groupby("person")["time"].min()
        assert len(stopped) > 5
        sent = table[table["kind"] == "sent"]
        sent = sent[sent["person"].isin(stopped.index)]
        after[name] = int((sent["time"].to_numpy() > stopped.loc[sent["person"]].to_numpy()).sum())
    assert after["omnichannel"] == 0
    assert after["multichannel"] > 0
