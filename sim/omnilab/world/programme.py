"""What the brand's programme does to a person: targets that draw, rewards, disappointments, tiers.

A person takes part in a target once a message that promises it was seen. From then on

- the share of it that a place shows adds to the stock of stimuli at a visit there, as the nearness
  of a full card does (`omnilab.world.goal`);
- the largest share that was shown draws the person to the brand against its rivals, by ``draws``
  times itself, until the last day (points pressure: Taylor and Neslin 2005);
- reaching it is a good experience: it takes the preference the part ``reached`` of the way up
  (a rewarded behaviour is learnt: Taylor and Neslin);
- missing it is a bad one, the more so the nearer the person had come by the own count: the part
  ``missed`` times that share of the way down (Wang et al. 2016; Soman and Cheema 2004). Who never
  bought towards it misses nothing.

A person knows the tier that was shown last. Another one, shown where the brand sees it, is a good
experience (``promoted``) or a bad one (``demoted``; Wagner, Hennig-Thurau and Rudolph 2009: a tier
that is lost costs more than one gained brings).

References
----------
Taylor and Neslin (2005), Journal of Retailing 81(4); Wang, Lewis, Cryder and Sprigg (2016),
Marketing Science 35(4); Soman and Cheema (2004), Journal of Marketing Research 41(1); Wagner,
Hennig-Thurau and Rudolph (2009), Journal of Marketing 73(3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.preference import move_preference

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Aims",
    "LoweredRewarding",
    "LoweredTarget",
    "LoweredTier",
    "Rewarding",
    "count_own",
    "draw_of_target",
    "is_shown_tier",
    "loads_money",
    "misses",
    "reaches",
    "share_of",
    "takes_part",
]


LOADS: Final = stream("LOADS", 171)  # whether an order's buyer loads money: person, need


class Rewarding(Parameters):
    """What targets and tiers do to persons."""

    draws: Stimulus = key(
        0.0,
        "What a target that is reached but for its last step adds to the utility of going to the "
        "brand against its rivals, a part of it in proportion.",
        unit="logit",
        kind="A",
        source="off by default; sign of TAY05",
        swept=("0", "1"),
    )
    reached: Share = key(
        0.1,
        "Part of the way to a wholly good preference that a target which was reached takes.",
        kind="A",
        source="that of an order (`preference.good`); sign of TAY05",
        swept=("0%", "40%"),
    )
    missed: Share = key(
        0.2,
        "Part of the way to a wholly bad preference that a target takes which was missed by the "
        "last step; one that was further away takes less, in proportion.",
        kind="A",
        source="that of a bad experience (`preference.bad`); sign of SOMAN04",
        swept=("0%", "60%"),
    )
    promoted: Share = key(
        0.1,
        "Part of the way to a wholly good preference that a higher tier takes.",
        kind="A",
        source="that of an order",
        swept=("0%", "40%"),
    )
    demoted: Share = key(
        0.2,
        "Part of the way to a wholly bad preference that a lower tier takes.",
        kind="A",
        source="that of a bad experience; more than a higher one's: WAGNER09",
        swept=("0%", "60%"),
    )

    loads: Share = key(
        0.1,
        "Chance that who has ordered where the balance does not pay it all loads money.",
        kind="A",
        source="counts only where `brand.programme` has a `balance`",
        swept=("2%", "50%"),
    )
    ease: Logit = key(
        0.3,
        "What a balance that pays all of it adds to the logit of buying a cart.",
        unit="logit",
        kind="A",
        source="counts only where `brand.programme` has a `balance`",
        swept=("0", "1"),
    )


class LoweredRewarding(Record):
    """What the rules read of `Rewarding`, and of `brand.programme.balance`."""

    draws: f8
    reached: f8
    missed: f8
    promoted: f8
    demoted: f8
    on: i8  # 1 where there is a programme
    loads: f8
    ease: f8
    top_up: i8  # cents that are loaded at a time, 0 where nothing can be
    auto_below: i8  # cents


@fills(LoweredRewarding)
def _lower(scenario: ScenarioParts) -> Values:
    programme = scenario.brand.programme
    balance = programme.balance if programme else None
    return {
        "on": int(programme is not None),
        "top_up": round(balance.top_up * 100) if balance else 0,
        "auto_below": round(balance.auto_below * 100) if balance else 0,
    }


class LoweredTarget(Record):
    """A target, as rules of the world read it."""

    amount: i8  # purchases, or cents
    money: i8  # 1: cents
    last: i8  # second after which it is over
    reward: i8  # number of a declared offer, from 1


class LoweredTier(Record):
    """A tier, as rules of the world read it."""

    off: f8  # share
    free: i8  # 1: delivery costs nothing


class Aims(Record):
    """What a person keeps of the programme."""

    aim: i1 = 0  # the target that it takes part in, from 1; 0 none
    aims_over: i1 = 0  # targets that it has reached or missed, a bit each
    tier: i1 = 0  # shown last, 0 none
    aim_of: i8 = -1  # id of the message that promised it
    aim_own: i8 = 0  # purchases or cents towards it, by the own count
    loaded: i8 = 0  # cents loaded so far
    aim_shown: f8 = 0.0  # largest share of it that was shown, 0 to 1


@inner
def share_of(model: Model, number: int, amount: int) -> float:
    """Return which share of target ``number``, from 1, an amount is, 0 to 1."""
    share = amount / model.target[number - 1].amount
    return share if share < 1.0 else 1.0


@inner
def takes_part(model: Model, person: Person, number: int, message: int, t: int) -> bool:
    """Let a person take part in a target that a message just seen promises; tell whether it does.

    Who is after one already goes on with that one, and each is for once.
    """
    if person.aim != 0 or (person.aims_over >> (number - 1)) & 1 == 1:
        return False
    if t > model.target[number - 1].last:
        return False
    person.aim = number
    person.aim_of = message
    person.aim_own = 0
    person.aim_shown = 0.0
    return True


@inner
def count_own(model: Model, person: Person, t: int, paid: int) -> None:
    """Let a person count an order towards the target that it takes part in."""
    if person.aim == 0:
        return
    target = model.target[person.aim - 1]
    if t <= target.last:
        person.aim_own += paid if target.money == 1 else 1


@inner
def draw_of_target(model: Model, person: Person, t: int) -> float:
    """Return what the target adds to the utility of going to the brand."""
    if person.aim == 0 or t > model.target[person.aim - 1].last:
        return 0.0
    return model.rewarding.draws * person.aim_shown


@inner
def _ends(person: Person) -> None:
    person.aims_over |= 1 << (person.aim - 1)
    person.aim = 0
    person.aim_shown = 0.0


@inner
def reaches(model: Model, person: Person, t: int) -> int:
    """Let a person be rewarded for its target; return the number of the declared offer, from 1."""
    reward = int(model.target[person.aim - 1].reward)
    if model.preference.on == 1:
        move_preference(model, person, t, 1.0, model.rewarding.reached)
    _ends(person)
    return reward


@inner
def misses(model: Model, person: Person, t: int) -> float:
    """Let a person miss its target; return how near it had come, 0 to 1."""
    near = share_of(model, int(person.aim), int(person.aim_own))
    if model.preference.on == 1 and near > 0.0:
        move_preference(model, person, t, -1.0, model.rewarding.missed * near)
    _ends(person)
    return near


@inner
def is_shown_tier(model: Model, person: Person, t: int, tier: int) -> int:
    """Show a person its tier, 0 none; return the one that it knew before."""
    before = int(person.tier)
    if tier == before:
        return before
    person.tier = tier
    if model.preference.on == 1:
        if tier > before:
            move_preference(model, person, t, 1.0, model.rewarding.promoted)
        else:
            move_preference(model, person, t, -1.0, model.rewarding.demoted)
    return before


@inner
def loads_money(model: Model, person: Person, ordinal: int, left: int) -> bool:
    """Tell whether a person loads money after an order; ``left`` cents are on the card."""
    if person.loaded > 0 and left < model.rewarding.auto_below:
        return True
    u, _, _, _ = draw4(model.key.k0, model.key.k1, LOADS, person.entity, ordinal)
    return u < model.rewarding.loads
