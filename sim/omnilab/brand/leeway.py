"""What `decide` has chosen for a running message: content, creative, theme, and the offer.

A choice is a number from 1 on the copy; 0 is the message's own, -1 (of a theme or an offer) none.
Which choices a step allows is
checked before they come here (`omnilab.strategy.decisions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.codes import SHOW_NAMED
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i2, i8

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import Copy

__all__ = [
    "OWN",
    "WITHOUT_OFFER",
    "WITHOUT_THEME",
    "ChosenLook",
    "LoweredContent",
    "LoweredCreative",
    "as_planned",
    "content_chosen",
    "creative_chosen",
    "quality_of",
    "shown_by",
]

OWN: Final = 0
WITHOUT_THEME: Final = -1
WITHOUT_OFFER: Final = -1


class LoweredContent(Record):
    """One of the things that a message can show: the words of SHOW_*, then the categories."""

    quality: f8  # the best of the scenario's own messages that show it


class LoweredCreative(Record):
    """One of the brand's creatives."""

    template: i8  # its number in persons' memory
    quality: f8


class ChosenLook(Record):
    """What a copy keeps of how `decide` wants its running message to look."""

    shows: i2 = 0  # content, from 1; `OWN`
    creative: i2 = 0  # of the brand's, from 1; `OWN`
    theme: i2 = 0  # of the brand's, from 1; `OWN` or `WITHOUT_THEME`


@inner
def as_planned(copy: Copy) -> None:
    """Let the copy's message be as its step says: nothing is chosen for it yet."""
    copy.gives = 0
    copy.recommends = 0
    copy.shows = 0
    copy.creative = 0
    copy.theme = 0


@inner
def content_chosen(plan: LoweredPlan, copy: Copy) -> int:
    """Return the content that `decide` chose, from 1, 0 where it is what the step shows anyway."""
    own = plan.step[int(copy.journey), int(copy.step)].content
    return 0 if copy.shows == own else int(copy.shows)


@inner
def creative_chosen(plan: LoweredPlan, copy: Copy) -> int:
    """Return the creative that `decide` chose, from 1, 0 where it is the step's own."""
    own = plan.step[int(copy.journey), int(copy.step)].ready
    return 0 if copy.creative == own else int(copy.creative)


@inner
def shown_by(plan: LoweredPlan, copy: Copy) -> tuple[int, int]:
    """Return (one of SHOW_*, category) of what the copy's message shows; -1 without a category."""
    chosen = content_chosen(plan, copy)
    step = plan.step[int(copy.journey), int(copy.step)]
    if chosen == 0:
        return int(step.shows), int(step.category)
    if chosen <= SHOW_NAMED:
        return chosen - 1, -1
    return SHOW_NAMED, chosen - 1 - SHOW_NAMED


@inner
def quality_of(plan: LoweredPlan, copy: Copy) -> float:
    """Return the quality of the copy's message: its creative's where that is the brand's.

    A step's own quality goes with it to another content, but not above the best of the scenario's
    own messages of that content.
    """
    step = plan.step[int(copy.journey), int(copy.step)]
    if copy.creative > 0:
        return float(plan.creative[int(copy.creative) - 1].quality)
    chosen = content_chosen(plan, copy)
    if chosen == 0 or step.ready > 0:
        return float(step.quality)
    return min(float(step.quality), float(plan.content[chosen - 1].quality))
