"""What a fit to a test has found: estimates, lifts held out, notes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.fit.experiment.arms import People
from omnilab.fit.experiment.base_rates import BaseRates
from omnilab.fit.experiment.moments import Found, Moment, together
from omnilab.fit.experiment.people import Setup
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.experiment.search import Searched
from omnilab.fit.experiment.space import Space
from omnilab.fit.experiment.strata import Stratum
from omnilab.fit.experiment.table import RandomisedTest
from omnilab.fit.experiment.weights import Weighted

__all__ = ["Estimate", "FittedTest", "LiftRow", "Part", "Profile", "Split"]

Floats = npt.NDArray[np.float64]

#: A parameter whose standard deviation is still this part of its prior's is not pinned down.
_PRIOR: Final = 0.8
_Z: Final = 2.0
_TELLS: Final = 0.2  # relative error at which a lift is known well enough to be told
_FAR: Final = 0.15  # relative error of a base rate beyond which it is warned of
_FEW_RIGHT: Final = 0.8  # part of held-out lifts that is too few within two standard errors
_BAD: Final = 0.001  # chance of so large a chi-square beyond which the fit is called bad


@dataclass(frozen=True, slots=True)
class Profile:
    """How much worse the lifts are met with two parameters held.

    Parameters
    ----------
    created, need
        Values at which they are held.
    worse
        Shape (len(created), len(need)): chi-square less its least.
    """

    created: tuple[float, ...]
    need: tuple[float, ...]
    worse: Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """A fitted parameter.

    Parameters
    ----------
    name, what, source
        Of `omnilab.fit.experiment.space.Fitted`.
    prior, low, high
        The prior's centre and one standard deviation to either side.
    value
        The mean over what the test leaves open.
    interval
        Of which 90% lie within.
    pinned
        Part of the prior's variance that the test has taken away, 0 to 1.
    """

    name: str
    what: str
    source: str
    prior: float
    low: float
    high: float
    value: float
    interval: tuple[float, float]
    pinned: float

    @property
    def is_identified(self) -> bool:
        """Whether the test says much about it."""
        return self.pinned >= 1 - _PRIOR**2


@dataclass(frozen=True, slots=True)
class LiftRow:
    """A lift: fitted, predicted, and where something was held out, found there.

    Parameters
    ----------
    moment
        Whose lift, of what, in which group.
    fitted, fitted_error
        In the part of the test that was fitted, with its standard error.
    predicted, predicted_error
        Simulated after the fit, with the doubt of parameters and simulation.
    held, held_error
        In the part that was held out; None without one.
    """

    moment: Moment
    fitted: float
    fitted_error: float
    predicted: float
    predicted_error: float
    held: float | None = None
    held_error: float | None = None

    @property
    def z(self) -> float | None:
        """The difference of prediction and held-out part, in standard errors of both."""
        if self.held is None or self.held_error is None:
            return None
        error = math.hypot(self.held_error, self.predicted_error)
        return (self.predicted - self.held) / error if error > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """One test of a fit, and what was made for it.

    Parameters
    ----------
    request, test
        What was asked for, and the whole table.
    train
        The part that was fitted.
    setup, base, people, weights
        Of the steps of the fit.
    unlike
        Names of strata in which simulated customers could not be made like the table's.
    strata
        The ways in which customers were weighed.
    wanted, held
        Lifts of the two parts; no ``held`` where nothing was held out.
    control
        Rates of the fitted part's control arm.
    """

    request: ExperimentRequest
    test: RandomisedTest
    train: RandomisedTest
    setup: Setup
    base: BaseRates
    people: People
    weights: Weighted
    unlike: tuple[str, ...]
    strata: tuple[Stratum, ...]
    wanted: Found
    held: Found | None
    control: Found


@dataclass(frozen=True)
class Split:
    """Another random part held out of the same tests, and the lifts fitted to the others.

    Parameters
    ----------
    wanted, held, searched
        As those of `FittedTest`.
    """

    wanted: Found
    held: Found
    searched: Searched


@dataclass(frozen=True)
class FittedTest:
    """All that a fit to randomised tests has found.

    Parameters
    ----------
    parts
        The tests; the scenario has the base rates of the last one.
    space, searched
        What was fitted to all of them.
    profile
        Over ``created`` and ``need``.
    splits
        Further random parts that were held out, with a fit of their own each.
    """

    parts: tuple[Part, ...]
    space: Space
    searched: Searched
    profile: Profile
    splits: tuple[Split, ...] = ()

    @property
    def last(self) -> Part:
        """The test whose base rates the scenario has."""
        return self.parts[-1]

    @property
    def wanted(self) -> Found:
        """Lifts of the fitted parts of all tests."""
        return together([part.wanted for part in self.parts])

    @property
    def held(self) -> Found | None:
        """Lifts of the parts held out; None where nothing was."""
        held = [part.held for part in self.parts if part.held is not None]
        return together(held) if len(held) == len(self.parts) else None

    @property
    def estimates(self) -> list[Estimate]:
        """The fitted parameters, in the scenario's units."""
        draws = self.searched.draws
        spread = np.sqrt(np.diag(draws.covariance(draws.points)))
        drawn = self.drawn()
        found = []
        for i, fitted in enumerate(self.space.fitted):
            values = drawn[fitted.name]
            zero = np.zeros(self.space.size)
            prior = []
            for u in (0.0, -1.0, 1.0):
                zero[i] = u
                prior.append(self.space.values(zero)[fitted.name])
            centre, low, high = prior
            found.append(
                Estimate(
                    fitted.name, fitted.what, fitted.source, centre, low, high,
                    value=float(draws.weights @ values),
                    interval=_quantiles(values, draws.weights, (0.05, 0.95)),
                    pinned=max(0.0, 1.0 - float(spread[i]) ** 2),
                )
            )  # fmt: skip
        return found

    def drawn(self) -> dict[str, Floats]:
        """Return each parameter at all draws, in the scenario's units."""
        rows = [self.space.values(u) for u in self.searched.draws.points]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    @property
    def shown(self) -> dict[str, str]:
        """What the message of each arm shows, in words."""
        content, mode = self.searched.content, self.searched.draws.mode
        return {arm: self.space.shown(arm, shows, mode) for arm, shows in content.items()}

    @property
    def lifts(self) -> list[LiftRow]:
        """The lifts, of all first and then by group, test after test."""
        return _rows(self.searched, self.wanted, self.held)

    @property
    def all_lifts(self) -> list[list[LiftRow]]:
        """The lifts of each split, the first of which is `lifts`."""
        return [self.lifts, *(_rows(s.searched, s.wanted, s.held) for s in self.splits)]

    @property
    def within_two(self) -> tuple[int, int]:
        """How many held-out lifts lie within two standard errors of the prediction, of how many.

        Over all splits.
        """
        z = [row.z for rows in self.all_lifts for row in rows if row.z is not None]
        return sum(abs(x) <= _Z for x in z), len(z)

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before relying on the scenario."""
        from scipy.stats import chi2

        found = [warning for part in self.parts for warning in part.test.warnings]
        m = len(self.wanted.moments)
        chi = self.searched.draws.chi_square
        if chi2.sf(chi, m) < _BAD:
            found.append(
                f"the lifts are not met: chi-square {chi:.0f} of {m}: look where they are off "
                "before you rely on the scenario"
            )
        for part in self.parts:
            for outcome, error in part.base.misfit.items():
                if abs(error) > _FAR:
                    found.append(
                        f"the control arm's {outcome} is off by {error:+.0%} after "
                        f"{part.base.rounds} rounds"
                    )
        right, of = self.within_two
        if of and right < _FEW_RIGHT * of:
            found.append(f"of {of} held-out lifts only {right} are within two standard errors")
        return found

    @property
    def notes(self) -> list[str]:
        """How the tables were read, what was taken as given, what is left open."""
        notes: list[str] = []
        for part in self.parts:
            name = f"{part.test.source}: " if len(self.parts) > 1 else ""
            notes += [f"{name}{note}" for note in _notes_of(part, self.shown)]
        notes += [
            f"chi-square of the lifts with {shown}: {chi:.0f}"
            for shown, chi in sorted(self.searched.contents.items(), key=lambda x: x[1])[:4]
        ]
        open_ = [e.name for e in self.estimates if not e.is_identified]
        if open_:
            notes.append(
                f"the lifts say little of {_and(open_)}: there the prior stands, and the draws "
                "beside the scenario carry its width"
            )
        return notes + self._needed()

    def _needed(self) -> list[str]:
        """Return which lifts of all the test leaves in doubt, and what would tell them."""
        found = []
        for row in self.lifts:
            if row.moment.stratum != "all" or not row.fitted_error:
                continue
            if abs(row.fitted) >= _Z * row.fitted_error:
                continue
            part = self.parts[row.moment.test]
            n = part.train.sizes()[part.train.arms.index(row.moment.arm)]
            lift = max(abs(row.fitted), row.fitted_error / 2)
            needed = n * (row.fitted_error / (_TELLS * lift)) ** 2
            found.append(
                f"the lift of {row.moment.outcome} by {row.moment.arm!r} could be 0 "
                f"({row.fitted:+.4g} with a standard error of {row.fitted_error:.2g}): to know it "
                f"to a fifth would take about {_round(needed):,} customers an arm"
            )
        return found


def _rows(searched: Searched, wanted: Found, held: Found | None) -> list[LiftRow]:
    """Return lifts as they were found in the two parts, and as they are predicted."""
    value, covariance = searched.predicted()
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    rows = []
    for m, moment in enumerate(wanted.moments):
        found = () if held is None else (float(held.values[m]), float(held.errors[m]))
        rows.append(
            LiftRow(
                moment, float(wanted.values[m]), float(wanted.errors[m]), float(value[m]),
                float(error[m]), *found,
            )
        )  # fmt: skip
    return rows


def _notes_of(part: Part, shown: Mapping[str, str]) -> list[str]:
    """Return how one table was read, and how well simulated customers could be made like its."""
    notes = list(part.test.notes)
    told = {pair.partition("=")[0].strip() for pair in part.request.content}
    for arm in part.test.arms[1:]:
        how = "as told" if arm in told else "by its name, or what fits best; --content says it"
        notes.append(f"the message of arm {arm!r} shows {shown[arm]} ({how})")
    notes += [note for note in part.setup.notes if "shows" not in note]
    if part.unlike:
        notes.append(
            f"simulated customers could not be made like the table's in {_and(part.unlike)}: "
            "too few of them are alike"
        )
    labels = [f"{part.strata[s].name}: {part.strata[s].labels[g]}" for s, g in part.weights.missing]
    if labels:
        notes.append(f"no simulated customer is like these of the table: {_and(labels)}")
    return notes


def _round(n: float) -> int:
    """Return a number with two significant digits."""
    digits = max(len(str(int(n))) - 2, 0)
    return int(round(n, -digits))


def _and(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def _quantiles(values: Floats, weights: Floats, at: tuple[float, float]) -> tuple[float, float]:
    order = np.argsort(values)
    up_to = np.cumsum(weights[order]) - 0.5 * weights[order]
    low, high = np.interp(at, up_to / weights.sum(), values[order])
    return float(low), float(high)
