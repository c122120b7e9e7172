"""Acts at a visit: what a person does there by which the brand can reach it or knows it again.

An act is a hand-off: the identifiers of the visit and what the act hands over are seen together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell.emit import writer
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.offers import take_offer_of_act
from omnilab.interaction.permission import permit
from omnilab.interaction.wall import ask_serial, hear, tell_act, tell_points, tell_stays, tell_visit
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.log.act_kinds import JOIN, LOG_IN, REQUEST
from omnilab.world.acts import (
    LOGIN,
    LOYALTY,
    act_chance,
    asks_for,
    can_act,
    does_act,
    has_noticed_need,
    trust_in_brand,
    worth_of,
)
from omnilab.world.identifiers import address_code

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.acts import LoweredAct
    from omnilab.world.model import Model

__all__ = ["act_at_visit"]

MOST_SHOWN: Final = 12  # identifiers of a visit, acts included

write_act = writer(rows.ACT, placed=True)


@inner
def act_at_visit(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Do what the person does of the acts that the visited channel offers."""
    channel = model.ch[int(visit.channel)]
    done = 0
    for k in range(channel.acts):
        if _does(cell, model, t, visit, model.act[channel.first_act + k]):
            done |= 1 << k
    if done == 0:
        return
    _show_more(cell, model, plan, t, visit, done)
    for k in range(channel.acts):
        if (done >> k) & 1 == 1:
            _do(cell, model, plan, t, visit, model.act[channel.first_act + k])
    for k in range(channel.acts):  # permissions may merge the visit's profile: last of all
        if (done >> k) & 1 == 1:
            _hand_over(cell, model, plan, t, visit, model.act[channel.first_act + k])


@inner
def _is_asked(visit: Visit, act: LoweredAct) -> bool:
    return visit.asks == act.kind + 1


@inner
def _cost(visit: Visit, act: LoweredAct) -> int:
    """Return what the brand would pay for an act, milli-cents: the higher of the two offers."""
    cost = int(act.cost)
    return max(cost, int(visit.incentive)) if _is_asked(visit, act) else cost


@inner
def _does(cell: Cell, model: Model, t: int, visit: Visit, act: LoweredAct) -> bool:
    """Tell whether the person does an act at this visit."""
    person = cell.person[int(visit.who)]
    asked = _is_asked(visit, act)
    if (act.only_asked == 1 and not asked) or not can_act(cell, person, act):
        return False
    worth = worth_of(person, act, _cost(visit, act))
    needs, trust = has_noticed_need(cell, person), trust_in_brand(model, person, t)
    chance = act_chance(model, act, needs, asked, worth, trust)
    return does_act(model, person, act, int(visit.family), int(visit.occasion), chance)


@inner
def _show_more(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, done: int
) -> None:
    """Show the card or the account that acts have given, as part of the visit.

    Permissions at the till may have merged the visit's profile, so it is asked for in any case.
    """
    who, c, n = int(visit.who), int(visit.channel), int(visit.shown)
    m = n
    for k in range(model.ch[c].acts):
        act = model.act[model.ch[c].first_act + k]
        kind = -1
        if act.kind == JOIN:
            kind = LOYALTY
        elif act.kind == LOG_IN:
            kind = LOGIN
        if (done >> k) & 1 == 1 and kind >= 0 and m < MOST_SHOWN:
            cell.code[m] = address_code(model, cell.person[who], who, kind, t)
            cell.carry[m] = act.carries
            m += 1
    if m == n:
        if n > 0:
            visit.profile = tell_stays(cell, plan, t, c, n)
        return
    visit.shown = m
    visit.profile = tell_visit(cell, plan, t, c, m, -1)
    log_identifiers(cell, model, t, who, c, n, m, ask_serial(cell, int(visit.profile)))
    hear(cell, t)


@inner
def _do(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, act: LoweredAct) -> None:
    """Do an act, and take its incentive the first time."""
    who, c, kind = int(visit.who), int(visit.channel), int(act.kind)
    person, silo = cell.person[who], int(model.ch[c].silo)
    again = (person.acts >> kind) & 1
    cost = 0 if again == 1 else _cost(visit, act)
    points = 0 if again == 1 else int(act.points)
    person.acts |= 1 << kind
    person.reach |= act.opens | act.allows
    if kind == REQUEST:
        asks_for(cell, person, int(act.thing))
    asked = _is_asked(visit, act)
    cause = int(visit.cause) if asked else -1
    write_act(
        cell, t, who, c, silo, act=kind, asked=1 if asked else 0, again=again,
        thing=int(act.thing), points=points, cost=cost, cause=cause,
    )  # fmt: skip
    if again == 0 and act.offer > 0.0:
        take_offer_of_act(cell, model, t, visit, float(act.offer), cause)
    if points > 0:
        tell_points(cell, plan, t, int(visit.profile), silo, points)


@inner
def _hand_over(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, act: LoweredAct
) -> None:
    """Give the permissions of an act, and tell the brand of it."""
    who = int(visit.who)
    for c in range(len(model.ch)):
        if (act.allows >> c) & 1 == 1 and (cell.person[who].consent >> c) & 1 == 0:
            permit(cell, model, plan, t, visit, c)
    code = 0
    to = int(act.to)
    if to >= 0:
        code = address_code(model, cell.person[who], who, int(model.ch[to].address), t)
    n = int(visit.shown) if visit.profile >= 0 else 0
    tell_act(cell, plan, t, int(visit.channel), int(act.kind), to, code, n)
