"""Sweep a scenario's or a plan's keys, from Python."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import (
    callers_level,
    choice,
    flag,
    known_arguments,
    path,
    python_words,
    shown,
    texts,
    whole,
)
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, check_strategies, threads_of
from omnilab.api.over_worlds import chosen_worlds, one_world_only
from omnilab.api.scenarios import scenario_of, sized_scenario
from omnilab.errors import OmnilabWarning, OptionError
from omnilab.experiment.differences import COMPARED
from omnilab.experiment.plausible.swept import kept_over_worlds, over_worlds_data, plan_swept
from omnilab.experiment.sweep import Settings, plan_sweep, run_sweep, vary_of
from omnilab.experiment.sweep.design import DESIGNS
from omnilab.experiment.sweep.expected import say_many
from omnilab.experiment.sweep.indices import INDICES, METHODS, index_rows, index_sample
from omnilab.experiment.sweep.tables import (
    check_measures,
    point_rows,
    shared_words,
    sweep_data,
    sweep_rows,
)

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.sweep import Planned, Sweep, Vary
    from omnilab.report.source import Source
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["SweepResult", "sweep"]


@known_arguments
def sweep(
    scenario: str | PathLike[str] | Scenario,
    vary: Mapping[str, Any],
    strategies: Sequence[str | Strategy] | None = None,
    *,
    plausible: str | PathLike[str] | None = None,
    worlds: int | None = None,
    seeds: int | Sequence[int] = 1,
    customers: int | None = None,
    replications: int = 1,
    design: str = "grid",
    points: int | None = None,
    design_seed: int = 1,
    indices: str | None = None,
    against: str | None = None,
    engine: str = "auto",
    threads: int | None = None,
    out: str | PathLike[str] | None = None,
    replace: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> SweepResult:
    """Compare strategies at many points of a scenario, as ``omnilab sweep`` does.

    Of more than 1,000 runs a warning says before they begin how long they take.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    vary
        Path -> a list of values, or a range as text, such as ``"0%..15%"``, ``"0.5..2:log"``. A
        path is a dotted key of the scenario, or ``strategies.NAME.`` and a key of that strategy's
        plan, such as ``strategies.omnichannel.cap.messages``.
    strategies
        As `compare` takes them.
    plausible
        A set of worlds, as `compare_plausible` takes it: each point is compared in all of them,
        and the result has ``shares`` and ``differences``. Customers are 2,000 at most by default
        then, and there is one seed.
    worlds
        With ``plausible``: how many of its worlds are run, 2 to 10,000; 100 by default.
    seeds
        A number of seeds, from 1 on, or a list of them.
    customers, replications, against, engine, threads
        As `compare` takes them; points run side by side, one a thread.
    design
        ``grid``, all combinations; ``lhs``, a Latin hypercube; ``sobol``, Sobol' points.
    points
        Of ``lhs`` and ``sobol``; 32 by default.
    design_seed
        The same seed gives the same points.
    indices
        ``sobol`` or ``morris``: sensitivity indices, over about ``points`` points whose design is
        their own. Needs SALib: ``pip install 'omnilab[sensitivity]'``.
    out
        A directory in which each finished point is kept: a sweep that was stopped is taken up
        again. None keeps nothing.
    replace
        Whether ``out`` may be another run.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line. A point that fails is left out of the result, and named in its
        ``failures``, as long as another one is left.
    """
    label, sized, some = "", scenario_of(scenario), None
    if one_world_only(plausible, worlds):
        label = sized.id
        sized = sized_scenario(sized, customers)
    else:
        label, sized, some = chosen_worlds(scenario, sized, plausible, worlds, customers)
        if indices is not None:
            raise OptionError("indices: they are of one world, whose points they choose")
    varied: Any = vary
    if not isinstance(varied, Mapping) or not varied:
        raise OptionError(
            f"vary: {shown(vary)} is no mapping such as {{'brand.cap.messages': [2]}}"
        )
    named = None if strategies is None else check_strategies(strategies)
    settings = Settings(
        seeds=_seeds(seeds), replications=whole("replications", replications, 1, 100_000),
        engine=choice("engine", engine, ENGINES), threads=threads_of(threads),
        design=indices or choice("design", design, DESIGNS),
        points=None if points is None else whole("points", points, 1, 10**6),
        design_seed=whole("design_seed", design_seed, 0, 2**63 - 1), against=against,
    )  # fmt: skip
    if indices is not None:
        choice("indices", indices, METHODS)
    told = callback("progress", progress)
    flag("replace", replace)
    target = None if out is None else path("out", out)
    with python_words():
        varies = [vary_of(key, values) for key, values in varied.items()]
        planned = _planned(label, sized, some, varies, named, settings, indices)

    if target is None:
        return SweepResult(run_sweep(planned, None, told), indices, some)
    found = _kept(planned, some, indices, target, replace=replace, told=told)
    return SweepResult(found, indices, some)


def _planned(
    label: str, sized: Scenario, some: WorldSet | None, varies: Sequence[Vary],
    named: Sequence[Any] | None, settings: Settings, indices: str | None,
) -> Planned:  # fmt: skip
    """Plan the sweep, in one world or in those of a set."""
    many = say_many(settings, _warn)
    if some is not None:
        return plan_swept(label, sized, some, varies, named, settings, refuse_many=many)
    sample = partial(index_sample, method=indices or "", points=settings.points,
                     seed=settings.design_seed)  # fmt: skip
    return plan_sweep(
        {label: sized}, varies, named, settings, sample=sample if indices else None,
        refuse_many=many,
    )  # fmt: skip


def _kept(
    planned: Planned, some: WorldSet | None, indices: str | None, target: Path, *, replace: bool,
    told: Callable[[str, float], None] | None,
) -> Sweep:  # fmt: skip
    """Run the sweep and keep its directory."""
    from omnilab.runs.directories import check_target
    from omnilab.runs.sweeps import keep_sweep

    with python_words():
        check_target(target, digest=planned.digest, replace=replace)

    def extra(found: Sweep) -> tuple[dict[str, Any], dict[str, Any]]:
        if some is not None:
            return kept_over_worlds(planned, found, some, COMPARED)
        rows = index_rows(found, str(indices), COMPARED, planned.settings.design_seed)
        return {"indices": rows}, {"indices": (rows, INDICES)}

    found, _ = keep_sweep(
        planned, target, command="sweep", measures=COMPARED, progress=told,
        extra=extra if indices or some is not None else None,
    )  # fmt: skip
    return found


def _warn(line: str) -> None:
    warnings.warn(line, OmnilabWarning, stacklevel=callers_level())


class SweepResult:
    """The result of `sweep`.

    Parameters
    ----------
    found
        What was found.
    indices
        How its points were laid out, where indices can be had.
    worlds
        Those of a plausible set, where each point is one of the values in one of them.
    """

    def __init__(
        self, found: Sweep, indices: str | None = None, worlds: WorldSet | None = None
    ) -> None:
        self._sweep, self._indices, self._worlds = found, indices, worlds

    def __repr__(self) -> str:
        """Return the scenario, what varies and the size in one line."""
        planned = self._sweep.planned
        return (
            f"<omnilab sweep: {', '.join(s.id for s in planned.scenarios.values())}, "
            f"{', '.join(self.paths)}, {len(planned.points)} points, "
            f"{len(planned.settings.seeds)} seeds>"
        )

    @property
    def paths(self) -> list[str]:
        """What varies, in the order of the columns."""
        return [v.path for v in self._sweep.planned.varies]

    @property
    def strategies(self) -> list[str]:
        """Names of the strategies."""
        return [s.name for s in self._sweep.planned.maker.strategies]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """What has no result: point, seed, strategy and reason; None stands for all."""
        return [
            {"point": f.point, "seed": f.seed, "strategy": f.strategy or None, "reason": f.reason}
            for f in self._sweep.failures
        ]

    @property
    def shared(self) -> dict[str, int]:
        """How many runs, populations, burn-ins and calibrations the points needed."""
        return dict(self._sweep.shared)

    @property
    def notes(self) -> list[str]:
        """What the points shared, in words."""
        return shared_words(self._sweep.shared)

    def data(self) -> dict[str, Any]:
        """Return the sweep as plain data, as ``sweep.json`` has it."""
        if self._worlds is None:
            return sweep_data(self._sweep)
        return sweep_data(self._sweep, over_worlds=self._over(check_measures(())))

    @known_arguments
    def table(self, measures: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a row for each point, seed, strategy and measure.

        After ``point`` stands a column for each path that varies: numbers where they are numbers
        (shares 0 to 1, durations in seconds), else texts. A missing ``seed`` stands for all seeds
        together. The other columns are those of ``sweep.parquet``.

        Parameters
        ----------
        measures
            Names; those of the report's differences by default.
        """
        import pandas as pd

        with python_words():
            wanted = check_measures(texts("measures", measures or ()))
        rows = pd.DataFrame(sweep_rows(self._sweep, wanted))
        values = self._values()
        for column in reversed(self.paths):
            rows.insert(1, column, rows["point"].map(values[column]))
        rows["seed"] = rows["seed"].astype("Int64")
        return rows

    @known_arguments
    def pivot(self, measure: str = "ltv", *, what: str = "value") -> pd.DataFrame:
        """Return one measure over all seeds: a row a point, a column a strategy.

        Parameters
        ----------
        measure
            Its name.
        what
            ``value``, ``difference``, or one of their bounds: ``low``, ``high``,
            ``difference_low``, ``difference_high``.
        """
        kinds = ("value", "low", "high", "difference", "difference_low", "difference_high")
        choice("what", what, kinds)
        rows = self.table([measure])
        several = len(self._sweep.planned.settings.seeds) > 1
        whole_rows = rows[rows["seed"].isna()] if several else rows
        made = whole_rows.pivot_table(
            index=self.paths, columns="strategy", values=what, sort=False, dropna=False,
            observed=True,
        )  # fmt: skip
        return made[[n for n in self.strategies if n in made.columns]]

    @known_arguments
    def indices(self, measure: str = "ltv") -> pd.DataFrame:
        """Return the sensitivity indices of a measure, and of its differences, by path.

        The columns are those of ``indices.parquet``.

        Raises
        ------
        OptionError
            If the sweep was not made for indices.
        """
        import pandas as pd

        if self._indices is None:
            raise OptionError("this sweep has no indices: give sweep(..., indices='sobol')")
        with python_words():
            wanted = check_measures([measure])
        seed = self._sweep.planned.settings.design_seed
        return pd.DataFrame(index_rows(self._sweep, self._indices, wanted, seed))

    @known_arguments
    def shares(self, measure: str = "ltv") -> pd.DataFrame:
        """Return in what share of plausible worlds each strategy is the best, at each value.

        The columns are those of ``point_shares.parquet``.

        Raises
        ------
        OptionError
            If the sweep was not made over a set of worlds.
        """
        return self._over_worlds(measure, "point_shares")

    @known_arguments
    def differences(self, measure: str = "ltv") -> pd.DataFrame:
        """Return each strategy less the reference at each value: by chance, by worlds, by both.

        The columns are those of ``point_differences.parquet``.

        Raises
        ------
        OptionError
            If the sweep was not made over a set of worlds.
        """
        return self._over_worlds(measure, "point_differences")

    def _over_worlds(self, measure: str, table: str) -> pd.DataFrame:
        import pandas as pd

        with python_words():
            wanted = check_measures([measure])
        return pd.DataFrame(self._over(wanted)[table])

    def _over(self, measures: Sequence[str]) -> dict[str, Any]:
        if self._worlds is None:
            raise OptionError("this sweep is of one world: give sweep(..., plausible='auto')")
        return over_worlds_data(self._sweep.planned, self._sweep, self._worlds, measures)

    def _report_source(self) -> Source:
        """Return what the report's figures are made of."""
        from omnilab.report.experiments import source_of

        wanted = check_measures(())
        scenario = next(iter(self._sweep.planned.scenarios.values()))
        tables = {"sweep": sweep_rows(self._sweep, wanted), "points": point_rows(self._sweep)}
        return source_of(scenario, sweep_data(self._sweep, wanted), tables)

    def _values(self) -> dict[str, dict[int, Any]]:
        """Return each path's values by point."""
        rows = point_rows(self._sweep)
        found: dict[str, dict[int, Any]] = {}
        for name in self.paths:
            own = [row for row in rows if row["path"] == name]
            numeric = all(row["number"] is not None for row in own)
            found[name] = {r["point"]: r["number"] if numeric else r["text"] for r in own}
        return found


def _seeds(given: Any) -> tuple[int, ...]:
    """Return seeds: so many from 1 on, or those of a list."""
    if isinstance(given, int) and not isinstance(given, bool):
        return tuple(range(1, whole("seeds", given, 1, 10_000) + 1))
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise OptionError(f"seeds: {shown(given)} is neither a number of seeds nor a list of them")
    seeds = tuple(whole("seeds", seed, 0, 2**63 - 1) for seed in given)
    if not seeds:
        raise OptionError("seeds: the list is empty")
    for seed, times in Counter(seeds).items():
        if times > 1:
            raise OptionError(f"seeds: {seed} is given twice")
    return seeds
