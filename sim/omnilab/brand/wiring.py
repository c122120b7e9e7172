"""The silo map (wiring): which silos are one team, and which feeds tell a tool of another's events.

A *team* is silos that run on one data store: what one of them sees, all see. A *feed* tells a tool
of some kinds of events of another silo. It works by an identifier, as tracking scripts and uploads
do: it is told where the source knows such an identifier of the visitor, and the tool holds it too.
So a mail tool sees the views of those only whose address the web shop knows, and who are on its
list. What a tool is told counts as seen by the tool itself, under every sharing choice.

A choice that is `all` reaches everything on a profile anyway, so no map adds to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.profiles import add_known, find_address, known
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, i8

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = ["LoweredFeed", "fed_on", "is_first", "seen_by", "tell_feeds"]


class LoweredFeed(Record):
    """A feed as kernels read it."""

    sources: i8  # silos, a bit each; a team's all
    target: i8  # silo
    key: i8  # identifier type
    events: i8  # a bit each
    adds: i8  # 1: the tool takes up identifiers that it does not hold yet


@inner
def tell_feeds(
    cell: BrandCell, plan: LoweredPlan, t: int, profile: int, silo: int, event: int
) -> bool:
    """Note in ``cell.fed`` which profile each feed tells of a profile's event in a silo, or -1.

    The identifier is the latest of its type that the silo may use of the profile. Return whether
    any feed tells anybody.
    """
    some = False
    for f in range(len(plan.feed)):
        cell.fed[f] = -1
        feed = plan.feed[f]
        if (feed.sources >> silo) & 1 == 0 or feed.events & event == 0:
            continue
        i = find_address(cell, profile, int(feed.key), int(plan.team[silo]))
        if i < 0:
            continue
        code = int(cell.node[i].code)
        other = known(cell, plan, code, int(feed.target))
        if other < 0 and feed.adds == 1:
            other = add_known(cell, plan, t, code, int(feed.target))
        cell.fed[f] = other
        some = some or other >= 0
    return some


@inner
def fed_on(cell: BrandCell, plan: LoweredPlan, profile: int) -> int:
    """Return the tools, a bit each, that feeds tell of the event on this profile."""
    tools = 0
    for f in range(len(plan.feed)):
        if cell.fed[f] == profile:
            tools |= 1 << int(plan.feed[f].target)
    return tools


@inner
def is_first(cell: BrandCell, f: int) -> bool:
    """Tell whether no feed before ``f`` tells the same profile of the event."""
    for g in range(f):
        if cell.fed[g] == cell.fed[f]:
            return False
    return True


@inner
def seen_by(plan: LoweredPlan, tools: int) -> int:
    """Return the silos that see what some silos are told, a bit each: those and their team."""
    seen = 0
    for s in range(plan.rules.n_silos):
        if (tools >> s) & 1 == 1:
            seen |= int(plan.mates[s])
    return seen
