"""What is taped and taken in again leaves the brand as what it took in live."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from omnilab.cell import queue
from omnilab.cell.memory import grow, reset_brand
from omnilab.engine.loop import DONE, SHORT, advance, people, schedule_weekly
from omnilab.interaction import tape, wall
from tests.plain import plain
from tests.worlds import DAY, cell_of, corner, logged, model_of, plan_of

RULES = (
    "interaction/message.py", "interaction/order.py", "interaction/visit.py", "interaction/wall.py",
    "interaction/send.py", "interaction/identifiers.py", "interaction/stay.py",
    "brand/observe.py",
)  # fmt: skip
LETTER = {"message": {"channels": ["email", "push", "ad"], "fallback_after": "1d"}}
OTHER = {"name": "other", "trigger": "signup", "sequence": ["email"], "steps": [{"exit": True}]}
NEWS = {"name": "news", "trigger": "weekly", "sequence": ["email"],
        "steps": [{"delay": "1h"}, {"delay": "1h"}, LETTER]}  # fmt: skip
SCENARIO = corner(brand={"journeys": [OTHER, NEWS]})
PLAN = plan_of(SCENARIO, rules={"identity": 2, "context": 2, "cookie_ttl": 0})
DAYS = 60


@pytest.fixture(scope="module")
def lived() -> Any:
    """Return a cell that has lived for some weeks, its tape running."""
    model = model_of(SCENARIO)
    for channel in model.ch:
        channel.delivered, channel.opt_out = min(channel.delivered, 0.8), 0.02
        channel.signs_up = 0.5 * channel.messages
    model.fatigue.stop_all = 0.5
    model.identifiers.address_life = 10.0 * DAY
    model.visit_time.asides = 1
    model.visit_time.on, model.visit_time.looking, model.visit_time.buying = 1, 600.0, 3600.0
    cell = cell_of(4, model, PLAN, tape=4096, row=40_000, item=2000)
    cell.meta.taping = 1
    plain(people)(cell, model, 0, 4, np.ones(4, np.int64))
    plain(schedule_weekly)(cell, PLAN, 0)
    while (stopped := plain(advance)(cell, model, PLAN, DAYS * DAY)) != DONE:
        if stopped == SHORT:
            grow(cell, int(cell.meta.short_of))
        else:
            cell.meta.rows = 0
    return cell


def again(lived: Any, upto: int | None = None) -> Any:
    """Return a new brand that has taken in the tape, as when a strategy takes over."""
    cell = cell_of(4, plan=PLAN)
    for name in ("person", "device"):
        getattr(cell, name)[:] = getattr(lived, name)
    plain(reset_brand)(cell)
    cell.meta.replaying, cell.meta.persons = 1, 4
    session = -1
    for i in range(lived.meta.tape if upto is None else upto):
        session = plain(wall.replay)(cell, lived, PLAN, i, session)
        cell.meta.timers = 0
    return cell


def test_everything_was_taped(lived: Any) -> None:
    kinds = {int(x.kind) for x in lived.tape[: lived.meta.tape]}
    assert kinds == set(range(1, 10))


def test_a_row_has_its_channels_silo_and_a_message_its_journey_and_step(lived: Any) -> None:
    found = logged(lived)
    assert len(found) > 1000
    for row in found:
        assert 0 <= row["person"] < 4
        if row["channel"] >= 0:
            assert row["silo"] == PLAN.silo[row["channel"]], row
    messages = [x for x in found if "step" in x]
    assert {(x["journey"], x["step"]) for x in messages} == {(1, 2)}
    assert {"sent", "delivered", "open", "click", "bounce"} <= {x["kind"] for x in messages}


def test_what_is_shown_is_shown_at_the_visit_before_it(lived: Any) -> None:
    found = logged(lived)
    for before, row in pairwise(found):
        if row["kind"] == "identify":
            where = ("time", "person", "channel", "silo")
            assert [row[k] for k in where] == [before[k] for k in where]


def test_messages_are_numbered_one_by_one(lived: Any) -> None:
    numbers = sorted({x["message"] for x in logged(lived) if "message" in x})
    assert numbers == list(range(len(numbers)))


def test_the_new_brand_knows_what_the_old_one_knew(lived: Any) -> None:
    cell = again(lived)
    n = int(lived.meta.nodes)
    assert cell.meta.nodes == n
    for name in ("code", "first_seen", "last_seen", "seen_in", "silo", "type", "dead", "profile"):
        assert cell.node[name][:n].tolist() == lived.node[name][:n].tolist(), name
    for p in range(int(lived.meta.profiles)):
        old, new = lived.profile[p], cell.profile[p]
        for name in ("used", "serial", "first_seen", "last_seen", "key", "last_channel", "stopped"):
            assert new[name] == old[name], (p, name)
        if old.used == 0:
            continue
        assert cell.received[p].tolist() == lived.received[p].tolist()
        assert cell.answered[p].tolist() == lived.answered[p].tolist()
        for s in range(4):
            i, k = (int(c.context_of[p, s]) for c in (lived, cell))
            assert (i < 0) == (k < 0)
            if i >= 0:
                names = [f for f in lived.context.dtype.names if f != "next"]
                assert [lived.context[i][f].tolist() for f in names] == [
                    cell.context[k][f].tolist() for f in names
                ]
                assert lived.ring[i].tolist() == cell.ring[k].tolist()


def test_what_came_of_a_visit_belongs_to_it(lived: Any) -> None:
    for i, x in enumerate(lived.tape[: lived.meta.tape]):
        goes_on = plain(tape.goes_on)(lived, i)
        in_a_visit = x.kind in (tape.OUTCOME, tape.POINTS) or (
            x.kind == tape.OPT_IN and x.silo >= 0
        )
        assert goes_on == in_a_visit
        assert not goes_on or x.time == lived.tape[i - 1].time


def test_where_no_tape_runs_nothing_is_taped() -> None:
    model = model_of(SCENARIO)
    cell = cell_of(2, model, PLAN)
    plain(people)(cell, model, 0, 2, np.ones(2, np.int64))
    plain(advance)(cell, model, PLAN, 9 * DAY)
    assert cell.meta.tape == 0
    assert plain(queue.soonest)(cell) > 0
