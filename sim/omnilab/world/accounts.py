"""Accounts: several persons who buy as one, each in a role, step by step and over months.

A share of the households of two or more persons are accounts. The members are shuffled once, and
the roles go round in that order, from the first member again where there are more roles than
members: one user, ``deciders`` deciders, one buyer. Whoever is left over is an influencer.

A need of an account arrives at its user, and no other member has needs. It goes through stages:

1. needed: the user looks for what there is. After a time of mean ``shortlist`` the account meets.
   If the user has been with the brand for it, the brand is on the shortlist and all others are
   told: from now on each member has a stock of stimuli of its own for this need, from its own
   visits and from messages that it sees. A share ``looks`` of them goes to look for itself.
2. shortlisted: after times of mean ``decision`` the account meets again, until each decider has
   agreed. Who agrees is drawn as whether a person is ready at a visit:
   P(agrees) = 1 / (1 + exp(-slope * (stock - threshold))), with the decider's own stock and
   threshold (`omnilab.world.intent`). Who has agreed once needs not be asked again.
3. decided: after a time of mean ``ordering`` the papers are signed.
4. ordering: the buyer, and nobody else, orders, at a visit to a channel within its reach. A buyer
   who comes back without an order tries again after such a time.

All these times are exponential, on the activity clock. Where the conditions hold at once, the cycle
from the need to the order has the mean shortlist + decision + ordering.

Members talk. Each starts talks about a need at rate ``talks``, with any other as likely. The
listener, where it knows less than the speaker, goes a part of the way to what the speaker knows:

    stock of the listener += passes * max(stock of the speaker - stock of the listener, 0)

So what one member learns reaches the others by the way, nobody learns more than somebody knows, and
the stock fades as ever between two talks.

References
----------
Webster and Wind (1972), "A general model for understanding organizational buying behavior", Journal
of Marketing 36(2): the roles. Johnston and Bonoma (1981), "The buying center: structure and
interaction patterns", Journal of Marketing 45(3): a net of persons who talk; of 62 purchases, seven
persons for equipment and five for services. DeGroot (1974), "Reaching a consensus", Journal of the
American Statistical Association 69: going a part of the way to what others think.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i2, i4, i8
from omnilab.parameters.declared import Parameters, Part, Times, key
from omnilab.parameters.quantity import DAY, Duration, Share
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "Accounts",
    "Joint",
    "LoweredAccounts",
    "Membership",
    "agrees_draw",
    "decides",
    "found_account",
    "has_role",
    "learnt_in_talk",
    "looks_itself",
    "needs_by_itself",
    "next_talk",
    "talk_pair",
    "time_of_stage",
]

ACCOUNT: Final = stream("ACCOUNT", 202)  # whether a household is one: household
ROLES: Final = stream("ROLES", 203)  # who has which role: household, step of the shuffle
STAGE_TIME: Final = stream("STAGE_TIME", 204)  # until the next meeting: user; need, meeting
AGREES: Final = stream("AGREES", 205)  # whether a decider agrees: decider; need, meeting
ACCOUNT_TALK: Final = stream("ACCOUNT_TALK", 207)  # when, who, to whom: user; need, talk
JOINS_IN: Final = stream("JOINS_IN", 208)  # whether and when a member looks: member; need

# Roles, a bit each; no bit is an influencer
USER: Final = 1
DECIDER: Final = 2
BUYER: Final = 4

# Whose record of an account's need it is
ALONE: Final = 0  # a need of one person
WHOLE: Final = 1  # the account's, at its user
PART: Final = 2  # what another member has of it

# How far the account is
NEEDED: Final = 0
SHORTLISTED: Final = 1
DECIDED: Final = 2
ORDERING: Final = 3

WEEK: Final = 7 * DAY
MOST_MEMBERS: Final = 8  # of a household
NUMBER: Final = 1 << 28  # what a meeting's or a talk's number stands above in an address


class Accounts(Parameters):
    """Accounts of several persons with roles, and their long way to an order."""

    share: Share = key(
        0.0,
        "Share of the households of two persons or more that are accounts: firms whose members buy "
        "as one. How many persons they have is said by `population.household_sizes`; purchases of "
        "equipment involve seven and of services five (JB81), of technology 6 to 10.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("50%", "100%"),
    )
    deciders: Annotated[int, Field(ge=1, le=MOST_MEMBERS)] = key(
        1,
        "Members who must agree before an account orders.",
        unit="persons",
        kind="A",
        source="form of WW72",
        came_later=True,
        swept=("1", "3"),
    )
    shortlist: Annotated[Duration, Field(gt=0)] = key(
        30 * DAY,
        "Mean time from a need to the shortlist. Buyers of the largest technology name three "
        "stages of about six months each (BARNES22), middling firms 1 to 6 months in all.",
        kind="A",
        source="order of magnitude of BARNES22 and ZIPPIA",
        came_later=True,
        swept=("7d", "180d"),
    )
    decision: Annotated[Duration, Field(gt=0)] = key(
        45 * DAY,
        "Mean time from the shortlist to the meeting that decides, and between two of these.",
        kind="A",
        source="order of magnitude of BARNES22 and ZIPPIA",
        came_later=True,
        swept=("7d", "180d"),
    )
    ordering: Annotated[Duration, Field(gt=0)] = key(
        15 * DAY,
        "Mean time from the decision until the buyer may order, and between two tries.",
        kind="A",
        source="order of magnitude of BARNES22 and ZIPPIA",
        came_later=True,
        swept=("1d", "180d"),
    )
    talks: Times = key(
        0.5,
        "How often each member starts a talk about an open need with another one.",
        unit="per week",
        kind="A",
        source="form of JB81",
        came_later=True,
        swept=("0", "3"),
    )
    passes: Part = key(
        0.5,
        "Part of the way to what the speaker knows that a listener goes who knows less.",
        unit="part of 1",
        kind="A",
        source="form of DEGROOT74",
        came_later=True,
        swept=("0", "1"),
    )
    looks: Share = key(
        0.5,
        "Chance that a member who is told of a need goes to look for itself.",
        kind="A",
        came_later=True,
        swept=("0%", "100%"),
    )


class LoweredAccounts(Record):
    """What the rules read of `Accounts`."""

    on: i8  # 1 where there are any
    share: f8
    deciders: i8
    shortlist: f8  # mean seconds of activity
    decision: f8
    ordering: f8
    talks: f8  # a second of activity, of each member
    passes: f8
    looks: f8


@fills(LoweredAccounts)
def _lower(scenario: ScenarioParts) -> Values:
    part = scenario.world.accounts
    return {"on": int(part.share > 0.0), "talks": part.talks / WEEK}


class Membership(Record):
    """A person's place in an account."""

    account_first: i2 = 0  # the first member, in the cell
    account_size: i1 = 0  # members; 0: of no account
    roles: i1 = 0  # a bit each


class Joint(Record):
    """What a need keeps of the account whose it is; the last three at the user's record."""

    joint: i1 = ALONE
    user: i2 = -1  # the account's user, in the cell
    account_stage: i1 = NEEDED
    agreed: i2 = 0  # deciders who have agreed, a bit each by the place in the account
    meetings: i4 = 0  # so far


@inner
def found_account(cell: WorldCell, model: Model, household: int, first: int, size: int) -> bool:
    """Perhaps make an account of a household whose persons are born; tell whether it is one.

    Parameters
    ----------
    household
        Number of the household in the scenario.
    first, size
        The index of its first person in the cell, and how many there are.
    """
    if size < 2:
        return False
    u, _, _, _ = draw4(model.key.k0, model.key.k1, ACCOUNT, household, 0)
    if u >= model.accounts.share:
        return False
    for place in range(size):
        person = cell.person[first + place]
        person.account_first = first
        person.account_size = size
    # A member's place in the shuffle: how many of the others have drawn less.
    for place in range(size):
        mine, _, _, _ = draw4(model.key.k0, model.key.k1, ROLES, household, place)
        before = 0
        for other in range(size):
            u, _, _, _ = draw4(model.key.k0, model.key.k1, ROLES, household, other)
            before += int(u < mine)
        cell.person[first + place].roles = _roles_at(before, size, int(model.accounts.deciders))
    return True


@inner
def _roles_at(position: int, size: int, deciders: int) -> int:
    """Return the roles of who stands at a position of the shuffle: they go round."""
    roles = USER if position == 0 else 0
    for number in range(deciders):
        if (1 + number) % size == position:
            roles |= DECIDER
    return roles | BUYER if (1 + deciders) % size == position else roles


@inner
def has_role(person: Person, role: int) -> bool:
    """Tell whether a person is of an account and has a role in it."""
    return person.account_size > 0 and (person.roles & role) != 0


@inner
def needs_by_itself(person: Person) -> bool:
    """Tell whether needs arise with a person: with everybody but members who are no users."""
    return person.account_size == 0 or (person.roles & USER) != 0


@inner
def time_of_stage(model: Model, user: Person, ordinal: int, stage: int, meeting: int) -> float:
    """Return the seconds of activity until the account's next step: exponential.

    Parameters
    ----------
    stage
        In which the account is.
    meeting
        Steps of this need so far.
    """
    mean = float(model.accounts.shortlist)
    if stage == SHORTLISTED:
        mean = model.accounts.decision
    elif stage >= DECIDED:
        mean = model.accounts.ordering
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, STAGE_TIME, user.entity, meeting * NUMBER + ordinal
    )
    return -math.log(u) * mean


@inner
def agrees_draw(model: Model, decider: Person, ordinal: int, meeting: int) -> float:
    """Return the uniform by which a decider agrees or not at a meeting."""
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, AGREES, decider.entity, meeting * NUMBER + ordinal
    )
    return float(u)


@inner
def decides(cell: WorldCell, user: Person, agreed: int) -> bool:
    """Tell whether nobody's consent is missing, of those who have to agree."""
    first = int(user.account_first)
    for place in range(user.account_size):
        if has_role(cell.person[first + place], DECIDER) and (agreed >> place) & 1 == 0:
            return False
    return True


@inner
def looks_itself(model: Model, member: Person, ordinal: int) -> float:
    """Return after how many seconds of activity a member who is told goes to look; -1: it won't.

    The time is that of the slow next visits of a person (`omnilab.world.intent`).
    """
    u, v, _, _ = draw4(model.key.k0, model.key.k1, JOINS_IN, member.entity, ordinal)
    if u >= model.accounts.looks:
        return -1.0
    return -math.log(v) * model.intent.slow


@inner
def next_talk(model: Model, user: Person, ordinal: int, talk: int) -> float:
    """Return the seconds of activity to the account's talk of this number; -1: there is none."""
    rate = model.accounts.talks * user.account_size
    if rate <= 0.0:
        return -1.0
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, ACCOUNT_TALK, user.entity, talk * NUMBER + ordinal
    )
    return -math.log(u) / rate


@inner
def talk_pair(model: Model, user: Person, ordinal: int, talk: int) -> tuple[int, int]:
    """Return who speaks at a talk and who listens, in the cell: each pair is as likely."""
    first, size = int(user.account_first), int(user.account_size)
    _, v, w, _ = draw4(
        model.key.k0, model.key.k1, ACCOUNT_TALK, user.entity, talk * NUMBER + ordinal
    )
    speaker = int(v * size)
    listener = int(w * (size - 1))
    return first + speaker, first + (listener + 1 if listener >= speaker else listener)


@inner
def learnt_in_talk(model: Model, speaker: float, listener: float) -> float:
    """Return what a talk adds to the listener's stock, given both stocks at that time."""
    return model.accounts.passes * max(speaker - listener, 0.0)
