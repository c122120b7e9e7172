"""Posts on a network: followers see some of them, more the more they like; shares reach friends.

Of the posts of a series a follower sees each with a chance whose logit is

    logit(reach) + feed * L,

where L is the person's stock of likes, comments and shares, which fades: the feed shows more of
what one answers to. Who does not follow sees a post only where the brand pays for it (``boost``),
or by a friend who shares it. Who sees one may like it, comment it, share it with friends, follow
its link; and it is the brand's word as any other (`omnilab.interaction.media`).

A share is seen by ``audience`` friends, who may share in turn. So one view leads to
1 / (1 - shares * audience) views in all.

References
----------
Organic reach: POSTREACH. Engagement: SOCIALINSIDER. Friends: `omnilab.world.friends`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.log.act_kinds import FOLLOW
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Logit, Share, Stimulus
from omnilab.world.exposure import shifted
from omnilab.world.intent import logit
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "CLICKS",
    "COMMENTS",
    "LIKES",
    "SHARES",
    "FeedState",
    "LoweredPosts",
    "LoweredSeries",
    "Posts",
    "answer_draws",
    "answers",
    "likes_left",
    "organic_chance",
    "sees_post",
    "view_delay",
]

POST: Final = stream("POST", 237)  # who sees it in the feed, when: person; series, post
VIEW: Final = stream("VIEW", 238)  # what is done with it: person; how it came

# What who sees a post does, a bit each
LIKES: Final = 1
COMMENTS: Final = 2
SHARES: Final = 4
CLICKS: Final = 8


class Posts(Parameters):
    """Who sees posts, and what they do with them."""

    reach: Share = key(
        0.05,
        "Share of followers who see a post in their feed, unpaid, and have not answered any "
        "lately: below 10%, 2% in some studies.",
        kind="V",
        source="POSTREACH",
        swept=("1%", "10%"),
    )
    feed: Logit = key(
        0.5,
        "What each answer that is not forgotten adds to the logit of seeing the next post.",
        unit="logit",
        kind="A",
        swept=("0", "1.5"),
    )
    memory: Annotated[Duration, Field(gt=0)] = key(
        30 * 86400, "Time in which that fades to 1/e.", kind="A", swept=("7d", "90d")
    )
    likes: Share = key(
        0.025,
        "Chance that who sees a post likes it: .15% of followers answer a post, 3% of those whom "
        "it reaches, most of them by a like.",
        kind="V/D",
        source="SOCIALINSIDER",
        swept=("1%", "6%"),
    )
    comments: Share = key(
        0.002, "Chance that who sees a post comments it.", kind="A", swept=("0%", "1%")
    )
    shares: Share = key(
        0.003, "Chance that who sees a post shares it.", kind="A", swept=("0%", "2%")
    )
    audience: Annotated[int, Field(ge=0, le=3)] = key(
        3,
        "Friends who see what a person shares.",
        unit="persons",
        kind="A",
        swept=("1", "3"),
    )
    clicks: Share = key(
        0.01, "Chance that who sees a post follows its link.", kind="A", swept=("0%", "3%")
    )
    delay: Annotated[Duration, Field(gt=0)] = key(
        5 * 3600,
        "Mean time from a post, or a share, until it is seen: exponential, on the activity clock.",
        kind="A",
        swept=("1h", "1d"),
    )
    stirs: Stimulus = key(
        0.1,
        "What a post that is seen adds to the stock of the open need that it shows.",
        unit="stimuli",
        kind="A",
        swept=("0", "0.4"),
    )
    reveals: Share = key(
        0.02,
        "Chance that a post that is seen makes a person notice a latent need.",
        kind="A",
        swept=("0%", "10%"),
    )
    makes: Share = key(
        0.0,
        "Chance that it makes a need in who has none in the category.",
        kind="A",
        source="off by default",
        swept=("0%", "2%"),
    )
    image: Share = key(
        0.0,
        "Part of the way to a wholly good preference that it takes the person, where "
        "`world.preference` is felt.",
        kind="A",
        source="off by default",
        swept=("0%", "5%"),
    )


class LoweredPosts(Record):
    """What the rules read of `Posts`."""

    on: i8
    usual: f8  # logit of `reach`
    feed: f8
    memory: f8  # seconds
    likes: f8
    comments: f8
    shares: f8
    audience: i8
    clicks: f8
    delay: f8  # seconds of activity
    stirs: f8
    reveals: f8
    makes: f8
    image: f8


@fills(LoweredPosts)
def _lower(scenario: ScenarioParts) -> Values:
    return {"on": int(bool(scenario.brand.posts)), "usual": logit(scenario.world.posts.reach)}


class LoweredSeries(Record):
    """One series of posts."""

    begins: i8  # seconds
    ends: i8
    every: i8  # seconds between two posts
    category: i8  # that they show, -1 everything
    channel: i8  # where their links lead
    boost: f8  # share of those who do not follow to whom the brand has each shown
    cost: i8  # milli-cents of each paid view


class FeedState(Record):
    """What a person has answered to."""

    liked: f8 = 0.0  # likes, comments and shares that are not forgotten
    liked_t: i8 = 0


@inner
def likes_left(model: Model, person: Person, t: int) -> float:
    """Return the person's stock of answers."""
    return person.liked * math.exp(-(t - person.liked_t) / model.posts.memory)


@inner
def organic_chance(model: Model, person: Person, t: int) -> float:
    """Return the chance that a person sees the next post without that it is paid for."""
    if (person.acts >> FOLLOW) & 1 == 0:
        return 0.0
    return shifted(model.posts.usual, model.posts.feed * likes_left(model, person, t))


@inner
def sees_post(model: Model, person: Person, k: int, number: int, t: int) -> tuple[float, float]:
    """Return the uniforms of a post: whether it is seen, and when."""
    seen, when, _, _ = draw4(model.key.k0, model.key.k1, POST, person.entity, (k << 32) | number)
    return seen, when


@inner
def view_delay(model: Model, u: float) -> float:
    """Return the seconds of activity until a post is seen."""
    return exponential(u) * model.posts.delay


@inner
def answer_draws(
    model: Model, entity: int, occasion: int, number: int
) -> tuple[float, float, float, float]:
    """Return four uniforms of a view, of three such sets."""
    return draw4(model.key.k0, model.key.k1, VIEW, entity, (number << 61) | occasion)


@inner
def answers(model: Model, person: Person, t: int, u: tuple[float, float, float, float]) -> int:
    """Return what who sees a post does, a bit each; remember that it was answered."""
    part = model.posts
    does = LIKES if u[0] < part.likes else 0
    does |= COMMENTS if u[1] < part.comments else 0
    does |= SHARES if u[2] < part.shares else 0
    done = (does & 1) + ((does >> 1) & 1) + ((does >> 2) & 1)
    if done > 0:
        person.liked = likes_left(model, person, t) + done
        person.liked_t = t
    return does | (CLICKS if u[3] < part.clicks else 0)
