"""Which theme a message carries: its own, or that of the calendar that its sender follows.

Each team has a calendar: its themes one after the other, each for as long. Who coordinates them is
said by the sharing choice `contact_policy`: under ``silo`` each team follows its own calendar,
under ``handoff`` the teams of a journey's sequence follow that of its first silo, and under ``all``
everybody follows the brand's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.leeway import OWN, WITHOUT_THEME
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import Copy

__all__ = ["BY_CALENDAR", "NO_THEME", "OF_SENDER", "theme_at", "theme_of"]

NO_THEME: Final = -1
BY_CALENDAR: Final = -2
OF_SENDER: Final = -1  # the calendar of a journey whose teams each follow their own


@inner
def theme_of(plan: LoweredPlan, copy: Copy, channel: int, t: int) -> int:
    """Return the theme of a copy's message sent at ``t``: what `decide` chose, else the plan's."""
    if copy.theme == WITHOUT_THEME:
        return NO_THEME
    if copy.theme != OWN:
        return int(copy.theme) - 1
    return theme_at(plan, int(copy.journey), int(copy.step), channel, t)


@inner
def theme_at(plan: LoweredPlan, j: int, k: int, channel: int, t: int) -> int:
    """Return the theme of a message of journey ``j``, step ``k``, sent at ``t``; -1 for none.

    A row of the plan's calendar is a silo's, the last one the brand's. It has its length in front.
    """
    theme = int(plan.step[j, k].theme)
    if theme != BY_CALENDAR:
        return theme
    row = int(plan.journey[j].calendar)
    if row == OF_SENDER:
        row = int(plan.sender[channel])
    turn = quotient(t, int(plan.rules.theme_lasts)) % int(plan.calendar[row, 0])
    return int(plan.calendar[row, 1 + turn])
