"""Content: articles of the brand that people find in the unpaid results of a search, and read.

Two kinds of search find them. An attempt to go somewhere for a need begins, with chance
``searches``, with a search about the matter; and without a need a person looks the matter up every
now and then, a Poisson process on the activity clock, whatever the season. Whose result stands at
rank r is clicked with the chance that was measured for that rank. A read stirs the need, may make
it noticed, or make one; and some readers go on from the article to the goods.

References
----------
Click rates by rank: SISTRIX20, over 80 million queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import field_validator

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Share, Stimulus
from omnilab.world.clock import from_activity, to_activity
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = [
    "Content",
    "LoweredArticle",
    "LoweredContent",
    "article_of",
    "best_article",
    "look_up_draws",
    "next_look_up",
    "read_draws",
    "topic_draws",
]

READS: Final = stream("READS", 235)  # a search for a need: person and family, occasion
LOOKS_UP: Final = stream("LOOKS_UP", 236)  # one without: person, its number

RANKS: Final = 10  # of the first page of results
_ENTITY_BITS: Final = 40


class Content(Parameters):
    """Who looks matters up, what is clicked, and what reading does."""

    searches: Share = key(
        0.3,
        "Chance that an attempt to go somewhere for a need begins with a search about the matter.",
        kind="A",
        swept=("10%", "60%"),
    )
    every: Duration = key(
        90 * 86400,
        "Mean time between the searches of a person about each article's matter without a need; 0 "
        "is never.",
        kind="A",
        swept=("30d", "365d"),
    )
    clicks: tuple[Share, ...] = key(
        (0.285, 0.157, 0.11, 0.08, 0.072, 0.051, 0.04, 0.032, 0.028, 0.025),
        "Chance that the result at each rank is clicked, the first in front.",
        kind="V",
        source="SISTRIX20",
    )
    informs: Stimulus = key(
        0.2,
        "What a read adds to the stock of the open need that it is about, or to that with which "
        "the next one begins.",
        unit="stimuli",
        kind="A",
        swept=("0", "0.6"),
    )
    reveals: Share = key(
        0.1,
        "Chance that a read makes a person notice a latent need.",
        kind="A",
        swept=("0%", "30%"),
    )
    makes: Share = key(
        0.0,
        "Chance that a read makes a need in who has none in the category. Part of what these sell "
        "is borrowed from later needs (`world.creation.borrowed`).",
        kind="A",
        source="off by default",
        swept=("0%", "10%"),
    )
    image: Share = key(
        0.0,
        "Part of the way to a wholly good preference that a read takes the person, where "
        "`world.preference` is felt.",
        kind="A",
        source="off by default",
        swept=("0%", "10%"),
    )
    moves: Share = key(
        0.3,
        "Chance that a reader with a noticed need goes on to the goods.",
        kind="A",
        swept=("10%", "60%"),
    )
    browses: Share = key(
        0.05,
        "Chance that a reader without one goes on to the goods, to look around.",
        kind="A",
        swept=("0%", "15%"),
    )

    @field_validator("clicks")
    @classmethod
    def _falls(cls, clicks: tuple[float, ...]) -> tuple[float, ...]:
        if len(clicks) != RANKS:
            raise ValueError(f"{len(clicks)} ranks: a page of results has {RANKS}")
        for r in range(1, RANKS):
            if clicks[r] > clicks[r - 1]:
                raise ValueError(
                    f"rank {r + 1} is clicked more often than rank {r}, {clicks[r]:g} against "
                    f"{clicks[r - 1]:g}: the rates must fall with the rank"
                )
        return clicks


class LoweredContent(Record):
    """What the rules read of `Content`."""

    on: i8
    searches: f8
    gap: f8  # mean hours of activity between searches without a need, 0 for never
    informs: f8
    reveals: f8
    makes: f8
    image: f8
    moves: f8
    browses: f8


@fills(LoweredContent)
def _lower(scenario: ScenarioParts) -> Values:
    part, articles = scenario.world.content, scenario.brand.content
    return {"on": int(bool(articles)), "gap": part.every / 3600.0 / max(len(articles), 1)}


class LoweredArticle(Record):
    """One article."""

    begins: i8  # seconds
    ends: i8
    category: i8  # that it is about, -1 everything
    channel: i8  # where its readers go on to
    click: f8  # chance at its rank


@inner
def best_article(model: Model, category: int, t: int) -> int:
    """Return the article that a search about a category finds first, or -1."""
    best, most = -1, 0.0
    for k in range(len(model.article)):
        article = model.article[k]
        about = article.category < 0 or article.category == category
        if about and article.begins <= t < article.ends and article.click > most:
            best, most = k, float(article.click)
    return best


@inner
def read_draws(
    model: Model, entity: int, family: int, occasion: int
) -> tuple[float, float, float, float]:
    """Return the uniforms of an attempt: whether it is a search, a click, a move, and a spare."""
    return draw4(model.key.k0, model.key.k1, READS, (family << _ENTITY_BITS) | entity, occasion)


@inner
def next_look_up(model: Model, entity: int, number: int, t: int) -> int:
    """Return when a person looks something up for the ``number``-th time, after ``t``; or -1."""
    if model.content.gap <= 0.0:
        return -1
    _, _, _, u = draw4(model.key.k0, model.key.k1, LOOKS_UP, entity, number << 1)
    active = to_activity(model, t) + exponential(u) * model.content.gap
    if active > model.act_end[0]:
        return -1
    return max(from_activity(model, active), t + 1)


@inner
def article_of(model: Model, u: float) -> int:
    """Return the article whose matter is looked up, each as likely."""
    return min(int(u * len(model.article)), len(model.article) - 1)


@inner
def look_up_draws(model: Model, entity: int, number: int) -> tuple[float, float, float, float]:
    """Return the uniforms of a search without a need: a need noticed, one made, a move, a spare."""
    return draw4(model.key.k0, model.key.k1, LOOKS_UP, entity, (number << 1) | 1)


@inner
def topic_draws(model: Model, entity: int, number: int) -> tuple[float, float]:
    """Return the uniforms of a search without a need: about what, and whether it is clicked."""
    what, click, _, _ = draw4(model.key.k0, model.key.k1, LOOKS_UP, entity, number << 1)
    return what, click
