"""Contact centres for tests: random ones, and a small one whose people ask a lot."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from omnilab.cell import queue
from omnilab.cell.memory import grow
from omnilab.engine.loop import DONE, SHORT, advance, people, schedule_weekly
from omnilab.scenario.model import Scenario
from tests.plain import plain
from tests.verification.worlds import FLAT
from tests.worlds import cell_of, corner, logged, model_of, plan_of

SHARES = st.sampled_from((0.0, 0.3, 1.0))


@st.composite
def patches(draw: st.DrawFn, channels: list[str], town: bool = False) -> dict[str, Any]:
    """Return a patch of a scenario with these channels to visit: who asks, and who answers."""
    some = st.lists(st.sampled_from(channels), min_size=1, max_size=4, unique=True)
    teams: list[dict[str, Any]] = [
        {"name": "all", "channels": draw(some), "minute": draw(st.sampled_from((0, 1.26)))}
    ]
    if draw(st.booleans()):
        teams.insert(0, {"name": "front", "channels": draw(some), "answers": ["easy"]})
    for team in teams:
        if town and draw(st.booleans()):
            team["number"] = draw(st.sampled_from((1, 3)))
    survey = {"answered": draw(SHARES), "unhappy": draw(SHARES)}
    contact = {
        "agents": teams,
        "page": draw(st.sampled_from((None, {"channels": draw(some), "answers": 0.5}))),
        "effort": {teams[0]["channels"][0]: draw(st.sampled_from((0.0, 1.5)))},
        "call_back": town and draw(st.booleans()),
        "survey": draw(st.sampled_from((None, survey))),
    }
    questions = {
        "before": draw(SHARES), "hard": draw(SHARES), "solves": draw(st.sampled_from((0.3, 1.0))),
        "again": draw(st.sampled_from((0.0, 0.5, 1.0))), "lost": draw(SHARES),
        "ask_after": draw(st.sampled_from(("1min", "1d"))), "again_after": "6h",
        "patience": draw(st.sampled_from(("1min", "1h"))), "length": "20min",
    }  # fmt: skip
    return {"world": {"questions": questions}, "brand": {"contact": contact}}


def asking(contact: Any = None, questions: Any = None, **changes: Any) -> Scenario:
    """Return the corner shop with questions about half of all needs and orders."""
    world = {
        **FLAT, "continuity": {"service": 0.5}, "questions": {"before": 0.5, **(questions or {})},
    }  # fmt: skip
    own = {"agents": [{"channels": ["store", "app", "web"]}], **(contact or {})}
    return corner(world=world, brand={"contact": own}, **changes)


class Life:
    """A cell of the corner shop, lived step by step in plain Python."""

    def __init__(
        self, scenario: Scenario, persons: int = 6, strategy: str = "omnichannel", **plan: Any
    ) -> None:
        self.model = model_of(scenario)
        self.plan = plan_of(scenario, strategy, **plan)
        self.cell = cell_of(persons, self.model, self.plan, row=60_000, item=4000, tape=64)
        plain(people)(self.cell, self.model, 0, persons, np.ones(persons, np.int64))
        plain(schedule_weekly)(self.cell, self.plan, 0)

    def until(self, t: int) -> None:
        """Live on until ``t``."""
        while (stopped := plain(advance)(self.cell, self.model, self.plan, t)) != DONE:
            assert stopped == SHORT
            grow(self.cell, int(self.cell.meta.short_of))

    def rows(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the log's rows of some kinds so far."""
        return logged(self.cell, *kinds)

    def open_questions(self) -> int:
        """Return how many questions are neither answered nor given up."""
        items = [x for x in self.cell.item[: self.cell.meta.items] if _kind(x) == queue.ASK]
        waiting = sum(int(x.b) >= 0 for x in items)
        return waiting + int((self.cell.contact[: self.cell.meta.persons].state != 0).sum())


def _kind(item: Any) -> int:
    return int(plain(queue.kind_of)(int(item.key)))
