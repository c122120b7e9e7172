"""How many customers, or towns, and days a live test needs, by its closed forms.

A live test has no twins: its two arms are other people. So what counts is how much customers
differ from each other, not how much twins do: ``var = s_a^2 / (f n) + s_b^2 / ((1 - f) n)`` for
``n`` of them, a share ``f`` under the strategy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.errors import OptionError, nearest
from omnilab.experiment.compare import compare
from omnilab.experiment.gate.power import power_above, size_for, wrong_sign
from omnilab.experiment.live.view import View, brand_view
from omnilab.experiment.statistics import Estimate
from omnilab.lowering.cells import lay_out
from omnilab.lowering.model import build_model
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.observed import COLUMNS, VALUES

if TYPE_CHECKING:
    from omnilab.experiment.request import Say
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["UNITS", "Arms", "LivePlan", "Wanted", "plan_test"]

UNITS: Final = ("customer", "town")
DAY: Final = 86400
#: Sizes of the power curve, as shares of the size that is needed.
_CURVE: Final = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
#: Customers whose logs are looked at for the brand's view, at most.
VIEWED: Final = 1000


@dataclass(frozen=True)
class Wanted:
    """What is asked of a test.

    Attributes
    ----------
    measure
        Of `COLUMNS`: a mean over customers.
    unit
        Of `UNITS`: what is drawn for an arm.
    power, level
        Chance to find the difference, and of the two-sided test, 0..1.
    share
        Of the units that get the strategy, 0..1.
    difference
        That is to be found, in the measure's unit; None for the simulated one.
    days
        Durations to look at, the planned one last; none for the window's.
    reach
        How many customers there are for the test; None where that is open.
    """

    measure: str = "ltv"
    unit: str = "customer"
    power: float = 0.8
    level: float = 0.05
    share: float = 0.5
    difference: float | None = None
    days: tuple[int, ...] = ()
    reach: int | None = None


@dataclass(frozen=True)
class Arms:
    """What a duration gives.

    Attributes
    ----------
    days
        Of the test.
    simulated
        The strategy less the reference, on the same customers.
    difference
        That the test is to find.
    spread
        Standard error times the root of the number of units.
    units, customers
        That are needed.
    per_unit
        Customers in a unit.
    paired
        Variance of the twins' difference as a share of that of two other populations.
    """

    days: int
    simulated: Estimate
    difference: float
    spread: float
    units: int
    customers: int
    per_unit: float
    paired: float | None

    def power(self, units: float, level: float) -> float:
        """Return the chance that so many units find the difference, in its own direction."""
        error = self.spread / sqrt(units)
        return power_above(abs(self.difference), error, max(1.0, units - 2.0), level / 2.0)


@dataclass(frozen=True)
class LivePlan:
    """The plan of a test.

    Attributes
    ----------
    wanted
        What was asked.
    strategy, reference
        Names.
    arms
        The planned duration.
    durations
        All that were looked at.
    curve
        Rows: ``units``, ``customers``, ``power``, ``wrong_arm`` (chance that the worse arm looks
        better), ``half_width`` of the 95% interval.
    view
        What the brand would read off it; None where whole towns are drawn.
    """

    wanted: Wanted
    strategy: str
    reference: str
    arms: Arms
    durations: tuple[Arms, ...]
    curve: tuple[dict[str, float], ...]
    view: View | None


class _Values:
    """Keeps each customer's value of a measure under two strategies."""

    def __init__(self, measure: str, names: Sequence[str]) -> None:
        self._at = VALUES + COLUMNS.index(measure)
        self._scale = MEASURES[measure].denominator[0][1]
        self.names = tuple(names)
        self.parts: list[Any] = []

    def add(self, _replication: int, _first: int, rows: dict[str, Any]) -> None:
        if all(name in rows for name in self.names):
            self.parts.append(np.stack([rows[n][:, self._at] for n in self.names]))

    @property
    def values(self) -> Any:
        """Shape ``(2, n_customers)``, in the measure's unit."""
        return np.concatenate(self.parts, axis=1) / self._scale


def plan_test(
    wanted: Wanted, scenario: Scenario, strategy: LoadedStrategy, reference: LoadedStrategy, *,
    replications: int = 1, seed: int = 1, engine: str = "auto", threads: int = 1,
    progress: Say | None = None,
) -> LivePlan:  # fmt: skip
    """Plan the test of a strategy against a reference.

    Parameters
    ----------
    wanted
        What is asked.
    scenario, strategy, reference
        What is simulated.
    replications, seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.

    Raises
    ------
    OptionError
        If the difference is 0 or may be, with what can be planned instead; or if the scenario has
        no such unit, or the measure is no mean over customers.
    """
    _check(wanted, scenario, strategy, reference)
    options: dict[str, Any] = {
        "replications": replications, "seed": seed, "engine": engine, "threads": threads,
        "progress": progress,
    }  # fmt: skip
    days = wanted.days or (scenario.time.window // DAY,)
    durations = tuple(
        _arms(wanted, _lasting(scenario, d), d, strategy, reference, options) for d in days
    )
    arms = durations[-1]
    sizes = sorted({max(4, round(arms.units * share)) for share in _CURVE} | _reach(wanted, arms))
    view = None
    if wanted.unit == "customer":
        view = _view(wanted, _lasting(scenario, days[-1]), strategy, reference, options)
    return LivePlan(
        wanted, strategy.name, reference.name, arms, durations,
        tuple(_point(arms, n, wanted) for n in sizes), view,
    )  # fmt: skip


def _check(
    wanted: Wanted, scenario: Scenario, strategy: LoadedStrategy, reference: LoadedStrategy
) -> None:
    if wanted.measure not in COLUMNS:
        near = nearest(wanted.measure, COLUMNS) or "; such as ltv or purchase_rate"
        if wanted.measure in MEASURES:
            near = f", which a test reads: it takes one of {', '.join(sorted(COLUMNS))}"
        raise OptionError(f"--measure {wanted.measure!r}: no mean over customers{near}")
    if wanted.difference is not None and not isfinite(wanted.difference):
        raise OptionError(f"--difference {wanted.difference}: is no number that can be used")
    if wanted.difference == 0.0:
        raise OptionError(
            "--difference 0: no test is large enough to find nothing: give the smallest "
            "difference that matters, or leave it out for the simulated one"
        )
    if MEASURES[wanted.measure].unit == "share" and abs(wanted.difference or 0.0) > 1.0:
        given = float(wanted.difference or 0.0)
        hint = f": did you mean {given / 100:g}?" if abs(given) <= 100.0 else ""
        raise OptionError(f"--difference {given:g}: {wanted.measure} is a share of 1{hint}")
    if strategy.name == reference.name:
        raise OptionError(
            f"{strategy.name} against itself differs by 0, which no test can confirm: name another "
            "with --strategy, or with --against"
        )
    if wanted.unit == "town" and scenario.population.town is None:
        raise OptionError(
            f"--unit town: {scenario.id} has no towns: set population.town, or take --unit customer"
        )


def _lasting(scenario: Scenario, days: int) -> Scenario:
    """Return the scenario with a window of so many days."""
    if days * DAY == scenario.time.window:
        return scenario
    return scenario.changed({"time": {"window": days * DAY}})


def _arms(
    wanted: Wanted, scenario: Scenario, days: int, strategy: LoadedStrategy,
    reference: LoadedStrategy, options: dict[str, Any],
) -> Arms:  # fmt: skip
    """Simulate a duration and return what it gives."""
    kept = _Values(wanted.measure, (strategy.name, reference.name))
    found = compare(
        scenario, [reference, strategy], customers=kept, quick=True, against=reference.name,
        **options,
    )  # fmt: skip
    for error in found.failures.values():
        raise error
    moments, a, b = found.moments, strategy.name, reference.name
    simulated = moments.difference(wanted.measure, a, b)
    persons = found.customers * found.replications
    per_unit = 1.0
    if wanted.unit == "town":
        n = moments.clusters_of(wanted.measure)
        errors = [moments.estimate(wanted.measure, name).error for name in (a, b)]
        if None in errors:
            raise OptionError(f"--unit town: {n} towns are too few: give more --customers")
        spreads = [float(e or 0.0) * sqrt(n) for e in errors]
        per_unit = persons / n
    else:
        spreads = [float(s) for s in kept.values.std(axis=1, ddof=1)]
    spread = sqrt(spreads[0] ** 2 / wanted.share + spreads[1] ** 2 / (1.0 - wanted.share))
    difference = wanted.difference
    if difference is None:
        difference = _simulated(simulated, wanted.measure, persons, a, b)
    units = ceil(size_for(difference, spread, wanted.level / 2.0, wanted.power))
    return Arms(
        days, simulated, difference, spread, units, ceil(units * per_unit), per_unit,
        moments.paired_variance_ratio(wanted.measure, a, b),
    )  # fmt: skip


def _simulated(found: Estimate, measure: str, persons: int, a: str, b: str) -> float:
    """Return the simulated difference, unless it may be 0."""
    if found.value is None or found.error is None:
        raise OptionError(f"{measure} of {a} less {b} has no interval: give more --customers")
    if found.value == 0.0:
        raise OptionError(
            f"{measure} of {a} less {b} is 0: there is nothing to confirm: name another strategy, "
            "or give the smallest difference that matters with --difference"
        )
    assert found.low is not None
    assert found.high is not None
    if found.low <= 0.0 <= found.high:
        factor = (1.2 * 1.96 * found.error / abs(found.value)) ** 2
        more = ceil(persons * max(2.0, factor) / 1000) * 1000
        such = f"simulate {more:,} customers" if more <= 10**7 else "take another strategy"
        raise OptionError(
            f"{measure} of {a} less {b} may be 0: {found.value:+.3g} ({found.low:+.3g} to "
            f"{found.high:+.3g}): {such}, or give the smallest difference that matters with "
            "--difference"
        )
    return found.value


def _reach(wanted: Wanted, arms: Arms) -> set[int]:
    return set() if wanted.reach is None else {max(4, int(wanted.reach / arms.per_unit))}


def _point(arms: Arms, units: int, wanted: Wanted) -> dict[str, float]:
    """Return a row of the power curve."""
    error = arms.spread / sqrt(units)
    return {
        "units": units, "customers": ceil(units * arms.per_unit),
        "power": arms.power(units, wanted.level), "wrong_arm": wrong_sign(arms.difference, error),
        "half_width": 1.96 * error,
    }  # fmt: skip


def _view(
    wanted: Wanted, scenario: Scenario, strategy: LoadedStrategy, reference: LoadedStrategy,
    options: dict[str, Any],
) -> View:  # fmt: skip
    """Return what the brand would see, from the logs of some customers."""
    few = scenario.with_customers(min(VIEWED, scenario.population.customers))
    kept = _Values(wanted.measure, (strategy.name, reference.name))
    found = compare(
        few, [reference, strategy], customers=kept, quick=True, keep_events=True,
        against=reference.name, **{**options, "replications": 1},
    )  # fmt: skip
    values = kept.values
    worth = dict(enumerate((values[0] - values[1]).tolist()))
    logs = [np.concatenate(found.events[name]) for name in (strategy.name, reference.name)]
    people = few.population
    laid = lay_out(build_model(few, options["seed"]), people.customers, people.per_cell)
    cells = np.repeat(np.arange(laid.n_cells), np.diff(laid.first))
    return brand_view(logs, worth, cells, start=scenario.time.burn_in)
