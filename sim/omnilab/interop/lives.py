"""What tables for other tools are made of: the same customers, living under each strategy.

Strategies run side by side, a chunk of cells at a time. Of the log only the kinds of rows that a
table needs are kept, as columns; so memory grows with visits, orders and messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from omnilab.attribution.log_facts import Facts, facts_of
from omnilab.attribution.measuring import Measuring
from omnilab.attribution.shop import shop_of
from omnilab.attribution.sightings import brand_paths
from omnilab.draws.philox import make_key
from omnilab.engine.calibrate import calibrated_model
from omnilab.experiment.job import Job, step_of
from omnilab.experiment.request import Request, Say, silent
from omnilab.log import rows
from omnilab.log.digest import add_digests, hex_digest
from omnilab.lowering.model import with_key
from omnilab.measure.observed import COLUMNS, VALUES
from omnilab.world.advertising import MILLICENTS

if TYPE_CHECKING:
    from omnilab.attribution.paths import Path
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["CENTS", "LOOKBACK", "Life", "Lives", "live"]

CENTS: Final = 100
#: Seconds before an order in which a touch counts; as `omnilab credit` has it.
LOOKBACK: Final = 30 * 86400
#: Cells of a few households of which the log is held at once, for each thread.
_CELLS: Final = 128
_KEY: Final = ("time", "person", "channel")
#: Table -> (kinds of rows, their fields beside time, person and channel).
_KEPT: Final[dict[str, tuple[tuple[int, ...], tuple[str, ...]]]] = {
    "people": ((rows.PERSON,), ("persona", "prior", "household")),
    "visits": ((rows.VISIT,), ("cost",)),
    "orders": ((rows.ORDER,), ("paid", "margin")),
    "returns": ((rows.RETURN,), ("refund", "margin")),
    "sends": ((rows.SENT,), ("message", "cost")),
    "delivered": ((rows.DELIVERED,), ("message",)),
    "bounces": ((rows.BOUNCE,), ("message",)),
    "opens": ((rows.OPEN,), ("message", "receipt")),
    "clicks": ((rows.CLICK,), ("message", "receipt")),
    "machine_opens": ((rows.MACHINE_OPEN,), ("message", "receipt")),
    "machine_clicks": ((rows.SCANNER_CLICK,), ("message", "receipt")),
}
_SEEN: Final = ("time", "person", "channel", "sender", "amount")


@dataclass
class Life:
    """All customers under one strategy.

    Attributes
    ----------
    name
        Of the strategy.
    tables
        By name (`_KEPT`): a row of the log each, with time (seconds from the scenario's start),
        person (from 0), channel (its number) and the kind's own fields.
    seen_before
        What the brand saw of persons before the switch, whatever the strategy: ``visits``,
        ``orders`` (amount in cents), ``opens``, ``clicks``, ``sends``. Of nobody that is known
        there is nothing.
    paths
        Of the window, as the brand sees them.
    shown
        Identifiers: time, person, channel, code, type, and ``block``, equal for those that were
        seen together.
    ltv
        Of each customer in units of currency, shape ``(n,)``.
    digest
        Of the log.
    """

    name: str
    tables: dict[str, pd.DataFrame]
    seen_before: dict[str, pd.DataFrame]
    paths: list[Path]
    shown: pd.DataFrame
    ltv: Any
    digest: str

    def within(self, table: str, start: int, end: int) -> pd.DataFrame:
        """Return the rows of a table from one second on and before another."""
        found = self.tables[table]
        return found[(found["time"] >= start) & (found["time"] < end)]


@dataclass(frozen=True)
class Lives:
    """The same customers under several strategies.

    Attributes
    ----------
    scenario, seed
        The world; its customers are those that were simulated.
    lives
        By strategy, in the order in which they were given.
    town
        Number of each customer's town, or cell where there are no towns; shape ``(n,)``.
    """

    scenario: Scenario
    seed: int
    lives: dict[str, Life]
    town: Any

    @property
    def customers(self) -> int:
        """How many there are."""
        return self.scenario.population.customers

    @property
    def switch(self) -> int:
        """When the strategies took over from the status quo, seconds."""
        return self.scenario.time.burn_in

    @property
    def end(self) -> int:
        """When the measured window ended, seconds."""
        return self.switch + self.scenario.time.window

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels by number."""
        return tuple(c.name for c in self.scenario.channels)


@dataclass
class _Book:
    """What is kept of one strategy's log, chunk by chunk."""

    tables: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in _KEPT}
    )
    seen: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    blocks: int = 0
    ltv: list[Any] = field(default_factory=list)
    digest: int = 0

    def take(self, log: Any) -> None:
        """Keep the columns of the rows of some whole cells, in the order in which they lie."""
        for name, (kinds, fields) in _KEPT.items():
            for kind in kinds:
                found = rows.columns(log[log["kind"] == kind], kind)
                self.tables[name].append({f: np.asarray(found[f]) for f in (*_KEY, *fields)})
        self._take_shown(log)

    def see(self, facts: Facts) -> None:
        """Keep what the brand saw before the switch."""
        add = self.seen.setdefault
        add("visits", []).extend(
            (v.time, v.person, v.channel, v.sender if v.clicked else -1, 0)
            for v in facts.visits if v.profile >= 0
        )  # fmt: skip
        add("orders", []).extend(
            (o.time, o.person, o.channel, o.sender, o.revenue)
            for o in facts.orders if o.profile >= 0
        )  # fmt: skip
        for name, answers in (("opens", facts.opens), ("clicks", facts.clicks)):
            add(name, []).extend(
                (a.time, a.person, a.channel, a.channel, 0) for a in answers if a.told
            )

    def _take_shown(self, log: Any) -> None:
        chosen = np.isin(log["kind"], (rows.IDENTIFIER, rows.RECORD))
        at = np.flatnonzero(chosen)
        if not len(at):
            return
        part = log[at]
        is_record = part["kind"] == rows.RECORD
        first = np.zeros(len(at), bool)
        if is_record.any():
            first[is_record] = rows.columns(part[is_record], rows.RECORD)["first"] == 1
        begins = np.ones(len(at), bool)
        same = np.diff(at) == 1
        for name in ("kind", "person", "time", "channel"):
            same &= part[name][1:] == part[name][:-1]
        begins[1:] = ~same | first[1:]
        block = np.cumsum(begins) - 1 + self.blocks
        self.blocks = int(block[-1]) + 1
        code, kind = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
        for number in (rows.IDENTIFIER, rows.RECORD):
            of = part["kind"] == number
            found = rows.columns(part[of], number)
            code[of], kind[of] = found["code"], found["type"]
        self.shown.append(
            {**{f: part[f].astype(np.int64) for f in _KEY}, "code": code, "type": kind,
             "record": is_record, "block": block}
        )  # fmt: skip

    def life(self, name: str) -> Life:
        tables = {n: _frame(parts, (*_KEY, *_KEPT[n][1])) for n, parts in self.tables.items()}
        seen = {n: pd.DataFrame(found, columns=list(_SEEN)) for n, found in self.seen.items()}
        shown = _frame(self.shown, (*_KEY, "code", "type", "record", "block"))
        return Life(
            name, tables, seen, self.paths, shown, np.concatenate(self.ltv),
            hex_digest(self.digest),
        )  # fmt: skip


def live(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    *,
    seed: int = 1,
    engine: str = "auto",
    threads: int = 1,
    measuring: Measuring | None = None,
    progress: Say | None = None,
) -> Lives:
    """Let the customers of a scenario live under each strategy.

    Parameters
    ----------
    scenario
        With the customers to simulate.
    strategies
        One or more, of different names.
    seed, engine, threads, progress
        As `omnilab.experiment.compare.compare` takes them.
    measuring
        What the brand measures, for its paths; everything by default.

    Raises
    ------
    StrategyError
        If one of the strategies fails.
    """
    say = progress or silent
    model = with_key(calibrated_model(scenario), seed, 0)
    job = Job(
        scenario, strategies, model,
        Request(seed=seed, engine=engine, threads=threads, keep_events=True),
    )  # fmt: skip
    job.keep_customers = True
    people = job.population(model)
    runner = job.runner(model, [job.setup(s.copy(), model, 0) for s in strategies], people, 0)
    books = [_Book() for _ in strategies]
    shop, key0, key1 = shop_of(scenario), *make_key(seed, 0)
    key = (int(key0), int(key1))
    switch, end = scenario.time.burn_in, scenario.time.burn_in + scenario.time.window
    for result in runner.run(step_of(people, _CELLS, threads, learns=runner.learns), threads):
        for s, book in enumerate(books):
            log = np.concatenate(result.rows[s])
            cells = (np.searchsorted(people.first, log["person"], side="right") - 1).astype(
                np.int64
            )  # fmt: skip
            book.digest = add_digests(book.digest, result.digests[s])
            book.take(log)
            book.see(facts_of(log, cells, (0, switch), shop.uploads, shop.search))
            facts = facts_of(log, cells, (switch, end), shop.uploads, shop.search)
            book.paths += brand_paths(facts, shop, LOOKBACK, measuring or Measuring(), key)
            book.ltv.append(result.customers[s][:, VALUES + COLUMNS.index("ltv")] / MILLICENTS)
        say("simulating", result.high / people.n_cells)
    n = scenario.population.customers
    town = np.searchsorted(people.first, np.arange(n), side="right") - 1
    lives = {s.name: book.life(s.name) for s, book in zip(strategies, books, strict=True)}
    return Lives(scenario, seed, lives, town)


def _frame(parts: Sequence[dict[str, Any]], names: Sequence[str]) -> pd.DataFrame:
    """Return the columns of all chunks as one table; empty where there are none."""
    empty = np.zeros(0, np.int64)
    return pd.DataFrame(
        {n: np.concatenate([part[n] for part in parts]) if parts else empty for n in names}
    )
