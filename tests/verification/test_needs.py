"""Closed forms: needs and orders against the closed forms they are made after."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from tests.verification.worlds import (
    DAY,
    FLAT,
    INERT,
    WEEK,
    all_on,
    build,
    load,
    log,
    of_kinds,
    orders,
    run,
)

R, ALPHA_WEEKS, A, B = 0.243, 4.414, 0.793, 2.426  # CDNOW, Fader, Hardie & Lee 2005


def purchase_world(customers: int, days: int, **category):
    """Return a world in which each need becomes an order at once, and nothing else happens."""
    return build({
        "id": "purchases-v1",
        "time": {"burn_in": 0, "window": f"{days}d", "run_out": 0},
        "population": {
            "customers": customers, "dropout": {"a": A, "b": B}, "household_sizes": [1.0],
            "personas": [{"name": "all", "share": 1.0}],
        },
        "categories": [{
            "name": "discs", "spend": {"mean": 30.0}, "returns": 0.0, "latent": 0,
            "patience": "5000d", **category,
        }],
        "channels": [{"name": "shop", "silo": "shop", "visit": {"completes": 1.0}}],
        "world": {"intent": {"threshold": -20.0, "threshold_sd": 0.0},
                  "continuity": {"service": 0.0}, "tips": {"per_order": 0.0}, **FLAT},
        "brand": {"status_quo": "no_contact"},
    })  # fmt: skip


def counts(scenario, kind: str, seed: int = 1, until: float = math.inf) -> np.ndarray:
    rows = of_kinds(log(run(scenario, load(scenario, "no_contact"), seed=seed), "no_contact"), kind)
    rows = rows[rows["time"] < until]
    return np.bincount(rows["person"], minlength=scenario.population.customers)


def bgnbd_mean(t: float, r: float, alpha: float, a: float, b: float) -> float:
    """E[X(t)] of a customer chosen at random; equation 9 of Fader, Hardie & Lee (2005)."""
    z = t / (alpha + t)
    curve = special.hyp2f1(r, b, a + b - 1.0, z) * (alpha / (alpha + t)) ** r
    return float((a + b - 1.0) / (a - 1.0) * (1.0 - curve))


def bgnbd_pmf(n: int, t: float, r: float, alpha: float, a: float, b: float) -> np.ndarray:
    """P(X(t) = x) for x < n; equation 8 of the same."""
    x = np.arange(n)
    nbd = stats.nbinom.pmf(x, r, alpha / (alpha + t))
    alive = np.exp(special.betaln(a, b + x) - special.betaln(a, b))
    dropped = np.exp(special.betaln(a + 1.0, b + x - 1.0) - special.betaln(a, b))
    below = np.concatenate([[0.0], np.cumsum(nbd)[:-1]])
    return np.asarray(alive * nbd + np.where(x > 0, dropped * (1.0 - below), 0.0))


def writing(scenario):
    """Return the world with messages: they are seen and clicked, but all is bought already."""
    (shop,) = scenario.model_dump()["channels"]
    shop["visit"]["identifiers"] = [{"type": "device", "share": 1.0}]
    shop["message"] = {
        "address": "device", "delivered": 0.95, "open": 0.3, "click": 0.1, "opt_out": 0.002,
        "cost": 0.01, "landing": "shop",
    }  # fmt: skip
    again = {"message": {"shows": "bought", "channels": ["shop"], "success": "clicked"}}
    return scenario.changed({
        "channels": [shop],
        "world": INERT,
        "brand": {"status_quo": "omnichannel", "cap": {"messages": 3, "per": "28d"}, "journeys": [
            {"name": "again", "trigger": "order", "sequence": ["shop"],
             "steps": [{"delay": "7d"}, again]},
            {"name": "news", "trigger": "weekly", "sequence": ["shop"],
             "steps": [{"message": {"channels": ["shop"]}}]},
        ]},
    })  # fmt: skip


def bgnbd_world(n: int):
    every = round(ALPHA_WEEKS / R * WEEK)
    return purchase_world(n, 7 * 52, every=f"{every}s", shape=R)


@pytest.mark.parametrize("n", [12_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_orders_are_those_of_bgnbd(n):
    scenario = bgnbd_world(n)
    is_bgnbd(of_kinds(log(run(scenario, load(scenario, "no_contact")), "no_contact"), "order"), n)


@pytest.mark.parametrize("n", [3_000, pytest.param(60_000, marks=pytest.mark.long)])
def test_orders_are_those_of_bgnbd_where_messages_and_all_that_came_later_are_on(n):
    """Nobody has a need left that a message could meet, so that it brings no order.

    But one may make a customer leave who sleeps, and a visit that it leads to may become a habit in
    which more needs are found, so that nobody is woken or finds needs so here. BG/NBD has nobody
    who leaves but after an order.
    """
    less = {"waking": {"leaves": 0.0}, "attrition": {"yearly": 0.0}, "routine": {"needs": 0.0}}
    scenario = all_on(writing(bgnbd_world(n))).changed({"world": less})
    result = run(scenario, load(scenario, "no_contact", "omnichannel"))
    rows = log(result, "omnichannel")
    for kind in ("open", "click", "machine_open", "scanner_click"):
        assert len(of_kinds(rows, kind)) > n / 2, kind
    assert orders(result, "omnichannel") == orders(result, "no_contact")
    is_bgnbd(of_kinds(rows, "order"), n)


def is_bgnbd(rows: np.ndarray, n: int) -> None:
    """Assert that the orders of n persons have the model's mean and spread over persons."""
    for t in (8, 26, 52):
        x = np.bincount(rows["person"][rows["time"] < t * WEEK], minlength=n)
        error = x.std() / math.sqrt(n)
        expected = bgnbd_mean(t, R, ALPHA_WEEKS, A, B)
        assert abs(x.mean() - expected) < 4.0 * error, (t, x.mean(), expected, error)
        p = bgnbd_pmf(7, t, R, ALPHA_WEEKS, A, B)
        p = np.append(p, 1.0 - p.sum())
        seen = np.bincount(np.minimum(x, 7), minlength=8)
        assert stats.chisquare(seen, p * n).pvalue > 1e-4, (t, seen, p * n)


def test_spend_is_gamma_gamma():
    """Mean spend is the scenario's, and orders vary within and between persons as p and q say."""
    p, q = 6.25, 6.0
    scenario = purchase_world(
        4000, 364, every="40d", shape=50.0, spend={"mean": 30.0, "p": p, "q": q}
    ).changed({"population": {"dropout": {"a": 0.001, "b": 1000.0}}})
    rows = of_kinds(log(run(scenario, load(scenario, "no_contact")), "no_contact"), "order")
    cents, person = rows["paid"] / 100.0, rows["person"]
    n = np.bincount(person, minlength=4000)
    total = np.bincount(person, weights=cents, minlength=4000)
    mean = cents.mean()
    residual = total - mean * n  # clustered by person
    error = math.sqrt((residual**2).sum()) / n.sum()
    assert abs(mean - 30.0) < 4.0 * error, (mean, error)
    assert error < 0.5
    # An order given the person has a coefficient of variation of 1 / sqrt(p).
    some = n[person] > 5
    cents, person = cents[some], person[some]
    own = total[person] / n[person]
    within = ((cents - own) / own) ** 2 * n[person] / (n[person] - 1.0)
    # The own mean of m orders is itself uncertain: E[1 / mean^2] is off by 1 + 3 / (p m).
    bias = (1.0 + 1.0 / (p * n[person])) ** -1
    assert within.mean() == pytest.approx((bias / p).mean(), rel=0.05)
    # Persons' means are inverse gamma: variance mean^2 / (q - 2).
    means = (total / np.maximum(n, 1))[n > 5]
    noise = (means**2 / p / n[n > 5]).mean()
    assert means.var() - noise == pytest.approx(mean**2 / (q - 2.0), rel=0.25)


@pytest.mark.parametrize("k", range(1, 9))
def test_gaps_are_erlang_and_the_process_is_stationary_from_the_start(k):
    n, days, every = 1500, 150, 8
    scenario = purchase_world(n, days, every=f"{every}d", shape=1e6, regularity=k).changed(
        {"population": {"dropout": {"a": 0.001, "b": 1000.0}}}
    )
    rows = of_kinds(log(run(scenario, load(scenario, "no_contact")), "no_contact"), "need")
    # Stationary: as many in the first days as later, one in `every` days.
    for low, high in ((0, 4), (4, 20), (100, 150)):
        inside = (rows["time"] >= low * DAY) & (rows["time"] < high * DAY)
        each = np.bincount(rows["person"][inside], minlength=n)
        error = max(each.std() / math.sqrt(n), 1e-9)
        assert abs(each.mean() - (high - low) / every) < 4.5 * error, (k, low, each.mean())
    # Gaps 1 to 6 of everybody: all are over long before the end, so none is cut off.
    order = np.lexsort((rows["time"], rows["person"]))
    times, person = rows["time"][order], rows["person"][order]
    place = np.arange(len(person)) - np.searchsorted(person, person)
    gaps = np.diff(times)[(np.diff(person) == 0) & (place[1:] <= 6)] / DAY
    assert len(gaps) > 0.98 * 6 * n
    assert gaps.mean() == pytest.approx(every, abs=4.5 * every / math.sqrt(k * len(gaps)))
    kurtosis = 3.0 + 6.0 / k
    error = every**2 / k * math.sqrt((kurtosis - 1.0) / len(gaps))
    assert abs(gaps.var() - every**2 / k) < 4.5 * error, (k, gaps.var(), every**2 / k)
    assert stats.kstest(gaps, stats.gamma(k, scale=every / k).cdf).pvalue > 1e-4


def test_rates_are_gamma_over_persons():
    """Without dropout the number of needs is negative binomial."""
    n, shape, days = 8_000, 0.7, 60
    scenario = purchase_world(n, days, every="20d", shape=shape).changed(
        {"population": {"dropout": {"a": 0.001, "b": 1000.0}}}
    )
    x = counts(scenario, "need")
    alpha = shape * 20.0
    p = stats.nbinom.pmf(np.arange(14), shape, alpha / (alpha + days))
    p = np.append(p, 1.0 - p.sum())
    seen = np.bincount(np.minimum(x, 14), minlength=15)
    assert stats.chisquare(seen, p * n).pvalue > 1e-4, (seen, p * n)


def test_needs_follow_the_season():
    n = 3000
    season = [0.5, 1.5] + [1.0] * 10
    scenario = purchase_world(n, 364, every="10d", shape=1e6, season=season).changed(
        {"population": {"dropout": {"a": 0.001, "b": 1000.0}}, "time": {"start": "2025-01-01"}}
    )
    rows = of_kinds(log(run(scenario, load(scenario, "no_contact")), "no_contact"), "need")
    day = rows["time"] // DAY
    for first, last, index in ((0, 31, 0.5), (31, 59, 1.5), (59, 334, 1.0)):
        found = ((day >= first) & (day < last)).sum()
        expected = n * (last - first) / 10.0 * index
        assert abs(found - expected) < 4.5 * math.sqrt(expected), (first, found, expected)
