"""A score of profiles by what they bought: the weights that a brand declares, and its branches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Duration
from omnilab.scenario.part import Frozen

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Split
    from omnilab.scenario.model import Scenario

__all__ = ["MOST_SCORE", "Score", "score_problem"]

#: The highest score that a branch asks for, and that a strategy gives.
MOST_SCORE: Final = 100_000.0

# What nobody comes to: the logs of 1 + a million orders, and of 1 + a milliard paid.
_MOST_ORDERS: Final = math.log1p(1e6)
_MOST_PAID: Final = math.log1p(1e9)

Weight = Annotated[float, Field(ge=0, le=1000)]


class Score(Frozen):
    """Weights of recency, frequency and money: branches ask for the score with `has: score`."""

    recency: Weight = key(
        0.0, "Points of who has just ordered; they fade with `memory`.", unit="points", kind="A",
        source="none",
    )  # fmt: skip
    memory: Annotated[Duration, Field(gt=0)] = key(
        90 * 86400, "Time in which the points of the last order fade to 1/e.", kind="A",
        source="none",
    )  # fmt: skip
    frequency: Weight = key(
        0.0, "Points for each log of (1 + orders).", unit="points", kind="A", source="none"
    )
    monetary: Weight = key(
        0.0,
        "Points for each log of (1 + what was paid in all, in the currency's unit).",
        unit="points",
        kind="A",
        source="none",
    )

    decided: bool = key(
        False,
        "Whether a strategy's `decide` may give a profile a score (`Choices.score`): from then on "
        "it stands in place of the sum, where the sender's team sees it.",
        kind="A",
        source="off by default",
        came_later=True,
    )

    @model_validator(mode="after")
    def _counts_something(self) -> Self:
        if self.recency == self.frequency == self.monetary == 0 and not self.decided:
            raise ValueError(
                "every score is 0: give recency, frequency or monetary a weight, or let strategies"
                " give scores with `decided: true`"
            )
        return self


def score_problem(split: Split, scenario: Scenario) -> tuple[str, str] | None:
    """Return the key and the sentence of what a branch on the score lacks, or None."""
    if split.has not in ("score", "not_score"):
        return None
    score = scenario.brand.score
    if score is None:
        return "has", "nobody keeps a score: set brand.score, such as {recency: 10, frequency: 5}"
    if score.monetary > 0 and scenario.brand.programme is None:
        return "has", (
            "nobody adds up what a customer has paid: set brand.programme, such as {period: 365d},"
            " or leave out brand.score.monetary"
        )
    most = score.recency + score.frequency * _MOST_ORDERS + score.monetary * _MOST_PAID
    if score.decided:
        most = MOST_SCORE
    if split.score is not None and split.score > most:
        never = "this branch is never taken" if split.has == "score" else "all take this branch"
        of = "for a million orders (brand.score)"
        if score.decided:
            of = "the highest that a strategy gives"
        elif most == score.recency:
            of = "brand.score.recency"
        return "score", f"no score is above {most:g}, {of}: {never}"
    return None
