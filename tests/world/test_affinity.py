"""A person's own effect for each channel, and own hours, are what their formulas say."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from omnilab.engine.calibrate import solve_intercepts
from omnilab.errors import ScenarioError
from omnilab.kernels.compiling import kernel
from omnilab.lowering.model import build_model
from omnilab.scenario import scenario_digest
from omnilab.scenario.model import Scenario
from omnilab.strategy.plan import Sharing
from omnilab.world.affinity import effect_on, effects_of_hours, hour_effect
from tests.verification.worlds import (
    DAY,
    FLAT,
    WEEK,
    build,
    digests,
    frame,
    inert_world,
    load,
    merged,
    mixture,
    orders,
    run,
    world,
)
from tests.worlds import cell_of

PERSONS = 4000


@kernel
def ask(model: Any, cell: Any, entities: Any, channels: Any, times: Any, out: Any) -> None:
    """Write for each person the effects on the channels, then those of the times."""
    person = cell.person[0]
    for i in range(len(entities)):
        person.entity = entities[i]
        person.effect = 0.25
        for j in range(len(channels)):
            out[i, j] = effect_on(model, person, channels[j])
        for j in range(len(times)):
            out[i, len(channels) + j] = hour_effect(model, person, times[j])


def asked(channels: Any, times: Any, **affinity: float) -> Any:
    model = build_model(world(world={"affinity": affinity}))
    out = np.zeros((PERSONS, len(channels) + len(times)))
    ask(model, cell_of(), np.arange(PERSONS) * 8, np.array(channels), np.array(times), out)
    return out[:, : len(channels)], out[:, len(channels) :]


def test_without_it_the_effect_is_the_common_one_and_no_hour_is_different() -> None:
    effects, hours = asked([0, 5, 31], [0, 40_000, 10**7])
    assert (effects == 0.25).all()
    assert (hours == 0.0).all()


def test_own_effects_are_independent_and_take_their_part_of_the_variance() -> None:
    effects, _ = asked([0, 3, 31], [0], own=0.36)
    own = (effects - 0.8 * 0.25) / 0.6
    error = 1 / np.sqrt(PERSONS)
    np.testing.assert_allclose(own.mean(axis=0), 0.0, atol=4 * error)
    np.testing.assert_allclose(np.cov(own.T), np.eye(3), atol=6 * error)


def test_own_hours_add_nothing_on_average_at_any_hour() -> None:
    times = [0, 3 * 3600, 10 * 3600, DAY - 1]
    _, hours = asked([0], times, hours=0.5)
    error = 0.5 / np.sqrt(PERSONS)
    np.testing.assert_allclose(hours.mean(axis=0), 0.0, atol=4 * error)
    np.testing.assert_allclose(hours.std(axis=0), 0.5, atol=4 * error)
    assert abs(hours).max() <= 0.5 * np.sqrt(2)


def test_own_hours_are_the_same_every_day_and_the_other_way_round_at_night() -> None:
    noon = 12 * 3600
    _, hours = asked([0], [0, DAY, 100 * DAY, noon], hours=0.5)
    np.testing.assert_array_equal(hours[:, 0], hours[:, 1])
    np.testing.assert_array_equal(hours[:, 0], hours[:, 2])
    np.testing.assert_allclose(hours[:, 3], -hours[:, 0], atol=1e-12)


# Logs


MESSAGE = {
    "opt_in": 1.0, "signs_up": 0.0, "opt_out": 0.0, "complaint": 0.0, "delivered": 1.0,
    "open": 0.16, "click": 0.03, "open_delay": "1h", "open_sigma": 0.5,
}  # fmt: skip
SHOWN = [{"type": t, "share": 1.0} for t in ("email", "messenger", "phone")]


def _weekly(name: str, channels: list[str], weekday: int, at: str) -> dict[str, Any]:
    return {
        "name": name, "trigger": "weekly", "weekday": weekday, "at": at, "sequence": channels,
        "steps": [{"message": {"channels": channels, "success": "sent"}}],
    }  # fmt: skip


def tastes(journeys: list[dict[str, Any]], **changes: Any) -> Scenario:
    """Return a world of equal channels, whose persons can be written to on each of them."""
    write = [{"preset": c, "message": MESSAGE} for c in ("email", "messenger", "sms")]
    tree = {
        "id": "tastes-v1",
        "time": {"burn_in": "28d", "window": "280d", "run_out": "7d"},
        "population": {
            "customers": 1500, "household_sizes": [1.0],
            "personas": [{"name": "all", "share": 1.0}],
        },
        "categories": [{"name": "beans", "every": "25d", "spend": {"mean": 20.0}}],
        "channels": [{"preset": "web", "visit": {"identifiers": SHOWN}}, *write],
        "world": {
            "fatigue": {"spam_bad": 0.0},
            "identifiers": {"typo": 0.0, "changes_a_year": 0.0},
        },
        "brand": {"cap": None, "quiet_hours": None, "journeys": journeys},
    }  # fmt: skip
    return build(merged(tree, changes))


WHOLE, OWN, HOURS = 2.0, 0.6, 0.8
MANY = 6000


@cache
def answers() -> tuple[Scenario, Any, Any]:
    """Simulate three sends a week: two by e-mail at opposite hours, one by messenger.

    Return the opens and the clicks by person and send of the week, and the number of weeks.
    """
    journeys = [
        _weekly("morning", ["email"], 0, "10:00"), _weekly("night", ["email"], 3, "22:00"),
        _weekly("other", ["messenger"], 5, "10:00"),
    ]  # fmt: skip
    scenario = tastes(
        journeys,
        world={
            **FLAT, "response": {"need": 0.0, "personal_sd": WHOLE},
            "affinity": {"own": OWN, "hours": HOURS},
            "fatigue": {"exponent": 0.0, "spam_bad": 0.0},
        },
        population={"customers": MANY},
    )  # fmt: skip
    result = run(scenario, load(scenario, "multichannel"))
    table = frame(result, "multichannel", "sent", "open", "click")
    since, weeks = scenario.time.burn_in, scenario.time.window // WEEK
    sent = table[(table["kind"] == "sent") & (table["time"] >= since)]
    counts = np.zeros((3, MANY, 3))
    for kind, to in zip(("sent", "open", "click"), counts, strict=True):
        ids = table.loc[table["kind"] == kind, "message"]
        rows = sent[sent["message"].isin(ids)]
        day = rows["time"] % WEEK // DAY
        np.add.at(to, (rows["person"].to_numpy(), day.map({0: 0, 3: 1, 5: 2}).to_numpy()), 1)
    assert (counts[0] == weeks).all()
    return scenario, counts[1:], weeks


def moments(opens: Any, n: int) -> tuple[Any, Any]:
    """Return means over persons of products of two chances, each with its standard error."""
    pairs = [
        opens[:, 0] * (opens[:, 0] - 1) / (n * (n - 1)),  # the morning's twice
        opens[:, 0] * opens[:, 1] / n**2,  # one channel at opposite hours
        opens[:, 0] * opens[:, 2] / n**2,  # two channels at one hour
    ]
    return np.mean(pairs, axis=1), np.std(pairs, axis=1) / np.sqrt(len(opens))


def expected(whole: float, own: float, hours: float) -> Any:
    """Return the same by the formulas, for a base rate of 16%: by quadrature over persons."""
    node, weight = np.polynomial.hermite_e.hermegauss(21)
    weight = weight / weight.sum()
    turn = np.cos(2 * np.pi * (np.arange(16) + 0.5) / 16) * hours * np.sqrt(2)
    z, a, b, h = np.meshgrid(node, node, node, turn, indexing="ij")
    w = np.einsum("i,j,k,l->ijkl", weight, weight, weight, np.full(16, 1 / 16))
    mail, other = (whole * (np.sqrt(1 - own) * z + np.sqrt(own) * e) for e in (a, b))

    def chance(level: float, x: Any) -> Any:
        return 1 / (1 + np.exp(-level - x))

    level = optimize.brentq(lambda x: (w * chance(x, mail + h)).sum() - 0.16, -20, 20)
    first, night, second = (chance(level, x) for x in (mail + h, mail - h, other + h))
    return np.array([(w * first * x).sum() for x in (first, night, second)])


def test_base_rates_come_back() -> None:
    _, (opens, clicks), weeks = answers()
    for counts, base in ((opens, 0.16), (clicks, 0.03)):
        each = counts.sum(axis=1) / (3 * weeks)
        assert abs(each.mean() - base) < 3.7 * each.std() / np.sqrt(len(each))


def test_pairs_of_answers_are_as_often_as_the_formulas_say() -> None:
    _, (opens, _), weeks = answers()
    found, error = moments(opens, weeks)
    np.testing.assert_array_less(abs(found - expected(WHOLE, OWN, HOURS)), 3.7 * error)
    for wrong in ((WHOLE, 0.3, HOURS), (WHOLE, OWN, 0.2), (1.4, OWN, HOURS)):
        assert (abs(found - expected(*wrong)) > 3.7 * error).any()


def test_the_spreads_are_estimated_back_from_the_log() -> None:
    _, (opens, _), weeks = answers()
    found, _ = moments(opens, weeks)
    fit = optimize.least_squares(
        lambda x: expected(*x) / found - 1.0, (1.0, 0.5, 0.5), bounds=([0.1, 0, 0], [5, 1, 3]),
        diff_step=1e-4,
    )  # fmt: skip
    whole, own, hours = fit.x
    assert whole == pytest.approx(WHOLE, rel=0.1)
    assert own == pytest.approx(OWN, abs=0.12)
    assert hours == pytest.approx(HOURS, rel=0.2)


def test_intercepts_give_the_base_rates_over_persons_needs_and_hours() -> None:
    scenario = tastes([_weekly("news", ["email"], 0, "10:00")], world={"affinity": {"hours": 1.0}})
    model = build_model(scenario)
    match, share = np.array([0.0, 0.3]), np.array([0.6, 0.4])
    solve_intercepts(model, match, share)
    channel = model.ch[1]
    node, weight = np.polynomial.hermite_e.hermegauss(60)
    hours = np.cos(2 * np.pi * np.arange(100) / 100) * np.sqrt(2)
    z, m, h = np.meshgrid(node, model.response.need * match, hours, indexing="ij")
    joint = np.einsum("i,j,k->ijk", weight / weight.sum(), share, np.full(100, 0.01))
    opens = 1 / (1 + np.exp(-channel.open_logit - z - m - h))
    clicks = opens / (1 + np.exp(-channel.click_logit - z - m))
    assert (joint * opens).sum() == pytest.approx(0.16, rel=1e-5)
    assert (joint * clicks).sum() == pytest.approx(0.03, rel=1e-5)
    assert len(effects_of_hours(model)) > 1


def test_off_is_the_scenario_and_the_log_that_were() -> None:
    before, after = world(), world(world={"affinity": {"own": 0.0, "hours": 0.0}})
    assert scenario_digest(before) == scenario_digest(after)
    on = world(world={"affinity": {"own": 0.5}})
    assert scenario_digest(before) != scenario_digest(on)
    results = [digests(run(s, load(s, "omnichannel"))) for s in (before, after, on)]
    assert results[0] == results[1] != results[2]


@pytest.mark.parametrize("affinity", [{"own": 0.7}, {"hours": 1.0}])
def test_both_engines_have_the_same_log(affinity: dict[str, float]) -> None:
    scenario = world(population={"customers": 20}, world={"affinity": affinity})
    strategies = load(scenario, "omnichannel", "multichannel")
    compiled, plain = (digests(run(scenario, strategies, engine=e)) for e in ("compiled", "simpy"))
    assert compiled == plain


def test_messages_without_effect_still_change_no_order() -> None:
    scenario = inert_world(population={"customers": 80})
    on = scenario.changed({"world": {"affinity": {"own": 0.8, "hours": 1.0}}})
    result = run(on, load(on, "no_contact", "omnichannel"))
    assert orders(result, "no_contact") == orders(result, "omnichannel")
    assert orders(result, "no_contact") == orders(run(scenario, load(scenario, "no_contact")),
                                                  "no_contact")  # fmt: skip


@pytest.mark.parametrize(("own", "matters"), [(0.7, True), (0.0, False)])
def test_who_differs_in_channels_is_better_written_to_by_channel(own: float, matters: bool) -> None:
    """Omnichannel's channel choice, left out, costs clicks and orders where persons differ."""
    scenario = tastes(
        [_weekly("news", ["email", "messenger", "sms"], 1, "10:00")],
        time={"burn_in": "60d", "window": "180d", "run_out": "14d"},
        world={"response": {"personal_sd": WHOLE}, "affinity": {"own": own}},
    )
    by_choice = [
        mixture(scenario, Sharing("all", "all", "all", choice, "all", "all"), choice)
        for choice in ("all", "handoff")
    ]
    result = run(scenario, by_choice, pilot=500, keep=False)
    for measure in ("click_rate", "orders_per_customer"):
        difference = result.moments.difference(measure, "all", "handoff")
        assert (difference.low > 0.0) is matters, (measure, difference)
        assert difference.high > 0.0
    messages = result.moments.difference("messages_per_customer", "all", "handoff")
    assert messages.value == 0.0


@pytest.mark.parametrize(("key", "value"), [("own", -0.1), ("own", 1.5), ("hours", -1.0)])
def test_a_spread_out_of_its_range_is_an_error_that_names_it(key: str, value: float) -> None:
    with pytest.raises(ScenarioError, match=rf"affinity\.{key}"):
        world(world={"affinity": {key: value}})
