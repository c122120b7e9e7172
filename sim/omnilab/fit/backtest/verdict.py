"""Whether predictions that met what happened can be trusted, corrected, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, norm

__all__ = ["CHANCE", "CORRECT", "DONT", "TRUST", "Limits", "Verdict", "judge"]

TRUST, CORRECT, DONT = "trust", "correct", "don't"
#: Of each interval.
CHANCE: Final = 0.90
_Z: Final = float(norm.ppf((1 + CHANCE) / 2))
_WORSE_Z: Final = 1.645  # one-sided 5%: a rule's lead that chance hardly makes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where the verdicts part; rules of thumb of ours, each an option of ``omnilab backtest``.

    Parameters
    ----------
    bias
        Part by which the predictions may be off together, above 0.
    steady
        Least share of predictions that are off to the same side, where a factor can correct them;
        above .5, at most 1.
    worse
        By which part of what happened, on average, the errors may be larger than a simple rule's;
        0 or above. A rule that is luckier within the bias that is allowed is no better one.
    sure
        Chance with which predictions whose intervals are right pass the check of coverage.
    """

    bias: float = 0.10
    steady: float = 0.80
    worse: float = 0.05
    sure: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A judgement with what it rests on.

    Parameters
    ----------
    verdict
        ``trust``, ``correct`` or ``don't``.
    reason
        One sentence.
    inside, n, least
        Predictions whose 90% interval holds what happened, of how many, and the fewest that pass.
    bias
        Predicted over actual, less 1.
    steady
        Share that is off to the side of the bias.
    factor
        By which predictions are multiplied to be right on the whole.
    inside_corrected
        As ``inside``, each prediction corrected by the factor of all others.
    worse_than
        The simple rule that is clearly better; None where none is.
    """

    verdict: str
    reason: str
    inside: int
    n: int
    least: int
    bias: float
    steady: float
    factor: float
    inside_corrected: int
    worse_than: str | None

    @property
    def coverage(self) -> float:
        """Share of predictions whose interval holds what happened."""
        return self.inside / self.n


def judge(
    actual: Floats, predicted: Floats, low: Floats, high: Floats,
    rules: Mapping[str, Floats] | None = None, *, noise: Floats | None = None,
    weights: Floats | None = None, limits: Limits | None = None, what: str = "weeks",
) -> Verdict:  # fmt: skip
    """Judge predictions by coverage, bias, and the errors of simple rules.

    Parameters
    ----------
    actual, predicted, low, high
        Shape (n,): what happened, what was predicted, and the 90% intervals.
    rules
        Simple rule -> what it predicts, shape (n,).
    noise
        Shape (n,): standard errors of what happened, which no factor changes; 0 if None.
    weights
        Shape (n,): of the squared errors by which the factor is found; 1 / predicted if None, by
        which it is the actual sum over the predicted one.
    limits
        Where the verdicts part.
    what
        The predictions' name in the reason.
    """
    limits = limits or Limits()
    n = len(actual)
    noise = np.zeros(n) if noise is None else noise
    if weights is None:
        weights = 1 / np.maximum(predicted, 1e-9)
    factor = _factor(actual, predicted, weights)
    bias = 1 / factor - 1 if factor > 0 else np.inf
    off = (predicted - actual) * np.sign(predicted)
    steady = float((off > 0).mean() if bias > 0 else (off < 0).mean())
    least = int(binom.ppf((1 - limits.sure) / 2, n, CHANCE))
    inside = int(((low <= actual) & (actual <= high)).sum())
    others = np.array([
        _factor(np.delete(actual, k), np.delete(predicted, k), np.delete(weights, k))
        for k in range(n)
    ]) if n > 1 else np.ones(n)  # fmt: skip
    below, above = (
        others * predicted - _stretched(predicted - low, others, noise),
        others * predicted + _stretched(high - predicted, others, noise),
    )
    again = int(((below <= actual) & (actual <= above)).sum())
    worse = _worse(actual, predicted, rules or {}, limits)
    still = _worse(actual, others * predicted, rules or {}, limits)
    if inside >= least and abs(bias) < limits.bias and worse is None:
        verdict = TRUST
    elif steady >= limits.steady and factor > 0 and again >= least and still is None:
        verdict, worse = CORRECT, still
    else:
        verdict = DONT
    found = Verdict(
        verdict=verdict, reason="", inside=inside, n=n, least=least, bias=float(bias),
        steady=steady, factor=float(factor), inside_corrected=again, worse_than=worse,
    )  # fmt: skip
    return _with_reason(found, limits, what)


def _factor(actual: Floats, predicted: Floats, weights: Floats) -> float:
    """Return the factor of least weighted squares; 1 where nothing is predicted."""
    bottom = float((weights * predicted**2).sum())
    return float((weights * predicted * actual).sum()) / bottom if bottom > 0 else 1.0


def _stretched(half: Floats, factors: Floats, noise: Floats) -> Floats:
    """Return halves of intervals whose own part is multiplied, and the noise in them is not."""
    own = np.maximum(half**2 - (_Z * noise) ** 2, 0.0)
    stretched = np.sqrt(factors**2 * own + (_Z * noise) ** 2)
    # An interval may begin above its prediction, where that is far out.
    return np.asarray(np.where(half < 0, factors * half, stretched))


def _worse(
    actual: Floats, predicted: Floats, rules: Mapping[str, Floats], limits: Limits
) -> str | None:
    """Return the best of the rules that are better by more than allowed, and than chance makes."""
    own, found = np.abs(predicted - actual), []
    allowed = limits.worse * float(np.abs(actual).mean())
    for name, said in rules.items():
        rule = np.abs(said - actual)
        lead = own - rule
        error = float(lead.std(ddof=1)) / len(lead) ** 0.5 if len(lead) > 1 else np.inf
        if lead.mean() > allowed and lead.mean() > _WORSE_Z * error:
            found.append((float(rule.mean()), name))
    return min(found)[1] if found else None


def _with_reason(v: Verdict, limits: Limits, what: str) -> Verdict:
    from dataclasses import replace

    covered = f"{v.inside} of {v.n} {what} lie within their 90% intervals"
    side = "high" if v.bias > 0 else "low"
    biased = f"predictions are {abs(v.bias):.0%} too {side}"
    if v.verdict == TRUST:
        wide = binom.sf(v.inside - 1, v.n, CHANCE) < (1 - limits.sure) / 2
        more = ", which are wider than they need be," if wide else ""
        reason = (
            f"{covered}{more} (at least {v.least} needed), {biased} (below {limits.bias:.0%} is "
            "allowed), and no simple rule is clearly better"
        )
    elif v.verdict == CORRECT:
        reason = (
            f"{biased}, to the same side in {v.steady:.0%} of {what}: multiply them by "
            f"{v.factor:.2f}, after which {v.inside_corrected} of {v.n} lie within (at least "
            f"{v.least} needed)"
        )
    else:
        reason = "; ".join(_faults(v, limits, what, covered, biased))
    return replace(v, reason=f"{reason[:1].upper()}{reason[1:]}.")


def _faults(v: Verdict, limits: Limits, what: str, covered: str, biased: str) -> list[str]:
    faults = []
    if v.inside < v.least:
        faults.append(f"only {covered} (at least {v.least} needed)")
    if abs(v.bias) >= limits.bias:
        faults.append(f"{biased} (below {limits.bias:.0%} is allowed)")
    if v.worse_than is not None:
        faults.append(f"the rule {v.worse_than!r} is clearly better")
    if v.steady < limits.steady:
        faults.append(
            f"no factor corrects it, as only {v.steady:.0%} of {what} are off to that side"
        )
    elif v.inside_corrected < v.least:
        faults.append(
            f"multiplied by {v.factor:.2f}, {v.inside_corrected} of {v.n} would lie within"
        )
    return faults
