"""Questions before and after a purchase: who has one, where it is asked, how long an answer takes.

A need about which a person has a question is not completed until there is an answer. A page may
answer an easy one; all others are asked at a desk: a channel on which agents answer. An agent who
does not see what went before asks for all of it again, which takes longer and annoys.

length = median * exp(spread * z) seconds, z normal; the median gives the mean that the key says.
An agent without the history takes `asks_again` longer. Patience in a line is exponential.

References
----------
Brown et al. (2005), "Statistical analysis of a telephone call center", JASA 100(469): service
times are lognormal. Garnett, Mandelbaum and Reiman (2002), MSOM 4(3): exponential patience.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i4, i8
from omnilab.parameters.declared import Few, Parameters, key
from omnilab.parameters.quantity import DAY, Duration, Logit, Share
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = [
    "Contact",
    "LoweredQuestions",
    "QuestionState",
    "Questions",
    "ask_delay",
    "has_question",
    "is_hard",
    "leads_to_question",
    "page_answers",
    "patience_of",
    "talk_length",
]

QUESTION: Final = stream("QUESTION", 132)
CONTACT: Final = stream("CONTACT", 133)
CONTACT_2: Final = stream("CONTACT_2", 134)
SURVEY: Final = stream("SURVEY", 135)
ASKS_LATER: Final = stream("ASKS_LATER", 136)
PATIENCE: Final = stream("PATIENCE", 137)

# How a person's contact stands
NONE: Final = 0
WAITS: Final = 1  # in a line
TALKS: Final = 2
CALLED: Final = 3  # waits for the call-back

AFTER_BIT: Final = 40  # of a draw's occasion: the question is about an order
MOST_ATTEMPTS: Final = 100  # contacts about one question


class Questions(Parameters):
    """Questions that people have, and what asking them is like."""

    before: Share = key(
        0.0,
        "Share of needs about which the person has a question that must be answered before the "
        "purchase. Of online shoppers 28% say that they depend on help.",
        kind="A",
        source="off by default; LIVEPERSON13 (S) for the 28%",
        came_later=True,
        swept=("5%", "28%"),
    )
    hard: Share = key(
        0.7,
        "Share of questions that no page can answer: of live contacts 20 to 40% could be.",
        kind="V/D",
        source="GARTNER20",
        came_later=True,
    )
    ask_after: Duration = key(
        900,
        "Mean time from having a question before a purchase to asking it, on the activity clock.",
        kind="A",
        came_later=True,
        swept=("1min", "1d"),
    )
    tries_page: Share = key(
        0.81,
        "Share of questions for which the person tries a page before asking anybody.",
        kind="I",
        source="DIXON17",
        came_later=True,
    )
    length: Annotated[Duration, Field(gt=0)] = key(
        381,
        "Mean length of an answer to a hard question by an agent who sees the history.",
        kind="V",
        source="CONTACTBABEL14: 6 minutes 21 seconds a service call",
        came_later=True,
    )
    easy_length: Annotated[Duration, Field(gt=0)] = key(
        190,
        "Mean length of an answer to an easy one: half of that.",
        kind="A",
        came_later=True,
        swept=("1min", "6min"),
    )
    spread: Few = key(
        0.7,
        "Lognormal sigma of these lengths; form of BROWN05.",
        unit="of the natural logarithm",
        kind="A",
        came_later=True,
    )
    asks_again: Duration = key(
        120,
        "How much longer an answer takes by an agent who does not see the history and asks for "
        "all of it again: 1 to 4 minutes.",
        kind="V",
        source="ENDERTURING24; STICKYCALLS has 2 to 3 minutes",
        came_later=True,
    )
    solves: Share = key(
        0.72,
        "Share of contacts that answer the question for good: first contact resolution is 70 to "
        "75%.",
        kind="V/D",
        source="METRICSHERPA25",
        came_later=True,
    )
    patience: Annotated[Duration, Field(gt=0)] = key(
        120,
        "Mean time that a person waits in a line, exponential.",
        kind="I",
        source="ZELTYN05, an example's average; form of GARNETT02",
        came_later=True,
    )
    wait_annoys: Share = key(
        0.43,
        "Chance that waiting in vain is a bad experience; as at a till.",
        kind="S",
        source="MARC08",
        came_later=True,
    )
    again: Share = key(
        0.49,
        "Share of questions that are asked once more after a contact without an answer: 51% give "
        "up at once or after one attempt.",
        kind="S/D",
        source="LIVEPERSON13",
        came_later=True,
    )
    again_after: Duration = key(
        4 * 3600,
        "Mean time until then, on the activity clock.",
        kind="A",
        came_later=True,
        swept=("10min", "3d"),
    )
    lost: Share = key(
        0.48,
        "Chance that a need whose question stays without an answer is met elsewhere; else the "
        "person may buy without one.",
        kind="S",
        source="LIVEPERSON13",
        came_later=True,
    )
    habit: Logit = key(
        1.0,
        "What having asked there last time adds to a desk's utility; as `Choice.inertia`.",
        unit="logit",
        kind="A",
        came_later=True,
        swept=("0", "2"),
    )


class LoweredQuestions(Record):
    """What the rules read of `Questions`, and of the brand's means to answer."""

    on: i8  # 1 where some desk or page answers
    before: f8
    hard: f8
    ask_after: f8  # seconds of activity
    tries_page: f8
    length: f8  # median seconds
    easy_length: f8
    spread: f8
    asks_again: i8  # seconds
    solves: f8
    patience: f8  # seconds
    wait_annoys: f8
    again: f8
    again_after: f8  # seconds of activity
    lost: f8
    habit: f8
    pages: i8  # channels with a page, a bit each
    page_answers: f8
    call_back: i8
    survey: i8
    survey_answered: f8
    survey_unhappy: f8


@fills(LoweredQuestions)
def _lower(scenario: ScenarioParts) -> Values:
    """Turn mean lengths into medians: exp(-spread^2 / 2) times the mean."""
    part, contact = scenario.world.questions, scenario.brand.contact
    median = math.exp(-part.spread * part.spread / 2.0)
    names = [c.name for c in scenario.channels]
    page = contact.page if contact else None
    survey = contact.survey if contact else None
    return {
        "on": int(contact is not None),
        "length": part.length * median,
        "easy_length": part.easy_length * median,
        "pages": sum(1 << names.index(name) for name in page.channels) if page else 0,
        "page_answers": page.answers if page else 0.0,
        "call_back": int(contact is not None and contact.call_back),
        "survey": int(survey is not None),
        "survey_answered": survey.answered if survey else 0.0,
        "survey_unhappy": survey.unhappy if survey else 0.0,
    }


class QuestionState(Record):
    """What a person keeps of asking."""

    asked_at: i1 = -1  # channel of the desk that was asked last


class Contact(Record):
    """A person's question at a desk, from the contact's beginning to its end; one at a time."""

    state: i1 = 0
    hard: i1
    after: i1  # 1: about an order
    known: i1  # 1: the agent sees what went before
    channel: i1
    desk: i1
    attempt: i4  # contacts about the question before this one
    need: i4
    since: i8  # when the contact began
    served: i8  # when the agent answered, -1
    length: i8  # seconds
    code: i8  # an identifier that it showed, 0 none


@inner
def leads_to_question(model: Model, u: float) -> bool:
    """Tell by uniform ``u`` whether an order leads to a question about it."""
    return u < model.continuity.service


@inner
def is_hard(model: Model, u: float) -> bool:
    """Tell by uniform ``u`` whether a question is hard."""
    return u < model.questions.hard


@inner
def has_question(model: Model, person: Person, need: Need) -> bool:
    """Tell whether the person has a question about a need: a draw of the need."""
    if model.questions.before <= 0.0:
        return False
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, QUESTION, person.entity, question_of(int(need.ordinal), 0)
    )
    return u < model.questions.before


@inner
def question_of(ordinal: int, after: int) -> int:
    """Return the occasion of the draws of a question about a need, or about its order."""
    return (after << AFTER_BIT) | ordinal


@inner
def contact_of(ordinal: int, after: int, attempt: int) -> int:
    """Return the occasion of the draws of one contact about a question."""
    return (1 << (AFTER_BIT + 1)) | (after << AFTER_BIT) | (attempt << 32) | ordinal


@inner
def page_answers(model: Model, hard: int, tries: float, found: float) -> bool:
    """Tell whether the person tries a page and finds the answer there; two uniforms."""
    if hard == 1 or tries >= model.questions.tries_page:
        return False
    return found < model.questions.page_answers


@inner
def ask_delay(mean: float, u: float) -> float:
    """Return the seconds of activity until a question is asked: exponential, at most 30 days."""
    return min(-math.log(u) * mean, 30.0 * DAY)


@inner
def talk_length(model: Model, hard: int, known: int, u: float) -> int:
    """Return how many seconds an agent's answer takes, at least one and at most a day."""
    median = model.questions.length if hard == 1 else model.questions.easy_length
    times = math.exp(model.questions.spread * normal(u))
    seconds = int(min(median * times + 0.5, float(DAY)))
    if known == 0:
        seconds += int(model.questions.asks_again)
    return max(seconds, 1)


@inner
def patience_of(model: Model, u: float) -> int:
    """Return how many seconds a person waits in a line: exponential, at most a day."""
    return int(min(-math.log(u) * model.questions.patience, float(DAY))) + 1
