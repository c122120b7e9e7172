"""Measures of questions, and the agents who answer them."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import Measure, mean, millicents, share

__all__ = ["DESKS"]

_ENDED: Final = "answered n_unanswered"

DESKS: Final[list[Measure]] = [
    share(
        "answer_rate",
        "Questions answered",
        "questions answered / questions that ended",
        "answered",
        _ENDED,
        "higher",
        what="Share of questions that are answered for good, by a page or an agent, of those "
        "that end in the window.",
    ),
    share(
        "first_contact_resolution",
        "First contact resolution",
        "questions answered by a page or at the first contact / questions that ended",
        "answered_first",
        _ENDED,
        "higher",
        what="Share of questions that are answered by a page or at the first contact.",
    ),
    share(
        "self_service",
        "Answered by a page",
        "questions answered by a page / questions that ended",
        "answered_page",
        _ENDED,
        what="Share of questions that a page answers, so that nobody is asked.",
    ),
    share(
        "asked_all_again",
        "Contacts without history",
        "contacts in which the agent does not see what went before / contacts",
        "n_contact -contacts_known",
        "n_contact",
        "lower",
        what="Share of contacts about questions in which the agent sees neither the order, "
        "nor what was looked at, nor the earlier contact, and asks for all of it again.",
    ),
    mean(
        "answer_wait",
        "Wait for an agent, s",
        "seconds until an agent answers / contacts answered",
        "agent_wait",
        "agent_answers",
        "lower",
        what="Seconds that who is answered has waited in a line.",
    ),
    mean(
        "answer_time",
        "Handle time, s",
        "seconds of agents' answers / contacts answered",
        "agent_time",
        "agent_answers",
        "lower",
        what="Seconds that an agent's answer takes.",
    ),
    millicents(
        "agent_cost",
        "Agents per customer",
        "cost of agents' answers / persons",
        "agent_cost",
        "persons",
        "lower",
        what="The part of contact cost that is agents' time.",
    ),
]
