"""A grocer's log of known truth: leaving by cause and the regularity of orders come back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from omnilab.fit import course, read_transactions, replay
from omnilab.fit.found import Fitted
from omnilab.fit.request import FitRequest
from omnilab.fit.scenario import Simulated, read_base, simulate, validated
from omnilab.fit.summary import regularity

DAYS, CUSTOMERS = 280, 3000
START = date(2024, 1, 1)


def base(habit: str | None) -> dict[str, Any]:
    """Return a grocer's world: two places, and whoever has to repeat steps is annoyed."""
    world = read_base(None)
    world["channels"] = [{"preset": "web", "visit": {"completes": "60%"}}, "app", "email"]
    world["world"] = {**world["world"], "continuity": {"annoys": "60%"}}
    if habit is not None:
        world["world"]["habit"] = {"fades": habit}
    world["categories"] = [{**world["categories"][0], "patience": "14d"}]
    world["assumed"] = []
    return world


def truth(habit: str | None) -> Simulated:
    """Return what the grocer's customers do: a need a week, regular, and 2% leave after each."""
    world = base(habit)
    scenario = validated(
        {
            **world,
            "id": "grocer-v1",
            "title": "Grocer",
            "time": {"start": START, "burn_in": "0d", "window": f"{DAYS}d"},
            "population": {
                **world["population"],
                "customers": CUSTOMERS,
                "entry": {"over": "28d", "by_week": [1, 1, 1, 1]},
                "dropout": {"a": 0.5, "b": 24.5},
            },
            "categories": [
                {
                    **world["categories"][0], "every": "7d", "shape": 2.0, "order_regularity": 2.5,
                    "spend": {"mean": 40},
                }
            ],
            "brand": {**world["brand"], "status_quo": "no_contact"},
        }
    )  # fmt: skip
    return simulate(scenario, DAYS, seeds=(5,))


def fitted(found: Simulated, habit: str | None, folder: Path) -> Fitted:
    """Return the fit of the log of what they bought."""
    o, path = found.occasions, folder / "grocer.csv"
    lines = [
        f"c{who},{START + timedelta(seconds=int(when))},{paid:.2f}"
        for who, when, paid in zip(o.customer, o.time_s, o.amount, strict=True)
    ]
    path.write_text("\n".join(["customer,date,amount", *lines]), encoding="utf-8")
    request = FitRequest(
        transactions=path,
        status_quo="no_contact",
        holdout="none",
        until=START + timedelta(DAYS - 1),
    )
    log = read_transactions(path)
    occasions = request.occasions_of(log)
    return course.carry_out(request, log, occasions, base(habit), scenario_id="grocer-v1")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_FEWEST", CUSTOMERS)
    monkeypatch.setattr(replay, "_SEEDS", (1, 2))


@pytest.mark.long
def test_leaving_by_cause_and_regularity_come_back(tmp_path: Path) -> None:
    found = truth("90d")
    true = {cause: number / found.customers for cause, number in found.left.items()}
    fit = fitted(found, "90d", tmp_path)
    have = regularity(found.occasions)
    got = regularity(fit.adjusted.occasions)
    print(f"left {true}, fitted {dict(fit.left)}; regularity {have:.2f}, simulated {got:.2f}")
    assert not fit.adjusted.misfit.far
    assert fit.left["order"] == pytest.approx(true["order"], rel=0.15)
    assert fit.left["annoyed"] == pytest.approx(true["annoyed"], rel=0.25)
    assert got == pytest.approx(have, rel=0.1)
    assert fit.scenario.categories[0].order_regularity > 1.5
    assert not fit.setting.habit


@pytest.mark.long
def test_customers_get_used_to_what_would_drive_out_more_than_the_log_lets(tmp_path: Path) -> None:
    found = truth("30d")
    fit = fitted(found, None, tmp_path)
    whole = sum(found.left.values()) / found.customers
    print(f"left {whole:.3f}, fitted {dict(fit.left)}")
    assert fit.setting.habit
    assert fit.data["world"]["habit"] == {"fades": "90d"}
    assert "world.habit.fades" in fit.scenario.assumed
    assert sum(fit.left.values()) == pytest.approx(whole, rel=0.2)
    assert any("get used to them" in note for note in fit.notes)
