"""A backtest as a report, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from omnilab.report.document import Document, Table
from omnilab.report.numbers import NOTHING

if TYPE_CHECKING:
    from omnilab.fit.backtest.course import Backtest
    from omnilab.fit.backtest.log import Figure, LogBacktest
    from omnilab.fit.backtest.past_tests import PastLift, TestsBacktest
    from omnilab.fit.backtest.verdict import Limits, Verdict

__all__ = ["BACKTEST_FORMAT", "backtest_data", "backtest_document", "backtest_page"]

BACKTEST_FORMAT: Final = "omnilab-backtest-v1"
_NAMES: Final = {
    "orders": "orders in total", "buyers": "customers who buy again", "spend": "spend a customer",
    "error": "absolute error a customer",
}  # fmt: skip
_FIGURES_NOTE: Final = (
    "Predicted: simulated, with the 90% interval. Of the error, actual is what the prediction was "
    "off by, and predicted what it would be off by if all were as simulated."
)


def backtest_document(found: Backtest, limits: Limits) -> Document:
    """Return the report, the verdicts first."""
    headlines: list[str] = []
    tables: list[Table] = []
    settings: list[str] = []
    notes = list(_how(limits))
    if found.log is not None:
        headlines.append(_headline(found.log.verdict, found.log.source))
        settings.append(_log_setting(found.log))
        tables += _log_tables(found.log)
    if found.tests is not None:
        headlines.append(_headline(found.tests.verdict, found.tests.source))
        settings.append(f"{found.tests.source}: {found.tests.how}")
        tables.append(_lifts_table(found.tests))
    notes += [f"{n[:1].upper()}{n[1:].rstrip('.')}." for n in found.notes]
    return Document(
        f"Backtest of {found.scenario}: {found.verdict}", "; ".join(settings), tuple(headlines),
        tuple(tables), tuple(notes),
    )  # fmt: skip


def backtest_page(found: Backtest, limits: Limits, command: str) -> str:
    """Return the report as Markdown.

    Parameters
    ----------
    command
        What makes the page again.
    """
    document = backtest_document(found, limits)
    parts = [
        f"# {document.title}", f"Made by `{command}`; don't edit. {document.setting}.",
        *document.headlines, *(_markdown(table) for table in document.tables),
        "## How to read it", "\n".join(f"- {note}" for note in document.notes),
        *(f"> {warning}" for warning in found.warnings),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def backtest_data(found: Backtest, limits: Limits) -> dict[str, Any]:
    """Return it as ``--json`` writes it; a number that an account does not say is null."""
    data = {
        "format": BACKTEST_FORMAT, "scenario": found.scenario, "verdict": found.verdict,
        "limits": asdict(limits),
        "log": None if found.log is None else _log_data(found.log),
        "tests": None if found.tests is None else _tests_data(found.tests),
        "notes": list(found.notes), "warnings": list(found.warnings),
    }  # fmt: skip
    plain: dict[str, Any] = _plain(data)
    return plain


def _headline(verdict: Verdict, source: str) -> str:
    return f"{source}: {verdict.verdict}. {verdict.reason}"


def _how(limits: Limits) -> tuple[str, ...]:
    trust = (
        "trust: as many weeks (or lifts) lie within their 90% intervals as chance lets right "
        f"intervals miss, at a level of {1 - limits.sure:.0%}; the bias, predicted over actual "
        f"less 1, is below {limits.bias:.0%}; and no simple rule is clearly better: by more than "
        f"{limits.worse:.0%} of what happened on average, and than chance makes of the paired "
        "differences of absolute errors."
    )
    correct = (
        f"correct: at least {limits.steady:.0%} are off to one side, and once each is multiplied "
        "by the factor of all others enough lie within, and no rule is clearly better. don't: "
        "neither."
    )
    intervals = (
        "The intervals hold the chance of the replications, the doubt of what was fitted, months "
        "that the log does not tell of, and the shocks that its own weeks show."
    )
    return trust, correct, intervals


def _log_setting(log: LogBacktest) -> str:
    p = log.prediction
    worlds = f" in each of {p.worlds} worlds" if p.worlds > 1 else ""
    return (
        f"{log.source}: {log.customers:,} customers of {log.start} to the day before "
        f"{log.first_day}, predicted to {log.last_day}; {p.replications} replications{worlds}"
    )


def _log_tables(log: LogBacktest) -> tuple[Table, ...]:
    rules = tuple(log.week_rules)
    figures = Table(
        "Figures", "", ("actual", "predicted", "90% interval", *rules),
        tuple((_NAMES[f.name], _figure_cells(f, rules)) for f in log.figures), _FIGURES_NOTE,
    )  # fmt: skip
    weeks = Table(
        "Orders by week", "week from", ("actual", "predicted", "90% interval", "", *rules),
        tuple(
            (f"{w.first_day}" + (f" ({w.days} days)" if w.days < 7 else ""),
             (f"{w.actual:,.0f}", f"{w.expected:,.1f}", f"{w.low:,.0f} to {w.high:,.0f}",
              "" if w.is_inside else ("above" if w.actual > w.high else "below"),
              *(f"{log.week_rules[name][k]:,.1f}" for name in rules)))
            for k, w in enumerate(log.weeks)
        ),
        f"{log.verdict.inside} of {log.verdict.n} weeks lie within their intervals.",
    )  # fmt: skip
    classes = Table(
        "Bias by class", "repeats before", ("customers", "actual", "predicted", "bias"),
        tuple(
            (c.repeats, (f"{c.customers:,}", f"{c.actual:,.0f}", f"{c.predicted:,.1f}",
                         f"{c.bias:+.0%}" if isfinite(c.bias) else NOTHING))
            for c in log.classes
        ),
        "Orders after the date of customers with so many repeats before it.",
    )  # fmt: skip
    return figures, weeks, classes


def _figure_cells(f: Figure, rules: tuple[str, ...]) -> tuple[str, ...]:
    def shown(value: float) -> str:
        if not isfinite(value):
            return NOTHING
        if f.name == "orders":
            return f"{value:,.0f}"
        return f"{value:.1%}" if f.name == "buyers" else f"{value:,.3g}"

    interval = f"{shown(f.low)} to {shown(f.high)}"
    return (
        shown(f.actual), shown(f.predicted), interval, *(shown(f.rules[name]) for name in rules)
    )  # fmt: skip


def _lifts_table(tests: TestsBacktest) -> Table:
    from omnilab.fit.backtest.past_tests import MEAN

    rows = []
    for lift in tests.lifts:
        m = lift.moment
        where = "" if m.stratum == "all" else f", {m.group_words}"
        cells = (
            _lift(lift, lift.measured, lift.measured_error),
            _lift(lift, lift.predicted, lift.predicted_error), f"{lift.z:+.1f}",
            "" if lift.is_inside else "outside", _lift(lift, lift.mean),
        )  # fmt: skip
        rows.append((f"{lift.source}: {m.outcome}, {m.arm}{where}", cells))
    note = (
        "Visits and conversions in points, spend in money a customer, each with half of its 90% "
        "interval. z: prediction less measurement, in standard errors of both together."
    )
    return Table("Lifts", "", ("measured", "predicted", "z", "", MEAN), tuple(rows), note)


def _lift(lift: PastLift, value: float, error: float | None = None) -> str:
    scale, digits = (1, 3) if lift.moment.outcome == "spend" else (100, 2)
    half = "" if error is None else f" ± {1.645 * scale * error:.{digits}f}"
    return f"{scale * value:+.{digits}f}{half}"


def _log_data(log: LogBacktest) -> dict[str, Any]:
    p = log.prediction
    return {
        "source": log.source, "first_day": str(log.start), "from": str(log.first_day),
        "last_day": str(log.last_day), "customers": log.customers,
        "replications": p.replications, "worlds": p.worlds, **_verdict_data(log.verdict),
        "figures": [asdict(f) for f in log.figures],
        "weeks": [
            {"first_day": str(w.first_day), "days": w.days, "actual": w.actual,
             "predicted": w.expected, "low": w.low, "high": w.high, "inside": w.is_inside,
             "rules": {name: float(of[k]) for name, of in log.week_rules.items()}}
            for k, w in enumerate(log.weeks)
        ],
        "classes": [asdict(c) | {"bias": c.bias} for c in log.classes],
    }  # fmt: skip


def _tests_data(tests: TestsBacktest) -> dict[str, Any]:
    return {
        "source": tests.source, "how": tests.how, **_verdict_data(tests.verdict),
        "lifts": [
            {"table": x.source, "outcome": x.moment.outcome, "arm": x.moment.arm,
             "stratum": x.moment.stratum, "group": x.moment.label, "measured": x.measured,
             "measured_error": x.measured_error, "predicted": x.predicted,
             "predicted_error": x.predicted_error, "z": x.z, "inside": x.is_inside,
             "mean_of_others": x.mean}
            for x in tests.lifts
        ],
    }  # fmt: skip


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "coverage": verdict.coverage}


def _plain(value: Any) -> Any:
    """Return data without numbers that JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _markdown(table: Table) -> str:
    head = f"| {table.corner} | {' | '.join(table.columns)} |"
    rule = "|" + "---|" * (len(table.columns) + 1)
    rows = [
        f"| {' | '.join(cell.replace('|', '/') for cell in (name, *cells))} |"
        for name, cells in table.rows
    ]
    note = [f"{table.note}\n"] if table.note else []
    return "\n".join([f"## {table.title}\n", *note, head, rule, *rows])
