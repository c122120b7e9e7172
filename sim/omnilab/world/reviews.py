"""Reviews: buyers write stars, and who looks for something reads their average.

How an order is felt is normal over orders: ``quality`` stars above three in the mean, less ``bad``
stars for each bad experience not yet forgotten. It is rounded to one to five stars. Who felt it
strongly writes with chance ``written``, who gives three stars with ``moderate`` times that chance,
two and four stars lie halfway: people brag and moan, and the stars that are written have the shape
of a J (Hu, Pavlou and Zhang).

At a visit for a need a person may read. The town's average of the category moves readiness by
``trust`` for each star above or below ``usual``; few reviews count for little: n of them count
n / (n + ``enough``). What is read is not kept.

References
----------
Chevalier and Mayzlin (2006), "The effect of word of mouth on sales: online book reviews"; Hu,
Zhang and Pavlou (2009), "Overcoming the J-shaped distribution of product reviews"; You, Vadakkepatt
and Joshi (2015), "A meta-analysis of electronic word-of-mouth elasticity".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Many, Parameters, Part, key
from omnilab.parameters.quantity import Duration, Share, Stimulus

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "LoweredReviews",
    "Reviews",
    "add_review",
    "average_of",
    "reads",
    "review_delay",
    "signs_review",
    "stars_of",
    "trust_in",
    "without_reviews",
    "writes",
]

REVIEW: Final = stream("REVIEW", 150)  # whether, when, how an order is felt: person, need
READS: Final = stream("READS", 151)  # whether reviews are read: person and family, occasion

_ENTITY_BITS: Final = 40


class Reviews(Parameters):
    """Reviews that buyers write and searchers read."""

    written: Share = key(
        0.0,
        "Chance that a buyer who gives one or five stars writes a review.",
        kind="A",
        source="off by default",
        swept=("0.5%", "15%"),
    )
    moderate: Part = key(
        0.3,
        "Part of that chance for who gives three stars.",
        unit="part of 1",
        kind="A",
        source="form of HPZ09",
        swept=("0.1", "1"),
    )
    quality: Annotated[float, Field(ge=-2, le=2)] = key(
        1.2, "Mean of stars that orders are felt to deserve, above three.", unit="stars", kind="A",
        swept=("0.5", "1.8"),
    )  # fmt: skip
    spread: Annotated[float, Field(ge=0, le=5)] = key(
        1.5, "Standard deviation of them over orders.", unit="stars", kind="A", swept=("0.8", "2")
    )
    bad: Annotated[float, Field(ge=0, le=4)] = key(
        1.5,
        "Stars that a bad experience not yet forgotten takes off.",
        unit="stars",
        kind="A",
        swept=("0.5", "3"),
    )
    delay: Duration = key(
        7 * 86400, "Mean time from the order to its review.", kind="A", swept=("1d", "20d")
    )
    signed: Share = key(
        0.0,
        "Share of reviews that are left under the writer's e-mail address, so that the brand can "
        "tie them to a profile.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("10%", "100%"),
    )
    read: Share = key(
        0.0,
        "Chance that reviews are read at a visit for a need.",
        kind="A",
        source="off by default",
        swept=("10%", "90%"),
    )
    trust: Stimulus = key(
        0.05,
        "What a star of the shown average above the usual adds to the stock at that visit: an "
        "elasticity of .417 is about 0.1 logit a star at an average of 4.2, divided by "
        "`Intent.slope`.",
        unit="stimuli per star",
        kind="P/D",
        source="YVJ15",
    )
    usual: Annotated[float, Field(ge=1, le=5)] = key(
        4.0, "Average at which reviews do nothing.", unit="stars", kind="A", swept=("3", "4.5")
    )
    enough: Many = key(5.0, "Reviews that count half.", unit="reviews", kind="A", swept=("0", "50"))


class LoweredReviews(Record):
    """What the rules read of `Reviews`."""

    written: f8
    moderate: f8
    quality: f8
    spread: f8
    bad: f8
    delay: f8
    signed: f8
    read: f8
    trust: f8
    usual: f8
    enough: f8


@inner
def _draws(model: Model, person: Person, ordinal: int) -> tuple[float, float, float, float]:
    """Return the uniforms of an order's review: whether, when, how it is felt, moderate or not."""
    return draw4(model.key.k0, model.key.k1, REVIEW, person.entity, ordinal)


@inner
def review_delay(model: Model, person: Person, ordinal: int) -> float:
    """Return the seconds of activity to the review of an order, -1 where it is surely not written.

    Exponential.
    """
    u, v, _, _ = _draws(model, person, ordinal)
    if u >= model.reviews.written:
        return -1.0
    return -math.log(v) * model.reviews.delay


@inner
def stars_of(model: Model, person: Person, t: int, ordinal: int) -> int:
    """Return the stars, 1 to 5, that an order is felt to deserve at ``t``."""
    _, _, felt, _ = _draws(model, person, ordinal)
    bad = person.failures * math.exp(-(t - person.failures_t) / model.satisfaction.forget)
    x = 3.0 + model.reviews.quality + model.reviews.spread * normal(felt) - model.reviews.bad * bad
    return max(1, min(5, int(math.floor(x + 0.5))))


@inner
def writes(model: Model, person: Person, ordinal: int, stars: int) -> bool:
    """Tell whether who would write of a strong feeling writes of this one."""
    _, _, _, w = _draws(model, person, ordinal)
    strong = abs(stars - 3) * 0.5
    return w < model.reviews.moderate + (1.0 - model.reviews.moderate) * strong


@inner
def signs_review(model: Model, person: Person, ordinal: int) -> bool:
    """Tell whether a review is left under the writer's address.

    The uniform is that of whether it is written: below its chance it is even again.
    """
    u, _, _, _ = _draws(model, person, ordinal)
    return bool(u < model.reviews.written * model.reviews.signed)


@inner
def without_reviews(cell: WorldCell) -> None:
    """Begin without reviews."""
    for category in range(len(cell.review_count)):
        cell.review_count[category] = 0
        cell.review_stars[category] = 0


@inner
def add_review(cell: WorldCell, category: int, stars: int) -> None:
    """Add a review to the town's."""
    cell.review_count[category] += 1
    cell.review_stars[category] += stars


@inner
def average_of(cell: WorldCell, category: int) -> float:
    """Return the average that is shown of a category, 0 without reviews."""
    n = int(cell.review_count[category])
    return cell.review_stars[category] / n if n > 0 else 0.0


@inner
def reads(
    cell: WorldCell, model: Model, person: Person, category: int, family: int, occasion: int
) -> bool:
    """Tell whether a person reads reviews at a visit for a need: there must be some."""
    if model.reviews.read <= 0.0 or cell.review_count[category] == 0:
        return False
    entity = (family << _ENTITY_BITS) | person.entity
    u, _, _, _ = draw4(model.key.k0, model.key.k1, READS, entity, occasion)
    return bool(u < model.reviews.read)


@inner
def trust_in(cell: WorldCell, model: Model, category: int) -> float:
    """Return what the shown average adds to the stock of who reads it."""
    n = int(cell.review_count[category])
    heavy = n / (n + model.reviews.enough)
    return model.reviews.trust * (average_of(cell, category) - model.reviews.usual) * heavy
