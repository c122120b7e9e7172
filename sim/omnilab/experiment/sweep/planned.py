"""What a sweep is asked for, checked and made into points: ready to run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omnilab import __version__
from omnilab.errors import OptionError
from omnilab.experiment.differences import check_reference
from omnilab.experiment.sweep.design import DESIGNS, count_of, rows_of
from omnilab.experiment.sweep.points import SCENARIO, Maker, Point
from omnilab.experiment.sweep.sharing import Group, groups_of
from omnilab.experiment.sweep.vary import Given, Vary, refuse_twice
from omnilab.scenario.write import scenario_digest

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["MOST_RUNS", "SWEEP_FORMAT", "Planned", "Settings", "grouped", "plan_sweep"]

SWEEP_FORMAT: Final = "omnilab-sweep-v1"
#: Runs, points times seeds, of one sweep: more have to be taken in parts.
MOST_RUNS: Final = 100_000
_SEEDS: Final = 1 << 63


@dataclass(frozen=True)
class Settings:
    """What a sweep is asked for beside scenario, strategies and what varies.

    Attributes
    ----------
    seeds
        Each point is simulated with each of them.
    replications, engine, threads, chunk
        As `omnilab.experiment.compare.compare` takes them; results depend on the first alone.
    design, points, design_seed
        Of the points: see `omnilab.experiment.sweep.design`.
    against
        The strategy that differences are taken against, None for the usual one.
    apart
        Whether each point has customers of its own, so that chance is independent between points:
        a point's seed is then the given one plus its number plus 1.
    block
        With ``apart``: so many points that follow each other have the same customers; a point's
        seed goes by the number of its block.
    """

    seeds: tuple[int, ...] = (1,)
    replications: int = 1
    engine: str = "auto"
    threads: int = 1
    chunk: int | None = None
    design: str = "grid"
    points: int | None = None
    design_seed: int = 1
    against: str | None = None
    apart: bool = False
    block: int = 1

    def seed_of(self, seed: int, point: int) -> int:
        """Return the seed that a point is simulated with."""
        return (seed + 1 + point // self.block) % _SEEDS if self.apart else seed


@dataclass(frozen=True)
class Planned:
    """A sweep that is ready to run.

    Attributes
    ----------
    varies
        What varies.
    points
        All points, refused ones too.
    groups
        Which of them are one run.
    strategies
        Names, in the order in which the first point has them.
    digest
        Of all that the results depend on.
    """

    scenarios: Mapping[str, Scenario]
    varies: tuple[Vary, ...]
    settings: Settings
    maker: Maker
    points: tuple[Point, ...]
    groups: tuple[Group, ...]
    digest: str

    @property
    def runs(self) -> int:
        """Points times seeds."""
        return len(self.points) * len(self.settings.seeds)


def plan_sweep(
    scenarios: Mapping[str, Scenario], varies: Sequence[Vary], strategies: Sequence[Any] | None,
    settings: Settings, *, rows: Sequence[tuple[Given, ...]] | None = None,
    sample: Callable[[Sequence[Vary]], Sequence[tuple[Given, ...]]] | None = None,
    refuse_many: Callable[[Maker, Sequence[Vary], int], None] | None = None,
) -> Planned:  # fmt: skip
    """Check all that is asked for and make the points.

    Parameters
    ----------
    scenarios
        Label -> scenario, with its customers. Several vary as path ``scenario``.
    varies
        What varies beside them.
    strategies
        As `Maker` takes them.
    settings
        All else.
    rows
        The points' values where no design makes them.
    sample
        Makes them of what varies, once that is checked.
    refuse_many
        Given the number of runs before any point is made; may raise.

    Raises
    ------
    OptionError
        If a path is not there, is given twice, or one of its values is refused at each point.
    """
    maker = Maker(scenarios, strategies)
    if len(scenarios) > 1:
        labels = tuple(Given(label, label) for label in scenarios)
        varies = [Vary(SCENARIO, labels), *varies]
    refuse_twice(varies)
    if rows is None and sample is None and settings.design not in DESIGNS:
        raise OptionError(f"--design {settings.design}: there are {', '.join(DESIGNS)}")
    checked = tuple(maker.check(v) for v in varies)
    if settings.against is not None:
        check_reference(settings.against, [s.name for s in maker.strategies])
    if sample is not None:
        rows = sample(checked)
    count = len(rows) if rows is not None else count_of(checked, settings.design, settings.points)
    if refuse_many is not None:
        refuse_many(maker, checked, count * len(settings.seeds))
    if count * len(settings.seeds) > MOST_RUNS:
        raise OptionError(
            f"{count:,} points with {len(settings.seeds)} seeds: at most {MOST_RUNS:,} runs are"
            " taken at once; take fewer values, or --design lhs --points 200"
        )
    if rows is None:
        rows = rows_of(checked, settings.design, count, settings.design_seed)
    points = tuple(maker.make(number, checked, row) for number, row in enumerate(rows))
    _refuse_values(maker, checked, points)
    groups = grouped(points, settings)
    digest = _digest(scenarios, maker, points, settings)
    return Planned(dict(scenarios), checked, settings, maker, points, groups, digest)


def grouped(points: Sequence[Point], settings: Settings) -> tuple[Group, ...]:
    """Return which points are one run; those with seeds of their own are not."""
    if not settings.apart:
        return tuple(groups_of(points))
    firsts = range(0, len(points), settings.block)
    blocks = [points[first : first + settings.block] for first in firsts]
    return tuple(group for block in blocks for group in groups_of(block))


def _refuse_values(maker: Maker, varies: Sequence[Vary], points: Sequence[Point]) -> None:
    """Refuse values with which no point can be simulated; others cost their own points."""
    for vary in varies:
        for given in vary.ends():
            own = [p for p in points if p.values[vary.path].text == given.text]
            if not own and vary.is_range:  # a spread design does not reach the ends
                own = [maker.make(-1, [vary], [given])]
            if own and all(p.refused for p in own):
                alone = maker.make(-1, [vary], [given])
                reason = alone.refused or own[0].refused
                raise OptionError(f"--vary {vary.path}={given.text}: {reason}")
    if points and all(p.refused for p in points):
        raise OptionError(f"each point is refused; point 0: {points[0].refused}")


def _digest(
    scenarios: Mapping[str, Scenario], maker: Maker, points: Sequence[Point], settings: Settings
) -> str:
    """Return the SHA-256 of all that the results depend on."""
    first = next((p for p in points if not p.refused), None)
    sources = sorted({(s.name, s.source) for s in maker.loaded()})
    parts = [
        SWEEP_FORMAT, __version__,
        [(label, scenario_digest(s)) for label, s in scenarios.items()],
        [[(path, repr(given.value)) for path, given in p.values.items()] for p in points],
        sources, [s.name for s in first.strategies] if first else [],
        list(settings.seeds), settings.replications, settings.engine,
        *(["apart"] if settings.apart else []),
        *([settings.block] if settings.block > 1 else []),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
