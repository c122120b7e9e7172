"""Order ahead and the latte, the generations, the path to a kitchen: all of it happens."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.scenario import load_scenario
from omnilab.scenario.model import Scenario
from tests.verification.worlds import load, log, run

#: It runs a shipped scenario, whose story rarely breaks alone.
pytestmark = pytest.mark.slow


@cache
def life(story: str, customers: int) -> tuple[Scenario, Any]:
    """Return a scenario and its log under omnichannel."""
    scenario = load_scenario(story).with_customers(customers)
    return scenario, log(run(scenario, load(scenario, "omnichannel"), pilot=100), "omnichannel")


def channel(scenario: Scenario, name: str) -> int:
    return [c.name for c in scenario.channels].index(name)


def journey(scenario: Scenario, name: str) -> int:
    return [j.name for j in scenario.brand.journeys].index(name)


def test_what_is_ordered_ahead_is_collected_in_the_store() -> None:
    scenario, events = life("order-ahead-v1", 500)
    orders = rows.of_kind(events, rows.ORDER)
    ahead = orders[orders["channel"] == channel(scenario, "app")]
    assert len(ahead) > 100
    handed = rows.of_kind(events, rows.HANDED_OVER)
    assert set(handed["channel"].tolist()) == {channel(scenario, "store")}
    fetched = set(zip(handed["person"].tolist(), handed["need"].tolist(), strict=True))
    told = list(zip(ahead["person"].tolist(), ahead["need"].tolist(), strict=True))
    assert sum(one in fetched for one in told) > 0.95 * len(told)


def test_the_latte_of_the_evening_mail_is_fetched_with_the_beans() -> None:
    scenario, events = life("order-ahead-v1", 500)
    used = rows.of_kind(events, rows.REDEEMED)
    used = used[used["offer"] == 0]
    assert len(used) > 5
    assert (used["channel"] == channel(scenario, "web")).all()
    assert (used["gift_cost"] == 90).all()
    sent = rows.of_kind(events, rows.SENT)
    evening = sent["time"][sent["journey"] == journey(scenario, "evening")]
    assert len(evening) > 100
    handed = rows.of_kind(events, rows.HANDED_OVER)
    fetched = set(zip(handed["person"].tolist(), handed["need"].tolist(), strict=True))
    took = list(zip(used["person"].tolist(), used["need"].tolist(), strict=True))
    assert sum(one in fetched for one in took) > 0.8 * len(took)


def test_each_generation_hears_over_channels_of_its_own() -> None:
    scenario, events = life("generations-v1", 400)
    persons = rows.of_kind(events, rows.PERSON)
    persona = dict(zip(persons["person"].tolist(), persons["persona"].tolist(), strict=True))
    sent = rows.of_kind(events, rows.SENT)
    of = np.array([persona[p] for p in sent["person"].tolist()])
    young, old = sent["channel"][of == 0], sent["channel"][of == 3]
    for name, more, less in (("push", young, old), ("mail", old, young)):
        c = channel(scenario, name)
        assert (more == c).mean() > 2 * (less == c).mean()


def test_the_whole_path_to_a_kitchen_is_walked() -> None:
    scenario, events = life("kitchen-path-v1", 2000)
    kinds = set(events["kind"].tolist())
    assert {rows.CONTACT, rows.PROMISE, rows.HANDED_OVER, rows.REVIEW, rows.REVIEW_READ} <= kinds
    sent = rows.of_kind(events, rows.SENT)
    banners = sent[sent["journey"] == journey(scenario, "banner")]
    assert (banners["channel"] == channel(scenario, "social_ad")).all()
    files = sent[sent["journey"] == journey(scenario, "plan_file")]
    assert len(files) > 0
    assert (files["channel"] == channel(scenario, "email")).all()
    steps: dict[int, set[str]] = {}
    for kind, what in ((rows.VISIT, "visit"), (rows.CONTACT, "call"), (rows.ORDER, "order")):
        seen = rows.of_kind(events, kind)
        for person, c in zip(seen["person"].tolist(), seen["channel"].tolist(), strict=True):
            steps.setdefault(person, set()).add(f"{what} {scenario.channels[c].name}")
    for ad in banners:
        steps.setdefault(int(ad["person"]), set()).add("banner")
    path = {"banner", "visit web", "call call", "visit store", "order store"}
    assert any(path <= walked for walked in steps.values())


def test_each_stage_of_the_path_has_its_own_content() -> None:
    scenario, events = life("kitchen-path-v1", 2000)
    sent = rows.of_kind(events, rows.SENT)
    shows = {
        j.name: set(sent["shows"][sent["journey"] == n].tolist())
        for n, j in enumerate(scenario.brand.journeys)
    }
    of = {name: shows[name] for name in ("banner", "cart", "on_its_way")}
    assert all(of.values())
    assert not of["banner"] & of["cart"]
    assert not of["cart"] & of["on_its_way"]
