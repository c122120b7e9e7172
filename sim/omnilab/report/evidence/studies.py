"""What was run of each study, beside the scores: base rates, arms, what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from omnilab.report.numbers import NOTHING
from omnilab.report.table import Table

if TYPE_CHECKING:
    from omnilab.experiment.evidence.base_rate import MetRate
    from omnilab.experiment.evidence.many import Evidence
    from omnilab.experiment.evidence.running import StudyResult

__all__ = ["arm_tables", "rate_tables", "setting_of", "studies_data"]

_RATES: Final = ("published", "by itself", "met at", "moved", "from", "to", "of its way")


def setting_of(evidence: Evidence) -> str:
    """Return in one line what was run."""
    plan = evidence.plan
    sizes = [plan.customers_of(s) for s in plan.studies if s.runs] or [0]
    customers = f"{min(sizes):,} to {max(sizes):,}" if min(sizes) < max(sizes) else f"{sizes[0]:,}"
    quick = ", quick" if plan.quick else ""
    if plan.worlds:
        quick += f", each in {plan.worlds} worlds within what its scenario assumes"
    n = len(plan.studies)
    return (
        f"{n} stud{'y' if n == 1 else 'ies'}, {customers} customers a world, seed {plan.seed}"
        f"{quick}."
    )


def rate_tables(results: Sequence[StudyResult]) -> list[Table]:
    """Return how the base rates were met, none where there are none."""
    rows = tuple(
        (f"{r.study} {m.arm}: {m.outcome}{'' if m.world == 'base' else f' in {m.world}'}", _rate(m))
        for r in results for m in r.rates
    )  # fmt: skip
    if not rows:
        return []
    note = "One parameter moves and nothing else, before any effect is looked at."
    return [Table("Base rates", "arm", _RATES, rows, note)]


def arm_tables(results: Sequence[StudyResult]) -> list[Table]:
    """Return the numbers that each study's claims are made of."""
    return [
        Table(
            f"{r.study}: {r.title}", "outcome", ("arm", "group", "world", "customers", "value"),
            tuple(
                (v.outcome,
                 (v.arm, v.group, v.world, f"{v.persons:,}",
                  NOTHING if v.value is None else f"{v.value:.5g}"))
                for v in r.values
            ),
        )
        for r in results if r.values
    ]  # fmt: skip


def studies_data(evidence: Evidence) -> dict[str, Any]:
    """Return what was run, beside `evidence_data`, as JSON can hold it."""
    from dataclasses import asdict

    plan = evidence.plan
    return {
        "seed": plan.seed,
        "quick": plan.quick,
        "worlds": plan.worlds,
        "studies": [
            {
                "study": r.study, "title": r.title, "family": r.family, "file": r.file,
                "customers": r.customers, "worlds": r.worlds, "error": r.error or None,
                "rates": [asdict(m) for m in r.rates], "values": [asdict(v) for v in r.values],
            }
            for r in evidence.results
        ],
        "failures": [{"file": file, "error": why} for file, why in evidence.failures.items()],
    }  # fmt: skip


def _rate(m: MetRate) -> tuple[str, ...]:
    return (
        f"{m.published:.4g}", f"{m.unmoved:.4g}", f"{m.simulated:.4g}", m.move, m.before, m.after,
        f"{m.moved:.0%}",
    )  # fmt: skip
