"""A mailshot has one effect for all who get it, and it is the effect that the formulas say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize

from omnilab.engine.calibrate import solve_intercepts
from omnilab.errors import ScenarioError
from omnilab.kernels.compiling import kernel
from omnilab.lowering.model import build_model, with_key
from omnilab.scenario import scenario_digest
from omnilab.scenario.model import Scenario
from omnilab.world.mailshot import mailshot_effect
from tests.verification.worlds import (
    DAY,
    FLAT,
    build,
    digests,
    frame,
    inert_world,
    load,
    log,
    merged,
    orders,
    run,
    same_rows,
    world,
)

SD, PERSONS, DAYS = 0.4, 500, 350


@kernel
def ask(model: Any, sends: Any, out: Any) -> None:
    for i in range(len(sends)):
        out[i] = mailshot_effect(model, sends[i, 0], sends[i, 1], sends[i, 2])


def asked(sends: Any, sd: float, seed: int = 1) -> Any:
    model = with_key(build_model(world(world={"mailshot": {"sd": sd}})), seed, 0)
    out = np.zeros(len(sends))
    ask(model, np.array(sends, np.int64), out)
    return out


def test_without_it_all_mailshots_do_alike() -> None:
    assert (asked([(0, 0, 0), (10**7, 3, 77)], 0.0) == 0.0).all()


def test_it_belongs_to_day_channel_and_content() -> None:
    morning, night = 9 * 3600, DAY - 1
    sends = [(morning, 2, 77), (night, 2, 77), (DAY, 2, 77), (morning, 3, 77), (morning, 2, 78)]
    first, same, *others = asked(sends, SD)
    assert first == same
    assert len({first, *others}) == 4
    assert first != asked(sends, SD, seed=2)[0]
    assert len(set(asked([(0, c, k) for c in range(32) for k in (0, 1, 65535)], SD))) == 96


def test_it_is_normal_over_mailshots() -> None:
    n = 20_000
    found = asked([(DAY * d, c, 5) for d in range(n // 4) for c in range(4)], SD)
    assert abs(found.mean()) < 4 * SD / np.sqrt(n)
    assert found.std() == pytest.approx(SD, rel=4 / np.sqrt(2 * n))
    assert np.corrcoef(found[:-1], found[1:])[0, 1] == pytest.approx(0.0, abs=4 / np.sqrt(n))


# Logs


def daily(**changes: Any) -> Scenario:
    """Return a world in which everybody gets the same e-mail every day, each alone in a cell."""
    email = {"preset": "email", "message": {
        "opt_in": 1.0, "signs_up": 0.0, "opt_out": 0.0, "complaint": 0.0, "delivered": 1.0,
        "open": 0.16, "click": 0.03, "open_delay": "1h", "open_sigma": 0.5,
    }}  # fmt: skip
    journeys = [
        {"name": f"day_{d}", "trigger": "weekly", "weekday": d, "at": "10:00",
         "sequence": ["email"], "steps": [{"message": {"channels": ["email"]}}]}
        for d in range(7)
    ]  # fmt: skip
    tree = {
        "id": "daily-v1",
        "time": {"burn_in": "7d", "window": f"{DAYS}d", "run_out": "7d"},
        "population": {"customers": PERSONS, "household_sizes": [1.0], "households_per_cell": 1,
                       "personas": [{"name": "all", "share": 1.0}]},
        "categories": [{"name": "beans", "every": "35d", "spend": {"mean": 20.0}}],
        "channels": ["web", email],
        "world": {
            **FLAT, "response": {"need": 0.0}, "mailshot": {"sd": SD},
            "fatigue": {"spam_bad": 0.0, "exponent": 0.0},
            "identifiers": {"typo": 0.0, "changes_a_year": 0.0},
        },
        "brand": {"cap": None, "quiet_hours": None, "journeys": journeys},
    }  # fmt: skip
    return build(merged(tree, changes))


def opened(scenario: Scenario) -> tuple[Any, Any]:
    """Return how many opened the mail of each day of the window, and clicked it."""
    table = frame(run(scenario, load(scenario, "multichannel")), "multichannel")
    sent = table[(table["kind"] == "sent") & (table["time"] >= scenario.time.burn_in)]
    assert len(sent) == PERSONS * DAYS
    found = []
    for kind in ("open", "click"):
        those = sent[sent["message"].isin(table.loc[table["kind"] == kind, "message"])]
        day = (those["time"] - scenario.time.burn_in) // DAY
        found.append(np.bincount(day, minlength=DAYS))
    return found[0], found[1]


def spread_of_rates(sd: float, base: float = 0.16, personal: float = 1.0) -> float:
    """Return the standard deviation over mailshots of the share that opens, by the formulas."""
    node, weight = np.polynomial.hermite_e.hermegauss(41)
    weight = weight / weight.sum()

    def rates(level: float) -> Any:
        x = level + personal * node[:, None] + sd * node[None, :]
        return weight @ (1 / (1 + np.exp(-x)))

    level = optimize.brentq(lambda x: weight @ rates(x) - base, -30, 30)
    return float(np.sqrt(weight @ rates(level) ** 2 - base**2))


def spread_found(opens: Any) -> float:
    """Return the same of a log, without what chance adds: pairs of persons and a mailshot each."""
    pairs = (opens * (opens - 1) / (PERSONS * (PERSONS - 1))).mean()
    return float(np.sqrt(max(pairs - (opens.mean() / PERSONS) ** 2, 0.0)))


@pytest.mark.slow
def test_the_spread_over_mailshots_is_estimated_back_though_no_two_persons_meet() -> None:
    opens, _ = opened(daily())
    found = optimize.brentq(lambda sd: spread_of_rates(sd) - spread_found(opens), 0.01, 3.0)
    assert found == pytest.approx(SD, rel=0.15)


@pytest.mark.slow
def test_without_it_days_differ_by_chance_alone() -> None:
    opens, _ = opened(daily(world={"mailshot": {"sd": 0.0}}))
    # Persons differ and are the same every day, so the counts spread a little less than binomials.
    assert opens.var() < PERSONS * 0.16 * 0.84 * 1.2


@pytest.mark.slow  # intercepts and the closed form hold it every time
def test_base_rates_come_back_over_mailshots() -> None:
    opens, clicks = opened(daily(world={"mailshot": {"sd": 1.5}}))
    for counts, base, persons in ((opens, 0.16, 0.13), (clicks, 0.03, 0.04)):
        rate = counts / PERSONS
        error = np.hypot(rate.std() / np.sqrt(DAYS), persons / np.sqrt(PERSONS))
        assert abs(rate.mean() - base) < 3.7 * error


def test_intercepts_give_the_base_rates_over_persons_needs_and_mailshots() -> None:
    model = build_model(daily(world={"mailshot": {"sd": 0.8}, "response": {"need": 1.35}}))
    match, share = np.array([0.0, 0.3]), np.array([0.6, 0.4])
    solve_intercepts(model, match, share)
    channel = model.ch[1]
    node, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()
    z, m, s = np.meshgrid(node, model.response.need * match, 0.8 * node, indexing="ij")
    joint = np.einsum("i,j,k->ijk", weight, share, weight)
    opens = 1 / (1 + np.exp(-channel.open_logit - z - m - s))
    clicks = opens / (1 + np.exp(-channel.click_logit - z - m))
    assert (joint * opens).sum() == pytest.approx(0.16, rel=1e-5)
    assert (joint * clicks).sum() == pytest.approx(0.03, rel=1e-5)


@pytest.mark.parametrize(("personal", "sd"), [(1.0, 0.47), (2.45, 0.68)])
def test_the_published_spread_is_reached_where_the_page_says(personal: float, sd: float) -> None:
    assert spread_of_rates(sd, 0.091, personal) == pytest.approx(0.036, abs=0.0005)


def test_off_is_the_scenario_and_the_log_that_were() -> None:
    changes: list[dict[str, Any]] = [{}, {"mailshot": {"sd": 0.0}}, {"mailshot": {"sd": SD}}]
    before, off, on = (world(world=change) for change in changes)
    assert scenario_digest(before) == scenario_digest(off) != scenario_digest(on)
    results = [digests(run(s, load(s, "omnichannel"))) for s in (before, off, on)]
    assert results[0] == results[1] != results[2]


def test_both_engines_have_the_same_log() -> None:
    scenario = world(population={"customers": 20}, world={"mailshot": {"sd": 1.0}})
    strategies = load(scenario, "omnichannel", "multichannel")
    compiled, plain = (digests(run(scenario, strategies, engine=e)) for e in ("compiled", "simpy"))
    assert compiled == plain


def test_a_journey_by_another_name_meets_the_same_luck() -> None:
    scenario = daily(population={"customers": 60}, time={"window": "70d"})
    brand = scenario.model_dump()["brand"]
    renamed = [{**j, "name": f"other_{n}"} for n, j in enumerate(brand["journeys"])]
    other = scenario.changed({"brand": {"journeys": renamed}})
    logs = [log(run(s, load(s, "multichannel")), "multichannel") for s in (scenario, other)]
    same_rows(*logs)


def test_messages_without_effect_still_change_no_order() -> None:
    scenario = inert_world(population={"customers": 80}, world={"mailshot": {"sd": 2.0}})
    result = run(scenario, load(scenario, "no_contact", "omnichannel"))
    assert orders(result, "no_contact") == orders(result, "omnichannel")


def test_a_spread_below_nothing_is_an_error_that_names_it() -> None:
    with pytest.raises(ScenarioError, match=r"mailshot\.sd"):
        world(world={"mailshot": {"sd": -0.4}})
