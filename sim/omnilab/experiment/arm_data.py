"""What a split test came to, as plain data; money in the scenario's currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from omnilab.experiment.arm_tests import ArmTest, Compared
    from omnilab.experiment.statistics import Estimate

__all__ = ["ARMS_FORMAT", "arm_rows", "arms_data"]

ARMS_FORMAT: Final = "omnilab-arms-v1"
_CENTS: Final = 100


def arm_rows(found: ArmTest) -> list[dict[str, Any]]:
    """Return a row for each arm and unit: ``profile``, as the brand sees it, and ``person``."""
    return [
        {"unit": unit, **_row(one)}
        for unit, arms in (("profile", found.seen), ("person", found.true))
        for one in arms
    ]


def arms_data(found: ArmTest) -> dict[str, Any]:
    """Return all of it as JSON can hold it."""
    return {
        "format": ARMS_FORMAT,
        "scenario": found.scenario.id,
        "strategy": found.strategy,
        "test": found.test.name,
        "by": found.test.by,
        "within_s": found.within,
        "customers": found.customers,
        "replications": found.replications,
        "seed": found.seed,
        "currency": found.scenario.currency,
        "profiles": found.profiles,
        "profiles_in_two_arms": found.mixed,
        "persons": found.persons,
        "persons_in_two_arms": found.contaminated,
        "contamination": found.contaminated / found.persons if found.persons else None,
        "arms": arm_rows(found),
        "truth": [
            {"arm": arm, "measure": measure, **_estimate(estimate, 1.0)}
            for arm, by in found.truth.items()
            for measure, estimate in by.items()
        ],
        "log_digests": dict(found.digests),
    }


def _row(one: Compared) -> dict[str, Any]:
    s = one.sums
    row: dict[str, Any] = {
        "arm": one.arm, "share": one.share, "units": s.units, "recipients": s.recipients,
        "sent": s.sent, "opened": s.opened, "clicked": s.clicked, "buyers": s.sums[0],
        "orders": s.sums[1], "revenue": s.sums[2] / _CENTS,
        "revenue_per_unit": s.sums[2] / _CENTS / s.units if s.units else None,
    }  # fmt: skip
    for outcome, estimate in one.differences.items():
        scale = _CENTS if outcome == "revenue" else 1
        row[f"{outcome}_difference"] = _estimate(estimate, 1.0 / scale)
    return row


def _estimate(estimate: Estimate, scale: float) -> dict[str, Any]:
    bounds = ("value", "low", "high")
    values = (getattr(estimate, name) for name in bounds)
    return {n: None if v is None else v * scale for n, v in zip(bounds, values, strict=True)}
