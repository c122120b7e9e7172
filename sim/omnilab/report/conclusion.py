"""What became of a study's claims, as a report and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.conclusion.exact import EXACT
from omnilab.experiment.conclusion.running import STATISTICAL
from omnilab.experiment.statistics import Estimate
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document, Table
from omnilab.report.numbers import NOTHING, write_difference

if TYPE_CHECKING:
    from omnilab.experiment.conclusion.declared import Study
    from omnilab.experiment.conclusion.judged import Seen
    from omnilab.experiment.conclusion.running import Checked

__all__ = ["CONCLUSION_FORMAT", "conclusion_data", "conclusion_document"]

CONCLUSION_FORMAT: Final = "omnilab-conclusion-v1"
_NOTES: Final = (
    (
        "holds: hardly chance, p < 0.05 after Holm's correction over the claims. turns: the "
        "contrary is hardly chance. undecided: neither. moves: the number is not the study's, "
        "p < 0.05 after Holm's correction over all claims and all such checks. equal: not one "
        "number is another. changed: some are."
    ),
    (
        "A claim is kept if it holds in the study's run and under each check. With half of the "
        "customers it may be undecided: it must only not turn or move."
    ),
)


def conclusion_document(study: Study, found: Sequence[Checked]) -> Document:
    """Return the report of a study's claims, those that are not kept first."""
    ranked = sorted(found, key=lambda c: c.is_kept)
    customers = ", ".join(f"{s.id} {s.population.customers:,}" for s in study.scenarios)
    setting = (
        f"Customers: {customers}; strategies: {', '.join(study.strategies)}; seed {study.seed}"
    )
    checks = [f.check for f in found[0].findings] if found else []
    verdicts = Table(
        "Claims under each check", "claim", ("kept", *checks),
        tuple(
            (_name(c, study), ("yes" if c.is_kept else "no", *(f.verdict for f in c.findings)))
            for c in ranked
        ),
    )  # fmt: skip
    numbers = [f.check for f in found[0].findings if f.check not in EXACT] if found else []
    seen = Table(
        "Their numbers", "claim", tuple(numbers),
        tuple(
            (
                _name(c, study),
                tuple(_number(c, f.seen) for f in c.findings if f.check in numbers),
            )
            for c in ranked
        ),
        "The difference or the value, with half of its 95% interval; of monotone the last value "
        "less the first.",
    )  # fmt: skip
    what = [f"{check}: {said}." for check, said in {**EXACT, **STATISTICAL}.items()]
    notes = (*_NOTES, " ".join(line for line in what if line.split(":")[0] in checks))
    return Document(
        f"{study.path}: what must not matter", setting, headlines(study, found),
        (verdicts, seen), notes,
    )  # fmt: skip


def headlines(study: Study, found: Sequence[Checked]) -> tuple[str, ...]:
    """Say how many claims are kept, and of each other one why it is not."""
    kept = sum(c.is_kept for c in found)
    lines = [f"{kept} of {len(found)} claims are kept."]
    for c in found:
        faults = [f for f in c.findings if f.is_fault]
        if faults:
            said = "; ".join(
                f"{f.check}: {f.verdict}{f' ({f.reason})' if f.reason else ''}" for f in faults
            )
            lines.append(f"{_name(c, study)}. {said}.")
    return tuple(lines)


def conclusion_data(study: Study, found: Sequence[Checked]) -> dict[str, Any]:
    """Return what was found as JSON can hold it."""
    return {
        "format": CONCLUSION_FORMAT,
        "file": study.path,
        "strategies": list(study.strategies),
        "seed": study.seed,
        "kept": all(c.is_kept for c in found),
        "claims": [
            {
                "scenario": c.scenario, "claim": c.claim.text, "kind": c.claim.kind,
                "measure": c.claim.term.measure, "kept": c.is_kept,
                "findings": [
                    {
                        "check": f.check, "verdict": f.verdict, "fault": f.is_fault,
                        "reason": f.reason, "seen": None if f.seen is None else asdict(f.seen),
                    }
                    for f in c.findings
                ],
            }
            for c in found
        ],
    }  # fmt: skip


def _name(checked: Checked, study: Study) -> str:
    where = f"{checked.scenario}: " if len(study.scenarios) > 1 else ""
    return where + checked.claim.text


def _number(checked: Checked, seen: Seen | None) -> str:
    if seen is None or seen.value is None:
        return NOTHING
    low = high = None
    if seen.half is not None:
        low, high = seen.value - seen.half, seen.value + seen.half
    measure = MEASURES[checked.claim.term.measure]
    return write_difference(measure, Estimate(seen.value, low, high))
