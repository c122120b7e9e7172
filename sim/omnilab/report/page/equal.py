"""What is left of a win when both strategies send as many messages."""

from __future__ import annotations

from html import escape
from typing import Final

from omnilab.report.equal import HEADLINE, verdict
from omnilab.report.figures.parts import title_of
from omnilab.report.page.parts import Parts, prose, wide_table
from omnilab.report.page.section import Section
from omnilab.report.source import Source

__all__ = ["EQUAL"]


def _equal(source: Source, parts: Parts) -> str:
    rows = source.result.get("equal_volume") or []
    if not rows:
        return ""
    numbers = parts.style.numbers
    first = rows[0]
    names = f"{first['strategy']} less {first['reference']}"
    said = "; ".join(f"{r['way']} {verdict(r)}" for r in rows if r["measure"] == HEADLINE)
    heads = ["Measure", "Way", "As they are", "At equal volume", "95% interval", "Messages"]
    body = [
        [
            escape(title_of(r["measure"])),
            escape(r["way"]),
            escape(numbers.signed(r["unit"], r["plain"])),
            escape(numbers.of(r, signed=True)),
            escape(numbers.interval(r, signed=True)),
            escape(
                f"{numbers.value('number', r['messages'])} and "
                f"{numbers.value('number', r['reference_messages'])}"
            ),
        ]
        for r in rows
    ]
    hows = dict.fromkeys(f"{r['way'].capitalize()}: {r['how']}." for r in rows)
    total = source.result["customers"] * source.result["replications"]
    part = ""
    if first["customers"] < total:
        part = (
            f" On {numbers.whole(first['customers'])} of {numbers.whole(total)} customers; "
            "`--equal-volume` takes all."
        )
    table = wide_table(f"{names} at equal volume", heads, body)
    return (
        f'<p class="lead">{escape(names)}: {escape(said)}.</p>{table}'
        f'<p class="note">{prose(" ".join(hows) + part)}</p>'
    )


EQUAL: Final = Section(
    "equal", "At equal volume", (),
    "Equal volume: the main two strategies send as many messages, or `--quick` left it out.",
    _equal,
)  # fmt: skip
