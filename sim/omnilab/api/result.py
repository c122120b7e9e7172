"""What a comparison found, as tables with the units in the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab._arguments import choice, flag, known_arguments, shown, whole
from omnilab.api.observations import Observations, frame_of, with_unit
from omnilab.errors import OptionError, nearest
from omnilab.experiment.best import best_chances
from omnilab.experiment.differences import reference_of
from omnilab.experiment.match import equal_rows
from omnilab.experiment.payback import pay_back_rows
from omnilab.experiment.tables import breakdown_rows, difference_rows, result_rows

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.errors import StrategyError
    from omnilab.experiment.comparison import Comparison
    from omnilab.report.source import Source
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Result"]

BREAKDOWNS = ("channel", "journey", "persona")


class Result(Observations):
    """The result of `compare` or `run`.

    Parameters
    ----------
    comparison
        What was found.
    strategies
        The strategies that were asked for.
    against
        The strategy that differences are taken against; None for the usual one, which is also
        taken where this one failed.
    """

    def __init__(
        self, comparison: Comparison, strategies: Sequence[LoadedStrategy], against: str | None
    ) -> None:
        self._comparison = comparison
        self._strategies = {s.name: s for s in strategies}
        self._against = against if against in self.strategies else None

    def __repr__(self) -> str:
        """Return the scenario, the strategies and the size in one line."""
        c = self._comparison
        return (
            f"<omnilab result: {c.scenario.id}, {', '.join(self.strategies)}, "
            f"{c.customers:,} customers, seed {c.seed}>"
        )

    @property
    def scenario(self) -> Scenario:
        """The scenario, with the customers that were simulated."""
        return self._comparison.scenario

    @property
    def strategies(self) -> list[str]:
        """Names of the strategies that have results, in the order asked for."""
        return [run.name for run in self._comparison.strategies]

    @property
    def reference(self) -> str | None:
        """The strategy that differences are taken against; None where there is only one."""
        return reference_of(self._comparison, self._against)

    @property
    def failures(self) -> dict[str, StrategyError]:
        """Strategies that failed while they ran, with their errors."""
        return dict(self._comparison.failures)

    @property
    def equal_volume(self) -> pd.DataFrame:
        """The differences at equal volume, as ``result.json`` has them; empty if not asked for."""
        return frame_of(equal_rows(self._comparison))

    @property
    def split_tests(self) -> pd.DataFrame:
        """The split tests of the plans, a row an arm, as ``result.json`` has them."""
        return frame_of(self._comparison.tests)

    @known_arguments
    def best(self) -> pd.DataFrame:
        """Return each strategy's chance to be the best: a row a strategy, a column a measure."""
        found = best_chances(self._comparison.moments, self.strategies)
        known = {measure: chances for measure, chances in found.items() if chances is not None}
        rows = [{m: chances[s] for m, chances in known.items()} for s in self.strategies]
        return frame_of(rows, index=self.strategies, name="strategy")

    @known_arguments
    def pay_back(self) -> pd.DataFrame:
        """Return after how many weeks strategies have earned what they cost more: a row each.

        The columns are the keys of ``pay_back`` in ``result.json``; empty where no costs are
        declared.
        """
        return frame_of(pay_back_rows(self._comparison))

    @property
    def worlds(self) -> dict[str, Any] | None:
        """What small worlds over the assumptions say, as ``result.json`` has it; None without."""
        return self._comparison.worlds

    @property
    def until(self) -> dict[str, Any] | None:
        """How ``until`` ended, as ``result.json`` has it; None where it was not asked for."""
        return self._comparison.until

    @known_arguments
    def table(self, *, bounds: bool = False) -> pd.DataFrame:
        """Return the measures: a row a strategy, a column a measure with its unit.

        Parameters
        ----------
        bounds
            Also the 95% intervals, as columns that end in ``_low`` and ``_high``.
        """
        flag("bounds", bounds)
        rows: dict[str, dict[str, Any]] = {name: {} for name in self.strategies}
        for row in result_rows(self._comparison):
            name = with_unit(row["measure"], row["unit"])
            to = rows[row["strategy"]]
            to[name] = row["value"]
            if bounds:
                to[f"{name}_low"], to[f"{name}_high"] = row["low"], row["high"]
        # Floats: a measure without a value under any strategy is a column of NaN.
        return frame_of(rows.values(), index=list(rows), name="strategy").astype(float)

    @known_arguments
    def differences(self, *, against: str | None = None) -> pd.DataFrame:
        """Return each strategy less the reference on the same customers: a row a measure.

        The columns are those of the run directory's ``differences.parquet``, with the unit in the
        measure's name.

        Parameters
        ----------
        against
            Another reference than that of the result.
        """
        reference = self._against if against is None else self._known(against)
        rows = difference_rows(self._comparison, reference)
        return frame_of({**row, "measure": with_unit(row["measure"], row["unit"])} for row in rows)

    @known_arguments
    def breakdown(self, by: str) -> pd.DataFrame:
        """Return sums and measures by ``channel``, ``journey`` or ``persona``.

        A row is a strategy's channel, journey or persona; the columns have their units.
        """
        choice("by", by, BREAKDOWNS)
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for row in breakdown_rows(self._comparison, self._journeys):
            if row["by"] == by:
                key = (row["strategy"], row["name"])
                to = rows.setdefault(key, {"strategy": key[0], by: key[1]})
                to[with_unit(row["measure"], row["unit"])] = row["value"]
        return frame_of(rows.values()).set_index(["strategy", by])

    @known_arguments
    def twin(
        self, customer: int, *, replication: int = 0, everything: bool = False
    ) -> pd.DataFrame:
        """Return one customer's life, a row a moment and a column a strategy.

        Parameters
        ----------
        customer
            A number from 0.
        replication
            Of those that were run, from 0.
        everything
            Also identifiers, views, receipts, journeys entered and left, merges.
        """
        from omnilab.report.timeline import align, local_time, tell_all

        flag("everything", everything)
        c = self._comparison
        customer = whole("customer", customer, 0, c.customers - 1)
        replication = whole("replication", replication, 0, c.replications - 1)
        logs = [self._rows_of(name, customer, replication) for name in self.strategies]
        ran = [self._strategies[name] for name in self.strategies]
        told = tell_all(c.scenario, ran, logs, everything=everything)
        time = c.scenario.time
        moments = align(told, 0, time.burn_in + time.window + time.run_out)
        words = [
            dict(zip(self.strategies, ("; ".join(w) for w in m.words), strict=True))
            for m in moments
        ]
        when = [local_time(c.scenario, m.time_s) for m in moments]
        rows = [
            {"time_local": t, "day": (m.time_s - time.burn_in) / 86400, **w}
            for t, m, w in zip(when, moments, words, strict=True)
        ]
        return frame_of(rows, columns=["time_local", "day", *self.strategies])

    @known_arguments
    def events(self, strategy: str) -> pd.DataFrame:
        """Return the log under a strategy, burn-in included: a row an event.

        The strategy is simulated again, which gives the same log. ``time_s`` counts seconds from
        the burn-in's start. A column is empty where a row's kind has no such field;
        docs/reference/log-rows.md says what each kind has.
        """
        import pandas as pd

        from omnilab.log.rows import KIND_NAMES, ROW, WITH_UNITS, filled, table_fields

        c, parts = self._comparison, self._logs_of(self._known(strategy))
        log = np.concatenate(parts) if parts else np.zeros(0, ROW)
        frame = pd.DataFrame(index=range(len(log)))
        for name in table_fields():
            values, has = filled(log, name)
            column = WITH_UNITS.get(name, name)
            frame[column] = values if has.all() else pd.array(values, "Int64")
            if not has.all():
                frame.loc[~has, column] = pd.NA
        for field, names in (
            ("kind", KIND_NAMES),
            ("channel", dict(enumerate(x.name for x in c.scenario.channels))),
            ("silo", dict(enumerate(c.scenario.silos))),
        ):
            frame[field] = frame[field].map(names).astype("category")
        return frame

    @known_arguments
    def known(self, strategy: str) -> pd.DataFrame:
        """Return what the brand knew of whom in the window: a row a channel with visits.

        The strategy is simulated again, which gives the same log. ``told_share`` of the visits
        showed an identifier that the brand links to a profile; ``recognised_share`` one whose
        profile it had seen before; ``right_share`` one of which most that it had seen was of this
        person. ``orders_right_share`` says that of the orders' visits; ``shown_...`` count what
        was shown by type.
        """
        from omnilab.experiment.known import known_rows

        return frame_of(known_rows(self.scenario, self._logs_of(self._known(strategy))))

    def _logs_of(self, strategy: str) -> list[Any]:
        """Return the log's parts, simulated again."""
        from omnilab.experiment.compare import compare

        c = self._comparison
        again = compare(
            c.scenario, [self._strategies[strategy]], seed=c.seed, engine=c.engine,
            replications=c.replications, keep_events=True,
        )  # fmt: skip
        return list(again.events[strategy])

    def _report_source(self) -> Source:
        """Return what the report's figures are made of."""
        from omnilab.experiment.result import result_of
        from omnilab.report.source import Source
        from omnilab.runs.files import tables_of

        c = self._comparison
        ran = {name: self._strategies[name] for name in self.strategies}
        return Source(
            self.scenario, result_of(c, digest="", against=self._against),
            tables_of(c, ran, self._against),
        )  # fmt: skip

    def _rows_of(self, strategy: str, customer: int, replication: int) -> Any:
        from omnilab.experiment.singles import person_rows

        return person_rows(
            self.scenario, self._strategies[strategy], customer, seed=self._comparison.seed,
            replication=replication,
        )  # fmt: skip

    def _known(self, strategy: str) -> str:
        if strategy not in self.strategies:
            hint = nearest(str(strategy), self.strategies) or f"; {', '.join(self.strategies)}"
            raise OptionError(f"strategy: {shown(strategy)} is not in the result{hint}")
        return strategy
