"""Solve how regular needs must be, so that orders are as regular as a category says.

Orders are less regular than the notices of the needs that they close: some needs are lost, and the
others are ordered after delays that differ. What becomes of each need is counted in a pilot without
messages. The same fates are then laid upon notices that are a renewal process of gamma gaps of
another shape, at the person's own pace, until the orders have the wanted regularity k. It is
measured as Wheat and Morrison do it: with M the part that a gap has in the sum of itself and the
next one, gamma gaps of shape k have

    var(M) = 1 / (4 (2 k + 1))

whatever a person's pace. It is not upset by a few long gaps, as their variance is.

References
----------
Wheat and Morrison (1990), "Estimating purchase regularity with two interpurchase times", Journal
of Marketing Research 27(1); Platzer and Reutterer (2016), "Ticking away the moments", Marketing
Science 35(5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from scipy import optimize, special

from omnilab.engine.pilot import pilot_rows
from omnilab.errors import ScenarioError
from omnilab.log import rows
from omnilab.lowering.laws import gap_tables
from omnilab.lowering.model import build_model
from omnilab.scenario.calendar import MOST_DAYS
from omnilab.world.needs import FIRST_MADE

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.world.model import Model

__all__ = ["Fates", "regularity_of", "solve_regularity"]

CUSTOMERS: Final = 2000  # of the pilot
SHAPES: Final = (0.1, 1000.0)  # of gaps between notices: at the last they vary by 3%
GAPS: Final = 12  # between needs that the pilot's window has room for
FEWEST_PAIRS: Final = 200  # of successive gaps between orders, to count from
MOST_NEEDS: Final = 400_000  # whose fates are laid upon other gaps


def solve_regularity(scenario: Scenario, model: Model) -> None:
    """Give each category with `order_regularity` the gaps of needs that lead to it.

    Raises
    ------
    ScenarioError
        If orders can't be so regular, or the pilot has too few of them to count from.
    """
    asked = [(n, c) for n, c in enumerate(scenario.categories) if c.order_regularity > 0]
    if not asked:
        return
    log = _Log(*_longer(scenario, max(c.every for _, c in asked)))
    tables: Any = model.table
    for n, category in asked:
        shape = log.of(n).shape_for(category.order_regularity, category.name)
        to = model.cat[n]
        tables[int(to.table_gap)], tables[int(to.table_first)] = gap_tables(shape)


def regularity_of(person: Any, time: Any) -> tuple[float, int]:
    """Return the regularity of persons' events by Wheat and Morrison, and the pairs of gaps.

    Parameters
    ----------
    person, time
        Shape ``(n,)``, in any order. Events of one moment count as one.
    """
    order = np.lexsort((time, person))
    person, time = person[order], np.asarray(time, dtype=np.float64)[order]
    gap, same = np.diff(time), np.diff(person) == 0
    kept = np.concatenate([[True], ~(same & (gap <= 0.0))])
    person, time = person[kept], time[kept]
    gap, same = np.diff(time), np.diff(person) == 0
    pair = same[:-1] & same[1:]
    first, second = gap[:-1][pair], gap[1:][pair]
    if not len(first):
        return 0.0, 0
    spread = float((np.square(first / (first + second) - 0.5)).mean())
    return (0.25 / max(spread, 1e-12) - 1.0) / 2.0, len(first)


@dataclass(frozen=True)
class Fates:
    """What became of a category's needs.

    Attributes
    ----------
    person
        Shape ``(n,)``, sorted, and each person's needs in the order of their notices.
    pace
        Shape ``(n,)``: mean seconds between notices of that person.
    delay
        Shape ``(n,)``: seconds from notice to order, NaN where it was lost.
    """

    person: Any
    pace: Any
    delay: Any

    @classmethod
    def of(cls, person: Any, noticed: Any, ordered: Any) -> Self:
        """Return the fates of needs by the seconds of notice and order (-1: lost), any order."""
        by = np.lexsort((noticed, person))
        person, noticed, ordered = person[by], noticed[by], ordered[by]
        _, who, n = np.unique(person, return_inverse=True, return_counts=True)
        last = np.cumsum(n) - 1
        span = (noticed[last] - noticed[last - n + 1]).astype(np.float64)
        pace = (span / np.maximum(n - 1, 1))[who]
        kept = (n[who] >= 3) & (pace > 0.0)
        kept[MOST_NEEDS:] = False
        delay = np.where(ordered >= 0, ordered - noticed, np.nan)
        return cls(who[kept], pace[kept], delay[kept])

    @cached_property
    def _uniforms(self) -> Any:
        return np.random.Generator(np.random.Philox(key=CUSTOMERS)).random(len(self.person))

    @property
    def share(self) -> float:
        """The share of needs that become orders."""
        return float(np.isfinite(self.delay).mean()) if len(self.delay) else 0.0

    def regularity(self, shape: float) -> tuple[float, int]:
        """Return the regularity of orders where notices have gamma gaps of a shape, and pairs."""
        low, high = 1e-9, 1.0 - 1e-9
        grid = np.concatenate([[low], np.linspace(0.0, 1.0, 4001)[1:-1], [high]])
        quantiles = special.gammaincinv(shape, grid) / shape
        gap = np.interp(self._uniforms, grid, quantiles) * self.pace
        # One running sum will do: gaps between persons are never looked at.
        ordered = np.isfinite(self.delay)
        return regularity_of(self.person[ordered], (np.cumsum(gap) + self.delay)[ordered])

    def shape_for(self, regularity: float, category: str) -> float:
        """Return the shape of gaps between notices at which orders have this regularity.

        Raises
        ------
        ScenarioError
            If there is none, or there are too few orders to say.
        """
        key = f"categories.{category}.order_regularity"
        (least, _), (most, pairs) = (self.regularity(shape) for shape in SHAPES)
        if pairs < FEWEST_PAIRS:
            raise ScenarioError(
                "customers order too seldom to count what becomes of their needs: make `every`"
                " shorter, or leave it out",
                key=key,
            )
        if not least < regularity < most:
            remedy = (
                "lower `world.intent.threshold`, or raise `returns_by_itself` and `patience`"
                if regularity >= most else "leave it out"
            )  # fmt: skip
            raise ScenarioError(
                f"orders can't have the regularity {regularity:g}: {self.share:.0%} of needs become"
                " orders, with delays that differ, so it lies from"
                f" {math.ceil(least * 100) / 100:g} to {math.floor(most * 100) / 100:g}; {remedy}",
                key=key,
            )

        def excess(log_shape: float) -> float:
            return self.regularity(math.exp(log_shape))[0] - regularity

        low, high = (math.log(shape) for shape in SHAPES)
        return math.exp(float(optimize.brentq(excess, low, high, xtol=1e-3)))


def _longer(scenario: Scenario, every: int) -> tuple[Scenario, int]:
    """Return the scenario with a window of some gaps between needs, and how many customers.

    A longer window takes fewer customers to see as many gaps.
    """
    time = scenario.time
    most = MOST_DAYS * 86400 - time.burn_in - time.run_out
    window = max(time.window, min(GAPS * every, most) // 86400 * 86400)
    customers = max(CUSTOMERS // 4, int(CUSTOMERS * time.window / window))
    return scenario.changed({"time": {"window": window}}), customers


class _Log:
    """What became of the needs of a pilot that come by themselves."""

    def __init__(self, scenario: Scenario, customers: int) -> None:
        kinds = (rows.NEED, rows.AWARE, rows.ORDER, rows.NEED_LOST)
        log = np.concatenate(
            [
                taken[np.isin(taken["kind"], kinds)]
                for taken in pilot_rows(scenario, build_model(scenario), customers, counts=False)
            ]
        )
        self._needs, self._aware, self._orders, self._lost = (
            rows.of_kind(log, kind) for kind in kinds
        )

    def of(self, category: int) -> Fates:
        """Return the fates of a category's needs that were noticed and have ended."""
        needs = self._needs[self._needs.category == category]
        own = set(_keys(needs[needs.need < FIRST_MADE]))
        lost = self._lost[self._lost.fate != rows.FATE_LEFT]
        ended = dict.fromkeys(_keys(lost), -1)
        ended.update(zip(_keys(self._orders), self._orders.time.tolist(), strict=True))
        found = [
            (key >> 26, time, ended[key])
            for key, time in zip(_keys(self._aware), self._aware.time.tolist(), strict=True)
            if key in own and key in ended
        ]
        person, noticed, ordered = np.array(found, dtype=np.int64).reshape(-1, 3).T
        return Fates.of(person, noticed, ordered)


def _keys(row: Any) -> list[int]:
    """Return one number for each person and need."""
    keys: list[int] = ((row.person.astype(np.int64) << 26) | row.need.astype(np.int64)).tolist()
    return keys
