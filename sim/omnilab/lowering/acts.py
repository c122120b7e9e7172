"""From the acts of a scenario's channels to their records."""

from __future__ import annotations

from typing import Any

from omnilab.kernels.record import record_array
from omnilab.log.act_kinds import ACTS
from omnilab.scenario.acts import things_of
from omnilab.scenario.model import Scenario
from omnilab.world.acts import LoweredAct
from omnilab.world.advertising import MILLICENTS
from omnilab.world.intent import logit

__all__ = ["lower_acts"]


def lower_acts(scenario: Scenario) -> Any:
    """Return the records of all acts: by channel, in the scenario's order.

    A point is worth its part of a full card, an offer its part of a mean order.
    """
    names = [c.name for c in scenario.channels]
    offered = [act for channel in scenario.channels for act in channel.acts]
    loyalty = scenario.brand.loyalty
    things = things_of(scenario.channels)
    point = loyalty.worth / loyalty.card if loyalty.card > 0 else 0.0
    order = sum(c.spend.mean for c in scenario.categories) / len(scenario.categories)
    records = record_array(LoweredAct, len(offered))
    for to, act in zip(records, offered, strict=True):
        to.kind, to.only_asked = ACTS.index(act.act), int(act.at == "message")
        to.thing = things.index(act.thing) if act.act == "request" else 0
        allows = [names.index(name) for name in act.allows]
        to.allows = sum(1 << c for c in allows)
        to.opens = sum(1 << names.index(name) for name in act.opens)
        to.to = allows[0] if allows else -1
        to.carries = scenario.silos.index(act.carries) if act.carries else -1
        to.points, to.cost = act.points, round(act.incentive * MILLICENTS)
        to.offer, to.logit = act.offer, logit(act.base)
        to.worth = act.points * point + act.offer * order
    return records
