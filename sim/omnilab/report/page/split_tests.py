"""The split tests of the plans: what the tool reads of each arm, beside the truth."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from omnilab.report.locales import NOTHING, Numbers
from omnilab.report.page.parts import Parts, broken, wide_table
from omnilab.report.page.section import Section
from omnilab.report.source import Row, Source
from omnilab.report.split_tests import basis_words, tests_in, unread_words

__all__ = ["SPLIT_TESTS"]

_HEADS: Final = (
    "Arm", "Share", "Profiles", "Bought", "More a profile", "95% interval", "The tool says",
    "Truly more a customer", "95% interval", "In truth",
)  # fmt: skip


def _split_tests(source: Source, parts: Parts) -> str:
    rows: list[Row] = source.result.get("split_tests") or []
    total = source.result["customers"] * source.result["replications"]
    html = ""
    for strategy, test, arms in tests_in(rows, read=True):
        title = f"{test} under {strategy}"
        body = [_cells(row, parts.style.numbers) for row in arms]
        html += (
            f"<h3>{escape(title)}</h3>{wide_table(title, _HEADS, body)}"
            f'<p class="note">{escape(basis_words(arms[0], total))}</p>'
        )
    unread = "".join(f'<p class="note">{escape(line)}</p>' for line in unread_words(rows))
    return html + unread


def _cells(row: Row, numbers: Numbers) -> list[str]:
    bought = row["buyers"] / row["profiles"] if row["profiles"] else None
    cells = [numbers.value("share", row["share"]), NOTHING, numbers.value("share", bought)]
    if row["profiles"] is not None:
        cells[1] = numbers.whole(row["profiles"])
    for side in ("seen", "true"):
        found = _difference(row, side)
        said = row[f"{side}_verdict"] or NOTHING
        cells += [numbers.of(found, signed=True), numbers.interval(found, signed=True), said]
    return [broken(row["arm"]), *(escape(cell) for cell in cells)]


def _difference(row: Row, side: str) -> dict[str, Any]:
    return {
        "unit": row["unit"], "value": row[side], "low": row[f"{side}_low"],
        "high": row[f"{side}_high"],
    }  # fmt: skip


SPLIT_TESTS: Final = Section(
    "split-tests", "Split tests", (), "Split tests: no strategy has a step of one.", _split_tests,
)  # fmt: skip
