"""The streams of a run: what the identity core and the cascade core are fed with.

``identifiers.parquet`` has a row for each time that identifiers were seen together,
``starts.parquet`` one for each message that the strategy let begin, ``receipts.parquet`` what came
back, ``signals.parquet`` what ended or forbade messages meanwhile, ``plans.yaml`` the cascades.
They are made of the log's rows while the run goes on, chunk by chunk (`omnilab.export.trace`),
and sorted by time at its end, a span at a time: the log is never held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from omnilab.cascade.codes import RECEIPTS, SIGNALS
from omnilab.cell.memory import Shape, allocate
from omnilab.export.plans import Cascades, plans_text
from omnilab.export.row_groups import RowGroups
from omnilab.export.spool import Spool
from omnilab.export.trace import trace
from omnilab.export.trace_counts import NO_SLOT
from omnilab.export.trace_tables import (
    MESSAGE,
    RECEIPT,
    SIGNAL,
    make_tables,
    records,
    sight_type,
    slots_of,
)
from omnilab.identity.description import DESCRIPTION, Description
from omnilab.identity.files import Columns
from omnilab.identity.policy import IdentityPolicy
from omnilab.kernels.entry_point import entry_point
from omnilab.world.identifiers import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from omnilab.brand.plan import LoweredPlan
    from omnilab.lowering.cells import Population
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.plan import Plan
    from omnilab.world.model import Model

__all__ = ["Streams", "identity_columns", "identity_policy"]


class Streams:
    """Makes the streams of one strategy's run.

    Parameters
    ----------
    folder
        Where the files go, and meanwhile the spools.
    scenario, plan
        The scenario, and the strategy's plan.
    """

    def __init__(self, folder: Path, scenario: Scenario, plan: Plan) -> None:
        self._folder, self._scenario, self._plan = folder, scenario, plan
        self._names = [c.name for c in scenario.channels]
        self._slots = slots_of(scenario)
        self._cascades = Cascades(plan, self._names)
        self._start = start_second(scenario)
        time = scenario.time
        end = time.burn_in + time.window + time.run_out
        types = {"sight": sight_type(self._slots), "message": MESSAGE, "receipt": RECEIPT,
                 "signal": SIGNAL}  # fmt: skip
        self._types = types
        self._spools = {name: Spool(folder / f".{name}", t, end) for name, t in types.items()}
        self._kernel: Callable[..., Any] | None = None

    def begin(self, model: Model, plan: LoweredPlan, population: Population) -> None:
        """Take what the run is made of: the model, the strategy's plan as arrays, the people."""
        self._model, self._arrays, self._population = model, plan, population
        self._cell = allocate(Shape.of(model, [plan]).sizes(population.largest))

    def add(self, log: NDArray[Any]) -> None:
        """Take the rows of some whole cells, each cell's in the order in which it wrote them."""
        population = self._population
        cells = np.searchsorted(population.first, log["person"], side="right") - 1
        order = np.argsort(cells, kind="stable")
        log, cells = log[order], cells[order]
        tables = make_tables(log, cells, population, self._arrays, self._slots)
        about = (tables, self._cell, self._model, self._arrays)
        if self._kernel is None:
            self._kernel = entry_point(trace, *about, 0, 0, 0, 0, 0)
        low = int(cells[0])
        for cell in range(low, int(cells[-1]) + 1):
            first, household = int(population.first[cell]), cell * population.per_cell
            self._kernel(*about, cell, first, household, self._scenario.time.burn_in, cell - low)
        if tables.count[NO_SLOT]:
            raise AssertionError("a sighting has more identifiers of a type than can be shown")
        counts = dict(zip(self._types, tables.count.tolist(), strict=False))
        for name, n in counts.items():
            found = records(tables, name, n, self._types[name])
            if name == "message":
                self._cascades.see(found["plan"])
            self._spools[name].add(found)

    def finish(self) -> None:
        """Sort the streams by time and write their files."""
        text = plans_text(self._scenario, self._plan, self._cascades, self._start)
        (self._folder / "plans.yaml").write_text(text, encoding="utf-8")
        self._write_identifiers()
        self._write_starts()
        self._write_receipts()
        self._write_signals()

    def _write_identifiers(self) -> None:
        import pyarrow as pa

        columns = identity_columns(self._scenario)
        about = Description(columns, identity_policy(self._scenario), "person")
        fields: list[tuple[str, Any]] = [("timestamp", _stamp()), ("person", pa.int64())]
        fields += [("channel", pa.string())]
        fields += [(column, pa.int64()) for _, column in columns.identifiers]
        at = {kind: int(self._slots[i]) for i, kind in enumerate(TYPES)}
        slots = []
        for kind, _ in columns.identifiers:
            slots.append(at[kind])
            at[kind] += 1
        schema = pa.schema(fields, metadata={DESCRIPTION: about.to_json()})
        with RowGroups(self._folder / "identifiers.parquet", schema) as file:
            for block in self._spools["sight"].sorted():
                codes = [np.ascontiguousarray(block["code"][:, k]) for k in slots]
                file.write(
                    [self._stamps(block), pa.array(block["person"]),
                     _worded(block["channel"], self._names),
                     *(pa.array(code, mask=code == 0) for code in codes)]
                )  # fmt: skip

    def _write_starts(self) -> None:
        whole = ("message_id", "profile_id", "person")
        with self._file("starts", whole, ("plan", "channels")) as file:
            for block in self._spools["message"].sorted():
                block = block[np.lexsort((block["id"], block["time"]))]
                pairs = np.stack([block["plan"], block["skipped"]], axis=1)
                kinds, which = np.unique(pairs, axis=0, return_inverse=True)
                plans = [self._cascades.name(int(plan)) for plan, _ in kinds]
                usable = [self._cascades.usable(int(p), int(skipped)) for p, skipped in kinds]
                file.write(
                    [self._stamps(block), *_whole(block, "id", "profile", "person"),
                     _worded(which, plans), _worded(which, usable)]
                )  # fmt: skip

    def _write_receipts(self) -> None:
        with self._file("receipts", ("message_id",), ("channel", "event")) as file:
            for block in self._spools["receipt"].sorted():
                file.write(
                    [self._stamps(block), *_whole(block, "message"),
                     _worded(block["channel"], self._names), _worded(block["event"], RECEIPTS)]
                )  # fmt: skip

    def _write_signals(self) -> None:
        used = [c for plan in self._cascades.met() for c in self._cascades.channels(plan)]
        known = [i for i, name in enumerate(self._names) if name in used]
        with self._file("signals", ("profile_id",), ("event", "channel")) as file:
            for block in self._spools["signal"].sorted():
                block = block[(block["channel"] < 0) | np.isin(block["channel"], known)]
                file.write(
                    [self._stamps(block), *_whole(block, "profile"),
                     _worded(block["event"], SIGNALS), _worded(block["channel"], self._names)]
                )  # fmt: skip

    def _file(self, name: str, whole: Sequence[str], words: Sequence[str]) -> RowGroups:
        import pyarrow as pa

        fields: list[tuple[str, Any]] = [("timestamp", _stamp())]
        fields += [(column, pa.int64()) for column in whole]
        fields += [(column, pa.string()) for column in words]
        return RowGroups(self._folder / f"{name}.parquet", pa.schema(fields))

    def _stamps(self, block: NDArray[Any]) -> Any:
        import pyarrow as pa

        return pa.array(block["time"] + self._start).cast(_stamp())


def start_second(scenario: Scenario) -> int:
    """Return the scenario's first second, in seconds since 1970."""
    zone = ZoneInfo(scenario.time.zone)
    first = datetime.combine(scenario.time.start, datetime.min.time(), zone)
    return int(first.astimezone(UTC).timestamp())


def identity_columns(scenario: Scenario) -> Columns:
    """Return the stream's columns of identifiers, unique types first: they name a row's profile."""
    slots = slots_of(scenario)
    kinds = [kind for kind in scenario.brand.unique if kind in TYPES]
    kinds += [kind for kind in TYPES if kind not in kinds]
    return Columns(
        [
            (kind, kind if k == 0 else f"{kind}_{k + 1}")
            for kind in kinds
            for k in range(int(np.diff(slots)[TYPES.index(kind)]))
        ],
        "timestamp",
    )


def identity_policy(scenario: Scenario) -> IdentityPolicy:
    """Return the brand's rules of identity, for the types that are ever seen."""
    brand = scenario.brand
    types = tuple(dict.fromkeys(kind for kind, _ in identity_columns(scenario).identifiers))
    lives = {"cookie": int(brand.cookie_ttl)} if brand.cookie_ttl > 0 else {}
    return IdentityPolicy(
        types,
        unique=tuple(kind for kind in brand.unique if kind in types),
        time_to_live={kind: life for kind, life in lives.items() if kind in types},
    )


def _stamp() -> Any:
    import pyarrow as pa

    return pa.timestamp("s", "UTC")


def _whole(block: NDArray[Any], *fields: str) -> Iterator[Any]:
    import pyarrow as pa

    return (pa.array(np.ascontiguousarray(block[field])) for field in fields)


def _worded(codes: NDArray[Any], words: Sequence[str]) -> Any:
    """Return codes as words; a negative code is null."""
    import pyarrow as pa

    numbers = pa.array(codes.astype(np.int32), mask=codes < 0)
    coded = pa.DictionaryArray.from_arrays(numbers, pa.array(words, pa.string()))
    return coded.dictionary_decode()
