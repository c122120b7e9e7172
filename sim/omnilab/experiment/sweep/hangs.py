"""What an answer hangs on: assumptions moved one at a time, and all of them together.

Each assumption goes to both ends of its range with all else as it is, and a Latin hypercube over
all ranges gives worlds in which they differ together. In what share of these worlds a strategy
wins says how far the answer holds; the rank correlation of an assumption with the difference over
the same worlds says which one moves it.

References
----------
Saltelli, A. et al. (2008). Global Sensitivity Analysis: The Primer. Wiley. (sections 1.2.5, 2.2)
Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits. Biometrika 26.
Bonett, D. G. and Wright, T. A. (2000). Sample size requirements for estimating Pearson, Kendall
and Spearman correlations. Psychometrika 65, 23-28. (the interval of a rank correlation)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.errors import OptionError
from omnilab.experiment.differences import reference_among
from omnilab.experiment.paths import number_at
from omnilab.experiment.statistics import LEVEL, Moments
from omnilab.experiment.sweep.course import Sweep
from omnilab.experiment.sweep.design import spread
from omnilab.experiment.sweep.planned import Planned, Settings, plan_sweep
from omnilab.experiment.sweep.points import Maker
from omnilab.experiment.sweep.tables import pooled
from omnilab.experiment.sweep.vary import Given, Vary, parse_vary
from omnilab.experiment.tables import Column, unit_of
from omnilab.measure.catalogue import MEASURES

if TYPE_CHECKING:
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario

__all__ = [
    "JOINT",
    "MOST_USUAL",
    "TORNADO",
    "Hangs",
    "Moved",
    "hangs_data",
    "moved_of",
    "plan_hangs",
    "tornado_rows",
]

#: Worlds in which all assumptions move together, where nobody says how many.
JOINT: Final = 64
#: Customers of each world, where nobody says and the scenario has more.
MOST_USUAL: Final = 2000
_NORMAL: Final = 1.959963984540054  # of the 95% interval
_FACTORS: Final = (2.0, 1.5, 1.2)

#: One row for each assumption and each other strategy than the reference.
TORNADO: Final = (
    Column("path", "The assumption's dotted key."),
    Column("range", "Where its range is from.", values=("declared", "asked for", "rule")),
    Column("low", "Lower end, as a scenario file has it."),
    Column("as_is", "The scenario's own value."),
    Column("high", "Upper end."),
    Column("strategy", "Name of the strategy."),
    Column("reference", "The strategy that is subtracted."),
    Column("measure", "Name of the measure."),
    Column("unit", "Unit of the differences."),
    Column("difference_as_is", "strategy - reference with all as it is.", "number", null=True),
    Column("difference_low", "The same with the assumption at its lower end.", "number", null=True),
    Column("low_low", "Lower bound of that.", "number", null=True),
    Column("low_high", "Upper bound of that.", "number", null=True),
    Column("difference_high", "The same at its upper end.", "number", null=True),
    Column("high_low", "Lower bound of that.", "number", null=True),
    Column("high_high", "Upper bound of that.", "number", null=True),
    Column("swing", "Size of the change from end to end.", "number", null=True),
    Column("rank_correlation", "Spearman's, of the assumption with the difference over the worlds "
           "in which all move, -1 to 1.", "number", null=True),
    Column("correlation_low", "Lower bound of its 95% interval.", "number", null=True),
    Column("correlation_high", "Upper bound.", "number", null=True),
)  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """An assumption on its way: its range, its own value and where its range is from."""

    vary: Vary
    as_is: Given
    origin: str


@dataclass(frozen=True)
class Hangs:
    """A planned look at what an answer hangs on.

    Attributes
    ----------
    planned
        The sweep: point 0 as it is, then two points an assumption, then the joint worlds.
    moved
        The assumptions, in the order of the points.
    joint
        How many joint worlds there are.
    left_out
        Assumptions that are no single number, or without room to move.
    """

    planned: Planned
    moved: tuple[Moved, ...]
    joint: int
    left_out: tuple[str, ...]

    @property
    def first_joint(self) -> int:
        """Number of the first joint world's point."""
        return 1 + 2 * len(self.moved)


def plan_hangs(
    label: str, scenario: Scenario, assumptions: Sequence[Assumption],
    strategies: Sequence[Any] | None, settings: Settings, *, ranges: Sequence[Vary] = (),
    joint: int = JOINT, everything: bool = False,
) -> Hangs:  # fmt: skip
    """Plan the sweep over a scenario's assumptions.

    Parameters
    ----------
    label, scenario
        The scenario, with its customers.
    assumptions
        Those that it uses.
    strategies, settings
        As of a sweep; the design is this function's own.
    ranges
        Of the user: they replace an assumption's own range, or add a key.
    joint
        Worlds in which all move together.
    everything
        Also assumptions without a range of their own that the scenario does not name under
        ``assumed``: from half to double.

    Raises
    ------
    OptionError
        If there is nothing to move.
    """
    maker = Maker({label: scenario}, strategies)
    if len(maker.strategies) < 2:
        raise OptionError("one strategy always wins: give a second --strategy")
    moved, left_out = moved_of(maker, scenario, assumptions, ranges=ranges, everything=everything)
    if not moved:
        raise OptionError(
            "no assumption of this scenario has a range: name some under `assumed`, give --vary, or"
            " take --all"
        )
    rows = _rows([m.vary for m in moved], [m.as_is for m in moved], joint, settings.design_seed)
    planned = plan_sweep({label: scenario}, [m.vary for m in moved], strategies, settings,
                         rows=rows)  # fmt: skip
    return Hangs(planned, tuple(moved), joint, tuple(left_out))


def moved_of(
    maker: Maker, scenario: Scenario, assumptions: Sequence[Assumption], *,
    ranges: Sequence[Vary] = (), everything: bool = False,
) -> tuple[list[Moved], list[str]]:  # fmt: skip
    """Return the assumptions that have a range, and the keys of those that can't move.

    Parameters
    ----------
    maker
        Of the scenario.
    scenario, assumptions, ranges, everything
        As `plan_hangs` takes them.

    Raises
    ------
    OptionError
        If one of ``ranges`` is none, or its key is not there.
    """
    moved: list[Moved] = []
    left_out: list[str] = []
    asked = {vary.path: maker.check(vary) for vary in ranges}
    for vary in asked.values():
        if not vary.is_range:
            raise OptionError(f"--vary {vary.path}: give a range, such as LOW..HIGH")
    for found in assumptions:
        if found.key in asked:
            continue
        if not (everything or found.swept or found.is_declared):
            continue
        one = _one(maker, scenario, found)
        if one is None:
            left_out.append(found.key)
        else:
            moved.append(one)
    moved += [Moved(v, _as_is(maker, v), "asked for") for v in asked.values()]
    return moved, left_out


def tornado_rows(hangs: Hangs, sweep: Sweep, measure: str) -> list[dict[str, Any]]:
    """Return the rows of `TORNADO`, the assumption with the largest swing first."""
    base = pooled(sweep, 0)
    if base is None:
        return []
    scenario = hangs.planned.maker.base
    names = list(base.strategies)
    reference = reference_among(names, scenario.brand.status_quo, hangs.planned.settings.against)
    if reference is None:
        return []
    rows = []
    for number, one in enumerate(hangs.moved):
        low, high = (pooled(sweep, 1 + 2 * number + end) for end in (0, 1))
        ends = one.vary.ends()
        for name in names:
            if name == reference:
                continue
            now, at_low, at_high = (_difference(m, measure, name, reference)
                                    for m in (base, low, high))  # fmt: skip
            known = at_low[0] is not None and at_high[0] is not None
            swing = abs(at_high[0] - at_low[0]) if known else None
            rho = _rank(hangs, sweep, one.vary.path, measure, name, reference)
            rows.append({
                "path": one.vary.path, "range": one.origin, "low": ends[0].text,
                "as_is": one.as_is.text, "high": ends[1].text, "strategy": name,
                "reference": reference, "measure": measure,
                "unit": unit_of(MEASURES[measure], scenario.currency),
                "difference_as_is": now[0], "difference_low": at_low[0], "low_low": at_low[1],
                "low_high": at_low[2], "difference_high": at_high[0], "high_low": at_high[1],
                "high_high": at_high[2], "swing": swing, "rank_correlation": rho[0],
                "correlation_low": rho[1], "correlation_high": rho[2],
            })  # fmt: skip
    return sorted(rows, key=lambda r: (-(r["swing"] or 0.0), r["path"], r["strategy"]))


def hangs_data(hangs: Hangs, sweep: Sweep, measure: str) -> dict[str, Any]:
    """Return in what share of the worlds each strategy wins, and all about the assumptions.

    A strategy wins a world where its measure is the best; clearly, where the paired interval of
    its lead over each other strategy leaves 0 out. Shares have Clopper and Pearson's intervals.
    """
    worlds = [
        m for k in range(hangs.joint)
        if (m := pooled(sweep, hangs.first_joint + k)) is not None
    ]  # fmt: skip
    names = [s.name for s in hangs.planned.maker.strategies]
    best = [_best(m, measure) for m in worlds]
    wins = {name: sum(b == name for b, _ in best) for name in names}
    clear = {name: sum(b == name and sure for b, sure in best) for name in names}
    base = pooled(sweep, 0)
    return {
        "measure": measure,
        "worlds": len(worlds),
        "level": LEVEL,
        "as_is": None if base is None else _best(base, measure)[0],
        "wins": [
            {
                "strategy": name, "wins": wins[name], "clear_wins": clear[name],
                **dict(zip(("share", "low", "high"), _share(wins[name], len(worlds)), strict=True)),
            }
            for name in names
        ],
        "left_out": list(hangs.left_out),
        "tornado": tornado_rows(hangs, sweep, measure),
    }  # fmt: skip


def _one(maker: Maker, scenario: Scenario, found: Assumption) -> Moved | None:
    """Return an assumption with its declared range, or with that of the rule."""
    if "," in found.value or number_at(scenario, found.key) is None:
        return None
    if found.swept is not None:
        vary = maker.check(parse_vary(f"{found.key}={found.swept[0]}..{found.swept[1]}"))
        return Moved(vary, Given(_plain(found.value), found.value), "declared")
    number = number_at(scenario, found.key)
    assert number is not None
    if number == 0 or (found.value.endswith("%") and not 0 < number < 1):
        return None
    ends = []
    for down in (True, False):
        end = next((e for f in _FACTORS if (e := _end(maker, found, number, f, down))), None)
        ends.append(end)
    if ends[0] is None or ends[1] is None:
        return None
    low, high = sorted(ends, key=lambda pair: pair[0] if pair else 0.0)
    assert low is not None
    assert high is not None
    try:
        vary = maker.check(parse_vary(f"{found.key}={low[1]}..{high[1]}"))
    except OptionError:
        return None
    return Moved(vary, Given(_plain(found.value), found.value), "rule")


def _end(
    maker: Maker, found: Assumption, number: float, factor: float, down: bool
) -> tuple[float, str] | None:
    """Return a number divided or multiplied by a factor (a share's odds), if it is allowed."""
    by = 1 / factor if down else factor
    if found.value.endswith("%"):
        odds = number / (1 - number) * by
        moved, text = odds / (1 + odds), f"{100 * odds / (1 + odds):.4g}%"
    elif isinstance(number, int) and not found.value.isdigit():
        moved, text = round(number * by), f"{round(number * by)}s"  # a duration
    elif isinstance(number, int):
        moved = round(number * by)
        text = str(moved)
    else:
        moved, text = number * by, f"{number * by:.6g}"
    vary = Vary(found.key, (Given(_plain(text), text),))
    refused = moved == number or maker.make(-1, [vary], [vary.values[0]]).refused
    return None if refused else (moved, text)


def _plain(text: str) -> Any:
    return parse_vary(f"x={text}").values[0].value


def _as_is(maker: Maker, vary: Vary) -> Given:
    number = maker.number_now(vary.path)
    return Vary(vary.path, (), number, number + 1.0, vary.quantity).ends()[0]


def _rows(
    varies: Sequence[Vary], as_is: Sequence[Given], joint: int, seed: int
) -> list[tuple[Given, ...]]:
    """Return the points: as it is, each assumption at both ends, and the joint worlds."""
    rows = [tuple(as_is)]
    for number, vary in enumerate(varies):
        rows += [(*as_is[:number], end, *as_is[number + 1 :]) for end in vary.ends()]
    if joint:
        table = spread("lhs", len(varies), joint, seed).tolist()
        rows += [tuple(v.at(u) for v, u in zip(varies, row, strict=True)) for row in table]
    return rows


def _difference(
    moments: Moments | None, measure: str, name: str, reference: str
) -> tuple[Any, Any, Any]:
    if moments is None or not {name, reference} <= set(moments.strategies):
        return None, None, None
    found = moments.difference(measure, name, reference)
    return found.value, found.low, found.high


def _best(moments: Moments, measure: str) -> tuple[str | None, bool]:
    """Return the best strategy, and whether its lead over each other is hardly chance."""
    sign = -1 if MEASURES[measure].better == "lower" else 1
    values: Mapping[str, float] = {
        name: sign * value
        for name in moments.strategies
        if (value := moments.estimate(measure, name).value) is not None
    }
    if not values:
        return None, False
    best = max(values, key=lambda name: values[name])
    leads = [moments.difference(measure, best, n) for n in values if n != best]
    sure = all(d.low is not None and d.high is not None and (d.low > 0 or d.high < 0)
               for d in leads)  # fmt: skip
    return best, sure


def _share(wins: int, worlds: int) -> tuple[float | None, float | None, float | None]:
    if worlds == 0:
        return None, None, None
    from scipy.stats import beta

    tail = (1 - LEVEL) / 2
    low = 0.0 if wins == 0 else float(beta.ppf(tail, wins, worlds - wins + 1))
    high = 1.0 if wins == worlds else float(beta.ppf(1 - tail, wins + 1, worlds - wins))
    return wins / worlds, low, high


def _rank(
    hangs: Hangs, sweep: Sweep, path: str, measure: str, name: str, reference: str
) -> tuple[float | None, float | None, float | None]:
    """Return Spearman's correlation of an assumption with a difference, with its interval."""
    pairs = []
    for k in range(hangs.joint):
        point = hangs.planned.points[hangs.first_joint + k]
        y, _, _ = _difference(pooled(sweep, point.number), measure, name, reference)
        x = point.numbers[path]
        if x is not None and y is not None:
            pairs.append((x, y))
    if len(pairs) < 5:
        return None, None, None
    table = np.array(pairs)
    if (table.std(axis=0) == 0).any():
        return None, None, None
    from scipy.stats import spearmanr

    rho = float(spearmanr(table[:, 0], table[:, 1]).statistic)
    if abs(rho) >= 1.0:
        return rho, rho, rho
    half = _NORMAL * sqrt((1 + rho**2 / 2) / (len(pairs) - 3))
    return rho, tanh(atanh(rho) - half), tanh(atanh(rho) + half)
