"""Ask a scenario for all claims of the trade: simulate the strategies once, read each claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnilab.experiment.evidence.running import run_study
from omnilab.experiment.published.asked import GAP, missing_in, name_of, study_of
from omnilab.experiment.published.declared import READINGS, read_published

if TYPE_CHECKING:
    from omnilab.experiment.evidence.result import ClaimResult
    from omnilab.experiment.published.declared import PublishedClaim
    from omnilab.scenario.model import Scenario

__all__ = ["ClaimReadings", "Estimate", "ask"]


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval.

    Attributes
    ----------
    value
        In the unit of the claim: shares and relative changes as parts of 1. None: no value.
    low, high
        Of the interval, None where none is known.
    reason
        Why there is no value.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class ClaimReadings:
    """What came of a claim.

    Attributes
    ----------
    claim
        What was published.
    missing
        Why it was not asked; "" where it was.
    readings
        ``causal``, ``as_measured``, ``gap``, ``unwritten`` -> the number, of those that it has.
    """

    claim: PublishedClaim
    missing: str = ""
    readings: Mapping[str, Estimate] = field(default_factory=dict)

    def where(self, reading: str) -> str:
        """Return where a reading lies: ``near``, ``above`` or ``below`` what was published.

        Near is an interval that has a published number in it, ``unclear`` one that has no effect
        in it too; "" where there is no interval.
        """
        found, published = self.readings.get(reading), self.claim.range
        if found is None or found.low is None or found.high is None or published is None:
            return ""
        if found.high < published[0]:
            return "below"
        if found.low > published[1]:
            return "above"
        effect = self.claim.readings[reading].effect
        nothing = effect is not None and effect.as_ != "value" and found.low <= 0.0 <= found.high
        return "unclear" if nothing else "near"


def ask(
    scenario: Scenario,
    *,
    replications: int,
    seed: int,
    progress: Callable[[str, float], None] | None = None,
) -> list[ClaimReadings]:
    """Return what comes of each claim in a scenario, in the file's order.

    Parameters
    ----------
    scenario
        With the customers of each replication.
    replications
        Populations; outcomes that all customers of one share have an interval from 10 on.
    seed
        Of customers and chance, 0 <= seed < 2**63.
    progress
        Told what is being done, and how much of it is, 0 to 1.

    Raises
    ------
    OmnilabError
        If a strategy can't run in the scenario.
    """
    claims = read_published()[0].claims
    study = study_of(scenario, replications=replications)
    found: dict[str, ClaimResult] = {}
    if study is not None:
        found = {c.claim: c for c in run_study(study, seed=seed, progress=progress).claims}
    return [_readings(claim, found, scenario) for claim in claims]


def _readings(
    claim: PublishedClaim, found: Mapping[str, ClaimResult], scenario: Scenario
) -> ClaimReadings:
    missing = missing_in(claim, scenario)
    if missing is not None:
        return ClaimReadings(claim, missing)
    named = {name: found.get(name_of(claim.id, name)) for name in (*READINGS, GAP)}
    return ClaimReadings(
        claim,
        readings={
            name: Estimate(r.simulated, r.low, r.high, r.reason)
            for name, r in named.items()
            if r is not None
        },
    )
