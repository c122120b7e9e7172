"""What a small run shows, and what a contact policy keeps back and costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock, patch

import numpy as np
import pytest

from omnilab.experiment.linting.preview import preview
from omnilab.experiment.linting.seen import after_orders, lint
from omnilab.log import rows
from omnilab.log.rows import ENTER, ORDER, SENT, of_kind
from omnilab.scenario.model import Cap, Scenario
from omnilab.strategy import Plan
from omnilab.strategy.loading import load_strategy, loaded_object
from tests.log.building import log_of
from tests.scenario.samples import SHOP, load_text

#: A shop with all presets; and one with an e-mail that leaves recent buyers out.
SHORT = SHOP.replace("{burn_in: 90d, window: 365d, tick: 15min}", "{burn_in: 30d, window: 90d}")
WAITS = SHORT.replace(
    "[welcome, browse, cart, newsletter]",
    """
    - newsletter
    - {name: mine, trigger: weekly, sequence: [email],
       steps: [{message: {channels: [email], not_after_order: 30d}}]}""",
)


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Scenario:
    return load_text(tmp_path, WAITS).with_customers(120)


def test_messages_after_an_order_since_the_entry() -> None:
    facts = [
        (10, 0, ENTER, {"journey": 0}), (20, 0, ORDER, {}), (30, 0, SENT, {"journey": 0}),
        (10, 1, ENTER, {"journey": 0}), (30, 1, SENT, {"journey": 0}), (40, 1, ORDER, {}),
        (10, 2, ENTER, {"journey": 0}), (20, 2, ORDER, {}), (25, 2, ENTER, {"journey": 0}),
        (30, 2, SENT, {"journey": 0}),
        (10, 3, ENTER, {"journey": 1}), (20, 3, ORDER, {}), (30, 3, SENT, {"journey": 0}),
        (20, 4, ORDER, {}), (30, 4, ENTER, {"journey": 0}), (31, 4, SENT, {"journey": 0}),
    ]  # fmt: skip
    log = log_of(
        {"time": t, "person": p, "seq": i, "kind": k, **more}
        for i, (t, p, k, more) in enumerate(facts)
    )
    found = after_orders(of_kind(log, ENTER), of_kind(log, SENT), of_kind(log, ORDER))
    assert found.tolist() == [True, False, False, False, False]
    assert rows.SENT == SENT


class Late:
    """Writes about carts two days later, whatever has been bought since."""

    name = "late"

    def plan(self, brand: object) -> Plan:
        cart = next(j for j in brand.journeys if j.name == "cart")  # type: ignore[attr-defined]
        delay = type(cart.steps[0]).model_validate({"delay": "2d"})
        return Plan(
            journeys=(cart.model_copy(update={"steps": (delay, *cart.steps), "until": ()}),)
        )


def test_a_run_shows_messages_after_the_purchase(tmp_path: Path) -> None:
    shop = load_text(tmp_path, SHORT).with_customers(120)
    found = lint(shop, loaded_object(Late(), shop), customers=120)
    step = found.steps[0]
    assert step["journey"] == "cart"
    assert step["step"] > 1
    assert 0 < step["after_order"] <= step["sent"] <= step["entered"] + 120
    seen = [f.rule for f in found.findings]
    assert {"after_purchase", "sent_after_purchase"} <= set(seen)
    share = sum(s["after_order"] for s in found.steps) / sum(s["sent"] for s in found.steps)
    for few, is_found in ((share, True), (share * 1.001, False)):
        with patch("omnilab.experiment.linting.seen._FEW", few):
            again = lint(shop, loaded_object(Late(), shop), customers=120)
        assert ("sent_after_purchase" in [f.rule for f in again.findings]) is is_found
    assert lint(shop, loaded_object(Late(), shop), customers=0).steps == ()


def test_whom_a_policy_stops_adds_up_and_its_cost_is_paired(shop: Scenario) -> None:
    strategy = load_strategy("multichannel", shop)
    tight = Cap(messages=1, per=7 * 86400)
    capped = shop.model_copy(update={"brand": shop.brand.model_copy(update={"cap": tight})})
    found = preview(capped, load_strategy("multichannel", capped), threads=1)
    whole = {r["rule"]: r for r in found.stopped if r["segment"] == "all"}
    parts = [r for r in found.stopped if r["segment"] != "all"]
    for rule, row in whole.items():
        assert row["stopped"] == sum(r["stopped"] for r in parts if r["rule"] == rule)
        assert row["due"] == sum(r["due"] for r in parts if r["rule"] == rule)
    assert whole["cap"]["stopped"] > 0
    assert whole["not_after_order"]["stopped"] > 0
    assert set(found.costs) == {"cap", "not_after_order", "quiet_hours", "no policy"}
    messages = {rule: e["messages_per_customer"] for rule, e in found.costs.items()}
    assert messages["cap"].value is not None
    assert messages["cap"].value < 0  # with the cap fewer are sent
    assert messages["no policy"].value <= messages["cap"].value + 0.5
    loose = shop.model_copy(
        update={"brand": shop.brand.model_copy(update={"cap": None, "quiet_hours": None})}
    )
    plan = load_strategy("no_contact", loose)
    assert preview(loose, plan, threads=1).costs == {}
    assert strategy.plan.cap is not None
    assert np.isfinite(found.costs["cap"]["ltv"].error)
