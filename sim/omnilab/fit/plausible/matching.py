"""History matching: which parameters the data do not rule out, in waves, then weights.

A wave simulates a design that fills what is left of the ranges, fits an emulator to it, and rules
out where the emulated moments are too far from the data's:

    I(x) = |z - E f(x)| / sqrt(V_data + V_emulator(x))

V_data is how far the data may be off: a log's own chance, or a published size's tolerance. The
simulation's chance is in V_emulator, as what is left of it once the emulator has averaged it. A
point is ruled out if I is above 3 for one moment (Pukelsheim's rule holds for any unimodal
distribution), in the first wave only if it is so for two, since an early emulator may be wrong
about one. What is left gets weights: those of Gaussian moments and even priors over the ranges.

References
----------
Vernon, I., Goldstein, M. and Bower, R. G. (2010). Galaxy formation: a Bayesian uncertainty
analysis. Bayesian Analysis 5, 619-670.
Pukelsheim, F. (1994). The three sigma rule. The American Statistician 48, 88-91.
ter Braak, C. J. F. (2006). A Markov chain Monte Carlo version of the genetic algorithm
Differential Evolution. Statistics and Computing 16, 239-249.
Craig, P. S., Goldstein, M., Seheult, A. H. and Smith, J. A. (1997). Pressure matching for
hydrocarbon reservoirs. Case Studies in Bayesian Statistics 3, 37-93.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from omnilab.errors import OmnilabError
from omnilab.experiment.sweep.design import spread
from omnilab.fit.experiment.emulator import Emulator, fit_emulator
from omnilab.fit.experiment.posterior import Draws, Problem, draw

__all__ = ["CUTOFF", "IDENTIFIED", "Matched", "Target", "Wave", "implausibility", "match"]

Floats = npt.NDArray[np.float64]
Simulate = Callable[[Floats, int], Floats]
Progress = Callable[[str, float], None]

#: Implausibility above which a point is ruled out.
CUTOFF: Final = 3.0
#: A parameter is called identified where its spread is at most so much of an even range's: the
#: data say at least as much of it as its range does. Calibration is asked of these.
IDENTIFIED: Final = 0.7
_CANDIDATES: Final = 1 << 12
_DRAWS: Final = 4000
#: Candidates that are enough; else so many walk, so many steps.
_ENOUGH: Final = 200
_WALKERS: Final = 300
_STEPS: Final = 40
#: Steps that they still go once none of them is ruled out.
_SETTLE: Final = 5
#: A box around what is left is so much wider, as a share of its width.
_MARGIN: Final = 0.05
#: Distance at which a point counts for a quarter in the trend, in spreads of what is left.
_NEAR: Final = 3.0
_LEAST_SPREAD: Final = 0.3
#: Points of the ranges are this far from their ends, so that their normal scores are finite.
_EDGE: Final = 1e-4
_FEWEST: Final = 12


@dataclass(frozen=True)
class Target:
    """What is to be met.

    Attributes
    ----------
    names
        Of the moments.
    wanted
        Shape (m,).
    covariance
        Of what parts the data from the truth, shape (m, m).
    """

    names: tuple[str, ...]
    wanted: Floats
    covariance: Floats

    @property
    def sd(self) -> Floats:
        """Shape (m,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


@dataclass(frozen=True)
class Wave:
    """One wave.

    Attributes
    ----------
    points
        How many were simulated.
    left
        Share of the ranges that was not ruled out before it.
    after
        The same after it.
    """

    points: int
    left: float
    after: float


@dataclass(frozen=True)
class Matched:
    """What is left, as weighted draws.

    Attributes
    ----------
    places
        0..1 of the ranges, shape (n, p).
    weights
        Shape (n,), of sum 1.
    waves
        All of them.
    moments
        Emulated at the draws, shape (n, m).
    """

    places: Floats
    weights: Floats
    waves: tuple[Wave, ...]
    moments: Floats

    @property
    def effective(self) -> float:
        """Effective number of draws."""
        return float(1.0 / (self.weights**2).sum())

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean over the draws."""
        return np.asarray(np.tensordot(self.weights, values, axes=1))

    @property
    def spread(self) -> Floats:
        """Return the standard deviation of each place, over that of an even range; shape (p,)."""
        middle = self.mean(self.places)
        return np.asarray(np.sqrt(self.mean((self.places - middle) ** 2) * 12.0))


def match(
    simulate: Simulate, target: Target, p: int, *, points: int = 100, waves: int = 3,
    seed: int = 1, first: tuple[Floats, Floats] | None = None, progress: Progress | None = None,
) -> Matched:  # fmt: skip
    """Return what the data leave of even ranges.

    Parameters
    ----------
    simulate
        Given places 0..1, shape (k, p), and how many were simulated before, returns their moments,
        (k, m); NaN where one has none. Each place had better have a seed of its own, so that its
        chance is not that of the others.
    target
        The data.
    p
        Number of parameters.
    points, waves
        Simulations of each wave, and how many waves.
    seed
        Of the designs and the draws.
    first
        Places and moments of a first wave that was simulated before, as of another target.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OmnilabError
        If nothing is left, with the moment that rules out most.
    """
    say = progress or (lambda _what, _share: None)
    box = np.tile([[_EDGE], [1 - _EDGE]], p)
    emulators: list[Emulator] = []
    places, moments = np.empty((0, p)), np.empty((0, len(target.wanted)))
    done: list[Wave] = []
    for wave in range(waves):
        before = len(places)
        if wave == 0 and first is not None:
            places, moments = first
            kept, left = ndtri(places), 1.0
        else:
            kept, left = _left(box, emulators, target, seed + wave)
            some = ndtr(kept[:points])
            say(f"wave {wave + 1}: {100 * left:.3g}% of the ranges are left", wave / waves)
            found = simulate(some, before)
            places, moments = np.vstack([places, some]), np.vstack([moments, found])
        known = np.isfinite(moments).all(axis=1)
        if known.sum() < _FEWEST:
            raise OmnilabError(_unknown(target, moments))
        emulators.append(_emulator(ndtri(places[known]), moments[known], kept, target))
        rest, after = _left(box, emulators, target, seed + wave)
        box = _box(ndtr(rest))
        done.append(Wave(len(places) - before, left, after))
    say("weighing", 1.0)
    return _weighed(emulators[-1], target, rest, tuple(done), seed)


def implausibility(emulator: Emulator, target: Target, z: Floats) -> Floats:
    """Return I of each moment at points of normal scores: shape (n, p) to (n, m)."""
    moments, variance = emulator.known(z)
    away = np.abs(moments - target.wanted)
    return np.asarray(away / np.sqrt(np.diag(target.covariance) + variance))


def _emulator(z: Floats, moments: Floats, kept: Floats, target: Target) -> Emulator:
    """Fit an emulator that is good where something is left."""
    near = np.maximum(_NEAR * kept.std(axis=0), _LEAST_SPREAD)
    offset = np.maximum(target.sd, 0.02 * np.median(np.abs(moments), axis=0)) + 1e-12
    return fit_emulator(z, moments, kept.mean(axis=0), near, offset, process=True)


def _left(
    box: Floats, emulators: Sequence[Emulator], target: Target, seed: int
) -> tuple[Floats, float]:
    """Return places that no wave has ruled out, as normal scores, and their share of all ranges.

    They are those of an even design over the box. Where few of it are left, draws around the most
    likely place and the nearest of the design walk on (`_walk`): a thin part of many dimensions is
    found so, and its share is no more than one place of the design.

    Raises
    ------
    OmnilabError
        If none is left, with the moments that rule the nearest ones out.
    """
    volume = float(np.prod(box[1] - box[0]))
    z = ndtri(box[0] + (box[1] - box[0]) * spread("sobol", box.shape[1], _CANDIDATES, seed))
    worst = _worst(emulators, target, z)
    inside = worst <= CUTOFF
    if inside.sum() >= _ENOUGH:
        return z[inside], float(inside.mean()) * volume
    likely = _draws(emulators[-1], target, z, 2 * _WALKERS, seed).points
    z, worst = np.vstack([z, likely]), np.r_[worst, _worst(emulators, target, likely)]
    nearest, rng = np.argsort(worst)[:_WALKERS], np.random.default_rng(seed)
    walked, worst = _walk(z[nearest], worst[nearest], emulators, target, rng)
    if not (worst <= CUTOFF).any():
        every = np.vstack([z, walked])
        found = np.max([implausibility(e, target, every) for e in emulators], axis=0)
        raise OmnilabError(_ruled_out(target, found))
    return walked[worst <= CUTOFF], max(float(inside.mean()), 1 / _CANDIDATES) * volume


def _worst(emulators: Sequence[Emulator], target: Target, z: Floats) -> Floats:
    """Return what decides whether places are ruled out, over all waves; shape (n,)."""
    found = np.zeros(len(z))
    for number, emulator in enumerate(emulators):
        ruled = np.sort(implausibility(emulator, target, z), axis=1)
        early = number == 0 and ruled.shape[1] > 1
        found = np.maximum(found, ruled[:, -2] if early else ruled[:, -1])
    return found


def _walk(
    z: Floats, worst: Floats, emulators: Sequence[Emulator], target: Target,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Let points walk towards what is not ruled out, and about in it by the priors."""
    edge, inside = ndtri(1 - _EDGE), 0
    for _ in range(_STEPS):
        a, b = (rng.permutation(len(z)) for _ in range(2))
        # Steps along differences of others have the shape of what is left (ter Braak 2006).
        size = rng.choice([0.2, 0.6, 1.0], (len(z), 1))
        step = size * (z[a] - z[b]) + 0.02 * rng.standard_normal(z.shape)
        new = np.clip(z + step, -edge, edge)
        ruled = _worst(emulators, target, new)
        prior = np.exp(np.minimum(0.5 * (z**2 - new**2).sum(axis=1), 0.0))
        both = (ruled <= CUTOFF) & (worst <= CUTOFF)
        taken = np.where(both, rng.random(len(z)) < prior, ruled <= worst)
        z, worst = np.where(taken[:, None], new, z), np.where(taken, ruled, worst)
        inside += int((worst <= CUTOFF).all())
        if inside >= _SETTLE:
            break
    return z, worst


def _box(u: Floats) -> Floats:
    """Return the ends of a box around places, a little wider."""
    low, high = u.min(axis=0), u.max(axis=0)
    more = _MARGIN * (high - low) + _EDGE
    return np.clip(np.vstack([low - more, high + more]), _EDGE, 1 - _EDGE)


def _weighed(
    emulator: Emulator, target: Target, rest: Floats, waves: tuple[Wave, ...], seed: int
) -> Matched:
    """Return draws by weight, without those that the last wave, which has all points, rules out."""
    found = _draws(emulator, target, rest, _DRAWS, seed)
    ruled = implausibility(emulator, target, found.points)
    weights = found.weights * (ruled.max(axis=1) <= CUTOFF)
    if weights.sum() <= 0:
        raise OmnilabError(_ruled_out(target, ruled))
    return Matched(
        np.clip(ndtr(found.points), 0.0, 1.0), weights / weights.sum(), waves,
        emulator(found.points),
    )  # fmt: skip


def _draws(emulator: Emulator, target: Target, z: Floats, n: int, seed: int) -> Draws:
    """Return weighted draws of what an emulator leaves, from the likeliest of some points on."""
    moments, variance = emulator.known(z)
    unsure = np.diag(np.median(variance, axis=0))
    problem = Problem(emulator, target.wanted, target.covariance + unsure)
    away = ((moments - target.wanted) @ problem.whiten().T) ** 2
    start = z[int(np.argmin(away.sum(axis=1) + (z**2).sum(axis=1)))]
    return draw(problem, start, n, seed)


def _ruled_out(target: Target, found: Floats) -> str:
    """Say which moment rules out everything, or which do so together."""
    alone = found.min(axis=0)
    hardest = int(np.argmax(alone))
    if alone[hardest] > CUTOFF:
        return (
            f"no world is left: moment {target.names[hardest]!r} alone rules all out, the nearest"
            f" is {alone[hardest]:.1f} standard deviations away (at most {CUTOFF:g}): widen a range"
            " that moves it, or its tolerance"
        )
    nearest = found[int(np.argmin(np.sort(found, axis=1)[:, -1]))]
    order = np.argsort(-nearest)[:2]
    said = " and ".join(f"{target.names[k]!r} ({nearest[k]:.1f})" for k in order)
    return (
        f"no world is left: the nearest one is ruled out by {said}, in standard deviations (at most"
        f" {CUTOFF:g}): widen a range that moves them, or a tolerance"
    )


def _unknown(target: Target, moments: Floats) -> str:
    lost = np.isnan(moments).sum(axis=0)
    name = target.names[int(np.argmax(lost))]
    return (
        f"too few of the simulated worlds have all moments: {name!r} has no value in {lost.max()}"
        f" of {len(moments)}: simulate more customers, or leave it out"
    )
