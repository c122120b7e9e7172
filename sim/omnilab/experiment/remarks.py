"""What a reader has to know of single measures: shown under the report and kept with the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from omnilab.experiment.payback import pay_back_words, pay_backs
from omnilab.experiment.statistics import MINIMUM_REPLICATIONS
from omnilab.measure.mailshots import OF_MAILSHOTS
from omnilab.measure.ratio import BASELINE, SEARCH_ONLY
from omnilab.scenario.demand import demand_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnilab.experiment.comparison import Comparison

__all__ = ["THIN", "Remark", "remarks", "thin_words"]

#: Messages a customer below which differences between strategies drown: one customer in four or
#: less gets any.
THIN: Final = 0.25

# A return of ten times the cost is rare in the field; from there on the cost is what needs a look.
_HIGH_ROI: Final = 10.0


@dataclass(frozen=True)
class Remark:
    """A sentence or two, and the names of the measures that it is about."""

    measures: tuple[str, ...]
    text: str


def remarks(comparison: Comparison) -> list[Remark]:
    """Return what holds for this comparison's measures, each once."""
    found = [*_demand(comparison), *_cohort(comparison), *_roi(comparison), *_search(comparison)]
    found += [*_newcomers(comparison), *_mailshots(comparison), *_pay_back(comparison)]
    return [*found, *_thin(comparison)]


def thin_words(comparison: Comparison, names: Sequence[str]) -> list[str]:
    """Return a line for each strategy that sends something, but hardly any message."""
    moments, lines = comparison.moments, []
    if "messages_per_customer" not in moments.measures:
        return []
    for name in names:
        each = moments.estimate("messages_per_customer", name).value
        if each and each < THIN:
            lines.append(
                f"Hardly any message is sent under {name} ({each:.2g} a customer, so at least "
                f"{1.0 - each:.0%} of customers get none): differences will hardly be decided."
            )
    return lines


def _thin(comparison: Comparison) -> list[Remark]:
    names = [run.name for run in comparison.strategies]
    return [Remark(("messages_per_customer",), line) for line in thin_words(comparison, names)]


def _pay_back(comparison: Comparison) -> list[Remark]:
    """Say when each strategy has paid back what it costs more, where costs are declared."""
    currency = comparison.scenario.currency
    return [
        Remark(("ltv_net", "profit"), pay_back_words(found, currency))
        for found in pay_backs(comparison)
    ]


def _mailshots(comparison: Comparison) -> list[Remark]:
    """Say what the intervals of opens rest on where mailshots differ."""
    if comparison.scenario.world.mailshot.sd == 0.0:
        return []
    n = comparison.replications
    text = (
        f"All customers of a replication get the same mailshots: intervals of the rates of opens "
        f"and clicks rest on {n} replications, which differ in them."
    )
    if n < MINIMUM_REPLICATIONS:
        text = (
            "The rates of opens and clicks have no intervals: all customers of a replication get "
            f"the same mailshots, so they take {MINIMUM_REPLICATIONS} replications or more "
            f"(--replications {MINIMUM_REPLICATIONS})."
        )
    return [Remark(OF_MAILSHOTS, text)]


def _demand(comparison: Comparison) -> list[Remark]:
    """Say that messages make no demand, or much."""
    note = demand_note(comparison.scenario)
    return [Remark(("orders_per_customer", "ltv"), note)] if note else []


def _cohort(comparison: Comparison) -> list[Remark]:
    """Say what follows of customers who enter by an order in the window."""
    scenario = comparison.scenario
    entry = scenario.population.entry
    if not entry or entry.by or scenario.time.burn_in:
        return []
    return [
        Remark(
            ("purchase_rate",),
            "The purchase rate is 100% by construction: every customer enters by a first order in "
            "the window. Look at repeat purchases and retention.",
        ),
        Remark(
            ("cac",),
            "CAC is the contact cost per customer here, since every customer counts as new.",
        ),
    ]


def _newcomers(comparison: Comparison) -> list[Remark]:
    """Say that paid search does not bring the newcomers for which it pays."""
    entry = comparison.scenario.population.entry
    searched = [c.name for c in comparison.scenario.channels if c.search and not c.visit]
    share = sum(entry.by.get(name, 0.0) for name in searched) if entry else 0.0
    if share == 0.0:
        return []
    return [
        Remark(
            ("ltv", "roi", "contact_cost", "cac"),
            f"{share:.0%} of newcomers enter by a paid result. They come under every strategy, and "
            "a strategy that buys no search has them for nothing: against it, the clicks on their "
            "entry are a cost without a return. Compare strategies that buy the same search.",
        )
    ]


def _roi(comparison: Comparison) -> list[Remark]:
    """Say why ROI has no value, or why it is so high."""
    moments, names = comparison.moments, [run.name for run in comparison.strategies]
    if "roi" not in moments.measures:
        return []
    if BASELINE not in names:
        return [
            Remark(
                ("roi",),
                f"ROI has no value: it is the margin above {BASELINE} for each "
                f"{comparison.scenario.currency} of contact cost, and {BASELINE} was not run "
                "beside.",
            )
        ]
    values = [value for s in names if (value := moments.estimate("roi", s).value) is not None]
    highest = max(values, key=abs, default=0.0)
    if abs(highest) < _HIGH_ROI:
        return []
    unit = comparison.scenario.currency
    return [
        Remark(
            ("roi",),
            f"An ROI of {highest:,.0f} is {highest:,.0f} {unit} of margin above {BASELINE} for "
            f"each {unit} of contact cost. That cost is what sends and paid clicks cost, without "
            "staff, tools and content, so cheap channels give a high ROI: look at the difference "
            "in margin and LTV.",
        )
    ]


def _search(comparison: Comparison) -> list[Remark]:
    """Say how much of contact cost is paid search, where nothing takes it out."""
    moments, names = comparison.moments, [run.name for run in comparison.strategies]
    if "message_roi" not in moments.measures or SEARCH_ONLY in names:
        return []
    shares = []
    for name in names:
        search = moments.estimate("search_cost", name).value
        cost = moments.estimate("contact_cost", name).value
        if search and cost:
            shares.append(search / cost)
    if not shares:
        return []
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    part = low if low == high else f"{low} to {high}"
    return [
        Remark(
            ("roi", "contact_cost", "message_roi"),
            f"Paid search is {part} of contact cost. {SEARCH_ONLY} beside the others shows what "
            "messages are worth on top of the same search (ROI of messages).",
        )
    ]
