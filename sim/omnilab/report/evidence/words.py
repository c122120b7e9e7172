"""Published and simulated effects, verdicts and scores as people read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from omnilab.experiment.evidence.result import ClaimResult
from omnilab.experiment.evidence.score import Rate, Score, Scores
from omnilab.experiment.evidence.verdict import Verdict
from omnilab.report.numbers import NOTHING

__all__ = [
    "HOW",
    "SIGN_WORDS",
    "claim_words",
    "headlines",
    "published_words",
    "rate_words",
    "score_rows",
    "simulated_words",
    "verdict_words",
]

SIGN_WORDS: Final = {"+": "more", "-": "less", "0": "no difference"}
#: What an effect is multiplied by, and what stands behind it.
_UNITS: Final = {"share": (100.0, " points"), "relative": (100.0, "%"), "": (1.0, "")}
#: How the scores are made, a sentence each.
HOW: Final = (
    (
        "The sign of a claim is said by the whole simulated interval at 95%: + above zero, - "
        "below, 0 where all of it lies within what the claim declares as none. Any other interval "
        "is undecided, which counts as wrong."
    ),
    (
        "A size is right if the simulated interval meets the published one; without a published "
        "interval, if the simulated value is within a factor of two of the published. An interval "
        "is wide, which counts as wrong, if half of its width is the published effect or more: it "
        "could tell that effect neither from none nor from its double."
    ),
    "Always + answers more to every claim, and names no size.",
    (
        "Shares are averaged over studies, not claims. Balanced is the mean of the shares right "
        "among the claims of +, - and 0. A pair is right if the signs of all its claims are."
    ),
    (
        "Intervals at 95% are by bootstrap over studies; with fewer than five there is none. A "
        "share of 0% or 100% has an interval of one point, which is no certainty."
    ),
    (
        "Predicted are the claims from whose study nothing came into the model. Of the others a "
        "parameter has its sign, its form or a size from the study itself; each says what."
    ),
    "Every claim: what the model cannot express and what failed to run count as wrong.",
)


def published_words(claim: ClaimResult) -> str:
    """Return what was found: its sign in words where no size is known."""
    low, high = claim.published_low, claim.published_high
    write, (_, unit) = _writer(claim), _unit(claim)
    if claim.published is not None:
        return write(claim.published) + unit + _between(low, high, write)
    if low is not None or high is not None:
        return _ends(low, high, write) + unit
    within = claim.zero_within
    none = "" if within is None else f" (within {write(within).lstrip('+')}{unit})"
    return SIGN_WORDS[claim.sign] + none


def simulated_words(claim: ClaimResult) -> str:
    """Return the simulated effect with its interval; a dash where it did not run."""
    if claim.simulated is None:
        return NOTHING
    write = _writer(claim)
    between = _between(claim.low, claim.high, write)
    return write(claim.simulated) + _unit(claim)[1] + between


def verdict_words(verdict: Verdict) -> str:
    """Return a verdict, such as ``sign right, size wide``."""
    if not verdict.is_simulated:
        return verdict.claim.status
    if verdict.is_sign_right:
        sign = "right" if verdict.size is None else "sign right"
    elif verdict.said == "undecided":
        sign = "undecided"
    else:
        sign = f"wrong: {SIGN_WORDS[str(verdict.said)]}"
    return sign if verdict.size is None else f"{sign}, size {verdict.size}"


def claim_words(claim: ClaimResult) -> str:
    """Return a claim's name and what it says."""
    return f"{claim.claim} {claim.title}".strip()


def rate_words(rate: Rate) -> tuple[str, str, str, str]:
    """Return the share right, the baseline's, their difference, and the counts."""
    if rate.value is None or rate.baseline is None or rate.gain is None:
        return NOTHING, NOTHING, NOTHING, NOTHING
    value = f"{_whole(rate.value)}%" + _bounds(rate.low, rate.high)
    gain = f"{_whole(rate.gain, '+')} points" + _bounds(rate.gain_low, rate.gain_high, "+")
    return value, f"{_whole(rate.baseline)}%", gain, f"{rate.right} of {rate.of}"


def score_rows(score: Score) -> tuple[tuple[str, Rate], ...]:
    """Return the scores by their titles, in the order of all tables."""
    signs = ((f"of these, {sign}", rate) for sign, rate in score.by_sign.items())
    return (
        ("signs, balanced", score.balanced),
        ("signs", score.signs),
        *signs,
        ("pairs", score.pairs),
        ("sizes", score.sizes),
    )


def headlines(scores: Scores) -> tuple[str, ...]:
    """Return in sentences how the model did, and what was not asked of it."""
    ran, every = scores.simulated, scores.every
    lacks, failed = len(scores.of_status("lacks")), len(scores.of_status("failed"))
    first = (
        f"Of {every.claims} claims of {every.studies} studies {ran.claims} were simulated, {lacks} "
        f"cannot be expressed, {failed} failed."
    )
    if ran.balanced.value is None:
        return (first,)
    value, base, gain, _ = rate_words(ran.balanced)
    counts = [
        f"{name} {rate.right} of {rate.of}, always + {rate.baseline_right}"
        for name, rate in (("Signs", ran.signs), ("pairs", ran.pairs), ("sizes", ran.sizes))
        if rate.of
    ]
    lines = [
        first,
        f"Balanced, {value} of their signs are right; always + has {base}, a difference of {gain}.",
        "; ".join(counts) + ".",
    ]
    if ran.undecided or ran.wide:
        lines.append(
            f"Intervals that say no sign: {ran.undecided}; that are too wide for a size: "
            f"{ran.wide}. More customers may decide them."
        )
    if scores.predicted.claims < ran.claims and scores.predicted.balanced.value is not None:
        value, base, *_ = rate_words(scores.predicted.balanced)
        lines.append(
            f"From the studies of {ran.claims - scores.predicted.claims} claims something came "
            f"into the model; of the {scores.predicted.claims} that are predicted, balanced "
            f"{value}, always + {base}."
        )
    total, base, *_ = rate_words(every.balanced)
    lines.append(f"Over every claim, what did not run as wrong: balanced {total}, always + {base}.")
    return tuple(lines)


def _writer(claim: ClaimResult) -> Callable[[float], str]:
    """Return what writes a number of a claim without its unit."""
    scale, _ = _unit(claim)

    def write(value: float) -> str:
        text = f"{value * scale:+.3g}"
        return "0" if float(text) == 0 else text

    return write


def _unit(claim: ClaimResult) -> tuple[float, str]:
    return _UNITS.get(claim.unit, (1.0, f" {claim.unit}"))


def _between(low: float | None, high: float | None, write: Callable[[float], str]) -> str:
    if low is None and high is None:
        return ""
    return f" ({_ends(low, high, write)})"


def _ends(low: float | None, high: float | None, write: Callable[[float], str]) -> str:
    if low is not None and high is not None:
        return f"{write(low)} to {write(high)}"
    return f"at least {write(low)}" if low is not None else f"at most {write(high or 0.0)}"


def _bounds(low: float | None, high: float | None, sign: str = "") -> str:
    return "" if low is None or high is None else f" ({_whole(low, sign)} to {_whole(high, sign)})"


def _whole(share: float, sign: str = "") -> str:
    text = f"{100 * share:{sign}.0f}"
    return "0" if text.strip("+-") == "0" else text
