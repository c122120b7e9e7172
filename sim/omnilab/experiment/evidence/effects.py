"""A claim's comparison as data: which numbers of which arms, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.evidence.model import Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.evidence.model import As, Claim, Compared, Effect

__all__ = [
    "EVERYBODY",
    "Contrast",
    "Linear",
    "Pairing",
    "Value",
    "combined",
    "contrasts_of",
    "paired",
    "ratio_of",
    "smallest",
]

#: The group of all who take part.
EVERYBODY: Final = "everybody"


@dataclass(frozen=True)
class Value:
    """An outcome of a group under an arm in a world.

    With ``total`` it is the group's sum over what all who take part divide by.
    """

    outcome: str
    arm: str
    group: str
    world: str
    total: bool = False


@dataclass(frozen=True)
class Pairing:
    """Two values, and how one is held against the other; of `value` the second is not looked at."""

    first: Value
    second: Value
    how: As

    @property
    def values(self) -> tuple[Value, ...]:
        """The values that are looked at."""
        return (self.first,) if self.how == "value" else (self.first, self.second)


@dataclass(frozen=True)
class Contrast:
    """What a claim is about: a pairing, one that is subtracted, one that it is divided by.

    It is (effect - less) / over, or effect / over - less / less_over where that is given.
    """

    effect: Pairing
    less: Pairing | None = None
    over: Pairing | None = None
    less_over: Pairing | None = None

    @property
    def pairings(self) -> tuple[Pairing, ...]:
        """Those that are there."""
        parts = (self.effect, self.less, self.over, self.less_over)
        return tuple(p for p in parts if p is not None)

    @property
    def values(self) -> tuple[Value, ...]:
        """All values that it needs, each once."""
        return tuple(dict.fromkeys(v for part in self.pairings for v in part.values))

    @property
    def is_nothing(self) -> bool:
        """Whether one of its pairings holds a value against itself."""
        return any(p.how != "value" and p.first == p.second for p in self.pairings)


@dataclass(frozen=True)
class Linear:
    """A number, and by how much each cluster moves it: its first-order influence.

    Sums of squared influences are the delta method's variance, and influences of what is made of
    several numbers follow by the rules of differentiation; what arms share cancels before it is
    squared.

    Attributes
    ----------
    value
        The number.
    by
        Shape (n_clusters,); they add up to about 0.
    """

    value: float
    by: NDArray[np.float64]

    def __sub__(self, other: Linear) -> Linear:
        return Linear(float(_less(self.value, other.value)), _less(self.by, other.by))

    def __truediv__(self, other: Linear) -> Linear:
        if other.value == 0.0:
            raise ZeroDivisionError("it is divided by 0")
        ratio = self.value / other.value
        return Linear(ratio, (self.by - ratio * other.by) / other.value)

    def minus(self, number: float) -> Linear:
        """Return it less a plain number."""
        return Linear(self.value - number, self.by)

    def interval(self, *, least_clusters: int = 2, students: bool = False) -> tuple[float, float]:
        """Return the 95% interval; infinite with fewer clusters than needed.

        Parameters
        ----------
        least_clusters
            At least 2.
        students
            By Student's t, for few clusters, not by the normal law.
        """
        from scipy.stats import norm, t

        n = len(self.by)
        if n < least_clusters:
            return -np.inf, np.inf
        error = sqrt(n / (n - 1) * float(np.sum(self.by**2)))
        half = float(t.ppf(0.975, n - 1) if students else norm.ppf(0.975)) * error
        return self.value - half, self.value + half


def _less(a: Any, b: Any) -> Any:
    """Return a - b, and 0 where it is no more than rounding: equal effects differ by nothing."""
    found = np.subtract(a, b)
    return np.where(np.abs(found) <= 1e-12 * (np.abs(a) + np.abs(b)), 0.0, found)


def ratio_of(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> Linear:
    """Return the ratio of two sums over clusters.

    Parameters
    ----------
    top, bottom
        Of each cluster, shape (n_clusters,).

    Raises
    ------
    ZeroDivisionError
        If the bottom adds up to 0.
    """
    total = float(bottom.sum())
    if total == 0.0:
        raise ZeroDivisionError("there is nobody and nothing to divide by")
    ratio = float(top.sum()) / total
    return Linear(ratio, (top - ratio * bottom) / total)


def paired(first: Linear, second: Linear, how: As) -> Linear:
    """Return one number held against another."""
    if how == "value":
        return first
    if how in ("difference", "total"):
        return first - second
    if how == "ratio":
        return first / second
    if how == "relative":
        return (first / second).minus(1.0)
    return (_odds(first) / _odds(second)).minus(1.0)


def combined(contrast: Contrast, number: Callable[[Pairing], Linear]) -> Linear:
    """Return a contrast's number.

    Parameters
    ----------
    contrast
        Of pairings.
    number
        Returns that of one of them.

    Raises
    ------
    ZeroDivisionError
        If it is divided by 0.
    """
    found = number(contrast.effect)
    less = None if contrast.less is None else number(contrast.less)
    over = None if contrast.over is None else number(contrast.over)
    if contrast.less_over is not None and less is not None and over is not None:
        return found / over - less / number(contrast.less_over)
    found = found if less is None else found - less
    return found if over is None else found / over


def _odds(share: Linear) -> Linear:
    if not 0.0 <= share.value < 1.0:
        raise ZeroDivisionError("odds are of shares below 1")
    rest = 1.0 - share.value
    return Linear(share.value / rest, share.by / rest**2)


def contrasts_of(claim: Claim, control: str, world: str) -> tuple[Contrast, ...]:
    """Return the contrasts of a claim that is expressed."""
    if claim.effect is not None:
        return (_contrast(claim, claim.effect, control, world),)
    assert claim.all_of is not None
    return tuple(_contrast(c, c.effect, control, world) for c in claim.all_of)


def _contrast(part: Claim | Compared, effect: Effect, control: str, world: str) -> Contrast:
    more = (
        None if one is None else _pairing(one, effect, control, world)
        for one in (part.less, part.over, part.less_over)
    )  # fmt: skip
    return Contrast(_pairing(effect, None, control, world), *more)


def _pairing(effect: Effect, main: Effect | None, control: str, world: str) -> Pairing:
    """Return a pairing in which what was left out is filled in."""
    if main is not None:  # what a second effect leaves out is as in the first
        given = {k: getattr(effect, k) for k in effect.model_fields_set}
        effect = main.model_copy(update=given)
    # A missing name is found later, by the checks, with its line.
    first: Any = Value(
        effect.outcome,  # type: ignore[arg-type]
        effect.arm,  # type: ignore[arg-type]
        effect.group or EVERYBODY,
        effect.world or world,
        effect.as_ == "total",
    )
    against = effect.against
    if isinstance(against, Side):
        changed = {k: v for k in ("outcome", "arm", "group", "world")
                   if (v := getattr(against, k)) is not None}  # fmt: skip
        return Pairing(first, replace(first, **changed), effect.as_)
    return Pairing(first, replace(first, arm=against or control), effect.as_)


def smallest(found: Sequence[Linear], sign: str) -> Linear:
    """Return that of several numbers which is nearest to not having a sign."""
    if sign == "0":
        return max(found, key=lambda x: abs(x.value))
    return (max if sign == "-" else min)(found, key=lambda x: x.value)
