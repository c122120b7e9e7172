"""The verdict on a claim: what sign the simulator says, and whether its size is that published.

A sign is said by the whole interval, never by its middle: an interval on both sides of zero says
none, which is wrong and is named *undecided*, so that a world too small to tell is not taken for
one that contradicts.

A size is right if the simulated interval meets the published one, or, where none was published,
if the simulated value is within a factor of two of the published. The value is held to the factor
and not its interval: otherwise fewer customers would make more sizes right. For the same reason an
interval can be too *wide* to be right: see `is_wide`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import Final, Literal

from omnilab.experiment.evidence.result import ClaimResult, Sign

__all__ = ["FACTOR", "UNDECIDED", "Verdict", "asks_size", "is_wide", "verdict_of"]

UNDECIDED: Final = "undecided"
#: How far off a size may be that was published without an interval.
FACTOR: Final = 2.0


@dataclass(frozen=True)
class Verdict:
    """What came out for a claim.

    Attributes
    ----------
    claim
        What was published and simulated.
    said
        The sign that the simulated interval says, or ``undecided``; None where nothing was
        simulated.
    size
        ``right``, ``wrong`` or ``wide``; None where nothing was simulated or no size published.
    """

    claim: ClaimResult
    said: Sign | Literal["undecided"] | None
    size: Literal["right", "wrong", "wide"] | None

    @property
    def is_simulated(self) -> bool:
        """Whether the claim ran."""
        return self.said is not None

    @property
    def is_sign_right(self) -> bool:
        """Whether the sign that was said is the published one; never where nothing was said."""
        return self.said == self.claim.sign

    @property
    def is_failure(self) -> bool:
        """Whether the model was asked and was wrong, by sign or by size."""
        return self.is_simulated and not (self.is_sign_right and self.size in (None, "right"))


def verdict_of(claim: ClaimResult) -> Verdict:
    """Judge one claim.

    Raises
    ------
    ValueError
        If its numbers are none that a claim can have: not finite, an interval upside down,
        simulated without a value.
    """
    _check(claim)
    if claim.status != "simulated":
        return Verdict(claim, None, None)
    return Verdict(claim, _said(claim), _size(claim) if asks_size(claim) else None)


def asks_size(claim: ClaimResult) -> bool:
    """Tell whether a size was published that a simulated one can be held against."""
    if claim.kind != "size":
        return False
    if claim.published_low is not None or claim.published_high is not None:
        return True
    return bool(claim.published) or (claim.sign == "0" and claim.zero_within is not None)


def is_wide(claim: ClaimResult) -> bool:
    """Tell whether a simulated interval is so wide that it would meet whatever was found.

    It is where half of its width is the size of the published effect or more. Laid on that effect
    it reaches from none at all to its double, so that a study which had found nothing and one which
    had found twice as much would both have been called right. Of a published zero the size is what
    still counts as none, or half the width of the published interval.
    """
    if claim.low is None or claim.high is None:
        return False
    scale = _scale(claim)
    return scale > 0.0 and (claim.high - claim.low) / 2.0 >= scale


def _said(claim: ClaimResult) -> Sign | Literal["undecided"]:
    if claim.low is None or claim.high is None:
        return "undecided"
    none = claim.zero_within or 0.0
    # What still counts as none comes first: a small difference, however certain, is none there.
    if -none <= claim.low and claim.high <= none:
        return "0"
    if claim.low > 0.0:
        return "+"
    return "-" if claim.high < 0.0 else "undecided"


def _size(claim: ClaimResult) -> Literal["right", "wrong", "wide"]:
    if is_wide(claim):
        return "wide"
    value = claim.simulated
    assert value is not None  # checked
    low = value if claim.low is None else claim.low
    high = value if claim.high is None else claim.high
    least, most = claim.published_low, claim.published_high
    if least is None and most is None:
        if claim.published:
            ratio = value / claim.published
            return "right" if 1.0 / FACTOR <= ratio <= FACTOR else "wrong"
        assert claim.zero_within is not None  # else no size was asked for
        least, most = -claim.zero_within, claim.zero_within
    meets = high >= (-inf if least is None else least) and low <= (inf if most is None else most)
    return "right" if meets else "wrong"


def _scale(claim: ClaimResult) -> float:
    """Return the size of the published effect; 0 where nothing says it."""
    if claim.published:
        return abs(claim.published)
    ends = [e for e in (claim.published_low, claim.published_high) if e is not None]
    if claim.published is None and ends and sum(ends):
        return abs(sum(ends) / len(ends))
    if claim.zero_within:
        return claim.zero_within
    return (ends[1] - ends[0]) / 2.0 if len(ends) == 2 else 0.0


def _check(claim: ClaimResult) -> None:
    for low, high in ((claim.published_low, claim.published_high), (claim.low, claim.high)):
        if low is not None and high is not None and low > high:
            raise ValueError(f"claim {claim.claim}: an interval from {low} to {high}")
    numbers = (
        claim.published, claim.published_low, claim.published_high, claim.zero_within,
        claim.simulated, claim.low, claim.high,
    )  # fmt: skip
    if not all(n is None or isfinite(n) for n in numbers):
        raise ValueError(f"claim {claim.claim}: a number is not finite")
    if claim.zero_within is not None and claim.zero_within < 0.0:
        raise ValueError(f"claim {claim.claim}: zero_within is below 0")
    if claim.status == "simulated" and claim.simulated is None:
        raise ValueError(f"claim {claim.claim}: simulated without a value")
