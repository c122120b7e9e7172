"""Each mechanism at its off values leaves the log as it is without the mechanism, bit for bit.

A group of the world's keys is written out with its off values, and all its other keys elsewhere
than at their defaults: what is off reads none of them. The groups are found by walking the keys
that are declared, so that a new mechanism must say here what turns it off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from omnilab.parameters.declared import words_of
from omnilab.scenario.model import Scenario
from tests.verification.worlds import DAY, digests, load, run, world

#: By group of `world`, the keys that turn it on; at their defaults it is off. A group without any
#: is turned on elsewhere: by what a channel, the brand or a town has, and the small world lacks.
#: Of the groups that have always been on, those of the keys that came later.
TURNED_ON_BY: dict[str, tuple[str, ...]] = {
    "choice": ("waits",),
    "familiarity": ("effort",),
    "interest": ("shape", "after_order", "after_visit", "readies", "creates", "inertia"),
    "devices": ("ripe", "dear", "keeps", "session", "phone_threshold", "tablet_threshold"),
    "visit_time": ("looking", "choosing", "buying"),
    "search": ("brand_comes", "other_comes"),
    "site_search": ("each",),
    "stage": ("fits",),
    "affinity": ("own", "hours"),
    "mailshot": ("sd",),
    "taste": ("spread", "bought"),
    "recency": ("fades", "never", "orders", "young"),
    "saturation": ("slope",),
    "interruption": ("takes",),
    "waking": ("leaves",),
    "creatives": ("novelty", "wear"),
    "consistency": ("echo", "clash"),
    "exposure": ("seen", "delivered"),
    "creation": (),
    "fulfilment": (),
    "offers": ("redeems", "spread", "exposes", "holds", "crowds"),
    "reference_price": ("gain",),
    "fatigue": ("slow",),
    "repetition": ("half", "massed"),
    "opt_out": ("need", "quality"),
    "recovery": (),
    "questions": ("before",),
    "habit": ("fades",),
    "identifiers": ("oracle",),
    "tips": ("by_preference", "warns", "persuades", "makes_need"),
    "places": (),
    "friends": ("each",),
    "rivals": ("number",),
    "preference": ("pull", "known"),
    "awareness": (),
    "media": (),
    "content": (),
    "posts": (),
    "reviews": ("written", "read"),
    "referral": (),
    "rewarding": (),
    "acts": (),
    "goods": (),
    "replies": (),
    "accounts": ("share",),
    "goal": ("gradient",),
    "stock": (),
}

#: What stands elsewhere in the file and does nothing: what is changed of the small world.
ELSEWHERE: dict[str, dict[str, Any]] = {
    "one class of customers": {
        "population": {"classes": [{"name": "all", "share": 1.0, "spend": {"times": 1}}]}
    },
    "a change that changes nothing": {
        "changes": [{"name": "as_ever", "from_day": 3, "channels": {"web": 0.0}}]
    },
    "a referral without a reward": {"brand": {"referral": {"lasts": 7 * DAY}}},
    "hours over which no budget is spread": {"brand": {"costs_for": 3}},
    "no stock": {"stock": {"keeps": 9 * DAY, "feed": 2 * DAY, "runs_out": False}},
    "a test whose arms nobody walks": {
        "brand": {"tests": [{"name": "unused", "arms": {"one": 0.5, "two": 0.5}}]}
    },
}


def of(customers: int, days: int) -> Scenario:
    """Return the small world, shorter and of few persons."""
    return world(
        time={"burn_in": "10d", "window": f"{days}d", "run_out": "3d"},
        population={"customers": customers},
    )


@cache
def small() -> Scenario:
    """Return a world in which a run takes no time, and much still happens."""
    return of(3, 15)


def digest(scenario: Scenario) -> Any:
    """Return the digest of the log and the number of its rows."""
    return digests(run(scenario, load(scenario, "omnichannel"), keep=False, pilot=4))


@cache
def without() -> Any:
    return digest(small())


def later_groups() -> dict[str, tuple[str, ...]]:
    """Return the groups of `world` that came later, or have keys that did, with these keys."""
    found = {}
    for name, made in type(small().world).model_fields.items():
        part, said = made.default, words_of(made)
        if not isinstance(part, BaseModel):
            continue
        fields = type(part).model_fields
        whole = bool(said and said.came_later)
        later = [k for k, f in fields.items() if whole or _came_later(f)]
        if later:
            found[name] = tuple(later)
    return found


def _came_later(field: Any) -> bool:
    said = words_of(field)
    return bool(said and said.came_later)


def elsewhere(group: str, key: str) -> Any:
    """Return a value of a key of a group that is allowed and not its default."""
    part = type(getattr(small().world, group))
    field = part.model_fields[key]
    said = words_of(field)
    swept = said.swept if said and said.swept else ()
    for value in (*swept, *_near(field.default)):
        try:
            moved = part.model_validate({key: value}, context={"currency": "EUR", "seconds": True})
        except ValidationError:
            continue
        if getattr(moved, key) != field.default:
            return getattr(moved, key)
    raise AssertionError(f"no other value of world.{group}.{key} was found")


def _near(value: Any) -> Iterator[Any]:
    """Yield values that may be allowed where this one is."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, tuple):
        yield [x / 2 for x in value]
    elif isinstance(value, int):
        yield from (2 * value, value // 2, value + 1, value - 1)
    else:
        yield from (1.5 * value, 0.5 * value, 0.3)  # 0.3 where it is 0


def off(groups: Iterable[str], base: Scenario) -> Scenario:
    """Return a scenario with groups at their off values, and their other keys moved."""
    moved = {}
    for group in groups:
        more = set(later_groups()[group]) - set(TURNED_ON_BY[group])
        values = {key: elsewhere(group, key) for key in sorted(more)}
        moved[group] = getattr(base.world, group).model_copy(update=values)
    return base.model_copy(update={"world": base.world.model_copy(update=moved)})


def test_each_mechanism_says_what_turns_it_on() -> None:
    groups = later_groups()
    assert set(TURNED_ON_BY) == set(groups)
    assert not [f"{g}.{k}" for g, keys in TURNED_ON_BY.items() for k in keys if k not in groups[g]]


#: Groups with keys that are read only where the group is on.
WITH_MORE = sorted(g for g, keys in later_groups().items() if set(keys) - set(TURNED_ON_BY[g]))


@pytest.mark.parametrize("group", WITH_MORE)
def test_off_leaves_the_log_as_it_is(group: str) -> None:
    scenario = off([group], small())
    assert getattr(scenario.world, group) != getattr(small().world, group)
    assert digest(scenario) == without()


def test_all_off_leave_the_log_of_more_people_as_it_is() -> None:
    """In so few lives as above a rule may never be asked; here all are."""
    base = of(12, 60)
    before = digest(base)
    if digest(off(WITH_MORE, base)) != before:
        felt = [group for group in WITH_MORE if digest(off([group], base)) != before]
        pytest.fail(f"felt though off: {', '.join(felt) or 'some of them together'}")


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_what_does_nothing_leaves_the_log_as_it_is(name: str) -> None:
    scenario = small().changed(ELSEWHERE[name])
    assert scenario != small()
    assert digest(scenario) == without()


def test_off_values_written_out_say_what_leaving_them_out_says() -> None:
    """Every key that came later, at any depth, at its default."""
    full = written_out(small())
    assert "goal" in full["world"]
    assert "goal" not in small().model_dump()["world"]
    context = {"currency": small().currency, "seconds": True}
    read = Scenario.model_validate(full, context=context)
    assert read == small()
    assert read.model_dump_json() == small().model_dump_json()


def written_out(value: Any) -> Any:
    """Return a part of a scenario as plain data in which no key is left out."""
    if isinstance(value, BaseModel):
        return {name: written_out(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple):
        return [written_out(one) for one in value]
    if isinstance(value, dict):
        return {name: written_out(one) for name, one in value.items()}
    return value
