"""Fit response to a test's lifts by simulated moments.

A first wave of points covers the priors, by a Latin hypercube; what the messages of arms show,
where nobody said so, is chosen by it. Later waves lie around the most likely point so far. All
points are simulated on the same customers with the same draws, and all of them make the emulator.

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
from omnilab.fit.experiment.emulator import Emulator, fit_emulator
from omnilab.fit.experiment.moments import ALL, Found, Moment, block_diagonal
from omnilab.fit.experiment.people import Setup
from omnilab.fit.experiment.posterior import Draws, Problem, draw
from omnilab.fit.experiment.space import Space
from omnilab.scenario.model import Scenario

__all__ = ["Searched", "Trial", "Trials", "search"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Results = tuple[Simulated, ...]

#: Points of the waves: the first has at least as many for each parameter.
_WAVES: Final = (40, 30, 24, 16)
_FIRST_EACH: Final = 4
_COPIES: Final = (1, 2, 3, 3)  # of each arm, by wave
#: At the most likely point, where the emulator is anchored, and how often it may move for that.
_FINAL_COPIES: Final = 8
_ANCHORS: Final = 4
_STILL: Final = 0.2  # standard errors of the test by which no moment may move any more
_DRAWS: Final = 2000
#: The first wave's spread and that of later ones, in standard deviations of prior and posterior.
_WIDE: Final = 1.0
_AROUND: Final = 1.5
#: Part of the covariance that is shrunk to its diagonal: groups of two cuts are nearly dependent.
_SHRINK: Final = 0.1
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
    notes: tuple[str, ...] = field(default=())

    def predicted(self) -> tuple[Floats, Floats]:
        """Return the moments that the fit predicts, and their covariance with all its doubt."""
        emulator, draws = self.problem.emulator, self.draws
        drawn = emulator(draws.points)
        shift = draws.mean(drawn) - emulator(draws.mode)
        return self.at_mode + shift, draws.covariance(drawn) + self.noise


def search(
    trials: Trials,
    wanted: Found,
    contents: Mapping[str, Sequence[str]],
    *,
    seed: int = 1,
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
    show
        Called with what is being done and how much of it is, 0 to 1.
    """
    p = trials.space.size
    sizes = [max(_WAVES[0], _FIRST_EACH * p), *_WAVES[1:]]
    total = sum(sizes)
    moments = wanted.moments
    points: list[Floats] = []
    results: list[Results] = []
    centre: Floats = np.zeros(p)
    root: Floats = _WIDE * np.eye(p)
    chosen = {arm: tuple(shown) for arm, shown in contents.items()}
    scores: dict[str, float] = {}
    for wave, size in enumerate(sizes):
        cube = qmc.LatinHypercube(p, rng=np.random.default_rng([seed, wave])).random(size)
        for z in norm.ppf(np.clip(cube, 0.005, 0.995)):
            u = np.clip(centre + root @ z, -3.5, 3.5)
            points.append(u)
            results.append(trials.run(u, chosen, _COPIES[wave]))
            show("simulating the test", len(points) / total)
        if wave == 0:
            picked, scores = _choose(trials, wanted, chosen, points, results)
            chosen = {arm: (shown,) for arm, shown in picked.items()}
        content = {arm: shown[0] for arm, shown in chosen.items()}
        problem, start = _problem(trials, wanted, content, points, results, centre, root)
        draws = draw(problem, start, _DRAWS, seed)
        centre = draws.mode
        spread = draws.covariance(draws.points) + 1e-6 * np.eye(p)
        root = np.asarray(_AROUND * _root(spread), np.float64)
    for _ in range(_ANCHORS):
        final = trials.run(draws.mode, chosen, _FINAL_COPIES)
        at_mode = trials.moments(final, moments, content)
        anchor = problem.emulator.anchored(draws.mode, at_mode)
        off = np.abs(at_mode - problem.emulator(draws.mode)) / wanted.errors
        if off.max() < _STILL:
            break
        problem = replace(problem, emulator=anchor)
        moved = draw(problem, draws.mode, _DRAWS, seed)
        if np.abs(anchor(moved.mode) - at_mode).max() < 1e-12:
            break
        draws = moved
    return Searched(
        content=content, contents=scores, problem=problem, draws=draws, moments=moments,
        at_mode=at_mode,
        noise=trials.covariance(final, moments, content), points=len(points),
    )  # fmt: skip


def _choose(
    trials: Trials, wanted: Found, contents: Mapping[str, Sequence[str]],
    points: Sequence[Floats], results: Sequence[Results],
) -> tuple[dict[str, str], dict[str, float]]:  # fmt: skip
    """Return what the arms' messages show: the combination that fits the lifts best."""
    arms = [*contents]
    combinations = list(product(*(contents[arm] for arm in arms)))[:_MOST_CONTENTS]
    scores = {}
    p = trials.space.size
    for combination in combinations:
        content = dict(zip(arms, combination, strict=True))
        problem, start = _problem(
            trials, wanted, content, points, results, np.zeros(p), np.eye(p)
        )  # fmt: skip
        scores[combination] = draw(problem, start, 10, 1).chi_square
    best = min(scores, key=lambda c: scores[c])
    if len(scores) == 1:
        return dict(zip(arms, best, strict=True)), {}
    named = {
        ", ".join(f"{a}: {c}" for a, c in zip(arms, combination, strict=True)): value
        for combination, value in scores.items()
    }
    return dict(zip(arms, best, strict=True)), named


def _problem(
    trials: Trials, wanted: Found, content: Mapping[str, str], points: Sequence[Floats],
    results: Sequence[Results], centre: Floats, root: Floats,
) -> tuple[Problem, Floats]:  # fmt: skip
    """Return the emulated problem around a centre, and where to start."""
    y = np.array([trials.moments(r, wanted.moments, content) for r in results])
    spread = np.maximum(2.0 * np.sqrt((root**2).sum(axis=1)), 0.3)
    emulator: Emulator = fit_emulator(np.array(points), y, centre, spread)
    nearest = int(np.argmin([float(((u - centre) ** 2).sum()) for u in points]))
    noise = trials.covariance(results[nearest], wanted.moments, content)
    whole = wanted.covariance + noise + emulator.covariance / max(emulator.effective, 1.0)
    shrunk = (1 - _SHRINK) * whole + _SHRINK * np.diag(np.diag(whole))
    return Problem(emulator, wanted.values, shrunk), centre


def _root(covariance: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
