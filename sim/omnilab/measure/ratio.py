"""What a measure is: a ratio of additive sums, with its name, unit and formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "BASELINE",
    "SEARCH_ONLY",
    "Measure",
    "Terms",
    "cents",
    "mean",
    "millicents",
    "share",
    "table",
    "terms",
]

BASELINE: Final = "no_contact"  # the strategy that `roi` is above
SEARCH_ONLY: Final = "search_only"  # and that `message_roi` is above

Terms = tuple[tuple[str, int], ...]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Measure:
    """A ratio of additive sums.

    Attributes
    ----------
    name, title, unit, formula
        As shown; units: ``share`` (of 1), ``EUR`` (the scenario's currency), ``number``, ``ratio``.
    numerator, denominator
        Terms (sum, whole factor); the factors carry the units, such as 100 cents to the EUR.
    better
        Which way is good for the brand, as far as a measure tells by itself.
    baseline
        The numerator is that of the strategy less that of this one on the same customers; "" where
        it is the strategy's own.
    what
        What the measure says, in sentences for readers of a report.
    """

    name: str
    title: str
    unit: str
    formula: str
    numerator: Terms
    denominator: Terms
    better: Better = "neither"
    baseline: str = ""
    what: str = ""

    @property
    def above_baseline(self) -> bool:
        """Whether the numerator is held against another strategy's."""
        return bool(self.baseline)

    def value(
        self, sums: Mapping[str, int], baseline: Mapping[str, int] | None = None
    ) -> float | None:
        """Return the measure of merged sums, or None without a denominator or baseline."""
        top, bottom = _combine(self.numerator, sums), _combine(self.denominator, sums)
        if self.above_baseline:
            if baseline is None:
                return None
            top -= _combine(self.numerator, baseline)
        return top / bottom if bottom else None


def terms(text: str, factor: int = 1) -> Terms:
    """Read ``"margin -margin_lost"`` as terms, all times ``factor``."""
    return tuple(
        (word.lstrip("-"), -factor if word.startswith("-") else factor) for word in text.split()
    )


def table(measures: Iterable[Measure]) -> dict[str, Measure]:
    """Return measures by name, in their order."""
    return {measure.name: measure for measure in measures}


def share(
    name: str,
    title: str,
    formula: str,
    top: str,
    bottom: str,
    better: Better = "neither",
    *,
    what: str = "",
) -> Measure:
    """Return a share of 1."""
    return Measure(name, title, "share", formula, terms(top), terms(bottom), better, what=what)


def mean(
    name: str,
    title: str,
    formula: str,
    top: str,
    bottom: str,
    better: Better = "neither",
    *,
    what: str = "",
) -> Measure:
    """Return a number of things to each thing below."""
    return Measure(name, title, "number", formula, terms(top), terms(bottom), better, what=what)


def cents(
    name: str,
    title: str,
    formula: str,
    top: str,
    bottom: str,
    better: Better = "neither",
    *,
    what: str = "",
) -> Measure:
    """Return an amount in EUR whose sums above are cents."""
    return Measure(name, title, "EUR", formula, terms(top), terms(bottom, 100), better, what=what)


def millicents(
    name: str,
    title: str,
    formula: str,
    top: str,
    bottom: str,
    better: Better = "neither",
    *,
    what: str = "",
) -> Measure:
    """Return an amount in EUR whose sums above are milli-cents."""
    return Measure(
        name, title, "EUR", formula, terms(top), terms(bottom, 100_000), better, what=what
    )


def _combine(parts: Terms, sums: Mapping[str, int]) -> int:
    return sum(int(sums[name]) * factor for name, factor in parts)
