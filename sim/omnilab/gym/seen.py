"""What a brand sees of a message that waits, as a space of Gymnasium and observations in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from gymnasium import spaces

from omnilab.scenario.goods import goods_in
from omnilab.strategy.decisions import Decisions
from omnilab.strategy.goods import as_columns
from omnilab.strategy.membership import Membership

if TYPE_CHECKING:
    from omnilab.engine.ask import Asked
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.plan import Plan

__all__ = ["Seen"]

#: Columns of `Decisions` that name a profile or a message, and describe neither.
_NAMES: Final = ("profile", "message_id")
#: Counts and amounts have no bound in the model.
_MOST: Final = 2.0**53
NEVER: Final = -1.0


class Seen:
    """Observations of one scenario.

    Each column of `Decisions` but ``profile`` and ``message_id`` is an entry of its own, float64:
    shape (1,), or one number a channel for ``allowed``, ``received`` and ``answered``, one a good
    for ``viewed``, ``bought`` and ``searched``, one a target for ``progress`` and a test for
    ``arm``, where there are any. Where `Decisions` has NaN for never, an observation
    has -1.
    ``default`` is the number of an action: what the plan does where nobody decides, 0 nothing.

    Parameters
    ----------
    scenario, plan
        The scenario, and the plan of the strategy.
    channels
        The channels, by number, that can carry messages.
    """

    def __init__(self, scenario: Scenario, plan: Plan, channels: Sequence[int]) -> None:
        self.channels = list(channels)
        self._actions = {channel: 1 + n for n, channel in enumerate(channels)}
        self.goods = len(goods_in(scenario.categories))
        self._members = Membership(scenario)
        self._low = {name: 0.0 for name in Decisions.columns if name not in _NAMES}
        most = dict.fromkeys(self._low, _MOST)
        for name in ("category", "last_channel", "last_viewed", "last_bought", "last_device",
                     "last_searched", "where", "tier", "days_since_order", "days_since_seen",
                     "days_since_question", "days_since_search", "days_since_review",
                     "gives"):  # fmt: skip
            self._low[name] = -1.0
        n_categories, time = len(scenario.categories), scenario.time
        steps = max((len(j.steps) for j in plan.journeys), default=1)
        most |= {"time_s": float(time.burn_in + time.window + time.run_out), "offer": 1.0,
                 "allowed": 1.0, "may_offer": 1.0,
                 "gives": float(len(scenario.brand.offers)), "last_device": 2.0, "last_stars": 5.0,
                 "where": 3.0,
                 "tier": max(len(self._members.names["tier_names"]) - 1.0, -1.0),
                 "journey": float(max(len(plan.journeys) - 1, 0)),
                 "step": steps - 1.0, "default": float(len(self.channels)),
                 "last_channel": len(scenario.channels) - 1.0}  # fmt: skip
        most |= dict.fromkeys(
            ("category", "last_viewed", "last_bought", "last_searched"), n_categories - 1.0
        )
        size = {n: len(self.channels) if t.startswith("*") else 1
                for n, t in Decisions.columns.items()}  # fmt: skip
        boxes: dict[str, spaces.Space[Any]] = {
            name: spaces.Box(low, most[name], (size[name],), np.float64)
            for name, low in self._low.items()
        }
        if self.goods:
            for name in Decisions.of_goods:
                boxes[name] = spaces.Box(0.0, 1.0, (self.goods,), np.float64)
        arms = self._members.names["arm_names"]
        if len(self._members.goals):
            boxes["progress"] = spaces.Box(0.0, _MOST, self._members.goals.shape, np.float64)
        if arms:
            most_arm = np.array([len(names) - 1.0 for names in arms])
            boxes["arm"] = spaces.Box(np.full(len(arms), -1.0), most_arm, dtype=np.float64)
        self.space = spaces.Dict(boxes)

    def of(self, asked: Asked) -> list[dict[str, Any]]:
        """Return what is seen of each row of the engine's table, copied out of it."""
        n = int(asked.count[0])
        columns: dict[str, Any] = {}
        for name in self._low:
            column = np.asarray(getattr(asked, name))[:n]
            if name == "default":
                column = np.array([self._actions.get(c, 0) for c in column.tolist()])
            column = column[:, self.channels] if column.ndim > 1 else column[:, None]
            columns[name] = np.nan_to_num(column.astype(np.float64), nan=NEVER)
        for name in Decisions.of_goods if self.goods else ():
            bits = np.asarray(getattr(asked, name))[:n]
            columns[name] = as_columns(bits, self.goods).astype(np.float64)
        told = self._members.columns(np.asarray(asked.tally)[:n], np.asarray(asked.arm)[:n])
        columns |= {name: told[name].astype(np.float64)
                    for name in ("progress", "arm") if name in self.space.spaces}  # fmt: skip
        # Each row is its own memory, so that an observation that is kept keeps no table.
        return [{name: c[row].copy() for name, c in columns.items()} for row in range(n)]

    def nothing(self) -> dict[str, Any]:
        """Return what is seen when no message waits any more: the least of everything."""
        return {name: box.low.copy() for name, box in self.space.spaces.items()}  # type: ignore[attr-defined]
