"""Published rates come back at one message a week, and fatigue does."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from omnilab.scenario.model import Scenario
from omnilab.scenario.preset import preset_names
from omnilab.world.receipts import COMES_BACK
from tests.verification.worlds import (
    DAY,
    all_on,
    as_shipped,
    build,
    frame,
    load,
    of_kinds,
    run,
    table_of,
)

Mechanisms = Callable[[Scenario], Scenario]

EACH = 600  # persons a channel
WRITE = ("push", "email", "sms", "messenger", "social_ad", "call", "mail")
OPENS, CLICKS = ("open", "machine_open"), ("click", "scanner_click")
MESSAGES = ("sent", "delivered", *OPENS, *CLICKS, "unsubscribe", "spamreport")
COLUMNS = ["person", "time", "channel", "message", "receipt"]
#: An ad goes to cookies, of which a person has any number; one address a person is one a week.
CHANGED = {"social_ad": {"message": {"address": "social"}}}


def test_every_message_channel_is_tested():
    scenario = build({**_tree(("web",), []), "channels": preset_names("channels")[:13]})
    assert {c.name for c in scenario.channels if c.message} == set(WRITE)


def _tree(channels, journeys, **rest):
    return {
        "id": "rates-v1",
        "time": {"burn_in": "35d", "window": "252d", "run_out": "14d"},
        "population": {"customers": EACH, "personas": [{"name": "all", "share": 1.0}]},
        "categories": [
            {"name": "beans", "every": "35d", "regularity": 2, "spend": {"mean": 19.5}},
            {"name": "cards", "every": "28d", "spend": {"mean": 25.0}},
        ],
        "channels": channels,
        "brand": {"status_quo": "multichannel", "cap": None, "quiet_hours": None,
                  "journeys": journeys},
        **rest,
    }  # fmt: skip


def _weekly(name: str, channel: str, silo: str, weekday: int = 1, at: str = "10:00"):
    return {
        "name": name, "trigger": "weekly", "weekday": weekday, "at": at, "sequence": [silo],
        "steps": [{"message": {"channels": [channel]}}],
    }  # fmt: skip


@cache
def _one_a_week(mechanisms: Mechanisms, seeds: tuple[int, ...]) -> tuple[Scenario, pd.DataFrame]:
    """Simulate one campaign a week on each channel, each to a seventh of one population.

    The messages' rows of all seeds, whose persons, messages and days are kept apart.
    """
    closed = dict.fromkeys(WRITE, 0.0)
    channels = [
        "web", "app", "store",
        *({"preset": c, **CHANGED.get(c, {})} for c in WRITE),
    ]  # fmt: skip
    personas = [
        {"name": c, "share": 1 / len(WRITE), "opt_in": {**closed, c: 1.0},
         "reach": {"app": 1.0, "push": 1.0}}
        for c in WRITE
    ]  # fmt: skip
    silos = {"push": "app", "social_ad": "web", "mail": "call"}
    journeys = [_weekly(c, c, silos.get(c, c)) for c in WRITE]
    tree = _tree(channels, journeys)
    for n, channel in enumerate(channels):
        if isinstance(channel, dict):  # nobody signs up for a second channel; opens come in time
            message = {**channel.get("message", {}), "signs_up": 0.0, "open_sigma": 0.5}
            channels[n] = {**channel, "message": message}
    tree["population"] = {"customers": EACH * len(WRITE), "personas": personas}
    # One address a person: neither mistyped at a till nor given up for another.
    tree["world"] = {"identifiers": {"typo": 0.0, "changes_a_year": 0.0}}
    scenario = _one_journey_each(_without_forms(mechanisms(build(tree))), journeys)
    # A base rate is that of a creative which its reader has not seen, and of a first ad.
    scenario = scenario.changed(
        {
            "world": {
                "creatives": {"novelty": 0.0, "wear": 0.0},
                "repetition": {"half": 0.0, "massed": 0.0},
                "waking": {"leaves": 0.0},  # who leaves on a message clicks nothing in it
            }
        }
    )
    found = []
    for seed in seeds:
        result = run(scenario, load(scenario, "multichannel"), pilot=2000, seed=seed)
        rows = of_kinds(np.concatenate(result.events["multichannel"]), *MESSAGES)
        table = table_of(rows)[["kind", *COLUMNS]]
        table["person"] += seed * EACH * len(WRITE)
        table["message"] += seed << 40
        found.append(table.assign(seed=seed))
    return scenario, pd.concat(found, ignore_index=True)


def _events(table: pd.DataFrame, channel: int, since: int, until: int) -> pd.DataFrame:
    """Return one row a send in the period: person, and what came of it."""
    rows = table[table["channel"] == channel]
    sent = rows[(rows["kind"] == "sent") & (rows["time"] >= since) & (rows["time"] < until)]
    out = sent[["person", "time", "message"]].set_index("message")
    for kind in ("delivered", "open", "click", "unsubscribe", "spamreport"):
        out[kind] = out.index.isin(rows.loc[rows["kind"] == kind, "message"])
    return out


def _ratio(
    top: pd.Series, bottom: pd.Series, person: pd.Series, mailshot: pd.Series | None = None
) -> tuple[float, float]:
    """Return a ratio and its standard error, clustered by person (and by mailshot).

    Clustered by both, variances add up, less that of the sends, of which each has one of either
    (Cameron, Gelbach & Miller 2011).
    """
    value = top.sum() / bottom.sum()
    each = top.astype(float) - value * bottom
    variance = (each.groupby(person).sum() ** 2).sum()
    if mailshot is not None:
        variance += max((each.groupby(mailshot).sum() ** 2).sum() - (each**2).sum(), 0.0)
    return value, math.sqrt(variance) / bottom.sum()


#: Mailshots have their own spread, so few weeks say little of the mean over all that there can be.
HOW = [
    pytest.param(as_shipped, (1,), id="as shipped"),
    pytest.param(all_on, (1,), id="all on"),
    pytest.param(as_shipped, tuple(range(2, 10)), id="as shipped, more", marks=pytest.mark.long),
    pytest.param(all_on, tuple(range(2, 10)), id="all on, more", marks=pytest.mark.long),
]


def _campaigns(mechanisms: Mechanisms, seeds: tuple[int, ...], name: str) -> tuple[Any, Any]:
    """Return a channel's message side, and its sends within the window with all that came of it."""
    scenario, table = _one_a_week(mechanisms, seeds)
    number = [c.name for c in scenario.channels].index(name)
    since = scenario.time.burn_in
    sends = _events(table, number, since, since + scenario.time.window - 14 * DAY)
    receipts = table[(table["receipt"] == COMES_BACK) & (table["channel"] == number)]
    for column, kinds in (("seen_open", OPENS), ("seen_click", CLICKS)):
        sends[column] = sends.index.isin(receipts.loc[receipts["kind"].isin(kinds), "message"])
    week = (sends["time"] - since) // (7 * DAY)
    assert sends.groupby(["person", week]).size().max() == 1
    sends["mailshot"] = (sends.index.to_numpy() >> 40) * 1000 + week
    return scenario.channels[number].message, sends


def _without_forms(scenario: Scenario) -> Scenario:
    """Return the scenario without forms at visits: who answers them is no sample of all."""
    channels = scenario.model_dump()["channels"]
    for channel in channels:
        if channel["message"]:
            channel["message"]["signs_up_visit"] = 0.0
    return scenario.changed({"channels": channels})


def _one_journey_each(scenario: Scenario, journeys: list[dict[str, Any]]) -> Scenario:
    """Return the scenario without the sends on one day, which would be a second in their week."""
    kept = {journey["name"] for journey in journeys}
    declared = scenario.model_dump()["brand"]["journeys"]
    return scenario.changed({"brand": {"journeys": [x for x in declared if x["name"] in kept]}})


@pytest.mark.parametrize(("mechanisms", "seeds"), HOW)
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n == "email" else pytest.mark.slow) for n in WRITE],
)
def test_base_rates_come_back_at_one_message_a_week(name, mechanisms, seeds):
    base, sends = _campaigns(mechanisms, seeds, name)
    assert sends["person"].nunique() > 0.8 * EACH * len(seeds)
    wholly = sends["delivered"] | True
    everything = [
        ("delivered", "delivered", base.delivered, wholly),
        ("open", "open", base.open, sends["delivered"]),
        ("click", "click", base.click, sends["delivered"]),
        ("opt_out", "unsubscribe", base.opt_out, sends["delivered"]),
        ("complaint", "spamreport", base.complaint, sends["delivered"]),
    ]
    for what, column, rate, under in everything:
        value, error = _ratio(sends[column], under, sends["person"], sends["mailshot"])
        error = max(error, math.sqrt(max(rate * (1 - rate), 1e-12) / under.sum()))
        assert abs(value - rate) < 3.7 * error, (name, what, value, rate, error)
        if what in ("open", "click"):
            assert error < 0.12 * rate, "the sample says too little"


@pytest.mark.parametrize(("mechanisms", "seeds"), HOW)
@pytest.mark.parametrize("name", WRITE)
def test_receipts_come_back_as_often_as_clients_and_scanners_let_them(name, mechanisms, seeds):
    """Clients open all, or none, whoever the person is; a scanner's click is the message's."""
    base, sends = _campaigns(mechanisms, seeds, name)
    honest = 1.0 - base.machine_opens - base.hidden_opens
    expected = {
        "seen_open": base.machine_opens + honest * base.open,
        "seen_click": base.scanner_clicks + (1.0 - base.scanner_clicks) * base.click,
    }
    for column, rate in expected.items():
        value, error = _ratio(sends[column], sends["delivered"], sends["person"], sends["mailshot"])
        assert abs(value - rate) < 3.7 * max(error, 1e-9), (name, column, value, rate, error)


def test_deliveries_come_back_while_addresses_change():
    """Published bounces are those of lists whose owners move on: 15% of addresses a year."""
    tree = _tree(["web", {"preset": "email", "message": {"opt_in": 1.0, "signs_up": 0.0}}],
                 [_weekly("news", "email", "email")])  # fmt: skip
    scenario = build(tree)
    table = frame(run(scenario, load(scenario, "multichannel")), "multichannel")
    sends = _events(table, 1, scenario.time.burn_in, 10**9)
    value, error = _ratio(sends["delivered"], sends["delivered"] | True, sends["person"])
    assert abs(value - 0.995) < 3.7 * error, (value, error)


def test_persons_differ_in_how_they_answer():
    """The spread of persons' open rates is that of a personal effect N(0, 1) in the logit."""
    _, sends = _campaigns(as_shipped, (1,), "email")
    each = sends[sends["delivered"]].groupby("person")["open"].agg(["sum", "count"])
    each = each[each["count"] > 20]
    rate = each["sum"] / each["count"]
    noise = (rate * (1 - rate) / (each["count"] - 1)).mean()
    node, weight = np.polynomial.hermite_e.hermegauss(41)
    weight = weight / weight.sum()
    low, high = -10.0, 10.0
    for _ in range(60):
        x = (low + high) / 2
        low, high = (x, high) if weight @ (1 / (1 + np.exp(-x - node))) < 0.16 else (low, x)
    spread = weight @ (1 / (1 + np.exp(-x - node))) ** 2 - 0.16**2
    # Needs that are there at times and not at others spread the rates a little more.
    assert 0.8 * spread < rate.var() - noise < 1.5 * spread


STANDING = {
    "recency": {"fades": 0.8, "never": -2.0, "orders": 0.1},
    "saturation": {"slope": 0.4, "memory": "40d"}, "taste": {"spread": 1.0, "bought": 0.8},
    "exposure": {"seen": 0.3},
}  # fmt: skip


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_base_rates_come_back_where_answers_hang_on_the_last_order(share):
    """Whether most have bought lately or hardly anybody has, the mean is the base rate."""
    scenario = _fatigue_world([_weekly("news", "email", "email")])
    channels = scenario.model_dump()["channels"]
    channels[1]["message"]["click"] = 0.02
    scenario = scenario.changed(
        {"world": STANDING, "population": {"prior_buyers": share}, "channels": channels}
    )
    table = frame(run(scenario, load(scenario, "multichannel"), pilot=2000), "multichannel")
    table = table[table["kind"].isin(["sent", "delivered", "open", "click"])]
    since = scenario.time.burn_in
    sends = _events(table, 1, since, since + scenario.time.window - 14 * DAY)
    for column, rate in (("open", 0.16), ("click", 0.02)):
        value, error = _ratio(sends[column], sends["delivered"], sends["person"])
        assert abs(value - rate) < 3.7 * error, (column, value, rate, error)
        assert error < 0.1 * rate


# Fatigue


@pytest.mark.slow
def test_the_open_rate_falls_with_the_weekly_volume_as_published():
    """n sends a week, a journey a weekday: about base * n ** -0.27 (GetResponse)."""
    days = {1: [1], 2: [0, 3], 3: [0, 2, 4], 7: list(range(7))}
    rates = {}
    for n, weekdays in days.items():
        scenario = _fatigue_world([_weekly(f"d{d}", "email", "email", d) for d in weekdays])
        result = run(scenario, load(scenario, "multichannel"), pilot=2000)
        table = frame(result, "multichannel")
        table = table[table["kind"].isin(["sent", "delivered", "open", "click"])]
        since = scenario.time.burn_in
        sends = _events(table, 1, since, since + scenario.time.window - 7 * DAY)
        assert len(sends) > 0.95 * n * 900 * 20
        rates[n] = _ratio(sends["open"], sends["delivered"], sends["person"])
    for n, (value, error) in rates.items():
        expected = 0.16 * n**-0.27
        # Mondays and Thursdays are three and four days apart: the law is exact for even ones.
        assert abs(value - expected) < 3.7 * error + 0.01 * expected, (n, value, expected, error)
        assert error < 0.05 * expected
    slope = stats.linregress(
        np.log(list(rates)), np.log([value for value, _ in rates.values()])
    ).slope
    assert slope == pytest.approx(-0.27, abs=0.03)


def _fatigue_world(journeys):
    """Return a world of e-mails alone; hours are flat so that weekdays differ in nothing."""
    email = {"preset": "email", "message": {
        "opt_out": 0.0, "complaint": 0.0, "opt_in": 1.0, "signs_up": 0.0, "open_sigma": 0.5,
        "click": 0.0,
    }}  # fmt: skip
    tree = _tree(["web", email], journeys)
    tree["time"] = {"burn_in": "35d", "window": "147d", "run_out": "7d"}
    tree["population"]["customers"] = 900
    tree["population"]["household_sizes"] = [1.0]
    tree["world"] = {
        "hour_index": [100] * 24, "day_index": [100] * 7, "fatigue": {"spam_bad": 0.0},
    }  # fmt: skip
    return build(tree)


@pytest.mark.slow
def test_opt_outs_rise_past_a_persons_ideal_only():
    """Up to the ideal volume the hazard is the base; past it, it is convex (Godfrey 2011)."""
    rates = {}
    for n in (2, 7):
        scenario = _fatigue_world([_weekly(f"d{d}", "email", "email", d) for d in range(n)])
        email = scenario.model_dump()["channels"]
        email[1]["message"]["opt_out"] = 0.004
        scenario = scenario.changed({
            "channels": email,
            "world": {"fatigue": {"ideal": 3.5, "ideal_sigma": 0.0, "stop_all": 0.0}},
        })  # fmt: skip
        table = frame(run(scenario, load(scenario, "multichannel")), "multichannel")
        sends = _events(table, 1, 14 * DAY, 10**9)
        rates[n] = _ratio(sends["unsubscribe"], sends["delivered"], sends["person"])
    value, error = rates[2]
    # Two sends on days that follow each other feel like more for a day, but not like 3.5 a week.
    assert abs(value - 0.004) < 4 * error, rates
    value, error = rates[7]
    assert abs(value - 0.004 * (1 + (7 / 3.5 - 1) ** 2)) < 4 * error, rates


def test_opens_come_lognormally_late():
    """Half of the opens come within the channel's median delay, sigma as declared (GetResponse)."""
    tree = _tree(["web", {"preset": "email", "message": {"opt_in": 1.0}}],
                 [_weekly("news", "email", "email")])  # fmt: skip
    tree["time"] = {"burn_in": 0, "window": "56d", "run_out": "1400d"}
    scenario = build(tree)
    table = frame(run(scenario, load(scenario, "multichannel")), "multichannel")
    table = table[(table["channel"] == 1) & table["kind"].isin(["delivered", "open"])]
    both = table.pivot_table(index="message", columns="kind", values="time").dropna()
    delay = np.log(both["open"] - both["delivered"])
    assert len(delay) > 500
    assert stats.kstest(delay, stats.norm(math.log(5.7 * 3600), 2.42).cdf).pvalue > 1e-3
