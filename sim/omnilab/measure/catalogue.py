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

__all__ = ["ABOUT", "GUARDRAILS", "MEASURES", "find_measure"]

#: What measures are about -> those measures, in the order in which tables show them.
ABOUT: Final[dict[str, tuple[Measure, ...]]] = {
    "Sales, worth, and who stays": tuple(SALES),
    "Costs and returns": tuple(COST),
    "Messages and ads": tuple(MESSAGES),
    "The way to an order": tuple(JOURNEY),
    "Questions and agents": tuple(DESKS),
    "Acts that customers are asked for": tuple(act_measures(COST_SUMS)),
    "Goods, prices and recommending": tuple(goods_measures()),
    "Media, content and posts": tuple(media_measures()),
    "Firms that buy": tuple(ACCOUNTS),
    "Bad experiences, waiting and lost needs": tuple(EXPERIENCE),
    "How well profiles match persons": tuple(IDENTITY),
}

#: All measures of a strategy, by name, in the order in which tables show them.
MEASURES: Final[dict[str, Measure]] = table([m for some in ABOUT.values() for m in some])

#: Measures that make good guardrails of a gate: harm, or worth, counted per customer. What is
#: counted per message is diluted by more messages.
GUARDRAILS: Final[tuple[str, ...]] = (
    *("ltv", "purchase_rate", "margin", "contact_cost"),
    *("messages_per_customer", "stop_rate", "leave_messages_rate", "leave_rate"),
    *("give_ups_per_customer", "bad_experiences_per_customer"),
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
