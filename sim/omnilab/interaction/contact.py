"""A contact: a person asks at a desk, waits, is answered, and may have to ask again.

What the brand knows of the question decides how long the answer takes: its order, what was looked
at, or the earlier contact, as far as the silo of the desk sees it (`ask_about` of the wall).
The brand is told of the contact when it begins, and of a survey's answer if there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell import queue
from omnilab.cell.emit import writer
from omnilab.cell.queue import push
from omnilab.draws.philox import draw4
from omnilab.draws.streams import VISIT_NEED, VISIT_SERVICE
from omnilab.interaction.identifiers import log_identifiers
from omnilab.interaction.leaving import bad_experience, lose_need
from omnilab.interaction.lines import FOR_EVER, join
from omnilab.interaction.question import (
    AFTER,
    HARD,
    KNOWN_BITS,
    TRIED,
    after_bit,
    ask_again_later,
    attempt_of,
    begin_question,
    hard_bit,
    need_of,
    try_page,
    write_answer,
)
from omnilab.interaction.visit import arrive, begin_visit
from omnilab.interaction.wall import (
    ask_about,
    ask_serial,
    hear,
    tell_question,
    tell_survey,
)
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.desks import choose_desk, opens_at, team_for
from omnilab.world.device import idle_device
from omnilab.world.habit import novelty_of_service
from omnilab.world.needs import ANSWERED, SETTLED, find, take_up
from omnilab.world.questions import (
    ASKS_LATER,
    CALLED,
    CONTACT,
    CONTACT_2,
    MOST_ATTEMPTS,
    NONE,
    PATIENCE,
    SURVEY,
    TALKS,
    WAITS,
    contact_of,
    patience_of,
    talk_length,
)
from omnilab.world.satisfaction import recover

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.questions import Contact

__all__ = ["answered", "ask", "hangs_up", "is_served"]

write_contact = writer(rows.CONTACT, placed=True)
write_unanswered = writer(rows.UNANSWERED, placed=False)
write_call_back = writer(rows.CALL_BACK, placed=True)
write_survey = writer(rows.SURVEY, placed=True)

# Why a question stays without an answer, as the log says it
NOBODY = 1  # no desk that the person can reach answers it
GAVE_UP = 2  # after a contact without an answer, or waiting in vain
HAS_LEFT = 3  # the person has left the brand
NEED_ENDED = 4  # the need has been met or dropped meanwhile

BUSY = 600  # seconds until a person who is in another contact tries again
ANSWER_STEP = 1 << 56  # in the occasion of the visit to which an answer leads
FIRST = 0  # priority of call-backs
LATER = 1
MOST_TRIES = 60  # days on which a person waits for a desk to open


@inner
def ask(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, tries: int
) -> None:
    """Ask a question: on a page first, then at a desk that is open.

    ``tries`` counts how often the person has found none open; it is -1 where an order's question
    has yet to come up.
    """
    person = cell.person[who]
    if tries < 0:
        if person.left == 1:
            return
        packed = begin_question(cell, model, t, who, packed)
        tries = 0
    why = _moot(cell, who, packed)
    if why > 0:
        _unanswered(cell, model, t, who, packed, why)
        return
    if try_page(cell, model, t, who, packed):
        _settle(cell, t, who, packed, ANSWERED)
        return
    packed |= TRIED
    if cell.contact[who].state != NONE:
        push(cell, t + BUSY, queue.ASK, who, packed, tries)
        return
    occasion = contact_of(need_of(packed), after_bit(packed), attempt_of(packed))
    where, _, _, device = draw4(model.key.k0, model.key.k1, CONTACT, person.entity, occasion)
    hard = hard_bit(packed)
    desk = choose_desk(model, person, t, hard, 0, where, cell.weight)
    if desk >= 0:
        _contact(cell, model, plan, t, who, packed, desk, device)
        return
    desk = choose_desk(model, person, t, hard, 1, where, cell.weight)
    if desk < 0 or tries >= MOST_TRIES:
        _unanswered(cell, model, t, who, packed, NOBODY)
        return
    when, _, _, _ = draw4(
        model.key.k0, model.key.k1, ASKS_LATER, person.entity, occasion | (tries << 44)
    )
    at = opens_at(model, t, int(model.desk[desk].channel), when)
    push(cell, at, queue.ASK, who, packed, tries + 1)


@inner
def _moot(cell: Cell, who: int, packed: int) -> int:
    """Return why a question needs no answer any more, or 0."""
    if cell.person[who].left == 1:
        return HAS_LEFT
    if after_bit(packed) == 0 and find(cell, cell.person[who], need_of(packed)) < 0:
        return NEED_ENDED
    return 0


@inner
def _contact(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, packed: int, desk: int,
    device: float,
) -> None:  # fmt: skip
    """Begin a contact at a desk."""
    ordinal, after, attempt = need_of(packed), after_bit(packed), attempt_of(packed)
    hard = hard_bit(packed)
    person, c = cell.person[who], int(model.desk[desk].channel)
    silo = int(model.ch[c].silo)
    occasion = contact_of(ordinal, after, attempt)
    visit = begin_visit(cell, who, VISIT_SERVICE, occasion)
    visit.channel = c
    visit.on_device = idle_device(model, person, c, t, device)
    arrive(cell, model, plan, t, visit)
    profile = int(visit.profile)
    known = 1 if ask_about(cell, plan, profile, silo, ordinal, after, attempt) else 0
    write_contact(
        cell, t, who, c, silo, need=ordinal, attempt=attempt, known=known, after=after, hard=hard,
        team=team_for(model, desk, hard),
    )  # fmt: skip
    code = 0
    if visit.shown > 0:
        code = int(cell.code[0])
        serial = ask_serial(cell, profile)
        log_identifiers(cell, model, t, who, c, 0, int(visit.shown), serial)
    tell_question(cell, plan, t, profile, silo, ordinal, after)
    hear(cell, t)
    person.asked_at = c
    x = cell.contact[who]
    x.need, x.hard, x.after, x.attempt = ordinal, hard, after, attempt
    x.channel, x.desk, x.known, x.code = c, desk, known, code
    x.since = t
    x.served = -1
    _, _, length, _ = draw4(model.key.k0, model.key.k1, CONTACT, person.entity, occasion)
    x.length = talk_length(model, hard, known, length)
    line = int(model.team[team_for(model, desk, hard)].line)
    if line < 0:
        is_served(cell, t, who)
        push(cell, t + int(x.length), queue.ANSWERED, who, ordinal, 0)
        return
    x.state = WAITS
    u, _, _, _ = draw4(model.key.k0, model.key.k1, PATIENCE, person.entity, occasion)
    join(cell, model, t, line, who, patience_of(model, u), int(x.length), LATER)


@inner
def is_served(cell: Cell, t: int, who: int) -> None:
    """Let an agent begin to answer."""
    x = cell.contact[who]
    x.state = TALKS
    x.served = t


@inner
def hangs_up(cell: Cell, model: Model, t: int, who: int) -> None:
    """Give up waiting for an agent: to be called back, to ask again, or for good."""
    x, person = cell.contact[who], cell.person[who]
    team = team_for(model, int(x.desk), int(x.hard))
    if model.questions.call_back == 1:
        c = int(x.channel)
        write_call_back(
            cell, t, who, c, int(model.ch[c].silo), need=int(x.need), wait=t - int(x.since)
        )
        x.state = CALLED
        join(cell, model, t, int(model.team[team].line), who, FOR_EVER, int(x.length), FIRST)
        return
    x.state = NONE
    occasion = contact_of(int(x.need), int(x.after), int(x.attempt))
    _, annoyed, leaves, again = draw4(model.key.k0, model.key.k1, PATIENCE, person.entity, occasion)
    if annoyed < model.questions.wait_annoys:
        bad_experience(cell, model, t, who, rows.BAD_WAIT, leaves)
    _not_solved(cell, model, t, who, _packed(x), again)


@inner
def answered(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int) -> None:
    """End a contact: with an answer, or to be asked again; the brand may ask how it was."""
    x, person = cell.contact[who], cell.person[who]
    x.state = NONE
    c, attempt = int(x.channel), int(x.attempt)
    team = team_for(model, int(x.desk), int(x.hard))
    occasion = contact_of(int(x.need), int(x.after), attempt)
    _, _, again, solves = draw4(model.key.k0, model.key.k1, CONTACT_2, person.entity, occasion)
    solved = 1 if solves < model.questions.solves else 0
    cost = int(model.team[team].minute) * int(x.length) // 60
    write_answer(
        cell, t, who, c, int(model.ch[c].silo), need=int(x.need), by=team + 1, known=int(x.known),
        solved=solved, after=int(x.after), attempt=attempt, wait=int(x.served - x.since),
        length=int(x.length), cost=cost,
    )  # fmt: skip
    unhappy = _feels(cell, model, t, who, x, occasion) or solved == 0
    _survey(cell, model, plan, t, who, x, occasion, unhappy)
    packed = _packed(x)
    if solved == 1:
        _settle(cell, t, who, packed, ANSWERED)
    else:
        _not_solved(cell, model, t, who, packed, again)


@inner
def _packed(x: Contact) -> int:
    """Return what the next item says of a contact's question."""
    packed = int(x.need) | TRIED | ((int(x.attempt) + 1) << KNOWN_BITS)
    packed |= HARD if x.hard == 1 else 0
    packed |= AFTER if x.after == 1 else 0
    return packed


@inner
def _feels(cell: Cell, model: Model, t: int, who: int, x: Contact, occasion: int) -> bool:
    """Let a contact please or annoy the person; tell whether it was a bad experience."""
    person = cell.person[who]
    if person.left == 1:
        return False
    if x.known == 1:
        recover(model, person)
        return False
    annoyed, leaves, _, _ = draw4(model.key.k0, model.key.k1, CONTACT_2, person.entity, occasion)
    if annoyed >= model.continuity.unknown_annoys * novelty_of_service(cell, model, who, t):
        return False
    bad_experience(cell, model, t, who, rows.BAD_SERVICE, leaves)
    return True


@inner
def _not_solved(cell: Cell, model: Model, t: int, who: int, packed: int, again: float) -> None:
    """Ask once more after a contact without an answer, or give the question up."""
    why = _moot(cell, who, packed)
    if why == 0 and (again >= model.questions.again or attempt_of(packed) >= MOST_ATTEMPTS):
        why = GAVE_UP
    if why > 0:
        _unanswered(cell, model, t, who, packed, why)
    else:
        ask_again_later(cell, model, t, who, packed)


@inner
def _settle(cell: Cell, t: int, who: int, packed: int, how: int) -> None:
    """Let a need go on whose question holds nobody back any more; the person comes for it."""
    if after_bit(packed) == 1:
        return
    ordinal = need_of(packed)
    i = find(cell, cell.person[who], ordinal)
    if i < 0:
        return
    cell.need[i].question = how
    take_up(cell.need[i])
    visit = (VISIT_NEED << 32) | ordinal
    push(cell, t + 1, queue.REVISIT, who, visit, ANSWER_STEP | (ordinal << 16))


@inner
def _unanswered(cell: Cell, model: Model, t: int, who: int, packed: int, why: int) -> None:
    """Give a question up; a need may be lost with it."""
    ordinal, after = need_of(packed), after_bit(packed)
    write_unanswered(cell, t, who, need=ordinal, why=why, after=after, attempt=attempt_of(packed))
    if after == 1 or why >= HAS_LEFT:
        return
    i = find(cell, cell.person[who], ordinal)
    occasion = contact_of(ordinal, after, attempt_of(packed))
    _, lost, _, _ = draw4(model.key.k0, model.key.k1, ASKS_LATER, cell.person[who].entity, occasion)
    if lost < model.questions.lost:
        lose_need(cell, t, who, i, rows.FATE_RIVAL)
    else:
        _settle(cell, t, who, packed, SETTLED)


@inner
def _survey(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, x: Contact, occasion: int,
    unhappy: bool,
) -> None:  # fmt: skip
    """Ask how the contact was; the brand learns it of those who answer."""
    if model.questions.survey == 0 or x.code == 0 or t >= model.clock.end:
        return
    u, _, _, _ = draw4(model.key.k0, model.key.k1, SURVEY, cell.person[who].entity, occasion)
    share = model.questions.survey_unhappy if unhappy else model.questions.survey_answered
    replies = u < share
    c = int(x.channel)
    write_survey(
        cell, t, who, c, int(model.ch[c].silo), need=int(x.need), answered=1 if replies else 0,
        unhappy=1 if unhappy else 0,
    )  # fmt: skip
    if replies:
        tell_survey(cell, plan, t, c, int(x.code), 1 if unhappy else 0)
        hear(cell, t)
