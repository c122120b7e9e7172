"""Sweeps and ablations over a set of worlds: against what single worlds give, and closed forms."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from omnilab.errors import OptionError
from omnilab.experiment.ablation import ablate, design, measures_of
from omnilab.experiment.plausible.ablated import ablate_worlds, ablated_data
from omnilab.experiment.plausible.compared import plan_compared, plausible_data
from omnilab.experiment.plausible.doubts import DOUBTS, doubts_of, number_over_worlds
from omnilab.experiment.plausible.file import WorldSet
from omnilab.experiment.plausible.swept import over_worlds_data, plan_swept
from omnilab.experiment.sweep import Settings, parse_vary
from omnilab.experiment.sweep.course import run_sweep
from omnilab.experiment.switches import parse_switches
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import load_strategy
from tests.worlds import corner

Floats = NDArray[np.float64]
KAPPA = "world.satisfaction.kappa"
TWO = ["no_contact", "omnichannel"]


def shop(customers: int = 24) -> Scenario:
    return corner().with_customers(customers)


def worlds_of(*kappas: float) -> WorldSet:
    n = len(kappas)
    return WorldSet({KAPPA: np.array(kappas)}, np.full(n, 1 / n))


def test_a_share_of_worlds_has_the_sign_of_the_mean() -> None:
    values, weights = np.array([-1.0, 2.0, 3.0, 4.0]), np.array([0.4, 0.2, 0.2, 0.2])
    found = number_over_worlds(values, np.zeros(4), np.linspace(0, 1, 4)[:, None], weights)
    assert list(found) == [column.name for column in DOUBTS]
    assert found["value"] == pytest.approx(values @ weights)
    assert found["same_sign"] == pytest.approx(0.6)
    assert found["same_sign_low"] < 0.6 < found["same_sign_high"]
    assert found["chance_low"] == pytest.approx(found["chance_high"])  # nothing is left to it
    nothing = number_over_worlds(np.zeros(4), np.zeros(4), np.linspace(0, 1, 4)[:, None], weights)
    assert nothing["same_sign"] == 1.0
    turned = doubts_of(-np.tile(values, (5, 1)), weights)
    assert turned["same_sign"] == pytest.approx(0.6)
    assert turned["value"] == pytest.approx(-found["value"])


def test_chance_within_worlds_is_no_other_sign() -> None:
    rng = np.random.default_rng(1)
    shares, raw = [], []
    for seed in range(8):
        values = 0.3 + rng.normal(0, 0.3, 20)
        found = number_over_worlds(
            values, np.full(20, 0.3), rng.random((20, 4)), np.full(20, 0.05), seed=seed
        )
        shares.append(found["same_sign"])
        raw.append((values > 0).mean())
    assert np.mean(raw) < 0.9
    assert np.mean(shares) > 0.93


def test_a_sweep_over_worlds_is_the_comparison_over_them_at_each_point() -> None:
    worlds = worlds_of(0.1, 0.5, 0.9)
    now = shop().brand.cap.messages
    vary = parse_vary(f"strategies.omnichannel.cap.messages={now},1")
    assert now > 1
    planned = plan_swept("corner-v1", shop(), worlds, [vary], TWO, Settings(seeds=(5,)))
    assert [p.scenario.world.satisfaction.kappa for p in planned.points if p.scenario] == [
        0.1, 0.1, 0.5, 0.5, 0.9, 0.9,
    ]  # fmt: skip
    sweep = run_sweep(planned)
    seeds = dict(list(sweep.outcomes))
    assert [seeds[n] for n in range(6)] == [6, 6, 7, 7, 8, 8]  # a world's points are twins
    assert sweep.shared["populations"] == 3
    found = over_worlds_data(planned, sweep, worlds, ("ltv", "messages_per_customer"))
    assert [row["at"] for row in found["varied"]] == [0, 1]
    assert found["varied"][1]["values"].endswith("cap.messages=1")
    alone = plan_compared("corner-v1", shop(), worlds, TWO, Settings(seeds=(5,)))
    wanted = plausible_data(alone, run_sweep(alone), worlds, "ltv")
    assert wanted is not None
    own = [r for r in found["point_differences"] if r["at"] == 0 and r["measure"] == "ltv"]
    assert [{**wanted["world_differences"][0], **r} for r in own] == own
    assert [r["share"] for r in found["point_shares"] if r["at"] == 0] == [
        r["share"] for r in wanted["shares"]
    ]
    sent = {r["at"]: r["value"] for r in found["point_differences"]
            if r["measure"] == "messages_per_customer"}  # fmt: skip
    assert sent[1] < sent[0]  # a narrower cap lets fewer messages through


@pytest.mark.parametrize(
    ("vary", "strategies", "settings", "said"),
    [
        (f"{KAPPA}=0.1,0.2", TWO, Settings(), "the worlds of --plausible move it already"),
        ("brand.cap.messages=1,2", ["omnichannel"], Settings(), "name two strategies"),
        ("brand.cap.messages=1,2", TWO, Settings(seeds=(1, 2)), "one seed"),
    ],
)
def test_what_no_sweep_over_worlds_can_be_is_said(
    vary: str, strategies: list[str], settings: Settings, said: str
) -> None:
    with pytest.raises(OptionError, match=said):
        plan_swept("corner-v1", shop(), worlds_of(0.1, 0.9), [parse_vary(vary)], strategies,
                   settings)  # fmt: skip
    with pytest.raises(OptionError, match="two or more are needed"):
        plan_swept("corner-v1", shop(), worlds_of(0.1), [parse_vary("brand.cap.messages=1,2")],
                   TWO, Settings())  # fmt: skip


@pytest.mark.slow
def test_an_ablation_over_worlds_is_that_of_each_world() -> None:
    worlds, load = worlds_of(0.1, 0.5, 0.9), partial(load_strategy, "omnichannel")
    switches, measures = parse_switches(["identity", "cap.messages=1"]), measures_of(["ltv"])
    found = ablate_worlds(shop(), worlds, load, switches, measures, seed=3)
    data = ablated_data(found, digest="d")
    rows = {(r["kind"], r["switch"]): r for r in data["effects"]}
    assert len(rows) == 1 + 3 * 2 + 1
    values, errors = [], []
    for number, kappa in enumerate((0.1, 0.5, 0.9)):
        world = shop().changed({"world": {"satisfaction": {"kappa": kappa}}})
        one = ablate(design(world, load, switches, seed=3), measures, seed=4 + number)
        (whole,) = (e for e in one.effects() if e.kind == "whole")
        values.append(whole.estimate.value)
        errors.append(whole.estimate.error or 0.0)
    wanted = number_over_worlds(
        np.array(values), np.array(errors), worlds.places, worlds.weights, seed=3
    )
    assert {k: rows["whole", None][k] for k in wanted} == wanted
    assert rows["whole", None]["worlds"] == 3
    assert data["failures"] == {}


def test_a_world_that_fails_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(scenario: Scenario):
        if scenario.world.satisfaction.kappa == 0.5:
            raise OptionError("no plan here")
        return load_strategy("omnichannel", scenario)

    switches, measures = parse_switches(["identity"]), measures_of(["ltv"])
    found = ablate_worlds(shop(), worlds_of(0.1, 0.5, 0.9), load, switches, measures)
    assert found.failures == {1: "no plan here"}
    assert ablated_data(found, digest="d")["effects"][0]["worlds"] == 2
    with pytest.raises(OptionError, match="the worlds of --plausible move it already"):
        ablate_worlds(shop(), worlds_of(0.1, 0.9), load, parse_switches([f"{KAPPA}=0.3"]), measures)
