"""Two strategies of equal volume that stand for two that differ in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.until import MAIN

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["BY_CAP", "BY_TYPE", "VOLUME", "Match", "equal_rows"]

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


def equal_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """Return what ``result.json`` says of equal volume: a row a way and main measure.

    A win *survives* if the difference at equal volume has the sign of the plain one and both
    intervals leave zero out; it is null where the plain difference may be chance.
    """
    moments = comparison.moments
    rows = []
    for match in comparison.matches:
        names = (match.equal_first, match.equal_second)
        if any(name not in moments.strategies for name in (*names, match.first, match.second)):
            continue
        messages = [moments.estimate(VOLUME, name).value or 0.0 for name in names]
        for measure in MAIN:
            plain = moments.difference(measure, match.first, match.second)
            equal = moments.difference(measure, *names)
            rows.append(
                {
                    "way": match.way,
                    "strategy": match.first,
                    "reference": match.second,
                    "equal_strategy": match.equal_first,
                    "equal_reference": match.equal_second,
                    "how": match.how,
                    "messages": messages[0],
                    "reference_messages": messages[1],
                    "gap": _gap(*messages),
                    "measure": measure,
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
