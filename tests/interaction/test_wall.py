"""What the brand is told live, and what it sees again from the tape, are one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omnilab.brand.codes import CARTED, ORDERED, VIEWED
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.cascade.rules import CLICKED, DELIVERED, OPENED
from omnilab.cell import memory
from omnilab.cell.memory import Shape, allocate
from omnilab.interaction import wall
from omnilab.log.identifier_types import number_of
from omnilab.world.identifiers import EMAIL, code_of
from tests.plain import plain

WEB, MAIL = 0, 1  # channels, each a silo
BRAND = ("node", "profile", "context_of", "received", "answered", "context", "ring")
LOGIN = number_of("login")
code = plain(code_of)
MARY, JOHN = code(EMAIL, 1, 0), code(EMAIL, 2, 0)


def make_plan(sharing: int) -> Any:
    return SimpleNamespace(
        rules=SimpleNamespace(
            identity=sharing,
            context=sharing,
            n_silos=2,
            stop=sharing,
            starts=0,
            uncapped=0,
            programme=0,
        ),
        journey=[],
        silo=[0, 1],
        sender=[0, 1],
        team=[0, 1],
        mates=[1, 2],
        feed=[],
        tells=[0, 0],
        address=[-1, EMAIL],
        unique=[int(kind == LOGIN) for kind in range(9)],
    )


def make_cell(taping: int) -> Any:
    shape = Shape(categories=1, channels=2, silos=2, entries=1, sends=3, running=1)
    cell = allocate(shape.sizes(2))
    plain(memory.reset)(cell, 5, 0)
    cell.meta.taping = taping
    return cell


def visitor(profile: int) -> Any:
    """Return a visit of somebody whom the brand takes for a profile."""
    return SimpleNamespace(profile=profile, goods=0)


def tell(cell: Any, plan: Any) -> None:
    """Tell the brand one thing of each kind."""

    def say(what: str, *about: Any) -> Any:
        return plain(getattr(wall, what))(cell, *about)

    say("tell_permission", plan, 10, MAIL, -1, JOHN, 0)
    cell.code[0], cell.carry[0] = code(LOGIN, 1, 0), -1
    profile = say("tell_visit", plan, 20, WEB, 1, -1)
    say("tell_outcome", plan, 20, visitor(profile), 0, (VIEWED, 3, 0, 0))
    cell.code[0], cell.carry[0] = code(LOGIN, 1, 0), -1
    profile = say("tell_visit", plan, 30, WEB, 1, -1)
    say("tell_outcome", plan, 30, visitor(profile), 0, (CARTED, 3, 0, 900))
    say("tell_outcome", plan, 31, visitor(profile), 0, (ORDERED, 3, 0, 900))
    say("tell_points", plan, 31, profile, 0, 9)
    say("tell_permission", plan, 31, MAIL, 0, MARY, 1)
    for t, address in ((40, MARY), (50, MARY), (60, JOHN)):
        say("tell_send", plan, t, MAIL, address, 0)
    letter = SimpleNamespace(channel=MAIL, code=MARY, sender=-1, sender_serial=0, id=7)
    for t, status in ((60, DELIVERED), (61, OPENED), (62, CLICKED)):
        say("tell_receipt", plan, t, letter, status)
    say("tell_stop_all", plan, 63, MAIL, MARY)
    say("tell_bounce", plan, 64, MAIL, JOHN)


@pytest.mark.parametrize("sharing", [SILO, HANDOFF, ALL])
def test_the_tape_tells_what_was_told(sharing: int) -> None:
    plan, told, again = make_plan(sharing), make_cell(1), make_cell(0)
    tell(told, plan)
    session = -1
    for i in range(told.meta.tape):
        session = plain(wall.replay)(again, told, plan, i, session)

    profiles = told.meta.profiles
    assert told.received[:profiles, MAIL].sum() == 3
    assert told.answered[:profiles, MAIL].sum() == 2
    assert sorted(told.ring[told.ring > 0].tolist()) == [40, 50, 60]
    assert told.context[: told.meta.contexts].points.sum() == 9
    assert any(told.profile[:profiles].stopped == 1 << 1)
    assert told.node.dead.sum() == 1
    for name in BRAND:
        assert np.array_equal(getattr(again, name), getattr(told, name)), name


def test_what_is_told_of_the_brands_first_profile_is_on_the_tape_too() -> None:
    plan, told, again = make_plan(ALL), make_cell(1), make_cell(0)
    told.code[0], told.carry[0] = code(LOGIN, 1, 0), -1
    assert plain(wall.tell_visit)(told, plan, 20, WEB, 1, -1) == 0
    plain(wall.tell_outcome)(told, plan, 20, visitor(0), 0, (ORDERED, 3, 0, 900))
    plain(wall.tell_points)(told, plan, 20, 0, 0, 9)
    plain(wall.tell_permission)(told, plan, 21, MAIL, 0, MARY, 1)
    plain(wall.tell_points)(told, plan, 22, 0, 0, 5)
    session = -1
    for i in range(told.meta.tape):
        session = plain(wall.replay)(again, told, plan, i, session)
    assert session == 0
    assert again.context[: again.meta.contexts].points.sum() == 14
    for name in BRAND:
        assert np.array_equal(getattr(again, name), getattr(told, name)), name


def test_a_form_that_merges_the_sessions_profile_away_ends_the_session() -> None:
    plan, told, again = make_plan(ALL), make_cell(1), make_cell(0)
    plain(wall.tell_permission)(told, plan, 10, MAIL, -1, MARY, 0)
    told.code[0], told.carry[0] = code(LOGIN, 1, 0), -1
    assert plain(wall.tell_visit)(told, plan, 20, WEB, 1, -1) == 1
    plain(wall.tell_permission)(told, plan, 20, MAIL, 0, MARY, 1)
    assert told.profile.used[:2].tolist() == [1, 0]
    sessions = [-1]
    for i in range(told.meta.tape):
        sessions.append(plain(wall.replay)(again, told, plan, i, sessions[-1]))
    assert sessions == [-1, -1, 1, -1]


def test_only_what_outlives_the_burn_in_is_taped_and_only_then() -> None:
    plan, told = make_plan(ALL), make_cell(1)
    tell(told, plan)
    assert told.meta.tape == 2 + 2 + 3 + 1 + 3 + 2 + 1 + 1  # the receipt of a delivery is not
    quiet = make_cell(0)
    tell(quiet, plan)
    assert quiet.meta.tape == 0


def test_a_visitor_who_showed_nothing_is_told_nothing_of() -> None:
    plan, cell = make_plan(ALL), make_cell(1)
    plain(wall.tell_outcome)(cell, plan, 20, visitor(-1), 0, (VIEWED, 3, 0, 0))
    plain(wall.tell_points)(cell, plan, 20, -1, 0, 5)
    assert cell.meta.tape == 0
    assert cell.meta.contexts == 0
    assert plain(wall.ask_serial)(cell, -1) == -1
