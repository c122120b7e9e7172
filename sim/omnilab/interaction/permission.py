"""Permissions that a person gives at an order or at a visit: a form, so a hand-off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import write_opt_in
from omnilab.draws.philox import draw4
from omnilab.draws.streams import SIGN_UP, V_FORM
from omnilab.interaction.identifiers import shown_code
from omnilab.interaction.wall import tell_permission
from omnilab.kernels.compiling import inner
from omnilab.world.identifiers import address_code, type_of
from omnilab.world.response import can_sign_up

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["permit", "sign_up_at_order", "sign_up_at_visit"]


@inner
def sign_up_at_order(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, ordinal: int
) -> None:
    """Give permissions at checkout that were not given before."""
    person = cell.person[int(visit.who)]
    for c in range(len(model.ch)):
        if model.ch[c].signs_up <= 0.0 or not can_sign_up(model, person, c):
            continue
        u, _, _, _ = draw4(model.key.k0, model.key.k1, SIGN_UP, person.entity, (ordinal << 8) | c)
        if u < model.ch[c].signs_up:
            permit(cell, model, plan, t, visit, c)


@inner
def sign_up_at_visit(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit) -> None:
    """Give the permission that the place asks for by a form: the first that is still missing."""
    person = cell.person[int(visit.who)]
    family = int(visit.family)
    if person.left == 1:
        return
    for c in range(len(model.ch)):
        if model.ch[c].signs_up_visit <= 0.0 or not can_sign_up(model, person, c):
            continue
        u, _, _, _ = draw4(
            model.key.k0, model.key.k1, family + V_FORM, person.entity, int(visit.occasion)
        )
        if u < model.ch[c].signs_up_visit:
            permit(cell, model, plan, t, visit, c)
        return


@inner
def permit(cell: Cell, model: Model, plan: LoweredPlan, t: int, visit: Visit, c: int) -> None:
    """Permit messages on a channel; the brand is told, with the identifiers that are shown."""
    who = int(visit.who)
    n = int(visit.shown) if visit.profile >= 0 else 0
    silo = int(model.ch[int(visit.channel)].silo) if n > 0 else -1
    cell.person[who].consent |= 1 << c
    code = address_code(model, cell.person[who], who, int(model.ch[c].address), t)
    write_opt_in(
        cell, t, who, c, int(model.ch[c].silo), code=shown_code(cell, model, code),
        type=type_of(code), visited=silo,
    )  # fmt: skip
    tell_permission(cell, plan, t, c, silo, code, n)
