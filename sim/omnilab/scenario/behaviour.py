"""How customers behave, whatever the brand does: the parameters of the world's mechanisms.

Kinds of source behind each default: V vendor, S survey, I independent, P peer-reviewed,
D derived from those, A assumption (to be swept). The keys are those of ``parameters.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from omnilab.scenario.quantity import Duration, Index, Logit, Share, Stimulus

__all__ = ["World"]

Times = Annotated[float, Field(ge=0, le=1_000)]  # a factor, or a rate a day or month
Few = Annotated[float, Field(ge=0, le=10)]  # an exponent, a spread of logarithms, a small factor
Often = Annotated[float, Field(ge=0.001, le=10_000)]  # times a week
Many = Annotated[float, Field(ge=0, le=1e6)]  # a number of messages or ads
Part = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Intent(_Part):
    """How a need ripens: a stimulus stock against a personal threshold (Moe & Fader 2004)."""

    decay_per_day: Times = 0.36  # half-life 1.9 days, SAHNI (P/D)
    visit_gain: Stimulus = 0.6  # stimulus of one visit (A)
    message_gain: Stimulus = 0.4  # of one message seen that shows the need (A)
    tip_gain: Stimulus = 0.8  # of a friend's tip (A)
    threshold: Logit = 1.2  # mean personal threshold (A)
    threshold_sd: Stimulus = 0.6  # over persons (A)
    slope: Stimulus = 2.0  # logit slope of stock against threshold (A)
    quick_share: Share = 0.40  # visit to next visit, CHAPELLE (P)
    quick: Duration = 1800  # 0.5 h, CHAPELLE (P)
    slow: Duration = 475200  # 5.5 d, CHAPELLE (P)
    returns_by_itself: Share = 0.31  # comes back without being asked, HARVEST (V)


class Choice(_Part):
    """Two-stage logit of channels: utility, intent, inertia, spill-over."""

    inertia: Logit = 1.0  # the channel of the last visit (A)
    spill: Logit = 0.5  # the landing channel of a message seen lately (A)
    spill_decay_per_day: Times = 0.36  # SAHNI (P/D)
    intent_for_completion: Logit = 0.8  # ripe needs prefer channels where they can be closed (A)


class Response(_Part):
    """Logits for seen and click: base, present need, personal effect, hour."""

    need: Logit = 1.35  # contextual .144 against generic .0419 opens, BATCH25 (V/D)
    generic: Share = 0.3  # how well a message that shows everything meets one need (A)
    personal_sd: Stimulus = 1.0  # (A)
    hour: Logit = 0.2  # per log of the hour index (A)
    view_through: Share = 0.05  # sees, does not click, comes later by itself (XU, A)
    reveals: Share = 0.10  # a message seen makes the person notice a latent need (A)
    revives: Share = 0.5  # comes back to a need given up after a click (A)
    offer: Stimulus = 5.0  # logit of completing a cart per unit of discount (A)
    offer_lasts: Duration = 7 * 86400
    created: Share = 0.0  # needs made from nothing by a click: swept, 0 by default
    slot: Annotated[Duration, Field(gt=0)] = 86400  # width of the time slot in a draw's address


class Fatigue(_Part):
    """Contact pressure over all channels, and what it does."""

    memory: Annotated[Duration, Field(gt=0)] = 7 * 86400
    exponent: Few = 0.27  # opens at n a week ~ n^-.27, GETR (V/D)
    ideal: Often = 3.0  # messages a week, median over persons (A)
    ideal_sigma: Few = 0.5  # lognormal over persons (A)
    convexity: Times = 1.0  # opt-out hazard past the ideal, GODFREY (P), size (A)
    wear_out: Many = 10.0  # exposures at which an ad's effect peaks, SCHMIDT (P)
    spam_bad: Share = 0.02  # a message past twice the ideal is a bad experience (A)
    stop_all: Share = 0.2  # of opt-outs, those that ask for no message at all (A)


class Satisfaction(_Part):
    """Leaving after bad experiences (Knox & van Oest 2014)."""

    kappa: Few = 0.3  # stated to real leaving (A; sweep .1 to 1)
    after_one: Share = 0.17  # stated, PWC18 (S)
    after_several: Share = 0.59  # stated, after three, PWC18 (S)
    purchases: Stimulus = 0.3  # each log purchase protects (KNOX form, size A)
    forget: Annotated[Duration, Field(gt=0)] = 30 * 86400  # failures fade (A)
    recovery: Part = 0.5  # a good service contact makes up for part (A)


class Continuity(_Part):
    """What it costs a person when the context did not follow."""

    give_up: Share = 0.05  # a repeated step (A; sweep 0 to .25; bounded by BAYMARD)
    annoys: Share = 0.10  # repeating is a bad experience (A)
    service: Share = 0.08  # orders that lead to a service contact (A)
    service_after: Duration = 3 * 86400
    unknown_annoys: Share = 0.5  # a service contact without history is a bad experience (A)


class Identifiers(_Part):
    """What persons show, lose, share and mistype."""

    shared_pc: Share = 0.6  # households with one computer for all, comScore (I)
    short_lived: Share = 0.35  # browsers whose script cookies live 7 days, share (A), ITP (I)
    short_life: Duration = 7 * 86400  # ITP (I)
    resets: tuple[Share, Share, Share] = (0.69, 0.24, 0.07)  # COMSCORE07 (I)
    resets_a_month: tuple[Times, Times, Times] = (0.1, 1.4, 11.5)  # (I/D)
    changes_a_year: Share = 0.15  # e-mail addresses, EMAILCHURN (V)
    typo: Share = 0.02  # of identifiers given at a till or in a form (A)
    typo_hits: Share = 0.10  # of typing errors, those that are somebody else's (A)
    click_carries: bool = True  # a click in a message shows its address on the landing page


class Tips(_Part):
    """A friend's tip, within the cell."""

    per_order: Share = 0.06  # .38 a year per adopting neighbour at 6 orders, BASS (P/D)


class World(_Part):
    """All mechanisms of the world."""

    intent: Intent = Intent()
    choice: Choice = Choice()
    response: Response = Response()
    fatigue: Fatigue = Fatigue()
    satisfaction: Satisfaction = Satisfaction()
    continuity: Continuity = Continuity()
    identifiers: Identifiers = Identifiers()
    tips: Tips = Tips()
    hour_index: Annotated[tuple[Index, ...], Field(min_length=24, max_length=24)] = (
        # HOURS (V); hours without a published index are interpolated (D)
        104, 80, 55, 35, 25, 22, 30, 42, 58, 75, 103, 122,
        142, 151, 149, 145, 142, 138, 134, 132, 132, 134, 130, 123,
    )  # fmt: skip
    day_index: Annotated[tuple[Index, ...], Field(min_length=7, max_length=7)] = (
        97, 94, 95, 102, 113, 97, 102,  # HOURS
    )  # fmt: skip
