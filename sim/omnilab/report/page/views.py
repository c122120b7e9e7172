"""Views of a report: which sections a reader gets, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from omnilab.report.page import (
    equal,
    mailing,
    method,
    people,
    sales,
    split_tests,
    twins,
    ways,
    whatif,
)
from omnilab.report.page.section import Section

__all__ = ["SECTIONS", "VIEWS"]

#: All of a report, in the order of the page.
SECTIONS: Final[tuple[Section, ...]] = (
    sales.DIFFERENCES, equal.EQUAL, split_tests.SPLIT_TESTS, sales.WEEKS, whatif.WHATIF,
    sales.SWEEP, sales.ABLATION, ways.WAYS, ways.FUNNELS, ways.FATIGUE, ways.IDENTITY, sales.COST,
    people.GROUPS, ways.CAUSES, people.HANGS_ON, twins.TWINS, method.NUMBERS, method.WORDS,
    method.METHOD, method.ASSUMPTIONS,
)  # fmt: skip
#: By the name of a view. Where numbers stand, the words that they lead to stand too.
VIEWS: Final[Mapping[str, tuple[Section, ...]]] = MappingProxyType({
    "all": SECTIONS,
    # Does it pay, for whom, and what could be wrong?
    "board": (
        sales.DIFFERENCES, sales.COST, whatif.WHATIF, people.GROUPS, people.HANGS_ON, method.METHOD,
    ),
    # What do my messages do, and what do they do to my list?
    "crm": (
        mailing.MAILING, split_tests.SPLIT_TESTS, ways.FUNNELS, ways.FATIGUE, ways.CAUSES,
        sales.DIFFERENCES, sales.ABLATION, sales.WEEKS, people.GROUPS, twins.TWINS,
        method.NUMBERS, method.WORDS, method.METHOD,
    ),
    # How was it found, what is assumed, and does it hold?
    "scientist": (
        method.METHOD, method.ASSUMPTIONS, method.NUMBERS, sales.DIFFERENCES, equal.EQUAL,
        split_tests.SPLIT_TESTS, people.HANGS_ON, whatif.WHATIF, sales.SWEEP, sales.ABLATION,
        ways.IDENTITY, people.GROUPS,
        ways.WAYS, ways.FUNNELS, ways.FATIGUE, ways.CAUSES, sales.WEEKS, sales.COST, twins.TWINS,
        method.WORDS,
    ),
})  # fmt: skip
