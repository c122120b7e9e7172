"""What an account does about a need: it meets, its members talk, its buyer orders.

The user's record of a need has what is the account's; each other member has a record of its own
from the shortlist on, with the same number and its own stock. All of it goes through the cell's
queue, in items of the user and of who is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell import queue
from omnilab.cell.emit import write_aware, write_need_lost, writer
from omnilab.cell.queue import push
from omnilab.draws.streams import VISIT_NEED
from omnilab.interaction.knowing import BY_TIP, learn_for_good
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.accounts import (
    ALONE,
    BUYER,
    DECIDED,
    DECIDER,
    NEEDED,
    ORDERING,
    PART,
    SHORTLISTED,
    USER,
    WHOLE,
    agrees_draw,
    decides,
    has_role,
    learnt_in_talk,
    looks_itself,
    next_talk,
    talk_pair,
    time_of_stage,
)
from omnilab.world.clock import later
from omnilab.world.intent import is_ready, stimulate
from omnilab.world.interest import take_interest
from omnilab.world.needs import GIVEN_UP, becomes_aware, close, find, open_need, take_need

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = [
    "account_item",
    "begin_account",
    "end_need",
    "keeps_need",
    "may_order",
    "note_order",
    "release_parts",
    "write_membership",
]

MEETS: Final = 0  # what an item of an account is: it takes its next step
TALKS: Final = 1  # a talk; its number stands above
IS_TOLD: Final = 2  # a member is told; the user's place in the cell stands above
WHAT_BITS: Final = 2

BY_COLLEAGUE: Final = 6  # why a need is noticed, as the log says it
ORDER_STEP: Final = 1 << 57  # in the occasion of the visit on which the buyer means to order
TRY: Final = 1 << 44  # counts these visits, twelve bits of them
MOST_TRIES: Final = 0xFFF

write_member = writer(rows.ACCOUNT_MEMBER, placed=False)
write_step = writer(rows.ACCOUNT_STEP, placed=False)
write_told = writer(rows.ACCOUNT_TOLD, placed=False)
write_talk = writer(rows.ACCOUNT_TALK, placed=False)
write_agrees = writer(rows.ACCOUNT_AGREES, placed=False)
write_account_order = writer(rows.ACCOUNT_ORDER, placed=False)


@inner
def write_membership(cell: Cell, who: int) -> None:
    """Say at the start that a person is of an account, if it is."""
    person = cell.person[who]
    if person.account_size > 0:
        write_member(cell, 0, who, roles=int(person.roles), members=int(person.account_size))


@inner
def begin_account(cell: Cell, model: Model, t: int, who: int, index: int) -> None:
    """Make a new need the account's, if it is that of an account's user."""
    person, need = cell.person[who], cell.need[index]
    if not has_role(person, USER):
        return
    need.joint = WHOLE
    need.user = who
    _next_meeting(cell, model, t, who, need)


@inner
def _next_meeting(cell: Cell, model: Model, t: int, who: int, need: Need) -> None:
    """Put the account's next step into the queue."""
    ordinal = int(need.ordinal)
    wait = time_of_stage(
        model, cell.person[who], ordinal, int(need.account_stage), int(need.meetings)
    )
    push(cell, later(model, t, wait), queue.ACCOUNT, who, ordinal, MEETS)


@inner
def account_item(cell: Cell, model: Model, t: int, who: int, ordinal: int, b: int) -> None:
    """Act on an item of an account, if its need is still open."""
    what, number = b & ((1 << WHAT_BITS) - 1), b >> WHAT_BITS
    if what == IS_TOLD:
        _is_told(cell, model, t, who, ordinal, number)
        return
    i = find(cell, cell.person[who], ordinal)
    if i < 0:
        return
    if what == MEETS:
        _meet(cell, model, t, who, i)
    else:
        _talk(cell, model, t, who, ordinal, number)


@inner
def _meet(cell: Cell, model: Model, t: int, who: int, i: int) -> None:
    """Take the account's next step for the user's need ``i``, where it can."""
    need = cell.need[i]
    ordinal, stage = int(need.ordinal), int(need.account_stage)
    tells = stage == NEEDED and need.visits > 0
    if tells:
        need.account_stage = SHORTLISTED
    elif stage == SHORTLISTED:
        _ask_deciders(cell, model, t, who, need)
        if decides(cell, cell.person[who], int(need.agreed)):
            need.account_stage = DECIDED
    elif stage == DECIDED:
        need.account_stage = ORDERING
    if need.account_stage == ORDERING:
        _send_buyer(cell, t, who, ordinal, int(need.meetings))
    write_step(
        cell, t, who, need=ordinal, stage=int(need.account_stage), agreed=int(need.agreed),
        meeting=int(need.meetings),
    )  # fmt: skip
    need.meetings += 1
    _next_meeting(cell, model, t, who, need)
    if tells:
        _tell_others(cell, model, t, who, ordinal)


@inner
def _tell_others(cell: Cell, model: Model, t: int, who: int, ordinal: int) -> None:
    """Let all other members be told, and let talks begin."""
    person = cell.person[who]
    for place in range(person.account_size):
        member = int(person.account_first) + place
        if member != who and cell.person[member].left == 0:
            push(cell, t + 1, queue.ACCOUNT, member, ordinal, (who << WHAT_BITS) | IS_TOLD)
    _plan_talk(cell, model, t, who, ordinal, 0)


@inner
def _is_told(cell: Cell, model: Model, t: int, who: int, ordinal: int, user: int) -> None:
    """Take part in a need of the account: with a stock of one's own, and maybe by looking."""
    whole = find(cell, cell.person[user], ordinal)
    person = cell.person[who]
    if whole < 0 or person.left == 1:
        return
    i = take_need(cell)
    of = cell.need[whole]
    open_need(cell, model, who, i, int(of.category), ordinal, t)
    part = cell.need[i]
    part.joint = PART
    part.user = user
    part.value = of.value
    part.expires = of.expires
    if model.interest.readies > 0.0 or model.offers.exposes > 0.0 or model.content.on == 1:
        take_interest(cell, model, who, part, t)
    part.next = person.first_need
    person.first_need = i
    wait = looks_itself(model, person, ordinal)
    write_told(
        cell, t, who, need=ordinal, user=cell.meta.first + user, looks=1 if wait >= 0.0 else 0
    )
    becomes_aware(part)
    write_aware(cell, t, who, need=ordinal, cause=BY_COLLEAGUE)
    learn_for_good(cell, model, t, who, BY_TIP)
    if wait >= 0.0:
        push(cell, later(model, t, wait), queue.NOTICE, who, ordinal, 0)


@inner
def _plan_talk(cell: Cell, model: Model, t: int, who: int, ordinal: int, number: int) -> None:
    """Put the talk of this number into the queue."""
    wait = next_talk(model, cell.person[who], ordinal, number)
    if wait >= 0.0:
        push(
            cell, later(model, t, wait), queue.ACCOUNT, who, ordinal,
            (number << WHAT_BITS) | TALKS,
        )  # fmt: skip


@inner
def _talk(cell: Cell, model: Model, t: int, who: int, ordinal: int, number: int) -> None:
    """Let one member tell another what it knows, and plan the next talk."""
    _plan_talk(cell, model, t, who, ordinal, number + 1)
    speaker, listener = talk_pair(model, cell.person[who], ordinal, number)
    says = find(cell, cell.person[speaker], ordinal)
    hears = find(cell, cell.person[listener], ordinal)
    if says < 0 or hears < 0:
        return
    knows = stimulate(model, cell.need[says], t, 0.0)
    gain = learnt_in_talk(model, knows, stimulate(model, cell.need[hears], t, 0.0))
    stimulate(model, cell.need[hears], t, gain)
    write_talk(
        cell, t, listener, need=ordinal, speaker=cell.meta.first + speaker,
        gain=int(gain * 1000000.0),
    )  # fmt: skip


@inner
def _ask_deciders(cell: Cell, model: Model, t: int, who: int, need: Need) -> None:
    """Let each decider who has not agreed yet agree, or not, by what it knows now."""
    user = cell.person[who]
    ordinal, meeting, agreed = int(need.ordinal), int(need.meetings), int(need.agreed)
    for place in range(user.account_size):
        member = int(user.account_first) + place
        decider = cell.person[member]
        if not has_role(decider, DECIDER) or (agreed >> place) & 1 == 1:
            continue
        i = find(cell, decider, ordinal)
        if i < 0:
            continue  # who has left the brand does not agree
        stock = stimulate(model, cell.need[i], t, 0.0)
        if is_ready(model, decider, stock, agrees_draw(model, decider, ordinal, meeting)):
            agreed |= 1 << place
            write_agrees(
                cell, t, member, need=ordinal, user=cell.meta.first + who,
                stock=int(stock * 1000000.0), meeting=meeting,
            )  # fmt: skip
    need.agreed = agreed


@inner
def _send_buyer(cell: Cell, t: int, who: int, ordinal: int, meeting: int) -> None:
    """Let the buyer go and order."""
    user = cell.person[who]
    occasion = ORDER_STEP | ((meeting & MOST_TRIES) * TRY) | (ordinal << 16)
    for place in range(user.account_size):
        member = int(user.account_first) + place
        if has_role(cell.person[member], BUYER):
            push(cell, t + 1, queue.REVISIT, member, (VISIT_NEED << 32) | ordinal, occasion)


@inner
def may_order(cell: Cell, who: int, need: Need) -> bool:
    """Tell whether a person may order for a need that is an account's: its buyer, when signed."""
    person = cell.person[who]
    if not has_role(person, BUYER):
        return False
    whole = find(cell, cell.person[int(need.user)], int(need.ordinal))
    return whole >= 0 and cell.need[whole].account_stage == ORDERING


@inner
def keeps_need(cell: Cell, who: int, index: int) -> bool:
    """Tell whether an account goes on although one member would lose need ``index`` to others.

    Such a member does not look any further by itself. Only who may order can lose it for all.
    """
    need = cell.need[index]
    if need.joint == ALONE or may_order(cell, who, need):
        return False
    need.stage = GIVEN_UP
    return True


@inner
def end_need(cell: Cell, t: int, who: int, index: int, fate: int) -> None:
    """Close a need that did not become an order: an account's for all, or one's part in it.

    A buyer who may order loses it for all; any other part ends with its member alone.
    """
    need = cell.need[index]
    ordinal, user = int(need.ordinal), int(need.user)
    if need.joint == PART:
        loses = fate != rows.FATE_LEFT and may_order(cell, who, need)
        close(cell, cell.person[who], index)
        if not loses:
            return
        who = user
        index = find(cell, cell.person[user], ordinal)
    whole = need.joint != ALONE
    write_need_lost(cell, t, who, need=ordinal, fate=fate)
    close(cell, cell.person[who], index)
    if whole:
        release_parts(cell, user, ordinal)


@inner
def release_parts(cell: Cell, user: int, ordinal: int) -> None:
    """Close all records that members still have of a need of the account, the user's too."""
    first = int(cell.person[user].account_first)
    for place in range(cell.person[user].account_size):
        person = cell.person[first + place]
        i = find(cell, person, ordinal)
        if i >= 0 and cell.need[i].joint != ALONE and cell.need[i].user == user:
            close(cell, person, i)


@inner
def note_order(cell: Cell, t: int, who: int, user: int, ordinal: int) -> None:
    """Say whose order a buyer places; the account's records are still open."""
    whole = cell.need[find(cell, cell.person[user], ordinal)]
    write_account_order(
        cell, t, who, need=ordinal, user=cell.meta.first + user, opened=int(whole.opened),
        meetings=int(whole.meetings),
    )  # fmt: skip
