"""The reference world: engines agree on it, and its null world has no winner."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from omnilab import cli
from omnilab.report.patterns import patterns_head
from omnilab.scenario import load_scenario, scenario_digest
from omnilab.scenario.model import Scenario
from tests.verification.worlds import (
    BUILT_IN,
    INERT,
    digests,
    load,
    log,
    orders,
    run,
    same_rows,
    sums,
    values,
)

SHIPPED = "retailer-v1"
DAY = 86400


def shipped(customers: int, **time: Any) -> Scenario:
    short = {"burn_in": 40 * DAY, "window": 120 * DAY, "run_out": 20 * DAY} | time
    return load_scenario(SHIPPED).with_customers(customers).changed({"time": short})


def mute() -> Scenario:
    """Return it as a world in which no message does anything to anybody, and no search is paid."""
    scenario = shipped(120)
    tree = scenario.model_dump()
    for channel in tree["channels"]:
        if channel["message"] is not None:
            channel["message"] |= {
                "open": 0.0, "click": 0.0, "opt_out": 0.0, "complaint": 0.0,
                "signs_up": 0.0, "signs_up_visit": 0.0,
            }  # fmt: skip
    for journey in tree["brand"]["journeys"]:
        for step in journey["steps"]:
            if step["message"] is not None:
                step["message"]["offer"] = 0.0
    tree["channels"] = [c for c in tree["channels"] if c["search"] is None]
    return scenario.changed({
        "channels": tree["channels"], "world": INERT,
        "brand": {"journeys": tree["brand"]["journeys"], "loyalty": {"card": 0, "worth": 0.0}},
    })  # fmt: skip


@cache
def fast() -> Any:
    scenario = shipped(60)
    return run(scenario, load(scenario))


def test_engines_agree_on_it_event_for_event() -> None:
    scenario = shipped(60)
    slow = run(scenario, load(scenario), engine="simpy")
    assert digests(fast()) == digests(slow)
    assert sums(fast()) == sums(slow)
    for name in BUILT_IN:
        same_rows(log(fast(), name), log(slow, name))
        assert values(fast(), name) == values(slow, name)


@pytest.mark.slow
def test_a_strategy_against_itself_and_chunks_change_nothing() -> None:
    scenario = shipped(60)
    again = run(scenario, load(scenario)[::-1], threads=2, chunk=3)
    assert digests(again) == digests(fast())


def test_where_messages_do_nothing_no_strategy_sells_more() -> None:
    scenario = mute()
    result = run(scenario, load(scenario))
    expected = orders(result, "no_contact")
    assert len(expected) > 20
    for name in BUILT_IN[1:]:
        assert orders(result, name) == expected, name
        assert (log(result, name)["kind"] == 20).sum() > 200, name


def test_all_its_channels_are_used_and_everybody_writes() -> None:
    names = {c.name for c in load_scenario(SHIPPED).channels}
    assert names >= {
        "web", "app", "store", "call", "email", "push", "sms", "messenger", "social_ad",
        "search_ad", "mail",
    }  # fmt: skip
    counts = {}
    for name in BUILT_IN:
        rows = log(fast(), name)
        counts[name] = int(((rows["kind"] == 20) & (rows["time"] >= 40 * DAY)).sum())
    assert counts.pop("no_contact") == 0
    assert min(counts.values()) > 100


def test_the_page_is_of_the_scenario_as_it_is(root: Path) -> None:
    page = (root / "docs/explanation/validation.md").read_text(encoding="utf-8")
    digest = scenario_digest(load_scenario(SHIPPED))
    assert patterns_head(SHIPPED, digest, "retailer-patterns-v1") in page, "run: make patterns"
    for title in ("## Targets", "## Checks", "## Which pattern pins an assumption"):
        assert title in page


@pytest.mark.long
def test_the_patterns_come_out_again_most_of_them_within_tolerance(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (root / "docs/explanation/validation.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["patterns", SHIPPED, "--quiet", "--page", "again.md"]) == 0
    again = Path("again.md").read_text(encoding="utf-8")
    for title in ("## Targets", "## Checks"):
        assert part(again, title) == part(page, title), "run: make patterns"
    targets = [line for line in part(page, "## Targets").splitlines() if line.startswith("| ")][1:]
    assert len(targets) >= 15
    assert sum("| yes |" in line for line in targets) >= 12 / 15 * len(targets)


def part(text: str, title: str) -> str:
    return text.split(f"\n{title}\n")[1].split("\n## ")[0]
