"""From the brand's articles and posts to their records."""

from __future__ import annotations

from typing import Any, Final

from omnilab.kernels.record import record_array
from omnilab.lowering.media import PER_CONTACT, lands_on, seconds_of
from omnilab.scenario.content import Article, Series
from omnilab.scenario.model import Scenario
from omnilab.world.content import LoweredArticle
from omnilab.world.posts import LoweredSeries

__all__ = ["lower_content"]

EVER: Final = 1 << 40  # a second after any run's end


def lower_content(scenario: Scenario) -> dict[str, Any]:
    """Return the records of the articles and of the series of posts, in the scenario's order."""
    articles = record_array(LoweredArticle, len(scenario.brand.content))
    for to, article in zip(articles, scenario.brand.content, strict=True):
        _when(to, scenario, article)
        to.category, to.channel = lands_on(scenario, article.shows, article.channel)
        to.click = scenario.world.content.clicks[article.rank - 1]
    series = record_array(LoweredSeries, len(scenario.brand.posts))
    for to, posts in zip(series, scenario.brand.posts, strict=True):
        _when(to, scenario, posts)
        to.category, to.channel = lands_on(scenario, posts.shows, posts.channel)
        to.every, to.boost = posts.every, posts.boost
        to.cost = round(posts.per_thousand * PER_CONTACT)
    return {"article": articles, "series": series}


def _when(to: Any, scenario: Scenario, part: Article | Series) -> None:
    to.begins = seconds_of(scenario, part.begins_on)
    to.ends = EVER if part.lasts is None else to.begins + part.lasts
