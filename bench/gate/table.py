"""What the gate says: one table, on a terminal or as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from bench.gate.verdict import Report, Row

__all__ = ["markdown", "print_report"]

_HEADINGS = ("benchmark", "base", "head", "change", "95% interval", "pairs", "noise?", "verdict")
_STYLES = {"slower": "bold red", "broken": "bold red", "work changed": "bold red",
           "faster": "green", "new": "dim"}  # fmt: skip
#: The line by which a pull request's comment is found again.
MARKER = "<!-- omnilab bench-gate -->"


def print_report(report: Report, console: Console) -> None:
    """Print the table, and below it what each failure is about."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(_HEADINGS):
        table.add_column(heading, justify="right" if 1 <= number <= 6 else "left")
    for row in report.rows:
        table.add_row(*_cells(row), style=_STYLES.get(row.verdict, ""))
    console.print(table)
    for line in _remarks(report):
        console.print(line, markup=False, highlight=False)
    style = "green" if report.passed else "bold red"
    console.print(_headline(report), style=style, markup=False, highlight=False)


def markdown(report: Report) -> str:
    """Return the report as Markdown."""
    lines = [
        MARKER,
        f"### Speed gate: {'passed' if report.passed else 'failed'}",
        "",
        f"{_headline(report)}",
        "",
        f"| {' | '.join(_HEADINGS)} |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in report.rows:
        cells = [c.replace("|", "\\|") for c in _cells(row)]
        if row.fails:
            cells = [f"**{c}**" if c else "" for c in cells]
        lines.append(f"| {' | '.join(cells)} |")
    remarks = _remarks(report)
    if remarks:
        lines += ["", *(f"- {line}" for line in remarks)]
    lines += ["", f"<sub>{_explanation(report)}</sub>", ""]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    if row.estimate is None:
        return row.name, "", "", "", "", "0", "", row.verdict
    e = row.estimate
    return (
        row.name,
        _milliseconds(row.base_s),
        _milliseconds(row.head_s),
        _percent(e.ratio),
        f"{_percent(e.low)} to {_percent(e.high)}",
        str(row.pairs),
        _chance(e.p_slower),
        row.verdict,
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _percent(ratio: float) -> str:
    return f"{(ratio - 1) * 100:+.1f}%"


def _chance(p: float) -> str:
    """Return how likely noise does this: 1 in so many where that is easier to read."""
    return f"{p:.0%}" if p >= 0.01 else f"1 in {1 / p:,.0f}"


def _headline(report: Report) -> str:
    failing = [row.name for row in report.rows if row.fails]
    said = f"{len(report.rows)} benchmarks, {report.base} against {report.head}"
    if not failing:
        return f"Passed: {said}, none slower beyond what noise explains."
    return f"Failed: {', '.join(failing)} ({said})."


def _remarks(report: Report) -> Sequence[str]:
    """Return a line for each thing that the table has no room for."""
    lines = []
    for row in report.rows:
        if row.note:
            lines.append(f"{row.name}: {row.note}")
        for change in row.changes:
            was = "not there" if change.base is None else change.base
            now = "gone" if change.head is None else change.head
            end = f"allowed: {change.allowed}" if change.allowed is not None else "not allowed"
            if change.base is None:
                end = "new, nothing to compare it with"
            lines.append(f"{row.name}: counter {change.counter} {was} -> {now} ({end})")
    if any(change.fails for row in report.rows for change in row.changes):
        lines.append("a change of work that is meant goes into bench/gate/allowed_changes.toml")
    return lines


def _explanation(report: Report) -> str:
    rules = report.rules
    return (
        f"Processor time; a pair is a fresh process of each side taking turns on one core. 'noise?'"
        f" is how likely such pairs are if head is at most {rules.tolerated:.0%} slower. Over all"
        f" benchmarks a false alarm has a chance below {rules.alpha:.0%}."
        f" {report.rounds} rounds, {report.elapsed_s:.0f} s. benchmarks.md has the rules."
    )
