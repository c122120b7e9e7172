"""Acts: what a person does at a visit by which the brand can reach it, or knows it again.

A channel offers acts (`omnilab.scenario.acts`): leaving an address, following, installing the app,
joining the programme, asking for a call, logging in. At the end of a visit there a person who can
do one does it with a chance whose logit is

    logit(base) + need * N + asked * A + incentive * ln(1 + w) + trust * T - crowds * M.

N is 1 where the person has a need that it has noticed, A is 1 where a message that asks for the act
led here, w is what the incentive is worth in units of currency, and T is the preference for the
brand (`omnilab.world.preference`, 0 where it is off) less the bad experiences that are not
forgotten (`omnilab.world.satisfaction`). No term knows the strategy.

M is the motive that a person has by itself where it is paid for the act, and 0 where it is not:
(1 + T) / 2 within 0 and 1. So who trusts the brand wholly loses `crowds` by any incentive, who is
indifferent half of it, and who distrusts it nothing. A small incentive then does harm, and a large
one pays: at T = 0 they are even at w = exp(crowds / (2 incentive)) - 1.

Each kind is done once. Who has withdrawn a permission may give it again, without an incentive.

A request belongs to a need: for each thing that is asked for, a call or a quote, a person asks once
for each need that it has noticed, and anew for the next one. Who has noticed none asks once in all,
out of curiosity. So with a chance p at each of the m visits that a need lasts, it is asked for a
thing with chance 1 - (1 - p)^m. The incentive is for the first request alone.

References
----------
Deci, Koestner and Ryan (1999), "A meta-analytic review of experiments examining the effects of
extrinsic rewards on intrinsic motivation", Psychological Bulletin 125(6). Gneezy and Rustichini
(2000), "Pay enough or don't pay at all", Quarterly Journal of Economics 115(3): a small payment
does worse than none, a larger one better than the small. Montaguti, Neslin and Valentini (2016),
Marketing Science 35(2): what a message asks for is done more without an incentive.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_FORM, stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i8
from omnilab.log.act_kinds import ACT_KINDS, ACTS, INSTALL, JOIN, LOG_IN, REQUEST
from omnilab.log.identifier_types import number_of
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Share, Stimulus
from omnilab.world.advertising import MILLICENTS
from omnilab.world.intent import logistic
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.needs import GIVEN_UP, LATENT
from omnilab.world.newcomer import is_newcomer
from omnilab.world.preference import preference_at

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "ActState",
    "Acts",
    "LoweredAct",
    "LoweredActs",
    "act_chance",
    "asks_for",
    "can_act",
    "does_act",
    "first_acts",
    "has_noticed_need",
    "lacks_type",
    "own_motive",
    "trust_in_brand",
    "worth_of",
]

HAD: Final = stream("HAD", 158)  # which acts a person has done before the start: person
ABOVE: Final = 53  # the act stands above the person in the address of its draw at a visit
LOYALTY: Final = number_of("loyalty")
LOGIN: Final = number_of("login")


class Acts(Parameters):
    """What makes persons do the acts that channels offer."""

    need: Logit = key(
        1.0,
        "What a need that the person has noticed adds to the logit of an act.",
        unit="logit",
        kind="A",
        source="counts only where a channel has `acts`",
        swept=("0", "2"),
    )
    asked: Logit = key(
        1.0,
        "What it adds that the person comes by a message that asks for the act.",
        unit="logit",
        kind="A",
        source="counts only where a message `asks`",
        swept=("0", "2.5"),
    )
    incentive: Stimulus = key(
        0.5,
        "What an incentive adds, for each logarithm of 1 and its worth: 5 euros add ln 6 = 1.8 "
        "times this.",
        unit="logit per log of units of currency",
        kind="A",
        source="counts only where an act has an incentive",
        swept=("0", "1"),
    )
    trust: Stimulus = key(
        0.5,
        "What a wholly good preference adds, and each bad experience that is not forgotten takes "
        "off.",
        unit="logit",
        kind="A",
        source="counts only where a channel has `acts`",
        swept=("0", "1.5"),
    )
    crowds: Stimulus = key(
        0.0,
        "What any incentive takes from the logit of who wholly trusts the brand; half of it from "
        "who is indifferent, nothing from who distrusts it.",
        unit="logit",
        kind="A",
        source="off by default; sign of MONTAGUTI",
        came_later=True,
        swept=("0", "2"),
    )
    joined: Share = key(
        0.0,
        "Share of persons who have joined the programme before the start, where a channel offers "
        "to join; the others show no loyalty card before they do.",
        kind="A",
        swept=("0%", "60%"),
    )
    logged_in: Share = key(
        0.0,
        "Share of persons who have an account before the start, where a channel offers to log in; "
        "the others show no login before they do.",
        kind="A",
        swept=("0%", "60%"),
    )


class LoweredActs(Record):
    """What the rules read of `Acts`."""

    on: i8  # 1 where a channel offers any
    opens: i8  # channels that an act puts within reach, a bit each
    gates: i8  # types of identifiers that only who has done an act shows, a bit each
    need: f8
    asked: f8
    incentive: f8
    trust: f8
    crowds: f8
    joined: f8
    logged_in: f8


@fills(LoweredActs)
def _lower(scenario: ScenarioParts) -> Values:
    offered = [act for channel in scenario.channels for act in channel.acts]
    names = [channel.name for channel in scenario.channels]
    gives = {ACT_KINDS[ACTS.index(act.act)].gives for act in offered} - {""}
    opened = {names.index(name) for act in offered for name in (*act.opens, *act.allows)}
    return {
        "on": int(bool(offered)),
        "opens": sum(1 << c for c in opened),
        "gates": sum(1 << number_of(kind) for kind in gives),
    }


class LoweredAct(Record):
    """One act that a channel offers."""

    kind: i8  # number of the act
    thing: i8  # of a request: number of what is asked for
    only_asked: i8  # 1: offered to who comes by a message that asks for it
    opens: i8  # channels that are within reach since, a bit each
    allows: i8  # channels that may write since, a bit each
    to: i8  # channel whose silo is handed the address, -1 where none is
    carries: i8  # silo that what is shown is carried to, -1
    points: i8  # that the brand gives
    cost: i8  # milli-cents of the incentive
    logit: f8
    offer: f8  # part off the next order
    worth: f8  # of points and offer to the person, units of currency


class ActState(Record):
    """What a person has done."""

    acts: i1 = 0  # a bit each
    asked: i1 = 0  # things that were asked for without a need, a bit each


@inner
def first_acts(model: Model, person: Person) -> None:
    """Draw which acts a person has done before the start; a newcomer has done none."""
    if model.acts.on == 0 or is_newcomer(person):
        return
    u, v, _, _ = draw4(model.key.k0, model.key.k1, HAD, person.entity, 0)
    if u < model.acts.joined and (model.acts.gates >> LOYALTY) & 1 == 1:
        person.acts |= 1 << JOIN
    if v < model.acts.logged_in and (model.acts.gates >> LOGIN) & 1 == 1:
        person.acts |= 1 << LOG_IN


@inner
def lacks_type(model: Model, person: Person, kind: int) -> bool:
    """Tell whether a person has no identifier of a type yet, since an act gives it."""
    if (model.acts.gates >> kind) & 1 == 0:
        return False
    return (person.acts >> (JOIN if kind == LOYALTY else LOG_IN)) & 1 == 0


@inner
def can_act(cell: WorldCell, person: Person, act: LoweredAct) -> bool:
    """Tell whether an act would change anything, and the person may do it.

    Who has asked for no messages at all gives no address any more.
    """
    kind = int(act.kind)
    if person.left == 1 or (act.allows != 0 and person.stopped == 1):
        return False
    done = (person.acts >> kind) & 1 == 1
    if kind == INSTALL:
        return person.reach & act.opens != act.opens
    if kind == REQUEST:
        return _may_ask(cell, person, int(act.thing))
    if kind == JOIN or kind == LOG_IN:
        return not done
    return person.consent & act.allows != act.allows


@inner
def _is_noticed(cell: WorldCell, i: int) -> bool:
    return bool(cell.need[i].stage != LATENT and cell.need[i].stage != GIVEN_UP)


@inner
def has_noticed_need(cell: WorldCell, person: Person) -> bool:
    """Tell whether a person has a need that it has noticed and not given up."""
    i = int(person.first_need)
    while i >= 0:
        if _is_noticed(cell, i):
            return True
        i = int(cell.need[i].next)
    return False


@inner
def _need_to_ask_about(cell: WorldCell, person: Person, thing: int) -> int:
    """Return the latest noticed need for which a thing has not been asked for, -1 none."""
    i = int(person.first_need)
    while i >= 0:
        if _is_noticed(cell, i) and (cell.need[i].asked >> thing) & 1 == 0:
            return i
        i = int(cell.need[i].next)
    return -1


@inner
def _may_ask(cell: WorldCell, person: Person, thing: int) -> bool:
    if has_noticed_need(cell, person):
        return _need_to_ask_about(cell, person, thing) >= 0
    return (person.asked >> thing) & 1 == 0


@inner
def asks_for(cell: WorldCell, person: Person, thing: int) -> None:
    """Note a request with the need that it is about, or with the person where there is none."""
    i = _need_to_ask_about(cell, person, thing)
    if i >= 0:
        cell.need[i].asked |= 1 << thing
    else:
        person.asked |= 1 << thing


@inner
def trust_in_brand(model: Model, person: Person, t: int) -> float:
    """Return the preference for the brand less the bad experiences that are not forgotten."""
    failures = person.failures * math.exp(-(t - person.failures_t) / model.satisfaction.forget)
    if model.preference.on == 1:
        return preference_at(model, person, t) - failures
    return -failures


@inner
def worth_of(person: Person, act: LoweredAct, cost: int) -> float:
    """Return what an act's incentive is worth to a person, in units of currency.

    Parameters
    ----------
    cost
        What is paid for it, milli-cents: the act's, or the message's that asks.
    """
    if (person.acts >> int(act.kind)) & 1 == 1:
        return 0.0
    return act.worth + cost / MILLICENTS


@inner
def own_motive(trust: float) -> float:
    """Return the motive that a person has by itself, 0 to 1: (1 + trust) / 2."""
    return min(max((1.0 + trust) / 2.0, 0.0), 1.0)


@inner
def act_chance(
    model: Model, act: LoweredAct, needs: bool, asked: bool, worth: float, trust: float
) -> float:
    """Return the chance of an act at one visit.

    Parameters
    ----------
    needs
        The person has a need that it has noticed.
    asked
        A message that asks for the act led here.
    worth
        Of the incentive, units of currency.
    trust
        Of `trust_in_brand`.
    """
    x = act.logit + model.acts.incentive * math.log(1.0 + worth) + model.acts.trust * trust
    if worth > 0.0:
        x -= model.acts.crowds * own_motive(trust)
    if needs:
        x += model.acts.need
    if asked:
        x += model.acts.asked
    return logistic(x)


@inner
def does_act(
    model: Model, person: Person, act: LoweredAct, family: int, occasion: int, chance: float
) -> bool:
    """Tell whether a person does an act at the visit of this address."""
    number = int(act.kind)
    if act.thing > 0:  # another thing is asked for by a chance of its own
        number = len(ACTS) - 1 + int(act.thing)
    entity = int(person.entity) | ((number + 1) << ABOVE)
    u, _, _, _ = draw4(model.key.k0, model.key.k1, family + V_FORM, entity, occasion)
    return u < chance
