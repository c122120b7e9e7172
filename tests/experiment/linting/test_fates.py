"""What became of messages that fell due, and of entries whose message did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pytest

from omnilab.experiment.compare import compare
from omnilab.experiment.journeys import funnel_table
from omnilab.experiment.linting.fates import Fates, fates_of
from omnilab.experiment.linting.seen import Linted, lint
from omnilab.log.rows import (
    ENTER,
    EXIT,
    FINAL,
    FINAL_CAPPED,
    FINAL_CONVERTED,
    FINAL_EXHAUSTED,
    FINAL_OPEN,
    FINAL_SKIPPED,
    HELD,
    SENT,
    SKIPPED,
    all_named,
)
from omnilab.report.fates import fate_tables, mostly_unsent
from omnilab.scenario.model import Cap
from omnilab.strategy.loading import load_strategy
from tests.log.building import log_of
from tests.scenario.samples import SHOP, load_text

SHORT = SHOP.replace("{burn_in: 90d, window: 365d, tick: 15min}", "{burn_in: 30d, window: 90d}")
SENT_STAGES = ("bounced", "not_opened", "opened", "clicked")


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        yield


def fates(facts: list[tuple[int, int, int, dict[str, int]]]) -> Fates:
    log = log_of(
        {"time": t, "person": p, "seq": i, "kind": k, **more}
        for i, (t, p, k, more) in enumerate(facts)
    )
    return fates_of(log, [(0, 1)], 100, 200)[0]


def test_each_message_ends_once_by_its_first_row_in_the_window() -> None:
    def of(message: int, **more: int) -> dict[str, int]:
        return {"message": message, "journey": 0, "step": 1, **more}

    found = fates([
        (110, 0, SENT, of(1)), (120, 0, SENT, of(1)),
        (130, 0, FINAL, of(1, status=FINAL_EXHAUSTED, sends=2)),
        (110, 1, SKIPPED, of(2, reason=1)), (110, 1, FINAL, of(2, status=FINAL_SKIPPED)),
        (110, 2, SKIPPED, of(3, reason=1)), (110, 2, SKIPPED, of(3, reason=2)),
        (110, 2, FINAL, of(3, status=FINAL_SKIPPED)),
        (110, 3, HELD, of(4)), (140, 3, FINAL, of(4, status=FINAL_CONVERTED)),
        (190, 4, HELD, of(5)), (210, 4, FINAL, of(5, status=FINAL_OPEN)),
        (90, 5, SENT, of(6)), (110, 5, FINAL, of(6, status=FINAL_EXHAUSTED, sends=1)),
        (210, 6, FINAL, of(7, status=FINAL_CAPPED)),
        (199, 7, FINAL, of(8, status=FINAL_CAPPED)),
    ])  # fmt: skip
    assert found.ended == {
        "sent": 1, "no_address": 1, "no_consent": 1, "converted": 1, "held_to_the_end": 1,
        "capped": 1,
    }  # fmt: skip
    assert found.before == 6


def test_an_entry_whose_message_did_not_fall_due_has_a_cause() -> None:
    def capped(message: int) -> dict[str, int]:
        return {"message": message, "journey": 0, "step": 1, "status": FINAL_CAPPED}

    def left(copy: int, reason: int) -> dict[str, int]:
        return {"copy_serial": copy, "journey": 0, "reason": reason}

    found = fates([
        (110, 0, ENTER, {"copy_serial": 0}), (120, 0, FINAL, capped(1)), (120, 0, EXIT, left(0, 0)),
        (110, 1, ENTER, {"copy_serial": 1}), (120, 1, EXIT, left(1, 1)),
        (110, 2, ENTER, {"copy_serial": 2}), (210, 2, EXIT, left(2, 1)),
        (110, 3, ENTER, {"copy_serial": 3}), (120, 3, EXIT, left(3, 0)),
        (110, 4, ENTER, {"copy_serial": 4, "journey": 1}),
        (110, 5, ENTER, {"copy_serial": 5}), (111, 5, ENTER, {"copy_serial": 6}),
        (112, 5, EXIT, left(5, 2)), (120, 5, FINAL, capped(2)),
        (90, 6, ENTER, {"copy_serial": 7}), (120, 6, FINAL, capped(3)),
    ])  # fmt: skip
    assert found.never_due == {"stopped": 1, "waiting": 1, "another_way": 1, "merged": 1}
    assert found.before == 1


def test_each_entry_has_a_message_of_its_own_whoever_got_it() -> None:
    def of(message: int, **more: int) -> dict[str, int]:
        return {"message": message, "journey": 0, "step": 1, **more}

    found = fates([
        (110, 0, ENTER, {"copy_serial": 0}), (111, 0, ENTER, {"copy_serial": 1}),
        (120, 0, FINAL, of(1, status=FINAL_CAPPED)), (120, 0, FINAL, of(2, status=FINAL_CAPPED)),
        (110, 1, ENTER, {"copy_serial": 2}), (120, 9, SENT, of(3)),
        (130, 1, FINAL, of(3, status=FINAL_EXHAUSTED, sends=1)),
    ])  # fmt: skip
    assert found.ended == {"capped": 2, "sent": 1}
    assert found.never_due == {}
    assert found.before == 0


@pytest.mark.parametrize("name", ["omnichannel", "multichannel"])
def test_a_run_says_what_the_funnel_says_and_entered_meets_due(tmp_path: Path, name: str) -> None:
    shop = load_text(tmp_path, SHORT).with_customers(120)
    tight = Cap(messages=1, per=7 * 86400)
    shop = shop.model_copy(update={"brand": shop.brand.model_copy(update={"cap": tight})})
    strategy = load_strategy(name, shop)
    steps = lint(shop, strategy, customers=120).steps
    ran = compare(shop, [strategy], quick=True, keep_events=True)
    funnel: Counter[tuple[str, str]] = Counter()
    for row in funnel_table(ran, {name: [j.name for j in strategy.plan.journeys]}):
        if row["by"] == "journey" and row["messages"]:
            stage = "sent" if row["stage"] in SENT_STAGES else row["stage"]
            funnel[row["name"], stage] += row["messages"]
    mine: Counter[tuple[str, str]] = Counter()
    for step in steps:
        mine.update({(step["journey"], stage): n for stage, n in step["ended"].items()})
        never = sum(step["never_due"].values())
        assert step["entered"] - never + step["before"] == step["due"], step
    assert mine == funnel
    assert {"sent", "capped", "no_consent"} <= {stage for _, stage in mine}
    log = np.concatenate([p for p in ran.events[name] if len(p)])
    _by_hand(all_named(log), steps, strategy.plan, shop.time.burn_in, shop.time.window)


def _by_hand(rows: list[dict[str, int]], steps: Any, plan: Any, start: int, window: int) -> None:
    """Count anew what was capped and sent, a row at a time."""
    inside = [r for r in rows if start <= r["time"] < start + window]
    for step in steps:
        journey = [j.name for j in plan.journeys].index(step["journey"])
        own = [r for r in inside if r.get("journey") == journey
               and r.get("step") == step["step"] - 1]  # fmt: skip
        sent = {r["message"] for r in own if r["kind"] == SENT}
        capped = {r["message"] for r in own if r["kind"] == FINAL and r["status"] == FINAL_CAPPED}
        assert step["ended"].get("sent", 0) == len(sent)
        assert step["ended"].get("capped", 0) == len(capped - sent)


def test_most_not_sent_is_said_with_its_cause_and_key() -> None:
    def of(**ended: int) -> Linted:
        step = {"journey": "cart", "step": 2, "entered": 130, "due": sum(ended.values()),
                "sent": ended.get("sent", 0), "after_order": 0, "ended": ended,
                "never_due": {"stopped": 40}, "before": 10,
                "addresses": ["phone", "email"]}  # fmt: skip
        return Linted("mine", (), 500, (step,))

    (line,) = mostly_unsent(of(sent=17, no_address=70, capped=13).steps)
    assert line.startswith(
        "cart, step 2: 70% of 100 messages that fell due had no channel with an address "
        "(83% were not sent): "
    )
    assert "give one (phone, email) at visits, by `channels[].visit.identifiers`" in line
    assert list(mostly_unsent(of(sent=50, capped=50).steps)) == []
    ended, between = fate_tables(of(sent=17, no_address=70, capped=13))
    assert [r[0].split(": ")[1] for r in ended.rows] == ["sent", "no address", "frequency cap"]
    assert ended.rows[1][1] == ("70", "70%")
    assert between.columns == ("entered", "stopped first", "entered before", "fell due")
    assert between.rows[0][1] == ("130", "40 (31%)", "10", "100")
