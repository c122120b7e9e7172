"""What was published of a claim, beside what the simulator says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ClaimResult", "Kind", "Sign", "Status"]

#: What was found: more, less, or no difference.
Sign = Literal["+", "-", "0"]
#: What a claim says: the direction alone, a size, or which of several is larger.
Kind = Literal["sign", "size", "ordering"]
#: Whether the claim was simulated.
Status = Literal["simulated", "lacks", "failed"]


@dataclass(frozen=True, kw_only=True)
class ClaimResult:
    """One claim of one study.

    Attributes
    ----------
    claim, study, family
        Identifiers, such as ``A01a``, ``LEW14`` and ``A display and social ads``.
    sign, kind
        What was found.
    published, published_low, published_high
        The effect and its interval, in the unit of ``simulated``; None where none was given.
    zero_within
        For a claim of no difference: the largest difference that still counts as none, in the
        unit of ``simulated``, declared in the file.
    simulated, low, high
        The simulated effect and its 95% interval; None unless ``status`` is ``simulated``.
    pair
        Name of the pair that the claim belongs to within its study, or empty: the claims of a
        pair are right only together.
    status
        ``lacks``: the model cannot express it; ``failed``: it did not run.
    reason
        The mechanism that is lacking, or the error; empty otherwise.
    title
        The claim in words.
    how_read
        What the row rests on, such as ``full text``.
    source
        Citation.
    informed
        What the model took from this study, so that a right answer is no prediction; or empty.
    unit
        How its numbers are read: ``share``, a difference of shares in points; ``relative``, a
        change by a part of the control's; a currency; or empty, a plain number.
    """

    claim: str
    study: str
    family: str
    sign: Sign
    kind: Kind
    published: float | None = None
    published_low: float | None = None
    published_high: float | None = None
    zero_within: float | None = None
    simulated: float | None = None
    low: float | None = None
    high: float | None = None
    pair: str = ""
    status: Status = "simulated"
    reason: str = ""
    title: str = ""
    how_read: str = ""
    source: str = ""
    informed: str = ""
    unit: str = ""
