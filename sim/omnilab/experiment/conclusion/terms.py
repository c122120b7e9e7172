"""What a claim is about: a measure under one strategy, or the difference of two, as text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from omnilab.errors import nearest
from omnilab.measure.catalogue import MEASURES
from omnilab.parameters.quantity import parse_share

__all__ = ["Term", "parse_greater", "parse_none", "parse_term"]

_COMPARED: Final = re.compile(r"(.+?)\s*([<>])\s*(.+)", re.DOTALL)
_WITHIN: Final = re.compile(r"(.+?)\s+within\s+(\S+)", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)%?")
_EXAMPLE: Final = "ltv(omnichannel) - ltv(multichannel)"


@dataclass(frozen=True)
class Term:
    """A measure under a strategy, less the same measure under another, if there is one.

    Attributes
    ----------
    measure
        Its name.
    strategy, less
        Names; ``less`` is empty for the measure itself.
    """

    measure: str
    strategy: str
    less: str = ""

    @property
    def strategies(self) -> tuple[str, ...]:
        """Those that it takes."""
        return (self.strategy, self.less) if self.less else (self.strategy,)

    def __str__(self) -> str:
        """Return it as a file has it."""
        first = f"{self.measure}({self.strategy})"
        return f"{first} - {self.measure}({self.less})" if self.less else first


def parse_greater(text: str, strategies: Collection[str]) -> tuple[Term, float, bool]:
    """Read ``A > B`` or ``A < B``; one of them may be a number.

    Returns
    -------
    tuple
        The term, the number that it is held against, and whether it is below that. Of two measures
        it is their difference, above 0.

    Raises
    ------
    ValueError
        With what is wrong and the nearest right thing.
    """
    found = _COMPARED.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no claim such as 'ltv(omnichannel) > ltv(multichannel)'")
    left, sign, right = found.groups()
    for side, other, below in ((right, left, sign == "<"), (left, right, sign == ">")):
        if _NUMBER.fullmatch(side):
            term = parse_term(other, strategies)
            return term, _number(side, term.measure), below
    if " - " in left or " - " in right:
        raise ValueError(f"{text!r}: a difference is compared with a number")
    big, small = (left, right) if sign == ">" else (right, left)
    a, b = parse_term(big, strategies), parse_term(small, strategies)
    return _difference(a, b, text), 0.0, False


def parse_none(text: str, strategies: Collection[str]) -> tuple[Term, float]:
    """Read ``A - B within X`` and return the difference and X, above 0.

    Raises
    ------
    ValueError
        With what is wrong and the nearest right thing.
    """
    found = _WITHIN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no claim such as '{_EXAMPLE} within 0.5'")
    term = parse_term(found[1], strategies)
    if not term.less:
        raise ValueError(f"{text!r}: none is said of a difference, such as '{_EXAMPLE} within 0.5'")
    if not _NUMBER.fullmatch(found[2]):
        raise ValueError(f"{found[2]!r} is no number, such as 0.5 or 0.5%")
    within = _number(found[2], term.measure)
    if within <= 0.0:
        raise ValueError(f"within {found[2]}: must be above 0, no difference is proved to be none")
    return term, within


def parse_term(text: str, strategies: Collection[str]) -> Term:
    """Read ``measure(strategy)`` or ``measure(A) - measure(B)``.

    Raises
    ------
    ValueError
        With what is wrong and the nearest right thing.
    """
    parts = text.strip().split(" - ")
    if len(parts) > 2:
        raise ValueError(f"{text!r}: at most one measure is subtracted")
    sides = [_side(part.strip(), strategies) for part in parts]
    return sides[0] if len(sides) == 1 else _difference(sides[0], sides[1], text)


def _side(text: str, strategies: Collection[str]) -> Term:
    if text[:1] in "<>=":
        raise ValueError(f"{text[0]!r} is one too many: a claim compares by < or >, once")
    measure, bracket, rest = text.partition("(")
    if not bracket or not rest.endswith(")"):
        raise ValueError(f"{text!r} is no measure under a strategy, such as ltv(omnichannel)")
    if measure not in MEASURES:
        raise ValueError(
            f"there is no measure {measure!r}"
            f"{nearest(measure, MEASURES) or '; omnilab list measures has them'}"
        )
    strategy = rest[:-1]
    if strategy not in strategies:
        hint = nearest(strategy, strategies) or f"; there are {', '.join(strategies)}"
        raise ValueError(f"{strategy!r} is not among `strategies`{hint}")
    return Term(measure, strategy)


def _difference(a: Term, b: Term, text: str) -> Term:
    if a.measure != b.measure:
        raise ValueError(f"{text!r} compares {a.measure} with {b.measure}: give one measure")
    if a.strategy == b.strategy:
        raise ValueError(f"{text!r} compares {a.strategy!r} with itself")
    return Term(a.measure, a.strategy, b.strategy)


def _number(text: str, measure: str) -> float:
    if not text.endswith("%"):
        return float(text)
    if MEASURES[measure].unit != "share":
        raise ValueError(f"{text}: {measure} is no share; give a plain number")
    negative = text.startswith("-")
    return (-1.0 if negative else 1.0) * parse_share(text.lstrip("+-"))
