"""Sets of worlds as tables: a column a dotted key, a row a world, and its weight.

``SCENARIO.worlds.parquet`` stands beside the scenario that it was made for, and says so in its
metadata: the scenario's id and digest, omnilab's version, what was matched, in which waves, and
the ranges. A table without that, such as draws of ``fit --experiment`` or a CSV file by hand, is a
set too; then nobody can tell whether it is of this scenario, beyond its keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab import __version__
from omnilab._files.tables import read_whole
from omnilab._files.writing import drafts, names_file
from omnilab.errors import DataError, OptionError, ScenarioError, named, nearest
from omnilab.experiment.paths import changed_at, number_at
from omnilab.experiment.sweep.vary import Given, Vary
from omnilab.scenario.lookup import value_at
from omnilab.scenario.write import scenario_digest

if TYPE_CHECKING:
    from omnilab._files.tables import Batch
    from omnilab.scenario.model import Scenario

__all__ = [
    "AUTO",
    "WEIGHT",
    "WORLDS_FORMAT",
    "WorldSet",
    "find_worlds",
    "is_worlds",
    "read_worlds",
    "worlds_beside",
    "write_worlds",
]

WEIGHT: Final = "weight"
WORLDS_FORMAT: Final = "omnilab-worlds-v1"
#: In place of a file's name: the one beside the scenario.
AUTO: Final = "auto"
_ENDING: Final = ".worlds.parquet"
_META: Final = b"worlds"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WorldSet:
    """Worlds that are plausible, each with its weight.

    Attributes
    ----------
    values
        Dotted key -> its value in each world, shape ``(n_worlds,)``: shares 0..1, durations in
        seconds, amounts in the scenario's currency.
    weights
        Shape ``(n_worlds,)``, of sum 1.
    about
        Of what is in the file's metadata: ``scenario``, ``version``, ``seed``, ``moments``,
        ``waves``, ``parameters``; empty for a table without.
    path
        Of the file.
    """

    values: Mapping[str, Floats]
    weights: Floats
    about: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @property
    def n(self) -> int:
        """How many worlds there are."""
        return len(self.weights)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The keys that say which world it is: without those that go with another one."""
        named = [one["key"] for one in self.about.get("parameters", [])]
        return tuple(k for k in self.values if not named or k in named)

    @property
    def places(self) -> Floats:
        """The parameters from end to end of the set, shape ``(n_worlds, n_parameters)``, 0 to 1."""
        table = np.column_stack([self.values[k] for k in self.parameters])
        low, spread = table.min(axis=0), np.ptp(table, axis=0)
        return np.asarray((table - low) / np.where(spread > 0, spread, 1.0))

    def fewer(self, n: int | None) -> WorldSet:
        """Return at most ``n`` worlds, drawn systematically by weight; each stands for as much.

        A world that is drawn several times is one with more weight.
        """
        if n is None or n >= self.n:
            kept = np.flatnonzero(self.weights > 0)
            weights = self.weights[kept]
        else:
            at = np.searchsorted(np.cumsum(self.weights), (np.arange(n) + 0.5) / n)
            kept, counts = np.unique(np.minimum(at, self.n - 1), return_counts=True)
            weights = counts / n
        values = {key: column[kept] for key, column in self.values.items()}
        return replace(self, values=values, weights=weights / weights.sum())

    def world(self, scenario: Scenario, number: int) -> Scenario:
        """Return the scenario of one world, by its number from 0.

        Raises
        ------
        OptionError
            If the scenario refuses it.
        """
        changes = {}
        for key, column in self.values.items():
            x = float(column[number])
            changes[key] = round(x) if isinstance(number_at(scenario, key), int) else x
        return changed_at(scenario, changes, currency=scenario.currency, seconds=True)

    def varies(self, scenario: Scenario) -> tuple[list[Vary], list[tuple[Given, ...]]]:
        """Return the worlds as what a sweep varies, and its points."""
        columns = []
        for key, column in self.values.items():
            whole = isinstance(number_at(scenario, key), int)
            columns.append([_given(x, whole=whole) for x in column.tolist()])
        varies = [
            Vary(key, tuple({g.text: g for g in column}.values()), seconds=True)
            for key, column in zip(self.values, columns, strict=True)
        ]
        return varies, list(zip(*columns, strict=True))


def worlds_beside(scenario: str | Path) -> Path:
    """Return the file of worlds that belongs to a scenario's file, or to a shipped one's id.

    That of a shipped scenario stands in the folder where one works.
    """
    name = Path(scenario)
    return name.with_name(f"{name.name.removesuffix('.yaml')}{_ENDING}")


def find_worlds(given: str | Path, scenario: str | Path) -> Path:
    """Return the file that an option means: ``auto`` is the one beside the scenario.

    Raises
    ------
    OptionError
        If there is none, with how one is made.
    """
    if str(given) != AUTO:
        return Path(given)
    path = worlds_beside(scenario)
    if not path.is_file():
        raise OptionError(
            f"--plausible auto: there is no {path}: omnilab fit LOG --worlds 100 or omnilab"
            " patterns SCENARIO --worlds 100 makes one"
        )
    return path


def is_worlds(path: Path) -> bool:
    """Tell whether a file is a set of worlds that omnilab wrote."""
    return bool(_about(path))


def read_worlds(path: Path, scenario: Scenario) -> WorldSet:
    """Read a set of worlds and check it against the scenario that it is for.

    Parameters
    ----------
    path
        Parquet, CSV or whatever a table may be.
    scenario
        As its file has it, with its own number of customers.

    Raises
    ------
    DataError
        If the set is of another scenario or version, a column is no key of the scenario, there is
        no weight, a number can't be used, or the scenario refuses a world.
    """
    if path.suffix == ".parquet" and path.read_bytes()[:4] != b"PAR1":
        raise DataError("this is no Parquet file, though its name ends so", file=path)
    table, batch = read_whole(path, "a set is")
    about = _about(path)
    if about:
        _check_about(about, batch.names, scenario, path)
    if WEIGHT not in batch.names:
        raise DataError(
            f"no column {WEIGHT!r} among {named(batch.names)}{nearest(WEIGHT, batch.names)}:"
            " a set of worlds has a column for each key of the scenario that differs, and the"
            " weight of each world",
            file=path,
        )
    table.check(batch.names)
    numbers = {name: _numbers(batch, place, path) for place, name in enumerate(batch.names)}
    weights = numbers.pop(WEIGHT)
    if (low := np.flatnonzero(weights < 0)).size:
        raise DataError(
            f"column {WEIGHT!r}: {weights[low[0]]:g} is below 0: weights are 0 or more",
            file=path, line=batch.line(int(low[0])),
        )  # fmt: skip
    if weights.sum() <= 0:
        raise DataError(f"column {WEIGHT!r}: weights are 0 or more, one above 0", file=path)
    if not numbers:
        raise DataError("no column is a key of the scenario: nothing varies", file=path)
    for name in numbers:
        try:
            value_at(scenario, name)
        except ValueError as error:
            raise DataError(f"column {name!r}: {error}", file=path) from None
        if number_at(scenario, name) is None:
            raise DataError(f"column {name!r}: there is no number in the scenario", file=path)
    found = WorldSet(numbers, weights / weights.sum(), about, path)
    _check_ends(found, scenario, path)
    return found


def write_worlds(worlds: WorldSet, path: Path) -> None:
    """Write a set with its metadata, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({**worlds.values, WEIGHT: worlds.weights})
    meta = {b"omnilab": WORLDS_FORMAT.encode(), _META: json.dumps(dict(worlds.about)).encode()}
    with names_file(path), drafts([path]) as (draft,):
        pq.write_table(table.replace_schema_metadata(meta), draft)


def _given(x: float, *, whole: bool) -> Given:
    value = round(x) if whole else float(f"{x:.10g}")
    return Given(value, str(value) if whole else f"{value:.10g}")


def _about(path: Path) -> dict[str, Any]:
    """Return the metadata of a set that omnilab wrote, {} where there is none."""
    import pyarrow.parquet as pq

    try:
        meta = pq.read_schema(path).metadata or {}
        if meta.get(b"omnilab") != WORLDS_FORMAT.encode():
            return {}
        found = json.loads(meta[_META])
    except (OSError, ValueError, KeyError):
        return {}
    return found if isinstance(found, dict) else {}


def _check_about(
    about: Mapping[str, Any], columns: Sequence[str], scenario: Scenario, path: Path
) -> None:
    try:
        of, version = about["scenario"], about["version"]
        keys = [key for one in about["parameters"] for key in one["keys"]]
        name, digest = of["id"], of["digest"]
    except (KeyError, TypeError):
        raise DataError("its metadata is damaged: make the set again", file=path) from None
    if name != scenario.id:
        raise DataError(
            f"these are worlds of {name}, not of {scenario.id}: make them with --worlds", file=path
        )
    if version != __version__:
        raise DataError(
            f"these worlds were made by omnilab {version}, this is {__version__}: make them again"
            " with --worlds",
            file=path,
        )
    if digest != scenario_digest(scenario):
        raise DataError(
            f"{scenario.id} has changed since these worlds were made (digest {digest[:8]} then,"
            f" {scenario_digest(scenario)[:8]} now): make them again with --worlds",
            file=path,
        )
    if lost := [key for key in keys if key not in columns]:
        raise DataError(f"the set's parameter {lost[0]!r} has no column", file=path)


def _numbers(batch: Batch, place: int, path: Path) -> Floats:
    """Return a column as numbers; a decimal comma is one, as nothing here has thousands.

    Raises
    ------
    DataError
        With the number of worlds without a number, and the first of them.
    """
    texts = ["" if t is None else str(t) for t in batch.texts(place).to_pylist()]
    found = np.array([_number(text) for text in texts])
    if (bad := np.flatnonzero(~np.isfinite(found))).size:
        first = int(bad[0])
        shown = f"{texts[first]!r} is no number" if texts[first].strip() else "there is no number"
        raise DataError(
            f"column {batch.names[place]!r}: {shown}; so it is in {bad.size:,} of"
            f" {len(texts):,} worlds: shares are 0 to 1, durations in seconds",
            file=path, line=batch.line(first),
        )  # fmt: skip
    return found


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return float("nan")


def _check_ends(worlds: WorldSet, scenario: Scenario, path: Path) -> None:
    """Refuse a column whose smallest or largest number the scenario can't have."""
    varies, _ = worlds.varies(scenario)
    for vary in varies:
        ends = sorted(vary.values, key=lambda g: float(g.value))
        for given in {id(g): g for g in (ends[0], ends[-1])}.values():
            try:
                changed_at(
                    scenario, {vary.path: given.value}, currency=scenario.currency, seconds=True
                )
            except (OptionError, ScenarioError) as error:
                raise DataError(f"column {vary.path!r}: {error}", file=path) from None
