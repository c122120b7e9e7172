"""Streams of the coffee shop's customers, as `omnilab run --events` exports them, for the cores.

Bursts when the newsletter goes out, computers that a household shares, customers who come daily
beside those who came once: the load that the seeded streams of `bench.streams` and
`bench.cascade_stream` only imitate. A run is made once a session, into a folder under ``build``.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.cascade_stream import Stream
from bench.streams import Links
from omnilab.cascade import CascadeEngine, CascadePlan, ContactPolicy
from omnilab.cascade.codes import RECEIPTS, SIGNALS
from omnilab.cascade.plan_file import load_plans
from omnilab.identity import IdentityPolicy
from omnilab.identity.description import read_description

__all__ = ["Cascades", "Sightings", "cascades", "links", "run_folder", "sightings"]

SCENARIO, STRATEGY = "mapples-coffee-v1", "omnichannel"
BUILD = Path(__file__).resolve().parents[1] / "build"


@cache
def run_folder(customers: int) -> Path:
    """Return the folder of a run with this many customers; it is removed at the session's end."""
    from omnilab.cli import main

    BUILD.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"customers-{customers}-", dir=BUILD))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    asked = ["run", SCENARIO, "-s", STRATEGY, "--customers", str(customers), "--events", "-q"]
    if main([*asked, "--out", str(folder / "run")]):
        raise RuntimeError("omnilab run failed")
    return folder / "run"


class Sightings(NamedTuple):
    """Identifiers seen together: dense codes by column, -1 for none; times and true persons."""

    columns: list[NDArray[np.int32]]
    types: list[str]
    time: NDArray[np.int64]
    person: NDArray[np.int64]
    policy: IdentityPolicy
    n: int


@cache
def sightings(customers: int) -> Sightings:
    """Return all sightings of a run in order of time; a code is one value of one type."""
    path = run_folder(customers) / "identifiers.parquet"
    said = read_description(path)
    assert said is not None
    table = pq.read_table(path)
    types = [kind for kind, _ in said.columns.identifiers]
    names = [name for _, name in said.columns.identifiers]
    # The log's codes hold the type, so a value is of one type.
    known = pc.unique(pa.chunked_array([c for n in names for c in table[n].chunks])).drop_null()
    codes = [pc.fill_null(pc.index_in(table[n], known, skip_nulls=True), -1) for n in names]
    time = table["timestamp"].cast(pa.timestamp("s", "UTC")).cast(pa.int64())
    return Sightings(
        [np.array(column.to_numpy(), np.int32) for column in codes], types,
        np.array(time.to_numpy()), table["person"].to_numpy(), said.policy, len(known),
    )  # fmt: skip


@cache
def links(customers: int) -> Links:
    """Return the same as pairs: each identifier beside the first of its sighting."""
    seen = sightings(customers)
    table = np.stack(seen.columns, axis=1)
    first = table[np.arange(len(table)), (table >= 0).argmax(axis=1)]
    row, column = np.nonzero(table >= 0)
    a, b = first[row], table[row, column]
    other = a != b
    return Links(np.ascontiguousarray(a[other]), np.ascontiguousarray(b[other]), seen.n)


class Cascades(NamedTuple):
    """Starts, receipts and signals as codes, and the plans and the policy that they ran under."""

    stream: Stream
    plans: tuple[CascadePlan, ...]
    policy: ContactPolicy


@cache
def cascades(customers: int) -> Cascades:
    """Return a run's messages."""
    folder = run_folder(customers)
    plans, policy = load_plans(folder / "plans.yaml")
    engine = CascadeEngine(plans, policy)
    starts, receipts, signals = (
        pq.read_table(folder / f"{name}.parquet") for name in ("starts", "receipts", "signals")
    )
    profiles = pc.unique(starts["profile_id"])
    masks = [engine.mask(set(text.split())) for text in pc.unique(starts["channels"]).to_pylist()]
    usable = pc.index_in(starts["channels"], pc.unique(starts["channels"])).to_numpy()
    known = pc.is_in(signals["profile_id"], profiles)
    signals = signals.filter(known)
    return Cascades(
        Stream(
            _columns(
                at=_seconds(starts), message=range(len(starts)),
                profile=_codes(starts, "profile_id", profiles),
                plan=_codes(starts, "plan", [plan.name for plan in plans]),
                usable=np.array(masks)[usable], zone=np.zeros(len(starts)),
            ),
            _columns(
                at=_seconds(receipts), message=_codes(receipts, "message_id", starts["message_id"]),
                channel=_codes(receipts, "channel", engine.channels),
                kind=_codes(receipts, "event", RECEIPTS),
            ),
            _columns(
                at=_seconds(signals), profile=_codes(signals, "profile_id", profiles),
                kind=_codes(signals, "event", SIGNALS),
                channel=_codes(signals, "channel", engine.channels),
            ),
            [],
        ),
        plans,
        policy,
    )  # fmt: skip


def _columns(**columns: Any) -> dict[str, NDArray[np.int64]]:
    return {name: np.array(column, dtype=np.int64) for name, column in columns.items()}


def _seconds(table: pa.Table) -> Any:
    return table["timestamp"].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()


def _codes(table: pa.Table, name: str, known: Any) -> Any:
    """Return each word's place among the known ones, -1 for none."""
    values = pa.array(known) if isinstance(known, list | tuple) else known
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return pc.fill_null(pc.index_in(table[name], values, skip_nulls=True), -1).to_numpy()
