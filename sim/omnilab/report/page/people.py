"""Who gains and who is harmed, and what the result hangs on."""

from __future__ import annotations

from html import escape
from typing import Final

from omnilab.report.figures.groups import groups, harm
from omnilab.report.figures.hangs import tornado
from omnilab.report.page.parts import Parts
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["GROUPS", "HANGS_ON"]

#: Groupings that a board asks for first; others follow in the table's own order.
_FIRST: Final = ("persona", "segment", "channels_used", "channel_mix", "first_channel", "device")
_MOST: Final = 10


def _groups(source: Source, parts: Parts) -> str:
    html = parts.figure(harm(source, parts.style))
    strategy = next((s for s in source.strategies if s != source.reference), None)
    if strategy is None:
        return html
    there = dict.fromkeys(r["by"] for r in source.rows("groups"))
    order = [b for b in _FIRST if b in there] + [b for b in there if b not in _FIRST]
    panels = [
        (by.replace("_", " "), parts.figure(groups(source, parts.style, by, strategy)))
        for by in order[:_MOST]
    ]
    return html + parts.switch("By", panels)


def _hangs_on(source: Source, parts: Parts) -> str:
    rows = source.rows("hangs_on")
    html = parts.figure(tornado(source, parts.style))
    if not html:
        return ""
    first = rows[0]
    wins = first.get("wins")
    if wins is None:
        return html
    said = (
        f"{first['strategy']} stays ahead of {first['reference']} in "
        f"{parts.style.numbers.percent(wins)} of the worlds that were tried."
    )
    return f'<p class="lead">{escape(said)}</p>{html}'


GROUPS: Final = Section(
    "groups", "Who gains, who is harmed", ("groups", "spread"),
    "Differences by group of customers: the run has no tables of groups and spread.", _groups,
)  # fmt: skip
HANGS_ON: Final = Section(
    "hangs-on", "What it hangs on", ("hangs_on",),
    "What the result hangs on: `omnilab sweep` varies the assumptions.", _hangs_on,
)  # fmt: skip
