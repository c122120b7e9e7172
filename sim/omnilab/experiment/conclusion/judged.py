"""Whether runs bear a claim out: chances by their 95% intervals, corrected for all claims.

A claim *holds* in a run if what it says is hardly chance: p < 0.05 after Holm's correction over the
claims of the study. It *turns* if the contrary is. Otherwise it is *undecided*. A chance is read
off an estimate's 95% interval, as of a normal law whose interval is that one, so that p is 0.05
exactly where the interval's end is at the bound.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, hypot, sqrt
from typing import Final, Literal

from omnilab.experiment.conclusion.declared import Claim
from omnilab.experiment.differences import ALPHA
from omnilab.experiment.statistics import Estimate, holm

__all__ = ["Judged", "Said", "Seen", "judge", "moved", "seen_of", "seen_paired"]

Said = Literal["holds", "turns", "undecided"]
_NORMAL: Final = 1.959963984540054  # half of a 95% interval, in standard errors


@dataclass(frozen=True)
class Seen:
    """What a run says of a claim's number.

    Attributes
    ----------
    value
        Of the term; of ``monotone`` the last value less the first. None without a denominator.
    half
        Half of its 95% interval; None where no interval is known.
    steps
        Of ``monotone``: each step's change and half of its interval.
    """

    value: float | None
    half: float | None
    steps: tuple[tuple[float, float], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything can be said."""
        return self.value is not None and self.half is not None


@dataclass(frozen=True)
class Judged:
    """A claim's verdict in a run."""

    said: Said
    seen: Seen


def seen_of(claim: Claim, estimates: Sequence[Estimate]) -> Seen:
    """Return what estimates, one or one for each value of ``monotone``, say of a claim.

    The errors of values are taken as independent; `seen_paired` is for those that are not.
    """
    known = [(e.value, _half(e)) for e in estimates]
    pairs = [(v, h) for v, h in known if v is not None and h is not None]
    if claim.kind != "monotone":
        return Seen(*known[0])
    if len(pairs) < len(known):
        return Seen(None, None)
    steps = tuple(
        (b[0] - a[0], hypot(a[1], b[1])) for a, b in itertools.pairwise(pairs)
    )  # fmt: skip
    first, last = pairs[0], pairs[-1]
    return Seen(last[0] - first[0], hypot(first[1], last[1]), steps)


def seen_paired(whole: Estimate, steps: Sequence[Estimate]) -> Seen:
    """Return what the paired change from the first value to the last, and each step's, say."""
    known = [(e.value, _half(e)) for e in steps]
    pairs = tuple((v, h) for v, h in known if v is not None and h is not None)
    return Seen(None, None) if len(pairs) < len(known) else Seen(whole.value, _half(whole), pairs)


def judge(claims: Sequence[Claim], seen: Sequence[Seen]) -> list[Judged]:
    """Return the verdict on each claim of one run, all of them looked at once."""
    chances = [_chances(c, s) for c, s in zip(claims, seen, strict=True)]
    holds = holm([None if pair is None else pair[0] for pair in chances])
    turns = holm([None if pair is None else pair[1] for pair in chances])
    found = []
    for one, held, turned in zip(seen, holds, turns, strict=True):
        said: Said = "undecided"
        if turned is not None and turned < ALPHA:
            said = "turns"
        elif held is not None and held < ALPHA:
            said = "holds"
        found.append(Judged(said, one))
    return found


def moved(base: Seen, other: Seen, *, nested: bool) -> float | None:
    """Return the chance that two runs' numbers are so far apart; None where none is known.

    Parameters
    ----------
    base, other
        Of the same claim.
    nested
        Whether one run's customers are among the other's, twice as many. Then the variance of the
        difference is half of the smaller population's; else the sum of both.
    """
    if base.value is None or other.value is None or base.half is None or other.half is None:
        return None
    if nested:
        large, small = sorted((base.half, other.half))
        half = max(large, small / sqrt(2.0))
    else:
        half = hypot(base.half, other.half)
    return _two_sided(other.value - base.value, half)


def _chances(claim: Claim, seen: Seen) -> tuple[float, float] | None:
    """Return the chance of what was seen were the claim just not so, and were it just so."""
    value, half = seen.value, seen.half
    if value is None or half is None:
        return None
    sign = 1.0 if claim.direction == "up" else -1.0
    if claim.kind == "greater":
        above = sign * (value - claim.bound)
        return _above(above, half), _above(-above, half)
    if claim.kind == "none":
        return (
            _above(claim.bound - abs(value), half),
            _above(abs(value) - claim.bound, half),
        )
    against = min(_above(-sign * step, width) for step, width in seen.steps)
    return _above(sign * value, half), min(1.0, against * len(seen.steps))


def _above(value: float, half: float) -> float:
    """Return the two-sided chance of a value this far above zero; 1 where it is not above."""
    return _two_sided(value, half) if value > 0.0 else 1.0


def _two_sided(value: float, half: float) -> float:
    if half == 0.0:
        return 1.0 if value == 0.0 else 0.0
    return erfc(abs(value) / half * _NORMAL / sqrt(2.0))


def _half(estimate: Estimate) -> float | None:
    if estimate.low is None or estimate.high is None:
        return None
    return (estimate.high - estimate.low) / 2.0
