"""Closed forms of tests of a mean: the chance to find it, and the size that finds it.

All are of Student's t test with an estimate of the error: an effect of ``effect / error`` standard
errors is found with the chance that a noncentral t lies beyond the test's bound.

References
----------
Lehmann, E. L. and Romano, J. P. (2005). Testing Statistical Hypotheses, 3rd ed., section 5.2.
Gelman, A. and Carlin, J. (2014). Beyond power calculations: assessing type S (sign) and type M
(magnitude) errors. Perspectives on Psychological Science 9, 641-651.
"""

from __future__ import annotations

from math import isnan, sqrt

__all__ = ["one_sided", "power_above", "size_for", "wrong_sign"]


def one_sided(excess: float, error: float, freedom: float) -> tuple[float, float]:
    """Return the p-values of "it is above 0" and of "it is below 0".

    Parameters
    ----------
    excess
        The estimate less its bound.
    error
        Its standard error, >= 0. Without any error the sign decides, and 0 is on neither side.
    freedom
        Degrees of freedom of the error.
    """
    if error == 0.0:
        return (0.0 if excess > 0 else 1.0), (0.0 if excess < 0 else 1.0)
    from scipy.special import stdtr

    below = float(stdtr(freedom, excess / error))
    return float(stdtr(freedom, -excess / error)), below


def power_above(effect: float, error: float, freedom: float, level: float) -> float:
    """Return the chance that a one-sided test finds an effect to be above 0.

    Parameters
    ----------
    effect
        The true effect, as an excess over the test's bound.
    error
        The true standard error, > 0.
    freedom
        Degrees of freedom of its estimate.
    level
        Of the test, 0..1.
    """
    from scipy.special import ndtr, stdtrit
    from scipy.stats import nct

    if freedom > 10_000:  # where the noncentral t is a normal to four digits
        from scipy.special import ndtri

        return float(ndtr(effect / error - ndtri(1.0 - level)))
    bound = float(stdtrit(freedom, 1.0 - level))
    chance = float(nct.sf(bound, freedom, effect / error))
    # Of an effect of very many standard errors nct says that it is no number.
    return float(ndtr(effect / error - bound)) if isnan(chance) else chance


def wrong_sign(effect: float, error: float) -> float:
    """Return the chance that the estimate of an effect has the other sign."""
    from scipy.special import ndtr

    return float(ndtr(-abs(effect) / error))


def size_for(effect: float, spread: float, level: float, power: float) -> float:
    """Return how many units a one-sided test needs.

    Parameters
    ----------
    effect
        That is to be found, not 0.
    spread
        Standard error times the root of the number of units.
    level, power
        Of the test, 0..1.
    """
    from scipy.special import ndtri

    needed = (float(ndtri(1.0 - level)) + float(ndtri(power))) * spread / abs(effect)
    units = max(2.0, needed**2)
    for _ in range(60):  # the t test needs a few more than the normal one
        reached = power_above(abs(effect), spread / sqrt(units), max(1.0, units - 2.0), level)
        if reached >= power or units > 10_000:
            break
        units *= 1.02
    return units
