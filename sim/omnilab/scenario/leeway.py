"""What a strategy's `decide` may choose of a message: its content, its creative and its theme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Name
from omnilab.scenario.part import Frozen

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Journey, Message
    from omnilab.scenario.model import Scenario

__all__ = [
    "CONTENTS",
    "MOST_CREATIVES",
    "Creative",
    "Leeway",
    "best_quality",
    "contents_of",
    "creatives_problem",
    "leeway_problems",
    "may_choose",
    "themes_of",
]

MOST_CREATIVES: Final = 32
NEW: Final = "new"  # what a message says whose creative is another one at each send
NO_THEME: Final = "none"
#: The words of what a message shows, in the order in which `Choices.shows` counts them; the
#: scenario's categories follow.
CONTENTS: Final = ("generic", "cart", "viewed", "bought")

Named = Annotated[tuple[Name, ...], Field(min_length=1, max_length=64)]
Problem = tuple[tuple[str | int, ...], str]


class Creative(Frozen):
    """A creative that the brand has ready: text and pictures under one name."""

    name: Name
    quality: Annotated[float, Field(ge=-3, le=3)] = key(
        0.0,
        "How good it is: what it adds to the logits of being seen and clicked. No strategy is told "
        "of it.",
        unit="logit",
        kind="A",
        source="none",
    )

    @model_validator(mode="after")
    def _new_is_a_word(self) -> Self:
        if self.name == NEW:
            raise ValueError(f"{NEW!r} is another creative at each send: name this one else")
        return self


class Leeway(Frozen):
    """Which contents, creatives and themes a strategy's `decide` may give a message."""

    shows: Named | None = key(
        None,
        "Contents that it may show in place of `shows`: `generic`, `cart`, `viewed`, `bought` and "
        "categories by name.",
        without="It may show any of them.",
        came_later=True,
    )
    creatives: Named | None = key(
        None,
        "Creatives of `brand.creatives` that it may have.",
        without="It may have any of them.",
        came_later=True,
    )
    themes: Named | None = key(
        None,
        "Themes of `brand.themes` that it may have, or `none`.",
        without="It may have any of them.",
        came_later=True,
    )


def contents_of(scenario: Scenario) -> tuple[str, ...]:
    """Return what a message of the scenario can show, each by its name: words, then categories."""
    return (*CONTENTS, *(category.name for category in scenario.categories))


def themes_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the themes that `decide` can name: the brand's, then `none`; () without any."""
    themes = scenario.brand.themes
    return () if themes is None else (*themes.names, NO_THEME)


def best_quality(scenario: Scenario, shows: str | dict[str, float]) -> float:
    """Return the best quality of the scenario's own messages that show this, 0 if none does.

    How good a message is belongs to the scenario: no strategy may win by decree.
    """
    messages = [s.message for j in scenario.brand.journeys for s in j.steps if s.message]
    return max((m.quality for m in messages if m.shows == shows), default=0.0)


def creatives_problem(scenario: Scenario) -> Problem | None:
    """Say where below ``brand`` creatives or leeway are wrong, and what; None if nothing is."""
    names = [creative.name for creative in scenario.brand.creatives]
    for n, name in enumerate(names):
        if names.index(name) != n:
            return ("creatives", n, "name"), f"two creatives are named {name!r}"
    for n, journey in enumerate(scenario.brand.journeys):
        for where, wrong in leeway_problems(journey, scenario):
            return ("journeys", n, *where), wrong
    return None


def leeway_problems(journey: Journey, scenario: Scenario) -> Iterator[Problem]:
    """Yield where in a journey leeway names what is not there, and what is wrong with it."""
    creatives = [creative.name for creative in scenario.brand.creatives]
    for k, step in enumerate(journey.steps):
        if step.message is None:
            continue
        here = ("steps", k, "message")
        if step.message.creative in creatives and step.message.quality != 0:
            yield (
                (*here, "quality"),
                (
                    f"creative {step.message.creative!r} has a quality of its own in"
                    " brand.creatives: leave this one out"
                ),
            )
        if step.message.leeway is None:
            continue
        for field, what, valid, none in _named(scenario, creatives):
            for name in getattr(step.message.leeway, field) or ():
                if name not in valid:
                    there = nearest(name, valid) or f"; there are {', '.join(valid)}"
                    yield (
                        (*here, "leeway", field),
                        (f"unknown {what} {name!r}{there if valid else none}"),
                    )


def _named(
    scenario: Scenario, creatives: Sequence[str]
) -> tuple[tuple[str, str, Sequence[str], str], ...]:
    """Return each part of leeway: its key, what it names, the valid names, what if none is."""
    return (
        ("shows", "content", contents_of(scenario), ""),
        ("creatives", "creative", creatives, ": brand.creatives is empty"),
        ("themes", "theme", themes_of(scenario), ": brand.themes names none"),
    )


def may_choose(message: Message | None, field: str, names: Sequence[str]) -> list[bool]:
    """Tell of each name whether `decide` may give it to a message: none to one of service.

    Parameters
    ----------
    message
        The step's message, None where the step is none.
    field
        Of `Leeway`: ``shows``, ``creatives`` or ``themes``.
    names
        All that there are.
    """
    if message is None or message.service:
        return [False] * len(names)
    allowed = None if message.leeway is None else getattr(message.leeway, field)
    return [allowed is None or name in allowed for name in names]
