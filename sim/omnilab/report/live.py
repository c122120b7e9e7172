"""The plan of a live test, as a report and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.statistics import Estimate
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document
from omnilab.report.numbers import label, write_difference, write_interval, write_value
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.live.planned import Arms, LivePlan
    from omnilab.scenario.model import Scenario

__all__ = ["LIVE_FORMAT", "live_data", "live_document"]

LIVE_FORMAT: Final = "omnilab-live-v1"


def live_document(plan: LivePlan, scenario: Scenario) -> Document:
    """Return what the test takes, what it can find, and what the brand would read off it."""
    wanted, arms = plan.wanted, plan.arms
    measure = MEASURES[wanted.measure]
    title = label(measure, scenario.currency, difference=True)
    units = f"{arms.customers:,} customers"
    if wanted.unit == "town":
        units = f"{arms.units:,} towns of {arms.per_unit:,.0f}: {units}"
    needed = (
        f"{units} for {arms.days} days, {wanted.share:.0%} of them under {plan.strategy}, find a "
        f"difference of {write_difference(measure, Estimate(arms.difference, None, None))} "
        f"({title}) in {wanted.power:.0%} of such tests."
    )
    lines = [needed, _contrary(plan), _reached(plan), *_view_lines(plan)]
    curve = Table(
        "Power", "customers", ("power", "worse arm looks better", "half width"),
        tuple(
            (f"{row['customers']:,}", (f"{row['power']:.1%}", f"{row['wrong_arm']:.2%}",
                                       write_value(measure, row["half_width"])))
            for row in plan.curve
        ),
        "Half width: of the 95% interval that the test will have.",
    )  # fmt: skip
    tables = [curve]
    if len(plan.durations) > 1:
        tables.append(Table(
            "Durations", "days", ("simulated", "to be found", "customers"),
            tuple((f"{a.days}", _duration(a, measure)) for a in plan.durations),
        ))  # fmt: skip
    simulated = write_interval(measure, arms.simulated, "", sign="+")
    why = (
        f"Simulated on the same customers: {simulated}. A live test has other people in its arms, "
        "so it needs the variance between customers, not that of twins."
    )
    notes = [why]
    if arms.paired is not None and arms.paired > 0:
        notes.append(f"With twins {1 / arms.paired:,.3g} times fewer customers would do.")
    return Document(
        f"A live test of {plan.strategy} against {plan.reference}",
        f"{scenario.id}: arms drawn by {wanted.unit}, {wanted.level:.0%} two-sided",
        tuple(line for line in lines if line), tuple(tables), tuple(notes),
    )  # fmt: skip


def live_data(plan: LivePlan, scenario: Scenario) -> dict[str, Any]:
    """Return the same as JSON can hold it."""
    unit = MEASURES[plan.wanted.measure].unit
    return {
        "format": LIVE_FORMAT, "scenario": scenario.id, "strategy": plan.strategy,
        "reference": plan.reference,
        "unit_of_measure": scenario.currency if unit == "EUR" else unit,
        "wanted": asdict(plan.wanted), "plan": _arms(plan.arms),
        "durations": [_arms(a) for a in plan.durations], "curve": list(plan.curve),
        "brand_view": None if plan.view is None else asdict(plan.view),
    }  # fmt: skip


def _arms(arms: Arms) -> dict[str, Any]:
    data = asdict(arms)
    found = arms.simulated
    data["simulated"] = {"value": found.value, "low": found.low, "high": found.high}
    return data


def _duration(arms: Arms, measure: Any) -> tuple[str, ...]:
    return (
        write_difference(measure, arms.simulated),
        write_difference(measure, Estimate(arms.difference, None, None)), f"{arms.customers:,}",
    )  # fmt: skip


def _reached(plan: LivePlan) -> str:
    """Say what the customers that there are can find."""
    reach = plan.wanted.reach
    if reach is None:
        return ""
    units = max(4, int(reach / plan.arms.per_unit))
    row = next(r for r in plan.curve if r["units"] == units)
    enough = "enough" if row["power"] >= plan.wanted.power else "too few"
    return (
        f"{reach:,} customers are {enough}: they find it in {row['power']:.1%} of tests, and the "
        f"worse arm looks better in {row['wrong_arm']:.2%}."
    )


def _contrary(plan: LivePlan) -> str:
    """Say it where a test is planned for the opposite of what was simulated."""
    simulated = plan.arms.simulated.value
    if simulated is None or simulated * plan.arms.difference >= 0.0:
        return ""
    return f"The simulated difference is of the other sign: {simulated:+.4g}."


def _may_be_nothing(found: Estimate) -> bool:
    """Tell whether a difference is not shown: then no share of it can be told either."""
    return found.low is None or found.high is None or found.low <= 0.0 <= found.high


def _view_lines(plan: LivePlan) -> list[str]:
    view = plan.view
    if view is None:
        return ["All profiles of a town are in one arm, so errors of identity dilute nothing."]
    kept = None if _may_be_nothing(plan.arms.simulated) else view.kept
    read = (
        "how much of the difference it would read can't be told, as the simulated one may be 0"
        if kept is None
        else f"it would read {kept:.0%} of the true difference"
    )
    lines = [
        (
            f"The brand draws profiles and books orders on profiles: {read}. {view.several:.0%} of "
            f"persons get messages as several profiles, and of {view.unknown:.0%} of orders it "
            "does not know the buyer."
        )
    ]
    if kept is not None and 0.0 < kept < 1.0:
        more = plan.arms.customers / kept**2
        lines.append(f"To find that share it needs {more:,.0f} customers.")
    return lines
