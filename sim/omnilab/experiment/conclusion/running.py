"""Check a study's claims: in its own run, and in runs that differ in what must not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from omnilab.experiment.compare import Comparison, compare
from omnilab.experiment.conclusion.declared import Claim, Study
from omnilab.experiment.conclusion.exact import EXACT, Changed, check_exact
from omnilab.experiment.conclusion.judged import Judged, Seen, judge, moved, seen_of
from omnilab.experiment.conclusion.over import seen_over
from omnilab.experiment.differences import ALPHA
from omnilab.experiment.statistics import Estimate, holm
from omnilab.scenario.model import Scenario

__all__ = ["CHECKS", "STATISTICAL", "Checked", "Finding", "check_study"]

#: Check -> what is another thing in it.
STATISTICAL: Final[Mapping[str, str]] = {
    "streams": "other seeds, whose populations are looked at together",
    "doubled": "twice as many customers",
    "halved": "half as many customers",
    "tick": "a finer grid of time for sends",
}
CHECKS: Final = (*EXACT, *STATISTICAL)
#: Where a claim need not be proved again, only not be contradicted: there are fewer customers.
_WEAKER: Final = ("halved",)
#: Where the number itself may not move. A finer tick sends earlier, which may change it a little.
_SAME_NUMBER: Final = ("streams", "doubled", "halved")
_FINER: Final = 3  # ticks in one

Verdict = Literal["holds", "turns", "undecided", "moves", "equal", "changed", "fails", "skipped"]


@dataclass(frozen=True)
class Finding:
    """A claim under one check.

    Attributes
    ----------
    check
        ``study`` for the study's own run, else of `CHECKS`.
    verdict
        Of exact checks ``equal``, ``changed`` or ``fails``; of statistical ones ``holds``,
        ``turns`` (the contrary holds), ``undecided`` or ``moves`` (the number is another one).
        ``skipped`` where there is nothing to check.
    seen
        The number, of statistical checks.
    reason
        More about it.
    """

    check: str
    verdict: Verdict
    seen: Seen | None = None
    reason: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether the claim can't be kept for it."""
        if self.check in _WEAKER and self.verdict == "undecided":
            return False
        return self.verdict not in ("holds", "equal", "skipped")


@dataclass(frozen=True)
class Checked:
    """A claim in one scenario, with all that was found.

    Attributes
    ----------
    scenario
        Its id.
    claim
        What was concluded.
    findings
        That of the study's own run first.
    """

    scenario: str
    claim: Claim
    findings: tuple[Finding, ...]

    @property
    def is_kept(self) -> bool:
        """Whether it holds, whatever does not matter."""
        return not any(f.is_fault for f in self.findings)


def check_study(
    study: Study, *, checks: Sequence[str] = CHECKS, engine: str = "auto", threads: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[Checked, ...]:  # fmt: skip
    """Run a study's claims in each of its scenarios.

    Parameters
    ----------
    study
        From `read_study`.
    checks
        Those of `CHECKS` that are made; the study's own run always is.
    engine, threads
        Of the statistical runs.
    progress
        Called with what is being done and how much of it is, 0 to 1.
    """
    exact = tuple(c for c in EXACT if c in checks)
    statistical = [c for c in STATISTICAL if c in checks]
    steps = len(study.scenarios) * (1 + len(statistical) + (1 + len(exact) if exact else 0))
    done = 0

    def say(what: str) -> None:
        nonlocal done
        if progress is not None:
            progress(what, done / steps)
        done += 1

    found: list[Checked] = []
    for scenario in study.scenarios:
        changed = check_exact(study, scenario, exact, say) if exact else []
        runs: dict[str, list[Judged] | str] = {}
        for check in ("study", *statistical):
            say(f"{scenario.id}: {check}")
            runs[check] = _run(check, study, scenario, engine, threads)
        found += _findings(study, scenario, changed, runs)
    return tuple(found)


def _findings(
    study: Study, scenario: Scenario, changed: Sequence[Changed],
    runs: Mapping[str, list[Judged] | str],
) -> list[Checked]:  # fmt: skip
    """Put together what was found of each claim."""
    apart = _apart(study, runs)
    found = []
    for n, claim in enumerate(study.claims):
        own = []
        for check, judged in runs.items():
            if isinstance(judged, str):
                own.append(Finding(check, "skipped", reason=judged))
                continue
            one = judged[n]
            verdict: Verdict = one.said
            if apart.get((check, n), 1.0) < ALPHA and verdict != "turns":
                verdict = "moves"
            reason = "" if one.seen.is_known else _unknown(study)
            own.append(Finding(check, verdict, one.seen, reason))
        exact = [_exact(c, claim) for c in changed]
        found.append(Checked(scenario.id, claim, (own[0], *exact, *own[1:])))
    return found


def _exact(changed: Changed, claim: Claim) -> Finding:
    if changed.skipped:
        return Finding(changed.check, "skipped", reason=changed.reason)
    mine = [s for s in claim.term.strategies if s in changed.strategies]
    if changed.reason and mine:
        return Finding(changed.check, "fails", reason=changed.reason)
    return Finding(changed.check, "changed" if mine else "equal", reason=", ".join(mine))


def _apart(
    study: Study, runs: Mapping[str, list[Judged] | str]
) -> dict[tuple[str, int], float]:  # fmt: skip
    """Return the chance that a claim's number is another one, corrected for all these looks."""
    base = runs["study"]
    assert not isinstance(base, str)
    places, chances = [], []
    for check in _SAME_NUMBER:
        judged = runs.get(check, "")
        if isinstance(judged, str):
            continue
        for n in range(len(study.claims)):
            places.append((check, n))
            nested = check != "streams"
            chances.append(moved(base[n].seen, judged[n].seen, nested=nested))
    return {
        place: chance
        for place, chance in zip(places, holm(chances), strict=True)
        if chance is not None
    }


def _unknown(study: Study) -> str:
    if study.replications < 10:
        return "no interval: customers are coupled or too few; try replications: 10"
    return "no value"


def _run(
    check: str, study: Study, scenario: Scenario, engine: str, threads: int
) -> list[Judged] | str:  # fmt: skip
    """Return the verdicts in a check's run, or why there is none."""
    seed, again, customers = study.seed, study.replications, scenario.population.customers
    if check == "streams":
        seed, again = seed + 1, again * study.seeds
    elif check == "doubled":
        scenario = scenario.with_customers(2 * customers)
    elif check == "halved":
        scenario = scenario.with_customers(max(1, customers // 2))
    elif check == "tick":
        tick = scenario.time.tick
        if tick % (60 * _FINER):
            return f"a tick of {tick} s has no finer one of whole minutes"
        scenario = scenario.changed({"time": {"tick": tick // _FINER}})
    options: dict[str, Any] = {
        "seed": seed, "replications": again, "engine": engine, "threads": threads,
    }  # fmt: skip

    def run(world: Scenario) -> Comparison:
        strategies = [load(world) for load in study.strategies.values()]
        return compare(world, strategies, quick=True, **options)

    whole: Comparison | None = None
    seen = []
    for claim in study.claims:
        if claim.kind == "monotone":
            own = partial(_of_world, run, claim)
            seen.append(seen_over(claim, study, scenario, own, **options))
            continue
        whole = whole or run(scenario)
        seen.append(seen_of(claim, [_estimate(whole, claim)]))
    return judge(study.claims, seen)


def _of_world(run: Callable[[Scenario], Comparison], claim: Claim, world: Scenario) -> Estimate:
    return _estimate(run(world), claim)


def _estimate(comparison: Comparison, claim: Claim) -> Estimate:
    failure = next(iter(comparison.failures.values()), None)
    if failure is not None:
        raise failure
    term, moments = claim.term, comparison.moments
    if term.less:
        return moments.difference(term.measure, term.strategy, term.less)
    return moments.estimate(term.measure, term.strategy)
