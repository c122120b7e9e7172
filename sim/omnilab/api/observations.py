"""What was observed in a comparison, as tables: groups, weeks, the funnel, paths, customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, flag, known_arguments, python_words, shown, texts, whole
from omnilab.errors import OptionError
from omnilab.experiment import groups, journeys, spread, weeks
from omnilab.measure.groups import DIMENSIONS

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.comparison import Comparison
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Observations", "frame_of", "with_unit"]

#: Units that the names of columns end in; money ends in its currency, plain numbers in nothing.
ENDINGS = {"share": "share", "ratio": "ratio", "number": "", "count": ""}
FUNNEL_BY = ("all", "journey", "channel", "segment", "held")


class Observations:
    """The part of a result that says why, and for whom."""

    _comparison: Comparison
    _strategies: dict[str, LoadedStrategy]
    _against: str | None

    @property
    def _journeys(self) -> dict[str, list[str]]:
        return {name: [j.name for j in s.plan.journeys] for name, s in self._strategies.items()}

    @known_arguments
    def groups(self, by: str) -> pd.DataFrame:
        """Return every measure in every group of customers, beside the causal difference.

        A row is a measure of a group under a strategy; the columns are those of the run
        directory's ``groups.parquet``, with the unit in the measure's name.

        Parameters
        ----------
        by
            ``all``, ``persona``, ``segment``, ``cohort``, ``first_channel``, ``entry_channel``,
            ``device``, ``channels_used``, ``channel_mix`` or ``recipients``.

        Raises
        ------
        OptionError
            If there is no such breakdown, or nobody is in any of its groups.
        """
        choice("by", by, tuple(d.name for d in DIMENSIONS))
        rows = groups.group_rows(self._comparison, self._journeys)
        found = [row for row in rows if row["by"] == by]
        if not found:
            raise OptionError(f"by: {by!r} has no members: nobody is in any of its groups")
        return _named(found)

    @known_arguments
    def weeks(self) -> pd.DataFrame:
        """Return measures by week and since the window's start, with the cumulative difference."""
        return _named(weeks.week_rows(self._comparison))

    @known_arguments
    def days(self) -> pd.DataFrame:
        """Return measures by day and since the window's start."""
        return _named(weeks.day_rows(self._comparison))

    @known_arguments
    def funnel(self, by: str = "all") -> pd.DataFrame:
        """Return at which stage the messages ended that fell due: each at one.

        Parameters
        ----------
        by
            ``all``, ``journey``, ``channel``, ``segment`` or ``held``.
        """
        choice("by", by, FUNNEL_BY)
        rows = journeys.funnel_table(self._comparison, self._journeys)
        return frame_of(row for row in rows if row["by"] == by)

    @known_arguments
    def causes(self) -> pd.DataFrame:
        """Return why customers left, gave up, lost needs and opted out."""
        return frame_of(journeys.cause_rows(self._comparison, self._journeys))

    @known_arguments
    def transitions(self) -> pd.DataFrame:
        """Return moves between channels within needs: counts, and shares of those from there."""
        return frame_of(journeys.transition_rows(self._comparison))

    @known_arguments
    def paths(self) -> pd.DataFrame:
        """Return the paths of needs that ended, the commonest first, with orders and revenue."""
        return _with_money(journeys.path_rows(self._comparison), "revenue")

    @known_arguments
    def spread(self) -> pd.DataFrame:
        """Return how contacts and gains are spread over customers: who gets nothing, who loses."""
        return _named(spread.spread_rows(self._comparison))

    @known_arguments
    def notable(self) -> pd.DataFrame:
        """Return the few customers whose LTV a strategy raises and lowers most."""
        return _with_money(spread.notable_rows(self._comparison), "difference")

    @known_arguments
    def customers(self) -> pd.DataFrame:
        """Return a row for each customer under each strategy: groups and sums.

        The customers are simulated again, which gives the same numbers; money is in the scenario's
        currency.
        """
        import numpy as np
        import pandas as pd

        from omnilab.experiment.compare import compare
        from omnilab.experiment.customers import customer_columns
        from omnilab.measure.groups import Grouping

        c, parts = self._comparison, []
        grouping, names = Grouping(c.scenario, 0), self._journeys

        class Collector:
            def add(self, replication: int, first: int, rows: dict[str, Any]) -> None:
                for strategy in sorted(rows):
                    columns = customer_columns(
                        rows[strategy], strategy=strategy, replication=replication, first=first,
                        grouping=grouping, journeys=names[strategy],
                    )  # fmt: skip
                    parts.append(pd.DataFrame({k: np.array(v) for k, v in columns.items()}))

        compare(
            c.scenario, [self._strategies[run.name] for run in c.strategies], seed=c.seed,
            engine=c.engine, replications=c.replications, against=c.held_against,
            customers=Collector(),
        )  # fmt: skip
        key = ["replication", "customer", "strategy"]
        return pd.concat(parts).sort_values(key).reset_index(drop=True)

    @known_arguments
    def find(
        self,
        *,
        won_by: str | None = None,
        lost_by: str | None = None,
        strategy: str | None = None,
        path: Sequence[str] | str | None = None,
        bought: bool | None = None,
        left: bool | None = None,
        persona: str | None = None,
        least: float = 1.0,
        limit: int = 10,
    ) -> pd.DataFrame:
        """Return customers of this comparison, for `twin`: the first that meet all that is asked.

        They are simulated again, chunk by chunk, until there are enough.

        Parameters
        ----------
        won_by, lost_by
            A strategy under which the customer's LTV is higher, or lower, than under the result's
            reference.
        strategy
            Whose life the other conditions are about; by default the strategy above, or the
            reference.
        path
            Channels that visits for one need went to in this order, others in between or not.
        bought
            Whether there is an order in the window.
        left
            Whether the customer left the brand in the window.
        persona
            Name of the persona.
        least
            The LTV's difference, at least, in the scenario's currency.
        limit
            How many, 1 to 1,000,000.
        """
        from omnilab.experiment.find import Wanted, find_customers

        c = self._comparison
        channels = tuple(path.split(",")) if isinstance(path, str) else texts("path", path or ())
        for name, asked in (("bought", bought), ("left", left)):
            if asked is not None:
                flag(name, asked)
        if isinstance(least, bool) or not isinstance(least, int | float):
            raise OptionError(f"least: {shown(least)} is not a number")
        wanted = Wanted(
            won_by=won_by, lost_by=lost_by, strategy=strategy, path=channels, bought=bought,
            left=left, persona=persona, least=least,
        )  # fmt: skip
        with python_words():
            found = find_customers(
                c.scenario, [self._strategies[run.name] for run in c.strategies], wanted,
                seed=c.seed, replications=c.replications, against=c.held_against,
                limit=whole("limit", limit, 1, 10**6),
            )  # fmt: skip
        columns = ["replication", "customer", "strategy", "reference", "unit", "difference", "why"]
        return _with_money([one.row(c.scenario.currency) for one in found], "difference", columns)


def with_unit(measure: str, unit: str) -> str:
    """Return a measure's name as a column has it, with its unit at the end."""
    ending = ENDINGS.get(unit, unit.lower())
    return f"{measure}_{ending}" if ending else measure


def frame_of(
    rows: Iterable[Mapping[str, Any]],
    *,
    index: list[str] | None = None,
    name: str | None = None,
    columns: list[str] | None = None,
) -> pd.DataFrame:
    """Return rows as a table."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), index=index, columns=columns)
    if name is not None:
        frame.index.name = name
    return frame


def _named(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return frame_of({**row, "measure": with_unit(row["measure"], row["unit"])} for row in rows)


def _with_money(
    rows: Sequence[Mapping[str, Any]], column: str, columns: list[str] | None = None
) -> pd.DataFrame:
    """Return rows without their unit, which is in the name of the one column it is of."""
    frame = frame_of(rows, columns=columns)
    units = list(frame["unit"]) if "unit" in frame else []
    called = with_unit(column, units[0]) if units else column
    return frame.drop(columns="unit", errors="ignore").rename(columns={column: called})
