"""What is won: paired differences, the weeks, and what each choice earns."""

from __future__ import annotations

from html import escape
from typing import Final

from omnilab.report.figures.forest import forest
from omnilab.report.figures.frontier import frontier
from omnilab.report.figures.hangs import waterfall
from omnilab.report.figures.parts import listed, title_of
from omnilab.report.figures.sweep import others_of, paths_of, sweep
from omnilab.report.figures.weeks import lead_by_week, weeks
from omnilab.report.page.parts import Parts
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["ABLATION", "COST", "DIFFERENCES", "SWEEP", "WEEKS"]

_SHOWN: Final = (
    "ltv", "purchase_rate", "orders_per_customer", "revenue", "margin", "retention",
    "cart_recovery_rate", "continuity", "contact_cost", "messages_per_customer",
)  # fmt: skip
_MOST_SETTINGS: Final = 8  # of all else that varied in a sweep
_MOST_SWEPT: Final = 4  # measures of a sweep
_WEEKLY: Final = (
    "ltv",
    "purchase_rate",
    "orders_per_customer",
    "revenue",
    "margin",
    "contact_cost",
)


def _differences(source: Source, parts: Parts) -> str:
    panels = [
        (title_of(m), parts.figure(forest(source, parts.style, m), note=_FOREST)) for m in _SHOWN
    ]
    switch = parts.switch("Measure", panels)
    if not switch:
        return ""
    rows = [r for r in source.rows("differences") if r["measure"] == "ltv"]
    sure = [r["strategy"] for r in rows if r.get("hardly_chance") and r["value"] > 0]
    worse = [r["strategy"] for r in rows if r.get("hardly_chance") and r["value"] < 0]
    said = []
    if sure:
        said.append(f"{listed(sure)} brings more than {source.reference}, hardly by chance.")
    if worse:
        said.append(f"{listed(worse)} brings less.")
    if not said:
        said.append(f"No strategy's LTV is surely other than that of {source.reference}.")
    return f'<p class="lead">{escape(" ".join(said))}</p>{switch}'


_FOREST: Final = (
    "A point is the difference on the same customers, its line the 95% interval. Filled: hardly "
    "chance, after Holm's correction."
)


def _weeks(source: Source, parts: Parts) -> str:
    there = {r["measure"] for r in source.rows("weeks")}
    measures = [m for m in _WEEKLY if m in there]
    panels = []
    for m in measures:
        figures = [weeks(source, parts.style, m), lead_by_week(source, parts.style, m)]
        html = "".join(parts.figure(f) for f in figures)
        panels.append((title_of(m), f'<div class="pair">{html}</div>' if html else ""))
    return parts.switch("Measure", panels)


def _ablation(source: Source, parts: Parts) -> str:
    there = list(dict.fromkeys(r["measure"] for r in source.rows("effects")))
    panels = [(title_of(m), parts.figure(waterfall(source, parts.style, m))) for m in there]
    return parts.switch("Measure", panels)


def _sweep(source: Source, parts: Parts) -> str:
    """Return each measure over what varied; all else that varied is a choice above."""
    measures = list(dict.fromkeys(r["measure"] for r in source.rows("sweep")))
    paths = paths_of(source)
    if not paths or source.rows("tornado"):  # worlds in which all moves are no lines
        return ""
    others = others_of(source, paths[0])[:_MOST_SETTINGS]
    panels = []
    for m in measures[:_MOST_SWEPT]:
        for where in others:
            figures = [
                parts.figure(sweep(source, parts.style, m, where=where, difference=d))
                for d in (False, True)
            ]
            name = ", ".join([title_of(m), *(f"{p.split('.')[-1]} {text}" for p, text in where)])
            html = "".join(figures)
            panels.append((name, f'<div class="pair">{html}</div>' if html else ""))
    return parts.switch("Shown", panels)


def _cost(source: Source, parts: Parts) -> str:
    return parts.figure(frontier(source, parts.style))


DIFFERENCES: Final = Section(
    "differences", "Who wins", ("differences",),
    "Paired differences: the run has one strategy.", _differences,
)  # fmt: skip
WEEKS: Final = Section(
    "weeks", "Week by week", ("weeks",), "Measures by week: the run has no table of weeks.", _weeks
)
ABLATION: Final = Section(
    "ablation", "Which choice earns it", ("effects",),
    "What each sharing choice earns: `omnilab ablate` finds out; add it by `--with`.", _ablation,
)  # fmt: skip
SWEEP: Final = Section(
    "sweep", "Over what varied", ("sweep", "points"),
    "A measure over values of the scenario: `omnilab sweep` finds out; add it by `--with`.", _sweep,
)  # fmt: skip
COST: Final = Section(
    "cost", "What it costs", ("results",),
    "Cost against LTV: it takes two strategies with contacts and LTV.", _cost,
)  # fmt: skip
