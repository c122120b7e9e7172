"""The end of the page: every number, every word defined, the method, its limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from omnilab.measure.catalogue import MEASURES
from omnilab.measure.words import measure_words
from omnilab.report.locales import NOTHING, Numbers
from omnilab.report.page.parts import Parts, broken, prose, wide_table
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["ASSUMPTIONS", "METHOD", "NUMBERS", "WORDS", "place", "portions", "with_half"]

#: More columns than this do not fit a page.
MOST_COLUMNS: Final = 6
MAIN: Final = (
    *("ltv", "purchase_rate", "messages_per_customer", "orders_per_customer", "aov", "revenue"),
    *("margin", "contact_cost", "search_cost", "cac", "roi", "message_roi", "retention"),
    *("open_rate", "click_rate"),
    *("engagement_rate", "unsubscribe_rate", "conversion_rate", "cart_recovery_rate"),
    *("continuity", "identity_f1"),
)
_LIMITS: Final = (
    "The customers are synthetic. They answer as the scenario's numbers say, not as yours do.",
    "Intervals hold chance: other customers, other days. They do not hold wrong assumptions.",
    "LTV ends with the run-out. It is not the value of a whole lifetime.",
    "Contact cost is what sends and paid clicks cost, without staff, tools and content.",
    "Many numbers are looked at here. Only the stars are corrected for that.",
)
_METHOD: Final = (
    (
        "Every strategy meets the same customers with the same draws (common random numbers). A "
        "difference is therefore that of twins: it holds what the strategy changes, not who the "
        "customers happen to be."
    ),
    (
        "Intervals are at 95%, by the delta method with Student's t over independent clusters of "
        "customers. P-values of the differences that are shown are adjusted by Holm's method."
    ),
    (
        "The risk of no gain is the chance that the difference is 0 or less, were its estimate "
        "normal with its standard error and every value equally likely before."
    ),
    "Denominators are persons, contacted or not, frozen when the strategies take over.",
)


def _numbers(source: Source, parts: Parts) -> str:
    numbers, names = parts.style.numbers, source.strategies
    if not source.rows("results"):
        return ""
    there = [m for m in MEASURES if any(source.value(s, m) for s in names)]
    more = sorted({r["measure"] for r in source.rows("results")} - set(there))
    main = [m for m in MAIN if m in there]
    rest = [m for m in there if m not in main] + more
    html = _measures("Measures", main, source, numbers)
    html += '<p class="note">± half of the 95% interval.</p>'
    if source.rows("differences"):
        html += _differences(main, source, numbers)
    if rest:
        html += (
            f'<details class="more"><summary>All other measures ({len(rest)})</summary>'
            f"{_measures('Other measures', rest, source, numbers)}</details>"
        )
    return html


def _measures(title: str, measures: Sequence[str], source: Source, numbers: Numbers) -> str:
    links = {s: place("strategy", s) for s in source.strategies if source.about.meanings.get(s)}
    return "".join(
        wide_table(
            title,
            ["", *names],
            [
                [_measure_link(m), *(with_half(numbers, source.value(s, m)) for s in names)]
                for m in measures
            ],
            linked=links,
        )
        for names in portions(source.strategies)
    )


def _differences(measures: Sequence[str], source: Source, numbers: Numbers) -> str:
    others = [s for s in source.strategies if s != source.reference]
    tables = "".join(
        wide_table(
            f"Differences against {source.reference}",
            ["", *names],
            [
                [_measure_link(m), *(_starred(numbers, source.difference(s, m)) for s in names)]
                for m in measures
            ],
        )
        for names in portions(others)
    )
    return (
        f"<h3>Differences against {escape(str(source.reference))}</h3>{tables}"
        '<p class="note">The same customers under both. * hardly chance: p below 0.05 after '
        "Holm's correction.</p>"
    )


def portions(names: list[str]) -> list[list[str]]:
    """Return names in parts of nearly equal size, so that none is cut in print."""
    n = max(1, -(-len(names) // MOST_COLUMNS))
    size = len(names)
    return [names[i * size // n : (i + 1) * size // n] for i in range(n)]


def with_half(numbers: Numbers, row: Any, *, signed: bool = False) -> str:
    """Return a row's value and half its interval, as HTML; a dash where there is none."""
    if row is None or row["value"] is None:
        return escape(NOTHING)
    text = numbers.of(row, signed=signed)
    if row["low"] is None:
        return escape(text)
    size = numbers.half(row, signed=signed)
    return f'{escape(text)} <span class="half">±{escape(size)}</span>'


def _starred(numbers: Numbers, row: Any) -> str:
    if row is None:
        return escape(NOTHING)
    star = "<b>*</b>" if row.get("hardly_chance") else ""
    return with_half(numbers, row, signed=True) + star


def _measure_link(name: str) -> str:
    title = MEASURES[name].title if name in MEASURES else name
    where = place("measure", name)
    return f'<a href="#{where}">{broken(title)}</a>' if name in measure_words() else broken(title)


def place(kind: str, name: str) -> str:
    """Return the id of a definition: what an address can't hold is written by its number."""
    return f"{kind}-{re.sub(r'[^a-z0-9_-]', lambda found: f'.{ord(found[0]):x}', name)}"


def _words(source: Source, _parts: Parts) -> str:
    if not source.rows("results"):
        return ""
    meanings = source.about.meanings
    strategies = "".join(
        _entry("strategy", s, s, meanings[s]) for s in source.strategies if meanings.get(s)
    )
    words = measure_words()
    used = [m for m in words if any(r["measure"] == m for r in source.rows("results"))]
    measures = "".join(
        _entry(
            "measure", m, MEASURES[m].title if m in MEASURES else m,
            words[m] + (f" Formula: {MEASURES[m].formula}." if m in MEASURES else ""),
        )
        for m in used
    )  # fmt: skip
    html = f'<h3>Strategies</h3><dl class="words">{strategies}</dl>' if strategies else ""
    return html + (
        f'<details class="more"><summary>Every measure defined ({len(used)})</summary>'
        f'<dl class="words">{measures}</dl></details>'
    )


def _entry(kind: str, name: str, title: str, meaning: str) -> str:
    return (
        f'<div id="{place(kind, name)}"><dt>{escape(title)}</dt><dd>{prose(meaning)}</dd></div>'
    )  # fmt: skip


def _method(source: Source, _parts: Parts) -> str:
    method = "".join(f"<p>{escape(text)}</p>" for text in _METHOD)
    notes = "".join(f"<li>{escape(text)}</li>" for text in source.about.notes)
    notes = f"<h3>Of this run</h3><ul>{notes}</ul>" if notes else ""
    limits = "".join(f"<li>{escape(text)}</li>" for text in _LIMITS)
    return f"{method}{notes}<h3>Limits</h3><ul>{limits}</ul>"


def _assumptions(source: Source, _parts: Parts) -> str:
    rows = source.about.assumptions
    if not rows:
        return ""
    declared = [r for r in rows if r["is_declared"]]
    others = [r for r in rows if not r["is_declared"]]
    html = "<p>These numbers have no published source. All others have theirs in omnilab's page of "
    html += "parameters.</p>"
    if declared:
        html += _assumed("Named by the scenario", declared)
    if others:
        html += (
            f'<details class="more"><summary>Of presets and defaults ({len(others)})</summary>'
            f"{_assumed('Assumptions of presets and defaults', others)}</details>"
        )
    return html


def _assumed(title: str, rows: list[Any]) -> str:
    return wide_table(
        title,
        ["key", "value", "from", "what it means"],
        [
            [broken(r["key"].replace(".", ". ")).replace(". ", ".<wbr>"), broken(r["value"]),
             escape(r["origin"]), f'<span class="prose">{prose(r["what"])}</span>']
            for r in rows
        ],
    )  # fmt: skip


NUMBERS: Final = Section("numbers", "Every number", ("results",), "Measures: none.", _numbers)
WORDS: Final = Section("words", "In words", ("results",), "Definitions: none.", _words)
METHOD: Final = Section("method", "Method and limits", (), "Method: none.", _method)
ASSUMPTIONS: Final = Section(
    "assumptions", "Assumptions", (), "Assumptions: the scenario uses none without a source.",
    _assumptions,
)  # fmt: skip
