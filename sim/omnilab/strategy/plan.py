"""What a strategy asks for, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omnilab.brand.sharing import Sharing, Value
from omnilab.scenario.programme_money import Budget, Costs

if TYPE_CHECKING:
    from omnilab.scenario.model import Cap, Journey, Wiring

__all__ = ["Plan", "Sharing"]


@dataclass(frozen=True)
class Plan:
    """What a strategy does, as data.

    Attributes
    ----------
    sharing
        The seven sharing choices; all ``silo`` by default.
    journeys
        The journeys that run; none by default.
    cap
        The frequency cap; None for the scenario's own.
    silos
        The silos that send messages; None for all.
    paid
        Whether the brand pays for search.
    wiring
        The silo map, or the name of a preset: which silos are one team, and what tools are told of
        each other's events; None for the scenario's own.
    budgets
        What may be spent on sends and paid clicks, beside the scenario's own budgets, which hold
        as well.
    bids
        By channel, what the strategy bids in its auction; the scenario's bid where none is named.
    costs
        What the strategy costs beside its sends and clicks.
    """

    sharing: Sharing = field(default_factory=Sharing)
    journeys: tuple[Journey, ...] = ()
    cap: Cap | None = None
    silos: tuple[str, ...] | None = None
    paid: bool = True
    wiring: Wiring | str | None = None
    budgets: tuple[Budget, ...] = ()
    bids: Mapping[str, float] = field(default_factory=dict)
    costs: Costs = field(default_factory=Costs)

    def with_sharing(self, **choices: Value) -> Plan:
        """Return the plan with some of the seven choices changed."""
        return replace(self, sharing=replace(self.sharing, **choices))
