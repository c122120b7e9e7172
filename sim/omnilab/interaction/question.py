"""Questions as they arise: before a purchase, in a visit, and after one.

Each is a row `question`, and then an item of the queue until it is answered or given up, or a
contact that is going on (`omnilab.interaction.contact`): so at all moments the questions are those
answered, those given up, and those for which the queue has an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.cell.room import ORDINAL_BITS
from omnilab.draws.philox import draw4
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.clock import later
from omnilab.world.needs import ANSWERED, OPEN, SETTLED
from omnilab.world.questions import (
    ASKS_LATER,
    QUESTION,
    ask_delay,
    contact_of,
    has_question,
    is_hard,
    page_answers,
    question_of,
)

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = [
    "after_bit",
    "ask_again_later",
    "attempt_of",
    "hard_bit",
    "may_choose",
    "need_of",
    "plan_question",
    "tried_bit",
    "try_page",
]

write_question = writer(rows.QUESTION, placed=False)
write_answer = writer(rows.ANSWER, placed=True)

# What an item says of its question, above the need's ordinal
HARD: int = 1 << ORDINAL_BITS
AFTER: int = 1 << (ORDINAL_BITS + 1)
TRIED: int = 1 << (ORDINAL_BITS + 2)  # a page has been tried
KNOWN_BITS: int = ORDINAL_BITS + 3  # and the contacts so far above these

BY_PAGE = 0  # who answers, as the log says it; a team is its number + 1


@inner
def need_of(packed: int) -> int:
    """Return the ordinal of the need that an item's question is about."""
    return packed & ((1 << ORDINAL_BITS) - 1)


@inner
def hard_bit(packed: int) -> int:
    """Return 1 where an item's question is hard."""
    return 1 if packed & HARD != 0 else 0


@inner
def after_bit(packed: int) -> int:
    """Return 1 where an item's question is about an order."""
    return 1 if packed & AFTER != 0 else 0


@inner
def tried_bit(packed: int) -> int:
    """Return 1 where a page has been tried."""
    return 1 if packed & TRIED != 0 else 0


@inner
def attempt_of(packed: int) -> int:
    """Return how many contacts about an item's question there have been."""
    return packed >> KNOWN_BITS


@inner
def may_choose(cell: Cell, model: Model, t: int, visit: Visit, need: Need, wants: bool) -> bool:
    """Tell whether a person who has looked goes on to choose; a question may have to be answered.

    Parameters
    ----------
    wants
        The person would, without a question.
    """
    if need.question == OPEN:
        return False
    if need.question == ANSWERED:  # it was the answer that was missing
        if model.ch[int(visit.channel)].completes > 0.0:
            need.question = SETTLED
        return True
    if need.question == SETTLED or not wants:
        return wants
    who, ordinal = int(visit.who), int(need.ordinal)
    person = cell.person[who]
    need.question = SETTLED
    if not has_question(model, person, need):
        return True
    _, u, tries, found = draw4(
        model.key.k0, model.key.k1, QUESTION, person.entity, question_of(ordinal, 0)
    )
    hard = 1 if is_hard(model, u) else 0
    write_question(cell, t, who, need=ordinal, hard=hard, after=0)
    packed = ordinal | (HARD if hard == 1 else 0)
    c = int(visit.channel)
    if (model.questions.pages >> c) & 1 == 1:
        packed |= TRIED
        if page_answers(model, hard, tries, found):
            _page_row(cell, model, t, who, c, packed)
            return True
    need.question = OPEN
    _, _, _, v = draw4(
        model.key.k0, model.key.k1, ASKS_LATER, person.entity, contact_of(ordinal, 0, 0)
    )
    push(cell, later(model, t, ask_delay(model.questions.ask_after, v)), queue.ASK, who, packed, 0)
    return False


@inner
def plan_question(cell: Cell, model: Model, t: int, who: int, ordinal: int) -> None:
    """Let an order lead to a question about it; it is asked, or found on a page, when it is due."""
    push(cell, later(model, t, model.continuity.service_after), queue.ASK, who, ordinal | AFTER, -1)


@inner
def begin_question(cell: Cell, model: Model, t: int, who: int, packed: int) -> int:
    """Write that an order's question has come up; return what its item says of it."""
    ordinal = need_of(packed)
    _, u, _, _ = draw4(
        model.key.k0, model.key.k1, QUESTION, cell.person[who].entity, question_of(ordinal, 1)
    )
    hard = 1 if is_hard(model, u) else 0
    write_question(cell, t, who, need=ordinal, hard=hard, after=1)
    return packed | (HARD if hard == 1 else 0)


@inner
def try_page(cell: Cell, model: Model, t: int, who: int, packed: int) -> bool:
    """Let a person try a page that can be reached, before anybody is asked; tell if it answers."""
    person = cell.person[who]
    pages = int(model.questions.pages & person.reach)
    if pages == 0 or tried_bit(packed) == 1:
        return False
    _, _, tries, found = draw4(
        model.key.k0, model.key.k1, QUESTION, person.entity,
        question_of(need_of(packed), after_bit(packed)),
    )  # fmt: skip
    if not page_answers(model, hard_bit(packed), tries, found):
        return False
    c = 0
    while (pages >> c) & 1 == 0:
        c += 1
    _page_row(cell, model, t, who, c, packed)
    return True


@inner
def _page_row(cell: Cell, model: Model, t: int, who: int, c: int, packed: int) -> None:
    write_answer(
        cell, t, who, c, int(model.ch[c].silo), need=need_of(packed), by=BY_PAGE, known=0, solved=1,
        after=after_bit(packed), attempt=0, wait=0, length=0, cost=0,
    )  # fmt: skip


@inner
def ask_again_later(cell: Cell, model: Model, t: int, who: int, packed: int) -> None:
    """Plan the next contact about a question, ``packed`` with the number of contacts so far."""
    occasion = contact_of(need_of(packed), after_bit(packed), attempt_of(packed))
    _, _, u, _ = draw4(model.key.k0, model.key.k1, ASKS_LATER, cell.person[who].entity, occasion)
    at = later(model, t, ask_delay(model.questions.again_after, u))
    push(cell, at, queue.ASK, who, packed, 0)
