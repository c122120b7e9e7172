"""Who gains and who is harmed, and what the result hangs on."""

from __future__ import annotations

from html import escape
from typing import Final

from omnilab.report.figures.groups import groups, harm
from omnilab.report.figures.hangs import tornado
from omnilab.report.page.answer import worlds_won
from omnilab.report.page.parts import Parts
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["GROUPS", "HANGS_ON"]

#: Groupings that a board asks for first; others follow in the table's own order.
_FIRST: Final = (
    "persona", "segment", "entry_channel", "channels_used", "channel_mix", "first_channel",
    "device",
)  # fmt: skip
_MOST: Final = 10


def _groups(source: Source, parts: Parts) -> str:
    html = _lead(source, parts)
    by = ("margin", "orders")  # by LTV the cost of a message is harm enough: it says nothing here
    html += parts.switch(
        "By", [(what, parts.figure(harm(source, parts.style, what))) for what in by]
    )
    strategy = next((s for s in source.strategies if s != source.reference), None)
    if strategy is None:
        return html
    there = dict.fromkeys(r["by"] for r in source.rows("groups") if r["by"] != "all")
    order = [b for b in _FIRST if b in there] + [b for b in there if b not in _FIRST]
    panels = [
        (by.replace("_", " "), parts.figure(groups(source, parts.style, by, strategy)))
        for by in order[:_MOST]
    ]
    return html + parts.switch("By", panels)


def _lead(source: Source, parts: Parts) -> str:
    """Say who gets nothing, and how evenly messages fall, under the best strategy."""
    best = source.strategies[0]
    found = {r["measure"]: r["value"] for r in source.rows("spread") if r["strategy"] == best}
    said = []
    if found.get("never_reached") is not None:
        share = parts.style.numbers.percent(found["never_reached"])
        said.append(f"{share} of customers are never reached under {best}.")
    if found.get("gini_contacts") is not None:
        gini = parts.style.numbers.value("ratio", found["gini_contacts"])
        said.append(f"The Gini coefficient of messages is {gini}: 0 is the same for all.")
    return f'<p class="lead">{escape(" ".join(said))}</p>' if said else ""


def _hangs_on(source: Source, parts: Parts) -> str:
    names = list(dict.fromkeys(r["strategy"] for r in source.rows("tornado")))
    order = [s for s in source.strategies if s in names]
    panels = [(s, parts.figure(tornado(source, parts.style, s))) for s in order]
    html = parts.switch("Strategy", panels)
    said = " ".join(worlds_won(source, parts.style.numbers))
    return f'<p class="lead">{escape(said)}</p>{html}' if html and said else html


GROUPS: Final = Section(
    "groups", "Who gains, who is harmed", ("groups", "spread"),
    "Differences by group of customers: the run has no tables of groups and spread.", _groups,
)  # fmt: skip
HANGS_ON: Final = Section(
    "hangs-on", "What it hangs on", ("tornado",),
    "What the result hangs on: `omnilab hangs` moves the assumptions; add it by `--with`.",
    _hangs_on,
)  # fmt: skip
