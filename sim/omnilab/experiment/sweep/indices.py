"""Sensitivity indices of a sweep by SALib: how much of what varies is whose doing.

SALib is an extra, ``pip install omnilab[sensitivity]``, and is imported when indices are asked for.

References
----------
Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. Computer Physics
Communications 181, 259-270. (Sobol' indices)
Morris, M. D. (1991). Factorial sampling plans for preliminary computational experiments.
Technometrics 33, 161-174.
Iwanaga, T., Usher, W. and Herman, J. (2022). Toward SALib 2.0. Socio-Environmental Systems
Modelling 4, 18155.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np

from omnilab.errors import OptionError
from omnilab.experiment.differences import reference_among
from omnilab.experiment.statistics import LEVEL, Moments
from omnilab.experiment.sweep.course import Sweep
from omnilab.experiment.sweep.tables import pooled
from omnilab.experiment.sweep.vary import Given, Vary
from omnilab.experiment.tables import Column, unit_of
from omnilab.measure.catalogue import MEASURES

__all__ = ["INDICES", "METHODS", "index_rows", "index_sample"]

METHODS: Final = ("sobol", "morris")
_USUAL: Final = {"sobol": 512, "morris": 100}  # points, about, where nobody says how many
_LEVELS: Final = 4  # of a Morris design
#: One row for each strategy, measure and thing that varies, of the value and of the difference.
INDICES: Final = (
    Column("strategy", "Name of the strategy."),
    Column("reference", "The strategy that is subtracted; null for the measure itself.", null=True),
    Column("measure", "Name of the measure."),
    Column("unit", "Unit of the measure; that of `mu_star` and `sigma`."),
    Column("path", "What varies."),
    Column("method", "How the points were laid out.", values=METHODS),
    Column("first", "Sobol': share of the variance that it explains by itself.", "number",
           null=True),
    Column("first_half", "Half of that share's interval, by resampling.", "number", null=True),
    Column("total", "Sobol': the same with all it does together with others.", "number",
           null=True),
    Column("total_half", "Half of that share's interval.", "number", null=True),
    Column("mu_star", "Morris: mean size of an elementary effect, over the whole range.",
           "number", null=True),
    Column("mu_star_half", "Half of its interval, by resampling.", "number", null=True),
    Column("sigma", "Morris: spread of the elementary effects: 0 where the effect is the same "
           "everywhere.", "number", null=True),
    Column("noise", "Share of the variance between points that chance makes: the mean squared "
           "standard error over that variance. With one seed chance is partly the same at all "
           "points, so this is an upper bound.", "number", null=True),
)  # fmt: skip


def index_sample(
    varies: Sequence[Vary], method: str, points: int | None, seed: int
) -> list[tuple[Given, ...]]:
    """Return the values at the points of a design for indices.

    Parameters
    ----------
    varies
        What varies, two things or more.
    method
        Of `METHODS`: Saltelli's sample of Sobol' points, or Morris' trajectories.
    points
        About how many; a design takes a multiple of what varies, and never more than this.
    seed
        The same seed gives the same points.

    Raises
    ------
    OptionError
        If SALib is not there, there are too few points or fewer than two things vary.
    """
    n = len(varies)
    if n < 2:
        raise OptionError("indices need two things that vary: give a second --vary")
    most = _USUAL[method] if points is None else points
    each = n + 2 if method == "sobol" else n + 1
    times = most // each
    if times < 2:
        raise OptionError(f"--points {most}: indices of {n} things need at least {2 * each}")
    sample = _part("sample", method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if method == "sobol":
            base = 1 << (times.bit_length() - 1)  # balanced at powers of two
            table = sample.sample(_problem(varies), base, calc_second_order=False, seed=seed)
        else:
            table = sample.sample(_problem(varies), times, num_levels=_LEVELS, seed=seed)
    return [tuple(v.at(u) for v, u in zip(varies, row, strict=True)) for row in table.tolist()]


def index_rows(
    sweep: Sweep, method: str, measures: Sequence[str], seed: int
) -> list[dict[str, Any]]:
    """Return the rows of `INDICES`; those of a point that failed are null.

    Parameters
    ----------
    sweep
        Over the points of `index_sample`.
    method
        Of `METHODS`.
    measures
        Names.
    seed
        Of the design; also of the resampling.
    """
    planned = sweep.planned
    scenario = planned.maker.base
    names = [s.name for s in planned.maker.strategies]
    reference = reference_among(names, scenario.brand.status_quo, planned.settings.against)
    found = [pooled(sweep, p.number) for p in planned.points]
    rows: list[dict[str, Any]] = []
    for measure in measures:
        for name in names:
            for less in dict.fromkeys((None, reference)):
                if name == less:
                    continue
                values, errors = _values(found, measure, name, less)
                common = {
                    "strategy": name, "reference": less, "measure": measure,
                    "unit": unit_of(MEASURES[measure], scenario.currency), "method": method,
                }  # fmt: skip
                rows += _of(planned.varies, method, values, errors, common, seed)
    return rows


def _of(
    varies: Sequence[Vary], method: str, values: Any, errors: Any, common: dict[str, Any], seed: int
) -> list[dict[str, Any]]:
    none = dict.fromkeys(
        ("first", "first_half", "total", "total_half", "mu_star", "mu_star_half", "sigma"),
    )
    known = np.isfinite(values).all() and len(values) and np.ptp(values) > 0
    if not known:
        return [{**common, "path": v.path, **none, "noise": None} for v in varies]
    variance = float(np.var(values))
    noise = float(np.mean(errors**2)) / variance if np.isfinite(errors).all() else None
    analyze = _part("analyze", method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if method == "sobol":
            got = analyze.analyze(
                _problem(varies), values, calc_second_order=False, conf_level=LEVEL, seed=seed
            )
            keys = {"first": "S1", "first_half": "S1_conf", "total": "ST", "total_half": "ST_conf"}
        else:
            got = analyze.analyze(
                _problem(varies), _morris_points(varies, len(values), seed), values,
                num_levels=_LEVELS, conf_level=LEVEL, seed=seed,
            )  # fmt: skip
            keys = {"mu_star": "mu_star", "mu_star_half": "mu_star_conf", "sigma": "sigma"}
    rows = []
    for k, vary in enumerate(varies):
        numbers = {name: _number(got[key][k]) for name, key in keys.items()}
        rows.append({**common, "path": vary.path, **none, **numbers, "noise": noise})
    return rows


def _morris_points(varies: Sequence[Vary], points: int, seed: int) -> Any:
    """Return the design's points in the unit cube, which its analysis needs again."""
    times = points // (len(varies) + 1)
    return _part("sample", "morris").sample(
        _problem(varies), times, num_levels=_LEVELS, seed=seed
    )  # fmt: skip


def _values(
    found: Sequence[Moments | None], measure: str, name: str, reference: str | None
) -> tuple[Any, Any]:
    """Return a measure or difference at each point, and its standard error; NaN where none is."""
    values, errors = [], []
    for moments in found:
        value = error = None
        if moments is not None and name in moments.strategies:
            if reference is None:
                e = moments.estimate(measure, name)
                value, error = e.value, e.error
            elif reference in moments.strategies:
                e = moments.difference(measure, name, reference)
                value, error = e.value, e.error
        values.append(np.nan if value is None else value)
        errors.append(np.nan if error is None else error)
    return np.array(values), np.array(errors)


def _problem(varies: Sequence[Vary]) -> dict[str, Any]:
    n = len(varies)
    return {"num_vars": n, "names": [v.path for v in varies], "bounds": [[0.0, 1.0]] * n}


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _part(what: str, method: str) -> Any:
    """Import a part of SALib."""
    try:
        return import_module(f"SALib.{what}.{method}")
    except ImportError:
        raise OptionError(
            "indices need SALib: pip install 'omnilab[sensitivity]', or leave --indices out"
        ) from None
