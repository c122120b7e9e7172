"""Two strategies of equal volume that stand for two that differ in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.columns import unit_of
from omnilab.experiment.until import MAIN

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.experiment.statistics import Moments
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["BY_CAP", "BY_TYPE", "VOLUME", "Beside", "EqualVolume", "Match", "equal_rows"]

BY_CAP: Final = "by cap"
BY_TYPE: Final = "by type"
VOLUME: Final = "messages_per_customer"


@dataclass(frozen=True)
class Match:
    """Two strategies that send about as many messages, made of two that do not.

    Attributes
    ----------
    way
        `BY_CAP` or `BY_TYPE`.
    first, second
        Names of the two that were asked for; the difference is first less second.
    equal_first, equal_second
        Names of those that stand for them: derived, or the same.
    how
        What was changed, in words.
    derived
        Those of the two that are new.
    """

    way: str
    first: str
    second: str
    equal_first: str
    equal_second: str
    how: str
    derived: tuple[LoadedStrategy, ...]


@dataclass(frozen=True)
class Beside:
    """What runs beside a comparison, so that two of its strategies are of equal volume.

    Attributes
    ----------
    pair
        The two; the second is the reference.
    matches
        Ways of equal volume; none where both send as many messages.
    customers
        At most so many of all replications have it; None: all.
    """

    pair: tuple[str, str]
    matches: tuple[Match, ...]
    customers: int | None = None

    @property
    def derived(self) -> tuple[LoadedStrategy, ...]:
        """The strategies that are new."""
        return tuple(s for match in self.matches for s in match.derived)

    def without(self, strategy: str) -> Beside:
        """Return what is left where a strategy has failed."""
        left = tuple(
            m
            for m in self.matches
            if strategy not in (m.first, m.second, m.equal_first, m.equal_second)
        )
        return Beside(self.pair, left, self.customers)


@dataclass(frozen=True)
class EqualVolume:
    """What came out of it.

    Attributes
    ----------
    beside
        What ran.
    moments
        Of the two and of the derived ones.
    customers
        How many there were.
    """

    beside: Beside
    moments: Moments
    customers: int


def equal_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """Return what ``result.json`` says of equal volume: a row a way and main measure.

    A win *survives* if the difference at equal volume has the sign of the plain one and both
    intervals leave zero out; it is null where the plain difference may be chance.
    """
    if comparison.equal is None:
        return []
    found = comparison.equal
    moments = found.moments
    rows = []
    for match in found.beside.matches:
        names = (match.equal_first, match.equal_second)
        messages = [moments.estimate(VOLUME, name).value or 0.0 for name in names]
        for measure in MAIN:
            plain = comparison.moments.difference(measure, match.first, match.second)
            equal = moments.difference(measure, *names)
            rows.append(
                {
                    "way": match.way,
                    "strategy": match.first,
                    "reference": match.second,
                    "equal_strategy": match.equal_first,
                    "equal_reference": match.equal_second,
                    "how": match.how,
                    "customers": found.customers,
                    "messages": messages[0],
                    "reference_messages": messages[1],
                    "gap": _gap(*messages),
                    "measure": measure,
                    "unit": unit_of(moments.measures[measure], comparison.scenario.currency),
                    "plain": plain.value,
                    "value": equal.value,
                    "low": equal.low,
                    "high": equal.high,
                    "survives": _survives(plain, equal),
                }
            )
    return rows


def _gap(messages: float, reference: float) -> float | None:
    """Return how far two volumes are apart, as a share of the reference's."""
    return (messages - reference) / reference if reference else None


def _survives(plain: Any, equal: Any) -> bool | None:
    if plain.low is None or equal.low is None or plain.low <= 0.0 <= plain.high:
        return None
    return bool(equal.low > 0.0 if plain.value > 0.0 else equal.high < 0.0)
