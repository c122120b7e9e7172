"""The brand's means to answer questions: agents, a page with answers, call-backs, surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Amount, Logit, Name, Share
from omnilab.scenario.part import Frozen, unique

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["Agents", "AnswerPage", "Contact", "Survey", "contact_problem"]

MAX_TEAMS = 8
KINDS = ("easy", "hard")

Where = tuple[tuple[str | int, ...], str]


class Agents(Frozen):
    """A team: people who answer the same questions on the same channels, in one line."""

    name: Name = key("agents", "What the team is called.", kind="A", came_later=True)
    number: Annotated[int, Field(ge=1, le=10_000)] | None = key(
        None,
        "How many of them there are in each town, at all hours at which a channel is open. It "
        "needs `population.town`.",
        unit="agents a town",
        without="As many as are needed: nobody waits.",
        came_later=True,
    )
    channels: Annotated[tuple[Name, ...], Field(min_length=1, max_length=16)] = key(
        ("call",),
        "Channels on which they answer, each with a visit side.",
        kind="A",
        came_later=True,
    )
    answers: tuple[Literal["easy", "hard"], ...] = key(
        KINDS, "Which questions they can answer.", kind="A", came_later=True
    )
    minute: Annotated[Amount, Field(ge=0, le=1e4)] = key(
        1.26,
        "What a minute of an agent's answer costs: 8.01 for a contact of 6 minutes 21 seconds.",
        kind="V/D",
        source="GARTNER19, CONTACTBABEL14",
        came_later=True,
    )

    @model_validator(mode="after")
    def _has_a_skill(self) -> Self:
        if not self.answers:
            raise ValueError(
                f"answers: the agents {self.name!r} have no skill that any question needs; write"
                " [easy, hard], [easy] or [hard]"
            )
        unique(self.answers, "skill")
        unique(self.channels, "channel")
        return self


class AnswerPage(Frozen):
    """A page with answers: self-service."""

    channels: Annotated[tuple[Name, ...], Field(min_length=1, max_length=16)] = key(
        ("web",), "Channels that have the page.", kind="A", came_later=True
    )
    answers: Share = key(
        0.3,
        "Chance that the page answers an easy question: so it answers 9% of all questions by the "
        "shares of easy ones and of those who try it.",
        kind="V/D",
        source="GARTNER19: 9% are resolved in self-service alone; .09 / (.3 x .81) is .37",
        came_later=True,
    )

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if self.answers <= 0.0:
            raise ValueError(
                "answers: a page without answers; write a share above 0, or leave `page` out"
            )
        unique(self.channels, "channel")
        return self


class Survey(Frozen):
    """A survey after each contact with an agent; the brand sees the answers and nothing else."""

    answered: Share = key(
        0.33, "Share that answers.", kind="V", source="SCOREBUDDY", came_later=True
    )
    unhappy: Share = key(
        0.33,
        "Share that answers of those for whom the contact was a bad experience, or brought no "
        "answer. Answers are said to come from both extremes.",
        kind="A",
        source="as `answered`",
        came_later=True,
        swept=("10%", "60%"),
    )


class Contact(Frozen):
    """How the brand answers questions; in place of service contacts that are always answered."""

    agents: Annotated[tuple[Agents, ...], Field(max_length=MAX_TEAMS)] = key(
        (),
        "Teams of agents. A question goes to the first team that answers it on its channel.",
        without="Nobody answers but the page.",
        came_later=True,
    )
    page: AnswerPage | None = key(
        None, "A page with answers.", without="There is none.", came_later=True
    )
    effort: dict[Name, Logit] = key(
        {},
        "What asking on a channel costs in utility, by channel. Of customers 44% like the phone "
        "best and 17% the chat, so a chat's is ln(44 / 17) = .95 above the "
        "phone's (GARTNER19, S/D).",
        unit="logit",
        without="All channels are as easy to ask on.",
        came_later=True,
    )
    call_back: bool = key(
        False,
        "Whether who gives up waiting is called back when an agent is free.",
        kind="A",
        came_later=True,
    )
    survey: Survey | None = key(
        None, "A survey after each contact.", without="Nobody is asked.", came_later=True
    )


def contact_problem(contact: Contact, scenario: Scenario) -> Where | None:
    """Return where below ``brand.contact`` something is wrong and what, or None."""
    visits = [c.name for c in scenario.channels if c.visit]
    names = [a.name for a in contact.agents]
    for name in names:
        if names.count(name) > 1:
            return ("agents",), f"two teams are named {name!r}"
    places: list[tuple[tuple[str | int, ...], tuple[str, ...]]] = [
        (("agents", n, "channels"), a.channels) for n, a in enumerate(contact.agents)
    ]
    if contact.page:
        places.append((("page", "channels"), contact.page.channels))
    places.append((("effort",), tuple(contact.effort)))
    for where, channels in places:
        wrong = next((c for c in channels if c not in visits), None)
        if wrong is not None:
            return where, (
                f"{wrong!r} is no channel that people go to{nearest(wrong, visits)}: questions"
                f" are asked on channels with a `visit` side, {', '.join(visits)}"
            )
    return _unanswered(contact, scenario) or _idle(contact) or _too_many(contact, scenario)


def _unanswered(contact: Contact, scenario: Scenario) -> Where | None:
    """Return what is wrong where some question has no answer."""
    questions = scenario.world.questions
    skills = {kind for team in contact.agents for kind in team.answers}
    if contact.page:
        skills.add("easy")
    if not skills:
        return (), "questions that no channel answers: add `agents` or a `page`"
    for kind, share in (("hard", questions.hard), ("easy", 1.0 - questions.hard)):
        if kind not in skills and share > 0.0:
            return ("agents",), (
                f"no channel answers {kind} questions, {share:.0%} of all (world.questions.hard):"
                f" give a team `answers: [{kind}]`"
            )
    return None


def _idle(contact: Contact) -> Where | None:
    """Return what is wrong where a team would never be asked."""
    taken: set[tuple[str, str]] = set()
    for n, team in enumerate(contact.agents):
        own = {(c, kind) for c in team.channels for kind in team.answers}
        if own <= taken:
            return ("agents", n), (
                f"the agents {team.name!r} have no skill that any question needs: teams before"
                " them answer the same questions on the same channels; raise their `number`"
            )
        taken |= own
    return None


def _too_many(contact: Contact, scenario: Scenario) -> Where | None:
    """Return what is wrong with the number of agents."""
    town = getattr(scenario.population, "town", None)
    before = 0
    for n, team in enumerate(contact.agents):
        if team.number is None:
            continue
        if town is None:
            return ("agents", n, "number"), (
                "agents are shared by a town: set population.town, such as 1000, or leave"
                " `number` out for as many as are needed"
            )
        people = min(town, scenario.population.customers)
        if before + team.number > people:
            others = f" beside {before:,} in the teams before" if before else ""
            return ("agents", n, "number"), (
                f"{team.number:,} agents{others} for {people:,} people (population.town,"
                f" population.customers): at most {people:,} in all"
            )
        before += team.number
    return None


def first_team(teams: Sequence[Agents], channel: str, kind: str) -> int:
    """Return the first team that answers a kind of question on a channel, or -1."""
    for n, team in enumerate(teams):
        if channel in team.channels and kind in team.answers:
            return n
    return -1
