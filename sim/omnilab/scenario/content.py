"""What the brand publishes: articles that searches find, and posts for who follows it.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import DAY, Amount, Duration, Name, Share
from omnilab.scenario.media import landing_problem, when_problem
from omnilab.scenario.part import Frozen, unique

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["MOST_ARTICLES", "MOST_SERIES", "Article", "Series", "content_problem"]

MOST_ARTICLES = 40
MOST_SERIES = 20
Problem = tuple[tuple[str | int, ...], str] | None


class Article(Frozen):
    """An article, a page of the blog or a film: found by who looks its matter up."""

    name: Name = key(..., "The article's name.")
    shows: Name = key(
        "generic", "What it is about: one of the categories, or generic for everything.", kind="A"
    )
    rank: Annotated[int, Field(ge=1, le=10)] = key(
        5, "Its place among the unpaid results of a search about its matter.", unit="rank",
        kind="A", swept=("1", "10"),
    )  # fmt: skip
    begins_on: Annotated[int, Field(ge=-3650, le=3650)] = key(
        0, "Day of the measured window from which on it is found; below 0 before it.",
        unit="days", kind="A",
    )  # fmt: skip
    lasts: Duration | None = key(
        None, "For how long.", without="To the end of the window and after."
    )
    channel: Name | None = key(
        None,
        "Where its readers go on to the goods.",
        without="The first channel that can be visited.",
    )


class Series(Frozen):
    """A series of posts on the brand's page in a network."""

    name: Name = key(..., "The series' name.")
    every: Annotated[Duration, Field(ge=3600)] = key(
        2 * DAY, "Time from one post to the next.", kind="A"
    )
    shows: Name = key(
        "generic", "What they show: one of the categories, or generic for everything.", kind="A"
    )
    begins_on: Annotated[int, Field(ge=-3650, le=3650)] = key(
        0, "Day of the measured window of the first post; below 0 before it.", unit="days",
        kind="A",
    )  # fmt: skip
    lasts: Duration | None = key(None, "For how long.", without="To the window's end.")
    channel: Name | None = key(
        None, "Where its links lead.", without="The first channel that can be visited."
    )
    boost: Share = key(
        0.0,
        "Paid reach: share of those who do not follow to whom each post is shown, under strategies "
        "that pay for media.",
        kind="A",
        swept=("0%", "10%"),
    )
    per_thousand: Annotated[Amount, Field(ge=0, le=1e6)] = key(
        0.0, "Price of a thousand paid views.", kind="A"
    )


def content_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong with articles and posts, or None."""
    brand = scenario.brand
    unique([article.name for article in brand.content], "article")
    unique([series.name for series in brand.posts], "series of posts")
    published: dict[str, Sequence[Article | Series]]
    published = {"content": brand.content, "posts": brand.posts}
    for where, parts in published.items():
        for n, part in enumerate(parts):
            lasts = DAY if part.lasts is None else part.lasts
            wrong = when_problem(scenario, part.begins_on, lasts, where)
            wrong = wrong or landing_problem(scenario, part.channel, part.shows)
            if wrong is None and part.lasts is not None and part.lasts < DAY:
                wrong = "lasts", "is there for less than a day: write at least 1d, or leave it out"
            if wrong is not None:
                return ("brand", where, n, wrong[0]), wrong[1]
    does = scenario.world.posts
    if does.shares * does.audience >= 1.0:
        return ("world", "posts", "shares"), (
            f"each view would lead to {does.shares * does.audience:.3g} more, without end: "
            f"{does.audience} friends see what is shared, so write less than"
            f" {1 / does.audience:.1%}"
        )
    return _nobody_follows(scenario)


def _nobody_follows(scenario: Scenario) -> Problem:
    """Refuse posts that nobody can see, for nobody can follow and none is paid for."""
    if any(act.act == "follow" for channel in scenario.channels for act in channel.acts):
        return None
    for n, series in enumerate(scenario.brand.posts):
        if series.boost == 0.0:
            visits = [c.name for c in scenario.channels if c.visit]
            place = "social" if "social" in visits else visits[0]
            others = {act.act for c in scenario.channels for act in c.acts}
            found = nearest("follow", sorted(others)) if others else ""
            return ("brand", "posts", n), (
                f"nobody can follow the brand{found}, so nobody sees its posts: give "
                f"channels.{place} an act such as {{act: follow, allows: [...]}}, or pay for them "
                "by boost"
            )
    return None
