"""`all_on` turns on all that is off by default, and each of it is felt among the others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import BaseModel

from omnilab.experiment.paths import changed_at, value_of
from omnilab.parameters.declared import words_of
from omnilab.scenario.model import Scenario
from tests.verification.worlds import all_on, as_shipped, digests, load, run, world

#: Not of the world: what if the brand knew who is there? And what only journeys that run once have.
#: What a fit says of its own numbers is no mechanism either. An ad does not lie about, and without
#: themes of the brand no message can have one: test_memory_of_messages has those. No message has a
#: quality here, for opting out to hang on: tests/world/test_opting_out.py.
APART = {
    "world.identifiers.oracle", "brand.journeys.day", "fitted", "channels.message.looks_again",
    "channels.message.half_life", "brand.themes", "world.opt_out.quality",
}  # fmt: skip
#: What a town shares, and what is met there: tests/towns has them on together.
TOWNS = (
    "population.town", "categories.variants", "places", "stock", "channels.till",
    "channels.delivery", "channels.monthly_cost", "channels.visit.tells_position",
    "channels.message.seen_at_work", "channels.message.seen_out",
    "channels.message.auction", "channels.message.match", "channels.message.most_a_day",
    "channels.search.auction", "brand.contact", "brand.referral", "brand.budgets",
    "brand.costs_for", "brand.journeys.near", "brand.journeys.steps.message.not_after_order",
    "channels.acts", "world.acts", "brand.crm", "brand.journeys.steps.message.asks",
    "brand.journeys.steps.message.incentive",
    "world.questions", "world.tips", "world.places", "world.stock", "world.friends",
    "world.media", "world.awareness", "world.content", "world.posts", "brand.media",
    "brand.content", "brand.posts",
    "world.rivals", "world.preference", "world.site_search", "world.accounts",
    "world.reviews", "world.referral", "world.fulfilment",
    "world.goods", "categories.goods", "categories.lines", "brand.pages",
    "brand.journeys.arrival", "brand.journeys.steps.message.recommends",
    "world.offers", "brand.offers", "brand.journeys.steps.message.gives",
    "brand.programme", "brand.notes_failures", "world.rewarding", "world.recovery", "changes",
    "brand.journeys.steps.message.promises", "brand.journeys.steps.message.apologises",
    "brand.journeys.steps.split.tier", "brand.journeys.steps.split.at_least",
    "brand.score", "brand.journeys.steps.split.score",
    "brand.journeys.steps.message.service",
    "brand.journeys.steps.message.service", "brand.tests", "brand.journeys.steps.arm",
    "channels.message.reply", "channels.message.invites", "world.replies",
    "channels.message.from_day", "channels.message.to_day", "brand.journeys.from_day",
    "brand.creatives", "brand.journeys.steps.message.leeway", "brand.journeys.to_day",
    "brand.journeys.steps.message.asks_reply",
)  # fmt: skip


def later_keys(part: BaseModel, above: str = "") -> Iterator[tuple[str, bool]]:
    """Yield the path of each key that came later, and whether it is on; lists have no number."""
    for name, made in type(part).model_fields.items():
        value, path, said = getattr(part, name), f"{above}{name}", words_of(made)
        inner = [x for x in _several(value) if isinstance(x, BaseModel)]
        for one in inner:
            yield from later_keys(one, f"{path}.")
        if path.startswith(TOWNS) or path in APART:
            continue
        if said and said.came_later and not inner:
            yield path, value != made.default


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


def test_all_that_came_later_is_on() -> None:
    keys, on = list(later_keys(as_shipped(world()))), list(later_keys(all_on(world())))
    assert {path for path, _ in keys} >= {"world.mailshot.sd", "brand.journeys.priority"}
    assert not [path for path, is_on in keys if is_on]
    assert not [path for path, is_on in on if not is_on]


@cache
def without(path: str) -> Scenario:
    """Return the small world with all on, but one key off."""
    scenario = all_on(world())
    tree = scenario.model_dump()
    *above, name = path.split(".")
    parts = [tree]
    for key in above:
        parts = [one for part in parts if part[key] is not None for one in _listed(part[key])]
    for part in parts:
        part.pop(name, None)
    off: dict[str, Any] = {}
    if above[0] == "world":
        part = getattr(scenario.world, above[1])
        off = {above[1]: {name: type(part).model_fields[name].default}}
    brand = {
        "journeys": tree["brand"]["journeys"],
        "cap_counts_ads": path == "brand.cap_counts_ads",
    }
    people = {name: tree["population"].get(name, ()) for name in ("classes", "personas")}
    return scenario.changed(
        {
            "channels": tree["channels"], "categories": tree["categories"], "world": off,
            "brand": brand, "population": people,
        }
    )  # fmt: skip


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list | tuple) else [value]


def digest(scenario: Scenario) -> Any:
    return digests(run(scenario, load(scenario, "omnichannel"), keep=False))


@cache
def with_all() -> tuple[Scenario, Any]:
    """Return the small world with all on, and its digest."""
    scenario = all_on(world())
    return scenario, digest(scenario)


@pytest.mark.parametrize("path", sorted({path for path, _ in later_keys(world())}))
def test_each_is_felt_among_the_others(path: str) -> None:
    off = dict(later_keys(without(path)))
    assert [name for name, is_on in off.items() if not is_on] == [path]
    assert digest(without(path)) != with_all()[1]


def test_a_message_of_several_categories_is_felt_among_the_others() -> None:
    """It is no key that came later, but something that an old one may say since."""
    scenario, digest_of_all = with_all()
    shown = "brand.journeys.launch.steps[0].message.shows"
    assert value_of(scenario, shown) == {"beans": 0.7, "cups": 0.3}
    for other in ("generic", "beans", {"beans": "30%", "cups": "70%"}):
        less = changed_at(scenario, {shown: other}, currency="EUR", seconds=True)
        assert digest(less) != digest_of_all
