"""Write a fit to a test: the scenario with fitted values marked, and the draws beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from omnilab._files.seal import seal
from omnilab._files.writing import drafts, names_file
from omnilab.fit.experiment.found import FittedTest
from omnilab.parameters.quantity import format_amount, format_duration
from omnilab.scenario.write import mapping_to_yaml

__all__ = ["DRAWS_FORMAT", "draws_beside", "fitted_data", "scenario_text", "write_test"]

#: Of the table of draws, in its metadata; its columns are dotted keys and ``weight``.
DRAWS_FORMAT: Final = "omnilab-draws-v1"
_KEPT: Final = 400  # draws in the file
_DIGITS: Final = 4
_WIDTH: Final = 94
_MARK: Final = "F"
_DAY_S: Final = 86_400

Path_ = tuple[str | int, ...]


def draws_beside(scenario: Path) -> Path:
    """Return the file of draws that belongs to a scenario's file."""
    return scenario.with_name(f"{scenario.name.removesuffix('.yaml')}-draws.parquet")


def write_test(fitted: FittedTest, scenario: Path) -> list[Path]:
    """Write the scenario and its draws, both or none; return where."""
    places = [scenario, draws_beside(scenario)]
    with drafts(places) as (yaml_file, table):
        with names_file(places[0]):
            yaml_file.write_text(scenario_text(fitted), encoding="utf-8")
        with names_file(places[1]):
            _write_draws(fitted, table)
    return places


def fitted_data(fitted: FittedTest) -> tuple[dict[str, Any], dict[Path_, str]]:
    """Return the fitted scenario's plain data, and what stands beside each fitted value.

    Returns
    -------
    data, marks
        Of which each mark has the path of its value.
    """
    given = fitted.last.setup.data
    base = {key: given[key] for key in ("id", "title", "currency")} | dict(given)
    marks: dict[Path_, str] = {}
    rates = "the control arm's rates"
    base["categories"] = [
        _category(fitted, dict(c), marks, ("categories", i), rates)
        for i, c in enumerate(base["categories"])
    ]
    channels = [_opened(c) for c in base["channels"]]
    by_name = {c.get("name", c.get("preset")): (i, c) for i, c in enumerate(channels)}
    place, landing = by_name[fitted.last.setup.landing]
    scenario = fitted.last.setup.scenario
    side = next(c.visit for c in scenario.channels if c.name == fitted.last.setup.landing)
    assert side is not None
    if "visit" in fitted.last.test.outcomes:
        _put(landing, ("visit", "idle"), round(side.idle * fitted.last.base.base.idle, _DIGITS + 1))
        marks["channels", place, "visit", "idle"] = rates
    world: dict[str, Any] = {**(base.get("world") or {})}
    for estimate in fitted.estimates:
        head, *rest = estimate.name.split(".")
        if head not in ("world", "channels"):
            continue
        low, high = estimate.interval
        how = "" if estimate.is_identified else ", mostly its prior"
        said = f"90% from {low:.3g} to {high:.3g}{how}"
        value = float(f"{estimate.value:.{_DIGITS}g}")
        if head == "world":
            _put(world, tuple(rest), value)
            marks[("world", *rest)] = said
        else:
            place, channel = by_name[rest[0]]
            _put(channel, tuple(rest[1:]), value)
            marks[("channels", place, *rest[1:])] = said
    base["channels"], base["world"] = channels, world
    taken = {e.name for e in fitted.estimates}
    if assumed := [key for key in base.get("assumed") or () if key not in taken]:
        base["assumed"] = assumed
    else:
        base.pop("assumed", None)
    return base, marks


def _category(
    fitted: FittedTest, category: dict[str, Any], marks: dict[Path_, str], path: Path_, said: str
) -> dict[str, Any]:
    """Return a category with fitted needs and spend."""
    name = category.get("name", category.get("preset"))
    scenario, factors = fitted.last.setup.scenario, fitted.last.base.base
    is_ = next(c for c in scenario.categories if c.name == name)
    if factors.needs != 1.0:
        category["every"] = format_duration(
            max(round(is_.every / factors.needs / _DAY_S), 1) * _DAY_S
        )
        marks[*path, "every"] = said
    if factors.spend != 1.0:
        mean = format_amount(round(is_.spend.mean * factors.spend, 2), scenario.currency)
        category["spend"] = {**category["spend"], "mean": mean}
        marks[*path, "spend", "mean"] = said
    return category


def _opened(channel: Any) -> dict[str, Any]:
    """Return a channel's item as a mapping: a preset's name alone is one without changes."""
    return {"preset": channel} if isinstance(channel, str) else _copied(channel)


def _copied(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: _copied(value) for key, value in tree.items()}
    return tree


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *above, last = path
    for step in above:
        tree[step] = dict(tree.get(step) or {})
        tree = tree[step]
    tree[last] = value


def scenario_text(fitted: FittedTest) -> str:
    """Return the scenario's file: ``# F`` stands beside each fitted value."""
    data, marks = fitted_data(fitted)
    text = mapping_to_yaml(data, header=_header(fitted))
    lines = text.split("\n")
    for path, said in marks.items():
        line = _line_of(text, path)
        mark = f"  # {_MARK}: {said}"
        lines[line] += mark if f"# {_MARK}" not in lines[line] else f"; {said}"
    return seal("\n".join(lines))


def _line_of(text: str, path: Path_) -> int:
    """Return the line, from 0, on which the value at a path stands."""
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for step in path:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
        else:
            node = next(v for k, v in node.value if k.value == step)
    return int(node.end_mark.line)


def _header(fitted: FittedTest) -> str:
    """Return the comment above the file: what it was fitted to, and what it met."""
    lines = []
    for part in fitted.parts:
        sizes = zip(part.test.arms, part.test.sizes(), strict=True)
        arms = ", ".join(f"{a} {n:,}" for a, n in sizes)
        lines.append(f"Fitted to the randomised test {part.test.source} ({arms}).")
    lines += [
        "Made by `omnilab fit --experiment`.",
        f"{_MARK} after a value marks it as fitted. Draws of all that the tests leave open are in",
        "the table beside this file, whose name ends in -draws.parquet.",
        "Lifts in the test, predicted, and held out:",
    ]
    for row in fitted.lifts:
        held = "" if row.held is None else f", {row.held:+.4f} (z {row.z:+.1f})"
        where = "" if row.moment.stratum == "all" else f", {row.moment.group_words}"
        lines.append(
            f"  {row.moment.outcome} by {row.moment.arm}{where}: {row.fitted:+.4f}, "
            f"{row.predicted:+.4f}{held}"
        )
    for note in (*fitted.warnings, *fitted.notes):
        lines += textwrap.wrap(f"{note[:1].upper()}{note[1:]}.", _WIDTH)
    return "\n".join(lines)


def _write_draws(fitted: FittedTest, path: Path) -> None:
    """Write draws as a table: a row a draw, a column a key, and its weight."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    drawn, weights = fitted.drawn(), fitted.searched.draws.weights
    # Systematic draws by weight: few rows stand for many.
    up_to = np.cumsum(weights)
    picked = np.searchsorted(up_to, (np.arange(_KEPT) + 0.5) / _KEPT)
    rows, counts = np.unique(np.minimum(picked, len(weights) - 1), return_counts=True)
    keys = [name for name in drawn if name.partition(".")[0] in ("world", "channels")]
    columns = {name: drawn[name][rows] for name in keys}
    table = pa.table({**columns, "weight": counts / _KEPT})
    meta = {"omnilab": DRAWS_FORMAT, "scenario": str(fitted.last.setup.data["id"])}
    pq.write_table(table.replace_schema_metadata(meta), path)
