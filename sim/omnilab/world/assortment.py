"""Assortment: what a message shows that names several categories, each with a share of it.

Each named category draws the person by its share of the message, by taste and by a present need.
What draws adds up, as in a choice among several things: a person who is drawn to two of them
answers more than one who is drawn to one. In logits the whole adds ln(sum of share exp(draw)),
which is the draw itself where one category is all of it. The person's eye then falls on one of the
categories, in proportion to what each adds.

A message that shows everything is not this mechanism's: it names nothing, so taste for a category
has nothing to do with it.

References
----------
Luce (1959), Individual choice behavior: each of several things is chosen in proportion to a number
of its own. McFadden (1978), Modelling the choice of residential location: what a set of them is
worth is the logarithm of their sum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.world.intent import match
from omnilab.world.saturation import saturate
from omnilab.world.taste import taste_for

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "MOST_NAMED",
    "assortment_code",
    "catches",
    "draw_of",
    "need_in",
    "saturate_each",
    "share_of",
]

EYE: Final = stream("EYE", 246)  # which of several categories: person, the message's address

#: Categories that one message may name: what its code has room for.
MOST_NAMED: Final = 4
_PLACE: Final = 15  # bits of a category: six for which one, nine for its share
_SHARES: Final = 511


def assortment_code(shares: Mapping[int, float]) -> int:
    """Return several categories with their shares as one number; 0 for none.

    Shares are kept in parts of the largest, in steps of 1/511, and add up to 1 when they are read.

    Parameters
    ----------
    shares
        Category, 0 to 62 -> its share, above 0; at most `MOST_NAMED`.
    """
    code = 0
    largest = max(shares.values(), default=1.0)
    for k, (category, share) in enumerate(shares.items()):
        part = max(round(_SHARES * share / largest), 1)
        code |= ((category << 9) | part) << (_PLACE * k)
    return code


@inner
def _part(code: int, k: int) -> int:
    """Return the share of the ``k``-th category in parts, 0 behind the last one."""
    return (code >> (_PLACE * k)) & _SHARES


@inner
def _category(code: int, k: int) -> int:
    return (code >> (_PLACE * k + 9)) & 63


@inner
def share_of(code: int, k: int) -> float:
    """Return the share of the ``k``-th category of a code, 0 to 1."""
    whole = 0
    for i in range(MOST_NAMED):
        whole += _part(code, i)
    return _part(code, k) / whole


@inner
def draw_of(cell: WorldCell, model: Model, who: int, code: int, t: int) -> float:
    """Return what taste for the categories of a code adds to a logit at ``t``.

    ln(sum over categories of share exp(taste)).
    """
    if model.taste.on == 0:
        return 0.0
    x = 0.0
    for k in range(MOST_NAMED):
        if _part(code, k) > 0:
            taste = taste_for(cell, model, who, _category(code, k), t)
            x += share_of(code, k) * math.exp(taste)
    return math.log(x)


@inner
def need_in(cell: WorldCell, model: Model, person: Person, who: int, code: int, t: int) -> float:
    """Return how well the categories of a code meet present needs, 0 to 1.

    `Response.need` times it is what needs add to the logit beside taste: ln(sum of share
    exp(taste + need match)) - ln(sum of share exp(taste)).
    """
    if model.response.need == 0.0:
        return 0.0
    x = 0.0
    for k in range(MOST_NAMED):
        if _part(code, k) > 0:
            x += _adds(cell, model, person, who, code, k, t)
    return (math.log(x) - draw_of(cell, model, who, code, t)) / model.response.need


@inner
def _adds(
    cell: WorldCell, model: Model, person: Person, who: int, code: int, k: int, t: int
) -> float:
    """Return what the ``k``-th category adds to the odds: share exp(taste + need match)."""
    category = _category(code, k)
    x = taste_for(cell, model, who, category, t)
    x += model.response.need * match(cell, model, person, category, False)
    return share_of(code, k) * math.exp(x)


@inner
def catches(
    cell: WorldCell, model: Model, person: Person, who: int, code: int, occasion: int, t: int
) -> int:
    """Return the category on which the person's eye falls, in proportion to what each adds."""
    u, _, _, _ = draw4(model.key.k0, model.key.k1, EYE, person.entity, occasion)
    total = 0.0
    for k in range(MOST_NAMED):
        if _part(code, k) > 0:
            total += _adds(cell, model, person, who, code, k, t)
    x = u * total
    category = _category(code, 0)
    for k in range(MOST_NAMED):
        if _part(code, k) > 0:
            category = _category(code, k)
            x -= _adds(cell, model, person, who, code, k, t)
            if x < 0.0:
                break
    return category


@inner
def saturate_each(cell: WorldCell, model: Model, who: int, code: int, t: int) -> float:
    """Add a message to the stock of each category by its share; return what those before it add.

    The mean over the categories, by share, of what `omnilab.world.saturation.saturate` returns.
    """
    x = 0.0
    for k in range(MOST_NAMED):
        if _part(code, k) > 0:
            share = share_of(code, k)
            x += share * saturate(cell, model, who, _category(code, k), share, t)
    return x
