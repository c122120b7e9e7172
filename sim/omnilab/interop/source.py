"""What an export is made of: scenario, strategies, their customers' lives, and what channels bring.

All of it is made when it is first asked for: a table of records needs one life, a trial two, the
truth about channels one more run for each channel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from omnilab.errors import DataError
from omnilab.experiment.credit_options import read_asked
from omnilab.experiment.crediting import Crediting, credit_channels
from omnilab.experiment.request import Say, silent
from omnilab.interop.lives import Life, Lives, live
from omnilab.interop.trial import Trial, trial_of

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Source", "channel_truth"]


@dataclass
class Source:
    """A scenario, and the strategies whose tables are wanted.

    Attributes
    ----------
    scenario
        With the customers to simulate.
    strategies
        The first one is the one that tables are of; all are arms of a bandit.
    control
        What a trial holds the first one against.
    seed, engine, threads, say
        Of the runs.
    tables
        Of a run directory: more tables for a workbook, by name.
    logs
        Of a run directory of one replication: the digests that the strategies' logs must have.
    both
        Whether a trial or a bandit is wanted, so that the control lives too.
    """

    scenario: Scenario
    strategies: tuple[LoadedStrategy, ...]
    control: LoadedStrategy
    seed: int = 1
    engine: str = "auto"
    threads: int = 1
    say: Say = silent
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    both: bool = True

    @cached_property
    def lives(self) -> Lives:
        """The customers' lives under control and strategies, or under the first one alone.

        Raises
        ------
        DataError
            If they are not those of the run directory.
        """
        arms = (self.control, *self.strategies) if self.both else self.strategies[:1]
        found = live(
            self.scenario, arms, seed=self.seed, engine=self.engine, threads=self.threads,
            progress=self.say,
        )  # fmt: skip
        for name, life in found.lives.items():
            if self.logs.get(name, life.digest) != life.digest:
                raise DataError(
                    f"the log of {name} is not that of the run: another version or a changed "
                    "strategy wrote it; omnilab verify says what differs"
                )
        return found

    @property
    def life(self) -> Life:
        """The life under the first strategy."""
        return self.lives.lives[self.strategies[0].name]

    @cached_property
    def trial(self) -> Trial:
        """The first strategy against the control."""
        return trial_of(self.lives, self.control.name, self.strategies[0].name)

    @cached_property
    def crediting(self) -> Crediting:
        """What the first strategy's channels truly bring, by twins without each of them."""
        asked = read_asked(self.strategies[0], self.scenario)
        return credit_channels(
            self.scenario, self.strategies[0], asked, seed=self.seed, engine=self.engine,
            threads=self.threads, progress=self.say,
        )  # fmt: skip


def channel_truth(crediting: Crediting) -> pd.DataFrame:
    """Return what each channel truly brings in the window, with bounds of 95%.

    Returns
    -------
    DataFrame
        ``channel``, ``sends``, ``cost``; ``orders`` and ``margin`` of all customers and ``ltv`` of
        one, each with ``_low`` and ``_high``: with the channel less without it.
    """
    rows: list[dict[str, Any]] = []
    for name, by in crediting.truth.items():
        row: dict[str, Any] = {
            "channel": name, "sends": crediting.sends.get(name, 0),
            "cost": crediting.costs.get(name, 0.0),
        }  # fmt: skip
        for measure, said in (("orders_per_customer", "orders"), ("margin", "margin"),
                              ("ltv", "ltv")):  # fmt: skip
            one = by[measure]
            row |= {said: one.value, f"{said}_low": one.low, f"{said}_high": one.high}
        rows.append(row)
    return pd.DataFrame(rows)
