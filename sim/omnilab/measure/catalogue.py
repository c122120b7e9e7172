"""Every measure of a strategy, once: its name, unit, formula, and the sums whose ratio it is.

Each room of the catalogue has its measures in a file of its own; here they are one table. Both
parts of the ratio are whole-number combinations of the additive sums in `layout`, so that a measure
can be taken from any merged sums, and its interval from their products. Of persons, the denominator
is everybody, contacted or not. Without a denominator a measure is null.
"""

from __future__ import annotations

from typing import Final

from omnilab.errors import OptionError, nearest
from omnilab.measure.account_measures import ACCOUNTS
from omnilab.measure.act_measures import act_measures
from omnilab.measure.cost_measures import COST, COST_SUMS
from omnilab.measure.desk_measures import DESKS
from omnilab.measure.experience_measures import EXPERIENCE
from omnilab.measure.goods_measures import goods_measures
from omnilab.measure.identity_measures import IDENTITY
from omnilab.measure.journey_measures import JOURNEY
from omnilab.measure.media_measures import media_measures
from omnilab.measure.message_measures import MESSAGES
from omnilab.measure.ratio import Measure, table
from omnilab.measure.sales_measures import SALES

__all__ = ["MEASURES", "find_measure"]

#: All measures of a strategy, by name, in the order in which tables show them.
MEASURES: Final[dict[str, Measure]] = table(
    [
        *SALES,
        *COST,
        *MESSAGES,
        *JOURNEY,
        *DESKS,
        *act_measures(COST_SUMS),
        *goods_measures(),
        *media_measures(),
        *ACCOUNTS,
        *EXPERIENCE,
        *IDENTITY,
    ]
)


def find_measure(name: str) -> Measure:
    """Return the measure of that name.

    Raises
    ------
    OptionError
        If there is none; names the nearest.
    """
    if name not in MEASURES:
        raise OptionError(f"there is no measure {name!r}{nearest(name, MEASURES)}")
    return MEASURES[name]
