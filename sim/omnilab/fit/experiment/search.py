"""Fit response to a test's lifts by simulated moments.

A first wave of points covers the priors, by a Latin hypercube. Later waves lie around the most
likely point so far. Where nobody said what the messages of arms show, the second wave is that of
each choice that may be right, and the likeliest goes on. All points are simulated on the same
customers with the same draws, and all of them make the emulator.

References
----------
McFadden (1989), A method of simulated moments for estimation of discrete response models without
numerical integration, Econometrica 57(5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, qmc

from omnilab.fit.experiment.arms import People, Simulated, simulate
from omnilab.fit.experiment.emulator import fit_emulator
from omnilab.fit.experiment.moments import ALL, Found, Moment, block_diagonal
from omnilab.fit.experiment.people import Setup
from omnilab.fit.experiment.posterior import Draws, Problem, draw, most_likely
from omnilab.fit.experiment.space import Space
from omnilab.scenario.model import Scenario

__all__ = ["WAVES", "Searched", "Trial", "Trials", "search"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Results = tuple[Simulated, ...]

#: Points of the waves.
WAVES: Final = (40, 30, 24, 16)
_COPIES: Final = (1, 2, 3, 3)  # of each arm, by wave
#: At the most likely point, where the emulator is anchored, and how often it may move for that.
_FINAL_COPIES: Final = 8
_ANCHORS: Final = 7
_STILL: Final = 0.5  # of chi-square, which a better point must gain for another step
_LONGEST_STEP: Final = 1.0  # in units of the priors
_DRAWS: Final = 2000
#: The first wave's spread and that of later ones, in standard deviations of prior and posterior.
_WIDE: Final = 1.0
_AROUND: Final = 1.5
#: Part of the covariance that is shrunk to its diagonal: groups of two cuts are nearly dependent.
_SHRINK: Final = 0.1
_OFFSET: Final = 0.5  # of a lift's error, added to it before its logarithm is emulated
#: Choices of content that go on after the first wave: within so much of the best's chi-square.
_CLOSE_RUN: Final = 20.0
_MOST_RUN: Final = 3
_OUTERMOST: Final = 3.5  # of a point, in units of the priors
_NARROWEST: Final = 0.3  # spread of the points that count
_MOST_CONTENTS: Final = 64  # combinations of what the arms show that are tried


@dataclass(frozen=True, slots=True)
class Trial:
    """What is simulated, and on whom.

    Parameters
    ----------
    setup, space
        Of the test.
    scenario
        With fitted base rates.
    people, weights, codes
        Who, how they are weighed, and the groups that they are in, by stratum.
    within_s
        Seconds over which outcomes are counted.
    arms
        Those of this test that got a message.
    """

    setup: Setup
    space: Space
    scenario: Scenario
    people: People
    weights: Floats
    codes: Mapping[str, Codes]
    within_s: int
    threads: int
    arms: tuple[str, ...]

    def run(self, u: Floats, contents: Mapping[str, Sequence[str]], copies: int) -> Simulated:
        """Simulate a point, each arm with each of its contents; names are ``arm|content``."""
        messages = {}
        for arm in self.arms:
            for content in contents[arm]:
                message = self.space.messages(u, dict.fromkeys(self.space.arms, content))[arm]
                messages[f"{arm}|{content}"] = message
        return simulate(
            self.setup, self.space.scenario(self.scenario, u), self.people, messages,
            within_s=self.within_s, copies=copies, threads=self.threads,
        )  # fmt: skip

    def one(
        self, found: Simulated, moment: Moment, content: Mapping[str, str]
    ) -> tuple[float, Floats]:
        """Return a simulated moment, and each customer's influence on it."""
        o = ("visit", "conversion", "spend").index(moment.outcome)
        y = found.control[:, o]
        if not moment.is_base:
            y = found.arms[f"{moment.arm}|{content[moment.arm]}"][:, o] - y
        w = self.weights
        if moment.stratum != ALL:
            w = w * (self.codes[moment.stratum] == moment.group)
        total = float(w.sum())
        if total <= 0:
            return float("nan"), np.zeros_like(y)
        mean = float(w @ y) / total
        return mean, w * (y - mean) / total


@dataclass(frozen=True, slots=True)
class Trials:
    """Several tests that are fitted together; each has its own customers.

    Parameters
    ----------
    parts
        In the order of the moments' numbers of tests.
    """

    parts: tuple[Trial, ...]

    @property
    def space(self) -> Space:
        """The parameters, which all tests share."""
        return self.parts[0].space

    def run(self, u: Floats, contents: Mapping[str, Sequence[str]], copies: int) -> Results:
        """Simulate a point in all tests."""
        return tuple(part.run(u, contents, copies) for part in self.parts)

    def moments(
        self, found: Results, moments: Sequence[Moment], content: Mapping[str, str]
    ) -> Floats:
        """Return simulated moments, arms showing ``content``."""
        return np.array([self.parts[m.test].one(found[m.test], m, content)[0] for m in moments])

    def covariance(
        self, found: Results, moments: Sequence[Moment], content: Mapping[str, str]
    ) -> Floats:
        """Return how the choice of simulated customers makes the moments covary."""
        blocks = []
        for number, part in enumerate(self.parts):
            mine = [m for m in moments if m.test == number]
            influence = np.array([part.one(found[number], m, content)[1] for m in mine])
            blocks.append(influence @ influence.T)
        return block_diagonal(blocks)


@dataclass(frozen=True, slots=True)
class Searched:
    """Where the fit ended.

    Parameters
    ----------
    content
        What each arm's message shows.
    contents
        (arm, content) pairs' chi-square where there was a choice: label -> chi-square.
    problem, draws
        The emulated moments, and what they leave open.
    moments
        Those that were fitted: lifts.
    at_mode
        Shape (m,): simulated at the most likely point.
    noise
        Shape (m, m): covariance of that by the chance of the simulation.
    points
        Number of points that were simulated.
    """

    content: dict[str, str]
    contents: dict[str, float]
    problem: Problem
    draws: Draws
    moments: tuple[Moment, ...]
    at_mode: Floats
    noise: Floats
    points: int
    course: _Course = field(repr=False)

    def again(self, wanted: Found) -> Searched:
        """Return the fit to another part of the same tests, by the points that are simulated."""
        course = replace(self.course, wanted=wanted)
        candidate = _Candidate(self.content, self.draws.mode, self.root)
        for _ in range(2):  # the second time around its own most likely point
            course.fit(candidate)
        return course.anchored(candidate, {})

    @property
    def root(self) -> Floats:
        """A root of the covariance by which points are spread around the most likely one."""
        covariance = self.draws.covariance(self.draws.points)
        return _root_of(covariance)

    def predicted(self) -> tuple[Floats, Floats]:
        """Return the moments that the fit predicts, and their covariance with all its doubt."""
        drawn = self.problem.emulator(self.draws.points)
        return self.draws.mean(drawn), self.draws.covariance(drawn) + self.noise


def search(
    trials: Trials,
    wanted: Found,
    contents: Mapping[str, Sequence[str]],
    *,
    seed: int = 1,
    waves: Sequence[int] = WAVES,
    show: Callable[[str, float], None] = lambda _what, _share: None,
) -> Searched:
    """Fit the parameters to lifts.

    Parameters
    ----------
    trials
        What is simulated.
    wanted
        The test's lifts with their covariance.
    contents
        Arm -> what its message may show; one, or several to choose from.
    waves
        Points of each wave, two to four; more of them leave less to the emulator.
    show
        Called with what is being done and how much of it is, 0 to 1.
    """
    combinations = list(product(*contents.values()))[:_MOST_CONTENTS]
    found = [
        _Candidate(dict(zip(contents, c, strict=True)), np.zeros(trials.space.size))
        for c in combinations
    ]
    course = _Course(trials, wanted, seed, show, sum(waves) + _ANCHORS)
    course.simulate(waves[0], found[0], contents, _COPIES[0])
    found = course.best(found)
    course.total += (len(found) - 1) * waves[1]
    for candidate in found:
        course.simulate(waves[1], candidate, _only(candidate.content), _COPIES[1])
    found = course.best(found)
    scores = {} if len(found) == 1 else {c.name: c.score for c in found}
    chosen = found[0]
    for wave in range(2, len(waves)):
        course.simulate(waves[wave], chosen, _only(chosen.content), _COPIES[wave])
        course.fit(chosen)
    return course.anchored(chosen, scores)


@dataclass
class _Candidate:
    """What the arms' messages may show, and the fit to the lifts so far.

    Parameters
    ----------
    content
        By arm.
    centre, root
        Where points are drawn, and a root of the covariance by which they are spread.
    score
        Chi-square of moments and priors at the most likely point.
    """

    content: dict[str, str]
    centre: Floats
    root: Floats | None = None
    problem: Problem | None = None
    draws: Draws | None = None
    score: float = 0.0

    @property
    def name(self) -> str:
        """The content in words."""
        return ", ".join(f"{arm}: {shown}" for arm, shown in self.content.items())

    def spread(self) -> Floats:
        """Return the root, by which points are spread."""
        return _WIDE * np.eye(len(self.centre)) if self.root is None else self.root


@dataclass
class _Course:
    """One search: all points that were simulated, and what came out."""

    trials: Trials
    wanted: Found
    seed: int
    show: Callable[[str, float], None]
    total: int
    points: list[Floats] = field(default_factory=list)
    results: list[Results] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)

    def simulate(
        self, size: int, around: _Candidate, contents: Mapping[str, Sequence[str]], copies: int
    ) -> None:
        """Simulate points of a Latin hypercube around a candidate's centre."""
        p = self.trials.space.size
        rng = np.random.default_rng([self.seed, len(self.points)])
        cube = qmc.LatinHypercube(p, rng=rng).random(size)
        for z in norm.ppf(np.clip(cube, 0.005, 0.995)):
            u = np.clip(around.centre + around.spread() @ z, -_OUTERMOST, _OUTERMOST)
            self.points.append(u)
            self.results.append(self.trials.run(u, contents, copies))
            self.copies.append(copies)
            self.show("simulating the test", min(len(self.points) / self.total, 1.0))

    def fit(self, candidate: _Candidate) -> None:
        """Fit a candidate to the lifts by all points at which its content was simulated."""
        mine = [k for k, r in enumerate(self.results) if _has(r, candidate.content)]
        points = np.array([self.points[k] for k in mine])
        y = np.array(
            [
                self.trials.moments(self.results[k], self.wanted.moments, candidate.content)
                for k in mine
            ]
        )
        spread = candidate.spread()
        emulator = fit_emulator(
            points, y, candidate.centre,
            np.maximum(2.0 * np.sqrt((spread**2).sum(axis=1)), _NARROWEST),
            _OFFSET * self.wanted.errors,
        )  # fmt: skip
        nearest = mine[int(np.argmin(((points - candidate.centre) ** 2).sum(axis=1)))]
        noise = self.trials.covariance(
            self.results[nearest], self.wanted.moments, candidate.content
        )
        # Copies' own chance is averaged over points too; what all points share is who is simulated.
        noise *= min(self.copies[nearest] / _FINAL_COPIES, 1.0)
        whole = self.wanted.covariance + noise + emulator.covariance / max(emulator.effective, 1.0)
        shrunk = (1 - _SHRINK) * whole + _SHRINK * np.diag(np.diag(whole))
        candidate.problem = Problem(emulator, self.wanted.values, shrunk)
        draws = draw(candidate.problem, candidate.centre, _DRAWS, self.seed)
        candidate.draws, candidate.centre = draws, draws.mode
        candidate.score = draws.chi_square + float(draws.mode @ draws.mode)
        candidate.root = _root_of(draws.covariance(draws.points))

    def best(self, candidates: Sequence[_Candidate]) -> list[_Candidate]:
        """Fit candidates, and return those that may be the right one, the best first."""
        for candidate in candidates:
            self.fit(candidate)
        ranked = sorted(candidates, key=lambda c: c.score)
        return [c for c in ranked if c.score < ranked[0].score + _CLOSE_RUN][:_MOST_RUN]

    def anchored(self, chosen: _Candidate, scores: dict[str, float]) -> Searched:
        """Go on from the most likely point by simulations, of which the best stays.

        Each point that is better than all before is put into the emulator as it is simulated, and
        the next step is the emulator's; a worse one halves the step.
        """
        assert chosen.problem is not None
        assert chosen.draws is not None
        problem, u = chosen.problem, chosen.draws.mode
        contents, moments = _only(chosen.content), self.wanted.moments
        white, least = problem.whiten(), np.inf
        for _ in range(_ANCHORS):
            found = self.trials.run(u, contents, _FINAL_COPIES)
            y = self.trials.moments(found, moments, chosen.content)
            score = float(((white @ (y - self.wanted.values)) ** 2).sum() + u @ u)
            if score < least:
                gained = least - score
                least, best, at_best, final = score, u, y, found
                problem = replace(problem, emulator=problem.emulator.anchored(u, y))
                step = most_likely(problem, u)[0] - u
                step /= max(float(np.abs(step).max()) / _LONGEST_STEP, 1.0)
                if gained < _STILL:
                    break
            else:
                step = step / 2
            u = best + step
        draws = draw(problem, best, _DRAWS, self.seed)
        r = white @ (at_best - self.wanted.values)
        return Searched(
            content=chosen.content, contents=scores, problem=problem,
            draws=replace(draws, chi_square=float(r @ r)), moments=moments, at_mode=at_best,
            noise=self.trials.covariance(final, moments, chosen.content), points=len(self.points),
            course=self,
        )  # fmt: skip


def _root_of(covariance: Floats) -> Floats:
    whole = covariance + 1e-6 * np.eye(len(covariance))
    return np.asarray(_AROUND * np.linalg.cholesky(whole), dtype=np.float64)


def _only(content: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {arm: (shown,) for arm, shown in content.items()}


def _has(results: Results, content: Mapping[str, str]) -> bool:
    """Tell whether a point was simulated with the arms showing ``content``."""
    there = {name for found in results for name in found.arms}
    return all(f"{arm}|{shown}" in there for arm, shown in content.items())
