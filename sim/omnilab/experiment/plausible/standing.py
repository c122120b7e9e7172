"""The small set of worlds that stands beside every comparison: what its assumptions leave open.

The assumptions that have a range, and the silo map where it is one of omnilab's own, move together
over a Latin hypercube. Each world has few customers, all of its own. What they say of the slopes is
joined with the comparison itself, which says how strategies differ as things are; then a smooth
function over the ranges says in what share of all such worlds a strategy is the best.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import OmnilabError, OmnilabWarning
from omnilab.experiment.differences import reference_among
from omnilab.experiment.paths import number_at
from omnilab.experiment.plausible.smooth import Anchor
from omnilab.experiment.plausible.verdict import contrasts_of, share_data, smoothed
from omnilab.experiment.sweep.course import run_sweep
from omnilab.experiment.sweep.design import spread
from omnilab.experiment.sweep.hangs import Moved, moved_of
from omnilab.experiment.sweep.planned import Settings, plan_sweep
from omnilab.experiment.sweep.points import Maker
from omnilab.experiment.sweep.tables import pooled
from omnilab.experiment.sweep.vary import Given, Vary, parse_vary
from omnilab.scenario.wiring import MAPS
from omnilab.strategy.maps import depends_on_map

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Moments
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["FEWEST_CUSTOMERS", "WIRING", "WORLDS", "Standing", "standing_data", "standing_of"]

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

#: Worlds, and the customers of each: at most these, and all together no more than are compared.
WORLDS: Final = 20
MOST_CUSTOMERS: Final = 500
#: A comparison of fewer customers has no such worlds: they would say nothing.
FEWEST_CUSTOMERS: Final = 2000
WIRING: Final = "brand.wiring.preset"
MEASURE: Final = "ltv"
_PLACES: Final = 512
_FEWEST_WORLDS: Final = 8
_SEEDS: Final = 1_000_000_000
_DESIGN_SEED: Final = 1


@dataclass(frozen=True)
class Standing:
    """A set that is to be run beside a comparison.

    Attributes
    ----------
    varies
        What moves, each a range, but for the silo map, a list from apart to one.
    strategies
        How each is loaded in another world: names, or objects.
    customers
        Of each world.
    """

    varies: tuple[Vary, ...]
    strategies: tuple[Any, ...]
    customers: int

    def described(self) -> list[dict[str, Any]]:
        """Return what moves as JSON can hold it, and `again` takes it."""
        return [
            {"path": v.path, "low": ends[0].text, "high": ends[-1].text}
            for v in self.varies if (ends := v.ends())
        ]  # fmt: skip

    @classmethod
    def again(
        cls, moved: Sequence[Mapping[str, str]], strategies: Sequence[Any], customers: int
    ) -> Standing:
        """Return the set of a kept result."""
        varies = tuple(
            _maps() if one["path"] == WIRING
            else parse_vary(f"{one['path']}={one['low']}..{one['high']}")
            for one in moved
        )  # fmt: skip
        return cls(varies, tuple(strategies), customers)


def standing_of(
    scenario: Scenario, assumptions: Sequence[Assumption], strategies: Sequence[Any],
    loaded: Sequence[LoadedStrategy], *, replications: int = 1,
) -> Standing | None:  # fmt: skip
    """Return the set that stands beside a comparison; None where none does.

    Parameters
    ----------
    scenario
        With the customers of the comparison.
    assumptions
        What it assumes.
    strategies, loaded
        How the strategies are named, and what they are.
    replications
        Of the comparison.
    """
    size = scenario.population.customers * replications
    if len(loaded) < 2 or size < FEWEST_CUSTOMERS:
        return None
    maker = Maker({scenario.id: scenario}, [scenario.brand.status_quo])
    moved, _ = moved_of(maker, scenario, assumptions)
    varies = [one.vary for one in moved if _is_wide(one)]
    if scenario.brand.wiring.name in MAPS and any(depends_on_map(s.plan) for s in loaded):
        varies.append(_maps())
    if not varies:
        return None
    customers = min(MOST_CUSTOMERS, size // WORLDS, scenario.population.customers)
    return Standing(tuple(varies), tuple(strategies), customers)


def standing_data(
    standing: Standing, scenario: Scenario, whole: Moments, *, seed: int, threads: int,
    against: str | None = None, progress: Progress | None = None,
) -> dict[str, Any] | None:  # fmt: skip
    """Run the set and return what it says; None where too few worlds came out.

    Parameters
    ----------
    standing
        Of `standing_of`.
    scenario
        As it is compared.
    whole
        The comparison's own sums.
    seed, threads, against, progress
        Those of the comparison.

    Returns
    -------
    dict
        ``measure``, ``worlds``, ``customers`` in each, ``moved``, and ``shares``: the rows of
        `omnilab.experiment.plausible.verdict.SHARES`.
    """
    names = sorted(whole.strategies)  # so that the order in which they are named changes nothing
    reference = reference_among(names, scenario.brand.status_quo, against)
    if reference is None or MEASURE not in whole.measures:
        return None
    n = len(standing.varies)
    places = _snapped(standing.varies, spread("lhs", n, WORLDS, _DESIGN_SEED))
    rows = [_row(standing.varies, place) for place in places.tolist()]
    settings = Settings(seeds=((seed + _SEEDS) % (1 << 63),), threads=threads, apart=True)

    def say(_what: str, share: float) -> None:
        if progress is not None:
            progress("what the assumptions leave open", share)

    try:
        planned = plan_sweep(
            {scenario.id: scenario.with_customers(standing.customers)}, standing.varies,
            list(standing.strategies), settings, rows=rows,
        )  # fmt: skip
        sweep = run_sweep(planned, progress=say)
    except OmnilabError as error:  # no reason to lose the comparison
        text = f"nothing is said of worlds within the assumptions: {error}"
        warnings.warn(text, OmnilabWarning, stacklevel=2)
        return None
    found = [pooled(sweep, point.number) for point in planned.points]
    contrasts = contrasts_of(found, MEASURE, names, reference)
    here = contrasts_of([whole, whole], MEASURE, names, reference)
    if contrasts is None or here is None or len(contrasts.worlds) < _FEWEST_WORLDS:
        return None
    anchor = Anchor(_here(standing.varies, scenario), here.values[0], here.chance[0])
    elsewhere = _snapped(standing.varies, spread("sobol", n, _PLACES, _DESIGN_SEED))
    draws = smoothed(contrasts, places, elsewhere=elsewhere, anchor=anchor).elsewhere
    return {
        "measure": MEASURE,
        "worlds": len(contrasts.worlds),
        "customers": standing.customers,
        "moved": standing.described(),
        "shares": [
            _rounded(r) for r in share_data(contrasts, draws, np.full(_PLACES, 1 / _PLACES))
        ],
    }


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a share in thousandths: other machines round the last digits otherwise."""
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}


def _maps() -> Vary:
    return Vary(WIRING, tuple(Given(name, name) for name in MAPS))


def _is_wide(one: Moved) -> bool:
    return one.vary.is_range and one.vary.low < one.vary.high


def _row(varies: Sequence[Vary], place: Sequence[float]) -> tuple[Given, ...]:
    """Return the values at a place; that of a list is the one that `_snapped` put it on."""
    return tuple(
        v.at(u) if v.is_range else v.values[round(u * (len(v.values) - 1))]
        for v, u in zip(varies, place, strict=True)
    )


def _snapped(varies: Sequence[Vary], places: Floats) -> Floats:
    """Return places of which those of a list are on its values, from end to end."""
    found = places.copy()
    for k, vary in enumerate(varies):
        if not vary.is_range:
            steps = len(vary.values)
            found[:, k] = np.minimum(np.floor(found[:, k] * steps), steps - 1) / (steps - 1)
    return found


def _here(varies: Sequence[Vary], scenario: Scenario) -> Floats:
    """Return where the scenario itself is in the ranges, 0 to 1."""
    found = []
    for vary in varies:
        if not vary.is_range:
            found.append(list(MAPS).index(scenario.brand.wiring.name) / (len(MAPS) - 1))
            continue
        now = number_at(scenario, vary.path)
        assert now is not None
        found.append((now - vary.low) / (vary.high - vary.low))
    return np.clip(np.array(found), 0.0, 1.0)
