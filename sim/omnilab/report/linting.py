"""What a look at a strategy found, and what its contact policy does, as reports and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.linting.fixed import RULES
from omnilab.experiment.linting.preview import RULES as POLICY
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document
from omnilab.report.fates import fate_tables, mostly_unsent
from omnilab.report.numbers import label, write_difference
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.linting.preview import Previewed
    from omnilab.experiment.linting.seen import Linted
    from omnilab.scenario.model import Scenario

__all__ = [
    "LINT_FORMAT", "PREVIEW_FORMAT", "lint_data", "lint_document", "preview_data",
    "preview_document",
]  # fmt: skip

LINT_FORMAT: Final = "omnilab-lint-v1"
PREVIEW_FORMAT: Final = "omnilab-preview-v1"
_SAID: Final = {
    "cap": "frequency cap", "quiet_hours": "quiet hours", "not_after_order": "not after an order",
    "consent": "no consent, or stop all", "no policy": "all of them",
}  # fmt: skip


def lint_document(linted: Linted, scenario: Scenario) -> Document:
    """Return the findings, and what the journeys did in the small run."""
    n = len(linted.findings)
    headline = "nothing found" if n == 0 else f"{n} finding{'s' if n > 1 else ''}"
    setting = f"{scenario.id}: by the plan alone"
    if linted.customers:
        setting = f"{scenario.id}: by the plan, and by a run of {linted.customers:,} customers"
    tables = []
    if linted.steps:
        rows = tuple(
            (f"{s['journey']}, step {s['step']}",
             tuple(f"{s[c]:,}" for c in ("entered", "due", "sent", "after_order")))
            for s in linted.steps
        )  # fmt: skip
        tables.append(
            Table("Messages in the run", "step",
                  ("entered", "fell due", "sent", "after an order"), rows,
                  "After an order: sent although the customer had ordered since the entry.")
        )  # fmt: skip
        tables += fate_tables(linted)
    used = dict.fromkeys(f.rule for f in linted.findings)
    notes = tuple(f"{rule}: {RULES[rule]}." for rule in used)
    found = (str(f) for f in linted.findings)
    lines = (f"{linted.strategy}: {headline}.", *found, *mostly_unsent(linted.steps))
    return Document(f"Journeys of {linted.strategy}", setting, lines, tuple(tables), notes)


def lint_data(linted: Linted, scenario: Scenario) -> dict[str, Any]:
    """Return the same as JSON can hold it."""
    return {
        "format": LINT_FORMAT, "scenario": scenario.id, "strategy": linted.strategy,
        "customers": linted.customers, "findings": [asdict(f) for f in linted.findings],
        "steps": list(linted.steps), "mostly_unsent": list(mostly_unsent(linted.steps)),
    }  # fmt: skip


def preview_document(seen: Previewed, scenario: Scenario) -> Document:
    """Return whom the rules of contact stop, and what each costs."""
    rules = tuple(POLICY)
    segments = list(dict.fromkeys(r["segment"] for r in seen.stopped))
    cells = {(r["segment"], r["rule"]): r for r in seen.stopped}
    rows = tuple(
        (s, (f"{cells[s, rules[0]]['due']:,}",
             *(f"{cells[s, r]['stopped']:,} ({cells[s, r]['share']:.1%})" for r in rules)))
        for s in segments
    )  # fmt: skip
    tables = [
        Table("Messages that are kept back", "segment",
              ("due", *(_SAID[r] for r in rules)), rows,
              "A message that fell due ends at one place only: what the cap would have stopped "
              "too may have had no consent before.")
    ]  # fmt: skip
    names = ("ltv", "messages_per_customer")
    if seen.costs:
        costs = tuple(
            (_SAID[rule], tuple(write_difference(MEASURES[m], found[m]) for m in names))
            for rule, found in seen.costs.items()
        )
        titles = tuple(label(MEASURES[m], scenario.currency, difference=True) for m in names)
        tables.append(
            Table("With the rule less without it, on the same customers", "rule", titles, costs,
                  "With half of the 95% interval. Below 0 the rule costs LTV, above it earns it.")
        )  # fmt: skip
    lines = [_cost_line(seen, scenario)]
    if seen.held:
        lines.append(f"The quiet hours held {seen.held:,} messages and let them go later.")
    return Document(
        f"Contact policy of {seen.strategy}",
        f"{scenario.id}: {seen.customers:,} customers", tuple(lines), tuple(tables),
        ("Consent has no price here: without it nobody may write.",
         "Quiet hours belong to the scenario: without them the burn-in has none either."),
    )  # fmt: skip


def _cost_line(seen: Previewed, scenario: Scenario) -> str:
    if not seen.costs:
        return f"{seen.strategy} has no rule of contact but consent: there is nothing to cost."
    rule = "no policy" if "no policy" in seen.costs else next(iter(seen.costs))
    found = seen.costs[rule]["ltv"]
    text = write_difference(MEASURES["ltv"], found)
    return f"LTV with {_SAID[rule]} less without: {text} {scenario.currency} a customer."


def preview_data(seen: Previewed, scenario: Scenario) -> dict[str, Any]:
    """Return the same as JSON can hold it."""
    return {
        "format": PREVIEW_FORMAT, "scenario": scenario.id, "strategy": seen.strategy,
        "customers": seen.customers, "currency": scenario.currency, "held": seen.held,
        "stopped": list(seen.stopped),
        "costs": [
            {"rule": rule, "measure": measure, "value": e.value, "low": e.low, "high": e.high,
             "p_value": e.p_value}
            for rule, found in seen.costs.items()
            for measure, e in found.items()
        ],
    }  # fmt: skip
