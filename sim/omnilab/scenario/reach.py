"""Reach curves of media: what a planning tool says of a medium, and the habits that it means.

A point of a curve says which share of people a weight reaches. With G = GRP / 100 contacts a person
and habits that are gamma over persons with shape k (`omnilab.world.media`)

    reach = 1 - (1 + G / k)^-k.

Of one point k is exact. Of several it is that of the least sum of squared differences in reach,
sought over ln k. Between k of 0.05 and of 1000 reach rises with k, from few who get all to nearly
the same for everybody, where it is 1 - exp(-G).

References
----------
Goodhardt, Ehrenberg and Collins (1975), "The television audience: patterns of viewing", for the
negative binomial of contacts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from omnilab.parameters.quantity import Share, format_share

if TYPE_CHECKING:
    from omnilab.scenario.media import Flight
    from omnilab.scenario.model import Scenario

__all__ = [
    "Curve", "ReachFit", "curve_problem", "fit_curve", "reach_note", "reach_of", "shape_of",
]  # fmt: skip

LEAST_SHAPE: Final = 0.05
MOST_SHAPE: Final = 1000.0
MOST_OFF: Final = 0.02  # of people: how far a point may lie from the fitted curve
MOST_POINTS: Final = 24
SEARCHED: Final = 200  # shapes tried first
HALVINGS: Final = 60  # of what is left between two of them


def _parse_grp(value: object) -> str:
    """Read the weight of a point, such as ``100`` or ``"87.5"``; return it as it is written."""
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not (math.isfinite(number) and number > 0):
        raise ValueError(f"{value!r} is no weight: write GRP above 0, such as 100")
    return f"{number:g}"


def _checked(curve: dict[str, float]) -> dict[str, float]:
    """Return a curve in the order of its weights, or say which of its points can't be."""
    points = sorted((float(grp), reach) for grp, reach in curve.items())
    last_grp, last = 0.0, 0.0
    for grp, reach in points:
        if reach <= 0.0:
            raise ValueError(f"{grp:g} GRP reach nobody: leave the point out")
        if reach > grp / 100.0:
            raise ValueError(
                f"{grp:g} GRP are {grp:g} contacts of 100 people and can't reach more than"
                f" {format_share(grp / 100.0)} of them, not {format_share(reach)}"
            )
        if reach < last:
            raise ValueError(
                f"it falls, from {format_share(last)} at {last_grp:g} GRP to {format_share(reach)}"
                f" at {grp:g}: more weight reaches no fewer"
            )
        last_grp, last = grp, reach
    return {f"{grp:g}": reach for grp, reach in points}


Grp = Annotated[
    str, BeforeValidator(_parse_grp),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(?:\.[0-9]+)?$"}),
]  # fmt: skip
Curve = Annotated[dict[Grp, Share], AfterValidator(_checked), Field(max_length=MOST_POINTS)]


def reach_of(contacts: float, shape: float) -> float:
    """Return the share of people whom so many contacts a person reach, 0 to 1."""
    return -math.expm1(-shape * math.log1p(contacts / shape))


@dataclass(frozen=True)
class ReachFit:
    """The habits that a curve means.

    Attributes
    ----------
    shape
        k of the gamma over persons.
    off
        The largest difference between a point's reach and the fitted one's, a share of people.
    at
        The weight of that point, GRP.
    """

    shape: float
    off: float
    at: float


def fit_curve(curve: Mapping[str, float]) -> ReachFit:
    """Return the shape that comes nearest to a curve's points, and how near.

    Parameters
    ----------
    curve
        GRP as text -> reach.
    """
    return _fit(tuple(sorted((float(grp), reach) for grp, reach in curve.items())))


@lru_cache(maxsize=256)
def _fit(points: tuple[tuple[float, float], ...]) -> ReachFit:
    def miss(log_shape: float) -> float:
        shape = math.exp(log_shape)
        return sum((reach_of(grp / 100.0, shape) - reach) ** 2 for grp, reach in points)

    low, high = math.log(LEAST_SHAPE), math.log(MOST_SHAPE)
    step = (high - low) / SEARCHED
    best = min((low + step * n for n in range(SEARCHED + 1)), key=miss)
    a, b = max(best - step, low), min(best + step, high)
    for _ in range(HALVINGS):  # thirds, of a sum that has one valley there
        x, y = a + (b - a) / 3.0, b - (b - a) / 3.0
        a, b = (a, y) if miss(x) <= miss(y) else (x, b)
    shape = math.exp((a + b) / 2.0)
    off, at = max((abs(reach_of(grp / 100.0, shape) - reach), grp) for grp, reach in points)
    return ReachFit(shape, off, at)


def shape_of(scenario: Scenario, medium: str) -> float:
    """Return the shape of people's habits at a medium: by its curve, else `world.media.shape`."""
    for flight in scenario.brand.media:
        if flight.medium == medium and flight.curve:
            return fit_curve(flight.curve).shape
    return scenario.world.media.shape


def curve_problem(flight: Flight, before: list[Flight]) -> str | None:
    """Return what is wrong with a flight's curve, beside those before it, or None."""
    if not flight.curve:
        return None
    for other in before:
        if other.medium == flight.medium and other.curve not in ({}, flight.curve):
            return (
                f"{flight.medium} has another curve in {other.name}: people have one habit at a"
                " medium; write it once"
            )
    fit = fit_curve(flight.curve)
    if fit.off <= MOST_OFF:
        return None
    nearest = reach_of(fit.at / 100.0, fit.shape)
    said = next(r for g, r in flight.curve.items() if float(g) == fit.at)
    return (
        f"no shape of habits meets it: the nearest, {fit.shape:.3g}, reaches {nearest:.1%} with"
        f" {fit.at:g} GRP where it says {said:.1%}, and {MOST_OFF:.0%} of people is as far as they"
        " may differ"
    )


def reach_note(scenario: Scenario) -> str | None:
    """Return a sentence on how well curves are met, None where there are none."""
    said = {}
    for flight in scenario.brand.media:
        if flight.curve:
            fit = fit_curve(flight.curve)
            said[flight.medium] = (
                f"the reach curve of {flight.medium} is met with shape {fit.shape:.3g}, off by at"
                f" most {fit.off:.2%} of people (at {fit.at:g} GRP)"
            )
    text = "; ".join(said.values())
    return f"{text[0].upper()}{text[1:]}." if text else None
