"""What a report is made of: a run's tables, and what else there is to say of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab._files.compression import said_by
from omnilab.errors import DataError
from omnilab.experiment.result import read_result
from omnilab.runs.directories import RESULT

if TYPE_CHECKING:
    from omnilab.report.lives import Lives
    from omnilab.scenario.model import Scenario

__all__ = ["About", "Row", "Source", "read_source", "read_tables"]

Row = Mapping[str, Any]

#: Measures by which strategies are put in order, the first that a run has.
ORDER: Final = ("ltv", "margin", "revenue", "orders_per_customer", "purchase_rate")


#: Strategies that have a panel, a line or a lane of their own; all stand in the tables.
MOST_STRATEGIES: Final = 6


@dataclass(frozen=True)
class About:
    """What tables can't say: how the run was made, and what its names mean.

    Attributes
    ----------
    command
        The line that makes the run again.
    day
        On which it began, as ``2026-11-30``; "" where nobody knows.
    version
        Of omnilab, which made the run.
    digest
        Of everything that was asked for; "" where there is none.
    meanings
        What each strategy does, by its name.
    assumptions
        Rows with the keys ``key``, ``value``, ``origin``, ``what``, ``is_declared``.
    notes
        Sentences about this run.
    """

    command: str = ""
    day: str = ""
    version: str = ""
    digest: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    assumptions: Sequence[Row] = ()
    notes: Sequence[str] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as a run's manifest keeps it; what stands there anyway is left out."""
        return {
            "command": self.command,
            "day": self.day,
            "meanings": dict(self.meanings),
            "assumptions": [dict(row) for row in self.assumptions],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Source:
    """A run as a report sees it.

    Attributes
    ----------
    scenario
        With the customers that were simulated.
    result
        As ``result.json`` has it.
    tables
        Rows by the table's name, as the Parquet files have them.
    about
        What tables can't say.
    lives
        Gives the timelines of some rows of ``notable`` under strategies that are named, for the
        twin explorer; None where they can't be had.
    """

    scenario: Scenario
    result: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]
    about: About = About()
    lives: Callable[[Sequence[Row], Sequence[str]], Lives] | None = None

    def rows(self, table: str) -> Sequence[Row]:
        """Return a table's rows; none where the run does not have it."""
        return self.tables.get(table, ())

    @property
    def currency(self) -> str:
        """Of all amounts, three letters."""
        return str(self.result["currency"])

    @property
    def reference(self) -> str | None:
        """The strategy that differences are taken against; None where there is one strategy."""
        found = self.result.get("reference")
        return None if found is None else str(found)

    @property
    def strategies(self) -> list[str]:
        """Names, the best by `ORDER` first; equal ones by name, those without a value last."""
        measure = next((m for m in ORDER if any(self.value(s, m) for s in self._names)), ORDER[0])
        value = {s: (self.value(s, measure) or {}).get("value") for s in self._names}
        return sorted(
            self._names, key=lambda s: (value[s] is None, -(value[s] or 0.0), s)
        )  # fmt: skip

    @property
    def _names(self) -> list[str]:
        return [s["name"] for s in self.result["strategies"]]

    @property
    def shown(self) -> list[str]:
        """The strategies that have a panel, a line or a lane: the best, with the reference."""
        found = self.strategies[:MOST_STRATEGIES]
        if self.reference is not None and self.reference not in found:
            found[-1] = self.reference
        return found

    def value(self, strategy: str, measure: str) -> Row | None:
        """Return the row of a measure under a strategy."""
        return self._values.get((strategy, measure))

    def difference(self, strategy: str, measure: str) -> Row | None:
        """Return the row of a strategy less the reference."""
        return self._differences.get((strategy, measure))

    @property
    def _values(self) -> dict[tuple[str, str], Row]:
        return _keyed(self.rows("results"), self.__dict__, "_by_value")

    @property
    def _differences(self) -> dict[tuple[str, str], Row]:
        return _keyed(self.rows("differences"), self.__dict__, "_by_difference")


def read_tables(folder: Path, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return those of a run's tables that are there, each as rows.

    Raises
    ------
    DataError
        If one can't be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = {}
    for name in names:
        path = folder / f"{name}.parquet"
        if not path.exists():
            continue
        try:
            tables[name] = pq.read_table(path).to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"can't be read: {said_by(error)}", file=path) from None
    return tables


def read_source(
    folder: Path,
    names: Iterable[str],
    scenario: Scenario,
    about: About,
    lives: Callable[[Sequence[Row], Sequence[str]], Lives] | None = None,
) -> Source:
    """Return what a report is made of, from a run directory's files."""
    return Source(
        scenario, read_result(folder / RESULT), read_tables(folder, names), about, lives
    )  # fmt: skip


def _keyed(
    rows: Sequence[Row], kept: dict[str, Any], name: str
) -> dict[tuple[str, str], Row]:  # fmt: skip
    """Return rows by strategy and measure, made once."""
    if name not in kept:
        kept[name] = {(row["strategy"], row["measure"]): row for row in rows}
    found: dict[tuple[str, str], Row] = kept[name]
    return found
