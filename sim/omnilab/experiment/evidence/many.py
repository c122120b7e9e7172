"""Run many studies side by side: each is kept when it is done, and one that fails ends no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnilab.errors import OmnilabError, OptionError, nearest
from omnilab.experiment.estimate import say_time
from omnilab.experiment.evidence.declared import read_study
from omnilab.experiment.evidence.running import StudyResult, failed_study, run_study
from omnilab.experiment.evidence.study import Study
from omnilab.experiment.evidence.within import run_within
from omnilab.experiment.workers.executor import Beat, Stopped, executor_for
from omnilab.kernels.compiling import watch_compiling

if TYPE_CHECKING:
    from omnilab.experiment.evidence.kept import Kept

__all__ = ["QUICK", "Evidence", "Plan", "plan_studies", "run_studies"]

Say = Callable[[str, float], None]

#: `quick` simulates so many times fewer customers, though at least so many of a study.
QUICK: Final = 4
_LEAST: Final = 500


@dataclass(frozen=True)
class Plan:
    """Which studies are to run, and how.

    Attributes
    ----------
    studies
        Read and checked.
    faults
        File -> what is wrong with it; these are not run.
    seed, customers, quick
        Customers of each world in place of the files'; quick: a quarter of the files'.
    worlds
        In how many worlds within its assumptions each study runs; 0 for the scenario alone.
    """

    studies: tuple[Study, ...]
    faults: Mapping[str, str]
    seed: int
    customers: int | None
    quick: bool
    worlds: int = 0

    def customers_of(self, study: Study) -> int:
        """Return how many customers each world of a study has."""
        if self.customers is not None:
            return self.customers
        own = study.file.customers
        return max(min(own, _LEAST), own // QUICK) if self.quick else own


@dataclass(frozen=True)
class Evidence:
    """What came of many studies.

    Attributes
    ----------
    plan
        Which.
    results
        In the plan's order; those that failed have an `error`.
    kept
        How many of them had been run before.
    elapsed_s
        By the clock.
    """

    plan: Plan
    results: tuple[StudyResult, ...]
    kept: int = 0
    elapsed_s: float = field(default=0.0, compare=False)

    @property
    def failures(self) -> dict[str, str]:
        """File -> why it has no result."""
        found = dict(self.plan.faults)
        found.update({r.file: r.error for r in self.results if r.error})
        return found


def plan_studies(
    files: Sequence[Path], *, only: Sequence[str] = (), seed: int = 1,
    customers: int | None = None, quick: bool = False, worlds: int = 0,
) -> Plan:  # fmt: skip
    """Read files of evidence, and say which of them run.

    Parameters
    ----------
    files
        Of `omnilab.experiment.evidence.declared.evidence_files`.
    only
        Ids of studies or claims, whose studies alone run; all by default.
    seed, customers, quick, worlds
        As `Plan` has them.

    Raises
    ------
    OmnilabError
        If no file can be run: what is wrong with the first. If a study or a claim comes twice, or
        an id is nobody's.
    """
    studies: list[Study] = []
    faults: dict[str, str] = {}
    first: OmnilabError | None = None
    for file in files:
        try:
            studies.append(read_study(file))
        except OmnilabError as error:
            faults[str(file)] = str(error)
            first = first or error
    if first is not None and not studies:
        raise first
    _refuse_twice(studies)
    if only:
        studies = _chosen(studies, only, faults)
    return Plan(tuple(studies), faults, seed, customers, quick, worlds)


def run_studies(
    plan: Plan, *, threads: int = 1, kept: Kept | None = None, progress: Say | None = None
) -> Evidence:
    """Run all studies of a plan that have not been run yet.

    Parameters
    ----------
    plan
        Of `plan_studies`.
    threads
        Studies that run side by side, >= 1; the results do not depend on it.
    kept
        Where each finished study is kept, and found again by a run that was killed.
    progress
        Told what is being done, and how much of it is, 0 to 1.
    """
    started = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    found: dict[int, StudyResult] = {}
    if kept is not None:
        for number, study in enumerate(plan.studies):
            before = kept.load(
                study, seed=plan.seed, customers=plan.customers_of(study), worlds=plan.worlds
            )
            if before is not None:
                found[number] = before
    n_kept = len(found)
    left = [i for i in range(len(plan.studies)) if i not in found]
    if left and found:
        say(f"taking up a run after {len(found)} of {len(plan.studies)} studies", 0.0)
    with watch_compiling(lambda: say("compiling kernels (once a version)", 0.0)):
        for number, result in _Pool(plan, left, say, threads).run():
            found[number] = result
            if kept is not None and not result.error:
                kept.save(plan.studies[number], result)
    results = tuple(found[i] for i in range(len(plan.studies)))
    return Evidence(plan, results, n_kept, time.perf_counter() - started)


class _Pool:
    """Runs studies side by side, on threads or on workers."""

    def __init__(self, plan: Plan, left: Sequence[int], say: Say, threads: int) -> None:
        self.plan, self.say, self.threads = plan, say, threads
        # The largest first, so that none is left with it at the end.
        self.left = sorted(left, key=lambda i: -_work(plan, plan.studies[i]))
        self.weights = [_work(plan, plan.studies[i]) for i in self.left]
        self.started = time.perf_counter()
        self.done = 0

    def run(self) -> Iterator[tuple[int, StudyResult]]:
        """Yield the results as they come."""
        plan = self.plan
        tasks = [
            (plan.studies[i], plan.customers_of(plan.studies[i]), plan.worlds) for i in self.left
        ]
        executor = executor_for(self.threads)
        for place, result in executor.as_done(_run_one, tasks, plan.seed, self._tell):
            self.done += 1
            yield self.left[place], result

    def _tell(self, shares: Mapping[int, float]) -> None:
        share = sum(self.weights[k] * s for k, s in shares.items()) / sum(self.weights)
        took = time.perf_counter() - self.started
        more = f": about {say_time(took / share - took)} left" if 0.02 < share < 1.0 else ""
        self.say(f"{self.done} of {len(self.left)} studies{more}", share)


def _run_one(seed: int, task: tuple[Study, int, int], beat: Beat) -> StudyResult:
    study, customers, worlds = task

    def say(_what: str, share: float) -> None:
        if beat.stop.is_set():
            raise Stopped
        beat.say(share)

    try:
        if worlds:
            return run_within(study, worlds, seed=seed, customers=customers, progress=say)
        return run_study(study, seed=seed, customers=customers, progress=say)
    except OmnilabError as error:
        return failed_study(study, str(error), seed=seed, customers=customers)


def _work(plan: Plan, study: Study) -> float:
    """Return about how much work a study is, next to others."""
    if not study.runs:
        return 1.0
    file = study.file
    worlds = max(1, len(file.worlds))
    met = sum(a.meets is not None for a in file.arms)
    rates = (file.base_rate is not None or any(w.base_rate for w in file.worlds)) * 8 + met * 16
    return float(plan.customers_of(study) * file.replications * worlds * (len(file.arms) + rates))


def _refuse_twice(studies: Sequence[Study]) -> None:
    seen: dict[str, str] = {}
    for study in studies:
        for name, what in [(study.file.id, "study"), *((c.id, "claim") for c in study.file.claims)]:
            key = f"{what} {name}"
            if key in seen:
                raise OptionError(f"{key} is in {seen[key]} and in {study.path}: take one of them")
            seen[key] = str(study.path)


def _chosen(
    studies: Sequence[Study], only: Sequence[str], faults: Mapping[str, str]
) -> list[Study]:  # fmt: skip
    known = {name for s in studies for name in (s.file.id, *(c.id for c in s.file.claims))}
    for name in only:
        if name not in known:
            unread = f"; {len(faults)} files can't be read" if faults else ""
            raise OptionError(f"--only {name}: no study or claim has this id"
                              f"{nearest(name, known)}{unread}")  # fmt: skip
    return [s for s in studies if {s.file.id, *(c.id for c in s.file.claims)} & set(only)]
