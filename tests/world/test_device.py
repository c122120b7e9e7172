"""Devices: their shares, what draws a visit to one of them, and what the log and measures say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from omnilab.errors import ScenarioError
from omnilab.scenario import scenario_digest
from omnilab.world.device import (
    COMPUTER,
    DEVICE_NAMES,
    PHONE,
    TABLET,
    device_for,
    idle_device,
    more_to_choose,
    use_device,
)
from omnilab.world.needs import Need
from omnilab.world.state import Person
from tests.plain import plain
from tests.verification.worlds import digests, frame, having, load, run, values, world
from tests.worlds import STORE, WEB, middles, model_of, record

N = 2000
DECAY = 0.36 / 86400.0


def model_with(*, phone: float = 0.5, tablet: float = 0.2, **devices: float) -> Any:
    """Return the corner shop's model with these shares and these pulls."""
    pulls = {"drawn": int(bool(devices))} | devices
    model = model_of(devices=pulls, intent={"decay": DECAY})
    model.persona[0].phone, model.persona[0].no_computer = phone, phone + tablet
    return model


def shares(model: Any, c: int = WEB, t: int = 0, **need: Any) -> np.ndarray:
    """Return how often each device is chosen, over evenly spread uniforms."""
    person = record(Person, on_device=-1)
    wants = record(Need, **({"on_device": -1, "value": 2000} | need))
    on = [plain(device_for)(model, person, wants, c, t, u) for u in middles(N)]
    return np.bincount(on, minlength=3) / N


def test_by_themselves_the_shares_alone_decide() -> None:
    model = model_with()
    np.testing.assert_allclose(shares(model), [0.3, 0.5, 0.2], atol=1e-9)
    np.testing.assert_allclose(shares(model, stock=3.0, on_device=PHONE), [0.3, 0.5, 0.2])
    person = record(Person, on_device=-1)
    for u in middles(100):
        expected = PHONE if u < 0.5 else TABLET if u < 0.7 else COMPUTER
        assert plain(idle_device)(model, person, WEB, 0, u) == expected
        assert plain(idle_device)(model, person, STORE, 0, u) == 0


@pytest.mark.parametrize("before", [-1, COMPUTER, PHONE, TABLET])
@pytest.mark.parametrize(
    "pulls",
    [{"ripe": 0.7}, {"dear": 0.8}, {"keeps": 1.5}, {"ripe": 0.4, "dear": 0.3, "keeps": 2.0}],
)
def test_a_need_draws_to_a_device_by_a_logit_around_the_shares(
    pulls: dict[str, float], before: int
) -> None:
    model = model_with(**pulls)
    half_life = int(math.log(2.0) / DECAY)
    found = shares(model, t=half_life, stock=3.0, stock_t=0, value=5000, on_device=before)
    typical = 2000.0  # cents, of an order of the corner shop's beans
    x = np.zeros(3)
    x[COMPUTER] = pulls.get("ripe", 0.0) * 1.5 + pulls.get("dear", 0.0) * math.log(5000 / typical)
    if before >= 0:
        x[before] += pulls.get("keeps", 0.0)
    weights = np.array([0.3, 0.5, 0.2]) * np.exp(x)
    np.testing.assert_allclose(found, weights / weights.sum(), atol=1.5 / N)


def test_who_has_just_been_there_is_on_the_same_device_still() -> None:
    model = model_with(session=1800)
    person, need = record(Person), record(Need, on_device=COMPUTER, value=2000)
    plain(use_device)(model, person, WEB, TABLET, 1000)
    plain(use_device)(model, person, STORE, COMPUTER, 1100)  # is visited on none
    for t, stays in ((1000, True), (2799, True), (2800, False)):
        on = {plain(device_for)(model, person, need, WEB, t, u) for u in middles(50)}
        idle = {plain(idle_device)(model, person, WEB, t, u) for u in middles(50)}
        assert (on == {TABLET}) is stays
        assert (idle == {TABLET}) is stays
        assert plain(device_for)(model, person, need, STORE, t, 0.1) == 0


def test_it_takes_more_to_choose_on_the_phone() -> None:
    model = model_with(phone_threshold=0.4, tablet_threshold=0.1)
    more = [plain(more_to_choose)(model, d) for d in (COMPUTER, PHONE, TABLET)]
    assert more == [0.0, 0.4, 0.1]


# Logs


def devices(tablet: float = 0.15, **pulls: Any) -> Any:
    personas = [{"name": "one", "share": 1.0, "phone": 0.55, "tablet": tablet}]
    return world(
        population={"customers": 150, "personas": personas},
        channels=["web", "store", "email"],
        brand={"journeys": []},
        world={"devices": pulls},
    )


def test_keys_at_their_defaults_change_neither_digest_nor_log() -> None:
    personas = [{"name": "one", "share": 1.0}]
    changes = {"population": {"customers": 24, "personas": personas}}
    before = world(**changes)
    off = {"devices": {"ripe": 0.0, "dear": 0.0, "keeps": 0.0, "session": 0}}
    personas = [{"name": "one", "share": 1.0, "tablet": 0.0}]
    after = world(population={"customers": 24, "personas": personas}, world=off)
    on = after.changed({"world": {"devices": {"keeps": 2.0}}})
    assert scenario_digest(before) == scenario_digest(after) != scenario_digest(on)
    results = [digests(run(s, load(s, "omnichannel"))) for s in (before, after, on)]
    assert results[0] == results[1] != results[2]


def test_measures_by_device_are_what_the_rows_say() -> None:
    scenario = devices(ripe=0.8, dear=0.5, keeps=2.0, session="30min")
    result = run(scenario, load(scenario, "no_contact"))
    log = frame(result, "no_contact")
    time = scenario.time
    start, end = time.burn_in, time.burn_in + time.window
    visits = having(log, "visit")
    visits = visits[visits["channel"] == 0]
    sold = having(log, "order")
    sold = sold[(sold["channel"] == 0) & (sold["time"] >= start) & (sold["time"] < end)]
    ways = visits[visits["need"] >= 0].groupby(["person", "need"])["on_device"].agg(tuple)
    way = [ways[key] for key in zip(sold["person"], sold["need"], strict=True)]
    inside = visits[(visits["time"] >= start) & (visits["time"] < end)]
    found = {name: estimate.value for name, estimate in values(result, "no_contact").items()}
    assert set(inside["on_device"]) == {COMPUTER, PHONE, TABLET}
    for device, name in enumerate(DEVICE_NAMES):
        last = np.array([w[-1] == device for w in way])
        began = np.array([w[0] == device for w in way])
        here = (inside["on_device"] == device).sum()
        assert found[f"conversion_{name}"] == pytest.approx(last.sum() / here)
        assert found[f"aov_{name}"] == pytest.approx(sold["paid"][last].mean() / 100)
        assert found[f"device_kept_{name}"] == pytest.approx((began & last).sum() / began.sum())
    several = np.mean([len(set(w)) > 1 for w in way])
    assert found["several_devices"] == pytest.approx(several)
    # People look on the phone and buy on the computer.
    assert found["device_kept_computer"] > found["device_kept_phone"]
    assert found["aov_computer"] > found["aov_phone"]


def test_both_engines_have_the_same_log_on_three_devices() -> None:
    scenario = devices(ripe=0.5, keeps=2.0, session="1h").changed({"population": {"customers": 16}})
    strategies = load(scenario, "no_contact")
    compiled, plain_log = (digests(run(scenario, strategies, engine=e)) for e in ENGINES)
    assert compiled == plain_log


ENGINES = ("compiled", "simpy")


def test_who_needs_more_to_choose_on_the_phone_fills_fewer_carts_there() -> None:
    carts = []
    for more in (0.0, 1.5):
        scenario = devices(tablet=0.0, phone_threshold=more)
        log = frame(run(scenario, load(scenario, "no_contact")), "no_contact")
        rows = log[log["kind"].isin(["visit", "cart"]) & (log["need"] >= 0)].copy()
        rows["cart"] = (rows["kind"] == "cart").groupby(rows["person"]).shift(-1)
        visits = rows[(rows["kind"] == "visit") & (rows["channel"] == 0)]
        by_device = visits.groupby("on_device")["cart"].apply(lambda c: (c == True).mean())  # noqa: E712
        carts.append(by_device[PHONE] / by_device[COMPUTER])
    assert carts[0] == pytest.approx(1.0, abs=0.3)
    assert carts[1] < 0.5 * carts[0]


def test_shares_of_devices_beyond_all_are_an_error_that_names_them() -> None:
    with pytest.raises(ScenarioError, match="phone and tablet are shares of the same visits"):
        devices(tablet=0.5)
