"""The ways of customers: journeys as ribbons, the matrix of steps, funnels, fatigue, identity."""

from __future__ import annotations

from typing import Final

from omnilab.report.figures.flow import flow, transitions
from omnilab.report.figures.frontier import fatigue
from omnilab.report.figures.funnel import cascade, decisions
from omnilab.report.figures.groups import causes
from omnilab.report.figures.parts import title_of
from omnilab.report.figures.quality import identity, identity_cost
from omnilab.report.page.parts import Parts
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["CAUSES", "FATIGUE", "FUNNELS", "IDENTITY", "WAYS"]


_UNKNOWN: Final = (
    "What these errors cost in revenue is not in this run: <code>omnilab report --identity-cost"
    "</code> runs it again with a perfect identity."
)


def _ways(source: Source, parts: Parts) -> str:
    names = source.shown
    panels = []
    for s in names:
        html = parts.figure(flow(source, parts.style, s))
        html += parts.figure(transitions(source, parts.style, s))
        panels.append((s, html))
    return parts.switch("Strategy", panels)


def _funnels(source: Source, parts: Parts) -> str:
    html = parts.figure(decisions(source, parts.style))
    panels = []
    for s in source.shown:
        inside = [("journey, to success", parts.figure(cascade(source, parts.style, s)))]
        inside += [
            (by, parts.figure(decisions(source, parts.style, by, s)))
            for by in ("journey", "channel", "segment")
        ]
        panels.append((s, parts.switch(f"By, under {s}", inside)))
    return html + parts.switch("Strategy", panels)


def _fatigue(source: Source, parts: Parts) -> str:
    figures = [fatigue(source, parts.style, m) for m in ("open_rate", "unsubscribe_rate")]
    html = "".join(parts.figure(f) for f in figures)
    return f'<div class="pair">{html}</div>' if html else ""


def _identity(source: Source, parts: Parts) -> str:
    html = parts.figure(identity(source, parts.style))
    if not html:
        return ""
    there = dict.fromkeys(r["measure"] for r in source.rows("identity_errors"))
    panels = [(title_of(m), parts.figure(identity_cost(source, parts.style, m))) for m in there]
    cost = parts.switch("Measure", panels)
    return html + (cost or f'<p class="note">{_UNKNOWN}</p>')


def _causes(source: Source, parts: Parts) -> str:
    kinds = list(dict.fromkeys(r["what"] for r in source.rows("causes")))
    html = "".join(parts.figure(causes(source, parts.style, kind)) for kind in kinds)
    return f'<div class="pair">{html}</div>' if html else ""


WAYS: Final = Section(
    "ways", "How customers move", ("paths", "transitions"),
    "Ways from channel to channel: the run has no tables of paths and transitions.", _ways,
)  # fmt: skip
FUNNELS: Final = Section(
    "messages", "What becomes of messages", ("funnel", "breakdowns"),
    "Funnels of messages: no message was due.", _funnels,
)  # fmt: skip
FATIGUE: Final = Section(
    "fatigue", "When it is too much", ("results",),
    "Messages against opens and opt-outs: it takes two strategies that send.", _fatigue,
)  # fmt: skip
IDENTITY: Final = Section(
    "identity",
    "Who is who",
    ("results", "identity_errors"),
    "Identity: no identifiers were linked.",
    _identity,
)
CAUSES: Final = Section(
    "causes", "Why customers leave", ("causes",),
    "Causes of leaving: the run has no table of causes.", _causes,
)  # fmt: skip
