"""Stage: what shows one good meets a need that has become narrow, the brand at large a broad one.

A need begins broad: the person knows that it needs something, and hardly what. Each visit for it
makes it narrower, and who has filled a cart has chosen. The breadth of a need is

    b = exp(-visits / narrows), and 0 once it has been in a cart.

A message speaks of everything that the brand has, of a category, or of the very good: what was
looked at, the cart, goods that are recommended. The nearer what it speaks of is to what the person
thinks of, the better it meets the need:

    the very good     1 - fits b
    a category        1
    everything        generic + (1 - generic) fits b

with ``generic`` of `Response`. It is how well the message meets the need in the logits of seeing
and of clicking, and the chance that the need is what catches the eye of who sees it. At b = 1 the
message about everything does better once fits is above (1 - generic) / (2 - generic), .41 with the
default. With fits = 0 the very good does better at every stage.

References
----------
Lambrecht and Tucker (2013), "When does retargeting work? Information specificity in online
advertising", Journal of Marketing Research 50(5): the very product does worse than the brand at
large until preferences have become narrow. Trope and Liberman (2010), "Construal-level theory of
psychological distance", Psychological Review 117(2): what is far off is thought of abstractly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share
from omnilab.world.needs import IN_CART

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need

__all__ = ["LoweredStage", "Stage", "breadth", "meets_at_stage"]


class Stage(Parameters):
    """How well a message meets a need that is still broad, or has become narrow."""

    fits: Share = key(
        0.0,
        "How much it matters that what a message speaks of is as broad or as narrow as the need: "
        "about a wholly broad need the very good loses this part, and everything gains it of what "
        "it lacks.",
        kind="A",
        source="off by default; form and sign of LAMBRECHT13",
        came_later=True,
        swept=("0%", "80%"),
    )
    narrows: Annotated[float, Field(gt=0, le=100)] = key(
        2.0,
        "Visits for a need in which its breadth falls to 1/e.",
        unit="visits",
        kind="A",
        came_later=True,
        swept=("1", "5"),
    )


class LoweredStage(Record):
    """What the rules read of `Stage`."""

    fits: f8
    narrows: f8  # visits


@inner
def breadth(model: Model, need: Need) -> float:
    """Return how broad a need still is, 1 at first, 0 once it has been in a cart."""
    if need.progress == IN_CART or need.cart_left == 1:
        return 0.0
    return math.exp(-need.visits / model.stage.narrows)


@inner
def meets_at_stage(model: Model, need: Need, category: int, specific: bool) -> float:
    """Return how well a message meets a need that it shows, 0 to 1.

    Parameters
    ----------
    category
        What the message shows, -1 everything.
    specific
        It shows the very good of the category.
    """
    misfit = 0.0
    if model.stage.fits > 0.0:
        misfit = model.stage.fits * breadth(model, need)
    if category >= 0:
        return 1.0 - misfit if specific else 1.0
    return model.response.generic + (1.0 - model.response.generic) * misfit
