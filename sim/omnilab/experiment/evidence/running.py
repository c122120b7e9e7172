"""Run a study: meet its base rates, simulate its arms, and say what came of each claim."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.evidence.base_rate import MetRate, meet_arm, meet_base_rate
from omnilab.experiment.evidence.effects import (
    EVERYBODY,
    Contrast,
    Linear,
    Pairing,
    Value,
    combined,
    paired,
    smallest,
)
from omnilab.experiment.evidence.outcome import unit_of_outcome
from omnilab.experiment.evidence.result import ClaimResult
from omnilab.experiment.evidence.sample import Sample, take_sample
from omnilab.experiment.statistics import MINIMUM_REPLICATIONS

if TYPE_CHECKING:
    from omnilab.experiment.evidence.model import Claim
    from omnilab.experiment.evidence.study import Study, World

__all__ = ["ArmValue", "StudyResult", "failed_study", "run_study"]

Say = Callable[[str, float], None]
#: Persons of whom a value must be, so that it has an interval.
FEWEST: Final = 30


@dataclass(frozen=True)
class ArmValue:
    """A number that a claim was made of: an outcome of a group under an arm in a world."""

    world: str
    arm: str
    group: str
    outcome: str
    value: float | None
    persons: int


@dataclass(frozen=True)
class StudyResult:
    """What came of a study.

    Attributes
    ----------
    study, title, family, file
        Which.
    claims
        In the file's order.
    rates
        How each base rate was met.
    values
        The numbers of which the claims were made.
    customers, seed
        Of each world and replication.
    worlds
        Within what the scenario assumes, over which the intervals are; 0 for the scenario alone.
    asked
        How many of these were asked for; some may be worlds that can't be run.
    elapsed_s
        By the clock.
    error
        Why the study did not run; "" where it did.
    """

    study: str
    title: str
    family: str
    file: str
    claims: tuple[ClaimResult, ...]
    rates: tuple[MetRate, ...] = ()
    values: tuple[ArmValue, ...] = ()
    customers: int = 0
    seed: int = 1
    worlds: int = 0
    asked: int = 0
    elapsed_s: float = field(default=0.0, compare=False)
    error: str = ""


def run_study(
    study: Study, *, seed: int = 1, customers: int | None = None, progress: Say | None = None
) -> StudyResult:
    """Run a study, and return what came of its claims.

    Parameters
    ----------
    study
        Read and checked.
    seed
        0 <= seed < 2**63.
    customers
        Of each world, in place of the file's.
    progress
        Told what is being done, and how much of it is, 0 to 1.

    Raises
    ------
    OmnilabError
        If it can't be run: a base rate that nothing meets, a strategy that fails.
    """
    started = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    size = customers or study.file.customers
    samples: dict[str, Sample] = {}
    rates: list[MetRate] = []
    if study.runs:
        worlds = study.worlds(customers)
        for number, world in enumerate(worlds):
            share = _Part(say, number, len(worlds))
            samples[world.name] = _tried(study, world, seed, rates, share)
    table = _Table(samples)
    claims = tuple(_claim(study, claim, table) for claim in study.file.claims)
    return StudyResult(
        study.file.id, study.file.title, study.file.family, str(study.path), claims,
        tuple(rates), tuple(table.values()), size, seed,
        elapsed_s=time.perf_counter() - started,
    )  # fmt: skip


def failed_study(study: Study, error: str, *, seed: int, customers: int) -> StudyResult:
    """Return the result of a study that did not run: no claim is left out."""
    claims = tuple(_result(study, c, status="failed", reason=error) for c in study.file.claims)
    return StudyResult(
        study.file.id, study.file.title, study.file.family, str(study.path), claims,
        customers=customers, seed=seed, error=error,
    )  # fmt: skip


class _Part:
    """Tells what share of a study is done, while one of its worlds is run."""

    def __init__(self, say: Say, number: int, worlds: int) -> None:
        self._say, self._number, self._worlds = say, number, worlds

    def of(self, what: str, low: float, high: float) -> Callable[[float], None]:
        """Return who is told the shares of a part of the world's work, ``low`` to ``high``."""

        def told(share: float) -> None:
            self._say(what, (self._number + low + share * (high - low)) / self._worlds)

        return told


def _tried(study: Study, world: World, seed: int, rates: list[MetRate], share: _Part) -> Sample:
    """Return a world's sample, after its base rates have been met."""
    begin = 0.0
    if world.base_rate is not None:
        begin = 0.5
        world, met = meet_base_rate(study, world, seed=seed, say=share.of("base rate", 0.0, begin))
        rates.append(met)
    moved = {}
    for arm in study.file.arms:
        if arm.meets is not None:
            told = share.of(f"figure of {arm.name}", begin, 0.8)
            moved[arm.name], met = meet_arm(study, world, arm, seed=seed, say=told)
            rates.append(met)
            begin = 0.8
    arms = study.arms(world.scenario, moved)
    return take_sample(study, world, arms, seed=seed, say=share.of("arms", begin, 1.0))


class _Table:
    """The numbers of a study's samples, each made once."""

    def __init__(self, samples: dict[str, Sample]) -> None:
        self._samples = samples
        self._found: dict[tuple[Value, bool], Linear | None] = {}
        self._persons: dict[Value, int] = {}

    def number(self, value: Value, *, whole: bool) -> Linear:
        """Return one of them; its clusters are whole replications or cells.

        Raises
        ------
        ZeroDivisionError
            If nobody is there to divide by.
        """
        sample = self._samples[value.world]
        if (value, whole) not in self._found:
            keep = sample.members(value.group) & sample.in_arm[value.arm]
            self._persons[value] = int(keep.sum())
            clusters = max(s.clusters(whole=whole) for s in self._samples.values())
            try:
                self._found[value, whole] = sample.value(value, clusters, whole=whole)
            except ZeroDivisionError:
                self._found[value, whole] = None
        known = self._found[value, whole]
        if known is None:
            who = "" if value.group == EVERYBODY else f" of {value.group}"
            raise ZeroDivisionError(
                f"there is nothing to divide {value.outcome} by{who} under {value.arm}"
            )
        return known

    def fewest(self, contrast: Contrast) -> int:
        """Return how many persons the smallest of a contrast's values is of."""
        return min(self._persons[v] for v in contrast.values)

    def contrast(self, contrast: Contrast) -> tuple[Linear, bool]:
        """Return a contrast, and whether its clusters are whole replications.

        They are where one of its outcomes hangs on what all cells of a replication share.
        """
        whole = any(self._samples[v.world].is_shared(v.outcome) for v in contrast.values)
        return combined(contrast, lambda pairing: self._pairing(pairing, whole)), whole

    def values(self) -> Sequence[ArmValue]:
        """Return all that were made."""
        return [
            ArmValue(v.world, v.arm, v.group, v.outcome, None if x is None else x.value,
                     self._persons[v])
            for (v, _), x in self._found.items()
        ]  # fmt: skip

    def _pairing(self, pairing: Pairing, whole: bool) -> Linear:
        first = self.number(pairing.first, whole=whole)
        second = first if pairing.how == "value" else self.number(pairing.second, whole=whole)
        return paired(first, second, pairing.how)


def _claim(study: Study, claim: Claim, table: _Table) -> ClaimResult:
    if claim.lacks is not None:
        return _result(study, claim, status="lacks", reason=claim.lacks)
    try:
        found = [table.contrast(c) for c in study.contrasts[claim.id]]
    except ZeroDivisionError as error:
        return _result(study, claim, status="failed", reason=f"no value: {error}")
    # Less the threshold, so that the sign is that of the number.
    nearest = smallest([one.minus(claim.threshold) for one, _ in found], claim.found.sign)
    whole = any(w for _, w in found)
    low, high = nearest.interval(
        least_clusters=MINIMUM_REPLICATIONS if whole else 2, students=whole
    )
    # Of a handful of persons nothing may happen by chance, and an interval of no width says none.
    few = min(table.fewest(c) for c in study.contrasts[claim.id]) < FEWEST
    has = isfinite(low) and isfinite(high) and not few
    return _result(
        study, claim, simulated=nearest.value, low=low if has else None,
        high=high if has else None,
    )  # fmt: skip


def _result(study: Study, claim: Claim, **more: Any) -> ClaimResult:
    found, file = claim.found, study.file
    low, high = found.interval or (None, None)
    value, by = found.value, claim.threshold
    return ClaimResult(
        claim=claim.id, study=file.id, family=file.family, sign=found.sign, kind=claim.kind,
        published=None if value is None else value - by,
        published_low=None if low is None else low - by,
        published_high=None if high is None else high - by,
        zero_within=found.within, pair=claim.pair or "", title=claim.title,
        unit=_unit(study, claim),
        how_read=claim.how_read or file.source.how_read, source=file.source.citation,
        informed=claim.informed, **more,
    )  # fmt: skip


def _unit(study: Study, claim: Claim) -> str:
    """Return how a claim's numbers are read, as `ClaimResult` has it."""
    if claim.lacks is not None:
        value = study.node("claims", claim.id, "found", "value").value
        return "relative" if isinstance(value, str) and value.strip().endswith("%") else ""
    contrast = study.contrasts[claim.id][0]
    how = contrast.effect.how
    if contrast.over is not None or how == "ratio":
        return ""
    if how in ("relative", "odds"):
        return "relative"
    outcome = study.outcomes[contrast.effect.first.outcome]
    parts = [study.outcomes[name] for name in outcome.sum or ()] or [outcome]
    if outcome.over is not None:
        return ""
    units = {unit_of_outcome(part) for part in parts}
    unit = units.pop() if len(units) == 1 else ""
    return study.currency if unit == "EUR" else unit if unit == "share" else ""
