"""Outcomes of each person under an arm, as the two sums whose ratio they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.evidence.lives import KIND_OF
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.customers import close
from omnilab.measure.layout import SUMS, names_of
from omnilab.measure.mailshots import OF_MAILSHOTS
from omnilab.measure.observed import Observed, make_observed
from omnilab.measure.tally import tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.evidence.lives import Lives
    from omnilab.experiment.evidence.model import Outcome
    from omnilab.measure.ratio import Terms
    from omnilab.scenario.model import Scenario, Time

__all__ = ["Sums", "hangs_on_mailshots", "period_of", "person_sums", "unit_of_outcome"]

_AT: Final = {name: i for i, name in enumerate(names_of(SUMS))}
_OF_MESSAGES: Final = ("open", "click", "unsubscribe", "spamreport")


@dataclass(frozen=True)
class Sums:
    """Of each person: what an outcome adds up, and what that is divided by; shape (n_persons,)."""

    top: NDArray[np.float64]
    bottom: NDArray[np.float64]


def period_of(outcome: Outcome, time: Time) -> tuple[int, int]:
    """Return from when to when an outcome counts, in seconds since the scenario's start."""
    start, end = time.burn_in, time.burn_in + time.window
    if isinstance(outcome.period, tuple):
        return start + outcome.period[0], start + outcome.period[1]
    return {
        "window": (start, end),
        "run_out": (end, end + time.run_out),
        "test": (start, end + time.run_out),
    }[outcome.period]


def unit_of_outcome(outcome: Outcome) -> str:
    """Return the unit of an outcome that is no sum: ``share``, ``EUR``, ``number`` or ``ratio``."""
    if outcome.measure is not None:
        return MEASURES[outcome.measure].unit
    return "share" if outcome.any is not None else "number"


def hangs_on_mailshots(outcome: Outcome) -> bool:
    """Tell whether all customers of a replication share a part of an outcome's chance."""
    return outcome.measure in OF_MAILSHOTS or (outcome.count or outcome.any) in _OF_MESSAGES


def person_sums(
    outcomes: Mapping[str, Outcome], lives: Lives, scenario: Scenario
) -> dict[str, Sums]:
    """Return the sums of each outcome that is no sum of others, of a chunk's persons.

    Parameters
    ----------
    outcomes
        By name.
    lives
        The chunk's log under one arm.
    scenario
        The arm's.
    """
    found: dict[str, Sums] = {}
    tallied: dict[Any, NDArray[np.int64]] = {}
    for name, outcome in outcomes.items():
        if outcome.sum is not None:
            continue
        begin, end = period_of(outcome, scenario.time)
        if outcome.measure is None:
            what = outcome.count or outcome.any
            assert what is not None
            top = lives.counted(KIND_OF[what], outcome.only, begin, end).astype(np.float64)
            if outcome.any is not None:
                top = (top > 0).astype(np.float64)
            found[name] = Sums(top, np.ones(lives.persons))
            continue
        key = (outcome.only, begin, end)
        if key not in tallied:
            tallied[key] = _tallied(outcome, lives, scenario, begin, end)
        measure = MEASURES[outcome.measure]
        sums = tallied[key]
        # Cents and thousandths of a cent become the currency, so that a sum of outcomes is one.
        unit = min(factor for _, factor in measure.denominator)
        found[name] = Sums(
            _added(measure.numerator, sums) / unit, _added(measure.denominator, sums) / unit
        )
    return found


def _tallied(
    outcome: Outcome, lives: Lives, scenario: Scenario, begin: int, end: int
) -> NDArray[np.int64]:
    """Return the measures' sums of each person, of the rows that count, over a period."""
    period = {"burn_in": begin, "window": end - begin, "run_out": 0}
    counted = scenario.model_copy(update={"time": scenario.time.model_copy(update=period)})
    o = Observed(make_observed(counted, lives.persons, lives.n_journeys, 1, tables=False))
    kept = np.ascontiguousarray(lives.log[lives.mask(outcome.only)]).view(np.recarray)
    # To the sums of persons the chunk is as one large cell: no sum looks at two persons at once.
    tally(kept, len(kept), lives.first, 0, lives.persons, o, 0)
    close(lives.first, 0, lives.persons, o, 0)
    return np.asarray(o.own_flat[: lives.persons])


def _added(terms: Terms, sums: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.zeros(len(sums))
    for name, factor in terms:
        total += factor * sums[:, _AT[name]]
    return total
