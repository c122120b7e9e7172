"""Runs whose streams are kept, and what the engine itself knew while they were made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from omnilab.brand.journeys import timer_of
from omnilab.cell import queue
from omnilab.draws.philox import permute64
from omnilab.engine.simpy_engine import SimpyRunner
from omnilab.experiment.compare import Comparison, compare
from omnilab.export.recorder import RunRecorder
from omnilab.export.streams import start_second
from omnilab.interaction.tape import OPT_IN, RECORD, VISIT
from omnilab.lowering.cells import Population, lay_out
from omnilab.lowering.model import build_model
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import LoadedStrategy
from omnilab.world.identifiers import packed

FILES = ("identifiers.parquet", "starts.parquet", "receipts.parquet", "signals.parquet")


def plain(function: Any) -> Any:
    """Return a compiled function as Python."""
    return getattr(function, "py_func", function)


def record(
    folder: Path, scenario: Scenario, strategy: LoadedStrategy, **options: Any
) -> Comparison:
    """Run a strategy and keep log and streams in a folder.

    Needs are as regular as orders are asked to be.
    """
    folder.mkdir()
    recorder = RunRecorder(folder, scenario, strategy)
    with (
        patch("omnilab.engine.calibrate.PILOT_CUSTOMERS", 40),
        patch("omnilab.engine.calibrate.solve_regularity", Mock()),
    ):
        found = compare(scenario, [strategy], recorder=recorder, **options)
    recorder.finish()
    return found


def people(scenario: Scenario) -> Population:
    """Return the scenario's people at seed 1."""
    return lay_out(
        build_model(scenario), scenario.population.customers, scenario.population.per_cell
    )


def cells_of(scenario: Scenario, persons: Any) -> list[int]:
    """Return the cell of each of these persons."""
    cells: list[int] = (np.searchsorted(people(scenario).first, persons, side="right") - 1).tolist()
    return cells


def seconds(table: pa.Table, scenario: Scenario) -> Any:
    """Return a stream's timestamps in seconds since the scenario's start."""
    stamps = table["timestamp"].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()
    return stamps - start_second(scenario)


def read(folder: Path, name: str, scenario: Scenario) -> pd.DataFrame:
    """Return a stream with ``time`` in seconds since the scenario's start."""
    table = pq.read_table(folder / f"{name}.parquet")
    frame: pd.DataFrame = table.drop_columns(["timestamp"]).to_pandas(
        types_mapper=lambda kind: pd.Int64Dtype() if pa.types.is_integer(kind) else None
    )
    frame["time"] = seconds(table, scenario)
    return frame


def read_log(folder: Path) -> pd.DataFrame:
    """Return a kept log; a field that a row's kind doesn't have is NA."""
    table: pd.DataFrame = pq.read_table(folder / "events.parquet").to_pandas(
        types_mapper=lambda kind: pd.Int64Dtype() if pa.types.is_integer(kind) else None
    )
    return table


class Seen:
    """What the engine knew.

    Attributes
    ----------
    tapes
        By cell, what the brand took in during the burn-in: (time, the codes seen together).
    profiles
        By message, the serial of the profile that it was due for, when it was due last.
    nodes
        By cell, the identifiers that the brand held at the window's end.
    """

    def __init__(self, mask: int) -> None:
        self.mask = mask
        self.tapes: dict[int, list[tuple[int, frozenset[int]]]] = {}
        self.profiles: dict[int, int] = {}
        self.nodes: dict[int, Any] = {}

    def shown(self, cell: int, code: int) -> int:
        """Return the number under which the log and the streams have an identifier."""
        return int(permute64(plain(packed)(cell, int(code)), self.mask))

    def take_tape(self, cell: int, tape: Any) -> None:
        """Keep a burn-in's sightings."""
        found = []
        for x in tape:
            codes = (
                [int(x.code[k]) for k in range(x.n)] if x.kind in (VISIT, OPT_IN, RECORD) else []
            )
            codes += [int(x.cents)] if x.kind == OPT_IN else []
            if codes:
                found.append((int(x.time), frozenset(self.shown(cell, c) for c in codes)))
        self.tapes[cell] = found


@contextmanager
def watched(scenario: Scenario) -> Iterator[Seen]:
    """Watch runs of the SimPy engine at seed 1."""
    seen = Seen(int(build_model(scenario).key.mask))
    run_strategy, act, score = SimpyRunner._run_strategy, SimpyRunner._act, SimpyRunner._score

    def with_tapes(self: Any, s: int, start: Any, *rest: Any) -> None:
        for agenda in start:
            seen.take_tape(agenda.index, agenda.cell.tape[: agenda.cell.meta.tape])
        run_strategy(self, s, start, *rest)

    def with_profiles(self: Any, agenda: Any, plan: Any, item: Any) -> None:
        key, a, b = item
        if plain(queue.kind_of)(key) == queue.SEND:
            cell, copy = agenda.cell, agenda.cell.copy[a]
            if copy.state != 0 and plain(timer_of)(copy) == b:  # else it has ended meanwhile
                # What is due first is given its number now.
                named = int(copy.message) >= 0
                number = (int(cell.meta.number) << 24) | int(cell.meta.message_serial)
                message = int(copy.message) if named else number
                seen.profiles[message] = int(cell.profile[int(copy.profile)].serial)
        act(self, agenda, plan, item)

    def with_nodes(self: Any, agenda: Any, books: Any) -> Any:
        seen.nodes[agenda.index] = agenda.cell.node[: agenda.cell.meta.nodes].copy()
        return score(self, agenda, books)

    with (
        patch.object(SimpyRunner, "_run_strategy", with_tapes),
        patch.object(SimpyRunner, "_act", with_profiles),
        patch.object(SimpyRunner, "_score", with_nodes),
    ):
        yield seen
