"""A message near a store only if the store has what was looked at, and where a person is."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from omnilab.errors import ScenarioError
from omnilab.strategy import Choices, Decisions
from omnilab.strategy.loading import LoadedStrategy
from omnilab.strategy.plan import Sharing
from omnilab.world import whereabouts
from tests.plain import plain
from tests.verification.worlds import (
    digests,
    frame,
    having,
    load,
    log,
    mixture,
    run,
    same_rows,
    world,
)
from tests.worlds import model_of

SIDE = {"open": 0.9, "click": 0.4, "delivered": 1.0, "opt_out": 0.0, "opt_in": 1.0}
SIZE = {"name": "size", "personal": True, "popularity": {"small": 0.5, "large": 0.5}}
NEAR = {
    "name": "near", "trigger": "near", "near": {"place": "shop", "radius_m": 900},
    "sequence": ["app"], "cooldown": 0,
    "steps": [{"message": {"channels": ["push"], "shows": "viewed", "success": "sent"}}],
}  # fmt: skip
LETTERS = {
    "name": "letters", "trigger": "weekly", "sequence": ["email", "app"], "at": "12:00",
    "steps": [{"message": {"channels": ["email", "push"], "shows": "generic"}}],
}  # fmt: skip


def streets(units: Any = 4, near: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Return a town of shoe buyers, whose app tells where they are; the store has few units."""
    goods: dict[str, Any] = {"category": "shoes"}
    if units is not None:
        goods |= {"units": units, "review": "1d", "lead": 0}
    journey = {**NEAR, "near": {**NEAR["near"], **(near or {})}}  # type: ignore[dict-item]
    push = {**SIDE, **changes.pop("push", {})}
    return world(
        population={"customers": 8, "town": 8, "household_sizes": [1.0],
                    "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": "2d", "window": "12d", "run_out": 0},
        categories=[{"name": "shoes", "every": "3d", "spend": {"mean": 60.0}, "latent": 0,
                     "variants": [SIZE]}],
        channels=[{"preset": "web"},
                  {"preset": "app", "visit": {"tells_position": 1.0, "reach": 1.0}},
                  {"preset": "store"}, {"preset": "email", "message": SIDE},
                  {"preset": "push", "message": push}],
        places=[{"name": "shop", "channel": "store", "count": 2}],
        stock={"places": [{"name": "room", "channels": ["store"], "goods": [goods]}],
               "feed": changes.pop("feed", 0)},
        world={"identifiers": {"typo": 0.0}, "places": {"size_km": 2.0, "errands": 8.0}},
        brand={"journeys": [journey, LETTERS], "loyalty": {"card": 0}, "cap": None,
               "quiet_hours": None},
        **changes,
    )  # fmt: skip


def entered(scenario: Any, name: str = "omnichannel") -> tuple[Any, Any]:
    """Return the rows of positions, and those that entered the journey, in the window."""
    table = frame(run(scenario, load(scenario, name)), name)
    rows = having(table, "enter")
    rows = rows[(rows["time"] >= scenario.time.burn_in) & (rows["journey"] == 0)]
    seen = having(table, "position")
    return seen[seen["time"] >= scenario.time.burn_in], rows


@cache
def plainly() -> tuple[Any, Any]:
    return entered(streets(units=0))


def test_an_empty_store_starts_nothing_and_positions_are_told_all_the_same() -> None:
    positions, rows = entered(streets(units=0, near={"has": "viewed"}))
    assert len(positions) > 8
    assert len(rows) == 0
    assert len(plainly()[1]) > 8


def test_a_store_with_always_enough_starts_it_for_who_has_looked_at_something() -> None:
    positions, rows = entered(streets(units=None, near={"has": "viewed"}))
    assert 0 < len(rows) < len(positions)
    again = entered(streets(units=None, near={"has": "cart"}))[1]
    assert len(again) < len(rows)


def test_who_does_not_see_the_units_starts_nothing() -> None:
    scenario = streets(near={"has": "viewed"})
    for choice, some in (("silo", False), ("handoff", False), ("all", True)):
        sharing = Sharing(**{**vars(Sharing.every("all")), "stock": choice})
        table = frame(run(scenario, [mixture(scenario, sharing)]), "mixture")
        rows = having(table, "enter")
        window = rows[(rows["time"] >= scenario.time.burn_in) & (rows["journey"] == 0)]
        assert (len(window) > 0) == some


def test_a_reading_that_is_too_old_starts_nothing() -> None:
    every = 86400
    fresh = streets(feed="1d", near={"has": "viewed", "fresh": "6h"})
    positions, rows = entered(fresh)
    assert (positions["time"] % every > 6 * 3600).any()
    assert (rows["time"] % every <= 6 * 3600).all()
    assert len(rows) <= len(entered(streets(feed="1d", near={"has": "viewed"}))[1])


def test_the_engines_agree() -> None:
    scenario = streets(
        feed="12h", near={"has": "viewed"}, push={"seen_out": 1.0, "seen_at_work": -1.0}
    )
    strategies = [*load(scenario, "omnichannel"), told(scenario)]
    fast, slow = (run(scenario, strategies, engine=e) for e in ("compiled", "simpy"))
    assert digests(fast) == digests(slow)


class Keeps:
    """A strategy that sends all, and keeps where it was told that people are."""

    name = "keeps"
    told: ClassVar[dict[int, tuple[int, int]]] = {}

    def decide(self, pending: Decisions) -> Choices:
        """Keep the column of each row."""
        for message, t, where in zip(
            pending.message_id.tolist(), pending.time_s.tolist(), pending.where.tolist(),
            strict=True,
        ):  # fmt: skip
            self.told.setdefault(message, (t, where))
        return Choices.default(pending)


def told(scenario: Any, **choices: str) -> LoadedStrategy:
    """Return the strategy that keeps, with all shared but some choices."""
    sharing = Sharing(**{**vars(Sharing.every("all")), **choices})
    plan = mixture(scenario, sharing).plan
    return LoadedStrategy("keeps", plan, Keeps(), "", True, False)  # type: ignore[arg-type]


def test_where_people_are_is_told_of_who_allows_it_to_who_may_see_it() -> None:
    scenario = streets()
    Keeps.told.clear()
    run(scenario, [told(scenario)])
    seen = [where for _, where in Keeps.told.values()]
    assert {0, 1, 2} <= set(seen) <= {-1, 0, 1, 2, 3}
    at_noon = [w for t, w in Keeps.told.values() if t // 86400 % 7 < 5]
    assert at_noon.count(1) > 0
    Keeps.told.clear()
    run(scenario, [told(scenario, context="silo")])
    mail = {where for _, where in Keeps.told.values()}
    assert -1 in mail  # the letters' team does not see what the app's has
    tells = scenario.model_dump()["channels"]
    tells[1]["visit"]["tells_position"] = 1e-9
    Keeps.told.clear()
    nobody = scenario.changed({"channels": tells})
    run(nobody, [told(nobody)])
    assert {where for _, where in Keeps.told.values()} == {-1}


def test_a_channel_that_only_those_at_home_see_is_opened_by_no_others() -> None:
    base, shut = streets(), streets(push={"seen_out": -50.0, "seen_at_work": -50.0})
    with_all, without = (
        having(frame(run(s, load(s, "omnichannel")), "omnichannel"), "open") for s in (base, shut)
    )
    assert len(without[without["channel"] == 4]) < len(with_all[with_all["channel"] == 4])


def test_zero_logits_leave_the_log_as_it_was() -> None:
    one = streets()
    two = streets(push={"seen_out": 0.0, "seen_at_work": 0.0}, near={"has": "anything"})
    a, b = (log(run(s, load(s, "omnichannel")), "omnichannel") for s in (one, two))
    same_rows(a, b)


@pytest.mark.parametrize(
    ("near", "says"),
    [({"has": "vewed"}, "viewed"), ({"fresh": "6h"}, "set has, or leave it")],
)
def test_what_can_not_be_is_an_error(near: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        streets(near=near)


class Cell:
    """A town of one person and one store, as the rule sees a cell."""

    def __init__(self, x: float, y: float) -> None:
        self.spot = np.array(
            [(0, 0, 500, 0, 1)],
            dtype=[("home_x", "i8"), ("home_y", "i8"), ("work_x", "i8"), ("work_y", "i8"),
                   ("works", "i1")],
        ).view(np.recarray)  # fmt: skip
        self.site = np.array(
            [(900, 0, 0)], dtype=[("x", "f8"), ("y", "f8"), ("kind", "i8")]
        ).view(np.recarray)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "where"),
    [((0.0, 0.0), 0), ((500.0, 0.0), 1), ((700.0, 0.0), 2), ((870.0, 0.0), 3), ((1000.0, 0.0), 3)],
)
def test_where_a_person_is_in_words(
    at: tuple[float, float], where: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(streets())
    rule = plain(whereabouts.whereabouts)
    monkeypatch.setitem(rule.__globals__, "where_is", lambda *_: at)
    assert rule(Cell(*at), model_with_one_site(model), 0, 0) == where


def model_with_one_site(model: Any) -> Any:
    """Return a stand-in with the first place's kind, and one place."""
    return SimpleNamespace(places=SimpleNamespace(sites=1), sites=model.sites)
